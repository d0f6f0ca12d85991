//! The first link of a calendar's log.

use super::super::account::AccountLog;
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::rotation::RotationSection;
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, LinkHash, LogId};
use crate::signed::Signer;

/// What a calendar is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarPurpose {
    /// Events.
    Calendar,
    /// An account's own list of calendars and settings. It never has a second member.
    Private,
}

impl CalendarPurpose {
    /// The byte in the genesis.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Calendar => 1,
            Self::Private => 2,
        }
    }

    const fn from_number(number: u8) -> Result<Self, LinkError> {
        match number {
            1 => Ok(Self::Calendar),
            2 => Ok(Self::Private),
            other => Err(LinkError::CalendarPurpose(other)),
        }
    }
}

/// What the first link of a calendar says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarGenesis {
    /// 32 random bytes: they make the calendar's id unlinkable, and stand for the id in
    /// commitments, which must exist before it does.
    pub salt: [u8; 32],
    /// What the calendar is for.
    pub purpose: CalendarPurpose,
    /// The first epoch, sealed for the owner alone.
    pub rotation: RotationSection,
}

impl CalendarGenesis {
    pub(super) const FORMAT: u8 = 1;

    /// The first link, signed by a device of the owner.
    pub fn build(
        &self,
        signer: &impl Signer,
        owner: &AccountLog,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let payload = Writer::default()
            .bytes(&self.salt)
            .u8(self.purpose.number())
            .u8(Self::FORMAT)
            .bytes(owner.id().as_bytes())
            .bytes(&self.rotation.to_bytes())
            .finish();
        let link = Link {
            link_type: LinkType::CalendarGenesis,
            log: LogId::from_bytes([0; 32]),
            seq: 0,
            prev: LinkHash::from_bytes([0; 32]),
            device: owner.device_of(signer)?.id,
            account: owner.id(),
            view: owner.view(),
            time_ms,
            payload,
        };
        Ok(link.sign(signer))
    }

    pub(super) fn parse(payload: &[u8]) -> Result<(Self, AccountId), LinkError> {
        let mut reader = Reader::new(payload);
        let salt = reader.array()?;
        let purpose = CalendarPurpose::from_number(reader.u8()?)?;
        let format = reader.u8()?;
        if format != Self::FORMAT {
            return Err(LinkError::Version(format));
        }
        let owner = AccountId::from_bytes(reader.array()?);
        let rotation = RotationSection::parse(reader.bytes(reader.left())?)?;
        Ok((
            Self {
                salt,
                purpose,
                rotation,
            },
            owner,
        ))
    }
}
