//! A recurrence rule (RFC 5545 §3.3.10 with RFC 7529's SKIP): what it says, not what it means.
//!
//! Reading is tolerant: numbers out of range are kept and simply never match, because refusing
//! the whole rule would lose the event. What the rule means is in `expand`.

mod parse;
mod print;

use crate::original::OriginalStart;
use crate::text_form::serde_by_text;
pub(crate) use print::Basic;

/// How often a rule steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words of RFC 5545")]
pub enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(missing_docs, reason = "the names of the days")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// One entry of BYDAY: `TU`, `2TU`, `-1FR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleDay {
    /// Which of them in the month or year, from the end when negative; 0 stands for every one.
    pub ordinal: i32,
    /// The day.
    pub weekday: Weekday,
}

/// What happens to a day that a month does not have (RFC 7529 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Skip {
    /// It is left out.
    #[default]
    Omit,
    /// The day before it stands in.
    Backward,
    /// The day after it stands in.
    Forward,
}

/// A recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    /// How often it steps.
    pub frequency: Frequency,
    /// Every how many steps; at least 1.
    pub interval: u32,
    /// How many occurrences at most, over the whole series.
    pub count: Option<u32>,
    /// The last moment at which one may start.
    pub until: Option<OriginalStart>,
    /// BYSECOND, 0 to 60.
    pub by_second: Vec<i32>,
    /// BYMINUTE, 0 to 59.
    pub by_minute: Vec<i32>,
    /// BYHOUR, 0 to 23.
    pub by_hour: Vec<i32>,
    /// BYDAY.
    pub by_day: Vec<RuleDay>,
    /// BYMONTHDAY, ±1 to ±31.
    pub by_month_day: Vec<i32>,
    /// BYYEARDAY, ±1 to ±366.
    pub by_year_day: Vec<i32>,
    /// BYWEEKNO, ±1 to ±53.
    pub by_week: Vec<i32>,
    /// BYMONTH, 1 to 12.
    pub by_month: Vec<i32>,
    /// BYSETPOS, ±1 to ±366.
    pub by_position: Vec<i32>,
    /// The first day of a week.
    pub week_start: Weekday,
    /// What happens to days that do not exist.
    pub skip: Skip,
    /// Parts we do not know, as they were: `X-NAME=value`.
    pub unknown: Vec<String>,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// FREQ is missing or none of the seven.
    #[error("the rule does not say how often it repeats")]
    NoFrequency,
    /// A part has a value that cannot be read.
    #[error("the rule's part {0} cannot be read")]
    BadPart(String),
    /// It counts in a calendar other than the Gregorian (RFC 7529 RSCALE).
    #[error("the rule counts in the {0} calendar")]
    OtherCalendar(String),
    /// It is longer than any honest rule.
    #[error("the rule is too long")]
    TooLong,
}

impl Rule {
    /// A rule that steps every time, without end.
    #[must_use]
    pub const fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            by_second: Vec::new(),
            by_minute: Vec::new(),
            by_hour: Vec::new(),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week: Vec::new(),
            by_month: Vec::new(),
            by_position: Vec::new(),
            week_start: Weekday::Monday,
            skip: Skip::Omit,
            unknown: Vec::new(),
        }
    }

    /// Reads the value of an RRULE property; letter case and a leading `RRULE:` do not count.
    ///
    /// # Errors
    ///
    /// [`BadRule`] where it cannot mean anything.
    pub fn parse(text: &str) -> Result<Self, BadRule> {
        parse::rule(text)
    }
}

impl Weekday {
    /// All days from Monday on.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Days after Monday.
    pub(crate) const fn index(self) -> i64 {
        self as i64
    }

    /// The two letters of RFC 5545.
    #[must_use]
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Monday => "MO",
            Self::Tuesday => "TU",
            Self::Wednesday => "WE",
            Self::Thursday => "TH",
            Self::Friday => "FR",
            Self::Saturday => "SA",
            Self::Sunday => "SU",
        }
    }

    /// The day with these two letters, in any case.
    #[must_use]
    pub fn from_letters(letters: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|day| day.letters().eq_ignore_ascii_case(letters))
    }
}

impl Frequency {
    /// The word of RFC 5545.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secondly => "SECONDLY",
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }

    /// The frequency with this word, in any case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Secondly,
            Self::Minutely,
            Self::Hourly,
            Self::Daily,
            Self::Weekly,
            Self::Monthly,
            Self::Yearly,
        ]
        .into_iter()
        .find(|frequency| frequency.word().eq_ignore_ascii_case(word))
    }
}

serde_by_text!(Rule);
