//! What each link of a calendar must satisfy. Nothing changes when one is refused.

use super::super::account::AccountLog;
use super::super::device::DeviceClass;
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::position::LogView;
use super::super::rotation::{Member, Role, RotationSection};
use super::changes::{InviteTerms, MemberChange};
use super::{
    Accounts, CalendarGenesis, CalendarLog, CalendarPurpose, Epoch, Invite, InviteState, Lowering,
};
use crate::codec::Reader;
use crate::defence::Defence;
use crate::ids::{AccountId, VerifyKey};
use crate::limits::MEMBERS_MAX;

impl CalendarLog {
    /// Judges the next link, whose signer had `role` before it and whose signature holds.
    pub(super) fn apply(
        &mut self,
        link: &Link,
        role: Role,
        accounts: &impl Accounts,
    ) -> Result<(), LinkError> {
        let at_least = |needed: Role| {
            if role < needed && Defence::OwnerSigns.stands() {
                Err(LinkError::Role)
            } else {
                Ok(())
            }
        };
        match link.link_type {
            LinkType::Rotate => {
                at_least(Role::Editor)?;
                let section = RotationSection::parse(&link.payload)?;
                self.check_rotation(&section, link, &self.members(), accounts)?;
                self.begin_epoch(link.seq, section);
                Ok(())
            }
            LinkType::Member => {
                at_least(Role::Owner)?;
                self.apply_member(link, accounts)
            }
            LinkType::Invite => at_least(Role::Owner).and_then(|()| self.apply_invite(link)),
            LinkType::InviteEnd => at_least(Role::Owner).and_then(|()| self.apply_invite_end(link)),
            LinkType::Policy => at_least(Role::Owner).and_then(|()| self.apply_policy(link)),
            LinkType::CalendarGenesis => Err(LinkError::Genesis),
            LinkType::AccountGenesis
            | LinkType::AddDevice
            | LinkType::Revoke
            | LinkType::RotatePuk
            | LinkType::ReplaceRecovery => Err(LinkError::Kind),
        }
    }

    /// A log never goes back to an older view of an account: a device that was revoked cannot
    /// quote the time before, once the log has quoted the time after.
    pub(super) fn check_newer(&self, account: &AccountId, view: LogView) -> Result<(), LinkError> {
        match self.quoted.get(account) {
            Some(newest) if view.seq < *newest => Err(LinkError::ViewOlder),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn quote(&mut self, account: AccountId, view: LogView) {
        let newest = self.quoted.entry(account).or_insert(view.seq);
        *newest = view.seq.max(*newest);
    }

    fn apply_member(&mut self, link: &Link, accounts: &impl Accounts) -> Result<(), LinkError> {
        if self.purpose == CalendarPurpose::Private {
            return Err(LinkError::Private);
        }
        let change = MemberChange::parse(&link.payload)?;
        let before = self.role(&change.account);
        if before == change.role {
            return Err(LinkError::Unchanged);
        }
        let log = viewed(&change.account, change.view, accounts)?;
        self.check_newer(&change.account, change.view)?;
        let after = self.members_after(Some((change.account, change.role)));
        if !after.iter().any(|(_, role)| *role == Role::Owner) {
            return Err(LinkError::LastOwner);
        }
        if after.len() > MEMBERS_MAX {
            return Err(LinkError::TooMany(MEMBERS_MAX));
        }
        self.check_use(&change, before)?;
        check_cuts(&change, before, log)?;
        let generation = log.puk_at(change.view.seq).generation;
        if change.role < before {
            self.check_lowering(link, &change, generation, accounts)?;
        } else if change.rotation.is_some() {
            return Err(LinkError::Rotation);
        }
        self.take_member(link, change, generation, before);
        Ok(())
    }

    /// An invite admits one account, in the role it offers.
    fn check_use(&self, change: &MemberChange, before: Option<Role>) -> Result<(), LinkError> {
        let Some(key) = &change.invite else {
            return Ok(());
        };
        let invite = self.invites.get(key).ok_or(LinkError::Invite)?;
        let is_fitting = before.is_none()
            && (invite.state == InviteState::Open || !Defence::SingleUse.stands())
            && change.role == Some(invite.terms.role);
        if is_fitting {
            Ok(())
        } else {
            Err(LinkError::Invite)
        }
    }

    /// A lowered role begins an epoch, whose secret the one who begins it knows: so nobody lowers
    /// itself to where it is not given that secret.
    fn check_lowering(
        &self,
        link: &Link,
        change: &MemberChange,
        generation: u32,
        accounts: &impl Accounts,
    ) -> Result<(), LinkError> {
        if link.account == change.account && !change.role.is_some_and(Role::can_read) {
            return Err(LinkError::Role);
        }
        let section = change.rotation.as_ref().ok_or(LinkError::Rotation)?;
        let after = self.members_after(Some((change.account, change.role)));
        self.check_rotation(section, link, &after, accounts)?;
        let named = section
            .members
            .iter()
            .find(|member| member.account == change.account);
        match named {
            Some(member) if member.puk_generation < generation => Err(LinkError::PukGeneration {
                expected: generation,
                found: member.puk_generation,
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn take_member(
        &mut self,
        link: &Link,
        change: MemberChange,
        generation: u32,
        before: Option<Role>,
    ) {
        let account = change.account;
        let could_write = before.is_some_and(Role::can_write);
        if could_write && !change.role.is_some_and(Role::can_write) {
            self.lowerings.push(Lowering {
                seq: link.seq,
                account,
                cuts: change.cuts,
            });
        }
        let used = change.invite.and_then(|key| self.invites.get_mut(&key));
        if let Some(invite) = used {
            invite.state = InviteState::Used(account);
        }
        match (change.rotation, change.role) {
            (Some(section), _) => self.begin_epoch(link.seq, section),
            (None, Some(role)) => self.admit(account, role, generation),
            (None, None) => {}
        }
        let history = self.roles.entry(account).or_default();
        history.push((link.seq, change.role));
        self.quote(account, change.view);
    }

    /// The epoch in force is sealed for one more, or for one in a higher role. Who is raised keeps
    /// the generation: whether the epoch is older than a revocation shows there.
    fn admit(&mut self, account: AccountId, role: Role, generation: u32) {
        let Some(epoch) = self.epochs.last_mut() else {
            return;
        };
        let members = &mut epoch.addressees;
        match members.binary_search_by_key(&account, |member| member.account) {
            Ok(place) => {
                if let Some(member) = members.get_mut(place) {
                    member.role = role;
                }
            }
            Err(place) => members.insert(
                place,
                Member {
                    account,
                    puk_generation: generation,
                    role,
                },
            ),
        }
    }

    fn begin_epoch(&mut self, seq: u64, section: RotationSection) {
        self.epochs.push(Epoch {
            seq,
            addressees: section.members.clone(),
            section,
        });
    }

    fn apply_invite(&mut self, link: &Link) -> Result<(), LinkError> {
        if self.purpose == CalendarPurpose::Private {
            return Err(LinkError::Private);
        }
        let terms = InviteTerms::parse(&link.payload)?;
        if terms.key == VerifyKey::from_bytes([0; 32]) || self.invites.contains_key(&terms.key) {
            return Err(LinkError::Invite);
        }
        let invite = Invite {
            terms,
            seq: link.seq,
            inviter: link.account,
            state: InviteState::Open,
        };
        self.invites.insert(terms.key, invite);
        Ok(())
    }

    fn apply_invite_end(&mut self, link: &Link) -> Result<(), LinkError> {
        let mut reader = Reader::new(&link.payload);
        let key = VerifyKey::from_bytes(reader.array()?);
        reader.end()?;
        let invite = self.invites.get_mut(&key).ok_or(LinkError::Invite)?;
        if invite.state != InviteState::Open {
            return Err(LinkError::Invite);
        }
        invite.state = InviteState::Ended;
        Ok(())
    }

    /// A format that this program does not write asks for a newer program: there is no way around.
    fn apply_policy(&mut self, link: &Link) -> Result<(), LinkError> {
        let mut reader = Reader::new(&link.payload);
        let format = reader.u8()?;
        reader.end()?;
        if format > CalendarGenesis::FORMAT {
            return Err(LinkError::Version(format));
        }
        if format < self.min_format {
            return Err(LinkError::Format(format));
        }
        self.min_format = format;
        Ok(())
    }

    /// The next epoch, for exactly these members, each under a key that exists and none under an
    /// older one than before.
    fn check_rotation(
        &self,
        section: &RotationSection,
        link: &Link,
        members: &[(AccountId, Role)],
        accounts: &impl Accounts,
    ) -> Result<(), LinkError> {
        section.follows(self.epoch_now().section.epoch.saturating_add(1))?;
        check_members(section, members)?;
        for member in &section.members {
            let before = self.epoch_now().addressee(&member.account);
            let expected = before.map_or(1, |before| before.puk_generation);
            if member.puk_generation < expected {
                return Err(LinkError::PukGeneration {
                    expected,
                    found: member.puk_generation,
                });
            }
            check_exists(member, accounts)?;
        }
        check_signers_key(section, link, accounts)
    }
}

/// The key of the signing device, if it counted at the head of its account's log that it quotes.
pub(super) fn signing_key(link: &Link, accounts: &impl Accounts) -> Result<VerifyKey, LinkError> {
    let log = viewed(&link.account, link.view, accounts)?;
    let device = log
        .device_at(&link.device, link.view.seq)
        .filter(|device| device.bundle.class == DeviceClass::Full)
        .ok_or(LinkError::Signer(link.device))?;
    Ok(device.bundle.sign_key)
}

/// The log of an account, if it is at hand as far as `view` and agrees with it.
fn viewed<'a>(
    account: &AccountId,
    view: LogView,
    accounts: &'a impl Accounts,
) -> Result<&'a AccountLog, LinkError> {
    let account = *account;
    let log = accounts
        .account(&account)
        .ok_or(LinkError::AccountUnknown(account))?;
    let seq = view.seq;
    match log.consistent(view) {
        Ok(()) => Ok(log),
        Err(LinkError::Fork { .. }) => Err(LinkError::AccountFork { account, seq }),
        Err(_) => Err(LinkError::AccountBehind { account, seq }),
    }
}

/// Cuts belong to a right to write that ends, and name devices of the account that loses it.
fn check_cuts(
    change: &MemberChange,
    before: Option<Role>,
    account: &AccountLog,
) -> Result<(), LinkError> {
    let could_write = before.is_some_and(Role::can_write);
    let loses = could_write && !change.role.is_some_and(Role::can_write);
    let is_theirs = |id| {
        let device = account.device(id);
        device.is_some_and(|device| device.since_seq <= change.view.seq)
    };
    let fits = change
        .cuts
        .iter()
        .all(|cut| loses && is_theirs(&cut.device));
    if fits { Ok(()) } else { Err(LinkError::Cuts) }
}

pub(super) fn check_members(
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

/// A key that nobody has would lock a member out for good: what is named is fetched first.
fn check_exists(member: &Member, accounts: &impl Accounts) -> Result<(), LinkError> {
    let account = member.account;
    let log = accounts
        .account(&account)
        .ok_or(LinkError::AccountUnknown(account))?;
    let seq = log.count();
    match log.puk_generation(member.puk_generation) {
        Some(_) => Ok(()),
        None => Err(LinkError::AccountBehind { account, seq }),
    }
}

/// A signer knows its own key: it cannot seal to a generation that was over when it signed.
pub(super) fn check_signers_key(
    section: &RotationSection,
    link: &Link,
    accounts: &impl Accounts,
) -> Result<(), LinkError> {
    let log = viewed(&link.account, link.view, accounts)?;
    let expected = log.puk_at(link.view.seq).generation;
    match section
        .members
        .iter()
        .find(|member| member.account == link.account)
    {
        Some(member) if member.puk_generation != expected => Err(LinkError::PukGeneration {
            expected,
            found: member.puk_generation,
        }),
        Some(_) | None => Ok(()),
    }
}
