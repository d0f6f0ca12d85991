//! Parameters of a content line (RFC 5545 §3.2, with the escapes of RFC 6868).

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

use super::lines::{Found, Line, Lines};
use super::name::Name;

/// Begins an entry of `unknown` that holds parameters of a property we model.
const MARK: char = ';';

/// Says of an occurrence in a timed series that its RECURRENCE-ID was a day. An entry of our own,
/// which stands beside that of the parameters a file gave: VALUE=DATE is never among those.
pub(super) const ON_A_DAY: &str = ";RECURRENCE-ID;VALUE=DATE";

impl Line<'_> {
    /// The value of a parameter, unquoted.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let parameters = self.parameters();
        if parameters.is_empty() {
            return None;
        }
        let found = each(parameters).find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| unquoted(value))
    }

    /// What stands after `TZID=`, unquoted.
    #[inline]
    pub(super) fn zone(&self) -> Option<Cow<'_, str>> {
        let parameters = self.parameters();
        if parameters.is_empty() {
            return None;
        }
        match only_zone(parameters) {
            Some(zone) => Some(Cow::Borrowed(zone)),
            None => self.parameter("TZID"),
        }
    }

    /// Whether a parameter has this value, in any letter case.
    pub(super) fn says(&self, name: &str, word: &str) -> bool {
        self.parameter(name)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    }

    /// The parameters that are not modelled, as an entry of `unknown`; `None` where there are
    /// none.
    pub(super) fn kept_parameters(
        &self,
        is_modelled: impl Fn(&str, &str) -> bool,
    ) -> Option<String> {
        let zone = only_zone(self.parameters());
        if self.parameters().is_empty() || zone.is_some_and(|zone| is_modelled("TZID", zone)) {
            return None;
        }
        let others = others(self.parameters(), is_modelled);
        if others.is_empty() {
            None
        } else {
            Some(format!("{MARK}{};{others}", self.kind().word()))
        }
    }
}

/// Parameters that are not modelled, as written. A quote that stays open at their end is closed, so
/// that it takes in nothing that is written after it.
pub(super) fn others(parameters: &str, is_modelled: impl Fn(&str, &str) -> bool) -> String {
    let mut kept = String::new();
    for (name, value) in each(parameters) {
        if !is_modelled(name, value) {
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(name);
            kept.push('=');
            kept.push_str(value);
        }
    }
    if kept.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        kept.push('"');
    }
    kept
}

/// Adds entries with parameters to `unknown`, behind all others: one for each property.
pub(super) fn put_parameters(unknown: &mut Vec<String>, mut entries: Vec<String>) {
    entries.sort();
    entries.dedup();
    for entry in entries {
        let end = |entry: &str| entry.get(1..)?.find(MARK).map(|at| at + 1);
        let last = unknown.last_mut().filter(|last| is_parameters(last));
        match (last, end(&entry)) {
            (Some(last), Some(at)) if last.get(..=at) == entry.get(..=at) => {
                last.push_str(entry.get(at..).unwrap_or_default());
            }
            _ => unknown.push(entry),
        }
    }
}

/// Whether an entry of `unknown` holds parameters of this property.
pub(super) fn is_parameters_of(entry: &str, name: Name) -> bool {
    let name = entry
        .strip_prefix(MARK)
        .and_then(|entry| entry.strip_prefix(name.word()));
    name.is_some_and(|rest| rest.starts_with(MARK))
}

/// Whether a name is one of these, in any letter case.
pub(super) fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// Whether an entry of `unknown` only holds parameters.
pub(super) fn is_parameters(entry: &str) -> bool {
    entry.starts_with(MARK)
}

/// The parameters that `unknown` holds for a property we model, as written.
pub(super) fn parameters_for(unknown: &[String], name: Name) -> Option<&str> {
    let mut marked = unknown
        .iter()
        .rev()
        .take_while(|entry| is_parameters(entry))
        .filter(|entry| *entry != ON_A_DAY);
    marked.find_map(|entry| {
        entry
            .strip_prefix(MARK)?
            .strip_prefix(name.word())?
            .strip_prefix(';')
    })
}

/// What `unknown` holds besides the value of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// What nobody can read: it may stand for a value that is the usual one.
    Unreadable,
    /// Parameters of the value, or what would be read if the value did not stand before it.
    More,
}

/// What `unknown` holds of a property; `is_read` says whether a value can be read.
pub(super) fn said(unknown: &[String], name: Name, is_read: impl Fn(&Line<'_>) -> bool) -> Said {
    let mut found = match parameters_for(unknown, name) {
        Some(_) => return Said::More,
        None => Said::Nothing,
    };
    for entry in unknown.iter().filter(|entry| is_line(entry, name)) {
        match Lines::new(entry.as_bytes()).next() {
            Some(Found::Line(line, _)) if is_read(&line) => return Said::More,
            _ => found = Said::Unreadable,
        }
    }
    found
}

/// Whether an entry of `unknown` is a line of this name with a value.
pub(super) fn is_line(entry: &str, name: Name) -> bool {
    let word = name.word();
    let Some((start, rest)) = entry.split_at_checked(word.len()) else {
        return false;
    };
    rest.starts_with([':', ';']) && start.eq_ignore_ascii_case(word)
}

/// Names and values of parameters, as written.
pub(super) fn each(parameters: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = parameters;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = end_of_first(rest.as_bytes());
            let (one, after) = rest.split_at_checked(end)?;
            rest = after.get(1..).unwrap_or_default();
            if !one.is_empty() {
                let Some(at) = one.bytes().position(|byte| byte == b'=') else {
                    return Some((one, ""));
                };
                let (name, value) = one.split_at_checked(at)?;
                return Some((name, value.get(1..).unwrap_or_default()));
            }
        }
    })
}

/// The zone, where nothing else is said: by far the most frequent of all parameters.
#[inline]
fn only_zone(parameters: &str) -> Option<&str> {
    let zone = parameters.strip_prefix("TZID=")?;
    memchr3(b';', b'"', b'^', zone.as_bytes())
        .is_none()
        .then_some(zone)
}

/// Where the first of several parameters ends; a semicolon between quotes is part of it.
fn end_of_first(parameters: &[u8]) -> usize {
    let mut is_quoted = false;
    let end = parameters.iter().position(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b';' && !is_quoted
    });
    end.unwrap_or(parameters.len())
}

/// A parameter value without its quotes and escapes.
pub(super) fn unquoted(value: &str) -> Cow<'_, str> {
    let mut value = value.trim_ascii();
    if memchr2(b'"', b'^', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    value = value.trim_matches('"');
    if !value.contains('^') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        if letter != '^' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => text.push('\n'),
            Some('\'') => text.push('"'),
            Some('^') => text.push('^'),
            Some(other) => text.extend(['^', other]),
            None => text.push('^'),
        }
    }
    Cow::Owned(text)
}
