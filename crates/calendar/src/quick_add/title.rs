//! What is left of a text when its parts are taken out.

use std::ops::Range;

use super::reader::Reader;
use super::text::Kind;
use super::word::{Meaning, Word};

/// Quotation marks, opening and closing.
const MARKS: &[(char, char)] = &[
    ('"', '"'),
    ('“', '”'),
    ('„', '“'),
    ('„', '”'),
    ('«', '»'),
    ('»', '«'),
];
/// Signs that only hold parts together, and mean nothing beside a gap.
const LOOSE: &[char] = &[',', ';', '-', '–', '—', '|', '·', ':', '.'];
/// Names taken from one text.
const NAMES_MAX: usize = 16;

/// The text without its quotation marks, if it is one quotation.
pub(super) fn unquoted(text: &str) -> &str {
    let inner = MARKS.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inner.contains([*open, *close])).then_some(inner)
    });
    inner.map_or(text, str::trim)
}

/// The title: the stretches between the parts, joined by single spaces. `parts` are bytes, in order.
pub(super) fn title(text: &str, parts: &[Range<usize>]) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut at = 0;
    for (index, part) in parts.iter().filter(|part| !part.is_empty()).enumerate() {
        push(&mut words, text.get(at..part.start), index > 0, true);
        at = part.end.max(at);
    }
    let is_after_part = parts.iter().any(|part| !part.is_empty());
    push(&mut words, text.get(at..), is_after_part, false);
    let joined = words.join(" ");
    unquoted(joined.trim()).to_owned()
}

/// Adds a stretch without the signs that held it and a part together.
fn push<'a>(words: &mut Vec<&'a str>, stretch: Option<&'a str>, is_after: bool, is_before: bool) {
    let mut stretch = stretch.unwrap_or_default().trim();
    for pair in ["()", "[]"] {
        let is_torn = is_after && is_before && pair.starts_with(stretch) && pair.ends_with(stretch);
        if is_torn || stretch == pair {
            stretch = "";
        }
    }
    if is_after
        && stretch
            .chars()
            .all(|one| LOOSE.contains(&one) || "!?…".contains(one))
    {
        stretch = "";
    }
    if is_after {
        // A sign that ends a sentence stays with the words before it.
        stretch =
            stretch.trim_start_matches(|one: char| LOOSE.contains(&one) || one.is_whitespace());
        stretch = torn(stretch, ')', '(');
    }
    if is_before {
        stretch = stretch.trim_end_matches(|one: char| {
            LOOSE.contains(&one) && one != '.' || one.is_whitespace()
        });
        stretch = torn_end(stretch);
    }
    if !stretch.is_empty() {
        words.push(stretch);
    }
}

/// Without a closing bracket whose opening one stands before a part.
fn torn(stretch: &str, close: char, open: char) -> &str {
    match stretch.strip_prefix(close) {
        Some(rest) if !rest.contains(open) || rest.starts_with(char::is_whitespace) => rest.trim(),
        Some("") => "",
        Some(_) | None => stretch,
    }
}

/// Without an opening bracket whose closing one stands after a part.
fn torn_end(stretch: &str) -> &str {
    stretch.strip_suffix('(').map_or(stretch, str::trim_end)
}

impl Reader<'_> {
    /// Capitalised words after a word for "with", outside the parts.
    pub(super) fn names(&self, is_part: impl Fn(usize) -> bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut at = 0;
        while at < self.len() && names.len() < NAMES_MAX {
            let Some(mut next) = self.is(at, Word::With).filter(|_| !is_part(at)) else {
                at += 1;
                continue;
            };
            while let Some(end) = self.name(next, &is_part) {
                names.push(self.words(next..end).to_owned());
                next = end;
                match self.is(next, Word::And) {
                    Some(after) => next = after,
                    None => break,
                }
            }
            at = next.max(at + 1);
        }
        names
    }

    /// One name of up to three words.
    fn name(&self, at: usize, is_part: &impl Fn(usize) -> bool) -> Option<usize> {
        const WORDS_MAX: usize = 3;
        let is_name = |at: &usize| {
            let is_word = self
                .token(*at)
                .is_some_and(|token| token.kind == Kind::Word);
            let is_capital = self.words(*at..*at + 1).starts_with(char::is_uppercase);
            is_word && is_capital && !is_part(*at)
        };
        let words = (at..at + WORDS_MAX).take_while(is_name).count();
        (words > 0).then_some(at + words)
    }

    /// Whether the title names a thing of the evening or of the morning.
    pub(super) fn thing_of(&self, wanted: Word, is_part: impl Fn(usize) -> bool) -> bool {
        (0..self.len()).any(|at| {
            let is_thing = |meaning: Meaning| meaning == Meaning::Is(wanted);
            !is_part(at) && self.readings(at).iter().any(|one| is_thing(one.meaning))
        })
    }
}
