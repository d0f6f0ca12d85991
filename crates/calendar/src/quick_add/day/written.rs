//! Dates as they are written: `3 Dec`, `December 3rd, 2026`, `3.12.`, `12/3`, `2026-12-03`, and
//! days in a row, `3-7 Dec`.
//!
//! Of `12/3` the person's region decides what is the month; where only one order is a date, that
//! one. A date that no calendar has (31 February) is read all the same, so that it can be told.

use jiff::civil::Date;

use super::{Day, Form, month_day_from};
use crate::quick_add::DateOrder;
use crate::quick_add::reader::{Found, Reader};
use crate::quick_add::word::{Meaning, Word};

/// A date by its numbers, which may be no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    year: Option<i16>,
    month: i8,
    first: i8,
    last: i8,
    /// Whether day and month may be the other way round.
    order: Order,
}

/// Whether a date can be read in one order only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Sure,
    Either,
}

/// The last year that a number of four digits is taken for.
const YEAR_MAX: u32 = 2_300;

impl Written {
    const fn one(year: Option<i16>, month: i8, day: i8) -> Self {
        Self {
            year,
            month,
            first: day,
            last: day,
            order: Order::Sure,
        }
    }

    /// The same with day and month the other way round, where that can be meant.
    pub(super) fn swapped(self) -> Option<Self> {
        let is_month = self.first <= 12 && self.order == Order::Either;
        is_month.then(|| Self::one(self.year, self.first, self.month))
    }

    /// The day, from today on where it has no year; `None` where there is no such day.
    pub(in crate::quick_add) fn day(self, today: Date) -> Option<Day> {
        let (first, form) = match self.year {
            Some(year) => (Date::new(year, self.month, self.first).ok()?, Form::Exact),
            None => (
                month_day_from(today, self.month, self.first)?,
                Form::MonthDay(self.month, self.first),
            ),
        };
        let last = Date::new(first.year(), self.month, self.last).ok()?;
        (last >= first).then_some(Day { first, last, form })
    }
}

impl Reader<'_> {
    /// A date in any of its written forms.
    pub(in crate::quick_add) fn written(&self, at: usize, said: Option<Word>) -> Found<Written> {
        let before_is_part = at > 0 && self.is_glued(at) && !self.opens(at);
        if before_is_part && self.digits(at).is_some() && self.dash(at - 1).is_none() {
            return None;
        }
        self.iso(at)
            .or_else(|| self.day_first(at))
            .or_else(|| self.month_first(at))
            .or_else(|| self.dotted(at, said))
            .or_else(|| self.slashed(at, said))
    }

    /// `2026-12-03`, `2026/12/03`.
    fn iso(&self, at: usize) -> Found<Written> {
        let year = self.digits(at).filter(|token| token.digits() == 4)?;
        let sign = ["-", "/"]
            .into_iter()
            .find(|sign| self.glued_sign(at + 1, sign).is_some())?;
        let month = self.two_digits(at + 2)?;
        self.glued_sign(at + 3, sign)?;
        let day = self.two_digits(at + 4)?;
        let year = i16::try_from(year.value).ok()?;
        let date = Written::one(Some(year), month, day);
        (1..=12).contains(&month).then_some((date, at + 5))
    }

    fn two_digits(&self, at: usize) -> Option<i8> {
        let token = self.glued_digits(at)?;
        if token.digits() > 2 {
            return None;
        }
        i8::try_from(token.value).ok()
    }

    /// `3 Dec 2026`, `3rd of December`, `3.-7. Dezember`, `3. bis 7. Dezember`.
    fn day_first(&self, at: usize) -> Found<Written> {
        let at = self.is(at, Word::The).unwrap_or(at);
        let (first, end) = self.month_day(at)?;
        let (last, end) = match self.second_day(end) {
            Some((last, end)) => (last, end),
            None => (first, end),
        };
        let end = self.skip(end, &[Word::Of]);
        let (month, end) = self.month_name(end)?;
        let (year, end) = self.year(end);
        let date = Written {
            year,
            month,
            first,
            last,
            order: Order::Sure,
        };
        Some((date, end))
    }

    /// `Dec 3, 2026`, `December 3rd`, `Dec 3-7`.
    fn month_first(&self, at: usize) -> Found<Written> {
        let (month, end) = self.month_name(at)?;
        let end = self.is(end, Word::The).unwrap_or(end);
        let (first, end) = self.month_day(end)?;
        if self.is_clock_sign(end) {
            return None;
        }
        let (last, end) = match self.second_day(end) {
            Some((last, after)) if self.is_plain_end(after) => (last, after),
            Some(_) | None => (first, end),
        };
        let (year, end) = self.year(end);
        let date = Written {
            year,
            month,
            first,
            last,
            order: Order::Sure,
        };
        Some((date, end))
    }

    /// Whether a day of the month can end here, and no month or time goes on.
    fn is_plain_end(&self, at: usize) -> bool {
        self.closes(at)
            && !self.is_clock_sign(at)
            && self.read(at, Meaning::month).is_none()
            && self.is(at, Word::Oclock).is_none()
    }

    fn is_clock_sign(&self, at: usize) -> bool {
        let is_minute = self
            .glued_sign(at, ":")
            .is_some_and(|next| self.glued_digits(next).is_some());
        let is_half = self
            .any(at, &[Word::Am, Word::Pm])
            .is_some_and(|(_, end)| self.closes(end) && self.is(at, Word::On).is_none());
        is_minute || is_half
    }

    /// The end of days in a row: `-7`, `bis 7.`
    fn second_day(&self, at: usize) -> Found<i8> {
        let next = match self.dash(at) {
            Some(next) => next,
            None => self.any(at, &[Word::To, Word::And]).map(|(_, end)| end)?,
        };
        let is_list = self.dash(at).is_none() && self.is(at, Word::To).is_none();
        let next = self.is(next, Word::The).unwrap_or(next);
        if is_list {
            return None;
        }
        self.month_day(next)
    }

    /// A day of the month in digits, with or without the sign of its order.
    fn month_day(&self, at: usize) -> Found<i8> {
        if let Some(found) = self.ordinal_day(at) {
            return Some(found);
        }
        let token = self.digits(at).filter(|token| token.digits() <= 2)?;
        let day = i8::try_from(token.value)
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        // "3." glued to a dash is a day of the month, too.
        let end = self
            .glued_sign(at + 1, ".")
            .filter(|end| self.dash(*end).is_some());
        let end = end.unwrap_or(at + 1);
        let is_glued_month = self.is_glued(end) && self.read(end, Meaning::month).is_some();
        (self.stops(end) || is_glued_month || self.is_clock_sign(end)).then_some((day, end))
    }

    /// The name of a month, with the full stop of an abbreviation.
    pub(in crate::quick_add) fn month_name(&self, at: usize) -> Found<i8> {
        let (month, end) = self.read(at, Meaning::month)?;
        let is_short = self.token(at).is_some_and(|token| token.folded.len() <= 4);
        let dotted = self
            .glued_sign(end, ".")
            .filter(|_| is_short && end == at + 1);
        Some((month, dotted.unwrap_or(end)))
    }

    /// A year that may follow a date; one in the past is rather a time of day.
    pub(super) fn year(&self, at: usize) -> (Option<i16>, usize) {
        let number_at = self.sign(at, ",").unwrap_or(at);
        let is_year = |token: &&super::super::text::Token| {
            let this = u32::try_from(self.today().year()).unwrap_or_default();
            token.digits() == 4 && (this..=YEAR_MAX).contains(&token.value)
        };
        let year = self.digits(number_at).filter(is_year);
        match year.and_then(|token| i16::try_from(token.value).ok()) {
            Some(year) if self.stops(number_at + 1) => (Some(year), number_at + 1),
            Some(_) | None => (None, at),
        }
    }

    /// `3.12.`, `3.12.2026`, `3.-7.12.`
    fn dotted(&self, at: usize, said: Option<Word>) -> Found<Written> {
        let first = self.day_digits(at)?;
        let (last, dot) = match self.glued_sign(at + 1, ".").and_then(|end| self.dash(end)) {
            Some(second) => (self.day_digits(second)?, second + 1),
            None => match self.dash(at + 1).filter(|next| self.is_glued(*next)) {
                Some(second) => (self.day_digits(second)?, second + 1),
                None => (first, at + 1),
            },
        };
        let month_at = self.glued_sign(dot, ".")?;
        // A space after the full stop is allowed before a month in digits: "3. 12."
        let month_token = self.digits(month_at).filter(|token| token.digits() <= 2)?;
        let month = i8::try_from(month_token.value)
            .ok()
            .filter(|m| (1..=12).contains(m))?;
        let end = month_at + 1;
        let Some(after) = self.glued_sign(end, ".") else {
            // Without its last full stop it is a number as well.
            let is_said = matches!(
                said,
                Some(Word::On | Word::Until | Word::Starting | Word::By | Word::Due)
            );
            let date = Written::one(None, month, first);
            let is_date = is_said && self.is_glued(month_at) && self.stops(end);
            return is_date.then_some((date, end));
        };
        let written = |year| Written {
            year,
            month,
            first,
            last,
            order: Order::Sure,
        };
        if let Some(token) = self.glued_digits(after) {
            let year = i16::try_from(token.value).ok()?;
            let year = match token.digits() {
                4 => year,
                2 => 2_000 + year,
                _ => return None,
            };
            return self
                .stops(after + 1)
                .then_some((written(Some(year)), after + 1));
        }
        let is_date = said.is_some()
            || first > 12
            || self.digits(after).is_some()
            || self.context.date_order == DateOrder::DayFirst;
        let (year, end) = self.year(after);
        (is_date && self.stops(after)).then_some((written(year), end))
    }

    fn day_digits(&self, at: usize) -> Option<i8> {
        let token = self.digits(at).filter(|token| token.digits() <= 2)?;
        i8::try_from(token.value)
            .ok()
            .filter(|day| (1..=31).contains(day))
    }

    /// `12/3`, `12/3/2026`, in the order of the region.
    fn slashed(&self, at: usize, said: Option<Word>) -> Found<Written> {
        let one = self.day_digits(at)?;
        let two_at = self.glued_sign(at + 1, "/")?;
        let two = self
            .two_digits(two_at)
            .filter(|two| (1..=31).contains(two))?;
        let end = two_at + 1;
        let year_at = self.glued_sign(end, "/");
        let year = year_at.and_then(|at| self.glued_digits(at));
        let (year, end) = match (year, year_at) {
            (Some(token), Some(at)) if matches!(token.digits(), 2 | 4) => {
                let year = i16::try_from(token.value).ok()?;
                (
                    Some(if token.digits() == 2 {
                        2_000 + year
                    } else {
                        year
                    }),
                    at + 1,
                )
            }
            (_, Some(_)) => return None,
            (_, None) => (None, end),
        };
        let (month, day) = match self.context.date_order {
            DateOrder::MonthFirst if one <= 12 => (one, two),
            DateOrder::MonthFirst => (two, one),
            DateOrder::DayFirst if two <= 12 => (two, one),
            DateOrder::DayFirst => (one, two),
        };
        // Round the clock, and shares of something.
        let is_saying = year.is_none() && matches!((one, two), (24, 7) | (1, 2..=4) | (3, 4));
        let is_meant = year.is_some()
            || matches!(
                said,
                Some(Word::On | Word::To | Word::Until | Word::By | Word::Due)
            )
            || (!is_saying && (self.ends_phrase(end) || self.digits(end).is_some()));
        let is_date = month <= 12 && is_meant && self.stops(end);
        let date = Written {
            order: Order::Either,
            ..Written::one(year, month, day)
        };
        is_date.then_some((date, end))
    }
}
