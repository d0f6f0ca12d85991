//! All of a series at other times: its rules and its exceptions move with it.
//!
//! Exceptions are named by the start their rule gave them (RFC 5545 §3.8.4.4) and a rule ends at
//! a moment of its own (§3.3.10, UNTIL). When the first start moves, so must both, or what was
//! skipped is back and the last occurrence is gone. Everything moves by the wall clock.
//!
//! Left alone are days that no shift keeps and that are not just the day of the start: the last
//! working day of a month, the hundredth of a year.

use jiff::civil::{Date, DateTime};

use super::ordinal::aligned;
use super::rebuild::Plan;
use crate::civil::{date_of, datetime_of, days_of_date, seconds_of, weekday_of};
use crate::event::{Due, Event, Override, Rules, Task};
use crate::original::OriginalStart;
use crate::rule::{Frequency, Rule, RuleDay, Weekday};
use crate::when::When;
use crate::zone::Zone;

impl Event {
    /// The event happens at another time; of a series, `when` is that of the first occurrence and
    /// all others move as far, by the wall clock.
    ///
    /// - Extra dates, skips, overrides and splits keep to their occurrences: their names
    ///   (`RECURRENCE-ID`, RFC 5545 §3.8.4.4) move along and take the kind of the new start. A
    ///   skipped day moves by whole days. Where months or years are no shift of each other, that
    ///   of March stays that of March.
    /// - UNTIL stays at the same occurrence, in the form that §3.3.10 asks for beside the new
    ///   start: a date, a wall clock, or an instant where there is a zone.
    /// - Days of a weekly rule turn with the start, and so does WKST where it counts. The one day,
    ///   month, hour, minute or second of a rule follows where it was that of the start, and the
    ///   third Tuesday becomes the third Wednesday.
    /// - What is due moves as far as its time.
    /// - Occurrences with a time of their own move as far. One in the zone of the series follows
    ///   into the new zone; one of the kind of the series follows to the new kind, on its own day.
    pub fn move_all(&mut self, when: When) {
        let first = self.when.original();
        if first == when.original() && self.when.zone() == when.zone() {
            self.when = when;
        } else {
            let rules = Shift::between(&self.when, &when).moved(&self.rules);
            let _names = self.rebuild(&Plan::all(when, rules));
        }
    }

    /// All of a series at other times, by other rules, or both; gives the new name of the
    /// occurrence in hand. `to` is the new time of that one.
    pub(super) fn reschedule(
        &mut self,
        at: &OriginalStart,
        to: Option<When>,
        rules: Option<Rules>,
    ) -> OriginalStart {
        let now = self.alone(at).when;
        let target = to.as_ref().unwrap_or(&now);
        let first = along(&self.when, &now, target);
        let is_given = rules.is_some();
        let rules = rules.unwrap_or_else(|| {
            let series = self.without_override(at).when;
            Shift::between(&series, &along(&series, &now, target)).moved(&self.rules)
        });
        let first = aligned(first, (&self.when, &self.rules), &rules);
        if is_other_length(&now, target) {
            for when in self
                .splits
                .values_mut()
                .filter_map(|one| one.change.when.as_mut())
            {
                *when = lasting(when, target);
            }
        }
        let at = self.rebuild(&Plan {
            is_given,
            ..Plan::all(first, rules)
        })(at);
        if let Some(to) = to {
            self.land(at, to);
        }
        at
    }

    /// The occurrence in hand is where it was put, and no exception if it is there anyway.
    pub(super) fn land(&mut self, at: OriginalStart, to: When) {
        let base = self.without_override(&at);
        let change = self.overrides.entry(at).or_default();
        change.when = Some(to);
        change.drop_same(&base);
        if change.is_empty() {
            self.overrides.remove(&at);
        }
    }
}

impl Rules {
    /// Rules of a series whose first time was `from` follow to the one it has now.
    pub(crate) fn follow(&mut self, from: &When, to: &When) {
        if from.original() != to.original() || from.zone() != to.zone() {
            *self = Shift::between(from, to).moved(self);
        }
    }
}

/// A time that lasts as long as another, where both are of one kind.
fn lasting(when: &When, other: &When) -> When {
    match (when, other.moved_to(when.start())) {
        (When::AllDay { .. }, longer @ When::AllDay { .. }) => longer,
        (When::Zoned { start, zone, .. }, When::Zoned { end, .. }) => When::Zoned {
            start: *start,
            zone: zone.clone(),
            end,
        },
        (When::Floating { start, .. }, When::Floating { end, .. }) => {
            When::Floating { start: *start, end }
        }
        _ => when.clone(),
    }
}

fn is_other_length(one: &When, other: &When) -> bool {
    !super::fields::is_same_time(&lasting(one, other), one)
}

/// A time moved as another was: by days where one of the two is whole days, else by the clock. It
/// takes over kind, zone and length.
pub(super) fn along(when: &When, from: &When, to: &When) -> When {
    let (old, new) = (from.start(), to.start());
    let start = if from.is_all_day() || to.is_all_day() || when.is_all_day() {
        let days = days_of_date(new.date()) - days_of_date(old.date());
        let day = date_of(days_of_date(when.start().date()) + days);
        day.map(|day| day.to_datetime(new.time()))
    } else {
        datetime_of(seconds_of(when.start()) + seconds_of(new) - seconds_of(old))
    };
    to.moved_to(start.unwrap_or(new))
}

/// From the old time of an occurrence to its new one.
#[derive(Debug, Clone)]
pub(super) struct Shift {
    from: When,
    to: When,
    /// How far the wall clock of the start moves.
    seconds: i64,
    /// How far its date moves.
    pub(super) days: i64,
}

impl Shift {
    pub(super) fn between(from: &When, to: &When) -> Self {
        let (old, new) = (from.start(), to.start());
        Self {
            from: from.clone(),
            to: to.clone(),
            seconds: seconds_of(new) - seconds_of(old),
            days: days_of_date(new.date()) - days_of_date(old.date()),
        }
    }

    fn clock(&self, at: DateTime) -> DateTime {
        datetime_of(seconds_of(at) + self.seconds).unwrap_or(at)
    }

    fn day(&self, day: Date) -> Date {
        date_of(days_of_date(day) + self.days).unwrap_or(day)
    }

    /// What the clock of the series shows at a start or an UNTIL, before the move.
    fn wall_clock(&self, at: OriginalStart) -> DateTime {
        match (at, self.from.zone()) {
            (OriginalStart::Utc(at), Some(zone)) => zone.wall_clock(Zone::utc().instant(at)),
            (at, _) => at.wall_clock(),
        }
    }

    /// The name of an occurrence after the move.
    pub(super) fn key(&self, key: OriginalStart) -> OriginalStart {
        let at = self.wall_clock(key);
        match key {
            _ if self.to.is_all_day() => OriginalStart::Date(self.day(at.date())),
            // A day among timed starts stays a day.
            OriginalStart::Date(day) if !self.from.is_all_day() => {
                OriginalStart::Date(self.day(day))
            }
            // An instant stays one, for the second of two equal wall clocks has no other name.
            OriginalStart::Utc(at) if self.from.zone() == self.to.zone() => {
                OriginalStart::Utc(self.clock(at))
            }
            OriginalStart::Date(_) | OriginalStart::Local(_) | OriginalStart::Utc(_) => {
                self.to.original().with_wall_clock(self.clock(at))
            }
        }
    }

    /// Moves the own time of one occurrence, or of all from one on, and by when its own task is
    /// due.
    pub(super) fn change(&self, change: &mut Override) {
        if let Some(when) = &mut change.when {
            let own = self.own(when);
            Self::between(when, &own).task(change.task.as_mut());
            *when = own;
        } else {
            self.task(change.task.as_mut());
        }
    }

    /// Moves by when a task is due, as far as its time. A task without a time set aside has the
    /// time it is due for its own, so that both stay of one kind.
    pub(super) fn task(&self, task: Option<&mut Task>) {
        let Some(task) = task else { return };
        let Some(due) = &task.due else { return };
        let is_planned = task.is_planned;
        let (at, zone) = match due {
            Due::On(day) => (day.at(0, 0, 0, 0), None),
            Due::At { at, zone } => (*at, zone.as_ref()),
        };
        let is_turned = !is_planned && self.from.is_all_day() != self.to.is_all_day();
        task.due = Some(match (due, &self.to) {
            (_, When::AllDay { .. }) if is_turned => Due::On(self.day(at.date())),
            (_, to) if is_turned => Due::At {
                at: self.day(at.date()).to_datetime(to.start().time()),
                zone: to.zone().cloned(),
            },
            (Due::At { .. }, to) if zone == self.from.zone() && !to.is_all_day() => Due::At {
                at: self.clock(at),
                zone: to.zone().cloned(),
            },
            _ => due.moved(self.from.start(), self.to.start()),
        });
    }

    fn own(&self, when: &When) -> When {
        let day = self.day(when.start().date());
        let is_like_series = when.is_all_day() == self.from.is_all_day();
        if is_like_series && self.from.is_all_day() != self.to.is_all_day() {
            return self.to.moved_to(day.to_datetime(self.to.start().time()));
        }
        let moved = when.moved_to(if when.is_all_day() {
            day.at(0, 0, 0, 0)
        } else {
            self.clock(when.start())
        });
        if when.zone() != self.from.zone() {
            return moved;
        }
        match (moved, &self.to) {
            (
                When::Zoned { start, end, .. } | When::Floating { start, end },
                When::Zoned { zone, .. },
            ) => When::Zoned {
                start,
                zone: zone.clone(),
                end,
            },
            (When::Zoned { start, end, .. }, When::Floating { .. }) => {
                When::Floating { start, end }
            }
            (moved, _) => moved,
        }
    }

    /// Rules as they are after the move.
    pub(super) fn moved(&self, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        for rule in rules.rules.iter_mut().chain(&mut rules.exclusions) {
            rule.until = rule.until.map(|until| self.until(until));
            self.parts(rule);
        }
        rules
    }

    fn until(&self, until: OriginalStart) -> OriginalStart {
        let at = self.clock(self.wall_clock(until));
        match &self.to {
            When::AllDay { .. } => OriginalStart::Date(at.date()),
            When::Floating { .. } => OriginalStart::Local(at),
            When::Zoned { zone, .. } => {
                OriginalStart::Utc(Zone::utc().wall_clock(zone.instant(at)))
            }
        }
    }

    /// Parts of a rule that say again what the start says.
    fn parts(&self, rule: &mut Rule) {
        let (old, new) = (self.from.start(), self.to.start());
        follow(&mut rule.by_hour, old.hour(), new.hour());
        follow(&mut rule.by_minute, old.minute(), new.minute());
        follow(&mut rule.by_second, old.second(), new.second());
        match rule.frequency {
            Frequency::Weekly => {
                // Days that are set apart by where a week begins stay in their week.
                if rule.interval > 1 || !rule.by_position.is_empty() {
                    rule.week_start = turned(rule.week_start, self.days);
                }
                for day in &mut rule.by_day {
                    day.weekday = turned(day.weekday, self.days);
                }
                // As a rule that is read has them.
                rule.by_day
                    .sort_unstable_by_key(|day| (day.weekday, day.ordinal));
            }
            Frequency::Monthly => {
                follow(&mut rule.by_month_day, old.day(), new.day());
                follow_ordinal(&mut rule.by_day, old.date(), new.date());
            }
            Frequency::Yearly if rule.by_month == [i32::from(old.month())] => {
                let is_day_of_start = rule.by_month_day.is_empty() && rule.by_day.is_empty();
                if is_day_of_start || rule.by_month_day == [i32::from(old.day())] {
                    follow(&mut rule.by_month_day, old.day(), new.day());
                    follow(&mut rule.by_month, old.month(), new.month());
                } else if follow_ordinal(&mut rule.by_day, old.date(), new.date()) {
                    follow(&mut rule.by_month, old.month(), new.month());
                }
            }
            Frequency::Secondly
            | Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Yearly => {}
        }
    }
}

/// Makes the third Tuesday the third Wednesday, where the old start is the one day of the rule;
/// gives whether it is. A fifth becomes the last, which every month has.
fn follow_ordinal(by_day: &mut [RuleDay], old: Date, new: Date) -> bool {
    let [day] = by_day else { return false };
    let weekday = |date: Date| weekday_of(days_of_date(date));
    let ordinal = |date: Date, sign: i32| {
        if sign > 0 {
            (i32::from(date.day()) - 1) / 7 + 1
        } else {
            -(i32::from(date.days_in_month() - date.day()) / 7 + 1)
        }
    };
    let sign = day.ordinal.signum();
    if sign == 0 || weekday(old) != day.weekday.index() || ordinal(old, sign) != day.ordinal {
        return false;
    }
    day.weekday = turned(day.weekday, weekday(new) - weekday(old));
    day.ordinal = match ordinal(new, sign) {
        5 => -1,
        ordinal => ordinal,
    };
    true
}

/// Gives a part of a rule the new value where it has just the old one.
fn follow(part: &mut Vec<i32>, old: i8, new: i8) {
    if *part == [i32::from(old)] {
        *part = vec![i32::from(new)];
    }
}

fn turned(day: Weekday, days: i64) -> Weekday {
    let wanted = (day.index() + days).rem_euclid(7);
    let mut all = Weekday::ALL.into_iter();
    all.find(|other| other.index() == wanted).unwrap_or(day)
}

#[cfg(test)]
mod tests;
