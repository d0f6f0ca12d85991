//! What an action changed, value by value, and how that is taken back from what stands there now.
//!
//! ```text
//! title            "Lunch" → "Dinner"              a field
//! skipped/K        absent  → true                  a member of a set
//! guests/K         absent  → {…}                   an entry of a map
//! overrides/K/place  "Hall" → absent               a field of an entry
//! ```
//!
//! Invariant: only a value that still says what the action made it say is touched. What came from
//! elsewhere meanwhile stays.

use std::collections::BTreeMap;

use almanac_calendar::{Event, OriginalStart, When};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::UndoStepRow;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Fields whose entries are taken back one by one.
const MAPS: [&str; 4] = ["dates", "guests", "reminders", "settings"];
/// Fields of whose entries the fields are taken back one by one.
const NESTED: [&str; 4] = ["overrides", "splits", "calendars", "devices"];
/// Fields that are sets.
const SETS: [&str; 3] = ["skipped", "categories", "attachments"];
/// Fields that move along when a series moves.
const MOVING: [&str; 5] = ["rules", "dates", "skipped", "overrides", "splits"];

/// What one action changed in documents of one calendar, the same in each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) calendar: CalendarId,
    pub(crate) documents: Vec<DocumentId>,
    pub(crate) changes: Vec<ValueChange>,
}

/// One value of a document before and after; absent is `None`, which is not JSON's null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ValueChange {
    path: Vec<String>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    old: Option<Value>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    new: Option<Value>,
}

/// Whether an action is taken back or done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Back,
    Again,
}

impl Step {
    /// What turns `before` into `after`. Both are events, a calendar's facts, or what an account
    /// keeps for itself.
    pub(crate) fn between<T: Serialize>(
        calendar: CalendarId,
        document: DocumentId,
        before: &T,
        after: &T,
    ) -> Self {
        Self {
            calendar,
            documents: vec![document],
            changes: differences(before, after),
        }
    }

    /// A document that the action made: taken back, it lies in the trash.
    pub(crate) fn made(calendar: CalendarId, document: DocumentId) -> Self {
        Self {
            calendar,
            documents: vec![document],
            changes: vec![ValueChange::of(&["trashed"], true, false)],
        }
    }

    /// As the database keeps it.
    pub(crate) fn row(&self) -> Result<UndoStepRow> {
        Ok(UndoStepRow {
            calendar: self.calendar,
            documents: self.documents.clone(),
            changes: serde_json::to_string(&self.changes).map_err(Error::internal)?,
        })
    }

    /// As it was before the database kept it.
    pub(crate) fn of_row(row: UndoStepRow) -> Result<Self> {
        let changes = serde_json::from_str(&row.changes);
        Ok(Self {
            calendar: row.calendar,
            documents: row.documents,
            changes: changes.map_err(|_| Error::internal("a step of an action"))?,
        })
    }
}

impl ValueChange {
    /// A change of one value by its path.
    pub(crate) fn of(path: &[&str], old: impl Into<Value>, new: impl Into<Value>) -> Self {
        Self {
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            old: Some(old.into()),
            new: Some(new.into()),
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    /// The same of an occurrence of another name.
    fn named(&self, name: &str) -> Self {
        let mut change = self.clone();
        if let Some(part) = change.path.get_mut(1) {
            name.clone_into(part);
        }
        change
    }

    /// What the value is to be.
    pub(crate) fn target(&self, direction: Direction) -> Option<&Value> {
        self.seen(direction).1
    }

    /// What the value has to be, and what it is to be.
    fn seen(&self, direction: Direction) -> (Option<&Value>, Option<&Value>) {
        match direction {
            Direction::Back => (self.new.as_ref(), self.old.as_ref()),
            Direction::Again => (self.old.as_ref(), self.new.as_ref()),
        }
    }
}

/// The values in which `after` differs from `before`.
pub(crate) fn differences<T: Serialize>(before: &T, after: &T) -> Vec<ValueChange> {
    let (before, after) = (values(&fields(before)), values(&fields(after)));
    // Of a series that moved, exceptions that the move left where they were are told from
    // those that are made later.
    let when = vec!["when".to_owned()];
    let is_moved = before.get(&when) != after.get(&when);
    let is_changed = |path: &&Vec<String>| {
        before.get(*path) != after.get(*path) || (is_moved && is_exception(path))
    };
    let mut paths: Vec<&Vec<String>> = before
        .keys()
        .chain(after.keys())
        .filter(is_changed)
        .collect();
    paths.sort();
    paths.dedup();
    let changes = paths.into_iter().map(|path| ValueChange {
        path: path.clone(),
        old: before.get(path).cloned(),
        new: after.get(path).cloned(),
    });
    changes.collect()
}

/// `current` without what the changes did to it, or with it once more.
pub(crate) fn applied<T: Serialize + DeserializeOwned>(
    changes: &[ValueChange],
    direction: Direction,
    current: &T,
) -> Result<T> {
    let mut now = fields(current);
    let standing = values(&now);
    apply(changes, direction, &standing, &mut now);
    serde_json::from_value(Value::Object(now)).map_err(Error::internal)
}

/// The same of an event. Exceptions that were made since the action moved the series move back
/// with it; where the series was moved again since, all of them stay.
pub(crate) fn applied_to_event(
    changes: &[ValueChange],
    direction: Direction,
    current: &Event,
) -> Result<Event> {
    let is_when = |change: &&ValueChange| change.path == ["when"];
    let Some(moved) = changes.iter().find(is_when) else {
        return applied(changes, direction, current);
    };
    let (from, to) = moved.seen(direction);
    let fields = fields(current);
    if fields.get("when") != from {
        let stays = |change: &&ValueChange| {
            let root = change.path.first().map(String::as_str);
            root.is_none_or(|root| !MOVING.contains(&root))
        };
        let others: Vec<ValueChange> = changes.iter().filter(stays).cloned().collect();
        return applied(&others, direction, current);
    }
    let standing = values(&fields);
    let mut since = fields;
    for change in changes.iter().filter(|change| is_exception(&change.path)) {
        let from = change.seen(direction).0;
        if from.is_some() && standing.get(&change.path) == from {
            set(&mut since, &change.path, None);
        }
    }
    let to: When =
        serde_json::from_value(to.cloned().unwrap_or_default()).map_err(Error::internal)?;
    let mut event: Event = serde_json::from_value(Value::Object(since)).map_err(Error::internal)?;
    event.move_all(to);
    let mut now = self::fields(&event);
    apply(changes, direction, &standing, &mut now);
    serde_json::from_value(Value::Object(now)).map_err(Error::internal)
}

/// The changes by the names that occurrences have today: a series that was moved since, here or on
/// another device, gave them new ones, which `today` knows by the list and the name, as fields of a
/// document are called.
pub(crate) fn by_todays_names(
    changes: &[ValueChange],
    direction: Direction,
    current: &Event,
    today: impl Fn(&str) -> Option<OriginalStart>,
) -> Vec<ValueChange> {
    let moves = changes.iter().any(|change| change.path == ["when"]);
    if moves || changes.iter().all(|change| name_of(&change.path).is_none()) {
        return changes.to_vec();
    }
    let standing = values(&fields(current));
    // Whether anything that the action said of an occurrence stands under a name.
    let stands = |said: &str, name: &str| {
        let mut of_it = changes
            .iter()
            .filter(|change| name_of(&change.path) == Some(said));
        of_it.any(|change| {
            let from = change.seen(direction).0;
            from.is_some() && standing.get(&change.named(name).path) == from
        })
    };
    let renamed = |change: &ValueChange| {
        let said = name_of(&change.path).filter(|said| !stands(said, said))?;
        let name = today(&change.path.join("/"))?.to_string();
        stands(said, &name).then(|| change.named(&name))
    };
    let changes = changes.iter();
    changes
        .map(|change| renamed(change).unwrap_or_else(|| change.clone()))
        .collect()
}

/// The name of the occurrence that a path is about.
fn name_of(path: &[String]) -> Option<&str> {
    let is_of_occurrence = is_exception(path)
        && path.first().is_some_and(|root| {
            ["dates", "skipped", "overrides", "splits"].contains(&root.as_str())
        });
    path.get(1).filter(|_| is_of_occurrence).map(String::as_str)
}

/// Whether a path names an exception of a series.
fn is_exception(path: &[String]) -> bool {
    path.len() > 1
        && path
            .first()
            .is_some_and(|root| MOVING.contains(&root.as_str()))
}

/// Sets every value that stands as it has to.
fn apply(
    changes: &[ValueChange],
    direction: Direction,
    standing: &BTreeMap<Vec<String>, Value>,
    now: &mut Map<String, Value>,
) {
    for change in changes {
        let (from, to) = change.seen(direction);
        if standing.get(&change.path) == from {
            set(now, &change.path, to);
        }
    }
}

/// The fields of something, by name.
fn fields<T: Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// Everything that is taken back by itself, by its path.
fn values(fields: &Map<String, Value>) -> BTreeMap<Vec<String>, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in fields {
        let is_in = |kinds: &[&str]| kinds.contains(&name.as_str());
        let root = vec![name.clone()];
        let under = |key: &str| [root.clone(), vec![key.to_owned()]].concat();
        let entries = value.as_object().into_iter().flatten();
        if is_in(&SETS) {
            let members = value.as_array().into_iter().flatten();
            let texts = members.filter_map(Value::as_str);
            found.extend(texts.map(|member| (under(member), Value::Bool(true))));
        } else if is_in(&MAPS) {
            found.extend(entries.map(|(key, one)| (under(key), one.clone())));
        } else if is_in(&NESTED) {
            for (key, one) in entries {
                let inner = one.as_object().into_iter().flatten();
                found.extend(
                    inner.map(|(field, one)| {
                        ([under(key), vec![field.clone()]].concat(), one.clone())
                    }),
                );
            }
        } else {
            found.insert(root, value.clone());
        }
    }
    found
}

/// Puts one value where its path says.
fn set(fields: &mut Map<String, Value>, path: &[String], to: Option<&Value>) {
    match path {
        [name] => put(fields, name, to),
        [name, member] if SETS.contains(&name.as_str()) => {
            let Some(members) = fields.get_mut(name).and_then(Value::as_array_mut) else {
                return;
            };
            members.retain(|one| one.as_str() != Some(member));
            if to.is_some() {
                members.push(Value::String(member.clone()));
            }
        }
        [name, key] => {
            if let Some(entries) = fields.get_mut(name).and_then(Value::as_object_mut) {
                put(entries, key, to);
            }
        }
        [name, key, field] => {
            let Some(entries) = fields.get_mut(name).and_then(Value::as_object_mut) else {
                return;
            };
            let entry = entries
                .entry(key.clone())
                .or_insert_with(|| Map::new().into());
            if let Some(entry) = entry.as_object_mut() {
                put(entry, field, to);
                if entry.is_empty() {
                    entries.remove(key);
                }
            }
        }
        _ => {}
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, to: Option<&Value>) {
    match to {
        Some(value) => drop(fields.insert(name.to_owned(), value.clone())),
        None => drop(fields.remove(name)),
    }
}

/// A value that is there, be it null.
fn present<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Override, Rule, Rules, Zone};

    use super::*;

    fn at(text: &str) -> When {
        When::from_people(text, None, Some(&Zone::named("Europe/Berlin"))).unwrap()
    }

    fn event(title: &str) -> Event {
        Event::new("a@x", title, at("2026-11-20T10:00"))
    }

    /// The changes between two events, after a stay in the database.
    fn changes(before: &Event, after: &Event) -> Vec<ValueChange> {
        let step = Step::between(
            CalendarId::from_bytes([1; 32]),
            DocumentId::from_bytes([2; 16]),
            before,
            after,
        );
        let again = Step::of_row(step.row().unwrap()).unwrap();
        assert_eq!(again, step);
        step.changes
    }

    fn back(before: &Event, after: &Event, now: &Event) -> Event {
        applied_to_event(&changes(before, after), Direction::Back, now).unwrap()
    }

    fn skips(event: &Event) -> Vec<String> {
        event.skipped.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn undo_keeps_what_came_from_elsewhere() {
        let (before, after) = (event("Lunch"), event("Dinner"));
        let now = Event {
            place: "Garden".into(),
            ..after.clone()
        };
        let undone = back(&before, &after, &now);
        assert_eq!(
            (undone.title.as_str(), undone.place.as_str()),
            ("Lunch", "Garden")
        );
        let redone = applied_to_event(&changes(&before, &after), Direction::Again, &undone);
        assert_eq!(redone.unwrap(), now);
    }

    #[test]
    fn a_field_that_was_changed_again_stays() {
        let now = event("Breakfast");
        assert_eq!(back(&event("Lunch"), &event("Dinner"), &now), now);
    }

    #[test]
    fn exceptions_are_taken_back_one_by_one() {
        let mut before = event("Lunch");
        before.skipped.insert("2026-11-27T10:00".parse().unwrap());
        let mut after = event("Lunch");
        after.skipped.insert("2026-11-27T12:00".parse().unwrap());
        let mut now = after.clone();
        now.skipped.insert("2026-12-04T12:00".parse().unwrap());
        let undone = back(&before, &after, &now);
        assert_eq!(
            skips(&undone),
            ["2026-11-27T10:00:00", "2026-12-04T12:00:00"]
        );
    }

    #[test]
    fn fields_of_one_occurrence_are_taken_back_one_by_one() {
        let before = event("Lunch");
        let original = "2026-11-27T10:00".parse().unwrap();
        let mut after = before.clone();
        after.overrides.entry(original).or_default().title = Some("Brunch".into());
        assert_eq!(back(&before, &after, &after), before);
        let mut now = after.clone();
        now.overrides.entry(original).or_default().place = Some("Garden".into());
        let left = &back(&before, &after, &now).overrides[&original];
        let place_only = Override {
            place: Some("Garden".into()),
            ..Override::default()
        };
        assert_eq!(*left, place_only);
    }

    #[test]
    fn exceptions_made_since_a_move_go_back_with_the_series() {
        let mut before = event("Lunch");
        before.rules = Rules::one(Rule::parse("FREQ=WEEKLY").unwrap());
        before.skipped.insert("2026-11-27T10:00".parse().unwrap());
        let mut after = before.clone();
        after.move_all(at("2026-11-20T12:00"));
        let mut now = after.clone();
        now.skipped.insert("2026-12-04T12:00".parse().unwrap());
        let undone = back(&before, &after, &now);
        assert_eq!(undone.when, before.when);
        assert_eq!(
            skips(&undone),
            ["2026-11-27T10:00:00", "2026-12-04T10:00:00"]
        );
        now.move_all(at("2026-11-20T15:00"));
        assert_eq!(back(&before, &after, &now), now, "it was moved again since");
    }

    #[test]
    fn exceptions_that_a_move_put_on_each_others_days_go_back() {
        let mut before = event("Lunch");
        before.rules = Rules::one(Rule::parse("FREQ=WEEKLY").unwrap());
        for day in ["2026-11-27T10:00", "2026-12-04T10:00"] {
            before.skipped.insert(day.parse().unwrap());
        }
        let mut after = before.clone();
        after.move_all(at("2026-11-27T10:00"));
        assert_eq!(
            skips(&after),
            ["2026-12-04T10:00:00", "2026-12-11T10:00:00"]
        );
        assert_eq!(back(&before, &after, &after), before);
    }

    #[test]
    fn null_is_a_value_and_absent_is_none() {
        let before = event("Lunch");
        let mut after = before.clone();
        after
            .dates
            .insert("2026-12-24T10:00".parse().unwrap(), None);
        after.url = Some("https://example.org".into());
        assert_eq!(back(&before, &after, &after), before);
    }
}
