//! Days: `tomorrow`, `next Tuesday`, `3.12.`, `the 15th`, `first Monday of next month`.
//!
//! Choices: *next Tuesday* is the one of next week, *this* and *coming Tuesday* the first from
//! today on. *Next week* and *weekend* are all their days. A date without a year is the next one
//! from today on. A month alone is no date, but *until March* is up to its first day: the last day
//! of February. *3 days from Monday* is Thursday.

mod period;
mod written;

use jiff::ToSpan;
use jiff::civil::Date;

use super::length::Amount;
use super::reader::{Found, Reader};
use super::word::{Meaning, Word};
use crate::rule::Weekday;
pub(super) use period::nth_of_month;

/// A day, or several in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) form: Form,
}

/// How a day was named, which says what comes after it and how it can repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a way that names one day only.
    Exact,
    /// By the weekday alone.
    Weekday(Weekday),
    /// By the day of the month alone.
    DayOfMonth(i8),
    /// By month and day.
    MonthDay(i8, i8),
    /// As a stretch that has a name: a week, a weekend.
    Period,
    /// By day, month and a weekday that it is not.
    WrongWeekday,
}

impl Day {
    const fn one(date: Date) -> Self {
        Self {
            first: date,
            last: date,
            form: Form::Exact,
        }
    }

    const fn span(first: Date, last: Date) -> Self {
        Self {
            first,
            last,
            form: Form::Period,
        }
    }

    /// The first such day that is not before another.
    pub(super) fn from(self, base: Date) -> Self {
        if self.first >= base {
            return self;
        }
        let first = match self.form {
            Form::Exact | Form::Period | Form::WrongWeekday => None,
            Form::Weekday(weekday) => Some(weekday_from(base, weekday)),
            Form::DayOfMonth(day) => day_of_month_from(base, day),
            Form::MonthDay(month, day) => month_day_from(base, month, day),
        };
        let Some(first) = first else {
            return self;
        };
        let lasts = self.first.until(self.last).unwrap_or_default();
        Self {
            first,
            last: first.saturating_add(lasts),
            form: self.form,
        }
    }
}

/// The day that is so far after another.
fn after(date: Date, amount: Amount) -> Date {
    date.saturating_add(i64::from(amount.months).months())
        .saturating_add(i64::from(amount.days).days())
}

/// The first such weekday from a date on.
pub(super) fn weekday_from(base: Date, weekday: Weekday) -> Date {
    let today = i64::from(base.weekday().to_monday_zero_offset());
    base.saturating_add((weekday.index() - today).rem_euclid(7).days())
}

/// The first such day of a month from a date on.
pub(super) fn day_of_month_from(base: Date, day: i8) -> Option<Date> {
    let month = base.first_of_month();
    (0..12)
        .filter_map(|ahead| {
            let month = month.saturating_add(i64::from(ahead).months());
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= base)
}

/// The first such day of a year from a date on; a leap day can be eight years away.
pub(super) fn month_day_from(base: Date, month: i8, day: i8) -> Option<Date> {
    (0..9)
        .filter_map(|ahead| Date::new(base.year().saturating_add(ahead), month, day).ok())
        .find(|date| *date >= base)
}

impl Reader<'_> {
    /// Today, on the wall of the person.
    pub(super) fn today(&self) -> Date {
        self.context.now.date()
    }

    /// The first day of the week that a date is in.
    pub(super) fn week_of(&self, date: Date) -> Date {
        let back =
            i64::from(date.weekday().to_monday_zero_offset()) - self.context.week_start.index();
        date.saturating_sub(back.rem_euclid(7).days())
    }

    /// A day; `said` is the word before it.
    pub(super) fn day(&self, at: usize, said: Option<Word>) -> Found<Day> {
        let (day, end) = self
            .written_day(at, said)
            .or_else(|| self.feast(at))
            .or_else(|| self.nth_weekday(at))
            .or_else(|| self.weekday_phrase(at, said))
            .or_else(|| self.relative_day(at, said))
            .or_else(|| self.period(at))
            .or_else(|| self.day_of_month(at, said))
            .or_else(|| self.day_before_month(at, said))?;
        self.stops(end).then_some((day, end))
    }

    fn written_day(&self, at: usize, said: Option<Word>) -> Found<Day> {
        let (written, end) = self.written(at, said)?;
        Some((written.day(self.today())?, end))
    }

    /// `tomorrow`, `in 3 days`, `two weeks from now`.
    fn relative_day(&self, at: usize, said: Option<Word>) -> Found<Day> {
        if let Some((days, end)) = self.read(at, Meaning::day) {
            // "Am Morgen" is a part of the day.
            let is_part = said == Some(Word::On) && self.read(at, Meaning::part).is_some();
            let date = self.today().saturating_add(i64::from(days).days());
            // "Heute in einer Woche"
            let later = self.is(end, Word::In).and_then(|next| self.amount(next));
            if let Some((amount, end)) = later.filter(|(amount, _)| amount.is_of_days()) {
                return Some((Day::one(after(date, amount)), end));
            }
            return (!is_part).then_some((Day::one(date), end));
        }
        let (amount, end) = match self.is(at, Word::In) {
            Some(next) => self.amount(next)?,
            None => {
                let (amount, end) = self.amount(at)?;
                let from_day = || self.day_after_day(amount, end);
                if let Some(found) = from_day().filter(|_| said != Some(Word::For)) {
                    return Some(found);
                }
                (amount, self.is(end, Word::FromNow)?)
            }
        };
        amount
            .is_of_days()
            .then(|| (Day::one(after(self.today(), amount)), end))
    }

    /// The day that `from Monday` or `after Christmas Eve` counts to; a range of days is none.
    fn day_after_day(&self, amount: Amount, at: usize) -> Found<Day> {
        let next = self.is(at, Word::After)?;
        let (day, end) = self
            .written_day(next, Some(Word::On))
            .or_else(|| self.feast(next))
            .or_else(|| self.weekday_phrase(next, Some(Word::On)))?;
        let is_one = day.first == day.last && self.range_sign(end).is_none();
        (is_one && amount.is_of_days()).then(|| (Day::one(after(day.first, amount)), end))
    }

    /// `New Year's Eve`, `Heiligabend`, `Silvester 2027`.
    fn feast(&self, at: usize) -> Found<Day> {
        let ((month, day), end) = self.read(at, Meaning::feast)?;
        if let (Some(year), end) = self.year(end) {
            return Some((Day::one(Date::new(year, month, day).ok()?), end));
        }
        let first = month_day_from(self.today(), month, day)?;
        let day = Day {
            form: Form::MonthDay(month, day),
            ..Day::one(first)
        };
        Some((day, end))
    }

    /// `until March`, `bis März 2027`: the day before the month begins, the next time it does.
    fn day_before_month(&self, at: usize, said: Option<Word>) -> Found<Day> {
        if !matches!(said, Some(Word::Until | Word::By)) {
            return None;
        }
        let tomorrow = self.today().saturating_add(1.day());
        let (month, end) = self.month_name(at)?;
        let (first, end) = match self.year_of_month(month, end) {
            Some(found) => found,
            None => (month_day_from(tomorrow, month, 1)?, end),
        };
        let last = first.saturating_sub(1.day());
        let day = Day {
            form: Form::MonthDay(last.month(), last.day()),
            ..Day::one(last)
        };
        self.ends_phrase(end).then_some((day, end))
    }

    /// `Tuesday`, `next Tuesday`, `Tuesday in two weeks`, `Tuesday, 1 December`.
    fn weekday_phrase(&self, at: usize, said: Option<Word>) -> Found<Day> {
        let which = self.any(at, &[Word::This, Word::Next, Word::Coming]);
        let name_at = which.map_or(at, |(_, end)| end);
        let (weekday, end) = self.weekday(name_at, said.is_some() || which.is_some())?;
        if which.is_none() {
            if let Some(found) = self.dated_weekday(weekday, end) {
                return Some(found);
            }
            let next = self.skip(end, &[Word::And, Word::On]);
            if let Some((week, end)) = self.week(next) {
                return Some((Day::one(weekday_from(week, weekday)), end));
            }
        }
        let today = self.today();
        let first = weekday_from(today, weekday);
        let day = match which {
            Some((Word::Next, _)) => {
                let week = self.week_of(today).saturating_add(7.days());
                Day::one(weekday_from(week, weekday))
            }
            Some((Word::Coming, _)) => {
                Day::one(weekday_from(today.saturating_add(1.days()), weekday))
            }
            Some(_) => Day::one(first),
            None => Day {
                form: Form::Weekday(weekday),
                ..Day::one(first)
            },
        };
        Some((day, end))
    }

    /// A weekday with the date that it is: `Tue 1 Dec`, `Montag, den 7.`
    fn dated_weekday(&self, weekday: Weekday, at: usize) -> Found<Day> {
        let next = self.skip(at, &[Word::And, Word::On, Word::The]);
        let (day, end) = match self.written(next, Some(Word::On)) {
            Some((written, end)) => {
                let is_right = |day: &Day| weekday_from(day.first, weekday) == day.first;
                let day = written.day(self.today()).filter(is_right);
                let swapped = || written.swapped()?.day(self.today()).filter(is_right);
                (day.or_else(swapped).or(written.day(self.today()))?, end)
            }
            None => {
                let found = self.day_of_month(next, Some(Word::On))?;
                let is_right = weekday_from(found.0.first, weekday) == found.0.first;
                if next == at && !is_right {
                    return None;
                }
                found
            }
        };
        let is_right = weekday_from(day.first, weekday) == day.first;
        let day = Day {
            form: if is_right {
                Form::Exact
            } else {
                Form::WrongWeekday
            },
            ..day
        };
        Some((day, end))
    }

    /// The name of a weekday. A short one that is also a common word counts after a word that
    /// asks for a day, and where no word of a title follows.
    pub(super) fn weekday(&self, at: usize, is_asked: bool) -> Found<Weekday> {
        let token = self.token(at)?;
        let undotted = |end: usize| {
            let dotted = self
                .glued_sign(end, ".")
                .filter(|_| token.folded.len() <= 4);
            dotted.filter(|after| self.stops(*after)).unwrap_or(end)
        };
        if let Some((weekday, end)) = self.read(at, Meaning::full_weekday) {
            return Some((weekday, undotted(end)));
        }
        let (weekday, end) = self.read(at, Meaning::short_weekday)?;
        let end = undotted(end);
        let is_lower = self.words(at..at + 1).starts_with(char::is_lowercase);
        let before_number = self.digits(end).is_some();
        let before_more = self.token(end).is_some() && self.ends_phrase(end);
        let is_last = self.token(end).is_none() && at > 0 && !is_lower;
        let is_day = is_asked || before_number || before_more || is_last;
        is_day.then_some((weekday, end))
    }

    /// `the 15th`, `am 15.`, `15th`.
    fn day_of_month(&self, at: usize, said: Option<Word>) -> Found<Day> {
        let number_at = self.is(at, Word::The).unwrap_or(at);
        let (day, end) = self.ordinal_day(number_at)?;
        let is_asked = matches!(
            said,
            Some(
                Word::On
                    | Word::Starting
                    | Word::Until
                    | Word::By
                    | Word::Due
                    | Word::From
                    | Word::To
            )
        ) || number_at > at;
        let is_counting = self.is(end, Word::Counted).is_some();
        let is_day = !is_counting
            && (self.ends_phrase(end) || said == Some(Word::On) || self.digits(end).is_some());
        if !is_asked || !is_day {
            return None;
        }
        let (month, end) = match self.month_period(end) {
            Some((month, after)) => (Date::new(month.year(), month.month(), day).ok()?, after),
            None => {
                let first = day_of_month_from(self.today(), day)?;
                let day = Day {
                    form: Form::DayOfMonth(day),
                    ..Day::one(first)
                };
                return Some((day, end));
            }
        };
        Some((Day::one(month), end))
    }

    /// A day of the month written as a place in an order: `15th`, `15.`, `first`.
    pub(super) fn ordinal_day(&self, at: usize) -> Found<i8> {
        if let Some((ordinal, end)) = self.read(at, Meaning::ordinal) {
            let day = i8::try_from(ordinal).ok().filter(|day| *day > 0)?;
            return Some((day, end));
        }
        let token = self.digits(at).filter(|token| token.digits() <= 2)?;
        let day = i8::try_from(token.value)
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        let end = self
            .is(at + 1, Word::OrdinalEnd)
            .filter(|_| self.is_glued(at + 1))
            .or_else(|| self.glued_sign(at + 1, "."))?;
        self.stops(end).then_some((day, end))
    }
}
