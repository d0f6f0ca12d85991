//! An event taken apart into what Automerge merges: values with a name, and texts.
//!
//! The names are those of the event's own JSON form; each value is a JSON text in one scalar. What
//! has a key of its own has it in the name, `guests/ada@example.org`, so that no map has to be
//! there before two devices can add to it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use automerge::iter::MapRange;
use automerge::{Automerge, ChangeHash, ObjId, ROOT, ReadDoc, ScalarValueRef, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::counted::{self, Counted, RULE};
use crate::event::{Event, Override};
use crate::original::OriginalStart;
use crate::when::When;

/// Automerge texts.
pub(super) const TEXTS: [&str; 3] = ["title", "notes", "place"];
/// Between a name and the key of an entry, and between that and its field. No original start
/// contains it.
const MARK: char = '/';

/// An event taken apart.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Flat {
    /// JSON texts by name. Of an event, every register is there, also one that says nothing.
    pub(super) entries: BTreeMap<String, String>,
    /// In the order of [`TEXTS`].
    pub(super) texts: [String; 3],
}

/// Every register but that of the rules: its name in the document and its field.
macro_rules! each_register {
    ($with:ident) => {
        $with! {
            "uid" uid, "when" when, "organizer" organizer, "url" url, "status" status,
            "busy" busy, "privacy" privacy, "color" color, "conference" conference, "geo" geo,
            "task" task, "sequence" sequence, "stamped" stamped, "created" created,
            "modified" modified, "trashed" trashed
        }
    };
}

/// Every field of an override.
macro_rules! each_field {
    ($with:ident) => {
        $with! {
            "title" title, "notes" notes, "place" place, "when" when, "guests" guests,
            "organizer" organizer, "reminders" reminders, "categories" categories,
            "attachments" attachments, "status" status, "busy" busy, "privacy" privacy,
            "color" color, "url" url, "conference" conference, "geo" geo, "task" task,
            "sequence" sequence, "stamped" stamped, "created" created, "modified" modified,
            "unknown" unknown
        }
    };
}

/// An event of which nothing is known.
static BLANK: LazyLock<Flat> = LazyLock::new(|| Flat::of(&blank()));

fn blank() -> Event {
    let day = jiff::civil::Date::ZERO;
    let when = When::AllDay {
        start: day,
        end: day,
    };
    Event::new(String::new(), String::new(), when)
}

impl Flat {
    pub(super) fn of(event: &Event) -> Self {
        let mut flat = Self {
            entries: BTreeMap::new(),
            texts: [
                event.title.clone(),
                event.notes.clone(),
                event.place.clone(),
            ],
        };
        macro_rules! put {
            ($($name:literal $field:ident),*) => {
                $( flat.put($name.to_owned(), &event.$field); )*
            };
        }
        each_register!(put);
        let rules = Counted::new(&event.rules, Some(&event.when));
        flat.put(RULE.to_owned(), &rules);
        flat.lists(event);
        for (key, change) in &event.overrides {
            flat.fields(&format!("overrides/{key}"), change);
        }
        for (key, split) in &event.splits {
            let path = format!("splits/{key}");
            flat.fields(&path, &split.change);
            if let Some(rules) = &split.rules {
                let rules = Counted::new(rules, split.change.when.as_ref());
                flat.put(format!("{path}/rules"), &rules);
            }
        }
        flat
    }

    fn lists(&mut self, event: &Event) {
        for (key, length) in &event.dates {
            self.put(format!("dates/{key}"), length);
        }
        for (key, guest) in &event.guests {
            self.put(format!("guests/{key}"), guest);
        }
        for (key, reminder) in &event.reminders {
            self.put(format!("reminders/{key}"), reminder);
        }
        for key in &event.skipped {
            self.put(format!("skipped/{key}"), &true);
        }
        for key in &event.categories {
            self.put(format!("categories/{key}"), &true);
        }
        for key in &event.attachments {
            self.put(format!("attachments/{key}"), &true);
        }
        for (at, line) in event.unknown.iter().enumerate() {
            self.put(format!("unknown/{at:06}"), line);
        }
    }

    fn put<T: Serialize>(&mut self, name: String, value: &T) {
        if let Ok(text) = serde_json::to_string(value) {
            self.entries.insert(name, text);
        }
    }

    fn fields(&mut self, path: &str, change: &Override) {
        macro_rules! put {
            ($($name:literal $field:ident),*) => {
                // A field that is new must be written, or it would be lost.
                let Override { $($field),* } = change;
                $(
                    if let Some(value) = $field {
                        self.put(format!(concat!("{}/", $name), path), value);
                    }
                )*
            };
        }
        each_field!(put);
    }

    /// What a document holds, or held at `heads`.
    pub(super) fn read(doc: &Automerge, heads: Option<&[ChangeHash]>) -> Self {
        let mut flat = Self::default();
        for item in range(doc, &ROOT, heads) {
            match &item.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => {
                    flat.entries.insert(item.key.to_string(), text.to_string());
                }
                ValueRef::Object(_) => {
                    let known = TEXTS.iter().position(|name| *name == item.key);
                    if let Some(text) = known.and_then(|at| flat.texts.get_mut(at)) {
                        *text = text_of(doc, &item.id(), heads);
                    }
                }
                ValueRef::Scalar(_) => {}
            }
        }
        flat
    }

    /// Puts the event together again, without what this version cannot read; `None` where it has
    /// no name or no time.
    pub(super) fn event(&self) -> Option<Event> {
        let uid: String = parsed(self.entries.get("uid")?)?;
        let when: When = parsed(self.entries.get("when")?)?;
        let [title, notes, place] = self.texts.clone();
        let mut event = Event::new(uid, title, when);
        (event.notes, event.place) = (notes, place);
        for (name, text) in &self.entries {
            take(&mut event, name, text);
        }
        counted::follow(&self.entries, &mut event);
        Some(event)
    }

    /// What the first change of an event has to say: all that is not so for any event.
    pub(super) fn said(&self) -> impl Iterator<Item = (&String, &String)> {
        let entries = self.entries.iter();
        entries.filter(|(name, text)| {
            matches!(name.as_str(), "uid" | "when") || BLANK.entries.get(*name) != Some(*text)
        })
    }
}

/// Whether a value of this name would be understood.
pub(super) fn is_readable(name: &str, text: &str) -> bool {
    take(&mut blank(), name, text).is_some()
}

/// Reads one value into the event; `None` where it is not understood and nothing happened.
fn take(event: &mut Event, name: &str, text: &str) -> Option<()> {
    macro_rules! register {
        ($($name:literal $field:ident),*) => {
            match name { $( $name => event.$field = parsed(text)?, )* _ => return None }
        };
    }
    let Some((list, key)) = name.split_once(MARK) else {
        match name {
            RULE => event.rules = parsed(text)?,
            _ => each_register!(register),
        }
        return Some(());
    };
    match list {
        "dates" => {
            event.dates.insert(key.parse().ok()?, parsed(text)?);
        }
        "guests" => {
            event.guests.insert(key.to_owned(), parsed(text)?);
        }
        "reminders" => {
            event.reminders.insert(key.to_owned(), parsed(text)?);
        }
        "skipped" => {
            event.skipped.insert(key.parse().ok()?);
        }
        "categories" => {
            event.categories.insert(key.to_owned());
        }
        "attachments" => {
            event.attachments.insert(key.to_owned());
        }
        "unknown" => event.unknown.push(parsed(text)?),
        "overrides" => {
            let (key, change) = take_field(key, text)?;
            event.overrides.entry(key).or_default().take(change);
        }
        "splits" => match key.split_once(MARK)? {
            (key, "rules") => {
                let rules = Some(parsed(text)?);
                event.splits.entry(key.parse().ok()?).or_default().rules = rules;
            }
            _ => {
                let (key, change) = take_field(key, text)?;
                event.splits.entry(key).or_default().change.take(change);
            }
        },
        _ => return None,
    }
    Some(())
}

/// A field of an override and whose it is, from the key of an entry.
fn take_field(path: &str, text: &str) -> Option<(OriginalStart, Override)> {
    let (key, field) = path.split_once(MARK)?;
    let mut change = Override::default();
    macro_rules! field {
        ($($name:literal $field:ident),*) => {
            match field { $( $name => change.$field = Some(parsed(text)?), )* _ => return None }
        };
    }
    each_field!(field);
    Some((key.parse().ok()?, change))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The entries of a map, as they stand or as they stood.
pub(super) fn range<'a>(
    doc: &'a Automerge,
    map: &ObjId,
    heads: Option<&[ChangeHash]>,
) -> MapRange<'a> {
    match heads {
        None => doc.map_range(map, ..),
        Some(heads) => doc.map_range_at(map, .., heads),
    }
}

pub(super) fn text_of(doc: &Automerge, id: &ObjId, heads: Option<&[ChangeHash]>) -> String {
    let text = match heads {
        None => doc.text(id),
        Some(heads) => doc.text_at(id, heads),
    };
    text.unwrap_or_default()
}

/// The scalar texts of a map, by key.
pub(super) fn strings(doc: &Automerge, map: &ObjId) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for item in range(doc, map, None) {
        if let ValueRef::Scalar(ScalarValueRef::Str(text)) = &item.value {
            found.insert(item.key.to_string(), text.to_string());
        }
    }
    found
}
