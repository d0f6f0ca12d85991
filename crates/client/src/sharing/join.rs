//! Being invited: look first, then ask.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events and refusals that are not awaited all go the same way"
)]

use std::collections::BTreeMap;

use almanac_calendar::document::private::Listing;
use almanac_crypto::invite::{CalendarInvite, Card, InviteError, accept};
use almanac_protocol::ids::AccountId;
use almanac_protocol::membership::{AccountLog, CalendarLog};
use almanac_protocol::message::Reason;
use almanac_protocol::session::client::{Event, Invited};
use serde::Serialize;
use ts_rs::TS;

use super::compared::compared;
use super::people::asked;
use super::{MemberRole, safety};
use crate::accounts::request::links;
use crate::agenda::wall_clock;
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::keeper::{self, Keeper};
use crate::replica::membership::judged;
use crate::replica::{documents, logs};
use crate::sync::visiting::invited;
use crate::sync::{Connection, Mode, Telling, end_of};
use crate::view::Moment;

/// A calendar one is invited to, looked at and not yet joined.
#[derive(Debug)]
pub struct Invitation {
    client: Client,
    connection: Connection,
    invite: CalendarInvite,
    inviter: AccountLog,
    view: InvitationView,
}

/// Whose calendar it is, and what is offered. Its name is known only once one is admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct InvitationView {
    /// Id of the calendar.
    pub calendar: String,
    /// Account of the owner who invites.
    pub owner: String,
    /// What is offered.
    pub role: MemberRole,
    /// When the invite is over, ms since 1970.
    pub expires_ms: u64,
    /// The same on the wall clock of this device.
    pub until: Moment,
    /// How many are members now.
    pub members: u64,
    /// Sixty digits that the owner sees too, if nobody stands in between.
    pub safety_number: String,
    /// When this person compared them; none before they did.
    pub compared: Option<Moment>,
}

impl Client {
    /// Looks at what a text invites to. Nothing is asked for yet, and the owners hear nothing.
    pub async fn look_at_invite(&self, text: &str) -> Result<Invitation> {
        let invite: CalendarInvite = text.parse().map_err(told)?;
        let keeper = self.keeper_named(&invite.origin)?;
        // The relay must have all of this account's log: the owner judges by it who asks.
        let synced = self.sync_with(&Keeper::Own).await;
        let mut connection = if keeper.is_own() {
            synced?;
            self.enter(ContactReason::Share, Telling::Nothing).await?.0
        } else {
            self.enter_invited(&invite).await?.0
        };
        look(&mut connection, &invite).await?;
        let (log, mut accounts) = fetch(&mut connection, &invite).await?;
        let found = invite.found_in(&log, clock::now_ms()).map_err(told)?;
        let identity = self.identity();
        if log.role(&identity.account).is_some() {
            self.list_joined(&invite)?;
            return Err(Error::new(
                ErrorCode::AlreadyExists,
                "You are a member of this calendar already: nobody has to be asked. It is in your \
                 list, also if you had taken it out.",
            ));
        }
        let private = self.read(|tx| documents::private(tx, identity.private))?;
        let view = InvitationView {
            calendar: invite.calendar.to_string(),
            owner: invite.inviter.to_string(),
            role: found.terms.role.into(),
            expires_ms: found.terms.expires_ms,
            until: wall_clock(found.terms.expires_ms),
            members: log.members().len() as u64,
            safety_number: safety(identity, &invite.inviter),
            compared: compared(&private, &invite.inviter),
        };
        let inviter = accounts
            .remove(&invite.inviter)
            .ok_or_else(|| told(InviteError::NotOpen))?;
        Ok(Invitation {
            client: self.clone(),
            connection,
            invite,
            inviter,
            view,
        })
    }

    /// Puts a calendar into this person's list, on all their devices.
    fn list_joined(&self, invite: &CalendarInvite) -> Result<()> {
        let (id, is_own) = (
            &invite.calendar.to_string(),
            self.keeper_named(&invite.origin)?.is_own(),
        );
        self.write(|work| {
            documents::edit_private(work, |private| {
                let orders = private.calendars.values().map(|listing| listing.order);
                let order = orders.max().map_or(0, |last| last.saturating_add(1));
                let listing = private
                    .calendars
                    .entry(id.clone())
                    .or_insert_with(|| Listing {
                        order,
                        ..Listing::default()
                    });
                listing.is_removed = false;
                private.settings.insert(asked(id), "true".to_owned());
                if !is_own {
                    keeper::note(private, id, &invite.origin);
                }
            })
        })
    }
}

impl Invitation {
    /// What there is to decide by.
    #[must_use]
    pub const fn view(&self) -> &InvitationView {
        &self.view
    }

    /// Decides against it: the invite stays open.
    pub async fn decline(self) {
        self.connection.close().await;
    }

    /// Asks to be admitted, under the name that the owner will see. The calendar comes once an owner
    /// has said yes.
    pub async fn ask(self, name: Option<&str>) -> Result<InvitationView> {
        let Self {
            client,
            mut connection,
            invite,
            inviter,
            view,
        } = self;
        let identity = client.identity();
        let name = client.own_name(name)?;
        let account = client.read(|tx| logs::account(tx, identity))?;
        let card = Card {
            name: &name,
            colour: [0; 3],
        };
        let acceptance = accept(
            &mut SystemEntropy,
            &invite,
            &inviter,
            (&account, &identity.keys),
            card,
        )
        .map_err(told)?;
        let asked = connection.session.join(acceptance);
        done(&mut connection, asked).await?;
        connection.close().await;
        // From here on the calendar is one that this person wants: all their devices take it up.
        client.list_joined(&invite)?;
        let synced = client.sync(Mode::Once).await;
        if client.keeper_named(&invite.origin)?.is_own() {
            synced?;
        }
        // Elsewhere the owner has been asked, also while the own relay is away: it hears of it later.
        Ok(view)
    }
}

/// Shows the relay that this device holds the invite.
async fn look(connection: &mut Connection, invite: &CalendarInvite) -> Result<()> {
    let Invited {
        calendar,
        invite,
        signature,
    } = invited(connection, invite)?;
    let asked = connection.session.look(calendar, invite, signature);
    done(connection, asked).await
}

/// The calendar's log and those of all whom it names, from their first links.
async fn fetch(
    connection: &mut Connection,
    invite: &CalendarInvite,
) -> Result<(CalendarLog, BTreeMap<AccountId, AccountLog>)> {
    let calendar = links(connection, invite.calendar.into()).await?;
    let mut accounts = BTreeMap::new();
    for id in logs::named(&calendar)? {
        let links = links(connection, id.into()).await?;
        let log = AccountLog::from_links(&links).map_err(judged)?;
        if log.id() != id {
            return Err(told(InviteError::NotOpen));
        }
        accounts.insert(id, log);
    }
    let log = CalendarLog::from_links(&calendar, &accounts).map_err(judged)?;
    Ok((log, accounts))
}

async fn done(connection: &mut Connection, asked: u64) -> Result<()> {
    loop {
        let event = connection.next_event().await?;
        match &event {
            Event::Acked { request, .. } if *request == asked => return Ok(()),
            Event::Nacked(nack) if nack.request == asked => return Err(refused(nack.reason)),
            event => end_of(event)?,
        }
    }
}

fn refused(reason: Reason) -> Error {
    match reason {
        Reason::InviteInvalid | Reason::Forbidden => told(InviteError::NotOpen),
        Reason::Quota => Error::new(
            ErrorCode::InviteInvalid,
            "Too many have asked with this invite already. Nothing was changed. Ask the owner for \
             a new one, and whether they know who the others are.",
        ),
        reason => Error::new(
            ErrorCode::RelayRefused,
            format!("The relay refused ({reason:?}). Nothing was changed."),
        ),
    }
}

/// What is wrong with an invite, to a person.
pub(super) fn told(error: InviteError) -> Error {
    let message = match error {
        InviteError::Text => {
            "This is no invite to a calendar, or not all of it. Nothing was changed. Copy the whole \
             text; it begins with ALM1."
        }
        InviteError::Version(_) => {
            "This invite was made by a newer version of Almanac. Nothing was changed. Update this \
             program."
        }
        InviteError::Expired => {
            "This invite is over: it was good for a week. Nothing was changed. Ask the owner for a \
             new one."
        }
        InviteError::Log(_) => {
            "The relay shows another history of this calendar than the owner had. Nothing was \
             accepted. Ask the owner whether the invite is theirs, and do not join before."
        }
        _ => {
            "This invite is not open: it was used, was taken back, or is over. Nothing was changed. \
             Ask the owner for a new one."
        }
    };
    Error::new(ErrorCode::InviteInvalid, message)
}
