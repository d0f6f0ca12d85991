//! The two signed logs that say who is who: one for each account, one for each calendar.
//!
//! A log is a chain of links. Each link names the hash of the one before it, what its signer had
//! seen of its own account's log, and is signed by a device. Reading a log from its first link
//! yields its state; nothing else does. A relay checks an append with the same code as a client,
//! and neither needs a secret for it.
//!
//! ```text
//! account log    GENESIS ── ADD_DEVICE ── REVOKE ── ROTATE_PUK ── REPLACE_RECOVERY
//!                   ▲            ▲
//!                   │ quoted     │ quoted                 devices, recovery kit, account's key
//! calendar log   GENESIS ────── INVITE ── MEMBER ── ROTATE ── POLICY
//!                                                         members, roles, invites, epochs
//! ```

mod account;
mod calendar;
mod cut;
mod device;
mod error;
mod link;
mod position;
mod puk_section;
mod rotation;

pub use account::{
    AccountGenesis, AccountLog, Device, PukGeneration, ReplaceRecovery, Revocation, Revoke,
    RevokeReason, co_sign_body,
};
pub use calendar::{
    Accounts, CalendarGenesis, CalendarLog, CalendarPurpose, Epoch, Intent, IntentVerdict, Invite,
    InviteState, InviteTerms, Lowering, MemberChange,
};
pub use cut::{ACCOUNT_CUT_BYTES, AccountCut, CALENDAR_CUT_BYTES, CalendarCut, cut_tag};
pub use device::{
    DeviceBundle, DeviceClass, SealKey, possession_of_added_device, possession_of_first_device,
};
pub use error::LinkError;
pub use link::{LINK_HEADER_BYTES, Link, LinkType, LogKind, link_hash};
pub use position::{Appended, LogView};
pub use puk_section::PukSection;
pub use rotation::{HISTORY_WRAP_BYTES, HistoryWrap, Member, Role, RotationSection};

#[cfg(test)]
mod tests;
