//! Texts in a file: escaped as RFC 5545 §3.3.11 has it, and lines folded as §3.1 does.

/// A text without its escapes.
pub(super) fn unescaped(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// A text with its escapes. Control characters that no file may hold are dropped.
pub(super) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            control if control.is_control() && control != '\t' => {}
            letter => value.push(letter),
        }
    }
    value
}

/// Members of a list of texts, separated by commas that are not escaped.
pub(super) fn members(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut is_escaped = false;
    for (at, byte) in value.bytes().enumerate() {
        if byte == b',' && !is_escaped {
            found.push(unescaped(value.get(from..at).unwrap_or_default()));
            from = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    found.push(unescaped(value.get(from..).unwrap_or_default()));
    found.retain(|one| !one.trim().is_empty());
    found
}

/// Octets of a line before it is folded.
const OCTETS_MAX: usize = 75;

/// Writes a content line, folded between letters, and its end. A line break inside it would
/// start a line of its own, and is dropped.
pub(super) fn put_line(out: &mut String, line: &str) {
    let mut room = OCTETS_MAX;
    for letter in line.chars().filter(|letter| !matches!(letter, '\r' | '\n')) {
        if letter.len_utf8() > room {
            out.push_str("\r\n ");
            room = OCTETS_MAX - 1;
        }
        out.push(letter);
        room -= letter.len_utf8();
    }
    out.push_str("\r\n");
}
