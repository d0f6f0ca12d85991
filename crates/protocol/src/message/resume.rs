//! Coming back: a device says once where it stands in everything it knows, and is answered only
//! about what stands elsewhere at the relay.
//!
//! A calendar is named by its place in the list of WELCOME, and a hash by its first bytes, so that
//! fifty calendars fit a small message. The short hashes decide only what need not be said again:
//! whatever comes is checked against the whole ones that the device keeps.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::ids::LinkHash;
use crate::membership::LogView;
use crate::message::Position;

/// Reason in a [`CalendarEnd`]: the position is one of the relay's; what follows it comes.
pub const RESUMED_FOLLOWS: u32 = 0;
/// Reason in a [`CalendarEnd`]: the stream cannot be read here.
pub const RESUMED_REFUSED: u32 = 4;

/// The first eight bytes of a hash.
pub type HashStart = ByteArray<8>;

/// The first bytes of a hash.
#[must_use]
pub fn hash_start(hash: &[u8; 32]) -> HashStart {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    ByteArray::from([a, b, c, d, e, f, g, h])
}

/// → Straight after WELCOME: where the client stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Resume {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The account's log.
    #[n(2)]
    pub account: LogStart,
    /// Calendars.
    #[n(3)]
    pub calendars: Vec<CalendarStart>,
}

/// How far a log is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LogStart {
    /// Number of links.
    #[n(0)]
    pub links: u64,
    /// Of the last link's hash.
    #[n(1)]
    pub head: HashStart,
}

/// How far a calendar's log and one of its streams are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CalendarStart {
    /// Place of the calendar in the list of WELCOME, from 0.
    #[n(0)]
    pub place: u32,
    /// 1 main, 2 free/busy.
    #[n(1)]
    pub kind: u8,
    /// Its log.
    #[n(2)]
    pub log: LogStart,
    /// Number of the last envelope.
    #[n(3)]
    pub rseq: u64,
    /// Of the running hash after it.
    #[n(4)]
    pub hash: HashStart,
}

/// ← The answer to RESUME: what stands elsewhere. All other streams are followed from where the
/// client stands, and nothing is new in them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Resumed {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The account's log, where it ends elsewhere.
    #[n(2)]
    pub account: Option<LogEnd>,
    /// Calendars whose log or stream ends elsewhere.
    #[n(3)]
    pub calendars: Vec<CalendarEnd>,
}

/// Where a log ends at the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogEnd {
    /// Number of links.
    #[n(1)]
    pub links: u64,
    /// Hash of the last one.
    #[n(2)]
    pub head: LinkHash,
}

/// Where a calendar stands at the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CalendarEnd {
    /// Its stream, and where the relay stands in it.
    #[n(1)]
    pub position: Position,
    /// [`RESUMED_FOLLOWS`], or why it is not followed: 1 to 3 as in RESET, [`RESUMED_REFUSED`].
    #[n(2)]
    pub reason: u32,
    /// Its log, where that ends elsewhere.
    #[n(3)]
    pub log: Option<LogEnd>,
}

impl From<LogView> for LogStart {
    fn from(view: LogView) -> Self {
        Self {
            links: view.seq.saturating_add(1),
            head: hash_start(view.head.as_bytes()),
        }
    }
}

impl From<LogView> for LogEnd {
    fn from(view: LogView) -> Self {
        Self {
            links: view.seq.saturating_add(1),
            head: view.head,
        }
    }
}

impl LogStart {
    /// Where the log ends at the relay, if that is elsewhere.
    #[must_use]
    pub fn unlike(&self, view: Option<LogView>) -> Option<LogEnd> {
        view.filter(|view| Self::from(*view) != *self)
            .map(LogEnd::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_ends_elsewhere_is_named() {
        let head = |byte| LogView {
            seq: 2,
            head: LinkHash::from_bytes([byte; 32]),
        };
        let known = LogStart::from(head(1));
        assert_eq!(known.unlike(Some(head(1))), None);
        assert_eq!(known.unlike(Some(head(2))), Some(LogEnd::from(head(2))));
        let longer = LogView { seq: 3, ..head(1) };
        assert_eq!(known.unlike(Some(longer)).map(|end| end.links), Some(4));
        // A log that is not there is nothing to compare with.
        assert_eq!(known.unlike(None), None);
    }

    #[test]
    fn fifty_calendars_at_rest_fit_a_small_message() {
        let log = LogStart {
            links: 1,
            head: ByteArray::from([7; 8]),
        };
        let calendar = |place| CalendarStart {
            place,
            kind: 1,
            log,
            rseq: 60_000,
            hash: ByteArray::from([9; 8]),
        };
        let resume = Resume {
            request: 1,
            account: log,
            calendars: (0..50).map(calendar).collect(),
        };
        let bytes = crate::message::Message::from(resume).encode();
        assert!(bytes.len() < 1_400, "{}", bytes.len());
    }
}
