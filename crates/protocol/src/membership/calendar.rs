//! The log of a calendar: its members, their roles, its invites, and the epochs of its secrets.
//!
//! A role that is lowered and the epoch that begins for it are one link, so no state of the log
//! has someone removed who was given the secret in force.

mod changes;
mod genesis;
mod intent;
mod rules;

pub use changes::{InviteTerms, MemberChange};
pub use genesis::{CalendarGenesis, CalendarPurpose};
pub use intent::{Intent, Verdict as IntentVerdict};

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::account::AccountLog;
use super::cut::CalendarCut;
use super::error::LinkError;
use super::link::{Link, LinkType, link_hash};
use super::position::{Appended, LinkChain, LogView};
use super::rotation::{Member, Role, RotationSection};
use crate::defence::Defence;
use crate::ids::{AccountId, CalendarId, VerifyKey};
use crate::signed::Signed;

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

/// An epoch and the link that began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Number of the link.
    pub seq: u64,
    /// What it says.
    pub section: RotationSection,
    addressees: Vec<Member>,
}

impl Epoch {
    /// Everyone who was given a secret of this epoch, ascending by account: whom the section names,
    /// and who was admitted or raised while the epoch was in force.
    #[must_use]
    pub fn addressees(&self) -> &[Member] {
        &self.addressees
    }

    /// As whom an account is given a secret of this epoch.
    #[must_use]
    pub fn addressee(&self, account: &AccountId) -> Option<&Member> {
        self.addressees
            .iter()
            .find(|member| member.account == *account)
    }
}

/// A member that lost the right to write, and how far its frames count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowering {
    /// Number of the link.
    pub seq: u64,
    /// The account.
    pub account: AccountId,
    /// Where the lives of its devices end; one that is not listed counts for nothing.
    pub cuts: Vec<CalendarCut>,
}

/// What became of an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteState {
    /// Nobody was admitted by it yet.
    Open,
    /// It has admitted this account, and admits no other.
    Used(AccountId),
    /// It was taken back.
    Ended,
}

/// An invite to a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invite {
    /// What it says.
    pub terms: InviteTerms,
    /// Number of the link.
    pub seq: u64,
    /// The owner who invites.
    pub inviter: AccountId,
    /// What became of it.
    pub state: InviteState,
}

/// The state of a calendar's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarLog {
    chain: LinkChain,
    salt: [u8; 32],
    purpose: CalendarPurpose,
    owner: AccountId,
    min_format: u8,
    epochs: Vec<Epoch>,
    /// Every role an account has had, with the link that gave it.
    roles: BTreeMap<AccountId, Vec<(u64, Option<Role>)>>,
    lowerings: Vec<Lowering>,
    invites: BTreeMap<VerifyKey, Invite>,
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
        let key = rules::signing_key(link, accounts)?;
        let link = signed.verify(&key)?;
        let (account, view) = (link.body().account, link.body().view);
        let (fields, owner) = CalendarGenesis::parse(&link.body().payload)?;
        if owner != account {
            return Err(LinkError::Role);
        }
        fields.rotation.follows(1)?;
        rules::check_members(&fields.rotation, &[(owner, Role::Owner)])?;
        rules::check_signers_key(&fields.rotation, link.body(), accounts)?;
        let addressees = fields.rotation.members.clone();
        Ok(Self {
            chain: LinkChain::begin(&link),
            salt: fields.salt,
            purpose: fields.purpose,
            owner,
            min_format: CalendarGenesis::FORMAT,
            epochs: vec![Epoch {
                seq: 0,
                section: fields.rotation,
                addressees,
            }],
            roles: BTreeMap::from([(owner, vec![(0, Some(Role::Owner))])]),
            lowerings: Vec::new(),
            invites: BTreeMap::new(),
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
        let account = link.account;
        let key = rules::signing_key(link, accounts)?;
        let link = signed.verify(&key)?;
        let before = link.body().seq.checked_sub(1).ok_or(LinkError::Genesis)?;
        let role = self.role_at(&account, before).ok_or(LinkError::Role)?;
        if self.chain.place(&link)? == Appended::Known {
            return Ok(Appended::Known);
        }
        self.check_newer(&account, link.body().view)?;
        self.apply(link.body(), role, accounts)?;
        self.quote(account, link.body().view);
        self.chain.push(bytes);
        Ok(Appended::New)
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

    /// The account that created the calendar. It need not be a member any more.
    #[must_use]
    pub const fn owner(&self) -> AccountId {
        self.owner
    }

    /// The oldest format that members may write.
    #[must_use]
    pub const fn min_format(&self) -> u8 {
        self.min_format
    }

    /// The members and their roles, ascending by account.
    #[must_use]
    pub fn members(&self) -> Vec<(AccountId, Role)> {
        let now = |(account, history): (&AccountId, &Vec<(u64, Option<Role>)>)| {
            let (_, role) = history.last()?;
            role.map(|role| (*account, role))
        };
        self.roles.iter().filter_map(now).collect()
    }

    /// Those who were members and are not any more, ascending by account, each with the number of
    /// the link that said so.
    #[must_use]
    pub fn former_members(&self) -> Vec<(AccountId, u64)> {
        let left = |(account, history): (&AccountId, &Vec<(u64, Option<Role>)>)| {
            let (seq, role) = history.last()?;
            role.is_none().then_some((*account, *seq))
        };
        self.roles.iter().filter_map(left).collect()
    }

    /// The role of an account now; `None` for whoever is no member.
    #[must_use]
    pub fn role(&self, account: &AccountId) -> Option<Role> {
        self.role_at(account, self.view().seq)
    }

    /// The role of an account when the log ended with link `seq`; `None` also beyond the end.
    #[must_use]
    pub fn role_at(&self, account: &AccountId, seq: u64) -> Option<Role> {
        if seq > self.view().seq {
            return None;
        }
        let given = self.roles.get(account)?.iter().rev();
        given
            .map(|(since, role)| (*since <= seq, *role))
            .find_map(|(is_then, role)| is_then.then_some(role))
            .flatten()
    }

    /// Those who lost the right to write, in the order of their links.
    #[must_use]
    pub fn lowerings(&self) -> &[Lowering] {
        &self.lowerings
    }

    /// Every invite there was, ascending by key.
    pub fn invites(&self) -> impl Iterator<Item = &Invite> {
        self.invites.values()
    }

    /// The invite with this public key.
    #[must_use]
    pub fn invite(&self, key: &VerifyKey) -> Option<&Invite> {
        self.invites.get(key)
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

    /// Members whose account has renewed its key since the epoch in force was sealed for them: a
    /// device that was revoked may still hold the secret, so whoever may write begins an epoch.
    /// Asked whenever a log has been loaded; a relay never decides when to rotate.
    #[must_use]
    pub fn stale_members(&self, accounts: &impl Accounts) -> Vec<AccountId> {
        let is_stale = |member: &&Member| {
            let log = accounts.account(&member.account);
            log.is_some_and(|log| log.puk_now().generation > member.puk_generation)
                && Defence::Audit.stands()
        };
        let members = self.epoch_now().addressees.iter().filter(is_stale);
        members.map(|member| member.account).collect()
    }

    /// Whom the next epoch is for, once `change` is made: each with the newest key that is at hand.
    /// [`LinkError::AccountUnknown`] for members whose account is not.
    pub fn next_members(
        &self,
        change: Option<(AccountId, Option<Role>)>,
        accounts: &impl Accounts,
    ) -> Result<Vec<Member>, LinkError> {
        let key = |(account, role): (AccountId, Role)| {
            let log = accounts
                .account(&account)
                .ok_or(LinkError::AccountUnknown(account))?;
            Ok(Member {
                account,
                puk_generation: log.puk_now().generation,
                role,
            })
        };
        self.members_after(change).into_iter().map(key).collect()
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

    fn members_after(&self, change: Option<(AccountId, Option<Role>)>) -> Vec<(AccountId, Role)> {
        let mut members: BTreeMap<_, _> = self.members().into_iter().collect();
        match change {
            Some((account, Some(role))) => {
                members.insert(account, role);
            }
            Some((account, None)) => {
                members.remove(&account);
            }
            None => {}
        }
        members.into_iter().collect()
    }
}
