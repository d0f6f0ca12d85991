//! What is wrong with a file, in words for the person who opened it.

use std::fmt;

use jiff::Timestamp;

use crate::zone::Zone;

/// A finding about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line it is about, from 1.
    pub line: usize,
    /// The event it is about.
    pub uid: Option<String>,
    /// What it is.
    pub kind: ProblemKind,
}

/// What can be wrong with a file. Each prints as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is no calendar in it.
    NoCalendar,
    /// Letters that are not UTF-8.
    NotUtf8,
    /// A line without a name or a value.
    BadLine,
    /// A line longer than anything that could be kept.
    LongLine,
    /// A part that never ends, or ends twice.
    NotClosed(String),
    /// Parts within parts, deeper than anyone writes them.
    TooDeep,
    /// An event without a start.
    NoStart,
    /// An event without a UID.
    NoUid,
    /// A time nobody can read: the property and its value.
    BadTime(String, String),
    /// A rule nobody can read, and why.
    BadRule(String),
    /// An end before the start.
    EndsBeforeStart,
    /// A zone nobody knows.
    UnknownZone(String),
    /// A reminder without a time.
    BadReminder,
    /// Two versions of one event or occurrence.
    TwoVersions,
    /// A changed occurrence whose series is not in the file.
    NoSeries,
    /// A kind of entry that we do not show yet.
    NotShown(String),
    /// More is wrong than anyone wants to read.
    More,
}

/// Problems told of one file; a file with more is beyond telling.
const PROBLEMS_MAX: usize = 10_000;

/// The problems of a file as they are found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Problem>,
}

impl Findings {
    /// Adds one about a line.
    pub(super) fn add(&mut self, line: usize, kind: ProblemKind) {
        self.add_about(line, None, kind);
    }

    /// Adds one about an event.
    pub(super) fn add_about(&mut self, line: usize, uid: Option<&str>, kind: ProblemKind) {
        let kind = match self.found.len() {
            PROBLEMS_MAX.. => return,
            LAST => ProblemKind::More,
            _ => kind,
        };
        let uid = uid.map(ToOwned::to_owned);
        self.found.push(Problem { line, uid, kind });
    }

    /// All of them, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| problem.line);
        self.found
    }
}

/// The place of the last problem that is told.
const LAST: usize = PROBLEMS_MAX - 1;

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCalendar => f.write_str("There is no calendar in this file."),
            Self::NotUtf8 => {
                f.write_str("Some letters are not in UTF-8; they were read as Western European.")
            }
            Self::BadLine => f.write_str("This line makes no sense and was left out."),
            Self::LongLine => f.write_str("This line is longer than a megabyte and was left out."),
            Self::NotClosed(name) => {
                write!(
                    f,
                    "A part ({name}) has no proper end. What was there was read."
                )
            }
            Self::TooDeep => {
                f.write_str("Parts are nested too deeply; the inner ones were left out.")
            }
            Self::NoStart => f.write_str("This event has no start and cannot be shown."),
            Self::NoUid => f.write_str("This event has no name of its own; it was given one."),
            Self::BadTime(name, value) => {
                write!(
                    f,
                    "The time “{value}” ({name}) cannot be read and was left out."
                )
            }
            Self::BadRule(why) => {
                write!(
                    f,
                    "How this event repeats cannot be read ({why}); it is shown once."
                )
            }
            Self::EndsBeforeStart => {
                f.write_str("This event ends before it starts; it is shown without a length.")
            }
            Self::UnknownZone(name) => {
                write!(
                    f,
                    "The time zone “{name}” is unknown; its times were read as "
                )?;
                // A name may state an offset, and then its times are read at that.
                match Zone::named(name).offset_seconds(Timestamp::UNIX_EPOCH) {
                    0 => f.write_str("UTC."),
                    seconds => {
                        let sign = if seconds < 0 { '-' } else { '+' };
                        let minutes = seconds.abs() / 60;
                        let (hours, minutes) = (minutes / 60, minutes % 60);
                        write!(f, "UTC{sign}{hours:02}:{minutes:02}, as its name says.")
                    }
                }
            }
            Self::BadReminder => f.write_str("A reminder does not say when it rings."),
            Self::TwoVersions => {
                f.write_str("The file holds this event twice; the newer version was kept.")
            }
            Self::NoSeries => {
                f.write_str("This is one changed date of a series that is not in the file.")
            }
            Self::NotShown(name) => write!(f, "Entries of this kind ({name}) are not shown yet."),
            Self::More => f.write_str("Much more is wrong with this file; no more is told."),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.kind)
    }
}
