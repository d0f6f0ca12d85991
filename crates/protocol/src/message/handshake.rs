//! The first messages of a connection: who calls, the proof, and where the relay stands.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{AccountId, CalendarId, DeviceId, RelayEpoch, Signature, VerifyKey};

/// → The first message: who calls, at which address.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// Protocol version, 1.
    #[n(1)]
    pub version: u32,
    /// Origin the client was told to reach, `https://host[:port]`.
    #[n(2)]
    pub origin: String,
    /// 32 random bytes.
    #[n(3)]
    pub client_nonce: ByteVec,
    /// Account and device; absent while a device is being linked.
    #[n(4)]
    pub account: Option<AccountId>,
    /// The device that calls.
    #[n(5)]
    pub device: Option<DeviceId>,
}

/// ← What must be signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Challenge {
    /// Protocol version, 1.
    #[n(1)]
    pub version: u32,
    /// 32 random bytes.
    #[n(2)]
    pub relay_nonce: ByteVec,
    /// The relay's own key, under which it signs notices.
    #[n(3)]
    pub relay_key: VerifyKey,
    /// False when HELLO names an account or a device that the relay does not know.
    #[n(4)]
    pub known: bool,
}

/// → Proof of the device key: `almanac/relay-auth/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Auth {
    /// Over origin, both nonces, account and device.
    #[n(1)]
    pub signature: Signature,
}

/// → Instead of AUTH: creates the account with an invite. The signature is that of AUTH.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Register {
    /// Invite code, as a person types it.
    #[n(1)]
    pub invite: String,
    /// The whole account log, genesis first.
    #[n(2)]
    pub links: Vec<ByteVec>,
    /// As in AUTH.
    #[n(3)]
    pub signature: Signature,
}

/// ← The connection is proven.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Welcome {
    /// This life of the relay's database.
    #[n(1)]
    pub relay_epoch: RelayEpoch,
    /// Bytes the account may store, 0 when without limit.
    #[n(2)]
    pub quota_bytes: u64,
    /// Bytes the account stores.
    #[n(3)]
    pub used_bytes: u64,
    /// Calendars of which the account is a member, as far as the relay knows: a hint.
    #[n(4)]
    pub calendars: Vec<CalendarId>,
    /// Oldest protocol version that is served.
    #[n(5)]
    pub version_min: u32,
}
