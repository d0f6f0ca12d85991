//! What a client's session asks of its shell, and what it tells.

use std::time::Instant;

use crate::ids::{CalendarId, LogId, VerifyKey};
use crate::message::{
    Missing, Nack, Notice, Packs, Position, Reason, Recovery, RecoveryBegun, Resumed, Stream,
    Welcome,
};

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes as one message.
    Send(Vec<u8>),
    /// Something happened.
    Event(Event),
    /// Nothing until a message arrives or this moment comes; `None`: the connection is over.
    Wait(Option<Instant>),
}

/// Something that happened on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The relay wants the proof of the device's key.
    Challenged {
        /// To be signed.
        relay_nonce: [u8; 32],
        /// The relay's own key.
        relay_key: VerifyKey,
        /// Whether the relay knows the account and the device.
        known: bool,
    },
    /// The connection is proven.
    Welcomed(Welcome),
    /// The connection is that of a recovery kit, whose key is proven.
    Recovering(Recovery),
    /// A recovery kit of the account has proven its key.
    RecoveryBegun(RecoveryBegun),
    /// Where streams stand at the relay.
    Heads(Vec<Position>),
    /// Consecutive envelopes, the last of which stands at `end`.
    Envelopes {
        /// The envelopes.
        envelopes: Vec<Vec<u8>>,
        /// The position after them, its hash computed here.
        end: Position,
    },
    /// Envelopes of a range that was asked for again. They say nothing about our position.
    Pulled {
        /// The stream.
        stream: Stream,
        /// The envelopes.
        envelopes: Vec<Vec<u8>>,
    },
    /// A request is durable.
    Acked {
        /// The request.
        request: u64,
        /// For a batch: the number of each envelope.
        rseqs: Vec<u64>,
    },
    /// A request failed; number 0 stands for the handshake.
    Nacked(Nack),
    /// Our position is not one of this relay's; the stream is no longer followed.
    Reset(Position),
    /// What follows our position was dropped by the relay; a pack stands in for it, and the stream
    /// is no longer followed.
    Dropped(Position),
    /// What stands elsewhere than where this device said it stands.
    Resumed(Resumed),
    /// The packs of a stream.
    Packs(Packs),
    /// Links of a log.
    Links {
        /// The request.
        request: u64,
        /// The log.
        log: LogId,
        /// Number of the first.
        first_seq: u64,
        /// The links.
        links: Vec<Vec<u8>>,
        /// How many the log has.
        count: u64,
    },
    /// Sealed keys of a log.
    Boxes {
        /// The request.
        request: u64,
        /// The log.
        log: LogId,
        /// The records.
        records: Vec<Vec<u8>>,
    },
    /// The account is erased.
    Erased {
        /// The request.
        request: u64,
        /// What the relay says of it, signed.
        receipt: Vec<u8>,
    },
    /// For whom a box is missing.
    Missing(Missing),
    /// Where the account's log ends, by the word of this relay.
    Vouched {
        /// The request.
        request: u64,
        /// The voucher.
        voucher: Vec<u8>,
    },
    /// Who asks to be admitted to a calendar.
    Joins {
        /// The request; 0 when the relay tells unasked.
        request: u64,
        /// The calendar.
        calendar: CalendarId,
        /// The acceptances.
        acceptances: Vec<Vec<u8>>,
    },
    /// A log has grown.
    LogGrew {
        /// The log.
        log: LogId,
        /// How many links it has.
        count: u64,
    },
    /// A new device can reach this one under the routing code.
    PairingOpened {
        /// Eight characters.
        routing: String,
    },
    /// The other device is there.
    PairingJoined,
    /// A step of the other device; empty when it left.
    PairingStep {
        /// The step.
        payload: Vec<u8>,
    },
    /// Words of the operator, not yet verified.
    Notice(Notice),
    /// The relay ends the connection.
    Closing {
        /// Why.
        reason: Reason,
        /// Milliseconds to wait before the next one.
        retry_after_ms: u64,
    },
    /// No sign of life for too long.
    Silent,
    /// The other side does not speak the protocol.
    Malformed,
}
