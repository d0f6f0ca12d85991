//! Content lines (RFC 5545 §3.1): unfolded, borrowed from the file wherever they stand whole.
//!
//! Lines may end in CRLF, LF or CR alone, in one file too. Letters that are not UTF-8 are read as
//! Latin-1. The letters of the whole file are looked at once, so that a line costs little more
//! than finding its end.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

use super::name::Name;

/// A content line, unfolded: a name, parameters and a value.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    text: Cow<'a, str>,
    number: u32,
    /// Bytes before the first `;` or `:`.
    name_end: u32,
    /// Where the `:` before the value stands.
    colon: u32,
    name: Name,
}

impl Line<'_> {
    /// The whole line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which line of the file it begins on, from 1.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number as usize
    }

    /// The name, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(..self.name_end as usize).unwrap_or_default()
    }

    /// The value, as written.
    #[must_use]
    pub fn value(&self) -> &str {
        self.text.get(self.colon as usize + 1..).unwrap_or_default()
    }

    /// The parameters, as written, without the first `;`.
    #[must_use]
    pub fn parameters(&self) -> &str {
        self.text
            .get(self.name_end as usize + 1..self.colon as usize)
            .unwrap_or_default()
    }

    /// The line, borrowed from nothing.
    pub(super) fn into_owned(self) -> Line<'static> {
        Line {
            text: Cow::Owned(self.text.into_owned()),
            number: self.number,
            name_end: self.name_end,
            colon: self.colon,
            name: self.name,
        }
    }

    /// Which of the names we know it is.
    pub(super) const fn kind(&self) -> Name {
        self.name
    }
}

/// A line with more than this, unfolded, is left out: no device could send it to another.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// What stands on a line.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A content line; whether its letters were UTF-8.
    Line(Line<'a>, bool),
    /// Something without a name and a value.
    Bad(usize),
    /// More than [`LINE_BYTES_MAX`].
    Long(usize),
}

/// Reads the lines of a file.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// The same as text, where all of it is UTF-8.
    text: Option<&'a str>,
    at: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            at: 0,
            number: 1,
        }
    }

    /// One line of the file, without its end.
    #[inline]
    fn physical(&mut self) -> Range<usize> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let (length, end) = line_end(rest);
        self.at = start + length + end;
        self.number = self.number.saturating_add(1);
        start..start + length
    }

    #[inline]
    fn is_fold_next(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(b' ' | b'\t'))
    }

    /// The line that begins with `first` and goes on in the next, in a file that is all UTF-8;
    /// `None` where a fold parts a letter.
    fn unfolded_text(&mut self, first: Range<usize>) -> Option<String> {
        let text = self.text?;
        let mut whole = String::with_capacity(2 * first.len() + 80);
        whole.push_str(text.get(first)?);
        while self.is_fold_next() {
            let next = self.physical();
            let next = text.get(next.start + 1..next.end)?;
            if whole.len() <= LINE_BYTES_MAX {
                whole.push_str(next);
            }
        }
        Some(whole)
    }

    /// Like [`Self::unfolded_text`], in any file.
    fn unfolded(&mut self, first: Range<usize>) -> Vec<u8> {
        let mut whole = Vec::with_capacity(2 * first.len() + 80);
        whole.extend_from_slice(self.bytes.get(first).unwrap_or_default());
        while self.is_fold_next() {
            let next = self.physical();
            let next = self.bytes.get(next.start + 1..next.end);
            if whole.len() <= LINE_BYTES_MAX {
                whole.extend_from_slice(next.unwrap_or_default());
            }
        }
        whole
    }

    /// A line that stands whole, in a file that is not all UTF-8.
    fn whole(&self, range: Range<usize>, number: u32) -> Found<'a> {
        let bytes = self.bytes.get(range).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => found(Cow::Borrowed(text), number, true),
            Err(_) => found(Cow::Owned(latin(bytes)), number, false),
        }
    }

    /// A line that goes on in the next; `None` where nothing stands on it.
    #[inline(never)]
    fn folded(&mut self, first: Range<usize>, number: u32) -> Option<Found<'a>> {
        let (at, line) = (self.at, self.number);
        if let Some(whole) = self.unfolded_text(first.clone()) {
            let is_blank = is_blank(whole.as_bytes());
            return (!is_blank).then(|| found(Cow::Owned(whole), number, true));
        }
        (self.at, self.number) = (at, line);
        let whole = self.unfolded(first);
        if is_blank(&whole) {
            return None;
        }
        Some(match String::from_utf8(whole) {
            Ok(text) => found(Cow::Owned(text), number, true),
            Err(error) => found(Cow::Owned(latin(error.as_bytes())), number, false),
        })
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Found<'a>;

    #[inline]
    fn next(&mut self) -> Option<Found<'a>> {
        while self.at < self.bytes.len() {
            let number = self.number;
            let line = self.physical();
            if self.is_fold_next() {
                match self.folded(line, number) {
                    None => continue,
                    found => return found,
                }
            }
            match self.text.and_then(|text| text.get(line.clone())) {
                Some(text) if is_blank(text.as_bytes()) => {}
                Some(text) => return Some(found(Cow::Borrowed(text), number, true)),
                None if is_blank(self.bytes.get(line.clone()).unwrap_or_default()) => {}
                None => return Some(self.whole(line, number)),
            }
        }
        None
    }
}

/// How long the first line is, and how long its end.
///
/// CR alone is an end where a line or the rest of a folded one follows; elsewhere it is a letter of
/// a text, and what stands behind it is not lost.
#[inline]
fn line_end(bytes: &[u8]) -> (usize, usize) {
    let mut from = 0;
    while let Some(found) = memchr2(b'\r', b'\n', bytes.get(from..).unwrap_or_default()) {
        let at = from + found;
        let rest = bytes.get(at..).unwrap_or_default();
        let returns = rest.iter().take_while(|byte| **byte == b'\r').count();
        match rest.get(returns..) {
            Some([b'\n', ..]) => return (at, returns + 1),
            Some(next) if !begins_line(next) => from = at + returns,
            _ => return (at, returns),
        }
    }
    (bytes.len(), 0)
}

/// Names are shorter than this.
const NAME_MAX: usize = 64;

/// Whether a content line begins here, or goes on; at the end of a file nothing more does.
fn begins_line(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else {
        return true;
    };
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut others = bytes
        .iter()
        .take(NAME_MAX)
        .skip_while(|byte| is_of_name(byte));
    matches!(first, b' ' | b'\t') || is_of_name(first) && matches!(others.next(), Some(b':' | b';'))
}

#[inline]
fn is_blank(line: &[u8]) -> bool {
    line.first().is_none_or(u8::is_ascii_whitespace) && line.iter().all(u8::is_ascii_whitespace)
}

#[inline]
fn found(text: Cow<'_, str>, number: u32, is_utf8: bool) -> Found<'_> {
    if text.len() > LINE_BYTES_MAX {
        return Found::Long(number as usize);
    }
    // Room before a name, in a line that goes on from none, would make it go on when it is written.
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii_start()),
        Cow::Owned(text) if text.starts_with([' ', '\t']) => {
            Cow::Owned(text.trim_ascii_start().to_owned())
        }
        Cow::Owned(text) => Cow::Owned(text),
    };
    let Some((name_end, colon)) = marks(text.as_bytes()) else {
        return Found::Bad(number as usize);
    };
    let name = Name::of(text.as_bytes().get(..name_end).unwrap_or_default());
    let (Ok(name_end), Ok(colon)) = (u32::try_from(name_end), u32::try_from(colon)) else {
        return Found::Bad(number as usize);
    };
    let line = Line {
        text,
        number,
        name_end,
        colon,
        name,
    };
    Found::Line(line, is_utf8)
}

/// Where the name ends and where the value begins; a colon between quotes is not the one.
#[inline]
fn marks(bytes: &[u8]) -> Option<(usize, usize)> {
    // Names are short: looking at each letter is quicker than a search made for long texts.
    let name_end = bytes.iter().position(|byte| matches!(byte, b':' | b';'))?;
    if name_end == 0 {
        return None;
    }
    if bytes.get(name_end) == Some(&b':') {
        return Some((name_end, name_end));
    }
    let mut at = name_end;
    loop {
        let rest = bytes.get(at..)?;
        // A quote that never closes: the first colon must do.
        let Some(next) = memchr2(b':', b'"', rest) else {
            return first_colon(bytes, name_end);
        };
        at += next;
        if bytes.get(at) == Some(&b':') {
            return Some((name_end, at));
        }
        match memchr(b'"', bytes.get(at + 1..)?) {
            Some(closing) => at += closing + 2,
            None => return first_colon(bytes, name_end),
        }
    }
}

fn first_colon(bytes: &[u8], name_end: usize) -> Option<(usize, usize)> {
    let colon = memchr(b':', bytes.get(name_end..)?)?;
    Some((name_end, name_end + colon))
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
