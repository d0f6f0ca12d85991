//! What answers any request, signs of life, and the end of a connection.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::Signature;

/// ← The request is durable.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ack {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// For PUSH: the number of each envelope of the batch, in order.
    #[n(2)]
    pub rseqs: Vec<u64>,
}

/// ← The request failed, and only it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Nack {
    /// The request; 0 when it belongs to the handshake.
    #[n(1)]
    pub request: u64,
    /// Why.
    #[n(2)]
    pub reason: Reason,
    /// Milliseconds to wait before trying again.
    #[n(3)]
    pub retry_after_ms: u64,
    /// TAKEN: BLAKE3 of what stands there. CONFLICT: hash of the head link.
    #[n(4)]
    pub hash: Option<ByteVec>,
    /// TAKEN: the number where it stands. CONFLICT: the head's number. SECOND_FACTOR: tries left.
    #[n(5)]
    pub seq: Option<u64>,
}

/// Why a request or a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Reason {
    /// Nothing failed: the sender is going away.
    #[n(0)]
    Leaving,
    /// The account's store is full; reading, erasing and packing still work.
    #[n(1)]
    Quota,
    /// The logs do not allow it.
    #[n(2)]
    Forbidden,
    /// Other bytes stand under this envelope's key.
    #[n(3)]
    Taken,
    /// Beyond a limit of the protocol.
    #[n(4)]
    TooLarge,
    /// Too many requests.
    #[n(5)]
    Rate,
    /// The envelope is sealed for an epoch that is over.
    #[n(6)]
    EpochOld,
    /// The relay cannot do it now.
    #[n(7)]
    Busy,
    /// The log's head is another.
    #[n(8)]
    Conflict,
    /// A message that cannot be read, or not now.
    #[n(9)]
    Malformed,
    /// The signature or the origin is not right.
    #[n(10)]
    AuthFailed,
    /// The invite does not exist or was used.
    #[n(11)]
    InviteInvalid,
    /// No such stream, log or routing code.
    #[n(12)]
    Unknown,
    /// The client is too old for this relay.
    #[n(13)]
    Version,
    /// The routing code was used, or nobody waits.
    #[n(14)]
    PairingOver,
    /// A code of the second factor is missing or wrong; the number says how many may still be.
    #[n(15)]
    SecondFactor,
    /// The recovery kit must wait, or a device of the account agree.
    #[n(16)]
    Held,
}

/// ↔ Are you there?
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ping {
    /// Returned in PONG.
    #[n(1)]
    pub token: u64,
}

/// ↔ I am.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pong {
    /// From PING.
    #[n(1)]
    pub token: u64,
}

/// ← Words of the operator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Notice {
    /// The words.
    #[n(1)]
    pub text: String,
    /// By the relay's key: `almanac/notice/v1`.
    #[n(2)]
    pub signature: Signature,
}

/// ↔ The last message of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bye {
    /// Why.
    #[n(1)]
    pub reason: Reason,
    /// Milliseconds to wait before the next connection.
    #[n(2)]
    pub retry_after_ms: u64,
}
