//! Putting a reminder off. That is each person's own, also in a calendar of many: it stands among the
//! settings of the account, so all of their devices ring later and nobody else's.

use std::collections::BTreeMap;

use almanac_calendar::Zone;
use almanac_calendar::original::OriginalStart;
use almanac_calendar::reminder::{self, Ring, Setup, Snoozes};
use almanac_protocol::ids::DocumentId;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use ts_rs::TS;

use super::{RingView, shown};
use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::find;
use crate::events::times::zone_or_system;
use crate::findings;
use crate::replica::documents;

/// Before the name of each among the settings.
const PREFIX: &str = "snooze/";
/// How long ago a reminder may have rung that is put off.
const RUNG: SignedDuration = SignedDuration::from_hours(24);
/// Minutes for which a reminder may be put off: a year.
const MINUTES_MAX: u32 = 366 * 24 * 60;

/// Until when a reminder is put off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SnoozeUntil {
    /// So many minutes from now.
    Minutes(u32),
    /// The moment the occurrence starts.
    Start,
    /// A wall clock in the zone of the call, `2026-11-20T10:00`.
    At(String),
}

impl Client {
    /// Puts off the reminder of an event that rang last, or rings next; of one occurrence, if it is named.
    /// Gives when it rings now.
    pub fn snooze(
        &self,
        event: &str,
        occurrence: Option<&str>,
        until: &SnoozeUntil,
        zone: Option<&str>,
    ) -> Result<RingView> {
        let (zone, now) = (zone_or_system(zone)?, clock::now());
        let only = occurrence.map(original).transpose()?;
        let row = self.read(|tx| find::event(tx, event))?;
        let event = documents::event_of(&row)?;
        let setup = Setup::default();
        let is_meant = |ring: &Ring| only.is_none_or(|only| ring.original == only);
        let rung = reminder::due(&event, (now - RUNG)..now, &zone, &setup);
        let mut next = reminder::next(&event, now, usize::from(u8::MAX), &zone, &setup).into_iter();
        let ring = rung
            .into_iter()
            .rfind(is_meant)
            .or_else(|| next.find(is_meant));
        let ring = ring.ok_or_else(|| {
            Error::not_found(
                "No reminder of this rang within a day or rings later. Nothing was changed.",
            )
        })?;
        let at = moment(until, &ring, now, &zone)?;
        let name = format!(
            "{PREFIX}{}/{}/{}",
            row.document, ring.original, ring.reminder
        );
        self.write(|work| {
            documents::edit_private(work, |private| {
                let is_over = |name: &String, text: &String| {
                    name.starts_with(PREFIX) && text.parse().is_ok_and(|ms: i64| ms < long_ago(now))
                };
                private.settings.retain(|name, text| !is_over(name, text));
                private
                    .settings
                    .insert(name, at.as_millisecond().to_string());
            })
        })?;
        let calendar = self.read(|tx| findings::name(tx, row.calendar))?;
        let (_, view) = shown(
            Ring {
                at,
                is_snoozed: true,
                ..ring
            },
            &row,
            &calendar,
            &zone,
        );
        Ok(view)
    }

    /// What this person put off, by event.
    pub(super) fn snoozes(&self) -> Result<BTreeMap<DocumentId, Snoozes>> {
        let private = self.read(|tx| documents::private(tx, self.identity().private))?;
        let mut all: BTreeMap<DocumentId, Snoozes> = BTreeMap::new();
        for (name, text) in private.settings {
            if let Some((document, key, at)) = read(&name, &text) {
                all.entry(document).or_default().insert(key, at);
            }
        }
        Ok(all)
    }
}

/// One setting; none where it is another one.
fn read(name: &str, text: &str) -> Option<(DocumentId, (OriginalStart, String), Timestamp)> {
    let mut parts = name.strip_prefix(PREFIX)?.splitn(3, '/');
    let document = parts.next()?.parse().ok()?;
    let original = parts.next()?.parse().ok()?;
    let reminder = parts.next()?.to_owned();
    let at = Timestamp::from_millisecond(text.parse().ok()?).ok()?;
    Some((document, (original, reminder), at))
}

fn moment(until: &SnoozeUntil, ring: &Ring, now: Timestamp, zone: &Zone) -> Result<Timestamp> {
    let at = match until {
        SnoozeUntil::Minutes(minutes) if (1..=MINUTES_MAX).contains(minutes) => {
            now + SignedDuration::from_mins(i64::from(*minutes))
        }
        SnoozeUntil::Minutes(_) => {
            return Err(Error::invalid(
                "A reminder is put off for a minute to a year. Nothing was changed.",
            ));
        }
        SnoozeUntil::Start => ring.start,
        SnoozeUntil::At(text) => zone.instant(text.parse::<DateTime>().map_err(|_malformed| {
            Error::invalid(format!(
                "“{text}” is no time such as 2026-11-20T10:00. Nothing was changed."
            ))
        })?),
    };
    if at <= now {
        return Err(Error::invalid(
            "That is over already, so the reminder would never ring. Nothing was changed. Put it off for \
             some minutes instead.",
        ));
    }
    Ok(at)
}

fn original(text: &str) -> Result<OriginalStart> {
    text.parse().map_err(|_malformed| {
        Error::invalid(format!(
            "“{text}” is no occurrence such as 2026-11-20T10:00. Nothing was changed."
        ))
    })
}

/// What was put off until then can no longer ring.
fn long_ago(now: Timestamp) -> i64 {
    (now - RUNG).as_millisecond()
}
