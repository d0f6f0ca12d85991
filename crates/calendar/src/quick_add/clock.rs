//! Times of day: `9:15`, `2pm`, `14 Uhr`, `halb drei`, `quarter past three`, `noon`.
//!
//! An hour from 1 to 12 without am or pm stays open. [`Clock::settled`] decides it by the part of
//! the day that was named, by what the event is (dinner), by the working hours, and last by what
//! the language is used to.

mod spoken;

use std::ops::Range;

use jiff::civil::Time;

use super::language::OpenHour;
use super::reader::{Found, Reader};
use super::text::Kind;
use super::word::{DayPart, Meaning, Word};

/// A time of day as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// 0 to 24.
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) half: HalfDay,
}

/// Which half of the day an hour belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HalfDay {
    /// The hour says it.
    Said,
    /// It can be either.
    Open,
    /// It can be either, and was written as clocks show it: `7:15`.
    Shown,
    /// The hour says it, if it is one: `8h` may also be a length.
    Hours,
}

/// What stands before a time, and makes a bare number one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// Nothing does.
    None,
    /// A day.
    Day,
    /// A word such as `at`, or the beginning of a range.
    Said,
}

/// What is written between hour and minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bare,
    Colon,
    Dot,
    Oclock,
    Hours,
}

/// The smallest hour that `7h` is taken for, and not for a length.
const HOURS_FORM_MIN: u32 = 7;

impl Clock {
    pub(super) const fn said(hour: i8, minute: i8) -> Self {
        Self {
            hour,
            minute,
            half: HalfDay::Said,
        }
    }

    const fn open(hour: i8, minute: i8) -> Self {
        let half = if hour >= 1 && hour <= 12 {
            HalfDay::Open
        } else {
            HalfDay::Said
        };
        Self { hour, minute, half }
    }

    /// Minutes from midnight, for both halves of the day where it is open.
    pub(super) fn candidates(self) -> (i64, Option<i64>) {
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute);
        match self.half {
            HalfDay::Said | HalfDay::Hours => (minutes, None),
            HalfDay::Open | HalfDay::Shown if self.hour == 12 => (minutes - 720, Some(minutes)),
            HalfDay::Open | HalfDay::Shown => (minutes, Some(minutes + 720)),
        }
    }

    /// Minutes from midnight, decided.
    pub(super) fn settled(
        self,
        part: Option<DayPart>,
        working: &Range<Time>,
        habit: OpenHour,
    ) -> i64 {
        let (early, Some(late)) = self.candidates() else {
            return self.candidates().0;
        };
        match part {
            Some(DayPart::Morning) => return early,
            Some(DayPart::Noon) if self.hour >= 10 => {
                return if self.hour == 12 { late } else { early };
            }
            Some(DayPart::Noon | DayPart::Afternoon | DayPart::Evening) => return late,
            Some(DayPart::Night) if self.hour == 12 || self.hour < 6 => return early,
            Some(DayPart::Night) => return late,
            None => {}
        }
        let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        let (from, until) = (minutes(working.start), minutes(working.end));
        // By the hour alone: 7 and 7:30 are the same half of the day.
        let outside = |at: i64| (from - at / 60 * 60).max(at / 60 * 60 - until + 1).max(0);
        match (outside(early), outside(late)) {
            // Noon is noon, also for those who work at night.
            _ if self.hour == 12 => late,
            (0, _) => early,
            (_, 0) => late,
            _ if habit == OpenHour::AsWritten || self.half == HalfDay::Shown => early,
            (before, after) if before < after - 1 => early,
            _ => late,
        }
    }
}

impl Reader<'_> {
    /// A time of day.
    pub(super) fn clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        self.spoken(at, lead)
            .or_else(|| self.written_clock(at, lead))
            .or_else(|| self.named_clock(at, lead))
    }

    /// A time that needs no word before it to be one.
    fn strong_clock(&self, at: usize) -> Found<Clock> {
        self.spoken(at, Lead::None)
            .or_else(|| self.digit_clock(at, Lead::None))
    }

    fn named_clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        let ((hour, minute), end) = self.read(at, Meaning::named_clock)?;
        // "Noon walk" begins with a word of its title.
        let is_range = || {
            self.range_sign(end)
                .and_then(|next| self.strong_clock(next))
        };
        let is_last = at > 0 && self.ends_phrase(end);
        let is_meant = lead != Lead::None || is_last || is_range().is_some();
        (is_meant && self.stops(end)).then_some((Clock::said(hour, minute), end))
    }

    fn written_clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        self.digit_clock(at, lead)
            .or_else(|| self.bare_clock(at, lead))
            .or_else(|| self.word_clock(at, lead))
    }

    /// Digits with something that makes them a time: `9:15`, `2pm`, `14 Uhr`, `14h`.
    fn digit_clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        let hour = self
            .digits(at)
            .filter(|t| t.digits() <= 2 && t.value <= 24)?;
        let (form, minute, end) = self.minutes_of(at + 1)?;
        let (suffix, after) = self.suffix(end);
        let is_padded = hour.digits() == 2 && hour.value < 10;
        let clock = match (suffix, form) {
            (Some(half), _) => twelve(hour.value, minute, half)?,
            (None, Form::Bare) => return None,
            (None, Form::Dot) if !self.is_dotted_clock(end, lead) => return None,
            (None, Form::Hours) => {
                let is_hour = lead == Lead::Said || hour.value >= HOURS_FORM_MIN;
                if !is_hour {
                    return None;
                }
                Clock {
                    half: HalfDay::Hours,
                    ..clock_of(hour.value, minute)?
                }
            }
            (None, Form::Colon | Form::Dot | Form::Oclock) if is_padded => {
                let clock = clock_of(hour.value, minute)?;
                Clock::said(clock.hour, clock.minute)
            }
            (None, Form::Colon | Form::Dot | Form::Oclock) => {
                let clock = clock_of(hour.value, minute)?;
                if clock.half == HalfDay::Open && lead != Lead::Said {
                    Clock {
                        half: HalfDay::Shown,
                        ..clock
                    }
                } else {
                    clock
                }
            }
        };
        let end = if suffix.is_some() { after } else { end };
        self.stops(end).then_some((clock, end))
    }

    /// Whether hour and minutes with a full stop between them are a time, and no other number.
    fn is_dotted_clock(&self, end: usize, lead: Lead) -> bool {
        match lead {
            Lead::Said => true,
            Lead::Day => self.ends_phrase(end),
            Lead::None => {
                let next = self.any(end, &[Word::On]).map_or(end, |(_, next)| next);
                self.day(next, None).is_some()
            }
        }
    }

    /// What follows an hour: its minutes, and in which form.
    fn minutes_of(&self, at: usize) -> Option<(Form, u32, usize)> {
        let two = |at: usize| {
            let token = self.glued_digits(at)?;
            (token.digits() == 2 && token.value < 60).then_some(token.value)
        };
        if let Some(next) = self.glued_sign(at, ":") {
            let minute = two(next)?;
            let seconds = self
                .glued_sign(next + 1, ":")
                .filter(|at| two(*at).is_some());
            let end = seconds.map_or(next + 1, |at| at + 1);
            let hours = self.is(end, Word::GluedHour).filter(|_| self.is_glued(end));
            if let Some(end) = hours {
                return Some((Form::Hours, minute, end));
            }
            return Some((
                Form::Colon,
                minute,
                self.is(end, Word::Oclock).unwrap_or(end),
            ));
        }
        if let Some(next) = self.glued_sign(at, ".")
            && let Some(minute) = two(next)
        {
            let end = next + 1;
            if let Some(after) = self.is(end, Word::Oclock) {
                return Some((Form::Oclock, minute, after));
            }
            let is_date = self.glued_sign(end, ".").is_some();
            return (!is_date).then_some((Form::Dot, minute, end));
        }
        if self.is_glued(at)
            && let Some(next) = self.is(at, Word::GluedHour)
        {
            return Some(match two(next) {
                Some(minute) => (Form::Hours, minute, next + 1),
                None => (Form::Hours, 0, next),
            });
        }
        if let Some(next) = self.is(at, Word::Oclock) {
            return Some(match self.minutes_after(next) {
                Some((minute, end)) => (Form::Oclock, minute, end),
                None => (Form::Oclock, 0, next),
            });
        }
        Some((Form::Bare, 0, at))
    }

    /// The minutes of `9 Uhr 30`.
    fn minutes_after(&self, at: usize) -> Found<u32> {
        let (minute, end) = match self.digits(at) {
            Some(token) if token.digits() == 2 => (token.value, at + 1),
            Some(_) => return None,
            None => self.read(at, Meaning::number)?,
        };
        let is_counted =
            self.read(end, Meaning::unit).is_some() || self.is(end, Word::Times).is_some();
        let is_minute = (1..60).contains(&minute) && !is_counted;
        (is_minute && self.closes(end)).then_some((minute, end))
    }

    /// `am` or `pm`, where it is not the preposition of a day that follows.
    fn suffix(&self, at: usize) -> (Option<DayPart>, usize) {
        let own = self.any(at, &[Word::Am, Word::Pm, Word::On]);
        if let Some((Word::On, end)) = own
            && self.day(end, Some(Word::On)).is_some()
        {
            return (None, at);
        }
        let glued = if self.is_glued(at) {
            self.any(at, &[Word::GluedAm, Word::GluedPm])
        } else {
            None
        };
        match self.any(at, &[Word::Am, Word::Pm]).or(glued) {
            Some((Word::Am | Word::GluedAm, end)) if self.stops(end) => {
                (Some(DayPart::Morning), end)
            }
            Some((_, end)) if self.stops(end) => (Some(DayPart::Evening), end),
            Some(_) | None => (None, at),
        }
    }

    /// Digits alone, which are a time only by what stands around them.
    fn bare_clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        let token = self.digits(at)?;
        let end = at + 1;
        if !self.stops(end) || self.names_something_else(end) {
            return None;
        }
        let clock = match (token.digits(), lead) {
            (1 | 2, _) if token.value <= 24 => {
                let is_padded = token.digits() == 2 && token.value < 10;
                let open = clock_of(token.value, 0)?;
                if is_padded {
                    Clock::said(open.hour, 0)
                } else {
                    open
                }
            }
            (3 | 4, Lead::Said | Lead::Day) => {
                let open = clock_of(token.value / 100, token.value % 100)?;
                let is_padded = token.digits() == 4 && token.value < 1_000;
                if is_padded {
                    Clock::said(open.hour, open.minute)
                } else {
                    open
                }
            }
            _ => return None,
        };
        let is_range = |strong: bool| {
            let second = self.range_sign(end)?;
            let found = if strong {
                self.strong_clock(second)
            } else {
                self.clock(second, Lead::Said)
            };
            found.map(|_| ())
        };
        let is_time = match lead {
            Lead::Said => !self.is_of_a_house(end),
            Lead::Day => self.ends_phrase(end) || is_range(false).is_some(),
            Lead::None => {
                // "Room 2 - 3pm" names a room, "Team 2-3pm" a time.
                let is_free = !self.is_labelled(at) || self.is_glued(end);
                is_free
                    && (is_range(true).is_some()
                        || self.has_part(end)
                        || self.is_range_of_day(end)
                        || self.is_range_of_series(end)
                        || self.is_last_range(at))
            }
        };
        is_time.then_some((clock, end))
    }

    /// Whether a dash, a number and a day follow: `9-5 on Friday`.
    fn is_range_of_day(&self, at: usize) -> bool {
        let day_after = |second: usize| {
            let hour = self.digits(second).filter(|token| token.value <= 24)?;
            let said = self.any(second + 1, &[Word::On]);
            let next = said.map_or(second + 1, |(_, end)| end);
            let is_short = hour.digits() <= 2 && !self.is_glued(second + 1);
            self.day(next, said.map(|(word, _)| word))
                .filter(|_| is_short)
        };
        self.dash(at).and_then(day_after).is_some()
    }

    /// Whether another hour and the days of a series follow: `9 to 5 on weekdays`.
    fn is_range_of_series(&self, at: usize) -> bool {
        let days_at = |second: usize| {
            self.digits(second).filter(|token| token.value <= 24)?;
            Some(self.skip(second + 1, &[Word::On, Word::The]))
        };
        let names_days = |at: usize| {
            self.is(at, Word::Every).is_some()
                || self.read(at, Meaning::each_of).is_some()
                || self.read(at, Meaning::weekly).is_some()
        };
        self.range_sign(at)
            .and_then(days_at)
            .is_some_and(names_days)
    }

    /// Whether two hours are the last of the text: `Breakfast 8-9`. Not where the second is so much
    /// later that it is rather the smaller number of two: a score.
    fn is_last_range(&self, at: usize) -> bool {
        const HOURS_MAX: u32 = 8;
        let second = self
            .dash(at + 1)
            .filter(|_| at > 0 && self.is_glued(at + 1));
        let hours = second.filter(|_| !self.is_labelled(at)).and_then(|second| {
            let (from, until) = (self.digits(at)?, self.glued_digits(second)?);
            let is_hour = |value: u32| (1..=24).contains(&value);
            let is_last = self.token(second + 1).is_none();
            let is_range = is_last && is_hour(from.value) && is_hour(until.value);
            is_range.then(|| (until.value + 24 - from.value) % 12)
        });
        hours.is_some_and(|hours| (1..=HOURS_MAX).contains(&hours))
    }

    /// A number in a word: `at three`, `drei Uhr`, `neun Uhr dreißig`.
    fn word_clock(&self, at: usize, lead: Lead) -> Found<Clock> {
        let (hour, end) = self.read(at, Meaning::number)?;
        let hour = i8::try_from(hour).ok().filter(|hour| *hour <= 24)?;
        if let Some(after) = self.is(end, Word::Oclock) {
            let (minute, end) = self.minutes_after(after).unwrap_or((0, after));
            let clock = Clock::open(hour, i8::try_from(minute).ok()?);
            return self.stops(end).then_some((clock, end));
        }
        let spoken = self.read(end, Meaning::number).filter(|(minute, after)| {
            (10..60).contains(minute) && !self.names_something_else(*after)
        });
        let (minute, end) = spoken.unwrap_or((0, end));
        if let (Some(half), after) = self.suffix(end) {
            return Some((twelve(u32::try_from(hour).ok()?, minute, half)?, after));
        }
        let is_time = lead == Lead::Said && hour <= 12 && !self.names_something_else(end);
        let clock = Clock::open(hour, i8::try_from(minute).ok()?);
        (is_time && self.stops(end)).then_some((clock, end))
    }

    /// Whether what follows a number makes it a count, an order, a share or a date.
    fn names_something_else(&self, end: usize) -> bool {
        let sign = self.token(end).filter(|token| token.kind == Kind::Sign);
        let is_counted = self.read(end, Meaning::unit).is_some_and(|(_, after)| {
            // One letter is a word of its own after a space.
            after == end + 1 && self.token(end).is_some_and(|t| t.folded.len() > 1)
        });
        is_counted
            || self.read(end, Meaning::month).is_some()
            || self.is(end, Word::Times).is_some()
            || sign.is_some_and(|t| match t.folded.as_str() {
                "%" | "€" | "$" | "£" | "°" => true,
                // `9 /Work` names a calendar.
                "/" => self.is_glued(end) || !self.is_glued(end + 1),
                _ => false,
            })
    }

    fn has_part(&self, at: usize) -> bool {
        self.part(at).is_some_and(|(_, end)| self.closes(end))
    }

    /// The token after what stands between the ends of a range of times, if a title cannot hold it:
    /// a dash with equal space on both sides, or a word.
    pub(super) fn range_sign(&self, at: usize) -> Option<usize> {
        if let Some(next) = self.dash(at) {
            return (self.is_glued(at) == self.is_glued(next)).then_some(next);
        }
        self.any(at, &[Word::To, Word::Until]).map(|(_, end)| end)
    }
}

/// An hour and minutes, open between 1 and 12.
fn clock_of(hour: u32, minute: u32) -> Option<Clock> {
    let is_time = hour < 24 || (hour == 24 && minute == 0);
    if !is_time || minute > 59 {
        return None;
    }
    Some(Clock::open(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
    ))
}

/// An hour of a clock of twelve hours, in one half of the day.
fn twelve(hour: u32, minute: u32, half: DayPart) -> Option<Clock> {
    if !(1..=12).contains(&hour) {
        return None;
    }
    let hour = if half == DayPart::Morning {
        hour % 12
    } else {
        hour % 12 + 12
    };
    Some(Clock::said(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
    ))
}
