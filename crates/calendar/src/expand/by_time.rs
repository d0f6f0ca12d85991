//! Steps below a day: by elapsed time, from DTSTART on.
//!
//! A step of FREQ=HOURLY is 3,600 seconds whatever the clock does meanwhile; what BYMINUTE,
//! BYHOUR and the parts above name is what the wall shows at that instant.

use super::compiled::{Compiled, choose};
use super::series::{Series, Start};
use crate::civil::{DAY, month_days, ymd_of};
use crate::zone::{Cursor, Table};

/// Steps in a row without a start after which a rule is given up, each one that a day, an hour
/// and a minute allowed.
const EMPTY_STEPS_MAX: u32 = 100_000;

/// Elapsed time without a start after which a rule is given up, once it had a fair number of
/// steps. The calendar repeats after 400 years, but a rule only once a multiple of its interval
/// falls together with that: one of a large interval could find a start later. Nobody lives to
/// see it.
const EMPTY_SECONDS_MAX: i64 = 146_097 * DAY;
/// See [`EMPTY_SECONDS_MAX`].
const FAIR_STEPS: u32 = 2_000;

/// Days looked ahead for one that is allowed.
const DAYS_AHEAD_MAX: i64 = 366;

/// The steps of a rule on its clock.
struct Steps<'a> {
    rule: &'a Compiled,
    unit: i64,
    step: i64,
    /// Unix second that the steps are counted from, a whole unit of the wall clock.
    origin: i64,
    /// The first start.
    first: i64,
    cursor: Cursor<'a>,
    /// A civil day that is allowed, so that its seconds need not ask again.
    allowed: Option<i64>,
}

impl Series {
    /// The starts that the rule names within civil seconds `from..to`, in order, before UNTIL
    /// and COUNT. `unit` is the seconds of one step.
    pub(super) fn by_time(
        &self,
        unit: i64,
        clock: &Table,
        from: i64,
        to: i64,
        mut visit: impl FnMut(Start) -> bool,
    ) {
        let rule = &self.compiled;
        let mut steps = Steps::new(rule, unit, clock);
        let first = steps.first;
        // A step at any hour makes its day a start.
        let reach = if rule.is_all_day { to + DAY } else { to };
        let mut odd = Vec::new();
        let mut at = steps.before(from);
        let (mut empty, mut found_at) = (0, at);
        while empty < EMPTY_STEPS_MAX
            && (empty < FAIR_STEPS || at - found_at < EMPTY_SECONDS_MAX)
            && !steps.is_past(at, reach)
        {
            empty += 1;
            odd.clear();
            let mut give = |start: Start| {
                if start.instant < first || start.local < from || start.local >= to {
                    return true;
                }
                (empty, found_at) = (0, at);
                visit(start)
            };
            let offset = steps.cursor.offset(at);
            let is_even =
                (at + offset).rem_euclid(unit) == 0 && steps.cursor.offset(at + unit - 1) == offset;
            if !is_even {
                steps.odd_period(at, &mut odd);
                if !odd.iter().all(|start| give(*start)) {
                    return;
                }
                at += steps.step;
                continue;
            }
            if let Some(next) = steps.next_allowed(at + offset) {
                at = steps.skip(at, next);
                continue;
            }
            for time in rule.times.as_slice() {
                let instant = at + time;
                let mut local = instant + offset;
                if rule.is_all_day {
                    local = local.div_euclid(DAY) * DAY;
                }
                if !give(Start { instant, local }) {
                    return;
                }
            }
            at += steps.step;
        }
    }
}

impl<'a> Steps<'a> {
    fn new(rule: &'a Compiled, unit: i64, clock: &'a Table) -> Self {
        let mut cursor = Cursor::new(clock);
        let first = cursor.instant(rule.start);
        Self {
            rule,
            unit,
            step: rule.interval * unit,
            origin: first - rule.start.rem_euclid(unit),
            first,
            cursor,
            allowed: None,
        }
    }

    /// The first step at or after a Unix second.
    fn aligned(&self, instant: i64) -> i64 {
        let after = (instant - self.origin).max(0);
        self.origin + (after + self.step - 1) / self.step * self.step
    }

    /// A step early enough for everything from a civil second on.
    fn before(&mut self, from: i64) -> i64 {
        let instant = self.cursor.instant(from);
        // Where the clock jumps nearby, the same second may have been shown earlier.
        let is_calm = self
            .cursor
            .offset_throughout(instant - DAY, instant + DAY)
            .is_some();
        let margin = if is_calm { self.unit } else { self.unit + DAY };
        self.aligned(instant - margin)
    }

    /// Whether nothing from a step on is before a civil second.
    fn is_past(&mut self, at: i64, to: i64) -> bool {
        let local = at + self.cursor.offset(at);
        local >= to && (local >= to + DAY || self.cursor.offset_throughout(at, at + DAY).is_some())
    }

    /// The step at or after a civil second, but none after the clock's next jump: what the wall
    /// shows after that is not yet known.
    fn skip(&mut self, at: i64, next: i64) -> i64 {
        let wanted = self.cursor.instant(next).min(self.cursor.next_jump(at));
        self.aligned(wanted.max(at + 1))
    }

    /// Where a wall clock is not allowed: the next at which that may change.
    fn next_allowed(&mut self, local: i64) -> Option<i64> {
        let rule = self.rule;
        let (day, of_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        if self.allowed != Some(day) {
            if !rule.day_matches(day) {
                return Some(next_day(rule, day) * DAY);
            }
            self.allowed = Some(day);
        }
        let next = |mask: Option<u64>, value: i64, unit: i64, above: i64| {
            let mask = mask?;
            if mask & (1 << value) != 0 {
                return None;
            }
            let later = mask >> value;
            let start = local - local.rem_euclid(unit);
            Some(if later == 0 {
                local - local.rem_euclid(above) + above
            } else {
                start + i64::from(later.trailing_zeros()) * unit
            })
        };
        if let Some(hour) = next(rule.hours, of_day / 3_600, 3_600, DAY) {
            return Some(hour);
        }
        if self.unit < 3_600
            && let Some(minute) = next(rule.minutes, of_day / 60 % 60, 60, 3_600)
        {
            return Some(minute);
        }
        if self.unit < 60 {
            return next(rule.seconds, of_day % 60, 1, 60);
        }
        None
    }

    /// The starts of a step in which the clock jumps, or that does not begin with a whole unit of
    /// the wall clock: every minute or second is looked at.
    fn odd_period(&mut self, at: i64, into: &mut Vec<Start>) {
        let rule = self.rule;
        let phase = self.first - self.origin;
        let is_said =
            |mask: Option<u64>, value: i64| mask.is_none_or(|mask| mask & (1 << value) != 0);
        // What the rule leaves unsaid comes from DTSTART, in elapsed time.
        let is_own_minute = self.unit == 3_600 && rule.minutes.is_none();
        let is_own_second = self.unit > 1 && rule.seconds.is_none();
        let (from, to, stride) = match (is_own_minute, is_own_second) {
            (true, true) => (phase, phase + 1, 1),
            (true, false) => (phase - phase % 60, phase - phase % 60 + 60, 1),
            (false, true) => (phase % 60, self.unit, 60),
            (false, false) => (0, self.unit, 1),
        };
        for instant in (at + from..at + to).step_by(stride) {
            let local = instant + self.cursor.offset(instant);
            let of_day = local.rem_euclid(DAY);
            if !is_said(rule.seconds, of_day % 60) {
                continue;
            }
            if is_said(rule.minutes, of_day / 60 % 60)
                && is_said(rule.hours, of_day / 3_600)
                && rule.day_matches(local.div_euclid(DAY))
            {
                into.push(Start { instant, local });
            }
        }
        if !rule.positions.is_empty() {
            let mut chosen = Vec::new();
            choose(into.len(), &rule.positions, &mut chosen);
            let picked: Vec<Start> = chosen
                .iter()
                .filter_map(|index| into.get(*index).copied())
                .collect();
            *into = picked;
        }
    }
}

/// The next day that a rule allows, or one before it where that is far away.
fn next_day(rule: &Compiled, day: i64) -> i64 {
    let mut next = day + 1;
    while next < day + DAYS_AHEAD_MAX && !rule.day_matches(next) {
        let (year, month, of_month) = ymd_of(next);
        let is_month = rule.months.is_none_or(|months| months & (1 << month) != 0);
        next += if is_month {
            1
        } else {
            month_days(year, month) - of_month + 1
        };
    }
    next
}
