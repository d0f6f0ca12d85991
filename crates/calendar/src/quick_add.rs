//! Quick add: one line as people type it, read as an event or a task.
//!
//! `Lunch with Ana tomorrow 12:30-13:30 @Café Roma /Work ana@example.org !10m` gives a title and
//! the parts that were recognised, each with its place in the text, so that a window can show what
//! it understood while the person types. Nothing fails: what is not recognised is the title.
//!
//! ```text
//! text ─ tokens ─ meanings of words ─ parts, left to right ─ one answer ─ chips and title
//!                 (language tables)    (grammar)             (settle)
//! ```
//!
//! Choices:
//! - A time without a day is the next one to come: `9:00` at ten o'clock is tomorrow.
//! - A bare weekday is the next one to come; today's counts while its time is still ahead.
//! - `at 9` and `at 3` are the hours within working hours. Outside them English takes the nearer
//!   half of the day and German the hour as written; dinner is in the evening in both.
//! - `12/3` is read by [`DateOrder`]. A date without a year is the next one from today on.
//! - *Until March* is up to its first day. German *bis* with a day and no start is by when to do it,
//!   a task, unless the title names what goes on for days (`Urlaub bis Freitag`).
//! - Several weekdays in a row, with commas or without, are each of them once; a series is said with
//!   *every* or by the plural. A bare number beside the days of a series is an hour.
//! - Two hours at the end of a title are a time (`Breakfast 8-9`), unless they count what stands
//!   before them (`pages 8-9`) or are a score (`3-1`).
//! - The name of a day (`Christmas Eve`) is the title where there is no other.
//! - A birthday with a date and no time is every year. No other event repeats unless it is said.
//! - A time that the clocks skip is shifted by the offset before the gap, as everywhere.
//! - An impossible date, a second time, an unknown calendar stay in the title, with a problem.
//! - A single quotation as the whole title loses its marks; what it quotes is never read.

mod clock;
mod day;
mod language;
mod length;
mod marks;
mod moment;
mod reader;
mod repeat;
mod scan;
mod settle;
mod text;
mod title;
mod word;
mod wording;
mod zones;

use std::ops::Range;

use jiff::civil::{DateTime, Time};

use crate::event::{Reminder, Task};
use crate::length::Length;
use crate::rule::{Rule, Weekday};
use crate::when::When;
use crate::zone::Zone;
pub use language::Language;

/// Bytes of a text that are read; nobody types more into one line.
pub const TEXT_BYTES_MAX: usize = 16_384;

/// Who types, where and when.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The wall clock of the person.
    pub now: DateTime,
    /// The zone of that clock.
    pub zone: &'a Zone,
    /// The language they write; the others are understood as well.
    pub language: Language,
    /// What `12/3` means where they live.
    pub date_order: DateOrder,
    /// When they work; decides what `at 3` is.
    pub working_hours: Range<Time>,
    /// The day their week begins with; decides what `next week` is.
    pub week_start: Weekday,
    /// How long an event lasts where they do not say.
    pub minutes: u32,
    /// The names of their calendars.
    pub calendars: &'a [&'a str],
    /// Bytes of the text that they have said are no more than words.
    pub plain: &'a [Range<usize>],
}

/// What comes first in a date of two numbers and a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// `3/12` is the third of December.
    DayFirst,
    /// `12/3` is the third of December, as in the United States.
    MonthFirst,
}

/// What a text was understood as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuickAdd {
    /// What is left when the chips are taken out.
    pub title: String,
    /// When it happens first; `None` where nothing says so. Of a task that is not planned: the
    /// moment or day it is due.
    pub when: Option<When>,
    /// How long it lasts, where that was said.
    pub length: Option<Length>,
    /// How it repeats.
    pub rule: Option<Rule>,
    /// Where.
    pub place: Option<String>,
    /// The calendar, by its name in [`Context::calendars`].
    pub calendar: Option<String>,
    /// Addresses of guests, as typed.
    pub guests: Vec<String>,
    /// Names after a word for "with". They stay in the title; a window may offer to invite them.
    pub names: Vec<String>,
    /// A link; whoever knows the provider can tell a page from a call.
    pub link: Option<String>,
    /// Reminders.
    pub reminders: Vec<Reminder>,
    /// What makes it a task.
    pub task: Option<Task>,
    /// What was recognised, in the order of the text; chips do not overlap.
    pub chips: Vec<Chip>,
    /// What to tell the person.
    pub problems: Vec<Problem>,
}

/// A stretch of the text that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Bytes of the text, on character boundaries. Empty for what is concluded from a word that
    /// stays in the title, such as a birthday; then it is the end of that word.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ChipKind,
    /// What it means, in the person's language.
    pub text: String,
}

/// What a stretch of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words of an event")]
pub enum ChipKind {
    When,
    Due,
    Length,
    Repeat,
    Place,
    Calendar,
    Guest,
    Reminder,
    Task,
    Link,
}

/// Something the person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the text it is about.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ProblemKind,
    /// It in a sentence, in the person's language.
    pub text: String,
}

/// What a person should know about their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// No calendar has that day; it stayed in the title.
    Impossible,
    /// A second time or rule; it stayed in the title.
    Second,
    /// None of their calendars has that name; it stayed in the title.
    NoCalendar,
    /// Several of their calendars do; the first was taken.
    SeveralCalendars,
    /// Clocks go forward and never show that time; it was shifted.
    Skipped,
    /// Clocks go back and show that time twice; the first is meant.
    Twice,
    /// The day has another weekday than the text says; the date was taken.
    WrongWeekday,
    /// It would end before it starts; the end was not taken.
    WrongOrder,
    /// Nobody keeps that time; it stayed in the title.
    NoZone,
    /// It may be meant as a rule, but reads like the title.
    MayRepeat,
    /// Only the beginning was read.
    TooLong,
}

impl<'a> Context<'a> {
    /// Someone with the habits of most: work from 8 to 18, the week from Monday, an hour for an
    /// event, and dates as people write them in the language.
    #[must_use]
    pub const fn new(now: DateTime, zone: &'a Zone, language: Language) -> Self {
        Self {
            now,
            zone,
            language,
            date_order: match language {
                Language::English => DateOrder::MonthFirst,
                Language::German => DateOrder::DayFirst,
            },
            working_hours: Time::constant(8, 0, 0, 0)..Time::constant(18, 0, 0, 0),
            week_start: Weekday::Monday,
            minutes: 60,
            calendars: &[],
            plain: &[],
        }
    }
}

impl DateOrder {
    /// What a region writes, by its tag: `en-US` puts the month first, `en-GB` the day. A tag
    /// without a region is taken for the largest one of its language.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        const MONTH_FIRST: &[&str] = &["US", "PH", "FM", "GU", "PR", "AS", "MP", "VI", "UM", "PW"];
        let bare = tag.split(['.', '@']).next().unwrap_or(tag);
        let mut words = bare.split(['-', '_']);
        let is_english = words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("en"));
        let region = words.find(|word| word.len() == 2);
        let is_month_first = region.map_or(is_english, |region| {
            MONTH_FIRST
                .iter()
                .any(|one| one.eq_ignore_ascii_case(region))
        });
        if is_month_first {
            Self::MonthFirst
        } else {
            Self::DayFirst
        }
    }
}

impl Chip {
    /// Its range in UTF-16 code units, as windows count; `text` is the text that was read.
    #[must_use]
    pub fn utf16_range(&self, text: &str) -> Range<usize> {
        let units = |bytes: usize| {
            text.get(..bytes)
                .map_or(0, |text| text.encode_utf16().count())
        };
        units(self.range.start)..units(self.range.end)
    }
}

/// Reads a line as people type it. The same arguments give the same answer.
#[must_use]
pub fn parse(text: &str, context: &Context<'_>) -> QuickAdd {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (read, rest) = text.split_at(end);
    let reader = reader::Reader::new(read, context);
    let mut found = settle::settle(&reader, reader.parts());
    if !rest.is_empty() {
        found.title.push_str(rest.trim_end());
        found.problems.push(Problem {
            range: end..text.len(),
            kind: ProblemKind::TooLong,
            text: reader.table().wording.too_long.to_owned(),
        });
    }
    found
}

#[cfg(test)]
mod tests;
