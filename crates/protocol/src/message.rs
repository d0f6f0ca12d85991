//! The messages of a connection: one byte of kind, then a CBOR map with integer keys.
//!
//! A kind or key that is not known is skipped, so that two programs of different age can talk.
//! Numbers are frozen: a number is never given a second meaning. `docs/protocol.md` lists them.

mod answer;
mod erasure;
mod handshake;
mod log;
mod pack;
mod pairing;
mod resume;
mod sharing;
mod stream;
mod visit;

use thiserror::Error;

pub use self::answer::{Ack, Bye, Nack, Notice, Ping, Pong, Reason};
pub use self::erasure::{Erase, Erased};
pub use self::handshake::{Auth, Challenge, Hello, Register, Welcome};
pub use self::log::{BoxGet, BoxPut, Boxes, LinkGet, LinkPut, Links, LogGrew, Missing, MissingGet};
pub use self::pack::{Confirm, Drop, Pack, PackGet, PackPut, Packs, TailAuthor};
pub use self::pairing::{PairJoin, PairOpen, PairSend};
pub use self::resume::{
    CalendarEnd, CalendarStart, HashStart, LogEnd, LogStart, RESUMED_FOLLOWS, RESUMED_REFUSED,
    Resume, Resumed, hash_start,
};
pub use self::sharing::{
    FactorPass, FactorSet, InviteLook, Join, JoinGet, Joins, Recover, Recovery, RecoveryApprove,
    RecoveryBegun,
};
pub use self::stream::{
    ChainHead, EnvelopeKey, Envelopes, Head, Position, Pull, Push, RESET_DROPPED, Reset, Stream,
    Sub, Unsub,
};
pub use self::visit::{Visit, Vouched, VoucherGet};
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
    ($($(#[$doc:meta])* $kind:literal $name:ident)*) => {
        $(
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

            /// The name of a kind, by its number.
            #[must_use]
            pub const fn kind_name(kind: u8) -> Option<&'static str> {
                match kind {
                    $($kind => Some(stringify!($name)),)*
                    _ => None,
                }
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
    1 Hello
    /// ← What must be signed.
    2 Challenge
    /// → Proof of the device key: `almanac/relay-auth/v1`.
    3 Auth
    /// → Instead of AUTH: creates the account with an invite. The signature is that of AUTH.
    4 Register
    /// ← The connection is proven.
    5 Welcome
    /// → Follow streams from where the client stands.
    6 Sub
    /// → Stop following streams.
    7 Unsub
    /// ← Where streams stand at the relay: the answer to SUB.
    8 Head
    /// ← Consecutive envelopes of one stream.
    9 Envelopes
    /// → Envelopes to store, one batch, all for the stream that their headers name.
    10 Push
    /// ← The request is durable.
    11 Ack
    /// ← The request failed, and only it.
    12 Nack
    /// ← The client's position in a stream is not one of this relay's.
    13 Reset
    /// → A range of a stream again.
    14 Pull
    /// → Links of a log from a number on.
    15 LinkGet
    /// ← The answer to LINK_GET; empty when there are none.
    16 Links
    /// → Append a link: taken only while the head is the one named.
    17 LinkPut
    /// → The boxes of a log that are for the caller: of its account, or of its device.
    18 BoxGet
    /// ← The answer to BOX_GET.
    19 Boxes
    /// → Store a box beside a log.
    20 BoxPut
    /// → Wait for a new device. ← The routing code it must name.
    21 PairOpen
    /// → Reach the device that waits. ← To both: they are connected.
    22 PairJoin
    /// ↔ A step of linking, handed to the other device unread. Empty: the other device left.
    23 PairSend
    /// ↔ Are you there?
    24 Ping
    /// ↔ I am.
    25 Pong
    /// ← Words of the operator.
    26 Notice
    /// ↔ The last message of a connection.
    27 Bye
    /// ← A log has grown: what a subscriber of its calendar, or a device of its account, hears.
    28 LogGrew
    /// → The packs of a stream, and a ticket for their chunks.
    29 PackGet
    /// ← The answer to PACK_GET.
    30 Packs
    /// → A pack whose chunks have all been left.
    31 PackPut
    /// → A pack is complete: another device has checked it, or a single one has read it back.
    32 Confirm
    /// → Envelopes that a confirmed pack covers need not be kept.
    33 Drop
    /// → Straight after WELCOME: where the client stands.
    34 Resume
    /// ← The answer to RESUME: what stands elsewhere.
    35 Resumed
    /// → Erase this account.
    36 Erase
    /// ← It is gone, by the relay's word.
    37 Erased
    /// → Show me the logs of a calendar I am invited to.
    40 InviteLook
    /// → Admit me to a calendar.
    41 Join
    /// → Who asks to be admitted?
    42 JoinGet
    /// ← Who asks to be admitted.
    43 Joins
    /// → I am the recovery kit of an account.
    44 Recover
    /// ← Of which, and what it still waits for.
    45 Recovery
    /// → A code of the second factor.
    46 FactorPass
    /// → Set, change or take away the second factor.
    47 FactorSet
    /// ← A recovery kit has proven its key.
    48 RecoveryBegun
    /// → It was me: the kit need not wait.
    49 RecoveryApprove
    /// → For whom is a box of the newest secret of a log missing?
    50 MissingGet
    /// ← The answer to MISSING_GET.
    51 Missing
    /// → Instead of AUTH: enters as a guest.
    52 Visit
    /// → Where does the log of my account end?
    53 VoucherGet
    /// ← The answer to VOUCHER_GET.
    54 Vouched
}

#[cfg(test)]
mod tests {
    use minicbor::bytes::ByteVec;

    use super::*;
    use crate::ids::{AccountId, CalendarId, DeviceId, LogId, Signature, VerifyKey};

    #[test]
    fn a_message_survives_its_bytes() {
        let message = Message::from(Auth {
            signature: Signature::from_bytes([7; 64]),
        });
        assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn messages_of_sharing_and_recovery_have_their_numbers() {
        let (calendar, account) = (
            CalendarId::from_bytes([1; 32]),
            AccountId::from_bytes([2; 32]),
        );
        let (device, signature) = (
            DeviceId::from_bytes([3; 32]),
            Signature::from_bytes([4; 64]),
        );
        let (request, bytes) = (5, ByteVec::from(vec![6]));
        let invite = VerifyKey::from_bytes([7; 32]);
        let (acceptance, code) = (bytes.clone(), "123 456".to_owned());
        let (begun_ms, wait_ms, factor_due) = (8, 9, true);
        let acceptances = vec![bytes.clone()];
        let terms = bytes;
        let messages = [
            Message::from(InviteLook {
                request,
                calendar,
                invite,
                signature,
            }),
            Join {
                request,
                acceptance,
            }
            .into(),
            JoinGet { request, calendar }.into(),
            Joins {
                request,
                calendar,
                acceptances,
            }
            .into(),
            Recover {
                request,
                device,
                signature,
            }
            .into(),
            Recovery {
                request,
                account,
                factor_due,
                wait_ms,
            }
            .into(),
            FactorPass {
                request,
                code: code.clone(),
            }
            .into(),
            FactorSet {
                request,
                terms,
                code,
            }
            .into(),
            RecoveryBegun {
                device,
                begun_ms,
                wait_ms,
            }
            .into(),
            RecoveryApprove { request, device }.into(),
        ];
        for (kind, message) in (40..).zip(messages) {
            let bytes = message.encode();
            assert_eq!(bytes[0], kind);
            assert_eq!(Message::decode(&bytes), Ok(message));
        }
    }

    #[test]
    fn messages_of_missing_keys_have_their_numbers() {
        let (request, log) = (5, LogId::from_bytes([1; 32]));
        let messages = [
            Message::from(MissingGet { request, log }),
            Missing {
                request,
                log,
                generation: 7,
                recipients: vec![ByteVec::from(vec![2; 32])],
            }
            .into(),
        ];
        for (kind, message) in (50..).zip(messages) {
            let bytes = message.encode();
            assert_eq!(bytes[0], kind);
            assert_eq!(Message::decode(&bytes), Ok(message));
        }
    }

    #[test]
    fn messages_of_guests_have_their_numbers() {
        let bytes = ByteVec::from(vec![6]);
        let signature = Signature::from_bytes([4; 64]);
        let messages = [
            Message::from(Visit {
                links: vec![bytes.clone()],
                voucher: bytes.clone(),
                signature,
                calendar: Some(CalendarId::from_bytes([1; 32])),
                invite: None,
                invite_signature: Some(signature),
            }),
            VoucherGet { request: 5 }.into(),
            Vouched {
                request: 5,
                voucher: bytes,
            }
            .into(),
        ];
        for (kind, message) in (52..).zip(messages) {
            let bytes = message.encode();
            assert_eq!(bytes[0], kind);
            assert_eq!(Message::decode(&bytes), Ok(message));
        }
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
