//! Linking a device: messages that the relay hands over unread.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

/// → Wait for a new device. ← The routing code it must name.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PairOpen {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// Eight characters; empty from the client.
    #[n(2)]
    pub routing: String,
}

/// → Reach the device that waits. ← To both: they are connected.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PairJoin {
    /// The request; 0 in the notice to the waiting device.
    #[n(1)]
    pub request: u64,
    /// Eight characters.
    #[n(2)]
    pub routing: String,
}

/// ↔ A step of linking, handed to the other device unread. Empty: the other device left.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PairSend {
    /// Eight characters.
    #[n(1)]
    pub routing: String,
    /// The step.
    #[n(2)]
    pub payload: ByteVec,
}
