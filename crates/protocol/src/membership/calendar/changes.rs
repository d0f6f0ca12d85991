//! What changes a calendar after its first link: the payloads, and the links that carry them.

use super::super::account::AccountLog;
use super::super::cut::{CalendarCut, read_calendar_cuts, write_calendar_cuts};
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::position::LogView;
use super::super::rotation::{Role, RotationSection};
use super::CalendarLog;
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, LinkHash, VerifyKey};
use crate::signed::Signer;

/// What stands for an invite where there is none.
const NO_INVITE: VerifyKey = VerifyKey::from_bytes([0; 32]);

/// What a link says that gives an account a role, another role, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The account.
    pub account: AccountId,
    /// What it may do from now on; `None` removes it.
    pub role: Option<Role>,
    /// The account's log as the signer has verified it.
    pub view: LogView,
    /// The invite that admits the account, which this uses up.
    pub invite: Option<VerifyKey>,
    /// Where the lives of its devices end, ascending: for an account that loses the right to write.
    pub cuts: Vec<CalendarCut>,
    /// The epoch that begins: for a role that is lowered, and only then.
    pub rotation: Option<RotationSection>,
}

impl MemberChange {
    /// The payload of the link.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let rotation = self.rotation.as_ref().map(RotationSection::to_bytes);
        let head = Writer::default()
            .bytes(self.account.as_bytes())
            .u8(self.role.map_or(0, Role::number))
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .bytes(self.invite.unwrap_or(NO_INVITE).as_bytes());
        write_calendar_cuts(head, &self.cuts)
            .tail(&rotation.unwrap_or_default())
            .finish()
    }

    /// The payload in these bytes, all of them.
    pub fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        let account = AccountId::from_bytes(reader.array()?);
        let role = match reader.u8()? {
            0 => None,
            number => Some(Role::from_number(number)?),
        };
        let view = LogView {
            seq: reader.u64()?,
            head: LinkHash::from_bytes(reader.array()?),
        };
        let invite = VerifyKey::from_bytes(reader.array()?);
        let cuts = read_calendar_cuts(&mut reader)?;
        let rotation = match reader.tail()? {
            [] => None,
            section => Some(RotationSection::parse(section)?),
        };
        reader.end()?;
        Ok(Self {
            account,
            role,
            view,
            invite: (invite != NO_INVITE).then_some(invite),
            cuts,
            rotation,
        })
    }
}

/// What a link says that opens an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteTerms {
    /// Public key of the invite's secret: whoever holds that can ask to be admitted.
    pub key: VerifyKey,
    /// The role that is offered.
    pub role: Role,
    /// When it is over, ms since 1970. The owner's device goes by its own clock.
    pub expires_ms: u64,
}

impl InviteTerms {
    /// The payload of the link.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::default()
            .bytes(self.key.as_bytes())
            .u8(self.role.number())
            .u64(self.expires_ms)
            .finish()
    }

    /// The payload in these bytes, all of them.
    pub fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        let terms = Self {
            key: VerifyKey::from_bytes(reader.array()?),
            role: Role::from_number(reader.u8()?)?,
            expires_ms: reader.u64()?,
        };
        reader.end()?;
        Ok(terms)
    }
}

impl CalendarLog {
    /// The link that gives an account a role, another role, or none, to be signed by a device of
    /// an owner.
    pub fn change_member(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        change: &MemberChange,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(
            signer,
            account,
            LinkType::Member,
            change.to_bytes(),
            time_ms,
        )
    }

    /// The link that begins the epoch of `rotation`, to be signed by a device of `account`.
    pub fn rotate(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        rotation: &RotationSection,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(
            signer,
            account,
            LinkType::Rotate,
            rotation.to_bytes(),
            time_ms,
        )
    }

    /// The link that opens an invite, to be signed by a device of an owner.
    pub fn open_invite(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        terms: &InviteTerms,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(signer, account, LinkType::Invite, terms.to_bytes(), time_ms)
    }

    /// The link that takes an invite back, to be signed by a device of an owner.
    pub fn end_invite(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        key: &VerifyKey,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let payload = key.as_bytes().to_vec();
        self.next(signer, account, LinkType::InviteEnd, payload, time_ms)
    }

    /// The link that raises the oldest format members may write, to be signed by a device of an
    /// owner.
    pub fn set_policy(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        min_format: u8,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(signer, account, LinkType::Policy, vec![min_format], time_ms)
    }

    fn next(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        link_type: LinkType,
        payload: Vec<u8>,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let link = Link {
            link_type,
            log: self.id().into(),
            seq: self.count(),
            prev: self.view().head,
            device: account.device_of(signer)?.id,
            account: account.id(),
            view: account.view(),
            time_ms,
            payload,
        };
        Ok(link.sign(signer))
    }
}
