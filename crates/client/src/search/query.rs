//! What a person types into the search field, taken apart. No text is an error.

use almanac_store::{Column, Sought, Term};
use jiff::civil::Date;

use super::index::{Facet, TEXTS};
use super::words;

/// Words that are looked for at once; more say nothing more.
const WORDS_MAX: usize = 16;

/// A search, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// All of these stand in the event.
    pub(super) sequences: Vec<Sequence>,
    pub(super) facets: Vec<Facet>,
    /// Beginnings of calendars' names, folded: any of them.
    pub(super) calendars: Vec<String>,
    /// First day.
    pub(super) from: Option<Date>,
    /// First day after.
    pub(super) to: Option<Date>,
    pub(super) time: Time,
    pub(super) place: Place,
    /// Filters that say nothing as they are typed.
    pub(super) ignored: Vec<String>,
}

/// On which side of the present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Time {
    #[default]
    Any,
    Upcoming,
    Past,
}

/// Where is looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Calendars,
    Trash,
}

/// Words that stand one after the other in one text of one of these columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) columns: Vec<Column>,
    pub(super) words: Vec<Word>,
}

/// A word in the ways it may be spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    forms: Vec<String>,
    is_beginning: bool,
}

/// A piece of the text: what stands before the colon, and whether what follows is quoted.
struct Piece<'a> {
    key: Option<&'a str>,
    value: &'a str,
    is_quoted: bool,
    /// Nothing follows: the person may still be typing it.
    is_last: bool,
}

impl Word {
    /// Whether a folded word is this one.
    pub(super) fn fits(&self, word: &str) -> bool {
        self.forms.iter().any(|form| {
            if self.is_beginning {
                word.starts_with(form.as_str())
            } else {
                word == form
            }
        })
    }

    fn sought(&self) -> Vec<Sought> {
        let sought = |form: &String| {
            if self.is_beginning {
                Sought::Beginning(form.clone())
            } else {
                Sought::Whole(form.clone())
            }
        };
        self.forms.iter().map(sought).collect()
    }
}

impl Parsed {
    /// Takes a text apart.
    pub(super) fn of(text: &str) -> Self {
        let mut parsed = Self::default();
        for piece in pieces(text) {
            let is_known = match piece.key {
                Some(key) => parsed.filter(key, &piece),
                None => {
                    parsed.words(&TEXTS, &piece);
                    true
                }
            };
            if !is_known {
                let key = piece.key.unwrap_or_default();
                parsed.words(
                    &TEXTS,
                    &Piece {
                        value: key,
                        is_last: false,
                        ..piece
                    },
                );
                parsed.words(&TEXTS, &piece);
            }
        }
        parsed.sequences.truncate(WORDS_MAX);
        parsed
    }

    /// The conditions that the index answers.
    pub(super) fn terms(&self) -> Vec<Term> {
        let words = self.sequences.iter().flat_map(|sequence| {
            sequence.words.iter().map(|word| Term {
                columns: sequence.columns.clone(),
                any_of: word.sought(),
            })
        });
        words
            .chain(self.facets.iter().map(|facet| has(&[*facet])))
            .collect()
    }

    /// Whether it asks for anything at all.
    pub(super) fn asks(&self) -> bool {
        let is_bounded = self.from.is_some() || self.to.is_some() || self.time != Time::Any;
        !self.sequences.is_empty()
            || !self.facets.is_empty()
            || !self.calendars.is_empty()
            || is_bounded
            || self.place == Place::Trash
    }

    fn filter(&mut self, key: &str, piece: &Piece<'_>) -> bool {
        let value = words::folded(piece.value);
        match words::folded(key).as_str() {
            "calendar" if !value.is_empty() => self.calendars.push(value),
            "title" => self.words(&[Column::Title], piece),
            "place" | "at" => self.words(&[Column::Place], piece),
            "notes" => self.words(&[Column::Notes], piece),
            "with" => self.words(&[Column::People], piece),
            "category" => self.words(&[Column::Labels], piece),
            "before" => self.days(piece.value, |found, days| found.to = Some(days.0)),
            "after" => self.days(piece.value, |found, days| found.from = Some(days.1)),
            "from" => self.days(piece.value, |found, days| found.from = Some(days.0)),
            "on" | "in" if !matches!(value.as_str(), "trash") => {
                self.days(piece.value, |found, days| {
                    (found.from, found.to) = (Some(days.0), Some(days.1));
                });
            }
            "is" | "task" | "has" | "in" => self.mark(key, &value),
            _ => return false,
        }
        true
    }

    fn mark(&mut self, key: &str, value: &str) {
        let facet = match (words::folded(key).as_str(), value) {
            ("is", "task") => Facet::Task,
            ("is", "event") => Facet::Event,
            ("is" | "task", "open") => Facet::Open,
            ("is" | "task", "done") => Facet::Done,
            ("is", "repeating" | "series") => Facet::Repeats,
            ("has", "guests") => Facet::Guests,
            ("is", "upcoming" | "future") => return self.time = Time::Upcoming,
            ("is", "past") => return self.time = Time::Past,
            ("is" | "in", "trash" | "trashed") => return self.place = Place::Trash,
            _ => return self.ignored.push(format!("{key}:{value}")),
        };
        self.facets.push(facet);
    }

    fn days(&mut self, value: &str, set: impl FnOnce(&mut Self, (Date, Date))) {
        match days_of(value) {
            Some(days) => set(self, days),
            None => self.ignored.push(value.to_owned()),
        }
    }

    fn words(&mut self, columns: &[Column], piece: &Piece<'_>) {
        let mut found = Vec::new();
        words::each(piece.value, |_, range| {
            let raw = piece.value.get(range).unwrap_or_default();
            found.push(Word {
                forms: forms_of(raw),
                is_beginning: false,
            });
        });
        let ends_with_word = piece.value.ends_with(char::is_alphanumeric);
        if let Some(last) = found.last_mut() {
            last.is_beginning = piece.is_last && ends_with_word;
        }
        let sequence = |words| Sequence {
            columns: columns.to_vec(),
            words,
        };
        if piece.is_quoted && !found.is_empty() {
            self.sequences.push(sequence(found));
        } else {
            let each = found.into_iter().map(|word| sequence(vec![word]));
            self.sequences.extend(each);
        }
    }
}

/// The condition that an event has one of these marks.
pub(super) fn has(any_of: &[Facet]) -> Term {
    Term {
        columns: vec![Column::Facets],
        any_of: any_of
            .iter()
            .map(|facet| Sought::Whole(facet.word()))
            .collect(),
    }
}

/// Words between spaces, `key:word`, `"several words"` and `key:"several words"`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, value) = key_of(rest);
        let quoted = value.strip_prefix(['"', '“', '„']);
        let body = quoted.unwrap_or(value);
        let end = match quoted {
            Some(_) => body.find(['"', '”', '“']),
            None => body.find(char::is_whitespace),
        };
        let (value, after) = body.split_at(end.unwrap_or(body.len()));
        found.push(Piece {
            key,
            value,
            is_quoted: quoted.is_some(),
            is_last: end.is_none(),
        });
        rest = match quoted {
            Some(_) => after.strip_prefix(['"', '”', '“']).unwrap_or(after),
            None => after,
        }
        .trim_start();
    }
    found
}

fn key_of(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((key, value)) if !key.is_empty() && key.chars().all(char::is_alphabetic) => {
            (Some(key), value)
        }
        Some(_) | None => (None, text),
    }
}

/// `2026`, `2026-11` or `2026-11-20`: its first day, and the first day after.
fn days_of(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text.split('-').collect();
    let (first, length) = match parts.as_slice() {
        [year] if year.len() == 4 => (format!("{year}-01-01"), jiff::Span::new().years(1)),
        [year, month] => (format!("{year}-{month}-01"), jiff::Span::new().months(1)),
        [_, _, _] => (text.to_owned(), jiff::Span::new().days(1)),
        _ => return None,
    };
    let first: Date = first.parse().ok()?;
    Some((first, first.checked_add(length).ok()?))
}

/// A word folded, and the ways in which Germans write it without or with their umlauts.
fn forms_of(raw: &str) -> Vec<String> {
    let folded = words::list(raw).concat();
    let spelled: String = raw
        .chars()
        .map(|c| match c {
            'ä' | 'Ä' => "ae".to_owned(),
            'ö' | 'Ö' => "oe".to_owned(),
            'ü' | 'Ü' => "ue".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let spelled = words::list(&spelled).concat();
    let short = folded
        .replace("ae", "a")
        .replace("oe", "o")
        .replace("ue", "u");
    let mut forms = vec![folded];
    for form in [spelled, short] {
        if !form.is_empty() && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a search, each with `*` where it is a beginning, sequences in brackets.
    fn check(text: &str, expected: &str) {
        let parsed = Parsed::of(text);
        let shown = parsed.sequences.iter().map(|sequence| {
            let words: Vec<String> = sequence
                .words
                .iter()
                .map(|word| {
                    let mark = if word.is_beginning { "*" } else { "" };
                    format!("{}{mark}", word.forms.join("/"))
                })
                .collect();
            match words.as_slice() {
                [one] => one.clone(),
                _ => format!("[{}]", words.join(" ")),
            }
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{text}");
    }

    #[test]
    fn the_last_word_may_be_unfinished() {
        check("Lunch ad", "lunch ad*");
        check("lunch ada ", "lunch ada");
        check("stand-up", "stand up*");
        check("Müller ", "muller/mueller");
        check("mueller ", "mueller/muller");
        check("東京", "東 京*");
        check("", "");
        check("(", "");
    }

    #[test]
    fn quotes_hold_words_together() {
        check("\"team lunch\" ada", "[team lunch] ada*");
        check("\"team lu", "[team lu*]");
        check("„team lunch“ ada ", "[team lunch] ada");
        check("\"\"", "");
        check("\"", "");
    }

    #[test]
    fn filters_are_words_with_a_colon() {
        let parsed = Parsed::of(
            "calendar:\"My Work\" before:2026-12-01 from:2026 task:open has:guests is:upcoming x",
        );
        assert_eq!(parsed.calendars, ["my work"]);
        assert_eq!(parsed.to, "2026-12-01".parse().ok());
        assert_eq!(parsed.from, "2026-01-01".parse().ok());
        assert_eq!(parsed.facets, [Facet::Open, Facet::Guests]);
        assert_eq!(
            (parsed.time, parsed.place),
            (Time::Upcoming, Place::Calendars)
        );
        assert_eq!(parsed.sequences.len(), 1);
        let month = Parsed::of("in:2026-02");
        assert_eq!(month.to, "2026-03-01".parse().ok());
        assert_eq!(Parsed::of("in:trash").place, Place::Trash);
        assert_eq!(
            Parsed::of("with:ada").sequences[0].columns,
            [Column::People]
        );
    }

    #[test]
    fn what_is_no_filter_is_looked_for() {
        check("re:lunch", "re lunch*");
        check("10:30", "10 30*");
        check("http://x", "http x*");
        assert_eq!(
            Parsed::of("is:blue before:soon").ignored,
            ["is:blue", "soon"]
        );
        assert_eq!(Parsed::of("before:").ignored, [""]);
    }
}
