//! Packs: which there are, and orders about them. Their chunks travel over HTTP.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{BlobName, DeviceId, Incarnation};
use crate::message::Stream;

/// → The packs of a stream, and a ticket for their chunks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackGet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The stream.
    #[n(2)]
    pub stream: Stream,
}

/// ← The answer to PACK_GET.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Packs {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The stream.
    #[n(2)]
    pub stream: Stream,
    /// 32 random bytes that open the chunks of this calendar over HTTP for a while.
    #[n(3)]
    pub ticket: ByteVec,
    /// The packs that are kept, newest first.
    #[n(4)]
    pub packs: Vec<Pack>,
    /// Envelopes up to this number are no longer here.
    #[n(5)]
    pub dropped_to: u64,
    /// Number of envelopes that no pack covers.
    #[n(6)]
    pub tail_envelopes: u64,
    /// Their bytes.
    #[n(7)]
    pub tail_bytes: u64,
}

/// A pack as the relay names it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pack {
    /// Name of its manifest.
    #[n(1)]
    pub name: BlobName,
    /// Number of the last envelope it covers.
    #[n(2)]
    pub rseq: u64,
    /// The device that made it.
    #[n(3)]
    pub device: DeviceId,
    /// When it was confirmed, in milliseconds since 1970; 0 while it is not.
    #[n(4)]
    pub confirmed_ms: u64,
    /// The authors of own frames that came after it, each with the first number.
    #[n(5)]
    pub tail: Vec<TailAuthor>,
}

/// Where the frames of an author go on after a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TailAuthor {
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// Its incarnation.
    #[n(2)]
    pub incarnation: Incarnation,
    /// Number of its first frame after the pack.
    #[n(3)]
    pub first_seq: u64,
}

/// → A pack whose chunks have all been left.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackPut {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The signed manifest.
    #[n(2)]
    pub manifest: ByteVec,
}

/// → A pack is complete: another device has checked it, or a single one has read it back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Confirm {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The signed order.
    #[n(2)]
    pub order: ByteVec,
}

/// → Envelopes that a confirmed pack covers need not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Drop {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The signed order.
    #[n(2)]
    pub order: ByteVec,
}
