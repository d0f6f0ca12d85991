//! A new epoch of a calendar: the commitments to its secrets, the way back to the older ones, and
//! for whom the secret is sealed.

use std::fmt;

use super::error::LinkError;
use crate::codec::{CodecError, Reader, Writer};
use crate::ids::AccountId;

/// Bytes of an older secret wrapped under the newer: nonce 24, secret 32, tag 16.
pub const HISTORY_WRAP_BYTES: usize = 72;
const MEMBER_BYTES: usize = 32 + 4 + 1;

/// An older secret wrapped under the newer one. Zeros in the first epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HistoryWrap([u8; HISTORY_WRAP_BYTES]);

impl HistoryWrap {
    /// Of the first epoch, which has nothing before it.
    pub const NONE: Self = Self([0; HISTORY_WRAP_BYTES]);

    /// The wrap that these bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; HISTORY_WRAP_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the wrap.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HISTORY_WRAP_BYTES] {
        &self.0
    }
}

impl fmt::Debug for HistoryWrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::NONE {
            "HistoryWrap(none)"
        } else {
            "HistoryWrap(..)"
        })
    }
}

/// What a member may do. A higher role may all that a lower one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees when someone is busy, nothing else.
    FreeBusy,
    /// Reads.
    Viewer,
    /// Writes.
    Editor,
    /// Says who is a member.
    Owner,
}

impl Role {
    /// The byte in links and boxes.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::FreeBusy => 1,
            Self::Viewer => 2,
            Self::Editor => 3,
            Self::Owner => 4,
        }
    }

    /// The role that a byte names.
    pub const fn from_number(number: u8) -> Result<Self, LinkError> {
        match number {
            1 => Ok(Self::FreeBusy),
            2 => Ok(Self::Viewer),
            3 => Ok(Self::Editor),
            4 => Ok(Self::Owner),
            other => Err(LinkError::RoleByte(other)),
        }
    }

    /// Whether frames of the role count in the main stream.
    #[must_use]
    pub const fn can_write(self) -> bool {
        matches!(self, Self::Editor | Self::Owner)
    }

    /// Whether the role is given the secret of the main stream.
    #[must_use]
    pub const fn can_read(self) -> bool {
        !matches!(self, Self::FreeBusy)
    }
}

/// A member of a calendar, as a rotation names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: AccountId,
    /// Generation of the account's key to which the box is sealed.
    pub puk_generation: u32,
    /// What it may do.
    pub role: Role,
}

/// A new epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationSection {
    /// Its number, from 1.
    pub epoch: u32,
    /// Commitment to the secret of the main stream.
    pub commit_main: [u8; 32],
    /// Commitment to the secret of the free/busy stream.
    pub commit_free_busy: [u8; 32],
    /// The older secret of the main stream.
    pub history_main: HistoryWrap,
    /// The older secret of the free/busy stream.
    pub history_free_busy: HistoryWrap,
    /// For whom the epoch's secret is sealed.
    pub members: Vec<Member>,
}

impl RotationSection {
    /// The bytes of the section. A link has room for fewer than 65 536 members.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u16::try_from(self.members.len()).expect("a link bounds its members");
        let head = Writer::default()
            .u32(self.epoch)
            .bytes(&self.commit_main)
            .bytes(&self.commit_free_busy)
            .bytes(self.history_main.as_bytes())
            .bytes(self.history_free_busy.as_bytes())
            .u16(count);
        let write = |writer: Writer, member: &Member| {
            writer
                .bytes(member.account.as_bytes())
                .u32(member.puk_generation)
                .u8(member.role.number())
        };
        self.members.iter().fold(head, write).finish()
    }

    /// The section in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(bytes);
        let epoch = reader.u32()?;
        let (commit_main, commit_free_busy) = (reader.array()?, reader.array()?);
        let history_main = HistoryWrap(reader.array()?);
        let history_free_busy = HistoryWrap(reader.array()?);
        let count = usize::from(reader.u16()?);
        if reader.left() != count * MEMBER_BYTES {
            let at = bytes.len() - reader.left();
            return Err(LinkError::Length(CodecError::Short { at }));
        }
        let mut members = Vec::with_capacity(count);
        for _ in 0..count {
            members.push(Member {
                account: AccountId::from_bytes(reader.array()?),
                puk_generation: reader.u32()?,
                role: Role::from_number(reader.u8()?)?,
            });
        }
        reader.end()?;
        let section = Self {
            epoch,
            commit_main,
            commit_free_busy,
            history_main,
            history_free_busy,
            members,
        };
        Ok(section)
    }

    /// Whether the epoch is `expected` and has a history exactly when one precedes it.
    pub(super) fn follows(&self, expected: u32) -> Result<(), LinkError> {
        if self.epoch != expected {
            return Err(LinkError::Epoch {
                expected,
                found: self.epoch,
            });
        }
        let is_first = expected == 1;
        let wraps = [self.history_main, self.history_free_busy];
        if wraps
            .iter()
            .any(|wrap| (*wrap == HistoryWrap::NONE) != is_first)
        {
            return Err(LinkError::History);
        }
        Ok(())
    }
}
