//! Concurrent writes of one value: all are kept until someone settles it.
//!
//! A record names what is shown and what was written beside it, with who wrote each. It ends with
//! [`settle`], or with any later edit of the same field by someone who had both.
//!
//! Title, notes and place never conflict: they are texts, and two edits of one text merge letter
//! by letter. Each device's deletions and insertions all happen, so that nothing anyone wrote is
//! lost; of two people who each wrote a whole new title, both are there, one after the other. The
//! history says who wrote which.

use automerge::{Automerge, ROOT, ReadDoc};

use super::counted;
use super::flat::{TEXTS, is_readable, range};
use super::names::NAMES;
use super::stamp::Stamp;
use super::trash::{TRASHED, Trash, trash};
use super::{Fault, change, guarded, write};

/// One value that two devices wrote without knowing of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The register, or a list and the key in it: `when`, `overrides/2026-11-20T10:00:00/title`.
    pub field: String,
    /// What is shown, the same on every device.
    pub shown: Written,
    /// What was written beside it, each value once, ordered by value.
    pub others: Vec<Written>,
}

/// A value and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value as JSON text.
    pub value: String,
    /// Who wrote it, and when.
    pub by: Stamp,
}

/// Every value of a document that was written twice at the same time and not since.
#[must_use]
pub fn conflicts(doc: &Automerge) -> Vec<Conflict> {
    range(doc, &ROOT, None)
        .filter(|item| item.conflict && item.key != NAMES)
        .filter_map(|item| conflict(doc, &item.key))
        .collect()
}

fn conflict(doc: &Automerge, field: &str) -> Option<Conflict> {
    let mut values = Vec::new();
    // In the order of Automerge: the last one is shown.
    for (value, id) in doc.get_all(ROOT, field).ok()? {
        if let (Some(value), Some(by)) = (value.as_str(), Stamp::of_value(doc, &id)) {
            let value = value.to_owned();
            values.push(Written { value, by });
        }
    }
    let shown = values.pop()?;
    let mut others = values;
    others.retain(|other| !counted::is_same(field, &other.value, &shown.value));
    others.sort_by(|a, b| (&a.value, a.by).cmp(&(&b.value, b.by)));
    others.dedup_by(|a, b| a.value == b.value);
    if others.is_empty() {
        return None;
    }
    Some(Conflict {
        field: field.to_owned(),
        shown,
        others,
    })
}

/// Ends the conflict of a field with the value chosen, a JSON text: one of those that were
/// written, or any other that the field can have. `None` where the field says just that already
/// and nobody disagrees.
///
/// Of an event that an edit brought back from the trash ([`super::came_back`]), the field is
/// `trashed`: `true` deletes it again, `false` keeps it.
///
/// # Errors
///
/// [`Fault::NoSuchField`] where the event has no such field or it cannot have that value.
pub fn settle(
    doc: &mut Automerge,
    actor: [u8; 16],
    time: i64,
    field: &str,
    chosen: &str,
) -> Result<Option<Vec<u8>>, Fault> {
    if TEXTS.contains(&field) {
        let new: String = serde_json::from_str(chosen).map_err(|_| Fault::NoSuchField)?;
        return change(doc, actor, time, |tx| write::text(tx, field, &new));
    }
    let written = guarded(|| Ok(doc.get_all(ROOT, field).unwrap_or_default()))?;
    let is_among = |(value, _): &(automerge::Value<'_>, _)| value.as_str() == Some(chosen);
    // What a later version wrote can be chosen though it is not understood here.
    if !is_readable(field, chosen) && !written.iter().any(is_among) {
        return Err(Fault::NoSuchField);
    }
    let is_alone = matches!(written.as_slice(), [only] if is_among(only));
    if is_alone && (field != TRASHED || trash(doc) != Trash::BackByEdit) {
        return Ok(None);
    }
    drop(written);
    change(doc, actor, time, |tx| {
        write::entry(tx, &ROOT, field, chosen)
    })
}

#[cfg(test)]
mod tests;
