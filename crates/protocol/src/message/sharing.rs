//! Sharing and recovery: looking at a calendar one is invited to, asking to be admitted, the second
//! factor, and the way back into an account with its recovery kit.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{AccountId, CalendarId, DeviceId, Signature, VerifyKey};

/// → Show me the logs of a calendar I am invited to: from ACK on, LINK_GET answers for its log and
/// the logs of its members, on this connection.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct InviteLook {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The calendar.
    #[n(2)]
    pub calendar: CalendarId,
    /// Public key of an invite that is open in its log.
    #[n(3)]
    pub invite: VerifyKey,
    /// By that key over [`look_body`](crate::join::look_body) of this connection.
    #[n(4)]
    pub signature: Signature,
}

/// → Admit me: an acceptance, kept for the calendar's owners until the invite is over.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Join {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The acceptance, of the caller's own account.
    #[n(2)]
    pub acceptance: ByteVec,
}

/// → Who asks to be admitted to a calendar of mine?
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct JoinGet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The calendar.
    #[n(2)]
    pub calendar: CalendarId,
}

/// ← Who asks. Unasked, with request 0, to every connected device of an owner when someone new does.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Joins {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The calendar.
    #[n(2)]
    pub calendar: CalendarId,
    /// The acceptances.
    #[n(3)]
    pub acceptances: Vec<ByteVec>,
}

/// → On a connection that names no account, after CHALLENGE: I am the recovery kit of an account of
/// yours. Only the key says which.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recover {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The kit's device.
    #[n(2)]
    pub device: DeviceId,
    /// As in AUTH, the account all zeros.
    #[n(3)]
    pub signature: Signature,
}

/// ← The key is proven. From here on the connection is the kit's: logs and boxes of its account, and
/// nothing of any calendar.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recovery {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The account.
    #[n(2)]
    pub account: AccountId,
    /// Whether a second factor is asked for.
    #[n(3)]
    pub factor_due: bool,
    /// Milliseconds until the kit may sign.
    #[n(4)]
    pub wait_ms: u64,
}

/// → A code of the second factor. Wrong: NACK(SECOND_FACTOR) with the tries that are left; locked:
/// NACK(RATE).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FactorPass {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// As a person types it.
    #[n(2)]
    pub code: String,
}

/// → Set, change or take away the second factor, by a device that has passed the one before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FactorSet {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// [`FactorTerms`](crate::second_factor::FactorTerms); empty to take it away.
    #[n(2)]
    pub terms: ByteVec,
    /// A code of the new secret: the authenticator has it.
    #[n(3)]
    pub code: String,
}

/// ← A recovery kit has proven its key: to every device of the account, when it does and when a
/// device connects while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecoveryBegun {
    /// The kit's device.
    #[n(1)]
    pub device: DeviceId,
    /// When it did, ms since 1970 by the relay's clock.
    #[n(2)]
    pub begun_ms: u64,
    /// Milliseconds until it may sign.
    #[n(3)]
    pub wait_ms: u64,
}

/// → It was me: the kit need not wait. By a device of the account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecoveryApprove {
    /// The request.
    #[n(1)]
    pub request: u64,
    /// The kit's device.
    #[n(2)]
    pub device: DeviceId,
}
