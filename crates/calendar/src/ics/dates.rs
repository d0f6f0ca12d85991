//! Times in a file: a value, its kind and its zone together.

use jiff::civil::DateTime;

use super::lines::Line;
use super::problem::ProblemKind;
use super::timezone::Zones;
use crate::civil::{datetime_of, seconds_of};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::when::When;
use crate::zone::Zone;

/// A time as a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The value.
    pub(super) value: OriginalStart,
    /// The zone of a local value.
    pub(super) zone: Option<Zone>,
}

impl Stamp {
    /// The wall clock in a zone.
    pub(super) fn wall_clock_in(&self, zone: &Zone) -> DateTime {
        match (&self.value, &self.zone) {
            (OriginalStart::Utc(at), _) => zone.wall_clock(Zone::utc().instant(*at)),
            (OriginalStart::Local(at), Some(own)) if own != zone => {
                zone.wall_clock(own.instant(*at))
            }
            (OriginalStart::Local(at), _) => *at,
            (OriginalStart::Date(date), _) => date.at(0, 0, 0, 0),
        }
    }

    /// The name an event of this time gives to its start. A date stays a date.
    pub(super) fn original_for(&self, when: &When) -> OriginalStart {
        let zone = match when {
            When::AllDay { .. } => return OriginalStart::Date(self.value.date()),
            When::Floating { .. } => {
                return match self.value {
                    OriginalStart::Date(_) => self.value,
                    OriginalStart::Local(at) | OriginalStart::Utc(at) => OriginalStart::Local(at),
                };
            }
            When::Zoned { zone, .. } => zone,
        };
        if let OriginalStart::Date(_) = self.value {
            return self.value;
        }
        let at = self.wall_clock_in(zone);
        if zone.is_utc() {
            return OriginalStart::Utc(at);
        }
        let instant = match (&self.value, &self.zone) {
            (OriginalStart::Utc(at), _) => Zone::utc().instant(*at),
            (OriginalStart::Local(local), Some(own)) if own != zone => own.instant(*local),
            _ => return OriginalStart::Local(at),
        };
        if zone.instant(at) == instant {
            OriginalStart::Local(at)
        } else {
            let utc = datetime_of(instant.as_second()).unwrap_or_default();
            OriginalStart::Utc(utc)
        }
    }
}

/// Times of one property that cannot be read.
pub(super) type BadTimes = Vec<ProblemKind>;

/// Reads the times of a property: `DTSTART`, `EXDATE` and their kind, lists too.
pub(super) fn stamps(line: &Line<'_>, zones: &mut Zones<'_>) -> (Vec<Stamp>, BadTimes) {
    let mut bad = Vec::new();
    let mut found = Vec::new();
    let zone = line.parameter("TZID").map(|name| zones.named(&name));
    for text in line
        .value()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        match stamp(text, zone.as_ref()) {
            Some(stamp) => found.push(stamp),
            None => bad.push(ProblemKind::BadTime(
                line.name().to_owned(),
                text.to_owned(),
            )),
        }
    }
    (found, bad)
}

/// Reads extra starts: like [`stamps`], and periods with how long they last.
pub(super) fn periods(
    line: &Line<'_>,
    zones: &mut Zones<'_>,
) -> (Vec<(Stamp, Option<Length>)>, BadTimes) {
    let mut bad = Vec::new();
    let mut found = Vec::new();
    let zone = line.parameter("TZID").map(|name| zones.named(&name));
    for text in line
        .value()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let (start, end) = text.split_once('/').unwrap_or((text, ""));
        match stamp(start, zone.as_ref()) {
            Some(start) => {
                let length = length_until(&start, end, zone.as_ref());
                found.push((start, length));
            }
            None => bad.push(ProblemKind::BadTime(
                line.name().to_owned(),
                text.to_owned(),
            )),
        }
    }
    (found, bad)
}

/// The length of a period: said as one, or as a time.
fn length_until(start: &Stamp, end: &str, zone: Option<&Zone>) -> Option<Length> {
    if let Ok(length) = end.parse() {
        return Some(length);
    }
    let end = stamp(end, zone)?;
    let at = |stamp: &Stamp| seconds_of(stamp.wall_clock_in(&Zone::utc()));
    Some(Length::from_seconds(at(&end) - at(start)))
}

/// One time in one of the forms of RFC 5545; a zone beside a time in UTC says nothing.
fn stamp(text: &str, zone: Option<&Zone>) -> Option<Stamp> {
    let value: OriginalStart = text.parse().ok()?;
    let zone = match value {
        OriginalStart::Local(_) => zone.cloned(),
        OriginalStart::Date(_) | OriginalStart::Utc(_) => None,
    };
    Some(Stamp { value, zone })
}
