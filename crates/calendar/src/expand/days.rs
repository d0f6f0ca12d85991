//! Which days of a period a rule names (the table of RFC 5545 §3.3.10).
//!
//! A month is 31 bits, so that most rules need no look at single days. BYWEEKNO counts weeks
//! as ISO 8601 does but from the rule's own first weekday; a yearly rule with BYWEEKNO steps by
//! years of whole weeks, whose first and last days may lie in the neighbouring years.

use super::compiled::{Compiled, Days, MonthDays};
use crate::civil::{days_of, is_leap, month_days, weekday_of, year_days, ymd_of};
use crate::rule::Skip;

impl Compiled {
    /// Adds the days of a year.
    pub(super) fn year(&self, year: i64, into: &mut Vec<i64>) {
        let mut months = self.months.unwrap_or(0x1ffe);
        while months != 0 {
            self.month(year, i64::from(months.trailing_zeros()), into);
            months &= months - 1;
        }
        if self.skip == Skip::Omit || is_leap(year) {
            return;
        }
        let (first, next) = (days_of(year, 1, 1), days_of(year + 1, 1, 1));
        for day in &self.year_days {
            match (day, self.skip) {
                (366, Skip::Forward) => into.push(next),
                (366, _) => into.push(next - 1),
                (-366, Skip::Forward) => into.push(first),
                (-366, _) => into.push(first - 1),
                _ => {}
            }
        }
        into.sort_unstable();
        into.dedup();
    }

    /// Adds the days of the wanted weeks of a year of whole weeks.
    pub(super) fn year_of_weeks(&self, year: i64, into: &mut Vec<i64>) {
        let first = self.first_week(year);
        let count = (self.first_week(year + 1) - first) / 7;
        let mut weeks: Vec<i64> = self
            .weeks
            .iter()
            .map(|week| if *week > 0 { week - 1 } else { count + week })
            .filter(|index| (0..count).contains(index))
            .collect();
        weeks.sort_unstable();
        weeks.dedup();
        for week in weeks {
            let days = first + week * 7..first + week * 7 + 7;
            into.extend(days.filter(|day| self.day_of_week_matches(*day)));
        }
    }

    /// Whether a day of a wanted week passes the other parts.
    fn day_of_week_matches(&self, day: i64) -> bool {
        let (year, month, of_month) = ymd_of(day);
        let weekday = match &self.days {
            Some(days) if days.in_year && days.has_ordinals() => days.matches_in_year(day, year),
            Some(days) if days.has_ordinals() => {
                days.month_bits(weekday_of(day - of_month + 1), month_days(year, month))
                    & (1 << (of_month - 1))
                    != 0
            }
            Some(_) | None => self.plain_weekday_matches(day),
        };
        weekday && self.month_parts_match(year, month, of_month) && self.year_day_matches(day, year)
    }

    /// The year of whole weeks that a day lies in.
    pub(super) fn week_year(&self, day: i64) -> i64 {
        let (year, ..) = ymd_of(day);
        if day < self.first_week(year) {
            year - 1
        } else if day >= self.first_week(year + 1) {
            year + 1
        } else {
            year
        }
    }

    /// BYMONTH and BYMONTHDAY.
    fn month_parts_match(&self, year: i64, month: i64, day: i64) -> bool {
        self.months.is_none_or(|months| months & (1 << month) != 0)
            && self
                .month_days
                .is_none_or(|days| days.bits(month_days(year, month)) & (1 << (day - 1)) != 0)
    }

    /// Adds the days of a month.
    pub(super) fn month(&self, year: i64, month: i64, into: &mut Vec<i64>) {
        if self.months.is_some_and(|months| months & (1 << month) == 0) {
            return;
        }
        let first = days_of(year, month, 1);
        let length = month_days(year, month);
        let mut bits = u32::MAX >> (32 - length);
        if let Some(days) = self.month_days {
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
        if self.skip == Skip::Backward
            && self.month_days.is_some_and(|days| days.lacks_early(length))
            && self.plain_weekday_matches(first - 1)
        {
            into.push(first - 1);
        }
        while bits != 0 {
            let day = first + i64::from(bits.trailing_zeros());
            bits &= bits - 1;
            if !looks_closer || self.year_parts_match(day, year) {
                into.push(day);
            }
        }
        if self.skip == Skip::Forward
            && self.month_days.is_some_and(|days| days.lacks_late(length))
            && self.plain_weekday_matches(first + length)
        {
            into.push(first + length);
        }
    }

    /// The first or last day of the month, where it stands in for a day that the month lacks
    /// (RFC 7529 §4.1).
    const fn stand_in(&self, days: MonthDays, length: i64) -> u32 {
        match self.skip {
            Skip::Backward if days.lacks_late(length) => 1 << (length - 1),
            Skip::Forward if days.lacks_early(length) => 1,
            Skip::Backward | Skip::Forward | Skip::Omit => 0,
        }
    }

    pub(super) fn plain_weekday_matches(&self, day: i64) -> bool {
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
        ordinals && self.year_day_matches(day, year) && self.week_matches(day)
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

    fn week_matches(&self, day: i64) -> bool {
        if self.weeks.is_empty() {
            return true;
        }
        let year = self.week_year(day);
        let first = self.first_week(year);
        let week = (day - first) / 7 + 1;
        let back = week - (self.first_week(year + 1) - first) / 7 - 1;
        self.weeks
            .iter()
            .any(|wanted| *wanted == week || *wanted == back)
    }

    /// The first day of week 1: the first week with at least four days in the year.
    pub(super) fn first_week(&self, year: i64) -> i64 {
        let january_4 = days_of(year, 1, 4);
        january_4 - (weekday_of(january_4) - self.week_start).rem_euclid(7)
    }

    /// Whether a single day is one the rule allows, for rules that step by weeks or less.
    pub(super) fn day_matches(&self, day: i64) -> bool {
        self.plain_weekday_matches(day) && self.parts_beyond_weekdays_match(day)
    }

    /// Adds the days of the week that begins on a day.
    pub(super) fn week(&self, first: i64, into: &mut Vec<i64>) {
        let days = self.days.as_ref();
        let mut bits = days.map_or(0x7f, |days| days.week_bits(self.week_start));
        while bits != 0 {
            let day = first + i64::from(bits.trailing_zeros());
            bits &= bits - 1;
            if self.parts_beyond_weekdays_match(day) {
                into.push(day);
            }
        }
    }

    fn parts_beyond_weekdays_match(&self, day: i64) -> bool {
        if !self.looks_beyond_weekdays() {
            return true;
        }
        let (year, month, of_month) = ymd_of(day);
        self.month_parts_match(year, month, of_month)
            && self.year_day_matches(day, year)
            && self.week_matches(day)
    }
}

impl Days {
    pub(super) const fn has_ordinals(&self) -> bool {
        !self.ordinals.is_empty()
    }

    /// The days of a month that begins on a weekday, as bits.
    fn month_bits(&self, first: i64, length: i64) -> u32 {
        // One week of bits, five times; what is beyond the month its length takes away.
        let week = u64::from(self.week_bits(first));
        let mut bits = u32::try_from((week * 0x1020_4081) & 0x7fff_ffff).unwrap_or(0);
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
