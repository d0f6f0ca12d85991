//! Reading the inside of a pack, as it comes.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::{
    Block, CHANGES, ContentError, FRAMES, PackedBody, PackedFrame, SET_ASIDE, START, Start,
};
use crate::codec::{CodecError, Reader};
use crate::ids::{DeviceId, DocumentId, FrameHash, Incarnation, LinkHash, Signature};
use crate::limits::{PACK_AUTHORS_MAX, PACK_BLOCK_BYTES_MAX, PACK_INFLATE_FACTOR_MAX};
use crate::membership::LogView;
use crate::message::ChainHead;

/// Kind and both lengths of a block.
const HEADER_BYTES: usize = 9;

/// Reads content as it comes, in pieces of any size.
#[derive(Debug, Default)]
pub struct ContentReader {
    waiting: Vec<u8>,
    /// Kind of the last block: they only go up.
    kind: u8,
    authors: usize,
    changes: u32,
    next_change: u32,
}

impl ContentReader {
    /// Takes the next bytes and gives the blocks that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Block>, ContentError> {
        self.waiting.extend_from_slice(bytes);
        let mut blocks = Vec::new();
        while let Some((kind, plain, used)) = next_block(&self.waiting)? {
            let is_in_order = match kind {
                START => self.kind == 0,
                CHANGES | SET_ASIDE | FRAMES => self.kind != 0 && kind >= self.kind,
                _ => false,
            };
            if !is_in_order {
                return Err(ContentError::Kind(kind));
            }
            self.kind = kind;
            blocks.push(self.read(kind, &plain)?);
            self.waiting.drain(..used);
        }
        Ok(blocks)
    }

    /// Checks that nothing is left half-way.
    pub fn finish(self) -> Result<(), ContentError> {
        if self.kind == 0 {
            return Err(CodecError::Short { at: 0 }.into());
        }
        Ok(Reader::new(&self.waiting).end()?)
    }

    fn read(&mut self, kind: u8, plain: &[u8]) -> Result<Block, ContentError> {
        let mut reader = Reader::new(plain);
        match kind {
            START => {
                let start = read_start(reader)?;
                self.authors = start.authors.len();
                self.changes = start.changes;
                Ok(Block::Start(start))
            }
            CHANGES => {
                let mut changes = Vec::new();
                while reader.left() > 0 {
                    let document = DocumentId::from_bytes(reader.array()?);
                    changes.push((document, reader.tail()?.to_vec()));
                }
                Ok(Block::Changes(changes))
            }
            SET_ASIDE => {
                let mut envelopes = Vec::new();
                while reader.left() > 0 {
                    envelopes.push(reader.tail()?.to_vec());
                }
                Ok(Block::SetAside(envelopes))
            }
            _ => {
                let mut frames = Vec::new();
                while reader.left() > 0 {
                    frames.push(self.read_frame(&mut reader)?);
                }
                Ok(Block::Frames(frames))
            }
        }
    }

    fn read_frame(&mut self, reader: &mut Reader<'_>) -> Result<PackedFrame, ContentError> {
        let author = usize::from(reader.u16()?);
        if author >= self.authors {
            return Err(ContentError::Reference);
        }
        let frame_type = reader.u8()?;
        let calendar_view = read_view(reader)?;
        let account_view = read_view(reader)?;
        let body = match reader.u8()? {
            0 => {
                let count = usize::from(reader.u16()?);
                let mut places = Vec::with_capacity(count.min(reader.left() / 4));
                for _ in 0..count {
                    let place = self.next_change.wrapping_add(reader.u32()?);
                    if place >= self.changes {
                        return Err(ContentError::Reference);
                    }
                    self.next_change = place.wrapping_add(1);
                    places.push(place);
                }
                PackedBody::Changes(places)
            }
            1 => PackedBody::Raw(reader.tail()?.to_vec()),
            other => return Err(ContentError::Kind(other)),
        };
        Ok(PackedFrame {
            author,
            frame_type,
            calendar_view,
            account_view,
            body,
            signature: Signature::from_bytes(reader.array()?),
        })
    }
}

/// The first block of the bytes with its kind, and how many of them it takes; `None` while it is
/// not complete. Lengths are judged before anything is unfolded.
pub(super) fn next_block(bytes: &[u8]) -> Result<Option<(u8, Vec<u8>, usize)>, ContentError> {
    let mut reader = Reader::new(bytes);
    if reader.left() < HEADER_BYTES {
        return Ok(None);
    }
    let kind = reader.u8()?;
    let plain_bytes = size(reader.u32()?);
    let packed_bytes = size(reader.u32()?);
    let is_possible = (1..=PACK_BLOCK_BYTES_MAX).contains(&plain_bytes)
        && packed_bytes <= plain_bytes
        && plain_bytes <= packed_bytes.saturating_mul(PACK_INFLATE_FACTOR_MAX);
    if !is_possible {
        return Err(ContentError::TooLarge(plain_bytes));
    }
    if reader.left() < packed_bytes {
        return Ok(None);
    }
    let packed = reader.bytes(packed_bytes)?;
    let plain = if packed_bytes == plain_bytes {
        packed.to_vec()
    } else {
        let plain = decompress_to_vec_with_limit(packed, plain_bytes);
        plain.map_err(|_| ContentError::Deflate)?
    };
    if plain.len() != plain_bytes {
        return Err(ContentError::Deflate);
    }
    Ok(Some((kind, plain, HEADER_BYTES + packed_bytes)))
}

fn size(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn read_start(mut reader: Reader<'_>) -> Result<Start, ContentError> {
    let (changes, near) = (reader.u32()?, reader.u32()?);
    let count = usize::from(reader.u16()?);
    if count > PACK_AUTHORS_MAX {
        return Err(ContentError::TooLarge(count));
    }
    let mut authors = Vec::new();
    for _ in 0..count {
        let device = DeviceId::from_bytes(reader.array()?);
        let incarnation = Incarnation::from_bytes(reader.array()?);
        let head = ChainHead {
            seq: reader.u64()?,
            hash: FrameHash::from_bytes(reader.array()?),
        };
        authors.push((device, incarnation, head));
    }
    reader.end()?;
    Ok(Start {
        authors,
        changes,
        near,
    })
}

fn read_view(reader: &mut Reader<'_>) -> Result<LogView, CodecError> {
    Ok(LogView {
        seq: reader.u64()?,
        head: LinkHash::from_bytes(reader.array()?),
    })
}
