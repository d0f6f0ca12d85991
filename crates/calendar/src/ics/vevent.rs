//! One VEVENT or VTODO as the file has it: typed, and borrowed from the file.
//!
//! What everyone needs is read at once: the name, times, rules, exceptions and texts. Everything
//! else `others` gives as lines, to be read by whoever wants it. Nothing is dropped: a value that
//! cannot be read, a property that stands twice and parameters nobody models are in `odd`.

use std::borrow::Cow;

use super::lines::Line;
use super::name::Name;
use super::problem::ProblemKind;
use super::property::is_one_of;
use super::text::{shortened, unescaped};
use super::times::{Period, Time, periods, times};
use super::tree::Component;
use crate::length::Length;
use crate::rule::Rule;

/// A VEVENT or a VTODO.
#[derive(Debug)]
pub struct Vevent<'a> {
    /// Whether it is something to do (VTODO).
    pub is_task: bool,
    /// The line it begins on.
    pub line: usize,
    /// UID; empty where the file gives none.
    pub uid: Cow<'a, str>,
    /// DTSTART.
    pub start: Option<Time<'a>>,
    /// DTEND.
    pub end: Option<Time<'a>>,
    /// DUE.
    pub due: Option<Time<'a>>,
    /// DURATION.
    pub length: Option<Length>,
    /// RRULE, each that can be read.
    pub rules: Vec<Rule>,
    /// EXRULE, each that can be read.
    pub exclusions: Vec<Rule>,
    /// RDATE.
    pub dates: Vec<Period<'a>>,
    /// EXDATE.
    pub skipped: Vec<Time<'a>>,
    /// RECURRENCE-ID: which one of its series it is.
    pub original: Option<Time<'a>>,
    /// Whether it stands for all from that one on (RANGE=THISANDFUTURE).
    pub is_from_there_on: bool,
    /// SUMMARY.
    pub title: Cow<'a, str>,
    /// DESCRIPTION.
    pub notes: Cow<'a, str>,
    /// LOCATION.
    pub place: Cow<'a, str>,
    /// SEQUENCE.
    pub sequence: u32,
    /// DTSTAMP.
    pub stamped: Option<Time<'a>>,
    /// CREATED.
    pub created: Option<Time<'a>>,
    /// LAST-MODIFIED.
    pub modified: Option<Time<'a>>,
    /// COMPLETED.
    pub completed: Option<Time<'a>>,
    /// All properties, in the order of the file.
    lines: &'a [Line<'a>],
    /// Components inside it, reminders among them.
    pub parts: &'a [Component<'a>],
    /// What else there is, of the few events that have it.
    pub(super) odd: Option<Box<Odd<'a>>>,
    /// Names that were there, by their bits.
    seen: u64,
}

/// What the fields of a [`Vevent`] do not hold of the properties they are about.
#[derive(Debug, Default)]
pub(super) struct Odd<'a> {
    /// Properties, as raw lines.
    pub(super) kept: Vec<Cow<'a, str>>,
    /// Parameters, as entries of `unknown`.
    pub(super) parameters: Vec<String>,
    /// What is wrong.
    pub(super) findings: Vec<(usize, ProblemKind)>,
}

impl<'a> Vevent<'a> {
    /// Reads a component.
    pub(super) fn of(component: &'a Component<'a>) -> Self {
        let mut event = Self::empty(component);
        for line in &component.lines {
            event.property(line);
        }
        event
    }

    /// All properties that no field holds, in the order of the file.
    pub fn others(&self) -> impl Iterator<Item = &'a Line<'a>> + use<'a> {
        self.lines.iter().filter(|line| !is_held(line.kind()))
    }

    fn odd(&mut self) -> &mut Odd<'a> {
        self.odd.get_or_insert_default()
    }

    fn empty(component: &'a Component<'a>) -> Self {
        Self {
            is_task: component.name == "VTODO",
            line: component.line,
            uid: Cow::Borrowed(""),
            start: None,
            end: None,
            due: None,
            length: None,
            rules: Vec::new(),
            exclusions: Vec::new(),
            dates: Vec::new(),
            skipped: Vec::new(),
            original: None,
            is_from_there_on: false,
            title: Cow::Borrowed(""),
            notes: Cow::Borrowed(""),
            place: Cow::Borrowed(""),
            sequence: 0,
            stamped: None,
            created: None,
            modified: None,
            completed: None,
            lines: &component.lines,
            parts: &component.children,
            odd: None,
            seen: 0,
        }
    }

    fn property(&mut self, line: &'a Line<'a>) {
        match line.kind() {
            Name::Rule => self.rule(line, false),
            Name::ExclusionRule => self.rule(line, true),
            Name::Dates => {
                let (before, mut bad) = (self.dates.len(), Vec::new());
                periods(line, |one| self.dates.push(one), |text| bad.push(text));
                if self.dates.len() > before || !bad.is_empty() {
                    self.unread(line, &bad);
                }
            }
            Name::Skipped => {
                let (before, mut bad) = (self.skipped.len(), Vec::new());
                times(line, |one| self.skipped.push(one), |text| bad.push(text));
                if self.skipped.len() > before || !bad.is_empty() {
                    self.unread(line, &bad);
                }
            }
            name if is_held(name) => self.single(line),
            // One of the others.
            _ => {}
        }
    }

    /// Properties that stand once; the first one that says something counts.
    fn single(&mut self, line: &'a Line<'a>) {
        let (name, value) = (line.kind(), line.value());
        if self.seen & name.bit() != 0 {
            // An end that says nothing says nothing behind another one either: that may be given up.
            let is_end = matches!(name, Name::Until | Name::Due);
            if !(is_end && value.split(',').all(|text| text.trim().is_empty())) {
                self.odd().kept.push(Cow::Borrowed(line.text()));
            }
            return;
        }
        let is_read = match name {
            Name::Summary => put_text(&mut self.title, value),
            Name::Description => put_text(&mut self.notes, value),
            Name::Location => put_text(&mut self.place, value),
            Name::Uid => {
                self.uid = unescaped(value.trim());
                !self.uid.is_empty()
            }
            Name::Sequence => match value.trim().parse() {
                Ok(number) => {
                    self.sequence = number;
                    true
                }
                Err(_) => return self.odd().kept.push(Cow::Borrowed(line.text())),
            },
            Name::Duration => match value.parse() {
                Ok(length) => {
                    self.length = Some(length);
                    true
                }
                Err(_) => return self.unread(line, &[value]),
            },
            _ => return self.time(line),
        };
        if is_read {
            self.once(line);
        } else {
            if let Some(kept) = line.kept_parameters(is_modelled) {
                self.odd().parameters.push(kept);
            }
        }
    }

    /// Properties whose value is one time.
    fn time(&mut self, line: &'a Line<'a>) {
        let mut found = None;
        let mut bad = Vec::new();
        times(
            line,
            |one| {
                found.get_or_insert(one);
            },
            |text| bad.push(text),
        );
        let is_about_the_text = matches!(
            line.kind(),
            Name::Stamped | Name::Created | Name::Modified | Name::Completed
        );
        let Some(found) = found else {
            if is_about_the_text {
                self.odd().kept.push(Cow::Borrowed(line.text()));
            } else if !bad.is_empty() {
                self.unread(line, &bad);
            }
            return;
        };
        let into = match line.kind() {
            Name::Start => &mut self.start,
            Name::Until => &mut self.end,
            Name::Due => &mut self.due,
            Name::Completed => &mut self.completed,
            Name::Stamped => &mut self.stamped,
            Name::Created => &mut self.created,
            Name::Modified => &mut self.modified,
            _ => {
                self.is_from_there_on = line.says("RANGE", "THISANDFUTURE");
                &mut self.original
            }
        };
        *into = Some(found);
        self.once(line);
    }

    /// A property was read that stands once.
    fn once(&mut self, line: &'a Line<'a>) {
        self.seen |= line.kind().bit();
        if let Some(kept) = line.kept_parameters(is_modelled) {
            self.odd().parameters.push(kept);
        }
    }

    fn rule(&mut self, line: &'a Line<'a>, is_exclusion: bool) {
        match Rule::parse(line.value()) {
            Ok(rule) if is_exclusion => self.exclusions.push(rule),
            Ok(rule) => self.rules.push(rule),
            Err(why) => {
                let kind = ProblemKind::BadRule(shortened(&why.to_string()));
                self.odd().findings.push((line.number(), kind));
                self.odd().kept.push(Cow::Borrowed(line.text()));
            }
        }
    }

    /// Keeps the values of a property that cannot be read, with its name and parameters; the whole
    /// line as it came where that is all of them.
    fn unread(&mut self, line: &'a Line<'a>, bad: &[&str]) {
        if bad.is_empty() {
            // Of a list of times the parameters may stand on any of the lines.
            if self.seen & line.kind().bit() == 0 {
                self.once(line);
            }
            return;
        }
        for text in bad {
            let kind = ProblemKind::BadTime(line.kind().word().to_owned(), shortened(text));
            self.odd().findings.push((line.number(), kind));
        }
        let values = line.value().split(',');
        let kept = if values.filter(|text| !text.trim().is_empty()).count() <= bad.len() {
            Cow::Borrowed(line.text())
        } else {
            let head = line.text().len() - line.value().len();
            let head = line.text().get(..head).unwrap_or_default();
            Cow::Owned(format!("{head}{}", bad.join(",")))
        };
        self.odd().kept.push(kept);
    }
}

fn put_text<'a>(into: &mut Cow<'a, str>, value: &'a str) -> bool {
    *into = unescaped(value);
    !into.is_empty()
}

/// Whether a field holds properties of this name.
const fn is_held(name: Name) -> bool {
    matches!(
        name,
        Name::Uid
            | Name::Start
            | Name::Until
            | Name::Due
            | Name::Completed
            | Name::Duration
            | Name::Original
            | Name::Summary
            | Name::Description
            | Name::Location
            | Name::Sequence
            | Name::Stamped
            | Name::Created
            | Name::Modified
            | Name::Rule
            | Name::ExclusionRule
            | Name::Dates
            | Name::Skipped
    )
}

/// Parameters whose meaning the fields hold, or that only say what is so anyway.
fn is_modelled(name: &str, value: &str) -> bool {
    is_one_of(name, &["TZID", "RANGE"])
        || (name.eq_ignore_ascii_case("VALUE")
            && is_one_of(value, &["DATE", "DATE-TIME", "PERIOD", "TEXT", "DURATION"]))
}
