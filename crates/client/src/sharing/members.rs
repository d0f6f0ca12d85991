//! Who is in a calendar, who asks to be, and what an owner decides about them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events and refusals that are not awaited all go the same way"
)]

use almanac_crypto::invite::{Candidate, candidate};
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::join::SignedAcceptance;
use almanac_protocol::membership::Role;
use almanac_protocol::session::client::Event;
use serde::Serialize;
use ts_rs::TS;

use super::change::not_allowed;
use super::compared::compared;
use super::{MemberRole, OpenInviteView, safety};
use crate::accounts::request::{links, refused};
use crate::agenda::wall_clock;
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{documents, keys, logs, membership, profiles};
use crate::sync::{Telling, end_of};
use crate::view::Moment;

/// A member of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MemberView {
    /// Id of the account.
    pub id: String,
    /// How they are called here; empty while that has not come.
    pub name: String,
    /// What they may do.
    pub role: MemberRole,
    /// Whether this is the person at this device.
    pub this: bool,
    /// Sixty digits that both see; empty for oneself.
    pub safety_number: String,
    /// When this person compared them; none before they did.
    pub compared: Option<Moment>,
}

/// Someone who asks to be admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AskingView {
    /// Id of the account.
    pub id: String,
    /// How they are called; empty where another owner invited them, who alone can read it.
    pub name: String,
    /// What they would be.
    pub role: MemberRole,
    /// When their invite is over, ms since 1970.
    pub expires_ms: u64,
    /// The same on the wall clock of this device.
    pub until: Moment,
    /// Sixty digits that both see, if nobody stands in between.
    pub safety_number: String,
    /// When this person compared them; none before they did.
    pub compared: Option<Moment>,
}

/// Who is in a calendar, and who asks to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MembersView {
    /// Id of the calendar.
    pub calendar: String,
    /// The members.
    pub members: Vec<MemberView>,
    /// Who asks; only owners are told.
    pub asking: Vec<AskingView>,
    /// The invites that are open; only owners are told.
    pub invites: Vec<OpenInviteView>,
}

/// Someone who asks to be admitted, and whom an owner may admit.
#[derive(Debug)]
pub struct Asking {
    client: Client,
    calendar: CalendarId,
    candidate: Candidate,
    compared: Option<Moment>,
    /// The log of their account, verified.
    links: Vec<Vec<u8>>,
}

impl Client {
    /// Who is in a calendar, and who asks to be.
    pub async fn members(&self, calendar: &str) -> Result<MembersView> {
        let id = self.find_calendar(calendar)?;
        let mut asking = Vec::new();
        if self.relay().is_ok() {
            self.sync_calendar(id).await?;
            if self.is_owner(id)? {
                let all = self.ask_who_asks(id).await?;
                asking.extend(all.iter().map(Asking::view));
            }
        }
        Ok(MembersView {
            calendar: id.to_string(),
            members: self.listed(id)?,
            asking,
            invites: self.open_invites(id)?,
        })
    }

    /// The member of a calendar with this name, id or beginning of an id, from what is here.
    pub fn member(&self, calendar: &str, who: &str) -> Result<MemberView> {
        find(&self.listed(self.find_calendar(calendar)?)?, who)
    }

    /// Who asks to be admitted to a calendar of this person.
    pub async fn asking(&self, calendar: &str) -> Result<Vec<Asking>> {
        let id = self.find_calendar(calendar)?;
        self.sync_calendar(id).await?;
        if self.is_owner(id)? {
            self.ask_who_asks(id).await
        } else {
            Err(not_allowed())
        }
    }

    /// Gives a member another role.
    pub async fn set_role(&self, calendar: &str, who: &str, role: MemberRole) -> Result<()> {
        if role == MemberRole::FreeBusy {
            let (identity, id) = (self.identity(), self.find_calendar(calendar)?);
            if self.read(|tx| logs::may_write(tx, identity, id))? {
                self.settle_zone(id)?;
            }
        }
        self.decide(calendar, who, Some(role.into())).await
    }

    /// Removes a member: from the same moment on a new key is in force that they are not given.
    pub async fn remove_member(&self, calendar: &str, who: &str) -> Result<()> {
        self.decide(calendar, who, None).await
    }

    /// Takes a shared calendar out of this person's list, on all their devices. To be removed from it
    /// takes an owner.
    pub fn leave_calendar(&self, calendar: &str) -> Result<()> {
        let (identity, id) = (self.identity(), self.find_calendar(calendar)?);
        let log = self.read(|tx| logs::calendar(tx, identity, id))?;
        let mut others = log.members().into_iter();
        let is_last_owner = log.role(&identity.account) == Some(Role::Owner)
            && !others.any(|(who, role)| who != identity.account && role == Role::Owner);
        if is_last_owner {
            return Err(Error::new(
                ErrorCode::NotAllowed,
                "You are the only owner of this calendar. Nothing was changed. Make someone else an \
                 owner first.",
            ));
        }
        self.write(|work| {
            documents::edit_private(work, |private| {
                let listing = private.calendars.entry(id.to_string()).or_default();
                listing.is_removed = true;
            })
        })
    }

    async fn decide(&self, calendar: &str, who: &str, to: Option<Role>) -> Result<()> {
        let id = self.find_calendar(calendar)?;
        self.sync_calendar(id).await?;
        let found = find(&self.listed(id)?, who)?;
        let account: AccountId = found.id.parse().map_err(Error::internal)?;
        if !self.is_owner(id)? || (found.this && to.is_none()) {
            return Err(not_allowed());
        }
        let from = Some(found.role.into());
        self.change_role(id, account, (from, to), None).await
    }

    pub(super) fn is_owner(&self, id: CalendarId) -> Result<bool> {
        let identity = self.identity();
        let role = self.read(|tx| logs::own_role(tx, identity, id))?;
        Ok(role == Some(Role::Owner))
    }

    pub(super) fn listed(&self, id: CalendarId) -> Result<Vec<MemberView>> {
        let identity = self.identity();
        self.read(|tx| {
            let names = profiles::names(tx, id)?;
            let private = documents::private(tx, identity.private)?;
            let log = logs::calendar(tx, identity, id)?;
            let view = |(account, role): (AccountId, Role)| {
                let this = account == identity.account;
                MemberView {
                    id: account.to_string(),
                    name: names.get(&account).cloned().unwrap_or_default(),
                    role: role.into(),
                    this,
                    safety_number: if this {
                        String::new()
                    } else {
                        safety(identity, &account)
                    },
                    compared: compared(&private, &account),
                }
            };
            Ok(log.members().into_iter().map(view).collect())
        })
    }

    async fn ask_who_asks(&self, id: CalendarId) -> Result<Vec<Asking>> {
        let identity = self.identity();
        let keeper = self.at(&self.keeper_of(id)?);
        let (mut connection, _) = keeper.enter(ContactReason::Share, Telling::Nothing).await?;
        let asked = connection.session.get_joins(id);
        let acceptances = loop {
            match connection.next_event().await? {
                Event::Joins {
                    request,
                    acceptances,
                    ..
                } if request == asked => break acceptances,
                Event::Nacked(nack) if nack.request == asked => return Err(refused(nack.reason)),
                event => end_of(&event)?,
            }
        };
        let mut all = Vec::new();
        for acceptance in acceptances {
            let Ok(signed) = SignedAcceptance::parse(&acceptance) else {
                continue;
            };
            let links = links(&mut connection, signed.fields().account.into()).await?;
            let candidate = self.read(|tx| {
                let log = logs::calendar(tx, identity, id)?;
                let Ok(account) = almanac_protocol::membership::AccountLog::from_links(&links)
                else {
                    return Ok(None);
                };
                let seeds = keys::puk_seeds(tx, identity)?;
                let owner = (&identity.account, &seeds);
                let seen = candidate(&log, &account, owner, &acceptance, clock::now_ms());
                let Ok(seen) = seen else { return Ok(None) };
                let private = documents::private(tx, identity.private)?;
                let compared = compared(&private, &seen.account);
                Ok(Some((seen, compared)))
            })?;
            // What does not hold is nobody: the relay should not have kept it.
            all.extend(candidate.map(|(candidate, compared)| Asking {
                client: self.clone(),
                calendar: id,
                candidate,
                compared,
                links,
            }));
        }
        connection.close().await;
        Ok(all)
    }
}

impl Asking {
    /// What an owner decides by.
    #[must_use]
    pub fn view(&self) -> AskingView {
        let candidate = &self.candidate;
        let profile = candidate.profile.as_ref();
        AskingView {
            id: candidate.account.to_string(),
            name: profile.map_or_else(String::new, |profile| profile.body().name.clone()),
            role: candidate.role.into(),
            expires_ms: candidate.expires_ms,
            until: wall_clock(candidate.expires_ms),
            safety_number: candidate.safety.to_string(),
            compared: self.compared.clone(),
        }
    }

    /// Admits them: a member from now on, with the key of the calendar.
    pub async fn admit(self) -> Result<()> {
        let Self {
            client,
            calendar,
            candidate,
            links,
            ..
        } = self;
        let identity = client.identity();
        client.store(|tx| membership::append_account(tx, identity, candidate.account, &links))?;
        let roles = (None, Some(candidate.role));
        let invite = Some(candidate.invite);
        client
            .change_role(calendar, candidate.account, roles, invite)
            .await?;
        if let Some(profile) = candidate.profile {
            // How they are called comes with them: who may only read cannot say it.
            let signed = profile.bytes().to_vec();
            client.store(|tx| profiles::put(tx, identity, calendar, signed))?;
            client.sync_calendar(calendar).await?;
        }
        Ok(())
    }
}

/// The member with this name, id or beginning of an id.
fn find(members: &[MemberView], who: &str) -> Result<MemberView> {
    let wanted = who.trim().to_lowercase();
    let is_meant = |member: &&MemberView| {
        member.name.to_lowercase() == wanted
            || (wanted.len() >= 4 && member.id.starts_with(&wanted))
    };
    let mut found = members.iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(member), None) => Ok(member.clone()),
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "More than one member is called “{who}”. Nothing was changed. Name them by id, as \
             `almanac member list` shows it."
        ))),
        (None, _) => Err(Error::not_found(format!(
            "Nobody called “{who}” is a member of this calendar. Nothing was changed."
        ))),
    }
}
