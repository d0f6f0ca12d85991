//! COUNT as the last start it allows, so that nobody counts from DTSTART to the window.
//!
//! Where every period of a rule has as many starts as the next the last one is computed. Where
//! not, a series that is expanded many times counts once ([`Series::settle`]).

use super::compiled::{Compiled, MonthDays};
use super::series::{COUNTED_MAX, Last, Series};
use crate::civil::{DAY, LAST_DAY};
use crate::rule::Frequency;
use crate::zone::{Cursor, Table};

/// Days of the month that every month has, from either end.
const EVERY_MONTH: u32 = (1 << 28) - 1;

impl Series {
    /// Turns COUNT into the last start where that is a matter of arithmetic; a count that is
    /// larger than anyone could live to see, and that is not, is not counted to.
    pub(super) fn count_as_last(&mut self, clock: &Table) {
        let Some(count) = self.count.filter(|count| *count > 0) else {
            return;
        };
        if !matches!(self.last, Last::Never) {
            return;
        }
        if let Some(last) = self.last_of_equal_periods(clock, i64::from(count)) {
            self.last = last;
            self.count = None;
        } else if count > COUNTED_MAX {
            self.count = None;
        }
    }

    /// Counts once, so that later windows need not.
    pub(super) fn settle(&mut self, clock: &Table) {
        let Some(count) = self.count.filter(|count| *count > 0) else {
            return;
        };
        let (mut found, mut last) = (0, None);
        self.each(
            &mut Cursor::new(clock),
            self.compiled.start,
            i64::MAX / 4,
            |start| {
                found += 1;
                last = Some(start);
                true
            },
        );
        let is_by_time = self.compiled.frequency < Frequency::Daily;
        match last {
            Some(start) if found == count && is_by_time => {
                self.last = Last::Instant(start.instant);
            }
            Some(start) if found == count => self.last = Last::Local(start.local),
            // The rule ends before its count does.
            Some(_) | None => {}
        }
        self.count = None;
    }

    fn last_of_equal_periods(&self, clock: &Table, count: i64) -> Option<Last> {
        let rule = &self.compiled;
        if rule.is_dead() {
            return None;
        }
        if rule.frequency < Frequency::Daily {
            return self.last_of_equal_steps(clock, count);
        }
        let each = i64::try_from(rule.starts_in_each_period()?).ok()?;
        let period = self.first_period(rule.start);
        let mut in_first = 0;
        let until = self.first_day(period + 1) * DAY;
        self.by_day(rule.start, until, |_| {
            in_first += 1;
            true
        });
        if count <= in_first {
            return None;
        }
        let after = count - in_first - 1;
        let steps = (1 + after / each).checked_mul(rule.interval)?;
        let period = period.saturating_add(steps);
        if period > self.last_period() {
            return Some(Last::Never);
        }
        let mut left = after % each;
        let mut last = None;
        self.by_day(self.first_day(period) * DAY, i64::MAX, |local| {
            last = Some(local);
            left -= 1;
            left >= 0
        });
        last.map(Last::Local)
    }

    /// The period that the last day anyone sees lies in.
    fn last_period(&self) -> i64 {
        match self.compiled.frequency {
            Frequency::Yearly => 10_000,
            Frequency::Monthly => 120_000,
            Frequency::Weekly
            | Frequency::Daily
            | Frequency::Hourly
            | Frequency::Minutely
            | Frequency::Secondly => LAST_DAY,
        }
    }

    /// Steps below a day of which every one is a start.
    fn last_of_equal_steps(&self, clock: &Table, count: i64) -> Option<Last> {
        let rule = &self.compiled;
        let is_bare = rule.days.is_none()
            && !rule.looks_beyond_weekdays()
            && rule.hours.is_none()
            && rule.minutes.is_none()
            && rule.seconds.is_none()
            && rule.positions.is_empty()
            && !rule.is_all_day;
        let unit = match rule.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3_600,
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
                return None;
            }
        };
        if !is_bare {
            return None;
        }
        let steps = (count - 1).checked_mul(rule.interval)?;
        let after = steps.saturating_mul(unit).min(i64::MAX / 4);
        Some(Last::Instant(clock.read(rule.start).instant() + after))
    }
}

impl Compiled {
    /// How many starts each period has, where all have as many.
    fn starts_in_each_period(&self) -> Option<usize> {
        let (least, most) = self.days_in_each_period()?;
        let times = self.times.as_slice().len();
        let starts = |days: u32| Some(usize::try_from(days).ok()? * times);
        let (least, most) = (starts(least)?, starts(most)?);
        if self.positions.is_empty() {
            return if least == most { Some(least) } else { None };
        }
        let (first, last) = (self.positions.first()?, self.positions.last()?);
        let is_one_sided = *first > 0 || *last < 0;
        let furthest = usize::try_from(first.abs().max(last.abs())).ok()?;
        if is_one_sided && furthest <= least {
            Some(self.positions.len())
        } else {
            None
        }
    }

    /// The fewest and the most days of the rule that a period has.
    fn days_in_each_period(&self) -> Option<(u32, u32)> {
        if !self.year_days.is_empty() || !self.weeks.is_empty() {
            return None;
        }
        let is_any_day = !self.looks_beyond_weekdays();
        match self.frequency {
            Frequency::Daily if is_any_day && self.days.is_none() => Some((1, 1)),
            Frequency::Weekly if is_any_day => {
                let days = self.days.as_ref();
                let days = days.map_or(7, |days| days.plain.count_ones());
                Some((days, days))
            }
            Frequency::Monthly if self.months.is_none() => self.days_in_each_month(),
            Frequency::Yearly => {
                let (least, most) = self.days_in_each_month()?;
                let months = self.months?.count_ones();
                Some((least * months, most * months))
            }
            Frequency::Daily
            | Frequency::Weekly
            | Frequency::Monthly
            | Frequency::Hourly
            | Frequency::Minutely
            | Frequency::Secondly => None,
        }
    }

    /// The fewest and the most days that a month has, of those the rule allows in.
    fn days_in_each_month(&self) -> Option<(u32, u32)> {
        match (self.month_days, &self.days) {
            (
                Some(MonthDays {
                    from_start,
                    from_end,
                }),
                None,
            ) if (from_start | from_end) & !EVERY_MONTH == 0
                && (from_start == 0 || from_end == 0) =>
            {
                let days = (from_start | from_end).count_ones();
                Some((days, days))
            }
            (None, Some(days)) if !days.in_year || !days.has_ordinals() => {
                if !days.has_ordinals() {
                    let weekdays = days.plain.count_ones();
                    return Some((weekdays * 4, weekdays * 5));
                }
                let mut ordinals = days.ordinals.iter().map(|(ordinal, _)| *ordinal);
                let is_plain = days.plain == 0
                    && (ordinals.clone().all(|nth| (1..=4).contains(&nth))
                        || ordinals.all(|nth| (-4..=-1).contains(&nth)));
                let count = u32::try_from(days.ordinals.len()).ok()?;
                if is_plain { Some((count, count)) } else { None }
            }
            _ => None,
        }
    }
}
