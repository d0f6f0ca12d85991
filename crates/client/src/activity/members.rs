//! What owners decided about the people of this person's calendars.

use std::collections::BTreeMap;

use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::{CalendarLog, InviteTerms, Link, LinkType, MemberChange, Role};
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::Transaction;

use super::{ActivityKind, ActivityView, Entry, instant};
use crate::client::Identity;
use crate::error::Result;
use crate::findings;
use crate::replica::logs::{self, People};
use crate::replica::profiles;

/// The people of one calendar, and what to call them.
struct Named<'a> {
    own: AccountId,
    names: BTreeMap<AccountId, String>,
    log: &'a CalendarLog,
}

pub(super) fn of_calendars(tx: &Transaction<'_>, identity: &Identity) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for row in tx.calendars()? {
        if row.id != identity.private {
            entries.extend(of_calendar(tx, identity, row.id)?);
        }
    }
    Ok(entries)
}

fn of_calendar(tx: &Transaction<'_>, identity: &Identity, id: CalendarId) -> Result<Vec<Entry>> {
    let (log, people) = logs::judged(tx, identity, id)?;
    let calendar = findings::name(tx, id)?;
    let named = Named {
        own: identity.account,
        names: profiles::names(tx, id)?,
        log: &log,
    };
    let mut entries = Vec::new();
    for bytes in tx.links(id.into())? {
        let Some((owner, link)) = verified(&people, &bytes) else {
            continue;
        };
        let Some((kind, message)) = named.told(owner, link.body()) else {
            continue;
        };
        entries.push(Entry {
            time_ms: link.body().time_ms,
            view: ActivityView {
                kind,
                time: instant(link.body().time_ms),
                over: None,
                calendar: Some(calendar.clone()),
                device: None,
                message,
            },
        });
    }
    Ok(entries)
}

/// A link and whose device signed it: it was judged when it came, and is again before it is shown.
fn verified(people: &People, bytes: &[u8]) -> Option<(AccountId, Verified<Link>)> {
    let link = Signed::<Link>::parse(bytes).ok()?;
    let (account, signer) = people.device(&link.signer())?;
    let link = link.verify(&signer.bundle.sign_key).ok()?;
    Some((account.id(), link))
}

impl Named<'_> {
    /// What a link did, in sentences; none where it says nothing about people.
    fn told(&self, owner: AccountId, link: &Link) -> Option<(ActivityKind, String)> {
        let owner = self.subject(&owner);
        match link.link_type {
            LinkType::Member => {
                let change = MemberChange::parse(&link.payload).ok()?;
                let before = self.log.role_at(&change.account, link.seq.checked_sub(1)?);
                Some(self.member(&owner, &change.account, (before, change.role)))
            }
            LinkType::Invite => {
                let terms = InviteTerms::parse(&link.payload).ok()?;
                let message = format!(
                    "{owner} made an invite for one person, to {}. Whoever uses it waits until an owner \
                     has let them in.",
                    may(terms.role)
                );
                Some((ActivityKind::InviteMade, message))
            }
            LinkType::InviteEnd => Some((
                ActivityKind::InviteTakenBack,
                format!("{owner} took an invite back: nobody can ask with it any more."),
            )),
            LinkType::CalendarGenesis
            | LinkType::Rotate
            | LinkType::Policy
            | LinkType::AccountGenesis
            | LinkType::AddDevice
            | LinkType::Revoke
            | LinkType::RotatePuk
            | LinkType::ReplaceRecovery => None,
        }
    }

    fn member(
        &self,
        owner: &str,
        account: &AccountId,
        (before, after): (Option<Role>, Option<Role>),
    ) -> (ActivityKind, String) {
        let (whom, is_own) = (self.object(account), *account == self.own);
        match (before, after) {
            (_, None) if is_own => (
                ActivityKind::MemberRemoved,
                format!(
                    "{owner} took you out of this calendar. What you had of it stays here; nothing new \
                     comes. If you did not expect that, ask them."
                ),
            ),
            (_, None) => (
                ActivityKind::MemberRemoved,
                format!(
                    "{owner} removed {whom}. What they had read they may keep; what is written from \
                     then on they cannot read."
                ),
            ),
            (None, Some(role)) if is_own => (
                ActivityKind::MemberAdded,
                format!("{owner} let you in: you may {}.", may(role)),
            ),
            (None, Some(role)) => (
                ActivityKind::MemberAdded,
                format!(
                    "{owner} let {whom} in: they may {}. If you do not know them, ask who let them \
                     in; an owner can remove them.",
                    may(role)
                ),
            ),
            (Some(before), Some(role)) => (
                ActivityKind::RoleChanged,
                format!(
                    "{owner} changed what {whom} may do here: {}. Before, it was: {}.",
                    may(role),
                    may(before)
                ),
            ),
        }
    }

    fn subject(&self, account: &AccountId) -> String {
        if *account == self.own {
            "You".to_owned()
        } else {
            self.called(account)
                .unwrap_or_else(|| "An owner whose name is not known".to_owned())
        }
    }

    fn object(&self, account: &AccountId) -> String {
        if *account == self.own {
            "you".to_owned()
        } else {
            self.called(account)
                .unwrap_or_else(|| "someone whose name is not known".to_owned())
        }
    }

    fn called(&self, account: &AccountId) -> Option<String> {
        let name = self.names.get(account)?;
        Some(format!("“{name}”"))
    }
}

const fn may(role: Role) -> &'static str {
    match role {
        Role::FreeBusy => "see when its people are busy and nothing else",
        Role::Viewer => "read",
        Role::Editor => "read and write",
        Role::Owner => "read, write and say who is in it",
    }
}
