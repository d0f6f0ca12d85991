//! Whether an event lies in the trash, where one device deleted and another edited meanwhile.
//!
//! The edit wins: whoever edits did not know of the deletion, and losing their work would be
//! worse than an event too many. The event then says why it is back, and a person settles it:
//! [`super::settle`] of the field `trashed`, with `true` to delete it after all or `false` to keep it.

use std::collections::{BTreeSet, HashMap};

use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};

use super::stamp::Stamp;

/// The register.
pub(super) const TRASHED: &str = "trashed";

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

/// Why an event is back from the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameBack {
    /// Who deleted it.
    pub deleted: Vec<Stamp>,
    /// Who edited it without knowing.
    pub edited: Vec<Stamp>,
}

/// Whether the event of a document lies in the trash.
#[must_use]
pub fn trash(doc: &Automerge) -> Trash {
    let deletions = deletions(doc);
    if deletions.is_empty() {
        Trash::Out
    } else if edits_beside(doc, &deletions).is_empty() {
        Trash::In
    } else {
        Trash::BackByEdit
    }
}

/// Who deleted and who edited an event that is [`Trash::BackByEdit`]; `None` of any other.
#[must_use]
pub fn came_back(doc: &Automerge) -> Option<CameBack> {
    let deletions = deletions(doc);
    let edits = edits_beside(doc, &deletions);
    if edits.is_empty() {
        return None;
    }
    let stamps = |hashes: &BTreeSet<ChangeHash>| {
        let stamps = hashes.iter().filter_map(|hash| Stamp::of(doc, hash));
        let mut stamps: Vec<Stamp> = stamps.collect();
        stamps.sort();
        stamps
    };
    Some(CameBack {
        deleted: stamps(&deletions),
        edited: stamps(&edits),
    })
}

/// The changes that put it into the trash, those taken back since left out.
fn deletions(doc: &Automerge) -> BTreeSet<ChangeHash> {
    let values = doc.get_all(ROOT, TRASHED).unwrap_or_default();
    values
        .iter()
        .filter(|(value, _)| value.as_str() == Some("true"))
        .filter_map(|(_, id)| doc.hash_for_opid(id))
        .collect()
}

/// The changes that neither knew of a deletion nor were known to it. A restore made at the same
/// time is an edit too.
///
/// All changes are walked through twice for every 64 deletions, each of which is one bit.
fn edits_beside(doc: &Automerge, deletions: &BTreeSet<ChangeHash>) -> BTreeSet<ChangeHash> {
    let mut beside = BTreeSet::new();
    if deletions.is_empty() {
        return beside;
    }
    // Ordered so that every change comes after those it builds on.
    let changes = doc.get_changes_meta(&[]);
    let deletions: Vec<ChangeHash> = deletions.iter().copied().collect();
    for some in deletions.chunks(64) {
        let bits = (0..64).map(|bit| 1_u64 << bit);
        let marks: HashMap<ChangeHash, u64> = some.iter().copied().zip(bits).collect();
        let all = marks.values().fold(0, |all, bit| all | bit);
        // Which deletions a change is or knew of, and which it is or was known to.
        let mut knew: HashMap<ChangeHash, u64> = marks.clone();
        let mut known: HashMap<ChangeHash, u64> = marks;
        for change in &changes {
            let of_deps = change.deps.iter().filter_map(|dep| knew.get(dep));
            let of_deps = of_deps.fold(0, |all, bits| all | bits);
            *knew.entry(change.hash).or_default() |= of_deps;
        }
        for change in changes.iter().rev() {
            let to = known.get(&change.hash).copied().unwrap_or_default();
            for dep in &change.deps {
                *known.entry(*dep).or_default() |= to;
            }
        }
        for change in &changes {
            let of = |bits: &HashMap<ChangeHash, u64>| bits.get(&change.hash).copied();
            let related = of(&knew).unwrap_or_default() | of(&known).unwrap_or_default();
            if related != all && deletions.binary_search(&change.hash).is_err() {
                beside.insert(change.hash);
            }
        }
    }
    beside
}
