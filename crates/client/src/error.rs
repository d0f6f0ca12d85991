//! Failures at the client's edge: a closed code for programs, a finished sentence for people.
//!
//! A sentence says what happened, what is safe, and what to do next. It carries no content of the
//! calendar beyond what the person just typed.

use std::fmt;

use almanac_store::StoreError;
use serde::Serialize;
use ts_rs::TS;

/// What kind of failure it is: what the interface and the exit status go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ErrorCode {
    /// What was asked for makes no sense as it stands.
    InvalidInput,
    /// There is no such event, calendar or file.
    NotFound,
    /// There is already a profile, or a calendar of this name.
    AlreadyExists,
    /// There is no profile here yet.
    NoProfile,
    /// The passphrase is not right, or is missing.
    WrongPassphrase,
    /// The program is locked: the passphrase opens it again.
    Locked,
    /// A file is no backup, not whole, or of somebody else.
    BackupRefused,
    /// The system's keychain cannot be reached or does not hold the key.
    Keychain,
    /// The database is damaged.
    DatabaseDamaged,
    /// The database was written by a newer version.
    TooNew,
    /// Another program holds the database.
    Busy,
    /// The disk is full or cannot be written.
    DiskFull,
    /// The disk reports errors.
    DiskFailing,
    /// No relay is set up.
    NoRelay,
    /// The relay cannot be reached.
    RelayUnreachable,
    /// What answers is not a relay.
    NotARelay,
    /// The relay refused.
    RelayRefused,
    /// The invite does not exist or was used.
    InviteInvalid,
    /// Whoever owns the calendar does not allow it.
    NotAllowed,
    /// This device was revoked.
    DeviceRevoked,
    /// A code of the second factor is missing, or was wrong.
    SecondFactorDue,
    /// Linking a device did not succeed.
    LinkingFailed,
    /// What the relay shows contradicts what this device has seen.
    RelayContradicts,
    /// A fault of the program.
    Internal,
}

/// A failure, for a program and for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Error {
    /// What kind it is.
    pub code: ErrorCode,
    /// A finished sentence or a few.
    pub message: String,
}

/// What a command or a query gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure with its sentence.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A fault of the program: `what` names the place, never the content.
    #[must_use]
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::new(
            ErrorCode::Internal,
            format!(
                "Something went wrong inside Almanac ({what}). What was saved before is safe. \
                 Please report it."
            ),
        )
    }

    /// Input that makes no sense as it stands.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// Something that is not there.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// An event that is there no more.
    #[must_use]
    pub(crate) fn gone() -> Self {
        Self::not_found("This event is no longer here.")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(
                ErrorCode::Busy,
                "Another program is using this profile and did not let go. Nothing was changed. \
                 Close it, or try again in a moment.",
            ),
            StoreError::Full => Self::new(
                ErrorCode::DiskFull,
                "The disk is full. Nothing was changed, and everything saved before is safe. Free \
                 some space and try again.",
            ),
            StoreError::ReadOnly => Self::new(
                ErrorCode::DiskFull,
                "The database of this profile cannot be opened or written. Nothing was changed, \
                 and everything saved before is safe. Look whether its folder may be written and \
                 its disk has room, and try again.",
            ),
            StoreError::Failing => Self::new(
                ErrorCode::DiskFailing,
                "The disk failed while Almanac used it. Everything saved before is kept; what you \
                 just did may be missing, so look for it and do it again. If this comes back, \
                 copy the profile folder to another disk.",
            ),
            StoreError::Corrupt => Self::new(
                ErrorCode::DatabaseDamaged,
                "The database of this profile is damaged: a part of it cannot be read. It was left \
                 as it is and nothing was written to it. What other devices and the relay hold is \
                 safe: move the profile folder away and link this computer again as a new device.",
            ),
            StoreError::TooNew { .. } => Self::new(
                ErrorCode::TooNew,
                "This profile was last used by a newer version of Almanac. Nothing was changed. \
                 Update this program to open it.",
            ),
            StoreError::Sqlite(error) => Self::internal(format_args!("database: {error}")),
        }
    }
}
