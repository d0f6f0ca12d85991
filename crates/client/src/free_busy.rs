//! When this person is taken and when they are free, over all calendars or some.

use std::ops::Range;

use almanac_calendar::event::Event;
use almanac_calendar::free_busy::{self, BusyKind, BusyPeriod, Hours};
use almanac_calendar::ics::{self, CalendarFile, FreeBusy};
use almanac_calendar::{EventId, Length};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::Role;
use almanac_store::Window;
use jiff::Timestamp;
use jiff::civil::Time;
use serde::Serialize;
use ts_rs::TS;

use crate::agenda::with_offset;
use crate::client::Client;
use crate::clock;
use crate::entropy;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::occurrences::Stretch;
use crate::replica::{documents, logs};

/// The hours in which a meeting is looked for, unless told otherwise.
pub(crate) const WORKING_HOURS: &str = "09:00-17:00";

/// A stretch of time that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BusyStretch {
    /// RFC 3339 with the offset of the zone that was asked for.
    pub start: String,
    /// The same for the end.
    pub end: String,
    /// How firmly.
    pub kind: BusyKindView,
}

/// How firmly a stretch of time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BusyKindView {
    /// Perhaps.
    Tentative,
    /// Taken.
    Busy,
    /// Never to be had.
    Unavailable,
}

/// A stretch of time that is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FreeStretch {
    /// RFC 3339 with the offset of the zone that was asked for.
    pub start: String,
    /// The same for the end.
    pub end: String,
}

/// Between when and when, on whose clock, and in which calendar; all of them when absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusyQuery<'a> {
    /// First day or moment.
    pub from: &'a str,
    /// First day or moment after.
    pub to: &'a str,
    /// Zone of the wall clock; the system's when absent.
    pub zone: Option<&'a str>,
    /// Id or name of the calendar.
    pub calendar: Option<&'a str>,
}

impl Client {
    /// When this person is taken, without saying what by.
    pub fn busy(&self, query: BusyQuery<'_>) -> Result<Vec<BusyStretch>> {
        let (stretch, busy) = self.taken(query)?;
        Ok(shown(busy, &stretch))
    }

    /// The same as the text of an .ics file for others (VFREEBUSY, RFC 5545 §3.6.4): no titles, no
    /// places, no names, and nothing by which two such files could be told to be of one person.
    pub fn busy_file(&self, query: BusyQuery<'_>) -> Result<String> {
        let (stretch, periods) = self.taken(query)?;
        let busy = FreeBusy {
            uid: EventId::from_bytes(entropy::bytes()).uid(),
            start: Some(stretch.from),
            end: Some(stretch.to),
            stamped: Some(clock::now()),
            periods,
            ..FreeBusy::default()
        };
        Ok(ics::write_file(&CalendarFile {
            method: Some("PUBLISH".to_owned()),
            busy: vec![busy],
            ..CalendarFile::default()
        }))
    }

    /// When this person is free for at least so long (`45m`, `2h`), within hours of working days
    /// (`09:00-17:00`), or of every day where `hours` is `always`.
    pub fn free(
        &self,
        query: BusyQuery<'_>,
        at_least: &str,
        hours: Option<&str>,
    ) -> Result<Vec<FreeStretch>> {
        let at_least = length(at_least)?;
        let hours = hours_of(hours.unwrap_or(WORKING_HOURS))?;
        let (stretch, busy) = self.taken(query)?;
        let window = stretch.from..stretch.to;
        let free = free_busy::free(&busy, &window, &hours, &stretch.zone, at_least);
        let shown = |span: Range<Timestamp>| FreeStretch {
            start: with_offset(span.start, &stretch.zone),
            end: with_offset(span.end, &stretch.zone),
        };
        Ok(free.into_iter().map(shown).collect())
    }

    /// The busy periods of a stretch of time.
    pub(crate) fn taken(&self, query: BusyQuery<'_>) -> Result<(Stretch, Vec<BusyPeriod>)> {
        let stretch = Stretch::parse(query.from, query.to, zone_or_system(query.zone)?)?;
        let calendars = match query.calendar {
            Some(calendar) => vec![self.find_calendar(calendar)?],
            None => self.own_calendars()?,
        };
        let busy = self.taken_in(&calendars, &stretch)?;
        Ok((stretch, busy))
    }

    /// Those that take this person's time: calendars into which they may write. What they only look at says
    /// when others are taken.
    fn own_calendars(&self) -> Result<Vec<CalendarId>> {
        let (identity, all) = (self.identity(), self.calendar_ids()?);
        self.read(|tx| {
            let mut own = Vec::new();
            for id in all {
                if logs::own_role(tx, identity, id)?.is_some_and(Role::can_write) {
                    own.push(id);
                }
            }
            Ok(own)
        })
    }

    /// The busy periods that calendars make.
    pub(crate) fn taken_in(
        &self,
        calendars: &[CalendarId],
        stretch: &Stretch,
    ) -> Result<Vec<BusyPeriod>> {
        let window = Window {
            from_s: stretch.from.as_second(),
            to_s: stretch.to.as_second().saturating_add(1),
        };
        let mut events: Vec<Event> = Vec::new();
        for calendar in calendars {
            for row in self.read(|tx| Ok(tx.events_in(*calendar, window)?))? {
                events.push(documents::event_of(&row)?);
            }
        }
        let window = stretch.from..stretch.to;
        Ok(free_busy::busy(&events, window, &stretch.zone))
    }
}

/// Busy periods on the wall clock that was asked for.
pub(crate) fn shown(busy: Vec<BusyPeriod>, stretch: &Stretch) -> Vec<BusyStretch> {
    let shown = |period: BusyPeriod| BusyStretch {
        start: with_offset(period.span.start, &stretch.zone),
        end: with_offset(period.span.end, &stretch.zone),
        kind: kind(period.kind),
    };
    busy.into_iter().map(shown).collect()
}

const fn kind(kind: BusyKind) -> BusyKindView {
    match kind {
        BusyKind::Tentative => BusyKindView::Tentative,
        BusyKind::Busy => BusyKindView::Busy,
        BusyKind::Unavailable => BusyKindView::Unavailable,
    }
}

/// `45m`, `2h`, `1h30m`.
pub(crate) fn length(text: &str) -> Result<Length> {
    let form = format!("PT{}", text.trim().to_ascii_uppercase());
    let found = form.parse::<Length>().ok();
    found
        .filter(|length| length.seconds() > 0)
        .ok_or_else(|| Error::invalid(format!("“{text}” is no length. Write 45m, 2h or 1h30m.")))
}

/// `09:00-17:00` from Monday to Friday, or `always`.
pub(crate) fn hours_of(text: &str) -> Result<Hours> {
    if text.trim().eq_ignore_ascii_case("always") {
        return Ok(Hours::always());
    }
    let parsed = text.split_once('-').and_then(|(from, to)| {
        let time = |text: &str| text.trim().parse::<Time>().ok();
        Some((time(from)?, time(to)?))
    });
    let (from, to) = parsed.ok_or_else(|| {
        Error::invalid(format!(
            "“{text}” are no hours. Write 09:00-17:00, or always."
        ))
    })?;
    Ok(Hours::working_days(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_hours_are_read_as_people_write_them() {
        assert_eq!(length("45m").unwrap(), Length::from_seconds(2_700));
        assert_eq!(length(" 1h30m ").unwrap(), Length::from_seconds(5_400));
        for text in ["", "45", "-45m", "soon", "0m"] {
            assert!(length(text).is_err(), "{text}");
        }
        assert!(hours_of("09:00-17:00").is_ok() && hours_of("Always").is_ok());
        assert!(hours_of("nine to five").is_err());
    }
}
