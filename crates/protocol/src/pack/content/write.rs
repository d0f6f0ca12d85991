//! Writing the inside of a pack.

use miniz_oxide::deflate::compress_to_vec;

use super::{CHANGES, FRAMES, PackedBody, PackedFrame, SET_ASIDE, START, Start};
use crate::codec::Writer;
use crate::ids::DocumentId;
use crate::limits::PACK_INFLATE_FACTOR_MAX;

/// A block is closed once it holds this much, so that what comes first can be used early.
pub(super) const BLOCK_BYTES: usize = 192 * 1024;
/// How hard deflating tries: beyond it packs hardly shrink.
pub(super) const LEVEL: u8 = 6;

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
