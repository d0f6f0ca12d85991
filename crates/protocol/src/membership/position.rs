//! Places in a log: what a signer quotes, what a client pins, and the chain both are checked
//! against.

use super::error::LinkError;
use super::link::{Link, link_hash};
use crate::defence::Defence;
use crate::ids::{LinkHash, LogId};
use crate::signed::Verified;

/// A place in a log, as someone saw its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogView {
    /// Number of the last link.
    pub seq: u64,
    /// Its hash.
    pub head: LinkHash,
}

impl LogView {
    /// No log at all: what an account's genesis quotes.
    pub const NONE: Self = Self {
        seq: 0,
        head: LinkHash::from_bytes([0; 32]),
    };
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The log has grown by this link.
    New,
    /// The very same link stood there already.
    Known,
}

/// The hashes of a log's links. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkChain {
    id: LogId,
    hashes: Vec<LinkHash>,
    end: LogView,
}

impl LinkChain {
    /// The chain that a genesis begins.
    pub(super) fn begin(genesis: &Verified<Link>) -> Self {
        let head = link_hash(genesis.bytes());
        Self {
            id: genesis.body().log_id(),
            hashes: vec![head],
            end: LogView { seq: 0, head },
        }
    }

    pub(super) const fn id(&self) -> LogId {
        self.id
    }

    pub(super) const fn view(&self) -> LogView {
        self.end
    }

    /// Number of the next link.
    pub(super) const fn next_seq(&self) -> u64 {
        self.end.seq.saturating_add(1)
    }

    /// Refuses a link that no link before it is known for, before anything else is judged.
    pub(super) fn reaches(&self, link: &Link) -> Result<(), LinkError> {
        if link.log != self.id {
            return Err(LinkError::Log);
        }
        if link.seq > self.next_seq() {
            return Err(LinkError::Seq {
                expected: self.next_seq(),
                found: link.seq,
            });
        }
        Ok(())
    }

    /// Where a link whose signature holds belongs. Only such a link is evidence of a fork.
    pub(super) fn place(&self, link: &Verified<Link>) -> Result<Appended, LinkError> {
        let seq = link.body().seq;
        match self.hash(seq) {
            Some(known) if known == link_hash(link.bytes()) => Ok(Appended::Known),
            Some(_) => Err(LinkError::Fork { seq }),
            None if link.body().prev == self.end.head => Ok(Appended::New),
            None => Err(LinkError::Prev),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let head = link_hash(bytes);
        self.end = LogView {
            seq: self.next_seq(),
            head,
        };
        self.hashes.push(head);
    }

    pub(super) fn hash(&self, seq: u64) -> Option<LinkHash> {
        self.hashes.get(usize::try_from(seq).ok()?).copied()
    }

    pub(super) fn consistent(&self, view: LogView) -> Result<(), LinkError> {
        match self.hash(view.seq) {
            Some(known) if known == view.head => Ok(()),
            Some(_) => Err(LinkError::Fork { seq: view.seq }),
            None => Err(LinkError::Seq {
                expected: self.next_seq(),
                found: view.seq,
            }),
        }
    }

    pub(super) fn reload_ok(&self, claimed: &Self) -> Result<(), LinkError> {
        if claimed.id != self.id {
            return Err(LinkError::Log);
        }
        if !Defence::LogPin.stands() {
            return Ok(());
        }
        for (seq, (ours, theirs)) in (0_u64..).zip(self.hashes.iter().zip(&claimed.hashes)) {
            if ours != theirs {
                return Err(LinkError::Fork { seq });
            }
        }
        claimed.extends(self.end)
    }

    pub(super) fn extends(&self, pin: LogView) -> Result<(), LinkError> {
        if !Defence::LogPin.stands() {
            return Ok(());
        }
        if pin.seq > self.end.seq {
            return Err(LinkError::Rollback {
                seen: pin.seq,
                found: self.end.seq,
            });
        }
        self.consistent(pin)
    }
}
