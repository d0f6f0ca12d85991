//! Phrases that say when: a day, a time and a zone in any order, and two of them as a range.
//!
//! `tomorrow 12:30-13:30`, `9 to 5 on Friday`, `vom 3. bis 7. Dezember`, `until 5pm`,
//! `10am New York`.

use std::ops::Range;

use jiff::civil::Date;

use super::clock::{Clock, Lead};
use super::day::{Day, Form, weekday_from};
use super::reader::{Found, Reader};
use super::word::{DayPart, Meaning, Word};
use crate::zone::Zone;

/// What a phrase says of one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    pub(super) day: Option<Day>,
    pub(super) clock: Option<Clock>,
    pub(super) part: Option<DayPart>,
    pub(super) zone: Option<Zone>,
    /// Minutes from now.
    pub(super) ahead: Option<u32>,
}

impl Moment {
    const fn is_empty(&self) -> bool {
        self.day.is_none() && !self.has_time() && self.ahead.is_none()
    }

    /// Whether it names a time of day.
    pub(super) const fn has_time(&self) -> bool {
        self.clock.is_some() || self.part.is_some()
    }
}

/// What a phrase is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// When it happens.
    At,
    /// When it ends.
    Until,
    /// By when it is to be done.
    Due,
}

/// A phrase that says when.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub(super) side: Side,
    pub(super) start: Moment,
    pub(super) end: Option<Moment>,
    /// Whether a word before it says that it is one: `on`, `at`.
    pub(super) is_said: bool,
}

/// The most parts one moment has: day, time, part of the day, with room for each in any order.
const PARTS_MAX: usize = 4;

impl Reader<'_> {
    /// A phrase that says when, with the words before it that belong to it.
    pub(super) fn phrase(&self, at: usize) -> Found<Phrase> {
        self.phrase_after(at, Lead::None)
    }

    /// The same, where something stands before it that may make a bare number a time.
    pub(super) fn phrase_after(&self, at: usize, lead: Lead) -> Found<Phrase> {
        if !self.opens(at) || self.is_name(at) {
            return None;
        }
        if let Some((word, next)) = self.any(at, &[Word::Due, Word::By, Word::Until])
            && let Some((start, end)) = self.ending(next, word)
            && self.closes(end)
        {
            let side = if word == Word::Until {
                Side::Until
            } else {
                Side::Due
            };
            let phrase = Phrase {
                side,
                start,
                end: None,
                is_said: true,
            };
            return Some((phrase, end));
        }
        let (start, end) = self.moment(at, None, lead)?;
        let is_said = self
            .any(
                at,
                &[
                    Word::At,
                    Word::On,
                    Word::Starting,
                    Word::From,
                    Word::Between,
                ],
            )
            .is_some();
        let is_between = self.holds_between(at..end);
        let range = self.range_end(&start, end, is_between);
        let (second, end) = match range {
            Some((second, end)) if self.closes(end) => (Some(second), end),
            Some(_) | None => (None, end),
        };
        let phrase = Phrase {
            side: Side::At,
            start,
            end: second,
            is_said,
        };
        self.closes(end).then_some((phrase, end))
    }

    /// The moment after `until`, `by` and `due`.
    fn ending(&self, at: usize, word: Word) -> Found<Moment> {
        let said = self
            .any(at, &[Word::On, Word::At, Word::By])
            .map(|(word, _)| word);
        let next = self.skip(at, &[Word::On, Word::At, Word::By]);
        self.moment(next, Some(said.unwrap_or(word)), Lead::Day)
    }

    fn holds_between(&self, tokens: Range<usize>) -> bool {
        tokens
            .into_iter()
            .any(|at| self.is(at, Word::Between).is_some())
    }

    /// The other end of a range.
    fn range_end(&self, start: &Moment, at: usize, is_between: bool) -> Found<Moment> {
        let next = if is_between {
            self.is(at, Word::And)?
        } else {
            self.range_sign(at)?
        };
        let lead = match start.clock {
            Some(_) => Lead::Said,
            None if self.dash(at).is_some() => Lead::None,
            None => Lead::Day,
        };
        let (end, after) = self.moment(next, Some(Word::To), lead)?;
        // A part of the day alone ends nothing, and a range of days has no time in between.
        let is_end = end.clock.is_some() || end.day.is_some();
        is_end.then_some((end, after))
    }

    /// Day, time, part of the day and zone, in any order.
    fn moment(&self, from: usize, said: Option<Word>, lead: Lead) -> Found<Moment> {
        let mut moment = Moment::default();
        let mut end = from;
        for turn in 0..PARTS_MAX {
            let comma = if turn == 0 { None } else { self.sign(end, ",") };
            let at = comma.unwrap_or(end);
            let found = if turn == 0 {
                self.part_of_moment(at, &mut moment, said, lead)
            } else {
                self.part_of_moment(
                    at,
                    &mut moment,
                    said.filter(|word| *word == Word::To),
                    Lead::None,
                )
            };
            match found {
                Some(after) => end = after,
                None => break,
            }
        }
        (!moment.is_empty()).then_some((moment, end))
    }

    /// One more part of a moment, with the words before it. The token after it.
    fn part_of_moment(
        &self,
        at: usize,
        moment: &mut Moment,
        said: Option<Word>,
        lead: Lead,
    ) -> Option<usize> {
        let said_end = said == Some(Word::To);
        const BEFORE: &[Word] = &[
            Word::At,
            Word::On,
            Word::Starting,
            Word::From,
            Word::Between,
            Word::For,
        ];
        if moment.is_empty()
            && let Some((ahead, end)) = self.ahead(at)
        {
            moment.ahead = Some(ahead);
            return Some(end);
        }
        if moment.ahead.is_some() {
            return None;
        }
        if let Some(end) = self.day_part(at, moment) {
            return Some(end);
        }
        let before = self.any(at, BEFORE);
        let word = before.map(|(word, _)| word).or(said);
        let next = before.map_or(at, |(_, next)| next);
        let next = self.time_letter(next).unwrap_or(next);
        // "20:00 from Dec 2" after a dash ends one occurrence and begins a series.
        let begins_series = said_end && matches!(word, Some(Word::From | Word::Starting));
        if moment.day.is_none()
            && !begins_series
            && self.sign(at, "@").is_none()
            && let Some((day, end)) = self.day(next, word)
        {
            let (day, end) = self.days_of_hours(day, end).unwrap_or((day, end));
            moment.day = Some(day);
            return Some(end);
        }
        if moment.clock.is_some() {
            return None;
        }
        let is_sign = self.sign(at, "@").is_some();
        let lead = match before {
            // "@9 Gardens" is a place.
            Some((Word::At, _)) if is_sign => Lead::Day,
            Some((Word::At | Word::Starting | Word::From | Word::Between, _)) => Lead::Said,
            Some(_) => Lead::None,
            None if moment.day.is_some() => Lead::Day,
            None => lead,
        };
        let (clock, end) = self.clock(next, lead)?;
        if matches!(before, Some((Word::From | Word::Between, _)))
            && self.clock(next, Lead::None).is_none()
            && self.range_sign(end).is_none()
            && self.is(end, Word::And).is_none()
        {
            return None;
        }
        moment.clock = Some(clock);
        let (zone, end) = match self.zone(end) {
            Some((zone, end)) => (Some(zone), end),
            None => (None, end),
        };
        moment.zone = zone;
        Some(end)
    }

    /// Days in a row that are followed by hours of each: `Mon-Fri 9-12`.
    fn days_of_hours(&self, first: Day, at: usize) -> Found<Day> {
        let next = self.range_sign(at)?;
        let (last, end) = self.day(next, Some(Word::To))?;
        let said = self.skip(end, &[Word::At, Word::From, Word::Between]);
        let (_, after) = self.clock(said, Lead::Said)?;
        let second = self
            .range_sign(after)
            .or_else(|| self.is(after, Word::And))?;
        self.clock(second, Lead::Said)?;
        let day = Day {
            last: last.from(first.first).last,
            form: Form::Exact,
            ..first
        };
        (day.last > day.first).then_some((day, end))
    }

    /// `in 2 hours`, `90 minutes from now`: minutes from now.
    fn ahead(&self, at: usize) -> Found<u32> {
        let (amount, end) = match self.is(at, Word::In) {
            Some(next) => self.amount(next)?,
            None => {
                let (amount, end) = self.amount(at)?;
                (amount, self.is(end, Word::FromNow)?)
            }
        };
        let minutes = amount.minutes + amount.days * 24 * 60;
        (!amount.is_of_days() && amount.months == 0).then_some((minutes, end))
    }

    /// `in the evening`, `tonight`, `this morning`, `abends`.
    fn day_part(&self, at: usize, moment: &mut Moment) -> Option<usize> {
        if moment.part.is_some() {
            return None;
        }
        if let Some((part, end)) = self.read(at, Meaning::today)
            && moment.day.is_none()
        {
            (moment.day, moment.part) = (Some(self.day_on(self.today())), Some(part));
            return Some(end);
        }
        if let Some(next) = self.is(at, Word::This)
            && let Some((part, end)) = self.read(next, Meaning::part)
            && moment.day.is_none()
        {
            (moment.day, moment.part) = (Some(self.day_on(self.today())), Some(part));
            return Some(end);
        }
        let compound_at = self.skip(at, &[Word::On, Word::This, Word::Coming]);
        if let Some(((weekday, part), end)) = self.read(compound_at, Meaning::weekday_part)
            && moment.day.is_none()
        {
            moment.day = Some(Day {
                form: Form::Weekday(weekday),
                ..self.day_on(weekday_from(self.today(), weekday))
            });
            moment.part = Some(part);
            return Some(end);
        }
        let (part, end) = self.part(at)?;
        let is_named_day = moment.day.is_none() && self.read(at, Meaning::day).is_some();
        let is_said = self.any(at, &[Word::In, Word::On]).is_some();
        let is_clock = moment.clock.is_none() && self.read(at, Meaning::named_clock).is_some();
        let is_meant = !moment.is_empty() || (is_said && self.ends_phrase(end));
        if is_named_day || is_clock || !is_meant || !self.stops(end) {
            return None;
        }
        moment.part = Some(part);
        Some(end)
    }

    /// A part of the day with the words before it.
    pub(super) fn part(&self, at: usize) -> Found<DayPart> {
        let next = self.skip(at, &[Word::In, Word::At, Word::On, Word::The]);
        self.read(next, Meaning::part)
    }

    const fn day_on(&self, date: Date) -> Day {
        Day {
            first: date,
            last: date,
            form: Form::Exact,
        }
    }
}
