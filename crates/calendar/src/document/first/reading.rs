//! What the change that made a document says, read from its bytes without making the document.
//!
//! Sound by construction: what was read is written again, and only where that gives the very bytes
//! is it believed. Anything else, hostile or of another program, is left to Automerge.

use std::str;

use super::super::flat::{Flat, TEXTS};
use super::{MAKE_TEXT, PUT, STRING, first_change};

/// Where the body's length stands: after magic, checksum and kind.
const LENGTH_AT: usize = 9;

/// What a change says that makes a document as [`first_change`] does; `None` of any other.
pub(in crate::document) fn flat_of(change: &[u8]) -> Option<Flat> {
    let mut body = Bytes(change.get(LENGTH_AT..)?);
    let _length = body.unsigned()?;
    let _predecessors = body.unsigned()?;
    let actor: [u8; 16] = body.bytes()?.try_into().ok()?;
    let _number = (body.unsigned()?, body.unsigned()?);
    let time = body.signed()?;
    let _message_and_actors = (body.unsigned()?, body.unsigned()?);
    let flat = Columns::read(body)?.flat()?;
    (first_change(&flat, actor, time).bytes == change).then_some(flat)
}

/// The columns that say something; the others follow from them.
#[derive(Default)]
struct Columns<'a> {
    names: Runs<'a, &'a str>,
    actions: Runs<'a, u64>,
    kinds: Runs<'a, u64>,
    values: Bytes<'a>,
}

impl<'a> Columns<'a> {
    fn read(mut body: Bytes<'a>) -> Option<Self> {
        let mut heads = Vec::new();
        for _ in 0..body.unsigned()? {
            heads.push((body.unsigned()?, body.unsigned()?));
        }
        let mut columns = Self::default();
        for (kind, length) in heads {
            let bytes = Bytes(body.take(length)?);
            match kind {
                0x15 => columns.names.bytes = bytes,
                0x42 => columns.actions.bytes = bytes,
                0x56 => columns.kinds.bytes = bytes,
                0x57 => columns.values = bytes,
                _ => {}
            }
        }
        Some(columns)
    }

    fn flat(mut self) -> Option<Flat> {
        let mut flat = Flat::default();
        // The text whose letters come.
        let mut text = 0;
        while let Some(action) = self.actions.next() {
            let (name, kind) = (self.names.next()?, self.kinds.next()??);
            let is_text = name.and_then(|name| TEXTS.iter().position(|known| *known == name));
            match (action?, name, is_text) {
                (PUT, Some(name), None) if kind & 0xf == STRING && !name.is_empty() => {
                    let value = str::from_utf8(self.values.take(kind >> 4)?).ok()?;
                    flat.entries.insert(name.to_owned(), value.to_owned());
                }
                (MAKE_TEXT, _, Some(at)) => text = at,
                (PUT, None, _) if kind & 0xf == STRING => {
                    let letter = str::from_utf8(self.values.take(kind >> 4)?).ok()?;
                    flat.texts.get_mut(text)?.push_str(letter);
                }
                _ => return None,
            }
        }
        Some(flat)
    }
}

/// Values in runs, as [`super::Runs`] writes them.
struct Runs<'a, T> {
    bytes: Bytes<'a>,
    /// Values left of this run.
    left: u64,
    /// The value of all of the run; `None` where each stands for itself.
    all: Option<Option<T>>,
}

impl<T> Default for Runs<'_, T> {
    fn default() -> Self {
        Self {
            bytes: Bytes::default(),
            left: 0,
            all: None,
        }
    }
}

impl<'a, T: Value<'a>> Runs<'a, T> {
    /// The next value, or nothing in its place; `None` at the end.
    fn next(&mut self) -> Option<Option<T>> {
        if self.left == 0 {
            let count = self.bytes.signed()?;
            self.left = count.unsigned_abs();
            self.all = match count {
                1.. => Some(Some(T::read(&mut self.bytes)?)),
                0 => {
                    self.left = self.bytes.unsigned().filter(|count| *count > 0)?;
                    Some(None)
                }
                _ => None,
            };
        }
        self.left -= 1;
        match self.all {
            Some(value) => Some(value),
            None => T::read(&mut self.bytes).map(Some),
        }
    }
}

/// A value of a column.
trait Value<'a>: Copy {
    fn read(from: &mut Bytes<'a>) -> Option<Self>;
}

impl Value<'_> for u64 {
    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        from.unsigned()
    }
}

impl<'a> Value<'a> for &'a str {
    fn read(from: &mut Bytes<'a>) -> Option<Self> {
        str::from_utf8(from.bytes()?).ok()
    }
}

/// What is left to read.
#[derive(Default, Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// LEB128.
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Signed LEB128.
    fn signed(&mut self) -> Option<i64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let is_negative = byte & 0x40 != 0 && shift + 7 < 64;
                return Some(if is_negative {
                    value | (-1 << (shift + 7))
                } else {
                    value
                });
            }
        }
        None
    }
}
