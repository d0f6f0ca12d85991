//! The layout of a link, the same in both kinds of log.

use super::error::LinkError;
use super::position::LogView;
use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{AccountId, DeviceId, LinkHash, LogId, Signature};
use crate::label::{Context, Purpose, hash};
use crate::limits::LINK_BYTES_MAX;
use crate::signed::{Signed, SignedBody, Signer, seal_with};

/// Bytes before the payload.
pub const LINK_HEADER_BYTES: usize = 196;
const MAGIC: [u8; 4] = *b"ALnk";
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// Whose log a link belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// Devices and keys of one account.
    Account,
    /// Members and epochs of one calendar.
    Calendar,
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// Begins an account's log.
    AccountGenesis,
    /// A further device of the account.
    AddDevice,
    /// A device that no longer counts.
    Revoke,
    /// A new key of the account.
    RotatePuk,
    /// Another recovery kit.
    ReplaceRecovery,
    /// Begins a calendar's log.
    CalendarGenesis,
    /// A member's role.
    Member,
    /// A new epoch.
    Rotate,
    /// An invite to the calendar.
    Invite,
    /// An invite that no longer holds.
    InviteEnd,
    /// Rules for the calendar's clients.
    Policy,
}

impl LinkType {
    /// The byte in the link.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::AccountGenesis => 0x01,
            Self::AddDevice => 0x02,
            Self::Revoke => 0x03,
            Self::RotatePuk => 0x04,
            Self::ReplaceRecovery => 0x05,
            Self::CalendarGenesis => 0x11,
            Self::Member => 0x12,
            Self::Rotate => 0x13,
            Self::Invite => 0x14,
            Self::InviteEnd => 0x15,
            Self::Policy => 0x16,
        }
    }

    /// The log in which it stands.
    #[must_use]
    pub const fn kind(self) -> LogKind {
        if self.number() < 0x11 {
            LogKind::Account
        } else {
            LogKind::Calendar
        }
    }

    fn from_number(kind: LogKind, number: u8) -> Result<Self, LinkError> {
        let link_type = match number {
            0x01 => Self::AccountGenesis,
            0x02 => Self::AddDevice,
            0x03 => Self::Revoke,
            0x04 => Self::RotatePuk,
            0x05 => Self::ReplaceRecovery,
            0x11 => Self::CalendarGenesis,
            0x12 => Self::Member,
            0x13 => Self::Rotate,
            0x14 => Self::Invite,
            0x15 => Self::InviteEnd,
            0x16 => Self::Policy,
            _ => {
                return Err(LinkError::UpdateNeeded {
                    kind,
                    link_type: number,
                });
            }
        };
        if link_type.kind() == kind {
            Ok(link_type)
        } else {
            Err(LinkError::Kind)
        }
    }
}

/// One link without its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it does, which also says in which kind of log.
    pub link_type: LinkType,
    /// The log; zeros in a genesis, whose hash the id is.
    pub log: LogId,
    /// Its number, 0 for the genesis.
    pub seq: u64,
    /// Hash of the link before it, zeros in a genesis.
    pub prev: LinkHash,
    /// The device that signs.
    pub device: DeviceId,
    /// The account of that device; zeros in an account's genesis.
    pub account: AccountId,
    /// What the signer had seen of its own account's log; zeros in an account's genesis.
    pub view: LogView,
    /// Milliseconds since 1970, as the signer's clock said. Shown to people, never decided upon.
    pub time_ms: u64,
    /// Fields of the type.
    pub payload: Vec<u8>,
}

impl Link {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let kind = match self.link_type.kind() {
            LogKind::Account => 1,
            LogKind::Calendar => 2,
        };
        Writer::with_capacity(LINK_HEADER_BYTES + self.payload.len() + Signature::LEN)
            .bytes(&MAGIC)
            .u8(VERSION)
            .u8(kind)
            .u8(self.link_type.number())
            .u8(SUITE)
            .bytes(self.log.as_bytes())
            .u64(self.seq)
            .bytes(self.prev.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(self.account.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .u64(self.time_ms)
            .tail(&self.payload)
            .finish()
    }

    /// The link with its signature.
    #[must_use]
    pub fn sign(&self, signer: &impl Signer) -> Vec<u8> {
        seal_with(signer, Purpose::Link, self.to_bytes())
    }

    /// The id of the log this link belongs to; of a genesis it is computed.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        match self.link_type {
            LinkType::AccountGenesis | LinkType::CalendarGenesis => {
                LogId::from_bytes(hash(Context::LOG_ID, &[&self.to_bytes()]))
            }
            LinkType::AddDevice
            | LinkType::Revoke
            | LinkType::RotatePuk
            | LinkType::ReplaceRecovery
            | LinkType::Member
            | LinkType::Rotate
            | LinkType::Invite
            | LinkType::InviteEnd
            | LinkType::Policy => self.log,
        }
    }

    /// Whether the fields that a genesis leaves empty are.
    pub(super) fn begins_a_log(&self) -> bool {
        self.seq == 0
            && self.log == LogId::from_bytes([0; 32])
            && self.prev == LinkHash::from_bytes([0; 32])
    }
}

impl SignedBody for Link {
    const PURPOSE: Purpose = Purpose::Link;
    type Error = LinkError;

    fn parse(bytes: &[u8]) -> Result<Self, LinkError> {
        let size = bytes.len().saturating_add(Signature::LEN);
        if size > LINK_BYTES_MAX {
            return Err(LinkError::TooLarge(size));
        }
        let mut reader = Reader::new(bytes);
        if reader.array()? != MAGIC {
            return Err(LinkError::Magic);
        }
        let [version, kind, number, suite] = reader.array()?;
        if version != VERSION {
            return Err(LinkError::Version(version));
        }
        if suite != SUITE {
            return Err(LinkError::Suite(suite));
        }
        let kind = match kind {
            1 => LogKind::Account,
            2 => LogKind::Calendar,
            _ => return Err(LinkError::Kind),
        };
        let link = Self {
            link_type: LinkType::from_number(kind, number)?,
            log: LogId::from_bytes(reader.array()?),
            seq: reader.u64()?,
            prev: LinkHash::from_bytes(reader.array()?),
            device: DeviceId::from_bytes(reader.array()?),
            account: AccountId::from_bytes(reader.array()?),
            view: LogView {
                seq: reader.u64()?,
                head: LinkHash::from_bytes(reader.array()?),
            },
            time_ms: reader.u64()?,
            payload: reader.tail()?.to_vec(),
        };
        reader.end()?;
        Ok(link)
    }

    fn too_short() -> LinkError {
        LinkError::Length(CodecError::Short { at: 0 })
    }

    fn signer(&self) -> DeviceId {
        self.device
    }
}

impl Signed<Link> {
    /// The account whose device claims to have signed: whose log is needed to judge the link.
    /// Zeros in an account's genesis.
    #[must_use]
    pub fn signer_account(&self) -> AccountId {
        self.unverified().account
    }

    /// What the signer claims to have seen of that log.
    #[must_use]
    pub fn signer_view(&self) -> LogView {
        self.unverified().view
    }

    /// The log the link claims to belong to; computed of a genesis.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        self.unverified().log_id()
    }

    /// The accounts whose logs are needed to judge a link of a calendar, besides those of its
    /// members: the signer's, and the one that MEMBER is about.
    #[must_use]
    pub fn accounts_named(&self) -> Vec<AccountId> {
        let link = self.unverified();
        let mut accounts = vec![link.account];
        if link.link_type == LinkType::Member
            && let Some((account, _)) = link.payload.split_first_chunk::<32>()
        {
            accounts.push(AccountId::from_bytes(*account));
        }
        accounts
    }

    /// When its signer says it was signed, ms since 1970: shown to people, never decided upon.
    #[must_use]
    pub fn time_ms(&self) -> u64 {
        self.unverified().time_ms
    }

    /// What the link claims to do.
    #[must_use]
    pub fn link_type(&self) -> LinkType {
        self.unverified().link_type
    }
}

/// The hash of a whole link, signature included: what the next link and every quotation name.
#[must_use]
pub fn link_hash(bytes: &[u8]) -> LinkHash {
    LinkHash::from_bytes(hash(Context::LINK_HASH, &[bytes]))
}
