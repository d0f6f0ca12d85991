//! Texts in a file, with the escapes of RFC 5545 §3.3.11 taken away.

use std::borrow::Cow;

use memchr::memchr;

/// A text without its escapes.
pub(super) fn unescaped(value: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', value.as_bytes()) else {
        return Cow::Borrowed(value);
    };
    let (plain, rest) = value.split_at_checked(first).unwrap_or((value, ""));
    let mut text = String::with_capacity(value.len());
    text.push_str(plain);
    let mut rest = rest;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        text.push_str(plain);
        let mut letters = escape.chars();
        letters.next();
        match letters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(other) => text.push(other),
            None => {}
        }
        rest = letters.as_str();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Members of a list of texts, separated by commas that are not escaped.
pub(super) fn members(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(value);
    let each = std::iter::from_fn(move || {
        let all = rest?;
        let mut is_escaped = false;
        let comma = all.bytes().position(|byte| {
            let is_end = byte == b',' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        let (one, after) = match comma {
            Some(at) => all.split_at_checked(at).unwrap_or((all, "")),
            None => (all, ""),
        };
        rest = comma.and_then(|_| after.get(1..));
        Some(unescaped(one))
    });
    each.filter(|one| !one.trim().is_empty())
}

/// The beginning of a text, for a sentence about it.
pub(super) fn shortened(text: &str) -> String {
    const LETTERS_MAX: usize = 60;
    match text.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The text of a file in UTF-16, which begins with a mark that says so; `None` for any other.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (rest, number): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let pairs = rest.chunks_exact(2);
    let numbers = pairs.filter_map(|pair| Some(number(pair.try_into().ok()?)));
    let letters = char::decode_utf16(numbers);
    Some(
        letters
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_away() {
        for (value, text) in [
            ("plain", "plain"),
            ("a\\, b\\; c\\nd\\\\e", "a, b; c\nd\\e"),
            ("\\Nä\\ü\\", "\näü"),
        ] {
            assert_eq!(unescaped(value), text);
        }
        let found: Vec<_> = members("a,b\\,c,, d\\\\,e").collect();
        assert_eq!(found, ["a", "b,c", " d\\", "e"]);
    }
}
