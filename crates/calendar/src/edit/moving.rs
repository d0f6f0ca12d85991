//! All of a series at other times: its rules and its exceptions move with it.
//!
//! Exceptions are named by the start their rule gave them (RFC 5545 §3.8.4.4) and a rule ends at
//! a moment of its own (§3.3.10, UNTIL). When the first start moves, so must both, or what was
//! skipped is back and the last occurrence is gone. Everything moves by the wall clock.
//!
//! Left alone are days that no shift keeps: the third Tuesday of a month, the last of a year.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use crate::civil::{date_of, datetime_of, days_of_date, seconds_of};
use crate::event::{Event, Override, Rules};
use crate::original::OriginalStart;
use crate::rule::{Frequency, Rule, Weekday};
use crate::when::When;
use crate::zone::Zone;

impl Event {
    /// The event happens at another time; of a series, `when` is that of the first occurrence and
    /// all others move as far, by the wall clock.
    ///
    /// - Extra dates, skips, overrides and splits keep to their occurrences: their names
    ///   (`RECURRENCE-ID`, RFC 5545 §3.8.4.4) move along and take the kind of the new start. A
    ///   skipped day moves by whole days.
    /// - UNTIL stays at the same occurrence, in the form that §3.3.10 asks for beside the new
    ///   start: a date, a wall clock, or an instant where there is a zone.
    /// - Days of a weekly rule turn with the start, and so does WKST where it counts. The one day,
    ///   month, hour, minute or second of a rule follows where it was that of the start.
    /// - Occurrences with a time of their own move as far. One in the zone of the series follows
    ///   into the new zone; one of the kind of the series follows to the new kind, on its own day.
    pub fn move_all(&mut self, when: When) {
        if self.when.original() != when.original() || self.when.zone() != when.zone() {
            let shift = Shift::between(&self.when, &when);
            shift.rules(&mut self.rules);
            self.skipped = self.skipped.iter().map(|key| shift.key(*key)).collect();
            self.dates = shift.keys(std::mem::take(&mut self.dates));
            self.overrides = shift.keys(std::mem::take(&mut self.overrides));
            self.splits = shift.keys(std::mem::take(&mut self.splits));
            for change in self.overrides.values_mut() {
                shift.change(change);
            }
            // New rules of a split are counted on its own time, or on that of the split before.
            let mut counted_on = (self.when.clone(), when.clone());
            for split in self.splits.values_mut() {
                let before = split.change.when.clone();
                shift.change(&mut split.change);
                if let (Some(from), Some(to)) = (before, &split.change.when) {
                    counted_on = (from, to.clone());
                }
                if let Some(rules) = &mut split.rules {
                    Shift::between(&counted_on.0, &counted_on.1).rules(rules);
                }
            }
        }
        self.when = when;
    }
}

/// From the old time of the first occurrence to its new one.
struct Shift<'a> {
    from: &'a When,
    to: &'a When,
    /// How far the wall clock of the start moves.
    seconds: i64,
    /// How far its date moves.
    days: i64,
}

impl<'a> Shift<'a> {
    fn between(from: &'a When, to: &'a When) -> Self {
        let (old, new) = (from.start(), to.start());
        Self {
            from,
            to,
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

    fn keys<T>(&self, entries: BTreeMap<OriginalStart, T>) -> BTreeMap<OriginalStart, T> {
        let moved = |(key, value)| (self.key(key), value);
        entries.into_iter().map(moved).collect()
    }

    /// The name of an occurrence after the move.
    fn key(&self, key: OriginalStart) -> OriginalStart {
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

    /// Moves the own time of one occurrence, or of all from one on.
    fn change(&self, change: &mut Override) {
        if let Some(when) = &mut change.when {
            *when = self.own(when);
        }
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
        match (moved, self.to) {
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

    fn rules(&self, rules: &mut Rules) {
        for rule in rules.rules.iter_mut().chain(&mut rules.exclusions) {
            rule.until = rule.until.map(|until| self.until(until));
            self.parts(rule);
        }
    }

    fn until(&self, until: OriginalStart) -> OriginalStart {
        let at = self.clock(self.wall_clock(until));
        match self.to {
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
            }
            Frequency::Monthly => follow(&mut rule.by_month_day, old.day(), new.day()),
            Frequency::Yearly if rule.by_month == [i32::from(old.month())] => {
                let is_day_of_start = rule.by_month_day.is_empty() && rule.by_day.is_empty();
                if is_day_of_start || rule.by_month_day == [i32::from(old.day())] {
                    follow(&mut rule.by_month_day, old.day(), new.day());
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
