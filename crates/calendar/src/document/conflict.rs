//! Concurrent writes of one value: both are kept until someone settles it.

use automerge::{Automerge, ObjId, ROOT, ReadDoc, Value};

/// One value that two devices wrote without knowing of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The register, or the map and its key: `when`, `overrides/2026-11-20T10:00:00/title`.
    pub field: String,
    /// What is shown, as JSON text.
    pub shown: String,
    /// What was written beside it, as JSON texts.
    pub others: Vec<String>,
}

/// Every value of a document that was written twice at the same time and not since.
#[must_use]
pub fn conflicts(doc: &Automerge) -> Vec<Conflict> {
    let mut found = Vec::new();
    for item in doc.map_range(&ROOT, ..) {
        let name = item.key.to_string();
        if item.conflict {
            found.extend(conflict(doc, &ROOT, &name, name.clone()));
        }
        if let Ok(Some((Value::Object(automerge::ObjType::Map), id))) = doc.get(ROOT, name.as_str())
        {
            for entry in doc.map_range(&id, ..).filter(|entry| entry.conflict) {
                let field = format!("{name}/{}", entry.key);
                found.extend(conflict(doc, &id, &entry.key, field));
            }
        }
    }
    found
}

fn conflict(doc: &Automerge, map: &ObjId, key: &str, field: String) -> Option<Conflict> {
    let shown = doc.get(map, key).ok()??.0.as_str()?.to_owned();
    let mut others: Vec<String> = doc
        .get_all(map, key)
        .ok()?
        .iter()
        .filter_map(|(value, _)| value.as_str())
        .filter(|value| *value != shown)
        .map(str::to_owned)
        .collect();
    others.sort();
    others.dedup();
    if others.is_empty() {
        None
    } else {
        Some(Conflict {
            field,
            shown,
            others,
        })
    }
}
