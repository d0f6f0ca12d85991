//! Envelopes: what the relay stores. A header that everyone reads, and a sealed body whose inside
//! is laid out here too, so that the cipher has nothing to know about it.

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::defence::Defence;
use crate::frame::{Frame, FrameError, STREAM_FREE_BUSY, STREAM_MAIN};
use crate::ids::{CalendarId, DeviceId, Incarnation};
use crate::limits::{ENVELOPE_BYTES_MAX, PADDING_FLOOR_BYTES};
use crate::message::{EnvelopeKey, Stream};
use crate::signed::Signed;

/// Bytes of the header, all of them associated data of the cipher.
pub const ENVELOPE_HEADER_BYTES: usize = 116;
/// Bytes of the header before the nonce: what the nonce is derived from.
pub const ENVELOPE_ADDRESS_BYTES: usize = 88;
/// Bytes of the cipher's nonce.
pub const NONCE_BYTES: usize = 24;
/// Bytes of the cipher's tag.
pub const TAG_BYTES: usize = 16;
const VERSION: u8 = 1;
const SUITE: u8 = 1;
const ITEM_FRAME: u8 = 1;
const ITEM_CHANGE: u8 = 2;

/// Why bytes are no envelope, or a body is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// A field is cut off, or bytes follow the last.
    #[error("the envelope has another length: {0}")]
    Length(#[from] CodecError),
    /// More than [`ENVELOPE_BYTES_MAX`].
    #[error("the envelope has {0} bytes")]
    TooLarge(usize),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of an envelope: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// A byte that is no kind of envelope.
    #[error("envelope kind {0}")]
    Kind(u8),
    /// The byte that must be zero is not.
    #[error("the reserved byte is not zero")]
    Reserved,
    /// The padding has another length than its content asks for, or is not zero.
    #[error("the padding is not canonical")]
    Padding,
    /// An item that is neither frame nor change, or a change before any frame.
    #[error("item {0} does not belong here")]
    Item(u8),
    /// Nothing inside.
    #[error("the envelope is empty")]
    Empty,
    /// A frame inside cannot be read.
    #[error("a frame inside cannot be read: {0}")]
    Frame(#[from] FrameError),
    /// A frame inside is not the one the header promises.
    #[error("a frame inside is not the one the header promises")]
    Promise,
}

/// What an envelope holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeKind {
    /// Frames of the sender in the main stream, numbered on from the header's.
    Own,
    /// Frames of the sender in the free/busy stream, numbered on from the header's.
    FreeBusy,
    /// Frames of others in the main stream, put back after a relay lost them. The header's number
    /// is a counter of the carrier.
    Carried,
}

impl EnvelopeKind {
    /// The byte in the header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Own => 1,
            Self::FreeBusy => 2,
            Self::Carried => 3,
        }
    }

    /// [`Stream::kind`] of the stream it belongs to.
    #[must_use]
    pub const fn stream_kind(self) -> u8 {
        match self {
            Self::Own | Self::Carried => STREAM_MAIN,
            Self::FreeBusy => STREAM_FREE_BUSY,
        }
    }

    const fn from_number(number: u8) -> Result<Self, EnvelopeError> {
        match number {
            1 => Ok(Self::Own),
            2 => Ok(Self::FreeBusy),
            3 => Ok(Self::Carried),
            other => Err(EnvelopeError::Kind(other)),
        }
    }
}

/// The part of the header that is chosen by the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopeAddress {
    /// What it holds.
    pub kind: EnvelopeKind,
    /// The calendar.
    pub calendar: CalendarId,
    /// The epoch under whose secret the body is sealed.
    pub epoch: u32,
    /// The device that sealed it.
    pub device: DeviceId,
    /// Its incarnation.
    pub incarnation: Incarnation,
    /// Number of the first frame inside; of carried frames, the carrier's counter.
    pub first_seq: u64,
}

impl EnvelopeAddress {
    /// The stream it belongs to.
    #[must_use]
    pub const fn stream(&self) -> Stream {
        Stream {
            calendar: self.calendar,
            kind: self.kind.stream_kind(),
        }
    }

    /// The relay's key for it: at most one envelope stands under each.
    #[must_use]
    pub const fn key(&self) -> EnvelopeKey {
        EnvelopeKey {
            stream: self.stream(),
            device: self.device,
            incarnation: self.incarnation,
            kind: self.kind.number(),
            first_seq: self.first_seq,
        }
    }

    /// The first [`ENVELOPE_ADDRESS_BYTES`] of the header.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(ENVELOPE_HEADER_BYTES)
            .u8(VERSION)
            .u8(SUITE)
            .u8(self.kind.number())
            .u8(0)
            .bytes(self.calendar.as_bytes())
            .u32(self.epoch)
            .bytes(self.device.as_bytes())
            .bytes(self.incarnation.as_bytes())
            .u64(self.first_seq)
            .finish()
    }
}

/// A whole header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopeHeader {
    /// Where the envelope belongs.
    pub address: EnvelopeAddress,
    /// The cipher's nonce.
    pub nonce: [u8; NONCE_BYTES],
    /// Bytes of the sealed body, tag included.
    pub body_bytes: u32,
}

impl EnvelopeHeader {
    /// The header of an envelope and its sealed body; strict about every byte of the header.
    pub fn parse(envelope: &[u8]) -> Result<(Self, &[u8]), EnvelopeError> {
        if envelope.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge(envelope.len()));
        }
        let mut reader = Reader::new(envelope);
        let [version, suite, kind, reserved] = reader.array()?;
        if version != VERSION {
            return Err(EnvelopeError::Version(version));
        }
        if suite != SUITE {
            return Err(EnvelopeError::Suite(suite));
        }
        if reserved != 0 {
            return Err(EnvelopeError::Reserved);
        }
        let address = EnvelopeAddress {
            kind: EnvelopeKind::from_number(kind)?,
            calendar: CalendarId::from_bytes(reader.array()?),
            epoch: reader.u32()?,
            device: DeviceId::from_bytes(reader.array()?),
            incarnation: Incarnation::from_bytes(reader.array()?),
            first_seq: reader.u64()?,
        };
        let nonce = reader.array()?;
        let body_bytes = reader.u32()?;
        let wanted = usize::try_from(body_bytes).unwrap_or(usize::MAX);
        if wanted < PADDING_FLOOR_BYTES + TAG_BYTES {
            return Err(EnvelopeError::Padding);
        }
        let body = reader.bytes(wanted)?;
        reader.end()?;
        Ok((
            Self {
                address,
                nonce,
                body_bytes,
            },
            body,
        ))
    }

    /// The bytes of the header: the cipher's associated data.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(ENVELOPE_HEADER_BYTES)
            .bytes(&self.address.to_bytes())
            .bytes(&self.nonce)
            .u32(self.body_bytes)
            .finish()
    }
}

/// A frame and the bytes of the changes it lists, in the order of its list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrameWithChanges {
    /// The signed frame.
    pub frame: Vec<u8>,
    /// The changes.
    pub changes: Vec<Vec<u8>>,
}

/// The padded plaintext of an envelope.
pub fn encode_body(frames: &[FrameWithChanges]) -> Result<Vec<u8>, EnvelopeError> {
    if frames.is_empty() {
        return Err(EnvelopeError::Empty);
    }
    let item = |bytes: &[u8]| bytes.len().saturating_add(5);
    let content = frames
        .iter()
        .flat_map(|frame| std::iter::once(&frame.frame).chain(&frame.changes))
        .fold(0_usize, |sum, bytes| sum.saturating_add(item(bytes)));
    let room = ENVELOPE_BYTES_MAX - ENVELOPE_HEADER_BYTES - TAG_BYTES;
    let padded = padme(content.saturating_add(4));
    if content > room || padded > room {
        return Err(EnvelopeError::TooLarge(padded));
    }
    let length = u32::try_from(content).map_err(|_| EnvelopeError::TooLarge(padded))?;
    let mut writer = Writer::with_capacity(padded).u32(length);
    for frame in frames {
        writer = writer.u8(ITEM_FRAME).tail(&frame.frame);
        for change in &frame.changes {
            writer = writer.u8(ITEM_CHANGE).tail(change);
        }
    }
    let mut bytes = writer.finish();
    bytes.resize(padded, 0);
    Ok(bytes)
}

/// The frames in a padded plaintext. The padding must be the one [`encode_body`] makes, and the
/// frames those that the header promises.
pub fn decode_body(
    address: &EnvelopeAddress,
    plaintext: &[u8],
) -> Result<Vec<FrameWithChanges>, EnvelopeError> {
    let mut reader = Reader::new(plaintext);
    let content = reader.tail()?;
    let padding = reader.bytes(reader.left())?;
    if plaintext.len() != padme(content.len() + 4) || padding.iter().any(|byte| *byte != 0) {
        return Err(EnvelopeError::Padding);
    }
    let mut items = Reader::new(content);
    let mut frames: Vec<FrameWithChanges> = Vec::new();
    while items.left() > 0 {
        let tag = items.u8()?;
        let bytes = items.tail()?.to_vec();
        match (tag, frames.last_mut()) {
            (ITEM_FRAME, _) => frames.push(FrameWithChanges {
                frame: bytes,
                changes: vec![],
            }),
            (ITEM_CHANGE, Some(frame)) => frame.changes.push(bytes),
            (other, _) => return Err(EnvelopeError::Item(other)),
        }
    }
    check_promise(address, &frames)?;
    Ok(frames)
}

/// The header stands outside the cipher for the relay's sake; what it says of the sender's own
/// frames must be what the frames say.
fn check_promise(
    address: &EnvelopeAddress,
    frames: &[FrameWithChanges],
) -> Result<(), EnvelopeError> {
    if frames.is_empty() {
        return Err(EnvelopeError::Empty);
    }
    for (place, frame) in (0_u64..).zip(frames) {
        let frame = Signed::<Frame>::parse(&frame.frame)?;
        let is_own = frame.signer() == address.device
            && frame.incarnation() == address.incarnation
            && Some(frame.seq()) == address.first_seq.checked_add(place);
        let is_here = frame.stream() == address.stream();
        if !is_here || !(is_own || address.kind == EnvelopeKind::Carried) {
            return Err(EnvelopeError::Promise);
        }
    }
    Ok(())
}

/// The padded length of `length` bytes: Padmé (PURBs, section 4.3) above a floor of
/// [`PADDING_FLOOR_BYTES`]. At most 12 % is added, and few distinct lengths remain.
#[must_use]
pub fn padme(length: usize) -> usize {
    if !Defence::Padding.stands() {
        return length;
    }
    let length = length.max(PADDING_FLOOR_BYTES);
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let low_bits = exponent.saturating_sub(kept);
    let mask = (1_usize << low_bits) - 1;
    length.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::CHAIN_START;
    use crate::frame::testing::frame;
    use crate::signed::testing::TestSigner;

    fn address(frame: &Frame) -> EnvelopeAddress {
        EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar: frame.stream.calendar,
            epoch: 1,
            device: frame.author,
            incarnation: frame.incarnation,
            first_seq: frame.seq,
        }
    }

    fn body() -> (EnvelopeAddress, Vec<FrameWithChanges>) {
        let made = frame(1, CHAIN_START.hash);
        let bytes = made.sign(&TestSigner::new(1)).unwrap();
        (
            address(&made),
            vec![FrameWithChanges {
                frame: bytes,
                changes: vec![vec![1, 2, 3]],
            }],
        )
    }

    #[test]
    fn a_body_survives_its_padding() {
        let (address, frames) = body();
        let bytes = encode_body(&frames).unwrap();
        assert_eq!(bytes.len(), 512);
        assert_eq!(decode_body(&address, &bytes), Ok(frames));
    }

    #[test]
    fn padding_of_another_length_or_content_is_refused() {
        let (address, frames) = body();
        let bytes = encode_body(&frames).unwrap();
        let mut longer = bytes.clone();
        longer.extend_from_slice(&[0; 32]);
        assert_eq!(decode_body(&address, &longer), Err(EnvelopeError::Padding));
        let mut dirty = bytes;
        *dirty.last_mut().unwrap() = 1;
        assert_eq!(decode_body(&address, &dirty), Err(EnvelopeError::Padding));
    }

    #[test]
    fn the_frames_are_those_the_header_promises() {
        let (address, frames) = body();
        let bytes = encode_body(&frames).unwrap();
        let others = [
            EnvelopeAddress {
                first_seq: 2,
                ..address
            },
            EnvelopeAddress {
                device: DeviceId::from_bytes([9; 32]),
                ..address
            },
            EnvelopeAddress {
                incarnation: Incarnation::from_bytes([9; 8]),
                ..address
            },
            EnvelopeAddress {
                calendar: CalendarId::from_bytes([9; 32]),
                ..address
            },
            EnvelopeAddress {
                kind: EnvelopeKind::FreeBusy,
                ..address
            },
        ];
        for other in others {
            assert_eq!(
                decode_body(&other, &bytes),
                Err(EnvelopeError::Promise),
                "{other:?}"
            );
        }
        let carried = EnvelopeAddress {
            kind: EnvelopeKind::Carried,
            first_seq: 7,
            ..address
        };
        assert_eq!(decode_body(&carried, &bytes), Ok(frames));
    }

    #[test]
    fn a_header_is_read_strictly() {
        let (address, _) = body();
        let header = EnvelopeHeader {
            address,
            nonce: [4; 24],
            body_bytes: 528,
        };
        let mut bytes = header.to_bytes();
        assert_eq!(bytes.len(), ENVELOPE_HEADER_BYTES);
        bytes.resize(ENVELOPE_HEADER_BYTES + 528, 7);
        assert_eq!(
            EnvelopeHeader::parse(&bytes).map(|(header, _)| header),
            Ok(header)
        );
        for (at, value, error) in [
            (0, 2, EnvelopeError::Version(2)),
            (1, 0, EnvelopeError::Suite(0)),
            (2, 4, EnvelopeError::Kind(4)),
            (3, 1, EnvelopeError::Reserved),
            (115, 0, EnvelopeError::Padding),
            (114, 3, EnvelopeError::Length(CodecError::Short { at: 116 })),
        ] {
            let mut bent = bytes.clone();
            bent[at] = value;
            assert_eq!(
                EnvelopeHeader::parse(&bent).map(|_| ()),
                Err(error),
                "byte {at}"
            );
        }
        bytes.push(0);
        let trailing = EnvelopeError::Length(CodecError::Trailing { left: 1 });
        assert_eq!(EnvelopeHeader::parse(&bytes).map(|_| ()), Err(trailing));
    }

    #[test]
    fn padme_keeps_few_lengths_and_adds_little() {
        assert_eq!(
            [padme(0), padme(1), padme(512), padme(513)],
            [512, 512, 512, 544]
        );
        let mut lengths = std::collections::BTreeSet::new();
        for length in 512..100_000 {
            let padded = padme(length);
            assert!(padded >= length && padded * 100 <= length * 112, "{length}");
            assert_eq!(padme(padded), padded);
            lengths.insert(padded);
        }
        assert!(lengths.len() < 200, "{}", lengths.len());
    }
}
