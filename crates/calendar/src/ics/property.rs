//! Parameters of a content line (RFC 5545 §3.2, with the escapes of RFC 6868).

use std::borrow::Cow;

use super::lines::Line;

impl Line<'_> {
    /// The value of a parameter, unquoted.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        each(self.parameters())
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| unquoted(value))
    }

    /// The parameters not named here, as written.
    pub(super) fn parameters_but(&self, known: &[&str]) -> String {
        let is_known = |name: &str| known.iter().any(|one| one.eq_ignore_ascii_case(name));
        let others = each(self.parameters()).filter(|(name, _)| !is_known(name));
        others
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(";")
    }
}

/// Names and values of parameters, as written.
fn each(parameters: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = parameters;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let mut is_quoted = false;
            let end = rest.bytes().position(|byte| {
                is_quoted ^= byte == b'"';
                byte == b';' && !is_quoted
            });
            let (one, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            rest = after.get(1..).unwrap_or_default();
            if !one.is_empty() {
                return Some(one.split_once('=').unwrap_or((one, "")));
            }
        }
    })
}

fn unquoted(value: &str) -> Cow<'_, str> {
    let value = value.trim().trim_matches('"');
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

/// A parameter value as it is written: escaped, and quoted where it must be.
pub(super) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\n' => text.push_str("^n"),
            '"' => text.push_str("^'"),
            '^' => text.push_str("^^"),
            control if control.is_control() => {}
            letter => text.push(letter),
        }
    }
    if text.contains([':', ';', ',']) {
        format!("\"{text}\"")
    } else {
        text
    }
}
