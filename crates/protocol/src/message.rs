//! The messages of a connection: one byte of kind, then a CBOR map with integer keys.
//!
//! A kind or key that is not known is skipped, so that two programs of different age can talk.
//! Numbers are frozen: a number is never given a second meaning. `docs/protocol.md` lists them.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::ids::{
    AccountId, BlobName, CalendarId, DeviceId, FrameHash, Incarnation, LinkHash, LogId, RelayEpoch,
    Signature, StreamHash, VerifyKey,
};
use crate::limits::MESSAGE_BYTES_MAX;

/// Bytes that are no message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageError {
    /// Nothing at all.
    #[error("the message is empty")]
    Empty,
    /// More than [`MESSAGE_BYTES_MAX`].
    #[error("the message has {0} bytes")]
    TooLarge(usize),
    /// The kind is known, the map is not what it should hold.
    #[error("the fields of a message of kind {kind} cannot be read")]
    Fields {
        /// Number of the kind.
        kind: u8,
    },
}

macro_rules! messages {
    ($($(#[$doc:meta])* $kind:literal $name:ident { $($(#[$field_doc:meta])* $n:literal $field:ident : $ty:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
            #[cbor(map)]
            pub struct $name {
                $($(#[$field_doc])* #[n($n)] pub $field: $ty,)*
            }

            impl From<$name> for Message {
                fn from(message: $name) -> Self {
                    Self::$name(message)
                }
            }
        )*

        /// One message of a connection.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Message {
            $($(#[$doc])* $name($name),)*
            /// A kind of a later version: skipped.
            Unknown {
                /// Number of the kind.
                kind: u8,
            },
        }

        impl Message {
            /// The bytes that cross the connection.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                let (kind, fields) = match self {
                    $(Self::$name(message) => ($kind, minicbor::to_vec(message)),)*
                    Self::Unknown { kind } => (*kind, Ok(vec![0xA0])),
                };
                let fields = fields.expect("a Vec takes every byte");
                let mut bytes = Vec::with_capacity(1 + fields.len());
                bytes.push(kind);
                bytes.extend_from_slice(&fields);
                bytes
            }

            /// The message in `bytes`.
            pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
                if bytes.len() > MESSAGE_BYTES_MAX {
                    return Err(MessageError::TooLarge(bytes.len()));
                }
                let (&kind, fields) = bytes.split_first().ok_or(MessageError::Empty)?;
                match kind {
                    $($kind => minicbor::decode(fields)
                        .map(Self::$name)
                        .map_err(|_| MessageError::Fields { kind }),)*
                    _ => Ok(Self::Unknown { kind }),
                }
            }
        }
    };
}

messages! {
    /// → The first message: who calls, at which address.
    1 Hello {
        /// Protocol version, 1.
        1 version: u32,
        /// Origin the client was told to reach, `https://host[:port]`.
        2 origin: String,
        /// 32 random bytes.
        3 client_nonce: ByteVec,
        /// Account and device; absent while a device is being linked.
        4 account: Option<AccountId>,
        /// The device that calls.
        5 device: Option<DeviceId>,
    }
    /// ← What must be signed.
    2 Challenge {
        /// Protocol version, 1.
        1 version: u32,
        /// 32 random bytes.
        2 relay_nonce: ByteVec,
        /// The relay's own key, under which it signs notices.
        3 relay_key: VerifyKey,
        /// False when HELLO names an account or a device that the relay does not know.
        4 known: bool,
    }
    /// → Proof of the device key: `almanac/relay-auth/v1`.
    3 Auth {
        /// Over origin, both nonces, account and device.
        1 signature: Signature,
    }
    /// → Instead of AUTH: creates the account with an invite. The signature is that of AUTH.
    4 Register {
        /// Invite code, as a person types it.
        1 invite: String,
        /// The whole account log, genesis first.
        2 links: Vec<ByteVec>,
        /// As in AUTH.
        3 signature: Signature,
    }
    /// ← The connection is proven.
    5 Welcome {
        /// This life of the relay's database.
        1 relay_epoch: RelayEpoch,
        /// Bytes the account may store, 0 when without limit.
        2 quota_bytes: u64,
        /// Bytes the account stores.
        3 used_bytes: u64,
        /// Calendars of which the account is a member, as far as the relay knows: a hint.
        4 calendars: Vec<CalendarId>,
        /// Oldest protocol version that is served.
        5 version_min: u32,
    }
    /// → Follow streams from where the client stands.
    6 Sub {
        /// The streams.
        1 streams: Vec<Position>,
    }
    /// → Stop following streams.
    7 Unsub {
        /// The streams.
        1 streams: Vec<Stream>,
    }
    /// ← Where streams stand at the relay: the answer to SUB.
    8 Head {
        /// The streams.
        1 streams: Vec<Position>,
    }
    /// ← Consecutive envelopes of one stream.
    9 Envelopes {
        /// The stream.
        1 stream: Stream,
        /// Number of the first envelope.
        2 first_rseq: u64,
        /// The envelopes.
        3 envelopes: Vec<ByteVec>,
    }
    /// → Envelopes to store, one batch.
    10 Push {
        /// Number of the batch, chosen by the client.
        1 request: u64,
        /// The stream.
        2 stream: Stream,
        /// The envelopes.
        3 envelopes: Vec<ByteVec>,
    }
    /// ← The request is durable.
    11 Ack {
        /// The request.
        1 request: u64,
        /// For PUSH: the number of each envelope of the batch, in order.
        2 rseqs: Vec<u64>,
    }
    /// ← The request failed, and only it.
    12 Nack {
        /// The request; 0 when it belongs to the handshake.
        1 request: u64,
        /// Why.
        2 reason: Reason,
        /// Milliseconds to wait before trying again.
        3 retry_after_ms: u64,
        /// TAKEN: BLAKE3 of what stands there. CONFLICT: hash of the head link.
        4 hash: Option<ByteVec>,
        /// TAKEN: the number where it stands. CONFLICT: the head's number.
        5 seq: Option<u64>,
    }
    /// ← The client's position in a stream is not one of this relay's.
    13 Reset {
        /// The stream, and where the relay stands.
        1 position: Position,
        /// 1 the running hash differs, 2 the number lies beyond the head, 3 what follows it was
        /// dropped and a pack stands in for it.
        2 reason: u32,
    }
    /// → A range of a stream again.
    14 Pull {
        /// The request.
        1 request: u64,
        /// The stream.
        2 stream: Stream,
        /// First number wanted.
        3 first_rseq: u64,
        /// How many.
        4 count: u64,
    }
    /// → Links of a log from a number on.
    15 LinkGet {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
        /// First number wanted.
        3 first_seq: u64,
    }
    /// ← The answer to LINK_GET; empty when there are none.
    16 Links {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
        /// Number of the first link.
        3 first_seq: u64,
        /// The links, as many as fit.
        4 links: Vec<ByteVec>,
        /// Number of links the log has.
        5 count: u64,
    }
    /// → Append a link: taken only while the head is the one named.
    17 LinkPut {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
        /// Hash of the head the link builds on; absent for a genesis.
        3 head: Option<LinkHash>,
        /// The link.
        4 link: ByteVec,
    }
    /// → The boxes of a log that are for the caller: of its account, or of its device.
    18 BoxGet {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
    }
    /// ← The answer to BOX_GET.
    19 Boxes {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
        /// The box records, newest generation last.
        3 boxes: Vec<ByteVec>,
    }
    /// → Store a box beside a log.
    20 BoxPut {
        /// The request.
        1 request: u64,
        /// The log.
        2 log: LogId,
        /// The record.
        3 record: ByteVec,
    }
    /// → Wait for a new device. ← The routing code it must name.
    21 PairOpen {
        /// The request.
        1 request: u64,
        /// Eight characters; empty from the client.
        2 routing: String,
    }
    /// → Reach the device that waits. ← To both: they are connected.
    22 PairJoin {
        /// The request; 0 in the notice to the waiting device.
        1 request: u64,
        /// Eight characters.
        2 routing: String,
    }
    /// ↔ A step of linking, handed to the other device unread. Empty: the other device left.
    23 PairSend {
        /// Eight characters.
        1 routing: String,
        /// The step.
        2 payload: ByteVec,
    }
    /// ↔ Are you there?
    24 Ping {
        /// Returned in PONG.
        1 token: u64,
    }
    /// ↔ I am.
    25 Pong {
        /// From PING.
        1 token: u64,
    }
    /// ← Words of the operator.
    26 Notice {
        /// The words.
        1 text: String,
        /// By the relay's key: `almanac/notice/v1`.
        2 signature: Signature,
    }
    /// ↔ The last message of a connection.
    27 Bye {
        /// Why.
        1 reason: Reason,
        /// Milliseconds to wait before the next connection.
        2 retry_after_ms: u64,
    }
    /// ← A log has grown: what a subscriber of its calendar, or a device of its account, hears.
    28 LogGrew {
        /// The log.
        1 log: LogId,
        /// Number of links it has.
        2 count: u64,
    }
    /// → The packs of a stream, and a ticket for their chunks.
    29 PackGet {
        /// The request.
        1 request: u64,
        /// The stream.
        2 stream: Stream,
    }
    /// ← The answer to PACK_GET.
    30 Packs {
        /// The request.
        1 request: u64,
        /// The stream.
        2 stream: Stream,
        /// 32 random bytes that open the chunks of this calendar over HTTP for a while.
        3 ticket: ByteVec,
        /// The packs that are kept, newest first.
        4 packs: Vec<Pack>,
        /// Envelopes up to this number are no longer here.
        5 dropped_to: u64,
        /// Number of envelopes that no pack covers.
        6 tail_envelopes: u64,
        /// Their bytes.
        7 tail_bytes: u64,
    }
    /// → A pack whose chunks have all been left.
    31 PackPut {
        /// The request.
        1 request: u64,
        /// The signed manifest.
        2 manifest: ByteVec,
    }
    /// → A pack is complete: another device has checked it, or a single one has read it back.
    32 Confirm {
        /// The request.
        1 request: u64,
        /// The signed order.
        2 order: ByteVec,
    }
    /// → Envelopes that a confirmed pack covers need not be kept.
    33 Drop {
        /// The request.
        1 request: u64,
        /// The signed order.
        2 order: ByteVec,
    }
}

/// A pack as the relay names it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pack {
    /// Name of its manifest.
    #[n(1)]
    pub name: BlobName,
    /// Number of the last envelope it covers.
    #[n(2)]
    pub rseq: u64,
    /// The device that made it.
    #[n(3)]
    pub device: DeviceId,
    /// When it was confirmed, in milliseconds since 1970; 0 while it is not.
    #[n(4)]
    pub confirmed_ms: u64,
    /// The authors of own frames that came after it, each with the first number.
    #[n(5)]
    pub tail: Vec<TailAuthor>,
}

/// Where the frames of an author go on after a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TailAuthor {
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// Its incarnation.
    #[n(2)]
    pub incarnation: Incarnation,
    /// Number of its first frame after the pack.
    #[n(3)]
    pub first_seq: u64,
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_bytes() {
        let message = Message::from(Auth {
            signature: Signature::from_bytes([7; 64]),
        });
        assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn an_unknown_kind_or_key_is_skipped() {
        assert_eq!(
            Message::decode(&[200, 0xA0]),
            Ok(Message::Unknown { kind: 200 })
        );
        let ping = [24, 0xA2, 0x01, 0x05, 0x18, 0x63, 0x81, 0x00]; // {1: 5, 99: [0]}
        assert_eq!(Message::decode(&ping), Ok(Message::from(Ping { token: 5 })));
    }

    #[test]
    fn bytes_that_are_no_message_are_refused() {
        assert_eq!(Message::decode(&[]), Err(MessageError::Empty));
        assert_eq!(
            Message::decode(&[24, 0x01]),
            Err(MessageError::Fields { kind: 24 })
        );
        let huge = vec![24; MESSAGE_BYTES_MAX + 1];
        assert_eq!(
            Message::decode(&huge),
            Err(MessageError::TooLarge(MESSAGE_BYTES_MAX + 1))
        );
    }
}
