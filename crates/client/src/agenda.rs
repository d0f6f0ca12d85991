//! A stretch of days, ready to draw: blocks cut at midnight, bars for whole days, and lists.
//!
//! Every time is projected onto the wall clock of the zone that was asked for, here and nowhere
//! else: the interface never converts.

mod days;
mod listing;
mod pending;
mod slice;

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::{Event, Zone};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::Transaction;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::times::{system_zone, zone_or_system};
use crate::occurrences::{self, EventKey, Found, Stretch};
use crate::replica::documents;
use crate::search::MatchKind;
use crate::view::{CalendarView, ListedOccurrence, Moment, ViewQuery, ViewSlice};

pub(crate) use listing::{kind_of, listed, with_offset};
pub(crate) use pending::pending_documents;

/// Days in one slice: more than any view shows at once.
const DAYS_MAX: i64 = 800;

impl Client {
    /// What happens in a stretch of days, ready to draw.
    pub fn view(&self, query: ViewQuery) -> Result<ViewSlice> {
        let zone = zone_or_system(query.zone.as_deref())?;
        let (from, to) = (day(&query.from)?, day(&query.to)?);
        if !(1..=DAYS_MAX).contains(&(to.duration_since(from).as_hours() / 24)) {
            return Err(Error::invalid(format!(
                "A view shows 1 to {DAYS_MAX} days."
            )));
        }
        let days = days::between(from, to, &zone);
        let stretch = Stretch {
            from: zone.instant(from.to_datetime(jiff::civil::Time::midnight())),
            to: zone.instant(to.to_datetime(jiff::civil::Time::midnight())),
            zone,
        };
        let revision = self.revision();
        let all = self.calendars()?;
        let wanted = all.iter().filter(|one| match &query.calendars {
            Some(ids) => ids.contains(&one.id),
            None => !one.hidden,
        });
        let mut calendars_shown: BTreeMap<CalendarId, &CalendarView> = BTreeMap::new();
        for one in wanted {
            let id: CalendarId = one.id.parse().map_err(Error::internal)?;
            calendars_shown.insert(id, one);
        }
        let calendars: Vec<CalendarId> = calendars_shown.keys().copied().collect();
        let (found, pending) = self.read(|tx| {
            let found = occurrences::in_stretch(tx, self.ready_events(), &calendars, &stretch)?;
            let mut pending = BTreeSet::new();
            for calendar in &calendars {
                let documents = pending_documents(tx, self.identity(), *calendar)?;
                pending.extend(documents.into_iter().map(|document| (*calendar, document)));
            }
            Ok((found, pending))
        })?;
        let (timed, all_day) = slice::cut(&found, from, days.len(), &stretch.zone, |key| {
            let calendar = calendars_shown.get(&key.calendar);
            slice::Look {
                calendar: calendar.map_or("", |one| &one.id),
                color: calendar.map_or("", |one| &one.color),
                pending: pending.contains(&(key.calendar, key.document)),
            }
        });
        Ok(ViewSlice {
            revision,
            zone: stretch.zone.name().to_owned(),
            from: from.to_string(),
            to: to.to_string(),
            now: now_on(&stretch.zone),
            days,
            timed,
            all_day,
        })
    }

    /// What happens between two days or moments, in all calendars or in one, in order of time.
    ///
    /// An occurrence that only touches the stretch belongs to it.
    pub fn list(
        &self,
        from: &str,
        to: &str,
        zone: Option<&str>,
        calendar: Option<&str>,
    ) -> Result<Vec<ListedOccurrence>> {
        let stretch = Stretch::parse(from, to, zone_or_system(zone)?)?;
        let calendars = match calendar {
            Some(calendar) => vec![self.find_calendar(calendar)?],
            None => self.calendar_ids()?,
        };
        let found =
            self.read(|tx| occurrences::in_stretch(tx, self.ready_events(), &calendars, &stretch))?;
        let views = self.calendars()?;
        let names: BTreeMap<&str, &str> = views
            .iter()
            .map(|view| (view.id.as_str(), view.name.as_str()))
            .collect();
        let tasks = self.read(|tx| tasks_of(tx, &found))?;
        let rows = found.iter().map(|one| {
            let id = one.row.calendar.to_string();
            let name = names
                .get(id.as_str())
                .copied()
                .unwrap_or_default()
                .to_owned();
            let task = tasks.get(&one.row);
            let kind = task.map_or(MatchKind::Event, |task| {
                kind_of(task, &one.occurrence.original)
            });
            listed(
                &one.occurrence,
                one.row.document.to_string(),
                name,
                kind,
                &stretch.zone,
            )
        });
        Ok(rows.collect())
    }

    /// Whether a change to this event waits for the relay.
    pub(crate) fn is_pending(&self, calendar: CalendarId, document: DocumentId) -> Result<bool> {
        let waiting = self.read(|tx| pending_documents(tx, self.identity(), calendar))?;
        Ok(waiting.contains(&document))
    }
}

/// Those of the events found that are tasks.
fn tasks_of(tx: &Transaction<'_>, found: &[Found]) -> Result<BTreeMap<EventKey, Event>> {
    let keys: BTreeSet<EventKey> = found.iter().map(|one| one.row).collect();
    let mut tasks = BTreeMap::new();
    for key in keys {
        let row = tx.event(key.calendar, key.document)?;
        // Most are none, which costs no reading.
        let row = row.filter(|row| row.event.contains("\"task\":{"));
        if let Some(event) = row.and_then(|row| documents::event_of(&row).ok()) {
            tasks.insert(key, event);
        }
    }
    Ok(tasks)
}

fn day(text: &str) -> Result<Date> {
    text.trim()
        .parse()
        .map_err(|_| Error::invalid(format!("“{text}” is not a day. Days look like 2026-11-20.")))
}

fn now_on(zone: &Zone) -> Moment {
    moment_on(zone, clock::now())
}

/// A moment on the wall clock of this device, for a date that people read.
pub(crate) fn wall_clock(ms: u64) -> Moment {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    moment_on(&system_zone(), at)
}

fn moment_on(zone: &Zone, at: Timestamp) -> Moment {
    let clock = zone.wall_clock(at);
    Moment {
        date: clock.date().to_string(),
        minute: slice::minute_of(clock),
    }
}
