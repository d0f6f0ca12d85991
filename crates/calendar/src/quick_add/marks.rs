//! Parts that begin with a sign or are one by their form: `/calendar`, `#calendar`, `!10m`,
//! guests by their address; and reminders in words.

use super::length::Amount;
use super::reader::{Found, Reader};
use super::scan::{Left, Part, What};
use super::text::{Gap, Kind, fold};
use super::title::unquoted;
use super::word::{Meaning, Word};

/// Tokens that the name of a calendar has at most.
const NAME_TOKENS_MAX: usize = 8;

impl Reader<'_> {
    /// A guest, with the `with` or `and` before it. The first word of a title stays there:
    /// "Invite … to lunch" is what is to be done.
    pub(super) fn guest(&self, at: usize, before: Option<&Part>) -> Found<What> {
        let is_after_guest =
            before.is_some_and(|part| matches!(part.what, What::Guest(_)) && part.tokens.end == at);
        let after_and = self.is(at, Word::And).filter(|_| is_after_guest);
        let with = self.is(at, Word::With).filter(|_| at > 0);
        let next = with.or(after_and).unwrap_or(at);
        let next = self
            .is(next, Word::And)
            .filter(|_| is_after_guest)
            .unwrap_or(next);
        let opened = self.sign(next, "<");
        let name_at = opened.unwrap_or(next);
        let token = self.token(name_at)?;
        if token.kind != Kind::Address {
            return None;
        }
        let end = opened
            .and_then(|_| self.sign(name_at + 1, ">"))
            .unwrap_or(name_at + 1);
        let address = self.words(name_at..name_at + 1).to_owned();
        Some((What::Guest(address), end))
    }

    /// `!10m`, `/Work`, `#work`.
    pub(super) fn mark(&self, at: usize) -> Found<What> {
        if !self.opens(at) || !self.is_glued(at + 1) {
            return None;
        }
        if let Some(next) = self.sign(at, "!") {
            return self.short_reminder(next);
        }
        if let Some(next) = self.sign(at, "/") {
            return self.calendar(next).or_else(|| self.no_calendar(next));
        }
        self.calendar(self.sign(at, "#")?)
    }

    /// What follows the sign of a reminder: a length, or minutes without a unit.
    fn short_reminder(&self, at: usize) -> Found<What> {
        if let Some((amount, end)) = self.amount(at)
            && self.closes(end)
        {
            return Some((What::Reminder(amount), end));
        }
        let token = self.glued_digits(at).filter(|token| token.digits() <= 4)?;
        let amount = Amount::of_minutes(token.value);
        self.closes(at + 1)
            .then_some((What::Reminder(amount), at + 1))
    }

    /// One of the person's calendars: its whole name, the beginning of it, or of a word of it.
    fn calendar(&self, at: usize) -> Found<What> {
        let names = self.context.calendars;
        let folded = |name: &str| fold(name.trim());
        for end in (at + 1..=at + NAME_TOKENS_MAX)
            .rev()
            .filter(|end| *end <= self.len())
        {
            let typed = fold(unquoted(self.words(at..end)));
            let is_name = |name: &&&str| folded(name) == typed;
            if let Some(name) = names.iter().find(is_name).filter(|_| self.closes(end)) {
                return Some((What::Calendar((*name).to_owned()), end));
            }
        }
        let end = self.chunk_end(at);
        let typed = fold(unquoted(self.words(at..end)));
        if typed.is_empty() || !typed.contains(char::is_alphabetic) {
            return None;
        }
        let begins = |name: &&&str| folded(name).starts_with(&typed);
        let holds = |name: &&&str| {
            folded(name)
                .split(|one: char| !one.is_alphanumeric())
                .any(|word| word.starts_with(&typed))
        };
        let mut found: Vec<&&str> = names.iter().filter(begins).collect();
        if found.is_empty() {
            found = names.iter().filter(holds).collect();
        }
        match found.as_slice() {
            [] => None,
            [one] => Some((What::Calendar((**one).to_owned()), end)),
            [first, ..] => Some((What::OneOfCalendars((**first).to_owned()), end)),
        }
    }

    /// A name after a slash that none of the calendars has.
    fn no_calendar(&self, at: usize) -> Found<What> {
        let is_name = self
            .token(at)
            .is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Plain));
        is_name.then(|| (What::Left(Left::NoCalendar), self.chunk_end(at)))
    }

    /// The end of what is written without a space, without the signs at its end.
    fn chunk_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        while end < at + NAME_TOKENS_MAX
            && self.token(end).is_some_and(|token| token.gap == Gap::None)
        {
            end += 1;
        }
        while end > at + 1
            && self
                .token(end - 1)
                .is_some_and(|token| token.kind == Kind::Sign)
        {
            end -= 1;
        }
        end
    }

    /// `remind me 30 minutes before`, `1 Stunde vorher erinnern`, `with a 15 min reminder`.
    pub(super) fn reminder(&self, at: usize) -> Found<What> {
        if !self.opens(at) {
            return None;
        }
        if let Some(next) = self.is(at, Word::Remind) {
            let next = self.sign(next, ":").unwrap_or(next);
            let next = self.skip(next, &[Word::At, Word::For, Word::On]);
            let (amount, end) = self.amount(next)?;
            let end = self.before(end).unwrap_or(end);
            return self.closes(end).then_some((What::Reminder(amount), end));
        }
        let next = self.is(at, Word::With).unwrap_or(at);
        let is_article = self.is(next, Word::One).is_some_and(|after| {
            self.digits(after).is_some() || self.read(after, Meaning::number).is_some()
        });
        let next = if is_article { next + 1 } else { next };
        let (amount, end) = self.amount(next)?;
        let end = self.before(end).unwrap_or(end);
        let end = self.is(end, Word::Remind)?;
        self.closes(end).then_some((What::Reminder(amount), end))
    }

    /// `before`, `vor Beginn`, and what it is before.
    fn before(&self, at: usize) -> Option<usize> {
        let end = self.is(at, Word::Before)?;
        self.closes(end).then_some(end)
    }
}
