//! Documents that were needed lately, kept as Automerge holds them: who edits one event again and
//! again, here or on another device, does not pay for reading it from its changes each time.
//!
//! An entry is known by the hashes of its changes, and equal hashes are equal documents: it is right
//! in whatever database the same changes stand, and one to which others were added only lacks those.
//! Bounded, so that a hundred thousand events are never all in memory; gone when a client closes.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use automerge::Automerge;

/// Documents that are kept.
const DOCUMENTS_MAX: usize = 128;
/// Bytes of their changes together; in memory they take up to forty times that.
const BYTES_MAX: usize = 1 << 20;
/// Bytes of the changes of one that is kept.
const DOCUMENT_BYTES_MAX: usize = 128 << 10;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

type Key = (CalendarId, DocumentId);

#[derive(Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    turn: u64,
}

struct Entry {
    doc: Automerge,
    changes: Vec<ChangeHash>,
    bytes: usize,
    last_turn: u64,
}

/// A document with the first of the changes, how many those are, and their bytes.
pub(crate) fn get(
    calendar: CalendarId,
    document: DocumentId,
    changes: &[ChangeHash],
) -> Option<(Automerge, usize, usize)> {
    kept().get((calendar, document), changes)
}

/// Keeps a document that consists of these changes.
pub(crate) fn keep(
    calendar: CalendarId,
    document: DocumentId,
    changes: Vec<ChangeHash>,
    bytes: usize,
    doc: &Automerge,
) {
    if bytes <= DOCUMENT_BYTES_MAX {
        kept().keep((calendar, document), changes, bytes, doc.clone());
    }
}

/// Lets go of all of them.
pub(crate) fn forget() {
    *kept() = Kept::default();
}

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    fn get(&mut self, key: Key, changes: &[ChangeHash]) -> Option<(Automerge, usize, usize)> {
        self.turn += 1;
        let entry = self.entries.get_mut(&key)?;
        if !changes.starts_with(&entry.changes) {
            return None;
        }
        entry.last_turn = self.turn;
        Some((entry.doc.clone(), entry.changes.len(), entry.bytes))
    }

    fn keep(&mut self, key: Key, changes: Vec<ChangeHash>, bytes: usize, doc: Automerge) {
        self.turn += 1;
        let entry = Entry {
            doc,
            changes,
            bytes,
            last_turn: self.turn,
        };
        self.bytes += bytes;
        if let Some(before) = self.entries.insert(key, entry) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BYTES_MAX || self.entries.len() > DOCUMENTS_MAX {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_turn);
            let Some(oldest) = oldest.map(|(key, _)| *key) else {
                return;
            };
            if let Some(gone) = self.entries.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: CalendarId = CalendarId::from_bytes([1; 32]);

    fn key(n: u8) -> Key {
        (CALENDAR, DocumentId::from_bytes([n; 16]))
    }

    fn hashes(count: u8) -> Vec<ChangeHash> {
        (0..count)
            .map(|n| ChangeHash::from_bytes([n; 32]))
            .collect()
    }

    #[test]
    fn a_document_is_found_with_the_changes_it_has() {
        let mut kept = Kept::default();
        kept.keep(key(1), hashes(2), 10, Automerge::new());
        for (count, has) in [(1, None), (2, Some((2, 10))), (3, Some((2, 10)))] {
            let found = kept.get(key(1), &hashes(count));
            assert_eq!(found.map(|(_, has, bytes)| (has, bytes)), has, "{count}");
        }
        let mut others = hashes(2);
        others.reverse();
        assert!(kept.get(key(1), &others).is_none());
        assert!(kept.get(key(2), &hashes(2)).is_none());
    }

    #[test]
    fn what_was_not_needed_for_longest_goes_first() {
        let mut kept = Kept::default();
        for n in 0..=127 {
            kept.keep(key(n), hashes(1), 100, Automerge::new());
        }
        assert!(kept.get(key(0), &hashes(1)).is_some());
        kept.keep(key(200), hashes(1), 100, Automerge::new());
        assert_eq!((kept.entries.len(), kept.bytes), (DOCUMENTS_MAX, 12_800));
        assert!(kept.get(key(0), &hashes(1)).is_some());
        assert!(kept.get(key(1), &hashes(1)).is_none());
        kept.keep(key(201), hashes(1), BYTES_MAX, Automerge::new());
        assert_eq!((kept.entries.len(), kept.bytes), (1, BYTES_MAX));
    }
}
