//! An event taken apart into what Automerge merges: registers, texts, and maps.
//!
//! The names are those of the event's own JSON form; each value is a JSON text in one scalar.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc};
use serde_json::{Map, Value};

use crate::event::Event;

/// Automerge texts.
const TEXTS: [&str; 3] = ["title", "notes", "place"];
/// Maps whose entries are one value each.
const MAPS: [&str; 3] = ["dates", "guests", "reminders"];
/// Maps from a member to true.
const SETS: [&str; 3] = ["skipped", "categories", "attachments"];
/// Maps whose entries are taken apart into fields.
const NESTED: [&str; 2] = ["overrides", "splits"];
/// The map from an index to a text.
const LIST: &str = "unknown";
/// Between the key of an entry and its field. No original start contains it.
const FIELD_MARK: char = '/';

/// An event taken apart.
#[derive(Debug, Default)]
pub(super) struct Flat {
    registers: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    maps: BTreeMap<String, BTreeMap<String, String>>,
}

impl Flat {
    pub(super) fn of(event: &Event) -> Self {
        let Ok(Value::Object(fields)) = serde_json::to_value(event) else {
            return Self::default();
        };
        let mut flat = Self::default();
        for (name, value) in fields {
            if TEXTS.contains(&name.as_str()) {
                flat.texts
                    .insert(name, value.as_str().unwrap_or_default().to_owned());
            } else if let Some(entries) = entries_of(&name, &value) {
                flat.maps.insert(name, entries);
            } else if !value.is_null() {
                flat.registers
                    .insert(register_name(&name).to_owned(), value.to_string());
            }
        }
        flat
    }

    pub(super) fn read(doc: &Automerge) -> Self {
        let mut flat = Self::default();
        for item in doc.map_range(&ROOT, ..) {
            let name = item.key.to_string();
            let Ok(Some((value, id))) = doc.get(&ROOT, name.as_str()) else {
                continue;
            };
            if let Some(text) = value.as_str() {
                flat.registers.insert(name, text.to_owned());
            } else if value.is_object() && TEXTS.contains(&name.as_str()) {
                flat.texts.insert(name, doc.text(&id).unwrap_or_default());
            } else if value.is_object() {
                flat.maps.insert(name, strings(doc, &id));
            }
        }
        flat
    }

    /// Puts the event together again; `None` where it has no name or no time.
    pub(super) fn into_event(self) -> Option<Event> {
        let mut fields = Map::new();
        for (name, text) in &self.registers {
            if let Ok(value) = serde_json::from_str(text) {
                fields.insert(field_name(name).to_owned(), value);
            }
        }
        for (name, text) in self.texts {
            fields.insert(name, Value::String(text));
        }
        for (name, entries) in &self.maps {
            if let Some(value) = value_of(name, entries) {
                fields.insert(name.clone(), value);
            }
        }
        let whole = Value::Object(fields.clone());
        serde_json::from_value(whole)
            .ok()
            .or_else(|| without_unreadable(fields))
    }

    /// Writes everything into an empty document.
    pub(super) fn create(&self, tx: &mut Transaction<'_>) -> Result<(), AutomergeError> {
        for (name, value) in &self.registers {
            tx.put(ROOT, name.as_str(), value.as_str())?;
        }
        for (name, text) in &self.texts {
            let id = tx.put_object(ROOT, name.as_str(), ObjType::Text)?;
            tx.splice_text(&id, 0, 0, text)?;
        }
        for (name, entries) in &self.maps {
            let id = tx.put_object(ROOT, name.as_str(), ObjType::Map)?;
            for (key, value) in entries {
                tx.put(&id, key.as_str(), value.as_str())?;
            }
        }
        Ok(())
    }

    /// Writes what differs from `before`.
    pub(super) fn write_over(
        &self,
        before: &Self,
        tx: &mut Transaction<'_>,
    ) -> Result<(), AutomergeError> {
        write_entries(tx, &ROOT, &before.registers, &self.registers)?;
        for (name, text) in &self.texts {
            if before.texts.get(name) != Some(text) {
                let id = object(tx, name, ObjType::Text)?;
                tx.update_text(&id, text)?;
            }
        }
        let none = BTreeMap::new();
        for (name, entries) in &self.maps {
            let old = before.maps.get(name).unwrap_or(&none);
            if old != entries {
                let id = object(tx, name, ObjType::Map)?;
                write_entries(tx, &id, old, entries)?;
            }
        }
        Ok(())
    }
}

/// The name of a field's register in the document.
fn register_name(field: &str) -> &str {
    if field == "rules" { "rule" } else { field }
}

/// The field that a register of the document holds.
fn field_name(register: &str) -> &str {
    if register == "rule" {
        "rules"
    } else {
        register
    }
}

/// The object behind a name of the root, made where it is missing.
fn object(tx: &mut Transaction<'_>, name: &str, kind: ObjType) -> Result<ObjId, AutomergeError> {
    match tx.get(ROOT, name)? {
        Some((value, id)) if value.is_object() => Ok(id),
        Some(_) | None => tx.put_object(ROOT, name, kind),
    }
}

/// Writes the entries of a map that differ. Those of `old` that are gone are removed; those
/// that neither names are left alone.
pub(super) fn write_entries(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), AutomergeError> {
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        tx.delete(map, key.as_str())?;
    }
    for (key, value) in new
        .iter()
        .filter(|(key, value)| old.get(*key) != Some(*value))
    {
        // Automerge drops a write of what stands there; but a deletion that an edit outlived must
        // be able to happen again.
        if tx
            .get(map, key.as_str())?
            .is_some_and(|(was, _)| was.as_str() == Some(value))
        {
            tx.delete(map, key.as_str())?;
        }
        tx.put(map, key.as_str(), value.as_str())?;
    }
    Ok(())
}

/// The texts of a map, by key.
pub(super) fn strings(doc: &Automerge, map: &ObjId) -> BTreeMap<String, String> {
    doc.map_range(map, ..)
        .filter_map(|item| {
            let (value, _) = doc.get(map, item.key.as_ref()).ok()??;
            Some((item.key.to_string(), value.as_str()?.to_owned()))
        })
        .collect()
}

/// The entries of a field that is a map in the document.
fn entries_of(name: &str, value: &Value) -> Option<BTreeMap<String, String>> {
    if MAPS.contains(&name) {
        let object = value.as_object()?;
        return Some(
            object
                .iter()
                .map(|(key, one)| (key.clone(), one.to_string()))
                .collect(),
        );
    }
    if NESTED.contains(&name) {
        let object = value.as_object()?;
        return Some(
            object
                .iter()
                .flat_map(|(key, entry)| fields_of(key, entry))
                .collect(),
        );
    }
    let list = || {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    };
    if SETS.contains(&name) {
        return Some(
            list()
                .map(|one| (one.to_owned(), "true".to_owned()))
                .collect(),
        );
    }
    if name == LIST {
        let numbered = list().enumerate();
        return Some(
            numbered
                .map(|(at, one)| (format!("{at:06}"), json_text(one)))
                .collect(),
        );
    }
    None
}

fn fields_of(key: &str, entry: &Value) -> Vec<(String, String)> {
    let fields = entry.as_object().into_iter().flatten();
    fields
        .map(|(field, one)| (format!("{key}{FIELD_MARK}{field}"), one.to_string()))
        .collect()
}

fn json_text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// The field that a map of the document holds.
fn value_of(name: &str, entries: &BTreeMap<String, String>) -> Option<Value> {
    let read = |text: &String| serde_json::from_str::<Value>(text).ok();
    if SETS.contains(&name) {
        return Some(Value::Array(
            entries.keys().cloned().map(Value::String).collect(),
        ));
    }
    if name == LIST {
        return Some(Value::Array(entries.values().filter_map(read).collect()));
    }
    let mut object = Map::new();
    if MAPS.contains(&name) {
        for (key, text) in entries {
            object.insert(key.clone(), read(text)?);
        }
        return Some(Value::Object(object));
    }
    if !NESTED.contains(&name) {
        return None;
    }
    for (path, text) in entries {
        let Some(((key, field), value)) = path.split_once(FIELD_MARK).zip(read(text)) else {
            continue;
        };
        let entry = object
            .entry(key)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(field.to_owned(), value);
        }
    }
    Some(Value::Object(object))
}

/// The event without what this version cannot read.
fn without_unreadable(fields: Map<String, Value>) -> Option<Event> {
    let mut readable = Map::new();
    for name in ["uid", "when"] {
        readable.insert(name.to_owned(), fields.get(name)?.clone());
    }
    for (name, value) in fields {
        for (key, part) in parts_of(&name, value) {
            let mut with = readable.clone();
            match key {
                Some(path) => put(&mut with, &name, &path, part),
                None => {
                    with.insert(name.clone(), part);
                }
            }
            if serde_json::from_value::<Event>(Value::Object(with.clone())).is_ok() {
                readable = with;
            }
        }
    }
    serde_json::from_value(Value::Object(readable)).ok()
}

/// The parts of a field that are read or dropped one by one.
fn parts_of(name: &str, value: Value) -> Vec<(Option<Vec<String>>, Value)> {
    let Value::Object(entries) = value else {
        if let (true, Value::Array(members)) = (SETS.contains(&name) || name == LIST, &value) {
            return members
                .iter()
                .map(|one| (Some(Vec::new()), one.clone()))
                .collect();
        }
        return vec![(None, value)];
    };
    if MAPS.contains(&name) {
        return entries
            .into_iter()
            .map(|(key, one)| (Some(vec![key]), one))
            .collect();
    }
    if !NESTED.contains(&name) {
        return vec![(None, Value::Object(entries))];
    }
    let mut parts = Vec::new();
    for (key, entry) in entries {
        for (field, one) in entry.as_object().cloned().unwrap_or_default() {
            parts.push((Some(vec![key.clone(), field]), one));
        }
    }
    parts
}

/// Puts a value at a path below a field: into a list where the path is empty.
fn put(fields: &mut Map<String, Value>, name: &str, path: &[String], value: Value) {
    let Some((last, above)) = path.split_last() else {
        let list = fields
            .entry(name)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(value);
        }
        return;
    };
    let mut at = fields
        .entry(name)
        .or_insert_with(|| Value::Object(Map::new()));
    for key in above {
        let Some(map) = at.as_object_mut() else {
            return;
        };
        at = map
            .entry(key.as_str())
            .or_insert_with(|| Value::Object(Map::new()));
    }
    if let Some(map) = at.as_object_mut() {
        map.insert(last.clone(), value);
    }
}
