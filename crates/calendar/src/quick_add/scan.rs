//! One pass over a text: which stretches of it are parts, and of what kind.
//!
//! From left to right, the first rule that reads something takes it. Nothing is tried twice with
//! another beginning. What no rule takes is the title.

use std::ops::Range;

use super::clock::Lead;
use super::length::Amount;
use super::moment::{Phrase, Side};
use super::reader::{Found, Reader};
use super::repeat::Repeat;
use super::text::{Gap, Kind};
use super::word::{Meaning, Word};

/// A stretch of tokens and what it says.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) tokens: Range<usize>,
    pub(super) what: What,
}

/// What a stretch says.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// When.
    When(Box<Phrase>),
    /// How long; whether a word before it says so.
    Length(Amount, Said),
    /// How often.
    Repeat(Box<Repeat>),
    /// How many times.
    Count(u32),
    AllDay,
    /// How long before.
    Reminder(Amount),
    Task,
    /// A task to be reminded of when it is due.
    RemindedTask,
    Place(String),
    /// The name of one of the person's calendars.
    Calendar(String),
    /// The beginning of several names; the first was taken.
    OneOfCalendars(String),
    Guest(String),
    Link(String),
    /// It comes back each year, if a date says when; stays in the title.
    Birthday,
    /// Stays in the title, for this reason.
    Left(Left),
}

impl What {
    /// The phrase, if that is what it is.
    pub(super) fn phrase(&self) -> Option<&Phrase> {
        if let Self::When(phrase) = self {
            Some(phrase)
        } else {
            None
        }
    }
}

/// Whether a length stands alone or after a word such as `for`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    No,
    Yes,
}

/// Why something stays in the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// No calendar has that day.
    Impossible,
    /// No calendar of the person has that name.
    NoCalendar,
    /// It may be meant as a rule.
    MayRepeat,
    /// It looks like a zone that nobody keeps.
    NoZone,
}

impl Reader<'_> {
    /// All parts of the text, in order.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut place: Option<usize> = None;
        let mut at = 0;
        while at < self.len() {
            if let Some(sign) = place
                && self.ends_place(at)
            {
                parts.extend(self.place(sign..at));
                place = None;
            }
            let found = self.part_at(at, parts.last());
            if let Some((what, end)) = found {
                if let Some(sign) = place.take() {
                    parts.extend(self.place(sign..at));
                }
                let end = end.max(at + 1);
                parts.push(Part {
                    tokens: at..end,
                    what,
                });
                at = end;
                continue;
            }
            if place.is_none() && self.begins_place(at) {
                place = Some(at);
            }
            at += 1;
        }
        if let Some(sign) = place {
            parts.extend(self.place(sign..at));
        }
        self.make_due(&mut parts);
        parts
    }

    /// German has one word for "until" and "by". With a day and no start it is by when something
    /// is to be done (`Steuer bis Freitag`), unless the title names what goes on for days.
    fn make_due(&self, parts: &mut [Part]) {
        let has_start = parts.iter().any(|part| {
            let phrase = part.what.phrase();
            matches!(part.what, What::Repeat(_) | What::AllDay)
                || phrase.is_some_and(|phrase| phrase.side == Side::At)
        });
        if has_start || self.thing_of(Word::Stay, |_| false) {
            return;
        }
        for part in parts {
            let at = part.tokens.start;
            let is_either = self.is(at, Word::Until).is_some() && self.is(at, Word::By).is_some();
            if let What::When(phrase) = &mut part.what
                && phrase.side == Side::Until
                && phrase.start.day.is_some()
                && is_either
            {
                phrase.side = Side::Due;
            }
        }
    }

    /// The part that begins at a token.
    fn part_at(&self, at: usize, before: Option<&Part>) -> Found<What> {
        if self.is_mere_word(at) {
            return None;
        }
        self.guest(at, before)
            .or_else(|| self.link(at))
            .or_else(|| self.mark(at))
            .or_else(|| self.task(at))
            .or_else(|| self.reminder(at))
            .or_else(|| {
                let (repeat, end) = self.repeat(at)?;
                Some((What::Repeat(Box::new(repeat)), end))
            })
            .or_else(|| self.all_day(at))
            .or_else(|| {
                let (phrase, end) = self.phrase_after(at, self.lead_of(at, before))?;
                // "Remind me tomorrow to call": the word before what is to be done.
                let to = self.any(end, &[Word::To, Word::On]).map(|(_, to)| to);
                let is_reminded = before.is_some_and(|part| {
                    matches!(part.what, What::RemindedTask) && part.tokens.end == at
                });
                let end = to.filter(|_| is_reminded).unwrap_or(end);
                Some((What::When(Box::new(phrase)), end))
            })
            .or_else(|| self.length_part(at))
            .or_else(|| self.times(at))
            .or_else(|| self.birthday(at))
            .or_else(|| self.left(at))
    }

    /// What the part before says of a bare number: beside the days of a series it is an hour, as
    /// in "Tuesdays 11".
    fn lead_of(&self, at: usize, before: Option<&Part>) -> Lead {
        let is_beside = before.is_some_and(|part| {
            let names_days =
                matches!(&part.what, What::Repeat(repeat) if !repeat.rule.by_day.is_empty());
            part.tokens.end == at && names_days
        });
        if is_beside { Lead::Day } else { Lead::None }
    }

    /// Whether nothing can begin here: most words of most titles.
    fn is_mere_word(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| match token.kind {
            Kind::Word => self.readings(at).is_empty() && self.is_offset(at).is_none(),
            Kind::Plain => true,
            Kind::Number | Kind::Sign | Kind::Address | Kind::Link => false,
        })
    }

    fn link(&self, at: usize) -> Found<What> {
        let token = self.token(at)?;
        (token.kind == Kind::Link).then(|| (What::Link(self.words(at..at + 1).to_owned()), at + 1))
    }

    /// `todo`, `[]`, `remind me to`, at the beginning of the text.
    fn task(&self, at: usize) -> Found<What> {
        if at > 0 {
            return None;
        }
        let first = self.readings(at).first()?;
        let is_reminded = || self.amount(first.end).is_none() && self.phrase(first.end).is_some();
        let word = first.meaning.word()?;
        let what = if word == Word::Task {
            What::Task
        } else if word == Word::RemindTo || (word == Word::Remind && is_reminded()) {
            What::RemindedTask
        } else {
            return None;
        };
        let end = self.sign(first.end, ":").unwrap_or(first.end);
        (self.closes(end) || self.is(at, Word::Task).is_some()).then_some((what, end))
    }

    fn all_day(&self, at: usize) -> Found<What> {
        let end = self.is(at, Word::AllDay)?;
        (self.opens(at) && self.closes(end)).then_some((What::AllDay, end))
    }

    /// A length after `for`, or minutes and hours that stand at the end of a stretch of the title.
    fn length_part(&self, at: usize) -> Found<What> {
        if !self.opens(at) {
            return None;
        }
        if let Some(next) = self.is(at, Word::For) {
            let (amount, end) = self.amount(next)?;
            return self
                .closes(end)
                .then_some((What::Length(amount, Said::Yes), end));
        }
        let (amount, end) = self.amount(at)?;
        let is_alone = self.ends_phrase(end) || self.phrase(end).is_some();
        let before_start = self.any(end, &[Word::Starting, Word::From]).is_some();
        let is_unit = !amount.is_of_days() || (before_start && self.phrase(end).is_some());
        let is_length = is_unit && is_alone && self.closes(end) && at > 0;
        let is_vague =
            self.is(at, Word::One).is_some() && self.read(at, Meaning::minutes).is_none();
        (is_length && !is_vague).then_some((What::Length(amount, Said::No), end))
    }

    /// `10 times`, `fünfmal` in two words, `5x`.
    fn times(&self, at: usize) -> Found<What> {
        let (count, next) = match self.digits(at) {
            Some(token) => (token.value, at + 1),
            None => self.read(at, Meaning::number)?,
        };
        let next = self
            .dash(next)
            .filter(|after| self.is_glued(*after))
            .unwrap_or(next);
        let end = self.is(next, Word::Times)?;
        let is_count = (1..=10_000).contains(&count) && self.opens(at) && self.closes(end);
        is_count.then_some((What::Count(count), end))
    }

    /// A word for a day that comes back each year. It stays in the title.
    fn birthday(&self, at: usize) -> Found<What> {
        let (word, end) = self.any(at, &[Word::BirthdayOf, Word::Birthday])?;
        let is_meant =
            word == Word::BirthdayOf || self.ends_phrase(end) || self.day(end, None).is_some();
        (is_meant && self.opens(at) && self.closes(end)).then_some((What::Birthday, end))
    }

    fn left(&self, at: usize) -> Found<What> {
        if !self.opens(at) {
            return None;
        }
        if let Some((_, end)) = self.written(at, Some(Word::On))
            && self
                .written(at, Some(Word::On))
                .is_some_and(|(date, _)| date.day(self.today()).is_none())
            && self.closes(end)
        {
            return Some((What::Left(Left::Impossible), end));
        }
        if let Some(end) = self.is_offset(at) {
            return Some((What::Left(Left::NoZone), end));
        }
        let end = self.may_repeat(at)?;
        Some((What::Left(Left::MayRepeat), end))
    }

    fn begins_place(&self, at: usize) -> bool {
        let is_name = self.token(at + 1).is_some_and(|token| {
            token.gap != Gap::Line && token.kind != Kind::Sign && !self.is_only_words(at + 1)
        });
        self.sign(at, "@").is_some() && self.opens(at) && is_name
    }

    /// Whether a place cannot go on here, though no part begins.
    fn ends_place(&self, at: usize) -> bool {
        let quoted = at
            .checked_sub(1)
            .filter(|before| self.is_quotation(*before));
        let is_quoted = quoted
            .and_then(|quoted| quoted.checked_sub(1))
            .is_some_and(|sign| self.sign(sign, "@").is_some());
        is_quoted
            || self.token(at).is_some_and(|token| token.gap == Gap::Line)
            || self.is(at, Word::With).is_some()
            || self.is_only_words(at)
            || self.begins_place(at)
    }

    fn is_quotation(&self, at: usize) -> bool {
        let is_plain = self
            .token(at)
            .is_some_and(|token| token.kind == Kind::Plain);
        is_plain
            && self
                .words(at..at + 1)
                .starts_with(['"', '“', '„', '«', '»'])
    }

    /// Whether the person has said that this is no more than words.
    fn is_only_words(&self, at: usize) -> bool {
        let is_plain = self
            .token(at)
            .is_some_and(|token| token.kind == Kind::Plain);
        is_plain && !self.is_quotation(at)
    }

    /// The place between a sign and the next part.
    fn place(&self, tokens: Range<usize>) -> Option<Part> {
        let is_loose = |at: usize| {
            self.token(at).is_some_and(|token| {
                token.kind == Kind::Sign
                    && matches!(
                        token.folded.as_str(),
                        "," | ";" | "." | ":" | "-" | "–" | "—" | "!" | "?" | "|"
                    )
            })
        };
        let mut end = tokens.end;
        while end > tokens.start + 1 && is_loose(end - 1) {
            end -= 1;
        }
        let words = self.words(tokens.start + 1..end);
        let is_empty = words.is_empty();
        (!is_empty).then(|| Part {
            tokens: tokens.start..end,
            what: What::Place(super::title::unquoted(words).to_owned()),
        })
    }
}
