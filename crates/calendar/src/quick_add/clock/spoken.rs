//! Times as people say them: `half past three`, `viertel vor 9`, `zehn nach halb neun`.

use super::{Clock, Lead};
use crate::quick_add::reader::{Found, Reader};
use crate::quick_add::word::{DayPart, Meaning, Unit, Word};

impl Reader<'_> {
    /// `half past three`, `viertel vor 9`, `zehn nach halb neun`.
    pub(super) fn spoken(&self, at: usize, lead: Lead) -> Found<Clock> {
        if let Some(next) = self.is(at, Word::HalfPast) {
            return self.spoken_hour(next, 30);
        }
        if let Some(next) = self.is(at, Word::HalfTo) {
            return self.spoken_hour(next, -30);
        }
        if let Some(next) = self.is(at, Word::ThreeQuarters) {
            return self.spoken_hour(next, -15);
        }
        if let Some(next) = self.is(at, Word::Quarter)
            && let Some((word, after)) = self.any(next, &[Word::Past, Word::ToHour])
        {
            return self.hour_or_half(after, if word == Word::Past { 15 } else { -15 });
        }
        if let Some(next) = self.is(at, Word::QuarterOf) {
            return self.spoken_hour(next, -45);
        }
        self.spoken_minutes(at, lead)
    }

    fn spoken_minutes(&self, at: usize, lead: Lead) -> Found<Clock> {
        let is_digits = self.digits(at).is_some();
        let (minutes, after) = match self.digits(at) {
            Some(token) if token.digits() <= 2 => (token.value, at + 1),
            Some(_) => return None,
            None => self.read(at, Meaning::number)?,
        };
        let minutes = i32::try_from(minutes)
            .ok()
            .filter(|n| (1..30).contains(n))?;
        let after = match self.read(after, Meaning::unit) {
            Some((Unit::Minute, end)) => end,
            Some(_) | None => after,
        };
        let (word, next) = self.any(after, &[Word::Past, Word::ToHour])?;
        let is_range = self.is(after, Word::To).is_some();
        if is_range && (is_digits || minutes % 5 != 0) {
            return None;
        }
        let sign = if word == Word::Past { 1 } else { -1 };
        let (clock, end) = self.hour_or_half(next, sign * minutes)?;
        let is_meant = !is_range || lead == Lead::Said || self.ends_phrase(end);
        is_meant.then_some((clock, end))
    }

    /// An hour, or the half before it: `nach halb neun`.
    fn hour_or_half(&self, at: usize, shift: i32) -> Found<Clock> {
        match self.is(at, Word::HalfTo) {
            Some(next) => self.spoken_hour(next, shift - 30),
            None => self.spoken_hour(at, shift),
        }
    }

    /// An hour that is named after the minutes that shift it.
    fn spoken_hour(&self, at: usize, shift: i32) -> Found<Clock> {
        let (hour, end) = match self.digits(at) {
            Some(token) if token.digits() <= 2 && token.value <= 24 => (token.value, at + 1),
            Some(_) => return None,
            None => self
                .read(at, Meaning::number)
                .filter(|(hour, _)| (1..=12).contains(hour))
                .or_else(|| self.noon(at))?,
        };
        let end = self.is(end, Word::Oclock).unwrap_or(end);
        let (half, end) = self.suffix(end);
        let minutes = (i32::try_from(hour).ok()? * 60 + shift).rem_euclid(1_440);
        let shifted = |minutes: i32| {
            let part = |value: i32| i8::try_from(value).ok();
            Some((part(minutes / 60)?, part(minutes % 60)?))
        };
        let clock = match half {
            Some(half) if (1..=12).contains(&hour) => {
                let hours = if half == DayPart::Morning {
                    hour % 12
                } else {
                    hour % 12 + 12
                };
                let (hour, minute) = shifted((i32::try_from(hours).ok()? * 60 + shift).max(0))?;
                Clock::said(hour, minute)
            }
            Some(_) => return None,
            None if hour <= 12 => {
                // "Half to one" is 12:30 or 0:30: the hour before one is twelve.
                let (hour, minute) = shifted(minutes)?;
                Clock::open(if hour == 0 { 12 } else { hour }, minute)
            }
            None => {
                let (hour, minute) = shifted(minutes)?;
                Clock::said(hour, minute)
            }
        };
        (self.stops(end) && !self.names_something_else(end)).then_some((clock, end))
    }

    /// Noon and midnight as the hour of `quarter to midnight`.
    fn noon(&self, at: usize) -> Found<u32> {
        let ((hour, _), end) = self.read(at, Meaning::named_clock)?;
        Some((u32::try_from(hour).ok()?, end))
    }
}
