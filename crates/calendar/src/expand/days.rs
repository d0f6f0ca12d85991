//! Which days of a period a rule names (the table of RFC 5545 §3.3.10).
//!
//! A month is 31 bits, so that most rules need no look at single days. BYWEEKNO counts weeks
//! as ISO 8601 does but from the rule's own first weekday; the days of a year that belong to the
//! first or last week of a neighbouring year carry that week's number.

use super::compiled::{Compiled, Days};
use crate::civil::{days_of, month_days, weekday_of, year_days, ymd_of};
use crate::rule::Skip;

impl Compiled {
    /// Adds the days of a month.
    pub(super) fn month(&self, year: i64, month: i64, into: &mut Vec<i64>) {
        if self.months.is_some_and(|months| months & (1 << month) == 0) {
            return;
        }
        let first = days_of(year, month, 1);
        let length = month_days(year, month);
        let mut bits = (1_u32 << (length - 1)) | ((1 << (length - 1)) - 1);
        if let Some(days) = &self.month_days {
            bits &= days.bits(length) | self.stand_in(days, length);
        }
        let in_year = self
            .days
            .as_ref()
            .is_some_and(|days| days.in_year && days.has_ordinals());
        if let (Some(days), false) = (&self.days, in_year) {
            bits &= days.month_bits(weekday_of(first), length);
        }
        let looks_closer = in_year || !self.year_days.is_empty() || !self.weeks.is_empty();
        while bits != 0 {
            let day = first + i64::from(bits.trailing_zeros());
            bits &= bits - 1;
            if !looks_closer || self.year_parts_match(day, year) {
                into.push(day);
            }
        }
        if self.skip == Skip::Forward
            && let Some(days) = &self.month_days
            && days.late.iter().any(|late| *late > length)
            && self.plain_weekday_matches(first + length)
        {
            into.push(first + length);
        }
    }

    /// The last day of the month, where a day that it lacks is to be moved back (RFC 7529).
    fn stand_in(&self, days: &super::compiled::MonthDays, length: i64) -> u32 {
        let lacks = self.skip == Skip::Backward && days.late.iter().any(|late| *late > length);
        if lacks { 1 << (length - 1) } else { 0 }
    }

    fn plain_weekday_matches(&self, day: i64) -> bool {
        self.days
            .as_ref()
            .is_none_or(|days| days.plain & (1 << weekday_of(day)) != 0)
    }

    /// BYYEARDAY, BYWEEKNO, and ordinals that count within the year.
    fn year_parts_match(&self, day: i64, year: i64) -> bool {
        let ordinals = match &self.days {
            Some(days) if days.in_year && days.has_ordinals() => days.matches_in_year(day, year),
            Some(_) | None => true,
        };
        ordinals && self.year_day_matches(day, year) && self.week_matches(day, year)
    }

    fn year_day_matches(&self, day: i64, year: i64) -> bool {
        if self.year_days.is_empty() {
            return true;
        }
        let nth = day - days_of(year, 1, 1) + 1;
        let back = nth - year_days(year) - 1;
        self.year_days
            .iter()
            .any(|wanted| *wanted == nth || *wanted == back)
    }

    fn week_matches(&self, day: i64, year: i64) -> bool {
        if self.weeks.is_empty() {
            return true;
        }
        let mut first = self.first_week(year);
        let mut next = self.first_week(year + 1);
        if day < first {
            next = first;
            first = self.first_week(year - 1);
        } else if day >= next {
            first = next;
            next = self.first_week(year + 2);
        }
        let week = (day - first) / 7 + 1;
        let back = week - (next - first) / 7 - 1;
        self.weeks
            .iter()
            .any(|wanted| *wanted == week || *wanted == back)
    }

    /// The first day of week 1: the first week with at least four days in the year.
    fn first_week(&self, year: i64) -> i64 {
        let january_4 = days_of(year, 1, 4);
        january_4 - (weekday_of(january_4) - self.week_start).rem_euclid(7)
    }

    /// Whether a single day is one the rule allows, for rules that step by weeks or less.
    pub(super) fn day_matches(&self, day: i64) -> bool {
        if !self.plain_weekday_matches(day) {
            return false;
        }
        if self.months.is_none()
            && self.month_days.is_none()
            && self.year_days.is_empty()
            && self.weeks.is_empty()
        {
            return true;
        }
        let (year, month, of_month) = ymd_of(day);
        let month_fits = self.months.is_none_or(|months| months & (1 << month) != 0);
        let day_fits = self
            .month_days
            .as_ref()
            .is_none_or(|days| days.bits(month_days(year, month)) & (1 << (of_month - 1)) != 0);
        month_fits && day_fits && self.year_day_matches(day, year) && self.week_matches(day, year)
    }
}

impl Days {
    pub(super) const fn has_ordinals(&self) -> bool {
        !self.ordinals.is_empty()
    }

    /// The days of a month that begins on a weekday, as bits.
    fn month_bits(&self, first: i64, length: i64) -> u32 {
        let pattern = usize::try_from(first)
            .ok()
            .and_then(|first| self.patterns.get(first));
        let mut bits = pattern.copied().unwrap_or(0);
        for (ordinal, weekday) in &self.ordinals {
            if let Some(index) = nth(*ordinal, *weekday, first, length) {
                bits |= 1 << index;
            }
        }
        bits
    }

    fn matches_in_year(&self, day: i64, year: i64) -> bool {
        let weekday = weekday_of(day);
        if self.plain & (1 << weekday) != 0 {
            return true;
        }
        let january_1 = days_of(year, 1, 1);
        let first = weekday_of(january_1);
        self.ordinals
            .iter()
            .filter(|(_, wanted)| *wanted == weekday)
            .any(|(ordinal, wanted)| {
                nth(*ordinal, *wanted, first, year_days(year)) == Some(day - january_1)
            })
    }
}

/// The place of the n-th of a weekday in a stretch of days that begins on weekday `first`.
fn nth(ordinal: i64, weekday: i64, first: i64, length: i64) -> Option<i64> {
    let earliest = (weekday - first).rem_euclid(7);
    let index = if ordinal > 0 {
        earliest + (ordinal - 1) * 7
    } else {
        let latest = earliest + (length - 1 - earliest) / 7 * 7;
        latest + (ordinal + 1) * 7
    };
    if ordinal != 0 && (0..length).contains(&index) {
        Some(index)
    } else {
        None
    }
}
