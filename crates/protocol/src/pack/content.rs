//! The inside of a pack: blocks, each deflated by itself.
//!
//! Blocks come in this order: what there is, changes (those that concern now first), what was set
//! aside, frames. A change is written without the eight bytes that its hash gives back, a frame
//! without all that follows from the frames before it and from the changes it lists: those are
//! named by their place in the pack. Whoever reads computes both, and the signatures tell.

mod read;
mod write;

use thiserror::Error;

pub use self::read::ContentReader;
pub use self::write::ContentWriter;
use crate::codec::CodecError;
use crate::ids::{DeviceId, DocumentId, Incarnation, Signature};
use crate::membership::LogView;
use crate::message::ChainHead;

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

#[cfg(test)]
mod tests;
