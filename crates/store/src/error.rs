//! What can go wrong with the database, by who can act on it.

use rusqlite::ErrorCode;
use thiserror::Error;

/// A failure of the database. Nothing of the failed transaction is stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another program holds the database and did not let go in time.
    #[error("another program is using the database")]
    Busy,
    /// There is no room left on the disk.
    #[error("the disk is full")]
    Full,
    /// The file or its folder may not be opened or written.
    #[error("the database cannot be opened or written")]
    ReadOnly,
    /// The disk did not do what it was asked. A transaction that was being committed is there
    /// wholly or not at all when the database is next opened.
    #[error("the disk failed")]
    Failing,
    /// The file is damaged, or is not a database of this key.
    #[error("the database is damaged")]
    Corrupt,
    /// A newer version of the program wrote the file.
    #[error("the database has schema {found}, this program knows {known}")]
    TooNew {
        /// Schema of the file.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// Anything else SQLite says.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly
            }
            Some(ErrorCode::SystemIoFailure) => Self::Failing,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            _ => Self::Sqlite(error),
        }
    }
}
