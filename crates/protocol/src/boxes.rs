//! Boxes: secrets sealed to a person or a device, stored by the relay beside the logs.
//!
//! Only their outside is read here: whom a box is for. Nothing in it is trusted; who opens one
//! rebuilds what it expects and checks what comes out against a commitment in the log.

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{AccountId, CalendarId, DeviceId, LogId};
use crate::membership::{LinkError, Role};

/// Bytes of an encapsulated key: X-Wing.
pub const ENCAPSULATED_BYTES: usize = 1120;
/// Bytes of a sealed secret: 32 and the tag.
pub const SEALED_SECRET_BYTES: usize = 48;
/// Bytes of an [`EpochBox`].
pub const EPOCH_BOX_BYTES: usize = 1243;
/// Bytes of a [`PukBox`].
pub const PUK_BOX_BYTES: usize = 1238;
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// Why bytes are no box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BoxError {
    /// A field is cut off, or bytes follow the last.
    #[error("the box has another length: {0}")]
    Length(#[from] CodecError),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a box: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// A byte that is no role.
    #[error("role {0}")]
    Role(u8),
}

/// What HPKE gives: the encapsulated key and the sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The encapsulated key.
    pub encapsulated: Box<[u8; ENCAPSULATED_BYTES]>,
    /// The secret and its tag.
    pub ciphertext: [u8; SEALED_SECRET_BYTES],
}

/// Whom an epoch's secret is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochBoxAddress {
    /// The calendar.
    pub calendar: CalendarId,
    /// The epoch.
    pub epoch: u32,
    /// The member.
    pub account: AccountId,
    /// Generation of the member's key.
    pub puk_generation: u32,
    /// The member's role: whether the main or the free/busy secret is inside.
    pub role: Role,
}

impl EpochBoxAddress {
    /// The fields in the order of the record, which is also that of HPKE's `info`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::default()
            .bytes(self.calendar.as_bytes())
            .u32(self.epoch)
            .bytes(self.account.as_bytes())
            .u32(self.puk_generation)
            .u8(self.role.number())
            .finish()
    }
}

/// A secret of an epoch, sealed for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochBox {
    /// For whom.
    pub address: EpochBoxAddress,
    /// What.
    pub sealed: Sealed,
}

impl EpochBox {
    /// The record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        record(&self.address.to_bytes(), &self.sealed)
    }

    /// The box in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, BoxError> {
        let mut reader = begin(bytes)?;
        let address = EpochBoxAddress {
            calendar: CalendarId::from_bytes(reader.array()?),
            epoch: reader.u32()?,
            account: AccountId::from_bytes(reader.array()?),
            puk_generation: reader.u32()?,
            role: read_role(&mut reader)?,
        };
        let sealed = read_sealed(reader)?;
        Ok(Self { address, sealed })
    }
}

/// Whom a seed of an account's key is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PukBoxAddress {
    /// The account.
    pub account: AccountId,
    /// Generation of its key.
    pub puk_generation: u32,
    /// The device.
    pub device: DeviceId,
}

impl PukBoxAddress {
    /// The fields in the order of the record, which is also that of HPKE's `info`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::default()
            .bytes(self.account.as_bytes())
            .u32(self.puk_generation)
            .bytes(self.device.as_bytes())
            .finish()
    }
}

/// The seed of an account's key, sealed for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PukBox {
    /// For whom.
    pub address: PukBoxAddress,
    /// What.
    pub sealed: Sealed,
}

impl PukBox {
    /// The record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        record(&self.address.to_bytes(), &self.sealed)
    }

    /// The box in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, BoxError> {
        let mut reader = begin(bytes)?;
        let address = PukBoxAddress {
            account: AccountId::from_bytes(reader.array()?),
            puk_generation: reader.u32()?,
            device: DeviceId::from_bytes(reader.array()?),
        };
        let sealed = read_sealed(reader)?;
        Ok(Self { address, sealed })
    }
}

/// Either kind of box: the length tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyBox {
    /// Beside a calendar's log.
    Epoch(EpochBox),
    /// Beside an account's log.
    Puk(PukBox),
}

impl AnyBox {
    /// The box in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, BoxError> {
        if bytes.len() == PUK_BOX_BYTES {
            PukBox::parse(bytes).map(Self::Puk)
        } else {
            EpochBox::parse(bytes).map(Self::Epoch)
        }
    }

    /// The log beside which it belongs.
    #[must_use]
    pub fn log(&self) -> LogId {
        match self {
            Self::Epoch(epoch) => epoch.address.calendar.into(),
            Self::Puk(puk) => puk.address.account.into(),
        }
    }
}

fn record(address: &[u8], sealed: &Sealed) -> Vec<u8> {
    Writer::with_capacity(EPOCH_BOX_BYTES)
        .u8(VERSION)
        .u8(SUITE)
        .bytes(address)
        .bytes(&*sealed.encapsulated)
        .bytes(&sealed.ciphertext)
        .finish()
}

fn begin(bytes: &[u8]) -> Result<Reader<'_>, BoxError> {
    let mut reader = Reader::new(bytes);
    let [version, suite] = reader.array()?;
    if version != VERSION {
        return Err(BoxError::Version(version));
    }
    if suite != SUITE {
        return Err(BoxError::Suite(suite));
    }
    Ok(reader)
}

fn read_role(reader: &mut Reader<'_>) -> Result<Role, BoxError> {
    let number = reader.u8()?;
    Role::from_number(number).map_err(|_: LinkError| BoxError::Role(number))
}

fn read_sealed(mut reader: Reader<'_>) -> Result<Sealed, BoxError> {
    let sealed = Sealed {
        encapsulated: Box::new(reader.array()?),
        ciphertext: reader.array()?,
    };
    reader.end()?;
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> Sealed {
        Sealed {
            encapsulated: Box::new([8; ENCAPSULATED_BYTES]),
            ciphertext: [9; 48],
        }
    }

    #[test]
    fn boxes_survive_their_records() {
        let epoch = EpochBox {
            address: EpochBoxAddress {
                calendar: CalendarId::from_bytes([1; 32]),
                epoch: 2,
                account: AccountId::from_bytes([3; 32]),
                puk_generation: 4,
                role: Role::Owner,
            },
            sealed: sealed(),
        };
        assert_eq!(epoch.to_bytes().len(), EPOCH_BOX_BYTES);
        assert_eq!(AnyBox::parse(&epoch.to_bytes()), Ok(AnyBox::Epoch(epoch)));
        let puk = PukBox {
            address: PukBoxAddress {
                account: AccountId::from_bytes([1; 32]),
                puk_generation: 2,
                device: DeviceId::from_bytes([3; 32]),
            },
            sealed: sealed(),
        };
        assert_eq!(puk.to_bytes().len(), PUK_BOX_BYTES);
        assert_eq!(AnyBox::parse(&puk.to_bytes()), Ok(AnyBox::Puk(puk)));
    }

    #[test]
    fn a_later_version_is_refused() {
        let mut bytes = vec![0; EPOCH_BOX_BYTES];
        assert_eq!(AnyBox::parse(&bytes), Err(BoxError::Version(0)));
        bytes[0] = 1;
        bytes[1] = 2;
        assert_eq!(AnyBox::parse(&bytes), Err(BoxError::Suite(2)));
    }
}
