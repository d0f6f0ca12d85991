//! A walk over an Automerge change chunk before Automerge sees it.
//!
//! The format lets a few bytes stand for billions of rows, and the reader trusts counts when it
//! allocates. The walk follows every count and length with nothing but additions and refuses what
//! does not fit the bytes at hand. (Automerge binary format, sections 3.2 and 4.)

use almanac_protocol::limits::OPERATIONS_PER_CHANGE_MAX;

pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6F, 0x4A, 0x83];
const TYPE_CHANGE: u8 = 1;
const HASH_BYTES: usize = 32;
const COLUMNS_MAX: usize = 64;
/// One operation may overwrite several others, each a row of its column.
const ROWS_MAX: usize = 4 * OPERATIONS_PER_CHANGE_MAX;
const DEFLATED: u32 = 0b1000;

/// The four bytes by which the chunk names its own hash.
pub(crate) fn checksum(chunk: &[u8]) -> Option<[u8; 4]> {
    chunk.get(4..8)?.try_into().ok()
}

/// Whether the chunk is a plain change whose counts and lengths all fit.
pub(crate) fn is_plain_change(chunk: &[u8]) -> bool {
    walk(chunk).is_some()
}

/// `None` as soon as something does not fit.
fn walk(chunk: &[u8]) -> Option<()> {
    let mut bytes = Bytes(chunk);
    if bytes.take(4)? != MAGIC {
        return None;
    }
    bytes.take(4)?;
    if bytes.take(1)? != [TYPE_CHANGE] || bytes.size()? != bytes.0.len() {
        return None;
    }
    let dependencies = bytes.size()?;
    bytes.take(dependencies.checked_mul(HASH_BYTES)?)?;
    bytes.prefixed()?;
    bytes.unsigned()?;
    bytes.unsigned()?;
    bytes.signed()?;
    bytes.prefixed()?;
    let actors = bytes.size()?;
    if actors > bytes.0.len() {
        return None;
    }
    for _ in 0..actors {
        bytes.prefixed()?;
    }
    walk_columns(&mut bytes)
}

fn walk_columns(bytes: &mut Bytes<'_>) -> Option<()> {
    let count = bytes.size()?;
    if count > COLUMNS_MAX {
        return None;
    }
    let mut columns = Vec::with_capacity(count);
    for _ in 0..count {
        let specification = u32::try_from(bytes.unsigned()?).ok()?;
        columns.push((specification, bytes.size()?));
    }
    for (specification, length) in columns {
        let column = Bytes(bytes.take(length)?);
        if specification & DEFLATED != 0 {
            return None;
        }
        let rows = match specification & 0b111 {
            0 | 1 | 2 | 6 => rows(column, |bytes| bytes.unsigned().map(|_| ()))?,
            3 => rows(column, |bytes| bytes.signed().map(|_| ()))?,
            4 => rows_of_booleans(column)?,
            5 => rows(column, |bytes| bytes.prefixed().map(|_| ()))?,
            _ => 0,
        };
        if rows > ROWS_MAX {
            return None;
        }
    }
    Some(())
}

/// Rows of a column of runs: `n` of one value, `-n` values, or `0 n` for nulls.
fn rows(mut column: Bytes<'_>, value: impl Fn(&mut Bytes<'_>) -> Option<()>) -> Option<usize> {
    let mut rows = 0_usize;
    while !column.0.is_empty() {
        let run = column.signed()?;
        let length = usize::try_from(run.unsigned_abs()).ok()?;
        let length = if run > 0 {
            value(&mut column)?;
            length
        } else if run == 0 {
            column.size()?
        } else {
            if length > ROWS_MAX {
                return None;
            }
            for _ in 0..length {
                value(&mut column)?;
            }
            length
        };
        rows = rows.checked_add(length)?;
    }
    Some(rows)
}

fn rows_of_booleans(mut column: Bytes<'_>) -> Option<usize> {
    let mut rows = 0_usize;
    while !column.0.is_empty() {
        rows = rows.checked_add(column.size()?)?;
    }
    Some(rows)
}

/// What is left to walk.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = self.size()?;
        self.take(length)
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }

    /// Unsigned LEB128 of at most 64 bits.
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return None };
            let part = u64::from(byte & 0x7F);
            if shift == 63 && part > 1 {
                return None;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Signed LEB128 of at most 64 bits.
    fn signed(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return None };
            value |= i64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                let is_negative = byte & 0x40 != 0 && shift < 57;
                return Some(if is_negative {
                    value | -1 << (shift + 7)
                } else {
                    value
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(Bytes(&[0xE5, 0x8E, 0x26]).unsigned(), Some(624_485));
        assert_eq!(Bytes(&[0xC0, 0xBB, 0x78]).signed(), Some(-123_456));
        assert_eq!(Bytes(&[0x7F]).signed(), Some(-1));
        assert_eq!(Bytes(&[0x80]).unsigned(), None);
        assert_eq!(Bytes(&[0xFF; 11]).unsigned(), None);
        let max = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        assert_eq!(Bytes(&max).unsigned(), Some(u64::MAX));
        let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F];
        assert_eq!(Bytes(&min).signed(), Some(i64::MIN));
    }

    #[test]
    fn runs_count_as_many_rows_as_they_stand_for() {
        let unsigned = |bytes: &mut Bytes<'_>| bytes.unsigned().map(|_| ());
        assert_eq!(rows(Bytes(&[0x03, 0x07]), unsigned), Some(3));
        assert_eq!(rows(Bytes(&[0x7E, 0x07, 0x08]), unsigned), Some(2));
        assert_eq!(
            rows(Bytes(&[0x00, 0x80, 0x80, 0x04]), unsigned),
            Some(65_536)
        );
        assert_eq!(rows(Bytes(&[0x7E, 0x07]), unsigned), None);
        assert_eq!(rows_of_booleans(Bytes(&[0x02, 0x03])), Some(5));
    }
}
