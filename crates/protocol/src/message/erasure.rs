//! Messages about erasing an account.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

/// → Erase this account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Erase {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The signed order.
    #[n(2)]
    pub order: ByteVec,
}

/// ← It is gone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Erased {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The signed receipt.
    #[n(2)]
    pub receipt: ByteVec,
}
