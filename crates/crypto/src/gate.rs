//! The gate before Automerge: what comes from others is judged here before it is decoded, and
//! applied where a panic can do no harm.
//!
//! A change must be a plain chunk, never a deflated one, with counts that fit; its checksum must be
//! its hash's, or the document it enters could never be loaded again; its actor must be that of
//! the frame's author; and its hash must be the one the author signed for this place.

use std::panic::{AssertUnwindSafe, catch_unwind};

use almanac_protocol::defence::Defence;
use almanac_protocol::frame::{Frame, FrameError};
use almanac_protocol::ids::DocumentId;
use almanac_protocol::limits::{FRAME_BODY_BYTES_MAX, OPERATIONS_PER_CHANGE_MAX};
use automerge::{AutoCommit, Change};
use thiserror::Error;

use crate::chunk::{MAGIC, checksum, is_plain_change};

/// Why changes stay outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GateError {
    /// The frame lists no changes.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Another number of changes than the frame lists.
    #[error("{found} changes where the frame lists {listed}")]
    Count {
        /// How many the frame lists.
        listed: usize,
        /// How many came with it.
        found: usize,
    },
    /// More bytes than a frame's body may have.
    #[error("the change has {0} bytes")]
    TooLarge(usize),
    /// Not a plain change chunk, or one that Automerge cannot read.
    #[error("the bytes are no plain change")]
    Chunk,
    /// The checksum is not that of the content.
    #[error("the checksum of the change is wrong")]
    Checksum,
    /// More than [`OPERATIONS_PER_CHANGE_MAX`].
    #[error("the change has {0} operations")]
    Operations(usize),
    /// The change is in the name of another device, incarnation or calendar.
    #[error("the change is in another name")]
    Actor,
    /// The change is not the one the author signed for this place.
    #[error("the change is not the one that was signed")]
    NotListed,
    /// Automerge refuses the changes, or panicked over them.
    #[error("the changes cannot be applied")]
    Apply,
}

/// The changes of a verified frame, each with its document, if all of them may enter.
pub fn check_all(
    frame: &Frame,
    changes: &[Vec<u8>],
) -> Result<Vec<(DocumentId, Change)>, GateError> {
    let listed = frame.changes()?;
    if listed.len() != changes.len() {
        return Err(GateError::Count {
            listed: listed.len(),
            found: changes.len(),
        });
    }
    let actor = frame.actor();
    let check_one = |(bytes, place): (&Vec<u8>, &almanac_protocol::frame::ListedChange)| {
        let change = decode(bytes)?;
        if change.actor_id().to_bytes() != actor && Defence::Actor.stands() {
            return Err(GateError::Actor);
        }
        if change.hash().0 != *place.hash.as_bytes() {
            return Err(GateError::NotListed);
        }
        Ok((place.document, change))
    };
    changes.iter().zip(&listed).map(check_one).collect()
}

/// Reads a change of whatever origin without inflating, without trusting its counts and without
/// unwinding into the caller.
pub fn decode(bytes: &[u8]) -> Result<Change, GateError> {
    if bytes.len() > FRAME_BODY_BYTES_MAX {
        return Err(GateError::TooLarge(bytes.len()));
    }
    if !is_plain_change(bytes) && Defence::PlainChange.stands() {
        return Err(GateError::Chunk);
    }
    let change = catch_unwind(AssertUnwindSafe(|| Change::try_from(bytes)))
        .map_err(|_| GateError::Chunk)?
        .map_err(|_| GateError::Chunk)?;
    if change.raw_bytes() != bytes && Defence::PlainChange.stands() {
        return Err(GateError::Chunk);
    }
    if !change
        .hash()
        .0
        .starts_with(&checksum(bytes).ok_or(GateError::Chunk)?)
    {
        return Err(GateError::Checksum);
    }
    if change.len() > OPERATIONS_PER_CHANGE_MAX {
        return Err(GateError::Operations(change.len()));
    }
    Ok(change)
}

/// Bytes of a change that its other bytes give back: magic and checksum.
pub const ELIDED_BYTES: usize = 8;

/// The change whose first [`ELIDED_BYTES`] were left out, and all of its bytes; judged as by
/// [`decode`].
pub fn restore(rest: &[u8]) -> Result<(Vec<u8>, Change), GateError> {
    if rest.len() > FRAME_BODY_BYTES_MAX {
        return Err(GateError::TooLarge(rest.len()));
    }
    let mut bytes = Vec::with_capacity(ELIDED_BYTES + rest.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(rest);
    if !is_plain_change(&bytes) {
        return Err(GateError::Chunk);
    }
    let change = catch_unwind(AssertUnwindSafe(|| Change::try_from(&bytes[..])))
        .map_err(|_| GateError::Chunk)?
        .map_err(|_| GateError::Chunk)?;
    if change.raw_bytes().get(ELIDED_BYTES..) != bytes.get(ELIDED_BYTES..) {
        return Err(GateError::Chunk);
    }
    if change.len() > OPERATIONS_PER_CHANGE_MAX {
        return Err(GateError::Operations(change.len()));
    }
    let hash = change.hash().0;
    for (to, from) in bytes.iter_mut().skip(MAGIC.len()).zip(hash.iter().take(4)) {
        *to = *from;
    }
    Ok((bytes, change))
}

/// The document with the changes applied. They are tried on a copy: a change that makes Automerge
/// fail or panic leaves the document as it was.
pub fn apply(document: &AutoCommit, changes: &[Change]) -> Result<AutoCommit, GateError> {
    let applied = catch_unwind(AssertUnwindSafe(|| {
        let mut copy = document.clone();
        copy.apply_changes(changes.iter().cloned()).map(|()| copy)
    }));
    applied
        .map_err(|_| GateError::Apply)?
        .map_err(|_| GateError::Apply)
}

#[cfg(test)]
mod tests {
    use almanac_protocol::ids::ChangeHash;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ObjType, ROOT, ReadDoc};

    use super::*;
    use crate::testing::Ada;

    fn change(actor: &[u8], text: &str) -> Change {
        let mut document = AutoCommit::new().with_actor(ActorId::from(actor));
        document.put(ROOT, "title", text).unwrap();
        document.commit();
        document.get_changes(&[]).pop().unwrap()
    }

    fn framed(text: &str) -> (Frame, Vec<u8>) {
        let ada = Ada::new(1);
        let made = change(&ada.frame(1, &[]).actor(), text);
        let hash = ChangeHash::from_bytes(made.hash().0);
        (ada.frame(1, &[hash]), made.raw_bytes().to_vec())
    }

    #[test]
    fn a_signed_change_enters_and_applies() {
        let (frame, bytes) = framed("lunch");
        let changes = check_all(&frame, &[bytes]).unwrap();
        let [(document, change)] = &changes[..] else {
            panic!("one change")
        };
        assert_eq!(*document, DocumentId::from_bytes([6; 16]));
        let applied = apply(&AutoCommit::new(), std::slice::from_ref(change)).unwrap();
        assert_eq!(
            applied.get(ROOT, "title").unwrap().unwrap().0.as_str(),
            Some("lunch")
        );
    }

    #[test]
    fn a_change_in_another_name_stays_outside() {
        let ada = Ada::new(1);
        let forged = change(&[7; 16], "lunch");
        let frame = ada.frame(1, &[ChangeHash::from_bytes(forged.hash().0)]);
        let verdict = check_all(&frame, &[forged.raw_bytes().to_vec()]);
        assert_eq!(verdict.err(), Some(GateError::Actor));
    }

    #[test]
    fn only_the_signed_changes_enter() {
        let (frame, bytes) = framed("lunch");
        let (_, other) = framed("dinner");
        assert_eq!(
            check_all(&frame, &[other]).err(),
            Some(GateError::NotListed)
        );
        let count = |found| Some(GateError::Count { listed: 1, found });
        assert_eq!(check_all(&frame, &[]).err(), count(0));
        assert_eq!(check_all(&frame, &[bytes.clone(), bytes]).err(), count(2));
    }

    #[test]
    fn a_deflated_change_is_never_inflated() {
        let mut made = change(&[7; 16], &"x".repeat(5000));
        let deflated = made.bytes().to_vec();
        assert_eq!(deflated[8], 2);
        assert!(Change::try_from(&deflated[..]).is_ok());
        assert_eq!(decode(&deflated), Err(GateError::Chunk));
        let mut document = AutoCommit::new();
        document.put(ROOT, "a", 1).unwrap();
        assert_eq!(decode(&document.save_nocompress()), Err(GateError::Chunk));
    }

    #[test]
    fn a_wrong_checksum_is_seen_before_the_document_is_lost() {
        let mut bytes = change(&[7; 16], "lunch").raw_bytes().to_vec();
        bytes[4] ^= 1;
        assert!(Change::try_from(&bytes[..]).is_ok());
        assert!(AutoCommit::load(&bytes).is_err());
        assert_eq!(decode(&bytes), Err(GateError::Checksum));
    }

    #[test]
    fn every_flipped_bit_stays_outside() {
        let (frame, bytes) = framed("lunch with a title of some length");
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bent = bytes.clone();
                bent[at] ^= 1 << bit;
                assert!(check_all(&frame, &[bent]).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn too_many_operations_stay_outside() {
        let mut document = AutoCommit::new().with_actor(ActorId::from([7_u8; 16]));
        let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
        let letters = "x".repeat(OPERATIONS_PER_CHANGE_MAX);
        document.splice_text(&text, 0, 0, &letters).unwrap();
        document.commit();
        let made = document.get_changes(&[]).pop().unwrap();
        let expected = GateError::Operations(OPERATIONS_PER_CHANGE_MAX + 1);
        assert_eq!(decode(made.raw_bytes()), Err(expected));
    }

    /// A chunk of a few bytes whose action column claims `rows` rows.
    fn bomb(rows: u64) -> Vec<u8> {
        let mut run = Vec::new();
        let mut left = rows;
        while left > 0x3F {
            run.push(u8::try_from(left & 0x7F).unwrap() | 0x80);
            left >>= 7;
        }
        run.push(u8::try_from(left).unwrap());
        run.push(1);
        let column = u8::try_from(run.len()).unwrap();
        // No dependencies, an actor of one byte, numbers 1 and 1, time 0, no message, no other
        // actors, one column: actions.
        let body = [&[0, 1, 7, 1, 1, 0, 0, 0, 1, 0x42, column][..], &run].concat();
        let length = u8::try_from(body.len()).unwrap();
        [&[0x85, 0x6F, 0x4A, 0x83, 0, 0, 0, 0, 1, length][..], &body].concat()
    }

    #[test]
    fn a_few_bytes_do_not_stand_for_billions_of_rows() {
        let small = bomb(3);
        assert!(is_plain_change(&small), "the walk reaches the column");
        let bytes = bomb(1 << 60);
        assert!(bytes.len() < 40);
        assert_eq!(decode(&bytes), Err(GateError::Chunk));
    }
}
