//! What can go wrong with the database, by who can act on it.

use rusqlite::ErrorCode;
use thiserror::Error;

/// A failure of the database. Nothing of the failed transaction is stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another program holds the database and did not let go in time.
    #[error("another program is using the database")]
    Busy,
    /// The disk is full or may not be written.
    #[error("the disk is full or cannot be written")]
    Full,
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
            Some(ErrorCode::DiskFull | ErrorCode::ReadOnly) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            _ => Self::Sqlite(error),
        }
    }
}
