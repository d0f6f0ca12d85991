//! The text of a file as it is written: lines folded as RFC 5545 §3.1 has it.
//!
//! Everything goes straight into one text. A line is built by pushing its pieces and then ended;
//! only one that is too long is taken up again, to be folded between letters.

use jiff::civil::{Date, DateTime};
use memchr::memchr2;

use crate::original::OriginalStart;

/// Octets of a line before it is folded.
const OCTETS_MAX: usize = 75;

/// A file being written.
#[derive(Debug, Default)]
pub(super) struct Out {
    text: String,
    /// Where the line that is being written begins.
    from: usize,
    /// A long line while it is folded; kept, so that folding needs no memory of its own.
    spare: String,
}

impl Out {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds a word of ours to the line.
    #[inline]
    pub(super) fn word(&mut self, word: &'static str) {
        self.text.push_str(word);
    }

    /// Adds to the line. A line break inside would start a line of its own, and is dropped.
    pub(super) fn push(&mut self, piece: &str) {
        let mut rest = piece;
        while let Some(at) = memchr2(b'\r', b'\n', rest.as_bytes()) {
            self.text.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        self.text.push_str(rest);
    }

    /// Adds a text with the escapes of RFC 5545 §3.3.11. Control characters that no file may
    /// hold are dropped.
    pub(super) fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(must_be_escaped) {
            let (plain, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.text.push_str(plain);
            let mut letters = after.chars();
            match letters.next() {
                Some('\n') => self.text.push_str("\\n"),
                Some(letter @ ('\\' | ';' | ',')) => self.text.extend(['\\', letter]),
                Some(_) | None => {}
            }
            rest = letters.as_str();
        }
        self.text.push_str(rest);
    }

    /// Adds a parameter value: with the escapes of RFC 6868, and quoted where it must be.
    pub(super) fn quoted(&mut self, value: &str) {
        let is_plain =
            |byte: u8| byte >= 0x20 && !matches!(byte, b':' | b';' | b',' | b'"' | b'^' | 0x7f);
        let has_room_around = value.trim_ascii().len() < value.len();
        if value.bytes().all(is_plain) && !has_room_around {
            return self.text.push_str(value);
        }
        let quote = if has_room_around || value.contains([':', ';', ',']) {
            "\""
        } else {
            ""
        };
        self.text.push_str(quote);
        for letter in value.chars() {
            match letter {
                '\n' => self.text.push_str("^n"),
                '"' => self.text.push_str("^'"),
                '^' => self.text.push_str("^^"),
                control if control.is_ascii_control() && control != '\t' => {}
                letter => self.text.push(letter),
            }
        }
        self.text.push_str(quote);
    }

    /// Adds a number.
    pub(super) fn number(&mut self, value: u32) {
        if value >= 10 {
            self.number(value / 10);
        }
        self.text
            .push(char::from_digit(value % 10, 10).unwrap_or('0'));
    }

    /// Adds anything that can be shown.
    pub(super) fn shown(&mut self, value: impl std::fmt::Display) {
        use std::fmt::Write;
        let _infallible = write!(self.text, "{value}");
    }

    /// Adds a start in the form of RFC 5545, without dashes and colons.
    pub(super) fn start(&mut self, start: &OriginalStart) {
        match start {
            OriginalStart::Date(date) => self.date(*date),
            OriginalStart::Local(at) => self.clock(*at),
            OriginalStart::Utc(at) => {
                self.clock(*at);
                self.text.push('Z');
            }
        }
    }

    fn date(&mut self, date: Date) {
        match u32::try_from(date.year()) {
            Ok(year) => {
                self.two(year / 100);
                self.two(year % 100);
            }
            Err(_) => self.shown(format_args!("{:04}", date.year())),
        }
        self.two(u32::from(date.month().unsigned_abs()));
        self.two(u32::from(date.day().unsigned_abs()));
    }

    fn clock(&mut self, at: DateTime) {
        self.date(at.date());
        self.text.push('T');
        for part in [at.hour(), at.minute(), at.second()] {
            self.two(u32::from(part.unsigned_abs()));
        }
    }

    fn two(&mut self, value: u32) {
        for digit in [value / 10 % 10, value % 10] {
            self.text.push(char::from_digit(digit, 10).unwrap_or('0'));
        }
    }

    /// Ends the line.
    pub(super) fn end(&mut self) {
        if self.text.len() - self.from > OCTETS_MAX {
            self.fold();
        }
        self.text.push_str("\r\n");
        self.from = self.text.len();
    }

    fn fold(&mut self) {
        self.spare.clear();
        self.spare
            .push_str(self.text.get(self.from..).unwrap_or_default());
        self.text.truncate(self.from);
        let mut rest = self.spare.as_str();
        let mut room = OCTETS_MAX;
        while rest.len() > room {
            let (line, after) = rest
                .split_at_checked(rest.floor_char_boundary(room))
                .unwrap_or((rest, ""));
            self.text.push_str(line);
            self.text.push_str("\r\n ");
            rest = after;
            room = OCTETS_MAX - 1;
        }
        self.text.push_str(rest);
    }

    /// Writes a whole line.
    pub(super) fn line(&mut self, line: &str) {
        self.push(line);
        self.end();
    }

    /// Writes a raw entry: one line, or a component with its lines joined by CRLF.
    pub(super) fn raw(&mut self, entry: &str) {
        entry.lines().for_each(|line| self.line(line));
    }
}

/// Bytes that a text may not hold as they are.
const fn must_be_escaped(byte: u8) -> bool {
    matches!(byte, b'\\' | b';' | b',' | 0x7f) || (byte < 0x20 && byte != b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_letters() {
        let mut out = Out::default();
        out.line(&"ü".repeat(80));
        out.push("SUMMARY:");
        out.escaped("a\nb\u{1}c");
        out.end();
        let text = out.into_text();
        assert!(text.lines().all(|line| line.len() <= OCTETS_MAX));
        assert_eq!(
            text.replace("\r\n ", "").lines().next(),
            Some("ü".repeat(80).as_str())
        );
        assert!(text.ends_with("\r\nSUMMARY:a\\nbc\r\n"));
    }

    #[test]
    fn times_are_written_without_dashes() {
        for text in ["20261120", "00440315T010203", "20261120T100030Z"] {
            let mut out = Out::default();
            out.start(&text.parse().unwrap());
            assert_eq!(out.into_text(), text);
        }
    }
}
