//! The bytes of the change that makes the document of an event, put together without a document.
//!
//! ```text
//! chunk    85 6f 4a 83 · first four bytes of the hash · 01 · length · body
//! body     no predecessors · actor · seq 1 · first operation 1 · time · no message
//!          · no other actors · columns: how many, each with its kind and length · their bytes
//! columns  one value for each operation, in runs: object, key, whether it inserts, what it does,
//!          its value, how many operations it replaces (none)
//! ```
//!
//! The format is Automerge's binary format for one uncompressed change, and the hash is SHA-256 of
//! all that follows the checksum. Automerge's own way goes over a list of operations, each with
//! names and ids on the heap, which for an import of thousands of events is the largest part of
//! the work. Invariant: of equal operations the bytes are those that Automerge writes.

mod reading;

use sha2::{Digest, Sha256};

use super::flat::{Flat, TEXTS};

pub(super) use reading::flat_of;

/// The change that makes a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstChange {
    /// One uncompressed Automerge change.
    pub bytes: Vec<u8>,
    /// Automerge's hash of it.
    pub hash: [u8; 32],
    /// Operations in it.
    pub operations: usize,
}

/// A value that is a text.
const STRING: u64 = 6;
/// What an operation does: writes a value, or makes a text.
const PUT: u64 = 1;
const MAKE_TEXT: u64 = 4;

/// Makes registers, then texts letter by letter. Texts are made also where they are empty: were
/// they made later, two devices could each make one, and what was written into the losing one
/// would be gone.
pub(super) fn first_change(flat: &Flat, actor: [u8; 16], time: i64) -> FirstChange {
    let mut columns = Columns::default();
    for (name, value) in flat.said() {
        columns.put(name, value);
    }
    for (name, text) in TEXTS.iter().zip(&flat.texts) {
        columns.text(name, text);
    }
    let operations = usize::try_from(columns.operations).unwrap_or(usize::MAX);
    let mut body = vec![0];
    put_bytes(&mut body, &actor);
    body.extend([1, 1]);
    put_signed(&mut body, time);
    body.extend([0, 0]);
    columns.write(&mut body);
    let mut head = vec![1];
    put_unsigned(&mut head, length(&body));
    let hash: [u8; 32] = Sha256::new()
        .chain_update(&head)
        .chain_update(&body)
        .finalize()
        .into();
    let mut bytes = Vec::with_capacity(8 + head.len() + body.len());
    bytes.extend([0x85, 0x6f, 0x4a, 0x83]);
    bytes.extend(hash.iter().take(4));
    bytes.append(&mut head);
    bytes.append(&mut body);
    FirstChange {
        bytes,
        hash,
        operations,
    }
}

/// The columns of the operations so far.
#[derive(Default)]
struct Columns<'a> {
    operations: u64,
    object_actor: Runs<u64>,
    object: Runs<u64>,
    key_actor: Runs<u64>,
    key: Runs<i64>,
    /// The number of the letter before, from which the next one is counted.
    key_before: i64,
    name: Runs<&'a str>,
    inserts: Flags,
    action: Runs<u64>,
    kind: Runs<u64>,
    values: Vec<u8>,
}

impl<'a> Columns<'a> {
    fn put(&mut self, name: &'a str, value: &str) {
        self.in_root(name, PUT, kind_of(length(value.as_bytes())));
        self.values.extend(value.as_bytes());
    }

    fn text(&mut self, name: &'a str, text: &str) {
        self.in_root(name, MAKE_TEXT, 0);
        let text_id = self.operations;
        let mut letters = 0;
        for letter in text.chars() {
            let bytes = u64::try_from(letter.len_utf8()).unwrap_or_default();
            self.kind.add(Some(kind_of(bytes)), 1);
            letters += 1;
        }
        if letters == 0 {
            return;
        }
        self.values.extend(text.as_bytes());
        self.object_actor.add(Some(0), letters);
        self.object.add(Some(text_id), letters);
        // The first letter stands at the head, every other one after the one before.
        self.key_actor.add(None, 1);
        self.key_actor.add(Some(0), letters - 1);
        self.after(0);
        if letters > 1 {
            self.after(i64::try_from(text_id + 1).unwrap_or(i64::MAX));
            self.key.add(Some(1), letters - 2);
            self.key_before = i64::try_from(text_id + letters - 1).unwrap_or(i64::MAX);
        }
        self.name.add(None, letters);
        self.inserts.add(true, letters);
        self.action.add(Some(PUT), letters);
        self.operations += letters;
    }

    fn after(&mut self, letter: i64) {
        self.key.add(Some(letter - self.key_before), 1);
        self.key_before = letter;
    }

    fn in_root(&mut self, name: &'a str, action: u64, kind: u64) {
        self.operations += 1;
        self.object_actor.add(None, 1);
        self.object.add(None, 1);
        self.key_actor.add(None, 1);
        self.key.add(None, 1);
        self.name.add(Some(name), 1);
        self.inserts.add(false, 1);
        self.action.add(Some(action), 1);
        self.kind.add(Some(kind), 1);
    }

    fn write(self, out: &mut Vec<u8>) {
        let mut replaced = Runs::default();
        replaced.add(Some(0_u64), self.operations);
        // By number of the column and type of its values, as Automerge orders them.
        let columns = [
            (0x01, self.object_actor.finish()),
            (0x02, self.object.finish()),
            (0x11, self.key_actor.finish()),
            (0x13, self.key.finish()),
            (0x15, self.name.finish()),
            (0x34, self.inserts.finish()),
            (0x42, self.action.finish()),
            (0x56, self.kind.finish()),
            (0x57, self.values),
            (0x70, replaced.finish()),
        ];
        let written = || columns.iter().filter(|(_, bytes)| !bytes.is_empty());
        put_unsigned(out, u64::try_from(written().count()).unwrap_or_default());
        for (kind, bytes) in written() {
            put_unsigned(out, *kind);
            put_unsigned(out, length(bytes));
        }
        for (_, bytes) in written() {
            out.extend(bytes);
        }
    }
}

/// Truths as lengths of runs, the first of them false.
#[derive(Default)]
struct Flags {
    out: Vec<u8>,
    last: bool,
    count: u64,
}

impl Flags {
    fn add(&mut self, value: bool, count: u64) {
        if value != self.last {
            put_unsigned(&mut self.out, self.count);
            self.last = value;
            self.count = 0;
        }
        self.count += count;
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            put_unsigned(&mut self.out, self.count);
        }
        self.out
    }
}

/// A value of a column.
trait Value: Copy + PartialEq {
    fn put(self, out: &mut Vec<u8>);
}

impl Value for u64 {
    fn put(self, out: &mut Vec<u8>) {
        put_unsigned(out, self);
    }
}

impl Value for i64 {
    fn put(self, out: &mut Vec<u8>) {
        put_signed(out, self);
    }
}

impl Value for &str {
    fn put(self, out: &mut Vec<u8>) {
        put_bytes(out, self.as_bytes());
    }
}

/// Values in runs: of one value (its count, the value), of nothing (0, the count), and of values
/// that all differ from their neighbours (minus their count, the values). Nothing but nothing is
/// not written at all.
struct Runs<T> {
    out: Vec<u8>,
    /// The run that is not written yet: a value or nothing, and how often.
    last: Option<T>,
    count: u64,
    /// Values before it that stand alone.
    alone: Vec<T>,
    is_anything: bool,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self {
            out: Vec::new(),
            last: None,
            count: 0,
            alone: Vec::new(),
            is_anything: false,
        }
    }
}

impl<T: Value> Runs<T> {
    fn add(&mut self, value: Option<T>, count: u64) {
        if count == 0 {
            return;
        }
        if value != self.last {
            self.end_run();
            self.last = value;
            self.count = 0;
        }
        self.is_anything |= value.is_some();
        self.count += count;
    }

    /// Sets the run aside, or writes it where it is one.
    fn end_run(&mut self) {
        match self.last {
            Some(value) if self.count == 1 => self.alone.push(value),
            Some(value) => {
                self.put_alone();
                put_signed(&mut self.out, i64::try_from(self.count).unwrap_or(i64::MAX));
                value.put(&mut self.out);
            }
            None if self.count > 0 => {
                self.put_alone();
                put_signed(&mut self.out, 0);
                put_unsigned(&mut self.out, self.count);
            }
            None => {}
        }
    }

    fn put_alone(&mut self) {
        if self.alone.is_empty() {
            return;
        }
        let count = i64::try_from(self.alone.len()).unwrap_or(i64::MAX);
        put_signed(&mut self.out, -count);
        for value in self.alone.drain(..) {
            value.put(&mut self.out);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.is_anything {
            self.end_run();
            self.put_alone();
        }
        self.out
    }
}

/// What stands in the column of kinds for a text of so many bytes.
const fn kind_of(bytes: u64) -> u64 {
    (bytes << 4) | STRING
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_unsigned(out, length(bytes));
    out.extend(bytes);
}

/// LEB128.
fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [byte, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(byte & 0x7f);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Signed LEB128.
fn put_signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let [byte, ..] = value.to_le_bytes();
        value >>= 7;
        let is_negative = byte & 0x40 != 0;
        if (value == 0 && !is_negative) || (value == -1 && is_negative) {
            out.push(byte & 0x7f);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests;
