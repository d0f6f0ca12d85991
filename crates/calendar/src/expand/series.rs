//! The starts of one rule, in order, from any place on.
//!
//! Nothing walks from DTSTART to the window: the first period is computed. Only COUNT, which
//! needs to know how many came before, is counted from the start. Rules of a day and longer go by
//! the wall clock, shorter ones by elapsed time. Every search is bounded: a rule that finds
//! nothing for long enough is taken to find nothing more.

use super::compiled::{Compiled, picked};
use crate::civil::{DAY, FIRST_DAY, LAST_DAY, days_of, ymd_of};
use crate::original::OriginalStart;
use crate::rule::{Frequency, Rule, Skip};
use crate::zone::Table;

/// Periods in a row without a start after which a rule is given up. The calendar repeats after
/// 400 years, so a rule that found nothing in as many periods finds nothing ever.
const fn empty_max(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Yearly => 400,
        Frequency::Monthly => 4_800,
        Frequency::Weekly => 20_871,
        Frequency::Daily => 146_097,
        // Not exact, but each step is one that a matching day, hour and minute allowed.
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => 150_000,
    }
}

/// The largest COUNT that is counted to one by one.
pub(super) const COUNTED_MAX: u32 = 200_000;

/// Where a wall clock of a series stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    /// Unix second. Whole days and floating times count as if in UTC.
    pub(super) instant: i64,
    /// Civil second as the rule gave it, before any gap moved it.
    pub(super) local: i64,
}

/// The last moment of a rule, itself included.
#[derive(Debug, Clone, Copy)]
enum Last {
    Never,
    Instant(i64),
    Local(i64),
}

/// One rule from one start on.
pub(super) struct Series<'a> {
    compiled: Compiled,
    clock: &'a Table,
    last: Last,
    count: Option<u32>,
}

impl<'a> Series<'a> {
    /// A rule whose DTSTART is civil second `start` on a clock.
    ///
    /// UNTIL in UTC beside a zone is an instant; in local form or as a date it is read on the
    /// series' own clock, a date among timed starts as its midnight.
    pub(super) fn new(
        rule: &Rule,
        start: i64,
        is_all_day: bool,
        is_zoned: bool,
        clock: &'a Table,
    ) -> Self {
        let last = match rule.until {
            None => Last::Never,
            Some(until) => {
                let local = crate::civil::seconds_of(until.wall_clock());
                match until {
                    _ if is_all_day => Last::Local(local.div_euclid(DAY) * DAY),
                    OriginalStart::Utc(_) if is_zoned => Last::Instant(local),
                    OriginalStart::Utc(_) | OriginalStart::Local(_) | OriginalStart::Date(_) => {
                        Last::Local(local)
                    }
                }
            }
        };
        let compiled = Compiled::new(rule, start, is_all_day);
        let count = rule.count;
        Self {
            compiled,
            clock,
            last,
            count,
        }
        .with_count_as_last(rule, is_all_day)
    }

    /// Where every step is a start, the last one is computed from COUNT; where it is not and COUNT
    /// is larger than anyone could live to see, it is not counted to.
    fn with_count_as_last(mut self, rule: &Rule, is_all_day: bool) -> Self {
        let Some(count) = self
            .count
            .filter(|count| *count > 0 && rule.until.is_none())
        else {
            return self;
        };
        let start = self.compiled.start;
        let steps = (i64::from(count) - 1).saturating_mul(self.compiled.interval);
        let bare = Rule {
            interval: rule.interval,
            count: rule.count,
            ..Rule::every(rule.frequency)
        };
        let is_bare = Rule {
            week_start: bare.week_start,
            unknown: Vec::new(),
            ..rule.clone()
        } == bare;
        let unit = match rule.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3_600,
            Frequency::Daily => DAY,
            Frequency::Weekly => 7 * DAY,
            Frequency::Monthly | Frequency::Yearly => 0,
        };
        if is_bare && unit != 0 && (!is_all_day || unit >= DAY) {
            let after = steps.saturating_mul(unit).min(i64::MAX / 4);
            self.count = None;
            self.last = if unit >= DAY {
                Last::Local(start + after)
            } else {
                Last::Instant(self.clock.read(start).instant() + after)
            };
        } else if count > COUNTED_MAX {
            self.count = None;
        }
        self
    }

    /// Whether it ends by itself.
    pub(super) const fn last_instant(&self) -> Option<i64> {
        match self.last {
            Last::Never => None,
            Last::Instant(at) => Some(at),
            Last::Local(at) => Some(at + DAY),
        }
    }

    /// How many starts there are at most.
    pub(super) const fn count(&self) -> Option<u32> {
        self.count
    }

    /// Calls `visit` with every start whose civil second lies in `from..to`, in order, until it
    /// answers false.
    pub(super) fn each(&self, from: i64, to: i64, mut visit: impl FnMut(Start) -> bool) {
        let mut left = self.count.map_or(u64::MAX, u64::from);
        let walk_from = if self.count.is_some() {
            self.compiled.start
        } else {
            from
        };
        let last = self.last;
        let mut before = i64::MIN;
        self.walk(walk_from.max(self.compiled.start), to, |start| {
            let is_over = match last {
                Last::Never => false,
                Last::Instant(last) => start.instant > last,
                Last::Local(last) => start.local > last,
            };
            if is_over || left == 0 {
                return false;
            }
            // Days that stand in for missing ones (SKIP) may be there already.
            if start.instant == before && self.compiled.skip != Skip::Omit {
                return true;
            }
            before = start.instant;
            left -= 1;
            start.local < from || visit(start)
        });
    }

    fn walk(&self, from: i64, to: i64, visit: impl FnMut(Start) -> bool) {
        if self.compiled.times.is_empty() {
            return;
        }
        let to = to.min((LAST_DAY + 1) * DAY);
        let from = from.max(FIRST_DAY * DAY);
        match self.compiled.frequency {
            Frequency::Secondly => self.by_time(1, from, to, visit),
            Frequency::Minutely => self.by_time(60, from, to, visit),
            Frequency::Hourly => self.by_time(3_600, from, to, visit),
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
                self.by_day(from, to, visit);
            }
        }
    }

    /// Steps of a day and longer.
    fn by_day(&self, from: i64, to: i64, mut visit: impl FnMut(Start) -> bool) {
        let rule = &self.compiled;
        let mut period = self.first_period(from);
        let mut days = Vec::with_capacity(31);
        let mut empty = 0;
        let empty_max = empty_max(rule.frequency);
        while self.first_day(period) * DAY < to && empty < empty_max {
            days.clear();
            self.days_of_period(period, &mut days);
            empty += 1;
            if rule.positions.is_empty() {
                for day in &days {
                    for time in &rule.times {
                        let local = day * DAY + time;
                        if local < from {
                            continue;
                        }
                        empty = 0;
                        if local >= to || !visit(self.start_at(local)) {
                            return;
                        }
                    }
                }
            } else {
                let of_day = |day: &i64| {
                    let day = *day;
                    rule.times.iter().map(move |time| day * DAY + time)
                };
                let members: Vec<i64> = days.iter().flat_map(of_day).collect();
                for local in picked(&members, &rule.positions) {
                    if local < from {
                        continue;
                    }
                    empty = 0;
                    if local >= to || !visit(self.start_at(local)) {
                        return;
                    }
                }
            }
            period += rule.interval;
        }
    }

    fn start_at(&self, local: i64) -> Start {
        Start {
            instant: self.clock.read(local).instant(),
            local,
        }
    }

    /// The first period that can hold a civil second.
    fn first_period(&self, from: i64) -> i64 {
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
    fn first_day(&self, period: i64) -> i64 {
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
            Frequency::Weekly => {
                let first = self.first_day(period);
                into.extend((first..first + 7).filter(|day| rule.day_matches(*day)));
            }
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                if rule.day_matches(period) {
                    into.push(period);
                }
            }
        }
    }

    /// Steps below a day, counted in elapsed time. `unit` is the seconds of one step.
    fn by_time(&self, unit: i64, from: i64, to: i64, mut visit: impl FnMut(Start) -> bool) {
        let rule = &self.compiled;
        let step = rule.interval * unit;
        let origin = self.clock.read(rule.start).instant() - rule.start.rem_euclid(unit);
        let aligned = |instant: i64| {
            let steps = (instant - origin).max(0);
            origin + (steps + step - 1) / step * step
        };
        // One unit and one jump of the clock earlier than wanted; what comes too early is left out.
        let mut at = aligned(self.clock.read(from).instant() - unit - DAY);
        let mut empty = 0;
        let empty_max = empty_max(rule.frequency);
        while empty < empty_max {
            let local = at + self.clock.offset(at);
            if local >= to + DAY {
                return;
            }
            empty += 1;
            if let Some(next) = self.next_allowed(local) {
                at = aligned(self.clock.read(next).instant().max(at + 1));
                continue;
            }
            for time in &rule.times {
                let instant = at + time;
                let local = instant + self.clock.offset(instant);
                if local < from || instant < origin + rule.start.rem_euclid(unit) {
                    continue;
                }
                empty = 0;
                if local >= to {
                    return;
                }
                if !visit(Start { instant, local }) {
                    return;
                }
            }
            at += step;
        }
    }

    /// Where a wall clock is not allowed: the next at which that may change.
    fn next_allowed(&self, local: i64) -> Option<i64> {
        let rule = &self.compiled;
        let (day, of_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let allows = |mask: Option<u64>, value: i64| mask.is_none_or(|m| m & (1 << value) != 0);
        if !rule.day_matches(day) {
            return Some((day + 1) * DAY);
        }
        if !allows(rule.hours, of_day / 3_600) {
            return Some(local - local.rem_euclid(3_600) + 3_600);
        }
        if rule.frequency < Frequency::Hourly && !allows(rule.minutes, of_day / 60 % 60) {
            return Some(local - local.rem_euclid(60) + 60);
        }
        if rule.frequency == Frequency::Secondly && !allows(rule.seconds, of_day % 60) {
            return Some(local + 1);
        }
        None
    }
}
