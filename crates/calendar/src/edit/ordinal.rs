//! Which occurrence is which when a series changes its days.
//!
//! Mostly all move equally far, and names with them. But the third Wednesday is not one day after
//! the third Tuesday in every month; there the one of a month stays that of its month, and where a
//! month has several, the second stays the second. Years and weeks are months of their rules.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::moving::Shift;
use crate::civil::{DAY, WALL_MAX, datetime_of, days_of, days_of_date, seconds_of, weekday_of};
use crate::event::{Event, Rules};
use crate::expand::{expand, next};
use crate::original::OriginalStart;
use crate::rule::{Frequency, Rule};
use crate::when::When;
use crate::zone::{Zone, instant_of};

/// From the names of occurrences to their new ones.
#[derive(Debug, Clone)]
pub(crate) struct Renaming {
    shift: Shift,
    from: When,
    to: When,
    /// By their place in their month, week or year, where a shift does not do.
    by_place: BTreeMap<OriginalStart, OriginalStart>,
    /// Whether all keep their names.
    is_none: bool,
}

impl Renaming {
    /// From a first time and rules to others; `last` is the last name that will be asked for.
    pub(crate) fn between(
        old: (&When, &Rules),
        new: (&When, &Rules),
        last: Option<OriginalStart>,
    ) -> Self {
        let shift = Shift::between(old.0, new.0);
        let is_by_place = is_by_place(&shift, old.1, new.1);
        let is_same = old.0.original() == new.0.original() && old.0.zone() == new.0.zone();
        let mut renaming = Self {
            shift,
            from: old.0.clone(),
            to: new.0.clone(),
            by_place: BTreeMap::new(),
            is_none: is_same && !is_by_place,
        };
        if let Some(last) = last.filter(|_| is_by_place) {
            let until = seconds_of(last.wall_clock()) + WALL_MAX;
            // So far that the last period is whole, and no further off than the first start moves.
            let further = renaming.shift.days.abs() * DAY + PERIOD_MAX;
            let before = starts(old.0, old.1, |event, from| {
                expand(event, from..instant_of(until), &Zone::utc())
            });
            let after = starts(new.0, new.1, |event, from| {
                expand(event, from..instant_of(until + further), &Zone::utc())
            });
            renaming.by_place = paired(by_period(old, before), by_period(new, after));
        }
        renaming
    }

    pub(crate) fn key(&self, key: OriginalStart) -> OriginalStart {
        if self.is_none {
            return key;
        }
        let by_place = self.by_place.get(&key).copied();
        by_place.unwrap_or_else(|| self.shift.key(key))
    }

    /// Whether all keep their names.
    pub(crate) const fn is_none(&self) -> bool {
        self.is_none
    }

    /// How far the occurrence of a name moves.
    pub(super) fn shift_of(&self, key: OriginalStart) -> Shift {
        match self.by_place.get(&key) {
            None => self.shift.clone(),
            Some(to) => Shift::between(
                &self.from.moved_to(key.wall_clock()),
                &self.to.moved_to(to.wall_clock()),
            ),
        }
    }
}

/// Whether two rules step equally often, but not all starts of the one are equally far from those
/// of the other.
fn is_by_place(shift: &Shift, old: &Rules, new: &Rules) -> bool {
    let ([old], [new]) = (old.rules.as_slice(), new.rules.as_slice()) else {
        return false;
    };
    let steps = |rule: &Rule| {
        let lengths = [
            rule.by_day.len(),
            rule.by_month_day.len(),
            rule.by_year_day.len(),
            rule.by_week.len(),
            rule.by_month.len(),
            rule.by_position.len(),
            rule.by_hour.len(),
            rule.by_minute.len(),
        ];
        (rule.frequency, rule.interval, lengths)
    };
    let days = |rule: &Rule| {
        let mut days = [
            rule.by_month_day.clone(),
            rule.by_year_day.clone(),
            rule.by_week.clone(),
            rule.by_month.clone(),
            rule.by_position.clone(),
        ];
        days.iter_mut().for_each(|list| list.sort_unstable());
        let mut by_day = rule.by_day.clone();
        by_day.sort_unstable();
        (days, by_day)
    };
    if steps(old) != steps(new) {
        return false;
    }
    match old.frequency {
        Frequency::Monthly | Frequency::Yearly => shift.days != 0 || days(old) != days(new),
        Frequency::Weekly => {
            let moved = shift.moved(&Rules::one(old.clone()));
            moved.rules.first().map(days) != Some(days(new))
        }
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => false,
    }
}

/// Seconds of the longest period.
const PERIOD_MAX: i64 = 366 * DAY;

/// Names of starts by the month, week or year they are in, counted from that of the first.
type ByPeriod = BTreeMap<i64, Vec<OriginalStart>>;

fn by_period((_, rules): (&When, &Rules), starts: Vec<(OriginalStart, Date)>) -> ByPeriod {
    let mut found = ByPeriod::new();
    let [rule] = rules.rules.as_slice() else {
        return found;
    };
    let number = |date: Date| period_number(rule, days_of_date(date));
    let first = starts.first().map_or(0, |(_, date)| number(*date));
    for (name, date) in starts {
        found.entry(number(date) - first).or_default().push(name);
    }
    found
}

/// The starts of one series and those of another, by their places in each period. A day that a
/// period does not have in the other series has no partner there.
fn paired(before: ByPeriod, after: ByPeriod) -> BTreeMap<OriginalStart, OriginalStart> {
    let mut after = after;
    let mut pairs = BTreeMap::new();
    for (period, names) in before {
        pairs.extend(
            names
                .into_iter()
                .zip(after.remove(&period).unwrap_or_default()),
        );
    }
    pairs
}

/// The names of the starts of rules alone, in order of time, and the days they are on.
fn starts(
    when: &When,
    rules: &Rules,
    list: impl FnOnce(&Event, Timestamp) -> Vec<crate::Occurrence>,
) -> Vec<(OriginalStart, Date)> {
    let mut event = Event::new("", "", when.clone());
    event.rules = rules.clone();
    for rule in &mut event.rules.rules {
        (rule.count, rule.until) = (None, None);
    }
    let (from, _) = when.span(&Zone::utc());
    let found = list(&event, from);
    let found = found.into_iter();
    found
        .map(|one| (one.original, one.local_start.date()))
        .collect()
}

/// The first time of new rules, given the one that the old first time would move to. Where the
/// rules do not name that, it is the start at the same place in the same month, week or year, and
/// else the next one they name.
pub(super) fn aligned(moved: When, old: (&When, &Rules), new: &Rules) -> When {
    let [rule] = new.rules.as_slice() else {
        return moved;
    };
    let day = days_of_date(moved.start().date());
    if period_starts(rule, &moved, day, day + 1).contains(&day) {
        return moved;
    }
    let first = days_of_date(old.0.start().date());
    let (from, until) = period(rule, first);
    let found = period_starts(rule, &moved, from, until);
    let place = match old.1.rules.as_slice() {
        [rule] => period_starts(rule, old.0, from, first).len(),
        _ => 0,
    };
    let time_of_day = seconds_of(moved.start()).rem_euclid(DAY);
    let on = |day: i64| datetime_of(day * DAY + time_of_day);
    if let Some(start) = found.get(place).or(found.last()).and_then(|day| on(*day)) {
        return moved.moved_to(start);
    }
    // The moved time stands first though it is not named.
    let later = starts(&moved, new, |event, from| {
        next(event, from, 2, &Zone::utc())
    });
    match later.last() {
        Some((start, _)) if later.len() == 2 => moved.moved_to(start.wall_clock()),
        _ => moved,
    }
}

/// The days in a stretch of days that a rule names, if it began long before and every time.
fn period_starts(rule: &Rule, when: &When, from: i64, until: i64) -> Vec<i64> {
    let date = when.start();
    let back = match rule.frequency {
        // What the rule does not say it takes from its start: the weekday, or the date.
        Frequency::Weekly => datetime_of(seconds_of(date) - 52 * 7 * DAY),
        Frequency::Monthly | Frequency::Yearly => date.checked_sub(Span::new().years(4)).ok(),
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            datetime_of(seconds_of(date) - 8 * DAY)
        }
    };
    let Some(back) = back else { return Vec::new() };
    let day = When::AllDay {
        start: back.date(),
        end: back.date(),
    };
    let mut event = Event::new("", "", day);
    event.rules = Rules::one(Rule {
        interval: 1,
        count: None,
        until: None,
        ..rule.clone()
    });
    let at = |day: i64| datetime_of(day * DAY).map(|at| Zone::utc().instant(at));
    let (Some(from), Some(until)) = (at(from), at(until)) else {
        return Vec::new();
    };
    let found = expand(&event, from..until, &Zone::utc());
    found
        .iter()
        .map(|one| days_of_date(one.original.date()))
        .collect()
}

/// A number for the month, week or year around a day, one more for each that follows.
fn period_number(rule: &Rule, day: i64) -> i64 {
    let (year, month, _) = crate::civil::ymd_of(day);
    match rule.frequency {
        Frequency::Yearly => year,
        Frequency::Monthly => year * 12 + month,
        Frequency::Weekly => period(rule, day).0.div_euclid(7),
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => day,
    }
}

/// The month, week or year around a day; for rules that step in days, none.
fn period(rule: &Rule, day: i64) -> (i64, i64) {
    let (year, month, _) = crate::civil::ymd_of(day);
    match rule.frequency {
        Frequency::Yearly => (days_of(year, 1, 1), days_of(year + 1, 1, 1)),
        Frequency::Monthly if month == 12 => (days_of(year, 12, 1), days_of(year + 1, 1, 1)),
        Frequency::Monthly => (days_of(year, month, 1), days_of(year, month + 1, 1)),
        Frequency::Weekly => {
            let from = day - (weekday_of(day) - rule.week_start.index()).rem_euclid(7);
            (from, from + 7)
        }
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            (day, day)
        }
    }
}
