//! Times in a file: a value, its kind and its zone together.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::lines::Line;
use super::timezone::Zones;
use crate::civil::{datetime_of, seconds_of};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

/// A time as a file says it, with the name of its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time<'a> {
    /// A date, a wall clock, or an instant.
    pub value: OriginalStart,
    /// What stands after `TZID=`, unquoted.
    pub zone: Option<Cow<'a, str>>,
}

/// An extra start (RDATE), and how long it lasts where the file says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period<'a> {
    /// The start.
    pub start: Time<'a>,
    /// Until when, or for how long.
    pub end: Option<PeriodEnd>,
}

/// How a period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodEnd {
    /// At a time of the zone it starts in, or in UTC.
    At(OriginalStart),
    /// After so long.
    After(Length),
}

/// Reads one time in a form of RFC 5545 §3.3.4 and §3.3.5, and in others that were seen. A year of
/// more or fewer than four digits is none that could be written again.
pub(super) fn time(text: &str) -> Option<OriginalStart> {
    basic(text.as_bytes()).or_else(|| {
        let time: OriginalStart = text.parse().ok()?;
        Some(time).filter(|time| (0..=9_999).contains(&time.date().year()))
    })
}

/// `20261120`, `20261120T100000` and `20261120T100000Z`.
#[inline]
fn basic(text: &[u8]) -> Option<OriginalStart> {
    let (date, rest) = text.split_first_chunk::<8>()?;
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits(date)?;
    let year = 100 * i16::from(y1 * 10 + y2) + i16::from(y3 * 10 + y4);
    let (month, day) = (two(m1, m2), two(d1, d2));
    if rest.is_empty() {
        return Date::new(year, month, day).ok().map(OriginalStart::Date);
    }
    let (time, rest) = rest.strip_prefix(b"T")?.split_first_chunk::<6>()?;
    let [h1, h2, m1, m2, s1, s2] = digits(time)?;
    let (hour, minute, second) = (two(h1, h2), two(m1, m2), two(s1, s2));
    let at = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    match rest {
        b"" => Some(OriginalStart::Local(at)),
        b"Z" => Some(OriginalStart::Utc(at)),
        _ => None,
    }
}

/// The values of digits, where all are some.
#[inline]
fn digits<const N: usize>(text: &[u8; N]) -> Option<[u8; N]> {
    let values = text.map(|byte| byte.wrapping_sub(b'0'));
    values.iter().all(|value| *value <= 9).then_some(values)
}

#[inline]
fn two(tens: u8, ones: u8) -> i8 {
    i8::try_from(tens * 10 + ones).unwrap_or(0)
}

/// Reads the times of a property, lists too; `bad` is told what cannot be read.
pub(super) fn times<'a>(
    line: &'a Line<'_>,
    mut found: impl FnMut(Time<'a>),
    mut bad: impl FnMut(&'a str),
) {
    let zone = line.zone();
    // Most often it is just one.
    if let Some(value) = basic(line.value().as_bytes()) {
        return found(Time { value, zone });
    }
    for text in texts(line.value()) {
        match time(text) {
            Some(value) => found(Time {
                value,
                zone: zone.clone(),
            }),
            None => bad(text),
        }
    }
}

/// Whether a property says a time that can be read.
pub(super) fn says_time(line: &Line<'_>) -> bool {
    let mut found = false;
    times(line, |_| found = true, |_| ());
    found
}

/// Reads extra starts: like [`times`], and periods with how they end.
pub(super) fn periods<'a>(
    line: &'a Line<'_>,
    mut found: impl FnMut(Period<'a>),
    mut bad: impl FnMut(&'a str),
) {
    let zone = line.zone();
    for text in texts(line.value()) {
        let (start, end) = text.split_once('/').unwrap_or((text, ""));
        let Some(value) = time(start) else {
            bad(text);
            continue;
        };
        let end = match end.parse() {
            Ok(length) => Some(PeriodEnd::After(length)),
            Err(_) => time(end).map(PeriodEnd::At),
        };
        let start = Time {
            value,
            zone: zone.clone(),
        };
        found(Period { start, end });
    }
}

fn texts(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// A time with the zone that its name means in this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The value.
    pub(super) value: OriginalStart,
    /// The zone of a local value.
    pub(super) zone: Option<Zone>,
}

impl Stamp {
    /// A zone beside a time in UTC, or beside a date, says nothing.
    pub(super) fn of(time: &Time<'_>, zones: &mut Zones<'_>) -> Self {
        let zone = match time.value {
            OriginalStart::Local(_) => time.zone.as_deref().map(|name| zones.named(name)),
            OriginalStart::Date(_) | OriginalStart::Utc(_) => None,
        };
        Self {
            value: time.value,
            zone,
        }
    }

    /// The instant; without a zone, as if it were in UTC.
    pub(super) fn instant(&self) -> Timestamp {
        match &self.zone {
            Some(zone) => zone.instant(self.value.wall_clock()),
            None => Zone::utc().instant(self.value.wall_clock()),
        }
    }

    /// The zone its value is in: that of UTC too.
    pub(super) fn own_zone(&self) -> Option<Zone> {
        match self.value {
            OriginalStart::Utc(_) => Some(Zone::utc()),
            OriginalStart::Local(_) | OriginalStart::Date(_) => self.zone.clone(),
        }
    }

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

/// The length of a period: said as one, or as a time.
pub(super) fn length_of(period: &Period<'_>, start: &Stamp) -> Option<Length> {
    match period.end? {
        PeriodEnd::After(length) => Some(length),
        PeriodEnd::At(value) => {
            let end = Stamp {
                value,
                zone: start.zone.clone(),
            };
            let at = |stamp: &Stamp| seconds_of(stamp.wall_clock_in(&Zone::utc()));
            Some(Length::from_seconds(at(&end) - at(start)))
        }
    }
}

/// A rule with its UNTIL as RFC 5545 §3.3.10 asks for beside a start in a zone: in UTC. As a day or
/// a wall clock it is one of that zone.
pub(super) fn until_as_asked<'a>(rule: &'a Rule, when: &When) -> Cow<'a, Rule> {
    match (rule.until, when.zone()) {
        (Some(until @ (OriginalStart::Date(_) | OriginalStart::Local(_))), Some(zone)) => {
            let at = Zone::utc().wall_clock(zone.instant(until.wall_clock()));
            let until = Some(OriginalStart::Utc(at));
            Cow::Owned(Rule {
                until,
                ..rule.clone()
            })
        }
        _ => Cow::Borrowed(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_form_reads_what_the_slow_one_reads() {
        for text in [
            "20261120",
            "20261120T100000",
            "20261120T100000Z",
            "20261120T100060Z",
            "20261320",
            "20261120T250000",
            "20261120T1000",
            "20261120T100000z",
            "2026112",
            "2026112é",
            "20261120t100000",
            "",
        ] {
            assert_eq!(time(text), text.parse().ok(), "{text}");
        }
    }
}
