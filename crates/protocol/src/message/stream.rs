//! Streams: where they are, following them, and what is pushed into them.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{CalendarId, DeviceId, FrameHash, Incarnation, StreamHash};

/// A stream at the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Stream {
    /// The calendar.
    #[n(1)]
    pub calendar: CalendarId,
    /// 1 main, 2 free/busy.
    #[n(2)]
    pub kind: u8,
}

/// A place in a stream: everything up to and including `rseq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Position {
    /// The stream.
    #[n(1)]
    pub stream: Stream,
    /// Number of the last envelope, 0 before the first.
    #[n(2)]
    pub rseq: u64,
    /// Running hash after it, zeros before the first.
    #[n(3)]
    pub hash: StreamHash,
}

/// The relay's key for an envelope: what makes a second upload of the same bytes harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeKey {
    /// The stream.
    pub stream: Stream,
    /// The device that sealed it.
    pub device: DeviceId,
    /// Its incarnation.
    pub incarnation: Incarnation,
    /// Kind of envelope: 1 own frames, 2 free/busy, 3 carried.
    pub kind: u8,
    /// Number of the first frame inside.
    pub first_seq: u64,
}

/// What one author has signed so far: the end of a chain of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Number of the newest frame, 0 before the first.
    pub seq: u64,
    /// Its hash, zeros before the first.
    pub hash: FrameHash,
}

/// → Follow streams from where the client stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sub {
    /// The streams.
    #[n(1)]
    pub streams: Vec<Position>,
}

/// → Stop following streams.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Unsub {
    /// The streams.
    #[n(1)]
    pub streams: Vec<Stream>,
}

/// ← Where streams stand at the relay: the answer to SUB.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// The streams.
    #[n(1)]
    pub streams: Vec<Position>,
}

/// ← Consecutive envelopes of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Envelopes {
    /// The stream.
    #[n(1)]
    pub stream: Stream,
    /// Number of the first envelope.
    #[n(2)]
    pub first_rseq: u64,
    /// The envelopes.
    #[n(3)]
    pub envelopes: Vec<ByteVec>,
}

/// → Envelopes to store, one batch, all for the stream that their headers name.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Push {
    /// Number of the batch, chosen by the client.
    #[n(1)]
    pub request: u64,
    /// The envelopes.
    #[n(2)]
    pub envelopes: Vec<ByteVec>,
}

/// Reason of a [`Reset`]: what follows the position was dropped, and a pack stands in for it.
pub const RESET_DROPPED: u32 = 3;

/// ← The client's position in a stream is not one of this relay's.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reset {
    /// The stream, and where the relay stands.
    #[n(1)]
    pub position: Position,
    /// 1 the running hash differs, 2 the number lies beyond the head, 3 what follows it was
    /// dropped and a pack stands in for it.
    #[n(2)]
    pub reason: u32,
}

/// → A range of a stream again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pull {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The stream.
    #[n(2)]
    pub stream: Stream,
    /// First number wanted.
    #[n(3)]
    pub first_rseq: u64,
    /// How many.
    #[n(4)]
    pub count: u64,
}
