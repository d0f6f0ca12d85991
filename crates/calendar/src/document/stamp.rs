//! Who made a change, and when.

use automerge::{Automerge, ChangeHash, ObjId};

/// Who made a change, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Unix seconds by the clock of the device that made it; zero says nothing.
    pub time: i64,
    /// The device, by the name it writes under.
    pub actor: [u8; 16],
    /// Names the change.
    pub hash: [u8; 32],
}

impl Stamp {
    /// Of the change that wrote a value.
    pub(super) fn of_value(doc: &Automerge, value: &ObjId) -> Option<Self> {
        Self::of(doc, &doc.hash_for_opid(value)?)
    }

    pub(super) fn of(doc: &Automerge, hash: &ChangeHash) -> Option<Self> {
        let change = doc.get_change_meta_by_hash(hash)?;
        Some(Self {
            time: change.timestamp,
            actor: actor(change.actor.to_bytes()),
            hash: hash.0,
        })
    }
}

/// An actor of sixteen bytes; nobody who keeps to the protocol has another.
pub(super) fn actor(bytes: &[u8]) -> [u8; 16] {
    let mut actor = [0; 16];
    for (to, from) in actor.iter_mut().zip(bytes) {
        *to = *from;
    }
    actor
}
