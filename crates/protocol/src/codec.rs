//! Reading and writing the fixed layouts: big-endian, exact lengths, nothing optional.
//!
//! The reader only ever borrows; a length in the bytes is compared with what is there before
//! anything is copied.

use thiserror::Error;

/// Bytes that do not have the length their layout asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The bytes end inside the field at this offset.
    #[error("the bytes end inside the field at offset {at}")]
    Short {
        /// Offset of the field.
        at: usize,
    },
    /// Bytes remain after the last field.
    #[error("{left} bytes remain after the last field")]
    Trailing {
        /// How many.
        left: usize,
    },
}

/// Reads fields one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(CodecError::Short { at: self.at })?;
        self.rest = rest;
        self.at += n;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(CodecError::Short { at: self.at })?;
        self.rest = rest;
        self.at += N;
        Ok(*taken)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, CodecError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, CodecError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, CodecError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A length in four bytes, then as many bytes.
    pub fn tail(&mut self) -> Result<&'a [u8], CodecError> {
        let at = self.at;
        let length = usize::try_from(self.u32()?).map_err(|_| CodecError::Short { at })?;
        self.bytes(length)
    }

    /// Number of bytes not yet read.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Checks that nothing is left.
    pub const fn end(self) -> Result<(), CodecError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(CodecError::Trailing { left }),
        }
    }
}

/// Writes fields one after the other.
#[derive(Debug, Clone, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer that has room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Bytes as they are.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// One byte.
    #[must_use]
    pub fn u8(self, value: u8) -> Self {
        self.bytes(&[value])
    }

    /// Two bytes.
    #[must_use]
    pub fn u16(self, value: u16) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Four bytes.
    #[must_use]
    pub fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Eight bytes.
    #[must_use]
    pub fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A length in four bytes, then the bytes. Every layout bounds its tails far below 4 GiB.
    #[must_use]
    pub fn tail(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("a tail is bounded by its layout");
        self.u32(length).bytes(bytes)
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_order() {
        let bytes = Writer::default()
            .u8(1)
            .u16(2)
            .u32(3)
            .u64(4)
            .tail(b"five")
            .finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u16(), Ok(2));
        assert_eq!(reader.u32(), Ok(3));
        assert_eq!(reader.u64(), Ok(4));
        assert_eq!(reader.tail(), Ok(&b"five"[..]));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        let mut reader = Reader::new(&[0xFF, 0xFF, 0xFF, 0xFF, 1]);
        assert_eq!(reader.tail(), Err(CodecError::Short { at: 4 }));
        assert_eq!(
            Reader::new(&[1]).end(),
            Err(CodecError::Trailing { left: 1 })
        );
    }
}
