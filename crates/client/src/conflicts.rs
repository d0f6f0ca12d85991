//! Conflicts: values that two devices wrote without knowing of each other, until a person chooses.
//!
//! Nothing is lost meanwhile: one value is shown, the same on every device, and the others wait
//! beside it. An event that one device deleted while another changed it is here too: the change
//! brought it back, and a person says whether it stays.

use almanac_calendar::document::{self, CameBack, Conflict, Stamp, Written};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{EventRow, Transaction};
use automerge::Automerge;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::authors::Authors;
use crate::client::{Client, Identity, Work};
use crate::command::Done;
use crate::error::{Error, Result};
use crate::events::{find, key_of};
use crate::history::time;
use crate::replica::author::DocumentChange;
use crate::replica::documents;
use crate::undo::Verb;
use crate::undo::step::Step;
use crate::value_words::{field_words, value_words};

/// The field of an event that was deleted and changed at the same time.
const TRASHED: &str = "trashed";

/// A value that was written twice at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictView {
    /// Id of the event.
    pub event: String,
    /// Title of the event; may be empty.
    pub title: String,
    /// Name of the field in the document.
    pub field: String,
    /// The same in words.
    pub label: String,
    /// What happened, as a finished sentence.
    pub message: String,
    /// The values, that which is shown first.
    pub values: Vec<ConflictValue>,
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictValue {
    /// Its number, from 1; 1 is shown.
    pub number: u32,
    /// The value in words.
    pub value: String,
    /// Name of the device that wrote it; none where the device is not known here.
    pub device: Option<String>,
    /// Whether it was this device.
    pub this: bool,
    /// When, RFC 3339 in UTC.
    pub time: Option<String>,
}

/// Which value to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Keep {
    /// The one that is shown.
    Shown,
    /// The other one, where there is only one other.
    Other,
    /// The one of this number.
    Number(u32),
}

/// A field in conflict, with its values as the document has them, that which is shown first.
struct Open {
    field: String,
    values: Vec<Written>,
    back: Option<CameBack>,
}

impl Client {
    /// Everything that waits for a person to choose, of one event or of all.
    pub fn conflicts(&self, event: Option<&str>) -> Result<Vec<ConflictView>> {
        self.read(|tx| {
            let rows = match event {
                Some(event) => vec![find::any(tx, event)?],
                None => rows(tx)?,
            };
            let mut found = Vec::new();
            for row in rows {
                found.extend(of_row(tx, self.identity(), &row)?);
            }
            Ok(found)
        })
    }

    /// Chooses a value of a field, the only one in conflict when absent. All devices then show it.
    pub fn settle(&self, event: &str, field: Option<&str>, keep: Keep) -> Result<Done> {
        let row = self.read(|tx| find::any(tx, event))?;
        let ((), undo) = self.act(Verb::Settle, |work| settle(work, &row, field, keep))?;
        Ok(self.done(row.document, undo))
    }
}

/// Keeps the list of documents in conflict up to date with one of them.
pub(crate) fn note(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
    is_disputed: bool,
) -> Result<()> {
    if is_disputed {
        tx.put_conflict(calendar, document)?;
    } else {
        tx.remove_conflict(calendar, document)?;
    }
    Ok(())
}

fn rows(tx: &Transaction<'_>) -> Result<Vec<EventRow>> {
    let mut found = Vec::new();
    for calendar in tx.calendars()? {
        for document in tx.conflicts(calendar.id)? {
            let row = tx.event(calendar.id, document)?;
            found.extend(row.filter(|row| !row.trashed));
        }
    }
    Ok(found)
}

fn of_row(tx: &Transaction<'_>, identity: &Identity, row: &EventRow) -> Result<Vec<ConflictView>> {
    let Some(doc) = documents::load(tx, row.calendar, row.document)? else {
        return Ok(Vec::new());
    };
    let open = open(&doc);
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let event = documents::event_of(row)?;
    let authors = Authors::of(tx, identity, row.calendar)?;
    let start = event.when.start().date();
    let view = |open: Open| ConflictView {
        event: row.document.to_string(),
        title: event.title.clone(),
        label: field_words(&open.field),
        message: message(&open, &authors),
        values: values(&open, &authors, start),
        field: open.field,
    };
    Ok(open.into_iter().map(view).collect())
}

/// The fields of a document that are in conflict.
fn open(doc: &Automerge) -> Vec<Open> {
    let back = document::came_back(doc);
    let conflicts = document::conflicts(doc).into_iter();
    let mut found: Vec<Open> = conflicts
        .filter(|conflict| conflict.field != TRASHED)
        .map(
            |Conflict {
                 field,
                 shown,
                 others,
             }| Open {
                field,
                values: [shown].into_iter().chain(others).collect(),
                back: None,
            },
        )
        .collect();
    found.extend(back.and_then(|back| {
        let written = |value: &str, by: Option<&Stamp>| {
            by.map(|by| Written {
                value: value.to_owned(),
                by: *by,
            })
        };
        Some(Open {
            field: TRASHED.to_owned(),
            values: vec![
                written("false", back.edited.last())?,
                written("true", back.deleted.last())?,
            ],
            back: Some(back),
        })
    }));
    found
}

fn values(open: &Open, authors: &Authors, start: Date) -> Vec<ConflictValue> {
    let numbered = open.values.iter().zip(1..);
    let view = |(written, number): (&Written, u32)| {
        let device = authors.device(&written.by.actor);
        ConflictValue {
            number,
            value: value_words(&open.field, &written.value, start),
            device: device.map(|device| device.name.clone()),
            this: device.is_some_and(|device| device.this),
            time: time(written.by.time),
        }
    };
    numbered.map(view).collect()
}

fn message(open: &Open, authors: &Authors) -> String {
    let who = |stamps: &[Stamp]| {
        let mut names: Vec<String> = stamps
            .iter()
            .map(|stamp| match authors.device(&stamp.actor) {
                Some(device) if !device.name.is_empty() => format!("“{}”", device.name),
                Some(_) | None => "a device that is not known here".to_owned(),
            })
            .collect();
        names.dedup();
        names.join(" and ")
    };
    match &open.back {
        Some(back) => format!(
            "{} deleted this event while {} changed it, neither knowing of the other. So that no \
             change is lost it is back. Keep it, or delete it after all.",
            sentence_case(&who(&back.deleted)),
            who(&back.edited)
        ),
        None => format!(
            "The {} was written at the same time on several devices. One value is shown; nothing \
             of the others is lost until you choose.",
            field_words(&open.field)
        ),
    }
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn settle(work: &mut Work<'_>, row: &EventRow, field: Option<&str>, keep: Keep) -> Result<()> {
    let key = key_of(row);
    let doc = documents::load(work.tx(), key.calendar, key.document)?;
    let mut doc = doc.ok_or_else(|| Error::not_found("This event is no longer here."))?;
    let found = chosen_field(open(&doc), field)?;
    let chosen = chosen_value(&found, keep)?;
    let before = document::read(&doc).map_err(Error::internal)?;
    work.about(&before.title);
    let (actor, time) = (work.actor(key.calendar)?, documents::seconds(work));
    let bytes = document::settle(&mut doc, actor, time, &found.field, &chosen);
    let Some(bytes) = bytes.map_err(Error::internal)? else {
        return Ok(());
    };
    let after = document::read(&doc).map_err(Error::internal)?;
    let change = DocumentChange {
        document: key.document,
        bytes,
        result: Some(doc),
    };
    work.author(key.calendar, vec![change])?;
    work.remember(Step::between(key.calendar, key.document, &before, &after));
    Ok(())
}

fn chosen_field(open: Vec<Open>, field: Option<&str>) -> Result<Open> {
    let names: Vec<String> = open.iter().map(|one| one.field.clone()).collect();
    let mut fitting = open.into_iter().filter(|one| match field {
        Some(field) => one.field == field || field_words(&one.field) == field,
        None => true,
    });
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "Several fields wait for a choice: {}. Nothing was changed. Name one.",
            names.join(", ")
        ))),
        (None, _) => Err(Error::not_found(if names.is_empty() {
            "Nothing of this event waits for a choice.".to_owned()
        } else {
            format!("These fields wait for a choice: {}.", names.join(", "))
        })),
    }
}

fn chosen_value(open: &Open, keep: Keep) -> Result<String> {
    let index = match keep {
        Keep::Shown => Some(0),
        Keep::Other if open.values.len() > 2 => {
            return Err(Error::invalid(
                "There is more than one other value. Nothing was changed. Name one by its number.",
            ));
        }
        Keep::Other => Some(1),
        Keep::Number(number) => usize::try_from(number).ok().and_then(|n| n.checked_sub(1)),
    };
    let value = index.and_then(|index| open.values.get(index));
    value.map(|written| written.value.clone()).ok_or_else(|| {
        Error::not_found(format!(
            "There is no such value. Nothing was changed. Choose a number from 1 to {}.",
            open.values.len()
        ))
    })
}
