//! Whether an event lies in the trash, where one device deleted and another edited meanwhile.
//!
//! The edit wins: whoever edits did not know of the deletion, and losing their work would be
//! worse than an event too many. The event then says why it is back.

use std::collections::BTreeSet;

use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};

/// Whether an event lies in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trash {
    /// No.
    Out,
    /// Yes.
    In,
    /// It was put there, but an edit made at the same time brought it back.
    BackByEdit,
}

/// Whether the event of a document lies in the trash.
#[must_use]
pub fn trash(doc: &Automerge) -> Trash {
    let Ok(values) = doc.get_all(ROOT, "trashed") else {
        return Trash::Out;
    };
    let deletions: BTreeSet<ChangeHash> = values
        .iter()
        .filter(|(value, _)| value.as_str() == Some("true"))
        .filter_map(|(_, id)| doc.hash_for_opid(id))
        .collect();
    if deletions.is_empty() {
        return Trash::Out;
    }
    // A restore made at the same time is an edit too, and is found below like any other.
    if deletions
        .iter()
        .any(|deletion| is_edited_beside(doc, *deletion, &deletions))
    {
        Trash::BackByEdit
    } else {
        Trash::In
    }
}

/// Whether a change was made that neither knew of the deletion nor was known to it.
fn is_edited_beside(
    doc: &Automerge,
    deletion: ChangeHash,
    deletions: &BTreeSet<ChangeHash>,
) -> bool {
    let mut after = BTreeSet::from([deletion]);
    // Ordered so that every change comes after those it builds on.
    for change in doc.get_changes(&[deletion]) {
        let hash = change.hash();
        if change.deps().iter().any(|dep| after.contains(dep)) {
            after.insert(hash);
        } else if !deletions.contains(&hash) {
            return true;
        }
    }
    false
}
