//! The relay's database: one SQLite file, one module per table.
//!
//! Invariants: a connection is only handed out for a schema this program knows and a file that
//! SQLite finds sound; one process writes envelopes, so the numbers of a stream have no gaps.
//! Leaves alone: who may do what is decided in [`access`], when to commit in the mailbox.

pub(crate) mod acceptance;
pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod author;
pub(crate) mod calendar;
pub(crate) mod calendar_invite;
pub(crate) mod column;
pub(crate) mod device;
pub(crate) mod envelope;
pub(crate) mod erasure;
pub(crate) mod guest;
pub(crate) mod identity;
pub(crate) mod invite;
pub(crate) mod key_box;
pub(crate) mod link;
pub(crate) mod member;
pub(crate) mod pack;
pub(crate) mod pack_chunk;
pub(crate) mod recovery;
pub(crate) mod stream;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use thiserror::Error;

/// The migrations, in order; the last one's number is the schema this program knows.
const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/relay/sqlite/0001_initial.sql"),
    include_str!("../../../migrations/relay/sqlite/0002_packs.sql"),
    include_str!("../../../migrations/relay/sqlite/0003_sharing.sql"),
    include_str!("../../../migrations/relay/sqlite/0004_recovery.sql"),
    include_str!("../../../migrations/relay/sqlite/0005_guests.sql"),
];

/// Why the database cannot be used.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// Another process holds the lock for too long.
    #[error("the database is busy")]
    Busy,
    /// No room on the disk.
    #[error(
        "there is no room left on the disk. What was acknowledged is safe, nothing new is taken; \
         make room, and devices send again by themselves"
    )]
    Full,
    /// The disk or the file takes no writing.
    #[error(
        "the database can only be read. What was acknowledged is safe, nothing new is taken; make \
         its folder writable for this program again (a disk that failed is often mounted \
         read-only), and devices send again by themselves"
    )]
    ReadOnly,
    /// The disk does not do what it is told.
    #[error(
        "the disk does not read or write as it should. What was acknowledged was written before; \
         nothing new is taken. Look at the disk before anything else, copy the folder while it \
         can be read, and go on from the copy on another disk"
    )]
    Failing,
    /// The file is damaged, or no database at all.
    #[error(
        "the database is damaged. Nothing was changed; stop here, keep the file, and restore a backup"
    )]
    Corrupt,
    /// A newer program wrote it.
    #[error(
        "the database has schema {found}, this program knows {known}. It was left untouched; \
         use the newer program"
    )]
    TooNew {
        /// Number in the file.
        found: i64,
        /// Highest number known.
        known: i64,
    },
    /// There is none.
    #[error("there is no database at {0}")]
    Missing(PathBuf),
    /// Anything else SQLite says.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::SystemIoFailure) => Self::Failing,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

/// Whether opening made a new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It was created just now.
    Created,
    /// It was there.
    Found,
}

/// Opens the database for writing, creates and upgrades it as needed, and checks that it is sound.
pub(crate) fn open(path: &Path) -> Result<(Connection, Opened), DatabaseError> {
    let mut connection = Connection::open(path)?;
    prepare(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let opened = migrate(&mut connection)?;
    check(&connection)?;
    Ok((connection, opened))
}

/// Opens an existing database of the current schema for writing, beside a running relay.
pub(crate) fn open_existing(path: &Path) -> Result<Connection, DatabaseError> {
    if !path.exists() {
        return Err(DatabaseError::Missing(path.to_owned()));
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    prepare(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    check_version(&connection)?;
    Ok(connection)
}

/// Opens another connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = open_existing(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), DatabaseError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // What is deleted is gone from the file, not only from its lists.
    connection.pragma_update(None, "secure_delete", true)?;
    // On macOS a plain fsync does not reach the disk.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<Opened, DatabaseError> {
    check_version_at_most(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS) {
        if number > found {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    if found == 0 {
        identity::create(&transaction)?;
    }
    transaction.commit()?;
    Ok(if found == 0 {
        Opened::Created
    } else {
        Opened::Found
    })
}

fn version(connection: &Connection) -> Result<i64, DatabaseError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

fn check_version_at_most(connection: &Connection) -> Result<(), DatabaseError> {
    let found = version(connection)?;
    let known = known();
    if found > known {
        Err(DatabaseError::TooNew { found, known })
    } else {
        Ok(())
    }
}

fn check_version(connection: &Connection) -> Result<(), DatabaseError> {
    check_version_at_most(connection)?;
    let found = version(connection)?;
    // A file without our schema holds something else, or the beginning of nothing.
    if found < known() {
        Err(DatabaseError::Corrupt)
    } else {
        Ok(())
    }
}

fn check(connection: &Connection) -> Result<(), DatabaseError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(DatabaseError::Corrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_created_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let (first, opened) = open(&path).unwrap();
        assert_eq!(opened, Opened::Created);
        let epoch = identity::read(&first).unwrap().epoch;
        drop(first);
        let (second, opened) = open(&path).unwrap();
        assert_eq!(opened, Opened::Found);
        assert_eq!(identity::read(&second).unwrap().epoch, epoch);
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let (connection, _) = open(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        assert!(matches!(
            open(&path),
            Err(DatabaseError::TooNew {
                found: 99,
                known: 5
            })
        ));
        assert!(matches!(
            open_reader(&path),
            Err(DatabaseError::TooNew { .. })
        ));
    }

    #[test]
    fn bytes_that_are_no_database_are_called_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        std::fs::write(&path, [0x5A; 8192]).unwrap();
        assert!(matches!(open(&path), Err(DatabaseError::Corrupt)));
        let missing = folder.path().join("other.db");
        assert!(matches!(
            open_reader(&missing),
            Err(DatabaseError::Missing(_))
        ));
        assert!(!missing.exists());
    }

    #[test]
    fn a_damaged_page_is_noticed_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        let (connection, _) = open(&path).unwrap();
        for n in 0..2_000_i64 {
            let row = ([0_u8; 32].map(|_| 0), n);
            connection
                .execute(
                    "INSERT INTO link VALUES (?1, ?2, 1, 1, ?1, zeroblob(200))",
                    row,
                )
                .unwrap();
        }
        connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        drop(connection);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0xEE);
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(open(&path), Err(DatabaseError::Corrupt)));
    }
}
