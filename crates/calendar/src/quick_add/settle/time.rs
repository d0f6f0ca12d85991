//! From days and clocks to a start and an end.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::series::is_below_a_day;
use super::{Lasting, Settling, Timing};
use crate::civil::{datetime_of, seconds_of};
use crate::quick_add::ProblemKind;
use crate::quick_add::clock::{Clock, HalfDay};
use crate::quick_add::day::{Day, Form};
use crate::quick_add::moment::Moment;
use crate::quick_add::word::DayPart;
use crate::quick_add::wording::time;
use crate::rule::{Frequency, Rule};
use crate::zone::Reading;

/// Minutes of a day.
const DAY: i64 = 1_440;

impl Settling<'_> {
    /// When it happens first. A range of days with a range of hours becomes a rule of its own.
    pub(super) fn timing(&mut self, rule: &mut Option<Rule>) -> Option<Timing> {
        if let Some(minutes) = self.chosen.start.ahead {
            let context = self.reader.context;
            let now = context.zone.instant(context.now).as_second();
            let at = crate::zone::instant_of(now - now.rem_euclid(60) + i64::from(minutes) * 60);
            let start = self.zone.wall_clock(at);
            return Some(Timing::Clock(start, self.lasting_after(start)));
        }
        self.borrow_day_of_end();
        let minutes = self.start_minutes(rule.as_ref());
        match minutes {
            Some((start, lasts)) => self.timed(rule, start, lasts),
            None => self.untimed(rule.as_ref()),
        }
    }

    /// `12:30-13:30 tomorrow`: the day stands after the range and is that of its start.
    fn borrow_day_of_end(&mut self) {
        let start = &self.chosen.start;
        if start.day.is_some() || !start.has_time() || self.chosen.repeat.is_some() {
            return;
        }
        let Some(end) = self.chosen.end.as_mut().filter(|end| end.clock.is_some()) else {
            return;
        };
        self.chosen.start.day = end.day.take();
        self.chosen.day_from = self.chosen.end_from;
    }

    /// Minutes from midnight at which it starts, and how many it lasts where its end is a clock.
    fn start_minutes(&self, rule: Option<&Rule>) -> Option<(i64, Option<i64>)> {
        let start = &self.chosen.start;
        let end = self.chosen.end.as_ref();
        let part = start
            .part
            .or_else(|| end?.part.filter(|_| start.clock.is_some()))
            .or_else(|| self.chosen.repeat.as_ref()?.part);
        let end_clock = end.and_then(|end| end.clock);
        match (start.clock, end_clock) {
            (Some(clock), Some(end_clock)) => Some(self.pair(clock, end_clock, part)),
            (Some(clock), None) => Some((self.decided(clock, part), None)),
            (None, _) if part.is_some() => {
                let hour = part.map(DayPart::hour).unwrap_or_default();
                let from = i64::from(hour) * 60;
                let lasts = end_clock.map(|clock| self.after(from, clock, part));
                Some((from, lasts))
            }
            (None, Some(clock)) => Some(self.until_clock(clock)),
            (None, None) => {
                let is_hourly = rule.is_some_and(is_below_a_day);
                let has_length = self
                    .chosen
                    .amount
                    .is_some_and(|amount| !amount.is_of_days());
                let has_day = start.day.is_some() || self.chosen.repeat.is_some();
                let is_today = start.day.is_none_or(|day| day.first == self.here.date());
                if is_hourly || (has_length && has_day && is_today && rule.is_none()) {
                    let next = self.next_hour();
                    return Some((i64::from(next.hour()) * 60, None));
                }
                (has_length && has_day).then(|| (self.working_start(), None))
            }
        }
    }

    fn working_start(&self) -> i64 {
        let time = self.reader.context.working_hours.start;
        i64::from(time.hour()) * 60 + i64::from(time.minute())
    }

    /// A clock, decided by everything that is known.
    fn decided(&self, clock: Clock, part: Option<DayPart>) -> i64 {
        let context = self.reader.context;
        let thing = self
            .thing
            .filter(|_| clock.half != HalfDay::Said && (4..=11).contains(&clock.hour));
        let habit = self.reader.table().open_hour;
        let settled = clock.settled(part.or(thing), &context.working_hours, habit);
        // "Today at 9", said at ten, is nine in the evening.
        let is_today = self
            .chosen
            .start
            .day
            .is_some_and(|day| day.form == Form::Exact && day.first == self.here.date());
        let now = i64::from(self.here.hour()) * 60 + i64::from(self.here.minute());
        match clock.candidates() {
            (_, Some(late)) if is_today && part.is_none() && settled <= now && late > now => late,
            _ => settled,
        }
    }

    /// Start and length of a range of clocks: the shortest that fits.
    fn pair(&self, start: Clock, end: Clock, part: Option<DayPart>) -> (i64, Option<i64>) {
        let is_open = start.candidates().1.is_some() && part.is_none();
        if is_open && end.candidates().1.is_none() {
            let (early, late) = start.candidates();
            let lasts = |from: i64| self.after(from, end, None);
            let late = late.unwrap_or(early);
            let from = if lasts(late) < lasts(early) {
                late
            } else {
                early
            };
            return (from, Some(lasts(from)));
        }
        let from = self.decided(start, part);
        (from, Some(self.after(from, end, part)))
    }

    /// Minutes from a start to the next time that a clock shows so.
    fn after(&self, from: i64, end: Clock, part: Option<DayPart>) -> i64 {
        let until = |at: i64| match (at - from).rem_euclid(DAY) {
            0 => DAY,
            minutes => minutes,
        };
        let of_end = self.chosen.end.as_ref().and_then(|end| end.part);
        if of_end.is_some() && of_end == part {
            return until(self.decided(end, part));
        }
        let (early, late) = end.candidates();
        late.map_or(until(early), |late| until(early).min(until(late)))
    }

    /// From now, or from the beginning of work on another day, until a clock.
    fn until_clock(&self, end: Clock) -> (i64, Option<i64>) {
        let is_today = self.chosen.start.day.is_none_or(|day| {
            day.first == self.here.date() && !matches!(day.form, Form::Weekday(_))
        });
        let now = i64::from(self.here.hour()) * 60 + i64::from(self.here.minute());
        let from = if is_today && self.chosen.repeat.is_none() {
            now
        } else {
            self.working_start()
        };
        (from, Some(self.after(from, end, None)))
    }

    /// Something with a time of day.
    fn timed(&mut self, rule: &mut Option<Rule>, start: i64, lasts: Option<i64>) -> Option<Timing> {
        let day = self.day_of(rule.as_ref(), start)?;
        let day = match self.end_day(day) {
            Some(_) => day,
            None => self.day_before_end(day, start, lasts),
        };
        let at = minutes_from(day.first, start)?;
        let is_range = day.last > day.first && day.form != Form::Period;
        if is_range && rule.is_none() && !self.chosen.is_task {
            let mut daily = Rule::every(Frequency::Daily);
            daily.count = u32::try_from(day.first.until(day.last).ok()?.get_days() + 1).ok();
            *rule = Some(daily);
        }
        let lasting = match self.end_day(day) {
            Some(end) => self.end_on(end, start, at),
            None => match lasts.and_then(|lasts| minutes_from(day.first, start + lasts)) {
                Some(end) => Lasting::Until(end),
                None => self.lasting_after(at),
            },
        };
        Some(Timing::Clock(at, lasting))
    }

    /// The day of the end, where it has one of its own.
    fn end_day(&self, start: Day) -> Option<Day> {
        let day = self.chosen.end.as_ref()?.day?;
        Some(day.from(start.first))
    }

    /// `23:30-02:15 tomorrow` begins tonight.
    fn day_before_end(&self, day: Day, start: i64, lasts: Option<i64>) -> Day {
        let is_of_end = self.chosen.day_from.is_some()
            && self.chosen.day_from == self.chosen.end_from
            && self.chosen.time_from == self.chosen.end_from;
        let is_after_range = is_of_end && self.is_day_after_range();
        let crosses = lasts.is_some_and(|lasts| start + lasts > DAY);
        let first = day.first.saturating_sub(1.day());
        let is_ahead = first > self.here.date()
            || minutes_from(first, start).is_some_and(|start| start > self.here);
        if is_after_range && crosses && is_ahead {
            Day {
                first,
                last: first,
                form: Form::Exact,
            }
        } else {
            day
        }
    }

    /// Whether the phrase of the time names its day in its end only.
    fn is_day_after_range(&self) -> bool {
        let part = self.chosen.end_from.and_then(|index| self.parts.get(index));
        part.and_then(|part| part.what.phrase())
            .is_some_and(|phrase| {
                let end = phrase.end.as_ref();
                phrase.start.day.is_none() && end.is_some_and(|end| end.day.is_some())
            })
    }

    /// An end on another day: its own clock, or that of the start.
    fn end_on(&mut self, end_day: Day, start: i64, at: DateTime) -> Lasting {
        let end = self.chosen.end.clone().unwrap_or_default();
        let minutes = self.end_minutes(&end).unwrap_or(start);
        let until = minutes_from(end_day.last, minutes);
        match until.filter(|until| *until > at) {
            Some(until) => Lasting::Until(until),
            None => {
                if let Some(index) = self.chosen.end_from.or(self.chosen.day_from) {
                    let words = self
                        .parts
                        .get(index)
                        .map(|part| self.reader.words(part.tokens.clone()))
                        .unwrap_or_default();
                    let pattern = self.reader.table().wording.wrong_order;
                    self.problem(index, ProblemKind::WrongOrder, pattern, words);
                }
                Lasting::Unsaid
            }
        }
    }

    fn end_minutes(&self, end: &Moment) -> Option<i64> {
        let context = self.reader.context;
        let habit = self.reader.table().open_hour;
        match end.clock {
            Some(clock) => Some(clock.settled(end.part, &context.working_hours, habit)),
            None => end.part.map(|part| i64::from(part.hour()) * 60),
        }
    }

    /// The day on which something with a time happens.
    fn day_of(&self, rule: Option<&Rule>, start: i64) -> Option<Day> {
        let is_ahead = |date: Date| {
            date > self.here.date() || minutes_from(date, start).is_some_and(|at| at > self.here)
        };
        let exact = |date: Date| Day {
            first: date,
            last: date,
            form: Form::Exact,
        };
        if self.chosen.repeat.is_some()
            && let Some(rule) = rule
        {
            let base = self
                .chosen
                .start
                .day
                .map_or(self.here.date(), |day| day.first);
            return self.first_day(rule, base, is_ahead).map(exact);
        }
        match self.chosen.start.day {
            Some(day) if is_ahead(day.first) || day.last > day.first => Some(day),
            Some(day) if matches!(day.form, Form::Weekday(_)) => {
                Some(day.from(day.first.saturating_add(1.day())))
            }
            Some(day) => Some(day),
            None if self.is_until_only() => Some(exact(self.here.date())),
            None if is_ahead(self.here.date()) => Some(exact(self.here.date())),
            None => Some(exact(self.here.date().saturating_add(1.day()))),
        }
    }

    /// Whether only an end was said: it begins now.
    fn is_until_only(&self) -> bool {
        !self.chosen.start.has_time() && self.chosen.end.is_some()
    }

    /// Whole days, or nothing where no day is named.
    fn untimed(&mut self, rule: Option<&Rule>) -> Option<Timing> {
        let today = self.here.date();
        let end = self.chosen.end.as_ref().and_then(|end| end.day);
        let day = match (self.chosen.start.day, rule) {
            (day, Some(rule)) if self.chosen.repeat.is_some() => {
                let base = day.map_or(today, |day| day.first);
                let first = self.first_day(rule, base, |_| true)?;
                return Some(Timing::Days(first, first));
            }
            // A weekday without a time is a day to come, never today.
            (Some(day), _) if day.first == today && matches!(day.form, Form::Weekday(_)) => {
                day.from(today.saturating_add(1.day()))
            }
            (Some(day), _) => day,
            (None, _) if self.chosen.is_all_day || end.is_some() => Day {
                first: today,
                last: today,
                form: Form::Exact,
            },
            (None, _) => return None,
        };
        let last = match end {
            Some(end) => end.from(day.first).last,
            None => self.last_of_days(day),
        };
        if last < day.first {
            return Some(Timing::Days(day.first, day.first));
        }
        Some(Timing::Days(day.first, last))
    }

    /// The last of the days that a length of days makes.
    fn last_of_days(&self, day: Day) -> Date {
        match self.chosen.amount.filter(|amount| amount.is_of_days()) {
            Some(amount) => {
                let span = i64::from(amount.months)
                    .months()
                    .days(i64::from(amount.days));
                let last = day.first.saturating_add(span).saturating_sub(1.day());
                last.max(day.first)
            }
            None => day.last,
        }
    }

    fn lasting_after(&self, start: DateTime) -> Lasting {
        match self.chosen.amount {
            Some(amount) => Lasting::For(amount),
            None => match &self.chosen.end {
                Some(end) if end.clock.is_some() => {
                    let from = i64::from(start.hour()) * 60 + i64::from(start.minute());
                    let lasts = end.clock.map(|clock| self.after(from, clock, None));
                    let until = lasts.and_then(|lasts| minutes_from(start.date(), from + lasts));
                    until.map_or(Lasting::Unsaid, Lasting::Until)
                }
                Some(_) | None => Lasting::Unsaid,
            },
        }
    }

    /// By when a task is to be done.
    pub(super) fn due(&self) -> Option<Timing> {
        let due = self.chosen.due.as_ref()?;
        let today = self.here.date();
        if let Some(minutes) = due.ahead {
            let at = self.here.saturating_add(i64::from(minutes).minutes());
            return Some(Timing::Clock(at, Lasting::Unsaid));
        }
        let minutes = self.end_minutes(due);
        let is_ahead = |date: Date| match minutes {
            Some(minutes) => minutes_from(date, minutes).is_some_and(|at| at > self.here),
            None => date > today,
        };
        let date = match due.day {
            Some(day) if matches!(day.form, Form::Weekday(_)) && !is_ahead(day.first) => {
                day.from(day.first.saturating_add(1.day())).last
            }
            Some(day) => day.last,
            None if is_ahead(today) => today,
            None => today.saturating_add(1.day()),
        };
        Some(match minutes {
            Some(minutes) => Timing::Clock(minutes_from(date, minutes)?, Lasting::Unsaid),
            None => Timing::Days(date, date),
        })
    }

    /// The same, where the clocks skip that time, at the time that they show instead. A series
    /// keeps its hour for the days that have it.
    pub(super) fn without_gap(&mut self, timing: Timing, is_series: bool) -> Timing {
        let Timing::Clock(start, lasting) = timing else {
            return timing;
        };
        if is_series {
            return timing;
        }
        let wording = &self.reader.table().wording;
        let from = self.chosen.time_from.or(self.chosen.day_from);
        match self.zone.read(start) {
            Reading::Once(_) => timing,
            Reading::Twice { .. } => {
                if let Some(index) = from {
                    self.problem(index, ProblemKind::Twice, wording.twice, &time(start));
                }
                timing
            }
            Reading::Never(instant) => {
                if let Some(index) = from {
                    self.problem(index, ProblemKind::Skipped, wording.skipped, &time(start));
                }
                let shown = self.zone.wall_clock(instant);
                let shift = seconds_of(shown) - seconds_of(start);
                let lasting = match lasting {
                    Lasting::Until(end) if end <= shown => {
                        Lasting::Until(datetime_of(seconds_of(end) + shift).unwrap_or(end))
                    }
                    Lasting::Until(_) | Lasting::Unsaid | Lasting::For(_) => lasting,
                };
                Timing::Clock(shown, lasting)
            }
        }
    }
}

/// A wall clock so many minutes after the midnight that a day begins with.
fn minutes_from(date: Date, minutes: i64) -> Option<DateTime> {
    datetime_of(seconds_of(date.at(0, 0, 0, 0)) + minutes * 60)
}
