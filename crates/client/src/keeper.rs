//! Which relay keeps a calendar: the account's own, or that of whoever shares it.
//!
//! ```text
//! invite ─▶ private calendar: which relay ─▶ every device of the account ─▶ a row of its own
//! ```
//!
//! Invariants: what belongs to a calendar goes to the relay that keeps it and to no other; only what this
//! account has itself written into its private calendar says which that is, never a relay.

use std::collections::BTreeSet;
use std::sync::Arc;

use almanac_calendar::document::private::Private;
use almanac_protocol::ids::CalendarId;
use almanac_store::{CalendarRow, Setting, Transaction};
use serde::Serialize;
use ts_rs::TS;

use crate::client::{Client, Identity};
use crate::error::{Error, Result};
use crate::replica::documents;
use crate::sync::{RelayAddress, read_anew, start_calendar_over};

/// The relay that keeps a calendar, and with which a connection speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeper {
    /// The account's own.
    #[default]
    Own,
    /// That of whoever shares the calendar: its origin.
    Other(Arc<str>),
}

impl Keeper {
    /// Whether it is the account's own relay.
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self, Self::Own)
    }

    /// What went wrong there, to a person who also has another relay.
    pub(crate) fn says(&self, error: Error) -> Error {
        match self {
            Self::Own => error,
            Self::Other(origin) => Error::new(
                error.code,
                format!(
                    "This is about {origin}, which keeps a calendar that is shared with you; nothing else \
                     waits for it. {}",
                    error.message
                ),
            ),
        }
    }
}

/// Calendars that a relay other than the own one keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Elsewhere {
    /// The relay.
    pub relay: String,
    /// What they are called.
    pub calendars: Vec<String>,
}

impl Client {
    /// Calendars that other relays keep.
    pub(crate) fn elsewhere(&self) -> Result<Vec<Elsewhere>> {
        let mut elsewhere: Vec<Elsewhere> = Vec::new();
        for calendar in self.calendars()? {
            let id = calendar.id.parse().map_err(Error::internal)?;
            let Keeper::Other(origin) = self.keeper_of(id)? else {
                continue;
            };
            let relay = origin.to_string();
            match elsewhere.iter_mut().find(|known| known.relay == relay) {
                Some(known) => known.calendars.push(calendar.name),
                None => elsewhere.push(Elsewhere {
                    relay,
                    calendars: vec![calendar.name],
                }),
            }
        }
        Ok(elsewhere)
    }

    /// The address of a relay.
    pub(crate) fn address_of(&self, keeper: &Keeper) -> Result<RelayAddress> {
        match keeper {
            Keeper::Own => self.relay(),
            Keeper::Other(origin) => RelayAddress::parse(origin),
        }
    }

    /// The keeper with this origin. An account without a relay of its own visits none.
    pub(crate) fn keeper_named(&self, origin: &str) -> Result<Keeper> {
        self.relay()?;
        self.read(|tx| named(tx, origin.into()))
    }

    /// Who keeps a calendar.
    pub(crate) fn keeper_of(&self, id: CalendarId) -> Result<Keeper> {
        self.read(|tx| of(tx, id))
    }
}

/// Who keeps a calendar.
pub(crate) fn of(tx: &Transaction<'_>, id: CalendarId) -> Result<Keeper> {
    let Some(origin) = tx.calendar_relay(id)? else {
        return Ok(Keeper::Own);
    };
    named(tx, origin.into())
}

/// The keeper with this origin: the account may live there too.
fn named(tx: &Transaction<'_>, origin: Arc<str>) -> Result<Keeper> {
    let own = tx.setting(Setting::Relay)?;
    Ok(if own.as_deref() == Some(origin.as_bytes()) {
        Keeper::Own
    } else {
        Keeper::Other(origin)
    })
}

/// The calendars that a relay keeps, in the order of their ids.
pub(crate) fn calendars(tx: &Transaction<'_>, keeper: &Keeper) -> Result<Vec<CalendarRow>> {
    let rows = tx.calendars()?;
    if keeper.is_own() && !tx.has_calendars_elsewhere()? {
        return Ok(rows);
    }
    let mut kept = Vec::new();
    for row in rows {
        if of(tx, row.id)? == *keeper {
            kept.push(row);
        }
    }
    Ok(kept)
}

/// Under which name it stands among the settings of the account which relay keeps a calendar.
fn setting(calendar: &str) -> String {
    format!("relay/{calendar}")
}

/// Notes in the private calendar which relay keeps a calendar.
pub(crate) fn note(private: &mut Private, calendar: &str, origin: &str) {
    let text = serde_json::Value::from(origin).to_string();
    private.settings.insert(setting(calendar), text);
}

fn noted(private: &Private, calendar: &str) -> Option<String> {
    let text = private.settings.get(&setting(calendar))?;
    serde_json::from_str(text).ok()
}

/// Who is to keep a calendar that is not here yet, as the private calendar says.
pub(crate) fn expected(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<Keeper> {
    let private = documents::private(tx, identity.private)?;
    match noted(&private, &id.to_string()) {
        Some(origin) => named(tx, origin.into()),
        None => Ok(Keeper::Own),
    }
}

/// The relays other than the own one that keep a calendar which this person has or has asked for, and has
/// not taken out of their list, or to which something is still to be sent.
pub(crate) fn others(tx: &Transaction<'_>, identity: &Identity) -> Result<BTreeSet<Arc<str>>> {
    let private = documents::private(tx, identity.private)?;
    let mut others = BTreeSet::new();
    for (calendar, listing) in &private.calendars {
        let has_unsent = match calendar.parse() {
            Ok(id) => tx.has_unsent(id)?,
            Err(_) => false,
        };
        let is_wanted = !listing.is_removed || has_unsent;
        let Some(origin) = noted(&private, calendar).filter(|_| is_wanted) else {
            continue;
        };
        if let Keeper::Other(origin) = named(tx, origin.into())? {
            others.insert(origin);
        }
    }
    Ok(others)
}

/// Calendars whose rows do not say what the private calendar says: those that came out of a backup, and
/// those with which whoever shares them has moved.
fn unsettled(tx: &Transaction<'_>, identity: &Identity) -> Result<Vec<(CalendarId, String)>> {
    let private = documents::private(tx, identity.private)?;
    let mut unsettled = Vec::new();
    for row in tx.calendars()? {
        if let Some(origin) = noted(&private, &row.id.to_string())
            && tx.calendar_relay(row.id)?.as_ref() != Some(&origin)
        {
            unsettled.push((row.id, origin));
        }
    }
    Ok(unsettled)
}

/// Has the rows of calendars say what the private calendar says.
pub(crate) fn settle(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    let unsettled = unsettled(tx, identity)?;
    if !unsettled.is_empty() {
        // A connection to the relay that kept one until now must not go on with it.
        read_anew(tx)?;
    }
    for (id, origin) in unsettled {
        tx.set_calendar_relay(id, &origin)?;
        start_calendar_over(tx, identity, id)?;
    }
    Ok(())
}

impl Client {
    /// The same before anything is sent anywhere.
    pub(crate) fn settle_keepers(&self) -> Result<()> {
        let identity = self.identity();
        if self.read(|tx| unsettled(tx, identity))?.is_empty() {
            return Ok(());
        }
        self.store(|tx| settle(tx, identity))
    }
}
