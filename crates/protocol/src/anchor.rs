//! The anchor: what a device keeps outside its database, so that an old copy of the database is
//! noticed when it is put back.
//!
//! It covers the logs as they are pinned and the ends of the device's own chains: what others have
//! seen of it. It is written after the database, so the database is never behind by itself.

use crate::codec::{CodecError, Reader, Writer};
use crate::heads::SeenLog;
use crate::ids::{CalendarId, Incarnation};
use crate::label::{Context, hash};
use crate::message::ChainHead;

/// The end of one of this device's own chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnEnd {
    /// The calendar.
    pub calendar: CalendarId,
    /// The life.
    pub incarnation: Incarnation,
    /// Its last frame.
    pub head: ChainHead,
}

/// How often the state was noted, and a hash of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// From 1, one more each time.
    pub counter: u64,
    /// Hash of what was noted.
    pub digest: [u8; 32],
}

/// What an anchor says of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The database is the one that was left.
    Agrees,
    /// The database was written and the anchor was not: the program ended in between.
    Ahead,
    /// An old copy of the database was put back, or another copy is at work beside it.
    Behind,
}

impl Anchor {
    /// Bytes of an anchor.
    pub const LEN: usize = 40;

    /// The anchor of a state; both lists in ascending order of log, and of calendar and life.
    #[must_use]
    pub fn of(counter: u64, pins: &[SeenLog], own: &[OwnEnd]) -> Self {
        let pins = pins.iter().fold(Writer::default(), |writer, pin| {
            writer
                .bytes(pin.log.as_bytes())
                .u64(pin.view.seq)
                .bytes(pin.view.head.as_bytes())
        });
        let own = own.iter().fold(Writer::default(), |writer, end| {
            writer
                .bytes(end.calendar.as_bytes())
                .bytes(end.incarnation.as_bytes())
                .u64(end.head.seq)
                .bytes(end.head.hash.as_bytes())
        });
        Self {
            counter,
            digest: hash(Context::ANCHOR, &[&pins.finish(), &own.finish()]),
        }
    }

    /// The bytes to keep.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(Self::LEN)
            .u64(self.counter)
            .bytes(&self.digest)
            .finish()
    }

    /// The anchor in these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        let anchor = Self {
            counter: reader.u64()?,
            digest: reader.array()?,
        };
        reader.end()?;
        Ok(anchor)
    }

    /// What this anchor, kept outside, says of a database that holds `inside`.
    #[must_use]
    pub fn judge(&self, inside: &Self) -> Standing {
        match inside.counter.cmp(&self.counter) {
            std::cmp::Ordering::Greater => Standing::Ahead,
            std::cmp::Ordering::Equal if inside.digest == self.digest => Standing::Agrees,
            std::cmp::Ordering::Equal | std::cmp::Ordering::Less => Standing::Behind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::FrameHash;

    fn anchor(counter: u64, seq: u64) -> Anchor {
        let end = OwnEnd {
            calendar: CalendarId::from_bytes([1; 32]),
            incarnation: Incarnation::from_bytes([2; 8]),
            head: ChainHead {
                seq,
                hash: FrameHash::from_bytes([3; 32]),
            },
        };
        Anchor::of(counter, &[], &[end])
    }

    #[test]
    fn an_old_copy_and_another_copy_are_told_from_a_crash() {
        let kept = anchor(5, 10);
        assert_eq!(kept.judge(&anchor(5, 10)), Standing::Agrees);
        assert_eq!(kept.judge(&anchor(6, 11)), Standing::Ahead);
        assert_eq!(kept.judge(&anchor(4, 9)), Standing::Behind);
        assert_eq!(kept.judge(&anchor(5, 11)), Standing::Behind, "another copy");
    }

    #[test]
    fn an_anchor_survives_its_bytes() {
        let kept = anchor(5, 10);
        assert_eq!(Anchor::parse(&kept.to_bytes()), Ok(kept));
        assert!(Anchor::parse(&kept.to_bytes()[1..]).is_err());
        assert_eq!(kept.to_bytes().len(), Anchor::LEN);
    }
}
