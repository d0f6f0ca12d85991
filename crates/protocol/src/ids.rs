//! The ids that cross a trust boundary, each its own type.
//!
//! An id is bytes with a meaning and nothing else: account, calendar and device ids are hashes of
//! signed or public material, the others are random. None can be built from another by accident.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A text that is not the hexadecimal form of the id it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct ParseIdError {
    /// Number of digits the id has.
    pub expected: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The id that these bytes are.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// The id in `bytes`, or `None` when the length is another.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map(Self).ok_or(ParseIdError { expected: 2 * $len })
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let position = d.position();
                Self::from_slice(d.bytes()?).ok_or_else(|| {
                    minicbor::decode::Error::message("an id of another length").at(position)
                })
            }
        }
    };
}

id!(
    /// One person: the hash of the account's genesis link.
    AccountId, 32
);
id!(
    /// One device: the hash of its two public keys.
    DeviceId, 32
);
id!(
    /// One calendar: the hash of its genesis link.
    CalendarId, 32
);
id!(
    /// A membership log, of an account or of a calendar; its bytes are those of the account's or
    /// calendar's id.
    LogId, 32
);
id!(
    /// One link of a log, signature included.
    LinkHash, 32
);
id!(
    /// One signed frame, signature included.
    FrameHash, 32
);
id!(
    /// An Automerge change, as Automerge names it.
    ChangeHash, 32
);
id!(
    /// An Automerge document inside a calendar. Sixteen zero bytes are the calendar's own.
    DocumentId, 16
);
id!(
    /// One life of a device's numbering: new at installation and whenever a rollback or a clone is
    /// suspected.
    Incarnation, 8
);
id!(
    /// One life of a relay's database.
    RelayEpoch, 16
);
id!(
    /// A chunk of a pack or its manifest: the BLAKE3 hash of its bytes.
    BlobName, 32
);
id!(
    /// A device of a calendar, named so that only who knows both can tell which.
    CutTag, 16
);
id!(
    /// The running hash of a stream at the relay.
    StreamHash, 32
);
id!(
    /// An Ed25519 public key.
    VerifyKey, 32
);
id!(
    /// An Ed25519 signature.
    Signature, 64
);

impl DocumentId {
    /// The calendar's own document: its name, colour and defaults.
    pub const CALENDAR: Self = Self([0; 16]);
}

impl From<AccountId> for LogId {
    fn from(id: AccountId) -> Self {
        Self(*id.as_bytes())
    }
}

impl From<CalendarId> for LogId {
    fn from(id: CalendarId) -> Self {
        Self(*id.as_bytes())
    }
}

fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = hex_digit(high)? << 4 | hex_digit(low)?;
    }
    Some(bytes)
}

const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        let id = DocumentId::from_bytes([0xA7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            "a7".parse::<DocumentId>(),
            Err(ParseIdError { expected: 32 })
        );
        assert!("zz".repeat(16).parse::<DocumentId>().is_err());
    }

    #[test]
    fn an_id_of_another_length_is_refused() {
        let bytes = minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![1; 15])).unwrap();
        assert!(minicbor::decode::<DocumentId>(&bytes).is_err());
    }
}
