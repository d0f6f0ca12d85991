//! The languages that quick add reads, and the one way in which it looks their words up.
//!
//! The tables of all languages are read at once. Where a word means something in two of them, the
//! person's own language comes first; a short word of another language (`so`, `sat`) and one that
//! the person's language uses every day mean nothing beyond grammar. A further language is one
//! more table and one more line in [`Language::ALL`].

mod english;
mod german;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{Kind, Token, fold, tokens};
use super::word::{DayPart, Meaning};
use super::wording::Wording;

/// A language that a person writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// Every language there is a table of.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a tag such as `de-AT` or `en_US.UTF-8`; `None` where we have no table.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let word = tag.split(['-', '_', '.', '@']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.table().tag.eq_ignore_ascii_case(word))
    }

    pub(super) const fn table(self) -> &'static Table {
        match self {
            Self::English => &english::TABLE,
            Self::German => &german::TABLE,
        }
    }

    /// The words of all tables, this one's first.
    pub(super) fn lexicon(self) -> &'static Lexicon {
        static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(Language::English));
        static GERMAN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(Language::German));
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

/// What is particular to a language.
pub(super) struct Table {
    /// Its tag, `en`.
    pub(super) tag: &'static str,
    /// Phrases and what each means; alternatives are separated by `|`.
    pub(super) words: &'static [(&'static str, Meaning)],
    /// Parts of the day that are written in one word with a weekday: `Montagabend`.
    pub(super) compounds: &'static [(&'static str, DayPart)],
    /// Everyday words of its own that mean something else in the table of another language.
    pub(super) ordinary: &'static [&'static str],
    /// What an hour outside the working hours most likely is.
    pub(super) open_hour: OpenHour,
    /// How chips are worded.
    pub(super) wording: Wording,
}

/// What 7 is where neither 7:00 nor 19:00 is within working hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenHour {
    /// The one nearer to the working hours, and in doubt the evening: clocks count to twelve.
    Nearer,
    /// What is written: clocks count to twenty-four.
    AsWritten,
}

/// One phrase that a word begins.
#[derive(Debug)]
struct Entry {
    rest: Vec<String>,
    meaning: Meaning,
}

/// A meaning of the words from one token on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) meaning: Meaning,
    /// The first token after the phrase.
    pub(super) end: usize,
}

/// Phrases by their first word.
#[derive(Debug)]
pub(super) struct Lexicon(HashMap<String, Vec<Entry>>);

/// Letters of a word of another language from which on it is no longer taken for an abbreviation.
const FOREIGN_LETTERS_MIN: usize = 4;

impl Lexicon {
    fn of(language: Language) -> Self {
        let mut lexicon = Self(HashMap::new());
        let own = language.table();
        lexicon.add(own, |_, _| true);
        let others = Language::ALL.into_iter().filter(|other| *other != language);
        for other in others {
            lexicon.add(other.table(), |phrase, meaning| {
                let is_grammar = meaning.word().is_some();
                let is_ordinary = own.ordinary.contains(&phrase);
                !is_ordinary && (is_grammar || phrase.chars().count() >= FOREIGN_LETTERS_MIN)
            });
        }
        for language in Language::ALL {
            lexicon.join(language.table());
        }
        lexicon
    }

    fn add(&mut self, table: &Table, is_wanted: impl Fn(&str, Meaning) -> bool) {
        for (phrases, meaning) in table.words {
            for phrase in phrases.split('|') {
                if !is_wanted(phrase, *meaning) {
                    continue;
                }
                self.put(&fold(phrase), *meaning);
                let spelled = spelled_out(phrase);
                if spelled != phrase {
                    self.put(&fold(&spelled), *meaning);
                }
            }
        }
    }

    /// Every weekday in one word with every part of the day that the language joins to it.
    fn join(&mut self, table: &Table) {
        for (phrases, meaning) in table.words {
            let Some(day) = meaning.full_weekday() else {
                continue;
            };
            for (phrase, (ending, part)) in phrases
                .split('|')
                .flat_map(|phrase| table.compounds.iter().map(move |one| (phrase, one)))
            {
                let joined = format!("{phrase}{ending}");
                self.put(&fold(&joined), Meaning::WeekdayPart(day, *part));
                self.put(
                    &fold(&spelled_out(&joined)),
                    Meaning::WeekdayPart(day, *part),
                );
            }
        }
    }

    fn put(&mut self, phrase: &str, meaning: Meaning) {
        let words = tokens(phrase, &[]);
        let mut words = words.iter().map(|token| word_of(token, phrase).to_owned());
        let Some(first) = words.next() else {
            return;
        };
        let rest: Vec<String> = words.collect();
        let entries = self.0.entry(first).or_default();
        let is_known = entries
            .iter()
            .any(|entry| entry.rest == rest && entry.meaning == meaning);
        if !is_known {
            entries.push(Entry { rest, meaning });
            // Stable: among phrases of one length the person's own language stays first.
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.rest.len()));
        }
    }

    /// What the words from a token on can mean, the longest phrase first.
    pub(super) fn readings(&self, text: &str, all: &[Token], at: usize) -> Vec<Reading> {
        let Some(first) = all.get(at) else {
            return Vec::new();
        };
        let Some(entries) = self.0.get(word_of(first, text)) else {
            return Vec::new();
        };
        let follows = |entry: &&Entry| {
            entry
                .rest
                .iter()
                .zip(at + 1..)
                .all(|(word, next)| all.get(next).is_some_and(|t| word_of(t, text) == word))
        };
        entries
            .iter()
            .filter(follows)
            .map(|entry| Reading {
                meaning: entry.meaning,
                end: at + 1 + entry.rest.len(),
            })
            .collect()
    }
}

/// The text by which a token is looked up; numbers are looked up as they are written.
fn word_of<'a>(token: &'a Token, text: &'a str) -> &'a str {
    match token.kind {
        Kind::Number => text.get(token.range.clone()).unwrap_or_default(),
        Kind::Word | Kind::Sign | Kind::Address | Kind::Link | Kind::Plain => &token.folded,
    }
}

/// `fuer` for `für`, as people write it on foreign keyboards.
fn spelled_out(phrase: &str) -> String {
    phrase
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quick_add::word::Word;

    #[test]
    fn tags_name_languages() {
        assert_eq!(Language::of_tag("de-AT"), Some(Language::German));
        assert_eq!(Language::of_tag("en_US.UTF-8"), Some(Language::English));
        assert_eq!(Language::of_tag("fr"), None);
    }

    #[test]
    fn the_own_language_comes_first_and_foreign_abbreviations_mean_nothing() {
        let first = |language: Language, text: &str| {
            let all = tokens(text, &[]);
            let found = language.lexicon().readings(text, &all, 0);
            found.first().map(|reading| reading.meaning)
        };
        let am = |language| first(language, "am");
        assert_eq!(am(Language::English), Some(Meaning::Is(Word::Am)));
        assert_eq!(am(Language::German), Some(Meaning::Is(Word::On)));
        assert_eq!(first(Language::English, "so"), None);
        assert_eq!(first(Language::German, "sat"), None);
        assert_eq!(
            first(Language::English, "übermorgen"),
            Some(Meaning::Day(2))
        );
        assert_eq!(
            first(Language::German, "uebermorgen"),
            Some(Meaning::Day(2))
        );
    }

    #[test]
    fn every_word_of_every_table_is_found_again() {
        for language in Language::ALL {
            for (phrases, meaning) in language.table().words {
                for phrase in phrases.split('|') {
                    let all = tokens(phrase, &[]);
                    let found = language.lexicon().readings(phrase, &all, 0);
                    let is_found = found
                        .iter()
                        .any(|one| one.meaning == *meaning && one.end == all.len());
                    assert!(is_found, "{phrase}");
                }
            }
        }
    }
}
