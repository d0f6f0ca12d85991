//! The two signed logs that say who is who: one for each account, one for each calendar.
//!
//! A log is a chain of links. Each link names the hash of the one before it, what its signer had
//! seen of its own account's log, and is signed by a device. Reading a log from its first link
//! yields its state; nothing else does. A relay checks an append with the same code as a client,
//! and neither needs a secret for it.
//!
//! ```text
//! account log    GENESIS ── ADD_DEVICE ── ADD_DEVICE        devices, keys of the account
//!                   ▲            ▲
//!                   │ quoted     │ quoted
//! calendar log   GENESIS ────── ROTATE                       members, roles, epochs
//! ```

mod account;
mod calendar;
mod device;
mod error;
mod link;
mod position;
mod rotation;

pub use account::{AccountGenesis, AccountLog, Device, PukGeneration};
pub use calendar::{Accounts, CalendarGenesis, CalendarLog, CalendarPurpose, Epoch};
pub use device::{
    DeviceBundle, DeviceClass, SealKey, possession_of_added_device, possession_of_first_device,
};
pub use error::LinkError;
pub use link::{LINK_HEADER_BYTES, Link, LinkType, LogKind, link_hash};
pub use position::{Appended, LogView};
pub use rotation::{HISTORY_WRAP_BYTES, HistoryWrap, Member, Role, RotationSection};

#[cfg(test)]
mod tests;
