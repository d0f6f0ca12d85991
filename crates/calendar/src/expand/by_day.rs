//! Steps of a day and longer: by the wall clock, period after period.

use super::compiled::choose;
use super::series::Series;
use crate::civil::{DAY, days_of, ymd_of};
use crate::rule::{Frequency, Skip};

/// Periods in a row without a start after which a rule is given up. The calendar repeats after
/// 400 years, so a rule that found nothing in as many periods finds nothing ever.
const fn empty_max(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Yearly => 400,
        Frequency::Monthly => 4_800,
        Frequency::Weekly => 20_871,
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => 146_097,
    }
}

impl Series {
    /// The civil seconds that the rule names within `from..to`, in order, before UNTIL and COUNT.
    #[inline]
    pub(super) fn by_day(&self, from: i64, to: i64, mut visit: impl FnMut(i64) -> bool) {
        let rule = &self.compiled;
        let times = rule.times.as_slice();
        let empty_max = empty_max(rule.frequency);
        let (mut days, mut chosen) = (Vec::with_capacity(31), Vec::new());
        let mut empty = 0;
        let mut period = self.first_period(from);
        if self.is_every_day() {
            while period * DAY < to {
                for time in times {
                    let local = period * DAY + time;
                    if local >= from && (local >= to || !visit(local)) {
                        return;
                    }
                }
                period += rule.interval;
            }
            return;
        }
        // A day that stands in for the last of a month before may lie before its own month.
        let early = if rule.skip == Skip::Omit { 0 } else { 1 };
        while (self.first_day(period) - early) * DAY < to && empty < empty_max {
            days.clear();
            self.days_of_period(period, &mut days);
            period += rule.interval;
            empty += 1;
            let mut give = |local: i64| {
                if local < from {
                    return true;
                }
                empty = 0;
                local < to && visit(local)
            };
            if rule.positions.is_empty() {
                for day in &days {
                    for time in times {
                        if !give(day * DAY + time) {
                            return;
                        }
                    }
                }
                continue;
            }
            choose(days.len() * times.len(), &rule.positions, &mut chosen);
            for index in &chosen {
                let day = days.get(index / times.len());
                let time = times.get(index % times.len());
                if let Some((day, time)) = day.zip(time)
                    && !give(day * DAY + time)
                {
                    return;
                }
            }
        }
    }

    /// Whether the rule steps by days and takes every one.
    fn is_every_day(&self) -> bool {
        let rule = &self.compiled;
        rule.frequency == Frequency::Daily
            && rule.days.is_none()
            && rule.positions.is_empty()
            && !rule.looks_beyond_weekdays()
    }

    /// The first period that can hold a civil second.
    pub(super) fn first_period(&self, from: i64) -> i64 {
        let rule = &self.compiled;
        let origin = self.period_of(rule.start.div_euclid(DAY));
        let day = from.div_euclid(DAY);
        if rule.frequency == Frequency::Yearly && !rule.weeks.is_empty() {
            // Years of whole weeks are counted from DTSTART's calendar year, as engines agree;
            // where every year counts, so does one whose last week reaches into that.
            let steps = (rule.week_year(day) - origin).div_euclid(rule.interval);
            let first = if rule.interval == 1 { -1 } else { 0 };
            return origin + steps.max(first) * rule.interval;
        }
        // A day that stands in for the last of the month before belongs to that month.
        let day = if rule.skip == Skip::Omit {
            day
        } else {
            day - 1
        };
        let steps = (self.period_of(day) - origin).max(0) / rule.interval;
        origin + steps * rule.interval
    }

    /// The number of the period that a day lies in.
    fn period_of(&self, day: i64) -> i64 {
        match self.compiled.frequency {
            Frequency::Yearly => ymd_of(day).0,
            Frequency::Monthly => {
                let (year, month, _) = ymd_of(day);
                year * 12 + month - 1
            }
            Frequency::Weekly => (day + 3 - self.compiled.week_start).div_euclid(7),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => day,
        }
    }

    /// The first day of a period.
    pub(super) fn first_day(&self, period: i64) -> i64 {
        match self.compiled.frequency {
            Frequency::Yearly if !self.compiled.weeks.is_empty() => {
                self.compiled.first_week(period)
            }
            Frequency::Yearly => days_of(period, 1, 1),
            Frequency::Monthly => days_of(period.div_euclid(12), period.rem_euclid(12) + 1, 1),
            Frequency::Weekly => period * 7 - 3 + self.compiled.week_start,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                period
            }
        }
    }

    fn days_of_period(&self, period: i64, into: &mut Vec<i64>) {
        let rule = &self.compiled;
        match rule.frequency {
            Frequency::Yearly if !rule.weeks.is_empty() => rule.year_of_weeks(period, into),
            Frequency::Yearly => rule.year(period, into),
            Frequency::Monthly => {
                rule.month(period.div_euclid(12), period.rem_euclid(12) + 1, into);
            }
            Frequency::Weekly => rule.week(self.first_day(period), into),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                if rule.day_matches(period) {
                    into.push(period);
                }
            }
        }
    }
}
