//! Writing an event into a document that is there: only what differs.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ROOT, ReadDoc};

use super::flat::{Flat, TEXTS};

/// Writes what differs.
pub(super) fn difference(
    tx: &mut Transaction<'_>,
    before: &Flat,
    after: &Flat,
) -> Result<(), AutomergeError> {
    entries(tx, &ROOT, &before.entries, &after.entries)?;
    let texts = before.texts.iter().zip(&after.texts);
    for (name, (old, new)) in TEXTS.iter().zip(texts) {
        if old != new {
            text(tx, name, new)?;
        }
    }
    Ok(())
}

/// Makes a text say something else; what both have in common stays, letter by letter.
pub(super) fn text(tx: &mut Transaction<'_>, name: &str, new: &str) -> Result<(), AutomergeError> {
    let id = match tx.get(ROOT, name)? {
        Some((value, id)) if value.is_object() => id,
        Some(_) | None => tx.put_object(ROOT, name, ObjType::Text)?,
    };
    tx.update_text(&id, new)
}

/// Writes the entries of a map that differ. Those of `old` that are gone are removed; those
/// that neither names are left alone.
pub(super) fn entries(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), AutomergeError> {
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        tx.delete(map, key.as_str())?;
    }
    for (key, value) in new {
        if old.get(key) != Some(value) {
            entry(tx, map, key, value)?;
        }
    }
    Ok(())
}

/// Writes one entry, also where it stands there already.
pub(super) fn entry(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    key: &str,
    value: &str,
) -> Result<(), AutomergeError> {
    // Automerge drops a write of what stands there; but a deletion that an edit outlived must be
    // able to happen again.
    let there = tx.get(map, key)?;
    if there.is_some_and(|(was, _)| was.as_str() == Some(value)) {
        tx.delete(map, key)?;
    }
    tx.put(map, key, value)
}
