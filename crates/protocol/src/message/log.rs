//! Membership logs and the sealed keys beside them.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{LinkHash, LogId};

/// → Links of a log from a number on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LinkGet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// First number wanted.
    #[n(3)]
    pub first_seq: u64,
}

/// ← The answer to LINK_GET; empty when there are none.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Links {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// Number of the first link.
    #[n(3)]
    pub first_seq: u64,
    /// The links, as many as fit.
    #[n(4)]
    pub links: Vec<ByteVec>,
    /// Number of links the log has.
    #[n(5)]
    pub count: u64,
}

/// → Append a link: taken only while the head is the one named.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LinkPut {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// Hash of the head the link builds on; absent for a genesis.
    #[n(3)]
    pub head: Option<LinkHash>,
    /// The link.
    #[n(4)]
    pub link: ByteVec,
}

/// ← A log has grown: what a subscriber of its calendar, or a device of its account, hears.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogGrew {
    /// The log.
    #[n(1)]
    pub log: LogId,
    /// Number of links it has.
    #[n(2)]
    pub count: u64,
}

/// → The boxes of a log that are for the caller: of its account, or of its device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BoxGet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
}

/// ← The answer to BOX_GET.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Boxes {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// The box records, newest generation last.
    #[n(3)]
    pub boxes: Vec<ByteVec>,
}

/// → Store a box beside a log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BoxPut {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// The record.
    #[n(3)]
    pub record: ByteVec,
}

/// → For whom is a box of the newest secret of a log missing? From an owner of the calendar, or from a
/// device of the account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MissingGet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
}

/// ← The answer to MISSING_GET.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Missing {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The log.
    #[n(2)]
    pub log: LogId,
    /// The newest epoch of a calendar, or generation of an account's key.
    #[n(3)]
    pub generation: u32,
    /// The accounts, or the devices, for whom it was sealed and whose box is not there: 32 bytes each.
    #[n(4)]
    pub recipients: Vec<ByteVec>,
}
