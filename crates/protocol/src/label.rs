//! Names that keep one use of a primitive apart from every other.
//!
//! A hash has a [`Context`], a signature a [`Purpose`]; bytes made for one are worth nothing under
//! another. Contexts that only secrets enter stand in `almanac-crypto`. All are frozen.

use std::fmt;

/// What a BLAKE3 derivation is for: the context string of its `derive_key` mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Context(&'static str);

impl Context {
    /// The id of a log: over its genesis link without the signature.
    pub const LOG_ID: Self = Self("almanac 2026-11 log id");
    /// A whole link, signature included.
    pub const LINK_HASH: Self = Self("almanac 2026-11 link hash");
    /// A whole frame, signature included.
    pub const FRAME_HASH: Self = Self("almanac 2026-11 frame hash");
    /// The id of a device: over its two public keys.
    pub const DEVICE_ID: Self = Self("almanac 2026-11 device id");
    /// The Automerge actor of a device in a calendar.
    pub const AUTOMERGE_ACTOR: Self = Self("almanac 2026-11 automerge actor");
    /// The running hash of a stream at the relay.
    pub const RELAY_CHAIN: Self = Self("almanac 2026-11 relay chain");
    /// What a relay keeps of an invite code.
    pub const INVITE_CODE: Self = Self("almanac 2026-11 invite code");
    /// The new device's promise of its keys.
    pub const LINK_COMMIT: Self = Self("almanac 2026-11 link commit");
    /// The state of a database, as the keychain notes it.
    pub const ANCHOR: Self = Self("almanac 2026-11 anchor");
    /// How an account's log names a device in a calendar.
    pub const CUT_TAG: Self = Self("almanac 2026-11 cut tag");
    /// The digits by which two people recognise each other.
    pub const SAFETY_NUMBER: Self = Self("almanac 2026-11 safety number");
    /// The last four bytes of an invite's text.
    pub const INVITE_CHECK: Self = Self("almanac 2026-11 invite check");
    /// What a relay keeps of a one-time code.
    pub const ONE_TIME_CODE: Self = Self("almanac 2026-11 one-time code");
    /// What a calendar holds, as a backup says it.
    pub const BACKUP_STATE: Self = Self("almanac 2026-11 backup state");
    /// How a receipt names the order to erase an account.
    pub const ERASE_ORDER: Self = Self("almanac 2026-11 erase order");
    const SIGNATURE_DOMAIN: Self = Self("almanac 2026-11 signature domain");

    /// A context of another crate. The name is never one that stands here.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The context string.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({:?})", self.0)
    }
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A link of a membership log.
    Link,
    /// A frame.
    Frame,
    /// Proof that a device holds the keys it announces.
    DevicePossession,
    /// Acceptance of an invite to a calendar.
    InviteAccept,
    /// Proof of a device key to a relay.
    RelayAuth,
    /// A second device's word for a link.
    CoSign,
    /// An order to a relay: CONFIRM, DROP, ERASE.
    RelayControl,
    /// Words of a relay's operator, under the relay's key.
    Notice,
    /// The manifest of a pack.
    Pack,
    /// How a person is called in a calendar.
    Profile,
    /// Leave to see a calendar's log before one is a member.
    InviteLook,
    /// What a relay says it has erased, under the relay's key.
    Erased,
    /// Where an account's log ends, under the key of the account's own relay.
    Voucher,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 13] = [
        Self::Link,
        Self::Frame,
        Self::DevicePossession,
        Self::InviteAccept,
        Self::RelayAuth,
        Self::CoSign,
        Self::RelayControl,
        Self::Notice,
        Self::Pack,
        Self::Profile,
        Self::InviteLook,
        Self::Erased,
        Self::Voucher,
    ];

    /// The text that enters the signature's domain.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "almanac/link/v1",
            Self::Frame => "almanac/frame/v1",
            Self::DevicePossession => "almanac/device-pop/v1",
            Self::InviteAccept => "almanac/invite-accept/v1",
            Self::RelayAuth => "almanac/relay-auth/v1",
            Self::CoSign => "almanac/co-sign/v1",
            Self::RelayControl => "almanac/relay-control/v1",
            Self::Notice => "almanac/notice/v1",
            Self::Pack => "almanac/pack/v1",
            Self::Profile => "almanac/profile/v1",
            Self::InviteLook => "almanac/invite-look/v1",
            Self::Erased => "almanac/erased/v1",
            Self::Voucher => "almanac/voucher/v1",
        }
    }

    /// The 32 bytes that stand before every signed body of this purpose. The name enters without
    /// a length: it is the whole input.
    #[must_use]
    pub fn domain(self) -> [u8; 32] {
        blake3::derive_key(Context::SIGNATURE_DOMAIN.name(), self.name().as_bytes())
    }
}

/// The hash of `parts` under `context`. Each part enters after its length in eight bytes, so that
/// no two lists of parts are the same input.
#[must_use]
pub fn hash(context: Context, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(context.name());
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let apart = hash(Context::LOG_ID, &[b"ab", b"c"]);
        assert_ne!(apart, hash(Context::LOG_ID, &[b"a", b"bc"]));
        assert_ne!(apart, hash(Context::LOG_ID, &[b"abc"]));
        assert_ne!(apart, hash(Context::LINK_HASH, &[b"ab", b"c"]));
    }

    #[test]
    fn every_purpose_has_a_domain_of_its_own() {
        let mut domains = Purpose::ALL.map(Purpose::domain);
        domains.sort_unstable();
        assert!(domains.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
