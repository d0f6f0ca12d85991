//! Accounts whose calendars live at more than one relay: visiting one that keeps a calendar of others,
//! and the own relay's word for where the account's log ends.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{CalendarId, Signature, VerifyKey};

/// → Instead of AUTH, at a relay that is not the account's own: enters as a guest. Links and voucher are
/// empty where nothing of the log is new to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Visit {
    /// The whole account log, genesis first.
    #[n(1)]
    pub links: Vec<ByteVec>,
    /// The [`Voucher`](crate::voucher::Voucher) of the account's own relay for the last of them.
    #[n(2)]
    pub voucher: ByteVec,
    /// As in AUTH.
    #[n(3)]
    pub signature: Signature,
    /// A calendar of the relay's to which the account is invited: for who is not known there.
    #[n(4)]
    pub calendar: Option<CalendarId>,
    /// Public key of the invite.
    #[n(5)]
    pub invite: Option<VerifyKey>,
    /// By that key, as in INVITE_LOOK.
    #[n(6)]
    pub invite_signature: Option<Signature>,
}

/// → Where does the log of my account end? Asked of the account's own relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VoucherGet {
    /// The request.
    #[n(1)]
    pub request: u64,
}

/// ← The answer to VOUCHER_GET.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Vouched {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// A [`Voucher`](crate::voucher::Voucher).
    #[n(2)]
    pub voucher: ByteVec,
}
