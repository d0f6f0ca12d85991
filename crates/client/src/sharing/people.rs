//! Who is in a calendar, as a window shows it: at once, from what is here. Only who asks to be admitted
//! is asked of the relay.

use almanac_crypto::invite::CalendarInvite;
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::{Accounts as _, Role};
use almanac_store::Transaction;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::join::told;
use super::{
    Asking, AskingView, InvitationView, MemberRole, MemberView, OpenInviteView, stored_name,
};
use crate::client::{Client, Identity};
use crate::clock;
use crate::error::{Error, Result};
use crate::replica::{documents, logs};

/// A member of a calendar, with what is known of their devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PersonView {
    /// Who it is.
    #[serde(flatten)]
    #[ts(flatten)]
    pub member: MemberView,
    /// How many devices they have.
    pub devices: u64,
    /// Seconds since one of them last said what it has of this calendar, by this device's clock; none
    /// before one has. Who may only read says nothing.
    pub confirmed_ago_s: Option<u64>,
}

/// Who is in a calendar, and what the person at this device may decide about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PeopleView {
    /// Id of the calendar.
    pub calendar: String,
    /// Its members.
    pub people: Vec<PersonView>,
    /// What this person may do; none once they were removed.
    pub role: Option<MemberRole>,
    /// What an owner may give to others, the least first.
    pub offered: Vec<MemberRole>,
    /// The invites that are open; only owners are told.
    pub invites: Vec<OpenInviteView>,
    /// How the others see this person; none before it was said once.
    pub own_name: Option<String>,
}

/// A calendar that more than one person has, or that this person cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CompanyView {
    /// Id of the calendar.
    pub calendar: String,
    /// How many people have it.
    pub people: u64,
    /// What this person may do; none once they were removed.
    pub role: Option<MemberRole>,
}

/// A calendar to which this person has asked to be admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AwaitedView {
    /// Id of the calendar. Its name comes with it.
    pub calendar: String,
}

/// What this person shares with others, and what they have asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SharedView {
    /// Calendars in company.
    pub calendars: Vec<CompanyView>,
    /// Calendars that come once an owner has said yes.
    pub awaited: Vec<AwaitedView>,
    /// How the others see this person; none before it was said once.
    pub own_name: Option<String>,
}

/// Where the calendar of an invite is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct InviteAddress {
    /// Its relay.
    pub relay: String,
    /// The relay of this account; none where none is set up.
    pub own: Option<String>,
}

/// Whom an owner admits: what they saw of them is what they decide on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Admission {
    /// Id of the calendar.
    pub calendar: String,
    /// Id of the account.
    pub person: String,
    /// What they would be.
    pub role: MemberRole,
}

impl Client {
    /// Who is in a calendar, from what is here.
    pub fn people(&self, calendar: &str) -> Result<PeopleView> {
        let (identity, id) = (self.identity(), self.find_calendar(calendar)?);
        let (members, invites) = (self.listed(id)?, self.open_invites(id)?);
        self.read(|tx| {
            let known = |member: MemberView| known(tx, identity, id, member);
            Ok(PeopleView {
                calendar: id.to_string(),
                people: members.into_iter().map(known).collect::<Result<_>>()?,
                role: logs::own_role(tx, identity, id)?.map(Into::into),
                offered: MemberRole::OFFERED.to_vec(),
                invites,
                own_name: stored_name(tx, identity)?,
            })
        })
    }

    /// What this person shares with others, and what they have asked for.
    pub fn shared(&self) -> Result<SharedView> {
        let identity = self.identity();
        let ids = self.calendar_ids()?;
        self.read(|tx| {
            let mut calendars = Vec::new();
            for id in ids {
                let log = logs::calendar(tx, identity, id)?;
                let (people, role) = (log.members().len() as u64, log.role(&identity.account));
                if people > 1 || role != Some(Role::Owner) {
                    calendars.push(CompanyView {
                        calendar: id.to_string(),
                        people,
                        role: role.map(Into::into),
                    });
                }
            }
            Ok(SharedView {
                calendars,
                awaited: awaited(tx, identity)?,
                own_name: stored_name(tx, identity)?,
            })
        })
    }

    /// Who asks to be admitted to a calendar of this person, asked of the relay.
    pub async fn who_asks(&self, calendar: &str) -> Result<Vec<AskingView>> {
        let asking = self.asking(calendar).await?;
        Ok(asking.iter().map(Asking::view).collect())
    }

    /// Admits someone who asks.
    pub async fn admit(&self, admission: &Admission) -> Result<()> {
        let asking = self.asking(&admission.calendar).await?;
        let mut asking = asking.into_iter();
        let found = asking.find(|asking| {
            let view = asking.view();
            view.id == admission.person && view.role == admission.role
        });
        match found {
            Some(asking) => asking.admit().await,
            None => Err(Error::not_found(
                "They no longer ask to be let in: the invite was used, taken back, or is over. \
                 Nothing was changed. Make a new one for them.",
            )),
        }
    }

    /// Where the calendar of an invite is kept, from the text alone.
    pub fn invite_address(&self, text: &str) -> Result<InviteAddress> {
        let invite: CalendarInvite = text.parse().map_err(told)?;
        Ok(InviteAddress {
            relay: invite.origin,
            own: self.status()?.relay,
        })
    }

    /// Looks at what a text invites to, and lets go of it again.
    pub async fn view_invite(&self, text: &str) -> Result<InvitationView> {
        let invitation = self.look_at_invite(text).await?;
        let view = invitation.view().clone();
        invitation.decline().await;
        Ok(view)
    }

    /// Asks to be admitted to the calendar of a text, under the name that the owner will see. Where this
    /// person would not see what it is called, `call` is what they call it themselves.
    pub async fn accept_invite(
        &self,
        text: &str,
        name: Option<&str>,
        call: Option<&str>,
    ) -> Result<InvitationView> {
        let asked = self.look_at_invite(text).await?.ask(name).await?;
        if let Some(call) = call {
            self.call_calendar(&asked.calendar, call)?;
        }
        Ok(asked)
    }

    /// No longer wants a calendar that has been asked for. The invite itself stays open until it is over.
    pub fn stop_waiting(&self, calendar: &str) -> Result<()> {
        self.write(|work| {
            let awaited = awaited(work.tx(), work.identity())?;
            if !awaited.iter().any(|one| one.calendar == calendar) {
                return Ok(());
            }
            documents::edit_private(work, |private| {
                let listing = private.calendars.entry(calendar.to_owned()).or_default();
                listing.is_removed = true;
            })
        })
    }
}

/// A member with what is known of their devices.
fn known(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    member: MemberView,
) -> Result<PersonView> {
    let account: AccountId = member.id.parse().map_err(Error::internal)?;
    let (_, people) = logs::judged(tx, identity, id)?;
    let mut newest_ms = None;
    for said in tx.heads(id)? {
        let is_theirs = people
            .device(&said.device)
            .is_some_and(|(log, _)| log.id() == account);
        newest_ms = newest_ms.max(is_theirs.then_some(said.time_ms));
    }
    let devices = people
        .account(&account)
        .map_or(0, |log| log.devices().len());
    let ago_s = |ms: u64| clock::now_ms().saturating_sub(ms) / 1_000;
    Ok(PersonView {
        devices: devices as u64,
        confirmed_ago_s: newest_ms.filter(|_| !member.this).map(ago_s),
        member,
    })
}

/// Under which name it stands among the settings of the account that it has asked for a calendar. Others
/// that the list names and that are not here yet come from its own devices.
pub(super) fn asked(calendar: &str) -> String {
    format!("asked/{calendar}")
}

/// Calendars that this person has asked for and that have not come.
fn awaited(tx: &Transaction<'_>, identity: &Identity) -> Result<Vec<AwaitedView>> {
    let private = documents::private(tx, identity.private)?;
    let mut awaited = Vec::new();
    for (calendar, listing) in private.calendars {
        let Ok(id) = calendar.parse::<CalendarId>() else {
            continue;
        };
        let is_asked = private.settings.contains_key(&asked(&calendar));
        if is_asked && !listing.is_removed && tx.calendar(id)?.is_none() {
            awaited.push(AwaitedView { calendar });
        }
    }
    Ok(awaited)
}
