//! Stretches that have a name, and days within them: `next week`, `weekend`, `end of month`,
//! `first Monday of December`, `KW 49`.

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday as JiffWeekday};

use super::{Day, month_day_from, weekday_from};
use crate::quick_add::reader::{Found, Reader};
use crate::quick_add::word::{Meaning, Unit, Word};
use crate::rule::Weekday;

impl Reader<'_> {
    /// A stretch of days, or a day named by one.
    pub(super) fn period(&self, at: usize) -> Found<Day> {
        self.weekend(at)
            .or_else(|| self.edge(at))
            .or_else(|| self.day_in_week(at))
            .or_else(|| self.next_unit(at))
    }

    /// The first day of a week: `next week`, `in two weeks`, `KW 49`.
    pub(super) fn week(&self, at: usize) -> Found<Date> {
        let today = self.today();
        let after_next = |end| Some((self.week_of(today).saturating_add(14.days()), end));
        if let Some(end) = self.is(at, Word::WeekAfterNext) {
            return after_next(end);
        }
        const WHICH: &[Word] = &[Word::This, Word::Next, Word::Coming, Word::AfterNext];
        if let Some((which, next)) = self.any(at, WHICH)
            && let Some((Unit::Week, end)) = self.read(next, Meaning::unit)
        {
            if which == Word::AfterNext {
                return after_next(end);
            }
            let ahead = if which == Word::This { 0 } else { 7 };
            return Some((
                self.week_of(today).saturating_add(i64::from(ahead).days()),
                end,
            ));
        }
        if let Some(next) = self.is(at, Word::In)
            && let Some((amount, end)) = self.amount(next)
            && amount.is_of_days()
            && amount.days > 0
            && amount.days.is_multiple_of(7)
        {
            // The seven days around the day that is so far away.
            let ahead = i64::from(amount.days) - 3;
            return Some((today.saturating_add(ahead.days()), end));
        }
        let number_at = self.is(at, Word::WeekNumber)?;
        let number = i8::try_from(self.digits(number_at)?.value).ok()?;
        let monday = |year: i16| {
            let week = ISOWeekDate::new(year, number, JiffWeekday::Monday).ok()?;
            Some(week.date())
        };
        let this = today.iso_week_date().year();
        let found = (this..=this.saturating_add(8))
            .filter_map(monday)
            .find(|monday| monday.saturating_add(6.days()) >= today)?;
        Some((found, number_at + 1))
    }

    /// `next week`, all its days; with a weekday, that day of it.
    fn day_in_week(&self, at: usize) -> Found<Day> {
        let at_word = self.skip(at, &[Word::In, Word::The, Word::Of]);
        let (week, end) = match self.week(at) {
            Some(found) => found,
            None => self
                .week(at_word)
                .filter(|_| self.is(at, Word::In) != Some(at))?,
        };
        let name_at = self.skip(end, &[Word::And, Word::On]);
        if let Some((weekday, end)) = self.weekday(name_at, true) {
            return Some((Day::one(weekday_from(week, weekday)), end));
        }
        // "In two weeks" is a day, not a week.
        let is_distance = self
            .is(at, Word::In)
            .is_some_and(|next| self.amount(next).is_some());
        if is_distance {
            return None;
        }
        let this_week = self.week_of(self.today()) == week;
        let first = if this_week { self.today() } else { week };
        Some((Day::span(first, week.saturating_add(6.days())), end))
    }

    /// `next month` and `next year` begin on their first day.
    fn next_unit(&self, at: usize) -> Found<Day> {
        let at = self.skip(at, &[Word::Of]);
        let (_, next) = self.any(at, &[Word::Next, Word::Coming])?;
        let (unit, end) = self.read(next, Meaning::unit)?;
        let today = self.today();
        let date = match unit {
            Unit::Month => today.first_of_month().saturating_add(1.month()),
            Unit::Year => today.first_of_year().saturating_add(1.year()),
            Unit::Quarter => {
                let ahead = 3 - i64::from((today.month() - 1) % 3);
                today.first_of_month().saturating_add(ahead.months())
            }
            Unit::Day => today.saturating_add(1.day()),
            Unit::Minute | Unit::Hour | Unit::Week => return None,
        };
        Some((Day::one(date), end))
    }

    /// `weekend`, `next weekend`: Saturday and Sunday.
    fn weekend(&self, at: usize) -> Found<Day> {
        let which = self.any(at, &[Word::This, Word::Next, Word::Coming]);
        let at = which.map_or_else(|| self.skip(at, &[Word::The]), |(_, end)| end);
        let end = self.is(at, Word::Weekend)?;
        let today = self.today();
        let sunday = weekday_from(today, Weekday::Sunday);
        let ahead = match which {
            Some((Word::Next, _)) => 7,
            Some((Word::Coming, _)) if sunday.saturating_sub(1.day()) <= today => 7,
            Some(_) => 0,
            None if self.ends_phrase(end) => 0,
            None => return None,
        };
        let sunday = sunday.saturating_add(i64::from(ahead).days());
        let saturday = sunday.saturating_sub(1.day());
        Some((Day::span(saturday.max(today), sunday), end))
    }

    /// `end of month`, `Anfang Dezember`, `Monatsende`.
    fn edge(&self, at: usize) -> Found<Day> {
        let today = self.today();
        if let Some(end) = self.is(at, Word::MonthEnd) {
            return Some((Day::one(today.last_of_month()), end));
        }
        let (edge, next) = self.any(at, &[Word::Beginning, Word::Middle, Word::End])?;
        if let Some((first, end)) = self.month_of(next) {
            let date = if edge == Word::Beginning {
                first
            } else if edge == Word::Middle {
                first.saturating_add(14.days())
            } else {
                first.last_of_month()
            };
            return Some((Day::one(date), end));
        }
        if let Some((week, end)) = self.week_of_edge(next) {
            let ahead = if edge == Word::Beginning {
                Weekday::Monday
            } else if edge == Word::Middle {
                Weekday::Wednesday
            } else {
                Weekday::Friday
            };
            return Some((Day::one(weekday_from(week, ahead)), end));
        }
        let next = self.skip(next, &[Word::The, Word::This, Word::Of]);
        let (unit, end) = self.read(next, Meaning::unit)?;
        let date = match (unit, edge) {
            (Unit::Year, Word::Beginning) => today.first_of_year().saturating_add(1.year()),
            (Unit::Year, Word::End) => today.last_of_year(),
            _ => return None,
        };
        Some((Day::one(date), end))
    }

    fn week_of_edge(&self, at: usize) -> Found<Date> {
        if let Some(found) = self.week(at) {
            return Some(found);
        }
        let next = self.skip(at, &[Word::The, Word::This, Word::Of]);
        let (unit, end) = self.read(next, Meaning::unit)?;
        (unit == Unit::Week).then_some((self.week_of(self.today()), end))
    }

    /// The first day of a month that is named, said to be next, or this one.
    fn month_of(&self, at: usize) -> Found<Date> {
        let today = self.today();
        let at = self.skip(at, &[Word::Of, Word::The]);
        if let Some((month, end)) = self.month_name(at) {
            let this_year = || Some((month_day_from(today.first_of_month(), month, 1)?, end));
            return self.year_of_month(month, end).or_else(this_year);
        }
        let which = self.any(at, &[Word::This, Word::Next, Word::Coming]);
        let unit_at = which.map_or(at, |(_, end)| end);
        let (unit, end) = self.read(unit_at, Meaning::unit)?;
        if unit != Unit::Month {
            return None;
        }
        let ahead = i64::from(matches!(which, Some((Word::Next | Word::Coming, _))));
        Some((today.first_of_month().saturating_add(ahead.months()), end))
    }

    /// The first day of a month whose year follows its name.
    pub(super) fn year_of_month(&self, month: i8, at: usize) -> Found<Date> {
        let year = self.digits(at).filter(|token| token.digits() == 4)?;
        let first = Date::new(i16::try_from(year.value).ok()?, month, 1).ok()?;
        Some((first, at + 1))
    }

    /// `of next month`, `im Dezember`: the month that a day is in.
    pub(super) fn month_period(&self, at: usize) -> Found<Date> {
        let next = self.skip(at, &[Word::Of, Word::In]);
        let is_said = self.any(at, &[Word::Next, Word::Coming]).is_some();
        (next > at || is_said).then(|| self.month_of(next))?
    }

    /// `first Monday of next month`, `last day of November`.
    pub(super) fn nth_weekday(&self, at: usize) -> Found<Day> {
        let at = self.is(at, Word::The).unwrap_or(at);
        let (ordinal, next) = self.ordinal(at)?;
        let weekday = self.weekday(next, true);
        let (_, end) = match weekday {
            Some((day, end)) => (Some(day), end),
            None => match self.read(next, Meaning::unit)? {
                (Unit::Day, end) => (None, end),
                _ => return None,
            },
        };
        let (month, end) = self.month_period(end)?;
        let is_named = self.month_name(end.saturating_sub(1)).is_some();
        let in_month = |month: Date| nth_of_month(month, ordinal, weekday.map(|(day, _)| day));
        let date = match in_month(month)? {
            date if date < self.today() && is_named => in_month(month.saturating_add(1.year()))?,
            date if date < self.today() => in_month(month.saturating_add(1.month()))?,
            date => date,
        };
        Some((Day::one(date), end))
    }

    /// A place in an order, in a word or digits; the last is -1.
    pub(in crate::quick_add) fn ordinal(&self, at: usize) -> Found<i32> {
        if let Some(found) = self.read(at, Meaning::ordinal) {
            return Some(found);
        }
        let (day, end) = self.ordinal_day(at)?;
        Some((i32::from(day), end))
    }
}

/// The day of a month that is the nth of its weekday, or the nth day; from the end when negative.
pub(in crate::quick_add) fn nth_of_month(
    month: Date,
    ordinal: i32,
    weekday: Option<Weekday>,
) -> Option<Date> {
    let (first, last) = (month.first_of_month(), month.last_of_month());
    let Some(weekday) = weekday else {
        return if ordinal < 0 {
            Some(last)
        } else {
            Date::new(month.year(), month.month(), i8::try_from(ordinal).ok()?).ok()
        };
    };
    let date = if ordinal < 0 {
        weekday_from(last.saturating_sub(6.days()), weekday)
    } else {
        weekday_from(first, weekday).saturating_add((i64::from(ordinal - 1) * 7).days())
    };
    (date >= first && date <= last).then_some(date)
}
