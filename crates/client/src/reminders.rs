//! Which reminders ring next, and when those ring that a person put off.

mod snooze;

use almanac_calendar::Zone;
use almanac_calendar::event::Action as RingAction;
use almanac_calendar::reminder::{self, Ring, Setup};
use almanac_protocol::ids::CalendarId;
use almanac_store::{EventRow, Window};
use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use crate::agenda::with_offset;
use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::replica::documents;

pub use self::snooze::SnoozeUntil;

/// What the row of an event with a reminder says somewhere.
const MARK: &str = "\"trigger\":";
/// Seconds after its end for which an event may still ring.
const AFTER_S: i64 = 31 * 86_400;

/// One time that a reminder rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RingView {
    /// When it rings, RFC 3339 with the offset of the zone that was asked for.
    pub at: String,
    /// Id of the event.
    pub event: String,
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Name of the calendar.
    pub calendar: String,
    /// Title; may be empty.
    pub title: String,
    /// Place; may be empty.
    pub place: String,
    /// When the occurrence starts: RFC 3339, or the day.
    pub start: String,
    /// Whether it is whole days.
    pub all_day: bool,
    /// `display`, `audio` or `email`.
    pub action: String,
    /// What it says; may be empty.
    pub text: String,
    /// Whether this person put it off until then.
    pub snoozed: bool,
}

impl Client {
    /// The next reminders that ring from now on, in order of time.
    pub fn next_reminders(&self, count: usize, zone: Option<&str>) -> Result<Vec<RingView>> {
        let zone = zone_or_system(zone)?;
        let now = clock::now();
        let window = Window {
            from_s: now.as_second().saturating_sub(AFTER_S),
            to_s: i64::MAX,
        };
        let mut snoozes = self.snoozes()?;
        let mut found: Vec<(Timestamp, RingView)> = Vec::new();
        for calendar in self.calendars()? {
            let id: CalendarId = calendar.id.parse().map_err(Error::internal)?;
            for row in self.read(|tx| Ok(tx.events_in(id, window)?))? {
                let setup = Setup {
                    snoozes: snoozes.remove(&row.document).unwrap_or_default(),
                    ..Setup::default()
                };
                let rings = rings(&row, (now, count), &zone, &setup)?.into_iter();
                found.extend(rings.map(|ring| shown(ring, &row, &calendar.name, &zone)));
            }
            // Only so many are wanted, and of many events most ring later.
            found.sort_by_key(|(at, _)| *at);
            found.truncate(count);
        }
        Ok(found.into_iter().map(|(_, ring)| ring).collect())
    }
}

fn rings(
    row: &EventRow,
    (now, count): (Timestamp, usize),
    zone: &Zone,
    setup: &Setup,
) -> Result<Vec<Ring>> {
    if !row.event.contains(MARK) {
        return Ok(Vec::new());
    }
    let event = documents::event_of(row)?;
    Ok(reminder::next(&event, now, count, zone, setup))
}

fn shown(ring: Ring, row: &EventRow, calendar: &str, zone: &Zone) -> (Timestamp, RingView) {
    let start = if ring.all_day {
        zone.wall_clock(ring.start).date().to_string()
    } else {
        with_offset(ring.start, zone)
    };
    let view = RingView {
        at: with_offset(ring.at, zone),
        event: row.document.to_string(),
        occurrence: ring.original.to_string(),
        calendar: calendar.to_owned(),
        title: ring.title.to_string(),
        place: ring.place.to_string(),
        start,
        all_day: ring.all_day,
        action: action(ring.action).to_owned(),
        text: ring.text,
        snoozed: ring.is_snoozed,
    };
    (ring.at, view)
}

const fn action(action: RingAction) -> &'static str {
    match action {
        RingAction::Audio => "audio",
        RingAction::Email => "email",
        RingAction::Display => "display",
    }
}
