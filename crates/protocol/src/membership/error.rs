//! Why a link, or a claim about a log, is refused.

use thiserror::Error;

use super::link::LogKind;
use crate::codec::CodecError;
use crate::ids::{AccountId, DeviceId};
use crate::signed::SignatureError;

/// Why a link, or a claim about a log, is refused. Nothing changes when one is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkError {
    /// A field is cut off, or bytes follow the last.
    #[error("the link has another length: {0}")]
    Length(#[from] CodecError),
    /// More than [`LINK_BYTES_MAX`](crate::limits::LINK_BYTES_MAX).
    #[error("the link has {0} bytes")]
    TooLarge(usize),
    /// The bytes do not begin like a link.
    #[error("this is no link")]
    Magic,
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a link: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// A kind of link that this program cannot judge: update needed.
    #[error("link type {link_type:#04x} in a log of kind {kind:?}: update needed")]
    UpdateNeeded {
        /// The log's kind.
        kind: LogKind,
        /// Number of the type.
        link_type: u8,
    },
    /// A link of an account in a calendar's log, or the other way round.
    #[error("a link of another kind of log")]
    Kind,
    /// A link of another log.
    #[error("a link of another log")]
    Log,
    /// A genesis where none may stand, or a first link that is none.
    #[error("a genesis stands first and only there")]
    Genesis,
    /// A number that is not the next: links between are missing.
    #[error("link {found} where link {expected} is next")]
    Seq {
        /// Number of the next link.
        expected: u64,
        /// Number found.
        found: u64,
    },
    /// The link does not build on the head.
    #[error("the link does not build on the head")]
    Prev,
    /// The log shown is shorter than one seen before.
    #[error("the log ends at {found} and was seen to reach {seen}")]
    Rollback {
        /// Number of the last link seen before.
        seen: u64,
        /// Number of the last link shown now.
        found: u64,
    },
    /// Two different links under one number.
    #[error("two different links have number {seq}")]
    Fork {
        /// The number.
        seq: u64,
    },
    /// The signature is not by the key of the named device.
    #[error("the signature is not valid")]
    Signature,
    /// The announced device does not prove that it holds its keys.
    #[error("the new device does not prove its keys")]
    Possession,
    /// The signer is no device of its account at the head it quotes.
    #[error("{0:?} is no device of the account there")]
    Signer(DeviceId),
    /// The signer's account log is not at hand: fetch it and try again.
    #[error("the log of {0:?} is missing")]
    AccountUnknown(AccountId),
    /// The signer's account log is at hand, but shorter than quoted: fetch it and try again.
    #[error("the log of {account:?} is known only below {seq}")]
    AccountBehind {
        /// The account.
        account: AccountId,
        /// Number of the quoted link.
        seq: u64,
    },
    /// The quoted head contradicts the account log at hand.
    #[error("the log of {account:?} has another link {seq}")]
    AccountFork {
        /// The account.
        account: AccountId,
        /// Number of the quoted link.
        seq: u64,
    },
    /// The quoted head is older than one this log has quoted before.
    #[error("an older view than one recorded before")]
    ViewOlder,
    /// The role of the signer does not allow this.
    #[error("the signer's role does not allow this")]
    Role,
    /// The device stands in the log already.
    #[error("{0:?} is in the log already")]
    DeviceKnown(DeviceId),
    /// A class that this link cannot announce.
    #[error("device class {0}")]
    DeviceClass(u8),
    /// A byte that is no role.
    #[error("role {0}")]
    RoleByte(u8),
    /// A byte that is no purpose of a calendar.
    #[error("calendar purpose {0}")]
    CalendarPurpose(u8),
    /// A generation of the account's key that is not the one in force.
    #[error("key generation {found} where {expected} is in force")]
    PukGeneration {
        /// The generation in force.
        expected: u32,
        /// The generation found.
        found: u32,
    },
    /// An epoch that is not the next.
    #[error("epoch {found} where epoch {expected} is next")]
    Epoch {
        /// The next epoch.
        expected: u32,
        /// The epoch found.
        found: u32,
    },
    /// The rotation does not name exactly the members and their roles.
    #[error("the rotation does not name exactly the members")]
    Members,
    /// A link that leaves everything as it is.
    #[error("the link changes nothing")]
    Unchanged,
    /// A lowered role without a new epoch, or a new epoch where no role is lowered.
    #[error("a lowered role, and only that, begins an epoch in the same link")]
    Rotation,
    /// Cuts that are not in order, of a device of someone else, or where nobody loses the right to
    /// write.
    #[error("the cuts do not fit the link")]
    Cuts,
    /// A calendar keeps an owner.
    #[error("the last owner cannot be lowered")]
    LastOwner,
    /// An account keeps a device.
    #[error("the last device cannot be revoked")]
    LastDevice,
    /// A device may revoke itself and devices that were added after it.
    #[error("{0:?} was added before the device that signs")]
    Seniority(DeviceId),
    /// Another recovery kit needs the old one, the most senior device and a second one, or an account
    /// of one device.
    #[error("the recovery kit is replaced without the consent this needs")]
    Consent,
    /// The new key of the account is not sealed for exactly the devices that remain.
    #[error("the new key is not for exactly the devices that remain")]
    Devices,
    /// A key of the account that it had before.
    #[error("a key that the account had before")]
    KeyKnown,
    /// An invite that does not exist, is over, or is for another role.
    #[error("no such invite is open")]
    Invite,
    /// A private calendar has one member and invites nobody.
    #[error("a private calendar has one member")]
    Private,
    /// More members than a calendar, or more devices than an account may have.
    #[error("more than {0} of them")]
    TooMany(usize),
    /// A minimal format below the one in force.
    #[error("a minimal format of {0}")]
    Format(u8),
    /// The first epoch wraps a history, or a later one wraps none.
    #[error("the first epoch alone has no history")]
    History,
}

impl LinkError {
    /// Whether a newer program could judge what this one refuses.
    #[must_use]
    pub const fn is_update_needed(&self) -> bool {
        matches!(
            self,
            Self::Version(_) | Self::Suite(_) | Self::UpdateNeeded { .. }
        )
    }

    /// Whether the same link may be accepted once more of a log has been fetched.
    #[must_use]
    pub const fn is_fetch_needed(&self) -> bool {
        matches!(
            self,
            Self::Seq { .. } | Self::AccountUnknown(_) | Self::AccountBehind { .. }
        )
    }
}

impl From<SignatureError> for LinkError {
    fn from(_: SignatureError) -> Self {
        Self::Signature
    }
}
