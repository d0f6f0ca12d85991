//! The inside of a pack: blocks, each deflated by itself.
//!
//! Blocks come in this order: what there is, changes (those that concern now first), what was set
//! aside, frames. A change is written without the eight bytes that its hash gives back, a frame
//! without all that follows from the frames before it and from the changes it lists: those are
//! named by their place in the pack. Whoever reads computes both, and the signatures tell.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{DeviceId, DocumentId, FrameHash, Incarnation, LinkHash, Signature};
use crate::limits::{PACK_AUTHORS_MAX, PACK_BLOCK_BYTES_MAX, PACK_INFLATE_FACTOR_MAX};
use crate::membership::LogView;
use crate::message::ChainHead;

const HEADER_BYTES: usize = 9;
/// A block is closed once it holds this much, so that what comes first can be used early.
const BLOCK_BYTES: usize = 192 * 1024;
/// How hard deflating tries: beyond it packs hardly shrink.
const LEVEL: u8 = 6;

/// Why content cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContentError {
    /// A field is cut off, or bytes follow the last.
    #[error("a block has another length: {0}")]
    Length(#[from] CodecError),
    /// A block beyond [`PACK_BLOCK_BYTES_MAX`], or one that unfolds to more than it may.
    #[error("a block of {0} bytes")]
    TooLarge(usize),
    /// The block does not inflate to the length it states.
    #[error("a block does not unfold")]
    Deflate,
    /// A byte that is no kind of block or body, or a block out of its order.
    #[error("kind {0}, out of place")]
    Kind(u8),
    /// A frame names an author or a change that is not in the pack.
    #[error("a frame names what is not there")]
    Reference,
}

/// What a pack says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Start {
    /// The authors, each with the end of its chain.
    pub authors: Vec<(DeviceId, Incarnation, ChainHead)>,
    /// Number of changes.
    pub changes: u32,
    /// How many of them, the first ones, concern the days around the making.
    pub near: u32,
}

/// A frame without what the reader computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFrame {
    /// Place of its author in [`Start::authors`].
    pub author: usize,
    /// Its type's number.
    pub frame_type: u8,
    /// What the author had seen of the calendar's log.
    pub calendar_view: LogView,
    /// What the author had seen of its account's log.
    pub account_view: LogView,
    /// Its body.
    pub body: PackedBody,
    /// Its signature.
    pub signature: Signature,
}

/// The body of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackedBody {
    /// The list of these changes, by their places in the pack.
    Changes(Vec<u32>),
    /// These bytes.
    Raw(Vec<u8>),
}

/// A piece of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The first block.
    Start(Start),
    /// Changes, each with its document; the first eight bytes of each chunk are left out.
    Changes(Vec<(DocumentId, Vec<u8>)>),
    /// Envelopes that the maker had set aside, as they came.
    SetAside(Vec<Vec<u8>>),
    /// Frames, those of one author in order.
    Frames(Vec<PackedFrame>),
}

const START: u8 = 1;
const CHANGES: u8 = 2;
const SET_ASIDE: u8 = 3;
const FRAMES: u8 = 4;

/// Writes content.
#[derive(Debug)]
pub struct ContentWriter {
    content: Vec<u8>,
    kind: u8,
    block: Vec<u8>,
    /// The change that a frame lists next, if it lists them in order.
    next_change: u32,
}

impl ContentWriter {
    /// Content that begins with `start`.
    #[must_use]
    pub fn new(start: &Start) -> Self {
        let count = u16::try_from(start.authors.len()).expect("there are at most 10 000 authors");
        let mut writer = Writer::default()
            .u32(start.changes)
            .u32(start.near)
            .u16(count);
        for (device, incarnation, head) in &start.authors {
            writer = writer
                .bytes(device.as_bytes())
                .bytes(incarnation.as_bytes())
                .u64(head.seq)
                .bytes(head.hash.as_bytes());
        }
        let mut content = Self {
            content: Vec::new(),
            kind: START,
            block: writer.finish(),
            next_change: 0,
        };
        content.flush();
        content
    }

    /// Adds a change without its first eight bytes.
    pub fn change(&mut self, document: &DocumentId, rest: &[u8]) {
        let item = Writer::default().bytes(document.as_bytes()).tail(rest);
        self.item(CHANGES, &item.finish());
    }

    /// Adds an envelope that was set aside.
    pub fn set_aside(&mut self, envelope: &[u8]) {
        self.item(SET_ASIDE, &Writer::default().tail(envelope).finish());
    }

    /// Adds a frame; those of one author come in order.
    pub fn frame(&mut self, frame: &PackedFrame) {
        let author = u16::try_from(frame.author).expect("there are at most 10 000 authors");
        let writer = Writer::default()
            .u16(author)
            .u8(frame.frame_type)
            .u64(frame.calendar_view.seq)
            .bytes(frame.calendar_view.head.as_bytes())
            .u64(frame.account_view.seq)
            .bytes(frame.account_view.head.as_bytes());
        let writer = match &frame.body {
            PackedBody::Changes(places) => {
                let count = u16::try_from(places.len()).expect("a frame's list is bounded");
                let mut writer = writer.u8(0).u16(count);
                for place in places {
                    writer = writer.u32(place.wrapping_sub(self.next_change));
                    self.next_change = place.wrapping_add(1);
                }
                writer
            }
            PackedBody::Raw(bytes) => writer.u8(1).tail(bytes),
        };
        let item = writer.bytes(frame.signature.as_bytes()).finish();
        self.item(FRAMES, &item);
    }

    /// Closes the block, so that what follows does not delay what stands before.
    pub fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.is_empty() {
            return;
        }
        let packed = compress_to_vec(&block, LEVEL);
        let is_stored = packed.len() >= block.len()
            || packed.len().saturating_mul(PACK_INFLATE_FACTOR_MAX) < block.len();
        let packed = if is_stored { &block } else { &packed };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a block is bounded");
        let header = Writer::default()
            .u8(self.kind)
            .u32(length(&block))
            .u32(length(packed));
        self.content.extend_from_slice(&header.finish());
        self.content.extend_from_slice(packed);
    }

    /// The content.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.content
    }

    fn item(&mut self, kind: u8, item: &[u8]) {
        if self.kind != kind || self.block.len() + item.len() > BLOCK_BYTES {
            self.flush();
            self.kind = kind;
        }
        self.block.extend_from_slice(item);
    }
}

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
fn next_block(bytes: &[u8]) -> Result<Option<(u8, Vec<u8>, usize)>, ContentError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn view(n: u8) -> LogView {
        LogView {
            seq: n.into(),
            head: LinkHash::from_bytes([n; 32]),
        }
    }

    fn start() -> Start {
        let head = ChainHead {
            seq: 2,
            hash: FrameHash::from_bytes([9; 32]),
        };
        Start {
            authors: vec![(
                DeviceId::from_bytes([1; 32]),
                Incarnation::from_bytes([2; 8]),
                head,
            )],
            changes: 3,
            near: 1,
        }
    }

    fn frame(body: PackedBody) -> PackedFrame {
        PackedFrame {
            author: 0,
            frame_type: 1,
            calendar_view: view(3),
            account_view: view(4),
            body,
            signature: Signature::from_bytes([7; 64]),
        }
    }

    fn content() -> (Vec<u8>, Vec<Block>) {
        let documents = [5, 6].map(|n| DocumentId::from_bytes([n; 16]));
        let changes = vec![
            (documents[0], vec![1; 400]),
            (documents[0], vec![2; 400]),
            (documents[1], (0..=255).collect()),
        ];
        let frames = vec![
            frame(PackedBody::Changes(vec![2, 0])),
            frame(PackedBody::Raw(b"heads".to_vec())),
            frame(PackedBody::Changes(vec![1])),
        ];
        let mut writer = ContentWriter::new(&start());
        for (document, rest) in &changes {
            writer.change(document, rest);
        }
        writer.set_aside(b"an envelope");
        for frame in &frames {
            writer.frame(frame);
        }
        let blocks = vec![
            Block::Start(start()),
            Block::Changes(changes),
            Block::SetAside(vec![b"an envelope".to_vec()]),
            Block::Frames(frames),
        ];
        (writer.finish(), blocks)
    }

    #[test]
    fn content_survives_in_pieces_of_any_size() {
        let (content, blocks) = content();
        for size in [1, 2, 7, 100, content.len()] {
            let mut reader = ContentReader::default();
            let read = content
                .chunks(size)
                .flat_map(|piece| reader.feed(piece).unwrap());
            assert_eq!(read.collect::<Vec<_>>(), blocks, "pieces of {size}");
            assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn content_that_ends_inside_a_block_is_noticed() {
        let (content, blocks) = content();
        let mut ends = vec![];
        while let Some((_, _, used)) =
            next_block(&content[ends.last().copied().unwrap_or(0)..]).unwrap()
        {
            ends.push(ends.last().copied().unwrap_or(0) + used);
        }
        assert_eq!(ends.len(), blocks.len());
        for end in 0..=content.len() {
            let mut reader = ContentReader::default();
            reader.feed(&content[..end]).unwrap();
            assert_eq!(reader.finish().is_ok(), ends.contains(&end), "{end} bytes");
        }
    }

    #[test]
    fn a_block_that_would_unfold_to_more_than_it_may_is_not_unfolded() {
        let bomb = compress_to_vec(&vec![0; PACK_BLOCK_BYTES_MAX], LEVEL);
        let block = |kind: u8, plain: usize, packed: &[u8]| {
            let length = |n: usize| u32::try_from(n).unwrap();
            let header = Writer::default().u8(kind).u32(length(plain));
            header.tail(packed).finish()
        };
        let refused = |bytes: &[u8]| ContentReader::default().feed(bytes).unwrap_err();
        let honest = block(START, PACK_BLOCK_BYTES_MAX, &bomb);
        assert_eq!(
            refused(&honest),
            ContentError::TooLarge(PACK_BLOCK_BYTES_MAX)
        );
        let understated = block(START, bomb.len() * 2, &bomb);
        assert_eq!(refused(&understated), ContentError::Deflate);
        let vast = block(
            START,
            PACK_BLOCK_BYTES_MAX + 1,
            &vec![0; PACK_BLOCK_BYTES_MAX],
        );
        assert!(matches!(refused(&vast), ContentError::TooLarge(_)));
    }

    #[test]
    fn what_shrinks_too_much_is_stored_as_it_is() {
        let mut writer = ContentWriter::new(&start());
        let document = DocumentId::CALENDAR;
        writer.change(&document, &vec![0; BLOCK_BYTES]);
        let content = writer.finish();
        assert!(content.len() > BLOCK_BYTES);
        assert_eq!(ContentReader::default().feed(&content).unwrap().len(), 2);
    }

    #[test]
    fn blocks_out_of_order_and_references_to_nothing_are_refused() {
        let mut reader = ContentReader::default();
        let (content, _) = content();
        let begin =
            9 + usize::try_from(u32::from_be_bytes(content[5..9].try_into().unwrap())).unwrap();
        assert_eq!(
            reader.feed(&content[begin..]),
            Err(ContentError::Kind(CHANGES))
        );
        let mut reader = ContentReader::default();
        let twice = [&content[..begin], &content[..begin]].concat();
        assert_eq!(reader.feed(&twice), Err(ContentError::Kind(START)));
        for body in [
            PackedBody::Changes(vec![3]),
            PackedBody::Changes(vec![u32::MAX]),
        ] {
            let mut writer = ContentWriter::new(&start());
            writer.frame(&frame(body));
            let refused = ContentReader::default().feed(&writer.finish());
            assert_eq!(refused, Err(ContentError::Reference));
        }
        let mut writer = ContentWriter::new(&start());
        writer.frame(&PackedFrame {
            author: 1,
            ..frame(PackedBody::Raw(vec![]))
        });
        let refused = ContentReader::default().feed(&writer.finish());
        assert_eq!(refused, Err(ContentError::Reference));
    }
}
