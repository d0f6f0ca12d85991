//! The log of a calendar: its members, their roles, and the epochs of its secrets.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::account::AccountLog;
use super::device::DeviceClass;
use super::error::LinkError;
use super::link::{Link, LinkType, LogKind, link_hash};
use super::position::{Appended, LinkChain, LogView};
use super::rotation::{Member, Role, RotationSection};
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, CalendarId, LinkHash, LogId, VerifyKey};
use crate::signed::{Signed, Signer};

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

/// The account logs at hand, in which signers of calendar links are looked up.
pub trait Accounts {
    /// The log of this account, if it is at hand.
    fn account(&self, id: &AccountId) -> Option<&AccountLog>;
}

impl Accounts for AccountLog {
    fn account(&self, id: &AccountId) -> Option<&AccountLog> {
        (self.id() == *id).then_some(self)
    }
}

impl Accounts for BTreeMap<AccountId, AccountLog> {
    fn account(&self, id: &AccountId) -> Option<&AccountLog> {
        self.get(id)
    }
}

impl<S: BuildHasher> Accounts for HashMap<AccountId, AccountLog, S> {
    fn account(&self, id: &AccountId) -> Option<&AccountLog> {
        self.get(id)
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
    const FORMAT: u8 = 1;

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

    fn parse(payload: &[u8]) -> Result<(Self, AccountId), LinkError> {
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

/// An epoch and the link that began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Number of the link.
    pub seq: u64,
    /// What it says.
    pub section: RotationSection,
}

/// The state of a calendar's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarLog {
    chain: LinkChain,
    salt: [u8; 32],
    purpose: CalendarPurpose,
    owner: AccountId,
    epochs: Vec<Epoch>,
    quoted: BTreeMap<AccountId, u64>,
}

impl CalendarLog {
    /// The log that a first link begins.
    pub fn begin(genesis: &[u8], accounts: &impl Accounts) -> Result<Self, LinkError> {
        let signed = Signed::<Link>::parse(genesis)?;
        let link = signed.unverified();
        if link.link_type != LinkType::CalendarGenesis || !link.begins_a_log() {
            return Err(LinkError::Genesis);
        }
        let key = signing_key(link, accounts)?;
        let link = signed.verify(&key)?;
        let (account, view) = (link.body().account, link.body().view);
        let (fields, owner) = CalendarGenesis::parse(&link.body().payload)?;
        if owner != account {
            return Err(LinkError::Role);
        }
        fields.rotation.follows(1)?;
        let members = [(owner, Role::Owner)];
        check_members(&fields.rotation, &members)?;
        check_puk(&fields.rotation, account, accounts)?;
        Ok(Self {
            chain: LinkChain::begin(&link),
            salt: fields.salt,
            purpose: fields.purpose,
            owner,
            epochs: vec![Epoch {
                seq: 0,
                section: fields.rotation,
            }],
            quoted: BTreeMap::from([(account, view.seq)]),
        })
    }

    /// The log that these links are, the first one first.
    pub fn from_links<L: AsRef<[u8]>>(
        links: impl IntoIterator<Item = L>,
        accounts: &impl Accounts,
    ) -> Result<Self, LinkError> {
        let mut links = links.into_iter();
        let mut log = Self::begin(links.next().ok_or(LinkError::Genesis)?.as_ref(), accounts)?;
        for link in links {
            log.append(link.as_ref(), accounts)?;
        }
        Ok(log)
    }

    /// Takes the next link, if every rule allows it.
    pub fn append(
        &mut self,
        bytes: &[u8],
        accounts: &impl Accounts,
    ) -> Result<Appended, LinkError> {
        let signed = Signed::<Link>::parse(bytes)?;
        let link = signed.unverified();
        if link.link_type == LinkType::CalendarGenesis {
            let same = self.chain.hash(0) == Some(link_hash(bytes));
            return if same {
                Ok(Appended::Known)
            } else {
                Err(LinkError::Genesis)
            };
        }
        self.chain.reaches(link)?;
        let (account, view) = (link.account, link.view);
        let key = signing_key(link, accounts)?;
        let link = signed.verify(&key)?;
        let before = link.body().seq.checked_sub(1).ok_or(LinkError::Genesis)?;
        let role = self.role_at(&account, before).ok_or(LinkError::Role)?;
        if self.chain.place(&link)? == Appended::Known {
            return Ok(Appended::Known);
        }
        if self
            .quoted
            .get(&account)
            .is_some_and(|newest| view.seq < *newest)
        {
            return Err(LinkError::ViewOlder);
        }
        self.apply(link.body(), role, accounts)?;
        self.quoted.insert(account, view.seq);
        self.chain.push(bytes);
        Ok(Appended::New)
    }

    /// The link that begins the epoch of `rotation`, to be signed by a device of `account`.
    pub fn rotate(
        &self,
        signer: &impl Signer,
        account: &AccountLog,
        rotation: &RotationSection,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let link = Link {
            link_type: LinkType::Rotate,
            log: self.chain.id(),
            seq: self.chain.next_seq(),
            prev: self.view().head,
            device: account.device_of(signer)?.id,
            account: account.id(),
            view: account.view(),
            time_ms,
            payload: rotation.to_bytes(),
        };
        Ok(link.sign(signer))
    }

    /// The calendar's id.
    #[must_use]
    pub fn id(&self) -> CalendarId {
        CalendarId::from_bytes(*self.chain.id().as_bytes())
    }

    /// The genesis salt: what stands for the id in the commitments to the epochs' secrets.
    #[must_use]
    pub const fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// What the calendar is for.
    #[must_use]
    pub const fn purpose(&self) -> CalendarPurpose {
        self.purpose
    }

    /// The account that created the calendar.
    #[must_use]
    pub const fn owner(&self) -> AccountId {
        self.owner
    }

    /// The members and their roles.
    #[must_use]
    pub fn members(&self) -> Vec<(AccountId, Role)> {
        vec![(self.owner, Role::Owner)]
    }

    /// The role of an account now; `None` for whoever is no member.
    #[must_use]
    pub fn role(&self, account: &AccountId) -> Option<Role> {
        self.role_at(account, self.view().seq)
    }

    /// The role of an account when the log ended with link `seq`; `None` also beyond the end.
    #[must_use]
    pub fn role_at(&self, account: &AccountId, seq: u64) -> Option<Role> {
        (seq <= self.view().seq && *account == self.owner).then_some(Role::Owner)
    }

    /// The epochs, oldest first, never empty.
    #[must_use]
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The epoch under which new envelopes are sealed.
    #[must_use]
    pub fn epoch_now(&self) -> &Epoch {
        self.epochs
            .last()
            .expect("a genesis brings the first epoch")
    }

    /// The epoch with this number.
    #[must_use]
    pub fn epoch(&self, number: u32) -> Option<&Epoch> {
        self.epochs
            .get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The end of the log: what a frame quotes, and what a client pins.
    #[must_use]
    pub const fn view(&self) -> LogView {
        self.chain.view()
    }

    /// Number of links.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.chain.next_seq()
    }

    /// Whether someone's view is of this log: [`LinkError::Fork`] when it contradicts it,
    /// [`LinkError::Seq`] when it lies beyond the end and the log must be fetched.
    pub fn consistent(&self, view: LogView) -> Result<(), LinkError> {
        self.chain.consistent(view)
    }

    /// Whether `claimed` may replace this log: it goes on where this one ends.
    pub fn reload_ok(&self, claimed: &Self) -> Result<(), LinkError> {
        self.chain.reload_ok(&claimed.chain)
    }

    /// Whether this log contains what was pinned: [`LinkError::Rollback`] or [`LinkError::Fork`].
    pub fn extends(&self, pin: LogView) -> Result<(), LinkError> {
        self.chain.extends(pin)
    }

    fn apply(
        &mut self,
        link: &Link,
        role: Role,
        accounts: &impl Accounts,
    ) -> Result<(), LinkError> {
        if link.link_type != LinkType::Rotate {
            let (kind, link_type) = (link.link_type.kind(), link.link_type.number());
            return if kind == LogKind::Calendar {
                Err(LinkError::UpdateNeeded { kind, link_type })
            } else {
                Err(LinkError::Kind)
            };
        }
        if !role.can_write() {
            return Err(LinkError::Role);
        }
        let section = RotationSection::parse(&link.payload)?;
        section.follows(self.epoch_now().section.epoch.saturating_add(1))?;
        check_members(&section, &self.members())?;
        check_puk(&section, link.account, accounts)?;
        self.epochs.push(Epoch {
            seq: link.seq,
            section,
        });
        Ok(())
    }
}

/// The key of the signing device, if it counted at the head of its account's log that it quotes.
fn signing_key(link: &Link, accounts: &impl Accounts) -> Result<VerifyKey, LinkError> {
    let account = link.account;
    let log = accounts
        .account(&account)
        .ok_or(LinkError::AccountUnknown(account))?;
    let seq = link.view.seq;
    match log.consistent(link.view) {
        Ok(()) => {}
        Err(LinkError::Fork { .. }) => return Err(LinkError::AccountFork { account, seq }),
        Err(_) => return Err(LinkError::AccountBehind { account, seq }),
    }
    let device = log
        .device_at(&link.device, seq)
        .filter(|device| device.bundle.class == DeviceClass::Full)
        .ok_or(LinkError::Signer(link.device))?;
    Ok(device.bundle.sign_key)
}

fn check_members(
    section: &RotationSection,
    members: &[(AccountId, Role)],
) -> Result<(), LinkError> {
    let is_same = |(named, (account, role)): (&Member, &(AccountId, Role))| {
        named.account == *account && named.role == *role
    };
    let fits =
        section.members.len() == members.len() && section.members.iter().zip(members).all(is_same);
    if fits {
        Ok(())
    } else {
        Err(LinkError::Members)
    }
}

/// A signer knows its own key: it cannot seal to a generation that is over.
fn check_puk(
    section: &RotationSection,
    signer: AccountId,
    accounts: &impl Accounts,
) -> Result<(), LinkError> {
    let log = accounts
        .account(&signer)
        .ok_or(LinkError::AccountUnknown(signer))?;
    let expected = log.puk_now().generation;
    match section
        .members
        .iter()
        .find(|member| member.account == signer)
    {
        Some(member) if member.puk_generation != expected => Err(LinkError::PukGeneration {
            expected,
            found: member.puk_generation,
        }),
        Some(_) | None => Ok(()),
    }
}
