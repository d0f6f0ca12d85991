//! The name of one occurrence within its series: the start its rule gave it.
//!
//! Kept as wall clock and kind, never as an instant, so that a new zone keeps the exceptions of
//! a series where a person put them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};

use crate::text_form::serde_by_text;

/// The start of an occurrence before anyone moved it (RFC 5545 §3.8.4.4, `RECURRENCE-ID`).
///
/// Its text is `2026-11-20`, `2026-11-20T10:00:00` or `2026-11-20T10:00:00Z`. Dates sort before
/// times of the same kind only by kind; within a kind the order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OriginalStart {
    /// A whole day.
    Date(Date),
    /// A wall clock in the event's own zone, or in none.
    Local(DateTime),
    /// An instant: an event in UTC, or the second of two equal wall clocks when clocks go back.
    Utc(DateTime),
}

/// A text that is neither a date nor a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time looks like 2026-11-20 or 2026-11-20T10:00")]
pub struct NotATime;

impl OriginalStart {
    /// The date on the wall.
    #[must_use]
    pub fn date(&self) -> Date {
        match self {
            Self::Date(date) => *date,
            Self::Local(at) | Self::Utc(at) => at.date(),
        }
    }

    /// The wall clock; a date stands for its midnight.
    #[must_use]
    pub fn wall_clock(&self) -> DateTime {
        match self {
            Self::Date(date) => date.at(0, 0, 0, 0),
            Self::Local(at) | Self::Utc(at) => *at,
        }
    }

    /// The same kind at another wall clock; a date keeps only the day.
    #[must_use]
    pub fn with_wall_clock(&self, at: DateTime) -> Self {
        match self {
            Self::Date(_) => Self::Date(at.date()),
            Self::Local(_) => Self::Local(at),
            Self::Utc(_) => Self::Utc(at),
        }
    }
}

impl fmt::Display for OriginalStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.wall_clock();
        let mut text = *b"0000-00-00T00:00:00Z";
        let length = match self {
            Self::Date(_) => "0000-00-00".len(),
            Self::Local(_) => text.len() - 1,
            Self::Utc(_) => text.len(),
        };
        let Ok(year @ 0..=9_999) = u16::try_from(at.year()) else {
            return self.fmt_far(f);
        };
        let [century, year] = [year / 100, year % 100]
            .map(u16::to_le_bytes)
            .map(|[low, _]| low);
        let others = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
        let [month, day, hour, minute, second] = others.map(i8::unsigned_abs);
        let numbers = [century, year, month, day, hour, minute, second];
        for (place, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(numbers) {
            if let Some([tens, ones]) = text.get_mut(place..place + 2) {
                (*tens, *ones) = (b'0' + number / 10, b'0' + number % 10);
            }
        }
        // One write of few bytes: a month has a thousand of these texts.
        let text = text.get(..length).unwrap_or_default();
        f.write_str(str::from_utf8(text).map_err(|_| fmt::Error)?)
    }
}

impl OriginalStart {
    /// The text in years that take a sign.
    fn fmt_far(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Local(at) => write!(f, "{}T{}", at.date(), at.strftime("%H:%M:%S")),
            Self::Utc(at) => write!(f, "{}T{}Z", at.date(), at.strftime("%H:%M:%S")),
        }
    }
}

impl FromStr for OriginalStart {
    type Err = NotATime;

    /// Reads `2026-11-20`, `2026-11-20T10:00`, `2026-11-20 10:00:30`, each also with `Z`, and the
    /// forms of RFC 5545 without dashes and colons.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        let split = text.find(['T', 't', ' ']);
        let (date, time) = match split.and_then(|at| text.split_at_checked(at)) {
            Some((date, time)) => (date, time.trim_start_matches(['T', 't', ' '])),
            None => return date_from(text).map(Self::Date).ok_or(NotATime),
        };
        let date = date_from(date).ok_or(NotATime)?;
        match time.strip_suffix(['Z', 'z']) {
            Some(time) => Ok(Self::Utc(
                date.to_datetime(time_from(time).ok_or(NotATime)?),
            )),
            None => Ok(Self::Local(
                date.to_datetime(time_from(time).ok_or(NotATime)?),
            )),
        }
    }
}

serde_by_text!(OriginalStart);

/// `2026-11-20` or `20261120`, with a sign before years outside 0 to 9999.
fn date_from(text: &str) -> Option<Date> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (year, month, day) = if digits.contains('-') {
        let mut parts = digits.split('-');
        let found = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        found
    } else if digits.len() == 8 {
        (digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?)
    } else {
        return None;
    };
    let year = i16::try_from(number(year, 4..=6)?).ok()?;
    let part = |text| i8::try_from(number(text, 1..=2)?).ok();
    Date::new(sign * year, part(month)?, part(day)?).ok()
}

/// `10:00`, `10:00:30`, `1000`, `100030`; a leap second counts as the second before it.
fn time_from(text: &str) -> Option<Time> {
    let (hour, minute, second) = if text.contains(':') {
        let mut parts = text.split(':');
        let found = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
        if parts.next().is_some() {
            return None;
        }
        found
    } else {
        match text.len() {
            4 => (text.get(..2)?, text.get(2..)?, "0"),
            6 => (text.get(..2)?, text.get(2..4)?, text.get(4..)?),
            _ => return None,
        }
    };
    let part = |text| i8::try_from(number(text, 1..=2)?).ok();
    Time::new(part(hour)?, part(minute)?, part(second)?.min(59), 0).ok()
}

/// A number of plain digits, as many as are allowed.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, printed: &str) {
        let original: OriginalStart = text.parse().unwrap();
        assert_eq!(original.to_string(), printed, "{text}");
        assert_eq!(printed.parse(), Ok(original));
    }

    #[test]
    fn starts_read_and_print() {
        check("2026-11-20", "2026-11-20");
        check("20261120", "2026-11-20");
        check("2026-11-20T10:00", "2026-11-20T10:00:00");
        check(" 2026-11-20 9:05 ", "2026-11-20T09:05:00");
        check("20261120T100030", "2026-11-20T10:00:30");
        check("20261120T100060Z", "2026-11-20T10:00:59Z");
        check("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z");
        check("0044-03-15T09:05Z", "0044-03-15T09:05:00Z");
        check("-0044-03-15", "-000044-03-15");
        check("-0044-03-15T09:05", "-000044-03-15T09:05:00");
        check("-0044-03-15T09:05:07Z", "-000044-03-15T09:05:07Z");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2026-11-20T",
            "2026-11-20T25:00",
            "é",
            "2026-11-20T10:00:00:00",
        ] {
            assert_eq!(text.parse::<OriginalStart>(), Err(NotATime), "{text}");
        }
    }
}
