//! A calendar's own document: its name, colour and defaults.
//!
//! Only registers at the root, so that two devices that each write first still merge.

use std::collections::BTreeMap;

use automerge::{Automerge, ROOT};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Fault, change, empty, flat, write};
use crate::zone::Zone;

/// What a calendar is called and what its new events start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CalendarFacts {
    /// Name.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Colour: `#rrggbb`.
    #[serde(default)]
    pub color: Option<String>,
    /// The zone of new events.
    #[serde(default)]
    pub zone: Option<Zone>,
    /// Minutes before the start at which new events remind.
    #[serde(default)]
    pub reminder_minutes: Option<u32>,
}

/// A document for a new calendar, and the change that made it.
///
/// # Errors
///
/// [`Fault::Write`] where Automerge refuses.
pub fn create(
    facts: &CalendarFacts,
    actor: [u8; 16],
    time: i64,
) -> Result<(Automerge, Vec<u8>), Fault> {
    let mut doc = empty();
    let bytes = edit(&mut doc, actor, time, facts)?;
    bytes.map(|bytes| (doc, bytes)).ok_or(Fault::NotAChange)
}

/// What a calendar's own document says. Nothing written yet reads as the defaults.
#[must_use]
pub fn read(doc: &Automerge) -> CalendarFacts {
    let mut fields = Map::new();
    for (name, text) in flat::strings(doc, &ROOT) {
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            continue;
        };
        let mut with = fields.clone();
        with.insert(name, value);
        if serde_json::from_value::<CalendarFacts>(Value::Object(with.clone())).is_ok() {
            fields = with;
        }
    }
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}

/// Makes the document say what `facts` say; `None` where it said so already.
///
/// # Errors
///
/// [`Fault::Write`] where Automerge refuses.
pub fn edit(
    doc: &mut Automerge,
    actor: [u8; 16],
    time: i64,
    facts: &CalendarFacts,
) -> Result<Option<Vec<u8>>, Fault> {
    let written = flat::strings(doc, &ROOT);
    let after = entries(facts);
    // What a later version wrote is not ours to remove.
    let before = written
        .into_iter()
        .filter(|(name, _)| after.contains_key(name))
        .collect();
    change(doc, actor, time, |tx| {
        write::entries(tx, &ROOT, &before, &after)
    })
}

/// Every field as JSON text; one that is not set is `null`, so that unsetting is a write.
fn entries(facts: &CalendarFacts) -> BTreeMap<String, String> {
    let value = serde_json::to_value(facts).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    fields
        .map(|(name, one)| (name.clone(), one.to_string()))
        .collect()
}
