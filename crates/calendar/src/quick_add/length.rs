//! Lengths of time: `45 min`, `1h30`, `two and a half hours`, `eine Dreiviertelstunde`.

use super::reader::{Found, Reader};
use super::word::{Meaning, Unit, Word};
use crate::length::Length;

/// A length as people say it; months have no length in days yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    pub(super) months: u32,
    pub(super) days: u32,
    pub(super) minutes: u32,
}

/// No number of units is larger.
const UNITS_MAX: u64 = 10_000;

impl Amount {
    pub(super) const fn of_minutes(minutes: u32) -> Self {
        Self {
            months: 0,
            days: 0,
            minutes,
        }
    }

    /// Whether it is of days, weeks, months or years, and not of hours.
    pub(super) const fn is_of_days(self) -> bool {
        self.minutes == 0
    }

    /// As the length of something that happens; a month counts as thirty days.
    pub(super) fn length(self) -> Length {
        let days = i64::from(self.days) + i64::from(self.months) * 30;
        match (days, self.minutes) {
            (days, 0) => Length::from_days(days),
            (0, minutes) => Length::from_minutes(minutes.into()),
            (days, minutes) => Length::from_minutes(days * 24 * 60 + i64::from(minutes)),
        }
    }

    fn of(thousandths: u64, unit: Unit) -> Option<Self> {
        if thousandths == 0 || thousandths > UNITS_MAX * 1_000 {
            return None;
        }
        let whole = |each: u64| u32::try_from(thousandths * each / 1_000).ok();
        let is_whole = thousandths.is_multiple_of(1_000);
        Some(match unit {
            Unit::Minute => Self::of_minutes(whole(1)?.max(1)),
            Unit::Hour => Self::of_minutes(whole(60)?.max(1)),
            Unit::Day if is_whole => Self {
                days: whole(1)?,
                ..Self::default()
            },
            Unit::Day => Self::of_minutes(whole(24 * 60)?),
            Unit::Week => Self {
                days: whole(7)?,
                ..Self::default()
            },
            Unit::Month if is_whole => Self::of_months(whole(1)?),
            Unit::Month => Self {
                days: whole(30)?,
                ..Self::default()
            },
            Unit::Quarter => Self::of_months(whole(3)?),
            Unit::Year => Self::of_months(whole(12)?),
        })
    }

    const fn of_months(months: u32) -> Self {
        Self {
            months,
            days: 0,
            minutes: 0,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            months: self.months + other.months,
            days: self.days + other.days,
            minutes: self.minutes + other.minutes,
        }
    }
}

impl Reader<'_> {
    /// A length of one or several units, the larger first.
    pub(super) fn amount(&self, at: usize) -> Found<Amount> {
        let (mut amount, mut end) = self.one_amount(at)?;
        for _ in 0..2 {
            let next = self.is(end, Word::And).unwrap_or(end);
            let Some((more, after)) = self.one_amount(next) else {
                break;
            };
            let is_smaller = (amount.minutes == 0 && more.minutes > 0)
                || (amount.minutes % 60 == 0 && more.minutes < 60 && more.minutes > 0);
            if !is_smaller {
                break;
            }
            (amount, end) = (amount.and(more), after);
        }
        self.stops(end).then_some((amount, end))
    }

    fn one_amount(&self, at: usize) -> Found<Amount> {
        if let Some((minutes, end)) = self.read(at, Meaning::minutes) {
            return Some((amount_in_a_word(minutes), end));
        }
        if let Some(unit_at) = self.is(at, Word::One)
            && let Some((minutes, end)) = self.read(unit_at, Meaning::minutes)
        {
            return Some((amount_in_a_word(minutes), end));
        }
        let (thousandths, unit_at) = self.count(at)?;
        let (unit, end) = self.unit(unit_at)?;
        if unit == Unit::Hour
            && let Some((minutes, end)) = self.glued_minutes(end)
        {
            let amount = Amount::of(thousandths, unit)?.and(Amount::of_minutes(minutes));
            return Some((amount, end));
        }
        let (thousandths, end) = match self.is(end, Word::AndHalf) {
            Some(after) if thousandths.is_multiple_of(1_000) => (thousandths + 500, after),
            Some(_) | None => (thousandths, end),
        };
        Some((Amount::of(thousandths, unit)?, end))
    }

    /// A unit; one of a single letter only where it is glued to its number.
    fn unit(&self, at: usize) -> Found<Unit> {
        let is_letter = self.token(at).is_some_and(|token| token.folded.len() == 1);
        if is_letter && !self.is_glued(at) {
            return None;
        }
        let (unit, end) = self.read(at, Meaning::unit)?;
        let is_short = self.token(at).is_some_and(|token| token.folded.len() <= 3);
        let dotted = self
            .glued_sign(end, ".")
            .filter(|_| is_short && end == at + 1);
        let end = dotted.filter(|after| self.closes(*after)).unwrap_or(end);
        Some((unit, end))
    }

    /// The minutes of `1h30` and `1h30m`.
    fn glued_minutes(&self, at: usize) -> Found<u32> {
        let token = self.glued_digits(at)?;
        if token.digits() != 2 || token.value > 59 {
            return None;
        }
        let after = at + 1;
        let end = match self.read(after, Meaning::unit) {
            Some((Unit::Minute, end)) if self.is_glued(after) => end,
            Some(_) | None => after,
        };
        Some((token.value, end))
    }

    /// How many, in thousandths: digits with or without decimals, `2 1/2`, a numeral, an article.
    pub(super) fn count(&self, at: usize) -> Found<u64> {
        if let Some((halves, end)) = self.read(at, Meaning::halves) {
            return Some((u64::from(halves) * 500, end));
        }
        if let Some(end) = self.is(at, Word::Half) {
            return Some((500, self.is(end, Word::One).unwrap_or(end)));
        }
        if let Some(end) = self.is(at, Word::One) {
            return Some(match self.is(end, Word::Half) {
                Some(after) => (500, after),
                None => (1_000, end),
            });
        }
        let (whole, end) = match self.digits(at) {
            Some(token) => (u64::from(token.value), at + 1),
            None => {
                let (number, end) = self.read(at, Meaning::number)?;
                (u64::from(number), end)
            }
        };
        let whole = whole.min(UNITS_MAX * 2) * 1_000;
        if let Some(after) = self.is(end, Word::AndHalf) {
            return Some((whole + 500, after));
        }
        if let Some((hours, after)) = self.clock_like(at, end) {
            return Some((hours, after));
        }
        Some(self.decimals(whole, end))
    }

    /// `1:30` before a word for hours.
    fn clock_like(&self, at: usize, end: usize) -> Found<u64> {
        let minutes_at = self.glued_sign(end, ":")?;
        let minutes = self.glued_digits(minutes_at)?;
        let (unit, _) = self.unit(minutes_at + 1)?;
        let hours = self.digits(at)?.value;
        let is_length =
            unit == Unit::Hour && minutes.digits() == 2 && minutes.value < 60 && hours < 100;
        let thousandths = u64::from(hours) * 1_000 + u64::from(minutes.value) * 1_000 / 60 + 1;
        is_length.then_some((thousandths, minutes_at + 1))
    }

    fn decimals(&self, whole: u64, end: usize) -> (u64, usize) {
        let separator = [".", ","]
            .iter()
            .find_map(|sign| self.glued_sign(end, sign));
        if let Some(after) = separator
            && let Some(token) = self.glued_digits(after)
            && token.digits() <= 2
        {
            let scale = if token.digits() == 1 { 100 } else { 10 };
            return (whole + u64::from(token.value) * scale, after + 1);
        }
        let half = |one: usize| {
            let is_half = self.digits(one)?.value == 1;
            let two = self.glued_sign(one + 1, "/")?;
            let two_token = self.glued_digits(two)?;
            (is_half && two_token.value == 2).then_some(two + 1)
        };
        match half(end) {
            Some(after) => (whole + 500, after),
            None => (whole, end),
        }
    }
}

/// A length that is one word: whole days, such as a fortnight, or minutes.
fn amount_in_a_word(minutes: u32) -> Amount {
    const DAY: u32 = 24 * 60;
    if minutes >= DAY && minutes.is_multiple_of(DAY) {
        Amount {
            days: minutes / DAY,
            ..Amount::default()
        }
    } else {
        Amount::of_minutes(minutes)
    }
}
