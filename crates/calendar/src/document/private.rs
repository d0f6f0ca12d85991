//! The document of an account's private calendar: which calendars it lists, what its devices are
//! called, and settings that follow a person from device to device.
//!
//! Two devices may write it before they ever hear of each other. Its maps therefore come from one
//! first change, byte for byte the same on every device ([`start`]); it is never sent.

use std::collections::BTreeMap;

use automerge::transaction::Transactable;
use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Fault, change, empty, flat, with_changes, write};

/// Writes the first change of every account.
const ROOT_ACTOR: [u8; 16] = *b"almanac private\0";
const CALENDARS: &str = "calendars";
const DEVICES: &str = "devices";
const SETTINGS: &str = "settings";

/// What an account keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Private {
    /// Calendars by the hexadecimal text of their id.
    #[serde(default)]
    pub calendars: BTreeMap<String, Listing>,
    /// Devices by the hexadecimal text of their id.
    #[serde(default)]
    pub devices: BTreeMap<String, DeviceListing>,
    /// Settings by name, each a JSON text.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// A calendar in a person's own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Listing {
    /// Where it stands among the others.
    #[serde(default)]
    pub order: i64,
    /// Whether it is left out of view.
    #[serde(default)]
    pub is_hidden: bool,
    /// Whether adding it was taken back: it is in no list, and holds nothing.
    #[serde(default)]
    pub is_removed: bool,
    /// A colour only this person sees.
    #[serde(default)]
    pub color: Option<String>,
    /// A name only this person sees.
    #[serde(default)]
    pub name: Option<String>,
}

/// A device of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct DeviceListing {
    /// What its person calls it.
    #[serde(default)]
    pub name: String,
}

/// The document every device starts from.
///
/// # Errors
///
/// [`Fault::Write`] where Automerge refuses.
pub fn start() -> Result<Automerge, Fault> {
    let mut doc = empty();
    change(&mut doc, ROOT_ACTOR, 0, |tx| {
        for name in [CALENDARS, DEVICES, SETTINGS] {
            tx.put_object(ROOT, name, ObjType::Map)?;
        }
        Ok(())
    })?;
    Ok(doc)
}

/// The document from the changes devices sent.
///
/// # Errors
///
/// As [`super::apply`].
pub fn load<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Automerge, Fault> {
    with_changes(start()?, changes)
}

/// What the document says.
#[must_use]
pub fn read(doc: &Automerge) -> Private {
    Private {
        calendars: listed(&entries(doc, CALENDARS)),
        devices: listed(&entries(doc, DEVICES)),
        settings: entries(doc, SETTINGS),
    }
}

/// Makes the document say what `private` says, and gives the change that did it; `None` where
/// it said so already.
///
/// # Errors
///
/// [`Fault::NotAChange`] where the document did not come from [`start`] or [`load`].
pub fn edit(
    doc: &mut Automerge,
    actor: [u8; 16],
    time: i64,
    private: &Private,
) -> Result<Option<Vec<u8>>, Fault> {
    let before = read(doc);
    let maps = [
        (
            CALENDARS,
            fields(&before.calendars),
            fields(&private.calendars),
        ),
        (DEVICES, fields(&before.devices), fields(&private.devices)),
        (SETTINGS, before.settings, private.settings.clone()),
    ];
    let mut writes = Vec::new();
    for (name, before, after) in maps {
        let id = map(doc, name).ok_or(Fault::NotAChange)?;
        writes.push((id, before, after));
    }
    change(doc, actor, time, |tx| {
        writes
            .iter()
            .try_for_each(|(id, old, new)| write::entries(tx, id, old, new))
    })
}

fn map(doc: &Automerge, name: &str) -> Option<ObjId> {
    let (value, id) = doc.get(ROOT, name).ok()??;
    if value.is_object() { Some(id) } else { None }
}

fn entries(doc: &Automerge, name: &str) -> BTreeMap<String, String> {
    map(doc, name)
        .map(|id| flat::strings(doc, &id))
        .unwrap_or_default()
}

/// Entries taken apart into fields, `id/field`, so that fields merge one by one.
fn fields<T: Serialize>(listed: &BTreeMap<String, T>) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (id, listing) in listed {
        let value = serde_json::to_value(listing).unwrap_or_default();
        for (field, one) in value.as_object().into_iter().flatten() {
            fields.insert(format!("{id}/{field}"), one.to_string());
        }
    }
    fields
}

/// Entries put together again. A field that cannot be read is as if unset.
fn listed<T: DeserializeOwned>(fields: &BTreeMap<String, String>) -> BTreeMap<String, T> {
    let mut found: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (path, text) in fields {
        let Some((id, field)) = path.split_once('/') else {
            continue;
        };
        let Ok(value) = serde_json::from_str(text) else {
            continue;
        };
        let entry = found.entry(id.to_owned()).or_default();
        let mut with = entry.clone();
        with.insert(field.to_owned(), value);
        if serde_json::from_value::<T>(Value::Object(with.clone())).is_ok() {
            *entry = with;
        }
    }
    let whole = |map| serde_json::from_value(Value::Object(map)).ok();
    found
        .into_iter()
        .filter_map(|(id, map)| Some((id, whole(map)?)))
        .collect()
}
