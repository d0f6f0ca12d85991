//! Content lines (RFC 5545 §3.1): unfolded, borrowed from the file wherever they stand whole.
//!
//! Lines may end in CRLF, LF or CR alone. Letters that are not UTF-8 are read as Latin-1.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// A content line, unfolded.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// The whole line.
    pub(super) text: Cow<'a, str>,
    /// Which line of the file it begins on, from 1.
    pub(super) number: usize,
    /// Bytes before the first `;` or `:`.
    name_end: usize,
    /// Where the `:` before the value stands.
    colon: usize,
}

impl Line<'_> {
    /// The name, as written.
    pub(super) fn name(&self) -> &str {
        self.text.get(..self.name_end).unwrap_or_default()
    }

    /// The value, as written.
    pub(super) fn value(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    /// The parameters, as written, without the first `;`.
    pub(super) fn parameters(&self) -> &str {
        self.text
            .get(self.name_end + 1..self.colon)
            .unwrap_or_default()
    }

    /// Whether the name is this one, in any letter case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }
}

/// What stands on a line.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A content line; whether its letters were UTF-8.
    Line(Line<'a>, bool),
    /// Something without a name and a value.
    Bad(usize),
}

/// Reads the lines of a file.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
            number: 1,
        }
    }

    /// One line of the file, without its end.
    fn physical(&mut self) -> &'a [u8] {
        let rest = self.rest;
        let end = match memchr(b'\n', rest) {
            Some(end) => end,
            // Old files end lines in CR alone; a file without any LF is taken for one.
            None => memchr(b'\r', rest).unwrap_or(rest.len()),
        };
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        self.rest = after.get(1..).unwrap_or_default();
        self.number += 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let number = self.number;
            let first = self.physical();
            let is_folded = matches!(self.rest.first(), Some(b' ' | b'\t'));
            if !is_folded {
                if first.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Some(found(Cow::Borrowed(first), number));
            }
            let mut whole = first.to_vec();
            while matches!(self.rest.first(), Some(b' ' | b'\t')) {
                whole.extend_from_slice(self.physical().get(1..).unwrap_or_default());
            }
            if whole.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Some(found(Cow::Owned(whole), number));
        }
    }
}

fn found(bytes: Cow<'_, [u8]>, number: usize) -> Found<'_> {
    let Some((name_end, colon)) = marks(&bytes) else {
        return Found::Bad(number);
    };
    let (text, is_utf8) = match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), true),
            Err(_) => (Cow::Owned(latin(bytes)), false),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (Cow::Owned(text), true),
            Err(error) => (Cow::Owned(latin(error.as_bytes())), false),
        },
    };
    let (name_end, colon) = if is_utf8 {
        (name_end, colon)
    } else {
        marks(text.as_bytes()).unwrap_or((name_end, colon))
    };
    Found::Line(
        Line {
            text,
            number,
            name_end,
            colon,
        },
        is_utf8,
    )
}

/// Where the name ends and where the value begins; a colon between quotes is not the one.
fn marks(bytes: &[u8]) -> Option<(usize, usize)> {
    let name_end = memchr2(b':', b';', bytes)?;
    if name_end == 0 {
        return None;
    }
    if bytes.get(name_end) == Some(&b':') {
        return Some((name_end, name_end));
    }
    let mut is_quoted = false;
    for (at, byte) in bytes.iter().enumerate().skip(name_end) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b':' if !is_quoted => return Some((name_end, at)),
            _ => {}
        }
    }
    // A quote that never closes: the first colon must do.
    let colon = memchr(b':', bytes.get(name_end..)?)?;
    Some((name_end, name_end + colon))
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
