//! What the chunks of a backup hold: logs, sealed keys, and every calendar's frames with their changes.
//!
//! ```text
//! start ─ links ─ boxes ─┬─ calendar ─ frame ─ its changes ─ frame … ─ calendar's end ─┬─ end
//!                        └──────────────── once for each calendar ─────────────────────┘
//! ```
//!
//! Read and written item by item, so that no more than a frame with its changes is ever in memory.
//! Invariant: whatever is cut off, doubled or out of its order is refused, and nothing is allocated
//! before its length was checked. Leaves alone: the cipher, and whether what it says is true.

mod item;
mod reader;

use thiserror::Error;

pub use item::{Item, Start, Tally};
pub use reader::ItemReader;

use crate::codec::CodecError;
use crate::ids::{ChangeHash, DocumentId};
use crate::label::Context;
use crate::limits::ENVELOPE_BYTES_MAX;

/// Bytes of the largest item: a frame and a change are smaller than an envelope that held them.
pub const ITEM_BYTES_MAX: usize = ENVELOPE_BYTES_MAX;
/// Bytes that all changes of one frame may have: they came in one envelope.
pub const FRAME_CHANGES_BYTES_MAX: usize = ENVELOPE_BYTES_MAX;

/// Why bytes are no content of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContentError {
    /// A field is cut off, or bytes follow the last.
    #[error("an item of the backup has another length: {0}")]
    Length(#[from] CodecError),
    /// A version of the content that this program does not know: update needed.
    #[error("version {0} of a backup's content: update needed")]
    Version(u8),
    /// An item of a kind that is none.
    #[error("an item of kind {0}")]
    Kind(u8),
    /// An item is larger than anything that could stand there.
    #[error("an item of {0} bytes")]
    TooLarge(usize),
    /// A text is not one.
    #[error("a text is not UTF-8")]
    Text,
    /// An item stands where it may not.
    #[error("an item of kind {0} does not belong here")]
    Order(u8),
    /// It ends before its end, or goes on after it.
    #[error("the content ends elsewhere than it says")]
    End,
    /// Another number of frames, changes or items than it says.
    #[error("something is missing or too much")]
    Count,
}

/// What a calendar holds, as one number: which changes of which documents there are, and which of
/// them count. The same on every device that has the same.
#[derive(Debug, Clone)]
pub struct StateDigest(blake3::Hasher);

impl StateDigest {
    /// Of a calendar in which nothing was written.
    #[must_use]
    pub fn new() -> Self {
        Self(blake3::Hasher::new_derive_key(Context::BACKUP_STATE.name()))
    }

    /// Adds a change. They come in ascending order of document, then hash.
    pub fn add(&mut self, document: &DocumentId, change: &ChangeHash, counting: Counted) {
        self.0.update(document.as_bytes());
        self.0.update(change.as_bytes());
        self.0.update(&[match counting {
            Counted::Yes => 1,
            Counted::No => 0,
        }]);
    }

    /// The number.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

impl Default for StateDigest {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a change is part of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is.
    Yes,
    /// It is kept beside it.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, CalendarId, DeviceId, LogId};

    pub(super) fn items() -> Vec<Item> {
        let calendar = CalendarId::from_bytes([7; 32]);
        vec![
            Item::Start(Start {
                account: AccountId::from_bytes([1; 32]),
                device: DeviceId::from_bytes([2; 32]),
                private: calendar,
                made_ms: 1_700_000_000_000,
                device_name: "Ada's laptop".to_owned(),
                relay: "https://relay.example.org".to_owned(),
            }),
            Item::Link {
                log: LogId::from_bytes([1; 32]),
                bytes: vec![3; 300],
            },
            Item::Box {
                log: LogId::from_bytes([1; 32]),
                record: vec![4; 1238],
            },
            Item::Calendar(calendar),
            Item::Frame {
                changes: 2,
                bytes: vec![5; 263],
            },
            Item::Change(vec![6; 80]),
            Item::Change(vec![7; 90]),
            Item::Frame {
                changes: 0,
                bytes: vec![8; 263],
            },
            Item::CalendarEnd(Tally {
                frames: 2,
                changes: 2,
                digest: [9; 32],
            }),
            Item::End { items: 9 },
        ]
    }

    pub(super) fn bytes(items: &[Item]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for item in items {
            item.write(&mut bytes).unwrap();
        }
        bytes
    }

    pub(super) fn read(bytes: &[u8], piece: usize) -> Result<Vec<Item>, ContentError> {
        let mut reader = ItemReader::default();
        let mut items = Vec::new();
        for piece in bytes.chunks(piece) {
            items.extend(reader.feed(piece)?);
        }
        reader.finish()?;
        Ok(items)
    }

    #[test]
    fn what_is_written_is_read_in_pieces_of_any_size() {
        let bytes = bytes(&items());
        for piece in [1, 7, 100, bytes.len()] {
            assert_eq!(read(&bytes, piece), Ok(items()), "{piece}");
        }
    }

    #[test]
    fn what_ends_early_is_refused_wherever_it_ends() {
        let whole = bytes(&items());
        for end in 0..whole.len() {
            assert!(read(&whole[..end], 64).is_err(), "{end}");
        }
        let longer = [&whole[..], &[8]].concat();
        assert_eq!(read(&longer, 64), Err(ContentError::End));
    }

    #[test]
    fn what_is_left_out_doubled_or_moved_is_refused() {
        for at in 0..items().len() {
            let mut less = items();
            less.remove(at);
            assert!(read(&bytes(&less), 64).is_err(), "without {at}");
            let mut more = items();
            more.insert(at, items()[at].clone());
            assert!(read(&bytes(&more), 64).is_err(), "twice {at}");
        }
        let mut moved = items();
        moved.swap(2, 3);
        assert!(matches!(
            read(&bytes(&moved), 64),
            Err(ContentError::Order(_))
        ));
    }

    #[test]
    fn lengths_are_looked_at_before_anything_is_kept() {
        let mut huge = bytes(&items()[..1]);
        huge.extend([2, 0xFF, 0xFF, 0xFF, 0xFF]);
        let mut reader = ItemReader::default();
        let refused = reader.feed(&huge).err();
        assert_eq!(refused, Some(ContentError::TooLarge(0xFFFF_FFFF)));
        let much = vec![
            items()[0].clone(),
            items()[1].clone(),
            Item::Calendar(CalendarId::from_bytes([7; 32])),
            Item::Frame {
                changes: 2,
                bytes: vec![5; 263],
            },
            Item::Change(vec![6; 500_000]),
            Item::Change(vec![7; 500_000]),
        ];
        let refused = read(&bytes(&much), 4096);
        assert!(matches!(refused, Err(ContentError::TooLarge(_))));
    }

    #[test]
    fn another_version_asks_for_an_update() {
        let mut other = bytes(&items());
        other[5] = 2;
        assert_eq!(read(&other, 64), Err(ContentError::Version(2)));
    }

    #[test]
    fn the_digest_says_what_there_is_and_what_counts() {
        let of = |hash: u8, counting| {
            let mut digest = StateDigest::new();
            digest.add(
                &DocumentId::from_bytes([1; 16]),
                &ChangeHash::from_bytes([hash; 32]),
                counting,
            );
            digest.finish()
        };
        assert_eq!(of(1, Counted::Yes), of(1, Counted::Yes));
        assert_ne!(of(1, Counted::Yes), of(1, Counted::No));
        assert_ne!(of(1, Counted::Yes), of(2, Counted::Yes));
    }
}
