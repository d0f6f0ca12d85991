//! The rule of a series: what the text says of it, the first day it falls on, and its end.

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};

use super::{Settling, Timing};
use crate::original::OriginalStart;
use crate::quick_add::ProblemKind;
use crate::quick_add::day::{Form, nth_of_month};
use crate::rule::{Frequency, Rule, RuleDay, Weekday};

/// Days that are searched for the first one of a rule; a leap day can be eight years away.
const DAYS_MAX: i64 = 9 * 366;

impl Settling<'_> {
    /// The rule, with the days that another part of the text gave it.
    pub(super) fn rule(&self) -> Option<Rule> {
        let Some(repeat) = &self.chosen.repeat else {
            return self
                .chosen
                .is_birthday
                .then(|| Rule::every(Frequency::Yearly));
        };
        let mut rule = repeat.rule.clone();
        let is_bare = rule.by_day.is_empty() && rule.by_month_day.is_empty();
        let form = self.chosen.start.day.map(|day| day.form);
        match (rule.frequency, form) {
            (Frequency::Weekly, Some(Form::Weekday(weekday))) if is_bare => {
                rule.by_day = vec![RuleDay {
                    ordinal: 0,
                    weekday,
                }];
            }
            (Frequency::Monthly, Some(Form::DayOfMonth(day))) if is_bare => {
                rule.by_month_day = vec![day.into()];
            }
            _ => {}
        }
        if rule.frequency == Frequency::Weekly && rule.interval > 1 && rule.by_day.len() > 1 {
            rule.week_start = self.reader.context.week_start;
        }
        rule.count = self.chosen.count.or(rule.count);
        Some(rule)
    }

    /// The first day of a series from a day on; `is_ahead` says whether its time is still to come.
    pub(super) fn first_day(
        &self,
        rule: &Rule,
        base: Date,
        is_ahead: impl Fn(Date) -> bool,
    ) -> Option<Date> {
        (0..DAYS_MAX)
            .map(|days| base.saturating_add(Span::new().days(days)))
            .find(|date| falls_on(rule, *date) && is_ahead(*date))
    }

    /// Ends the rule where the text says; the last day.
    pub(super) fn end_rule(
        &mut self,
        rule: &mut Option<Rule>,
        timing: Option<Timing>,
    ) -> Option<Date> {
        let (rule, timing) = (rule.as_mut()?, timing?);
        let start = match timing {
            Timing::Days(first, _) => first,
            Timing::Clock(start, _) => start.date(),
        };
        let last = self.last_day(start)?;
        if last < start {
            let until = self.chosen.until_from;
            let words = until
                .and_then(|index| self.parts.get(index))
                .map(|part| self.reader.words(part.tokens.clone()));
            if let (Some(index), Some(words)) = (until, words) {
                let pattern = self.reader.table().wording.wrong_order;
                self.problem(index, ProblemKind::WrongOrder, pattern, words);
            }
            return None;
        }
        if rule.count.is_none() {
            rule.until = Some(self.until(last, timing));
        }
        Some(last)
    }

    /// The last day of a series that starts on a day.
    fn last_day(&self, start: Date) -> Option<Date> {
        if let Some(day) = self.chosen.until.as_ref().and_then(|until| until.day) {
            return Some(day.from(start).last);
        }
        if let Some(day) = self.chosen.start.day.filter(|day| day.last > day.first) {
            return Some(day.last);
        }
        let amount = self.chosen.series_amount?;
        let span = i64::from(amount.months)
            .months()
            .days(i64::from(amount.days));
        Some(start.saturating_add(span).saturating_sub(1.day()))
    }

    /// UNTIL in the type of the start, and in UTC for one with a zone (RFC 5545 §3.3.10).
    fn until(&self, last: Date, timing: Timing) -> OriginalStart {
        match timing {
            Timing::Days(..) => OriginalStart::Date(last),
            Timing::Clock(..) => {
                let instant = self.zone.instant(last.at(23, 59, 59, 0));
                OriginalStart::Utc(crate::zone::Zone::utc().wall_clock(instant))
            }
        }
    }

    /// When a series below a day begins if nothing says so: at the next full hour.
    pub(super) fn next_hour(&self) -> DateTime {
        let hour = DateTime::from_parts(
            self.here.date(),
            jiff::civil::Time::new(self.here.hour(), 0, 0, 0).unwrap_or_default(),
        );
        hour.saturating_add(1.hour())
    }
}

/// Whether a rule can have an occurrence on a day, by its days alone.
fn falls_on(rule: &Rule, date: Date) -> bool {
    let month_ok = rule.by_month.is_empty() || rule.by_month.contains(&i32::from(date.month()));
    let days = i32::from(date.days_in_month());
    let day = i32::from(date.day());
    let month_day_ok = rule.by_month_day.is_empty()
        || rule.by_month_day.contains(&day)
        || rule.by_month_day.contains(&(day - days - 1));
    let weekday_ok = rule.by_day.is_empty()
        || rule.by_day.iter().any(|one| match one.ordinal {
            0 => is_weekday(date, one.weekday),
            ordinal => nth_of_month(date, ordinal, Some(one.weekday)) == Some(date),
        });
    month_ok && month_day_ok && weekday_ok && is_in_position(rule, date)
}

/// Whether a day is at one of the positions among the days of its month that the rule names.
fn is_in_position(rule: &Rule, date: Date) -> bool {
    if rule.by_position.is_empty() {
        return true;
    }
    let is_named = |date: Date| rule.by_day.iter().any(|one| is_weekday(date, one.weekday));
    let month = date.first_of_month();
    let named: Vec<Date> = (0..i64::from(date.days_in_month()))
        .map(|day| month.saturating_add(Span::new().days(day)))
        .filter(|date| is_named(*date))
        .collect();
    let Some(index) = named.iter().position(|one| *one == date) else {
        return false;
    };
    let from_start = i32::try_from(index).unwrap_or(i32::MAX).saturating_add(1);
    let from_end = i32::try_from(named.len() - index).unwrap_or(i32::MAX);
    rule.by_position
        .iter()
        .any(|position| *position == from_start || *position == -from_end)
}

fn is_weekday(date: Date, weekday: Weekday) -> bool {
    i64::from(date.weekday().to_monday_zero_offset()) == weekday.index()
}

/// Whether a rule steps by less than a day.
pub(super) const fn is_below_a_day(rule: &Rule) -> bool {
    matches!(
        rule.frequency,
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly
    )
}
