//! Opening the database and working in it: every access is one transaction.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::StoreError;
use crate::migrate;
use crate::pages;

/// Milliseconds to wait for another process's transaction.
const BUSY_WAIT_MS: u64 = 10_000;

/// The key of the database and the salt of its first page.
///
/// In one place of its own, so that no copy of it stays behind when the value moves.
#[derive(Clone)]
pub struct DatabaseKey(Box<KeyBytes>);

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct KeyBytes {
    key: [u8; 32],
    salt: [u8; 16],
}

impl DatabaseKey {
    /// A key of 32 uniformly random bytes and the salt derived from it.
    #[must_use]
    pub fn new(key: &[u8; 32], salt: [u8; 16]) -> Self {
        let mut bytes = Box::new(KeyBytes { key: [0; 32], salt });
        bytes.key.copy_from_slice(key);
        Self(bytes)
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(..)")
    }
}

/// The open database of one profile.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    key: DatabaseKey,
    /// Whether the connection has met a page that could not be decrypted.
    is_spent: bool,
}

impl Store {
    /// Opens the database at `path`, creating it when there is none, and brings its schema up to
    /// date.
    ///
    /// A file of another key and a damaged file look the same: [`StoreError::Corrupt`]. Nothing is
    /// written to it then.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        Ok(Self {
            connection: connect(path, key)?,
            path: path.to_owned(),
            key: key.clone(),
            is_spent: false,
        })
    }

    /// Opens the database once more, for reading that takes long: nobody who writes waits for it.
    pub fn beside(&self) -> Result<Self, StoreError> {
        Self::open(&self.path, &self.key)
    }

    /// Where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in a transaction that sees one state of the database.
    pub fn read<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.renew()?;
        let transaction = self.connection.transaction().map_err(StoreError::from)?;
        let value = work(&Transaction { sql: transaction });
        self.check_pages()?;
        value
    }

    /// Runs `work` in a transaction and commits it when it succeeds: all of it is stored and
    /// survives a power cut, or nothing is.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.renew()?;
        let (value, mut checked, committed) = {
            let sql = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StoreError::from)?;
            let transaction = Transaction { sql };
            let value = work(&transaction);
            let checked = pages::check(&transaction.sql);
            // Otherwise dropped, which takes everything back.
            let commits = value.is_ok() && checked.is_ok();
            let committed = commits.then(|| transaction.sql.commit().map_err(StoreError::from));
            (value, checked, committed.unwrap_or(Ok(())))
        };
        if committed.is_err() {
            checked = pages::check(&self.connection);
        }
        self.is_spent = checked.is_err();
        checked?;
        committed?;
        value
    }

    /// Opens the database again where the connection may not be used any more, so that a disk that
    /// failed for a moment is no reason to end the program.
    fn renew(&mut self) -> Result<(), StoreError> {
        if self.is_spent {
            self.connection = connect(&self.path, &self.key)?;
            self.is_spent = false;
        }
        Ok(())
    }

    fn check_pages(&mut self) -> Result<(), StoreError> {
        let checked = pages::check(&self.connection);
        self.is_spent = checked.is_err();
        checked
    }

    /// Gives the database room for much writing, or takes it back.
    pub fn set_room(&self, room: Room) -> Result<(), StoreError> {
        self.connection.execute_batch(match room {
            Room::Usual => {
                "PRAGMA cache_size = -16000; PRAGMA shrink_memory;
                 PRAGMA wal_autocheckpoint = 4000;"
            }
            Room::Large => "PRAGMA cache_size = -48000; PRAGMA wal_autocheckpoint = 16000;",
        })?;
        if room == Room::Usual {
            // What was written is committed, whether or not the disk has room to move it now: a
            // later commit tries again.
            let _ = self
                .connection
                .execute_batch("PRAGMA wal_checkpoint(PASSIVE);");
        }
        Ok(())
    }

    /// A number that changes when another process commits. Costs no input or output.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))?)
    }
}

/// How much the database may keep in memory, and in its log before that goes into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Enough for what people do.
    Usual,
    /// Enough for transactions of thousands of new events: a page that one of them writes, or
    /// several one after the other, otherwise goes to disk several times.
    Large,
}

/// One transaction. Its methods stand in the file of the table they touch.
#[derive(Debug)]
pub struct Transaction<'a> {
    pub(crate) sql: rusqlite::Transaction<'a>,
}

fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    unlock(&connection, key)?;
    connection.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -16000;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA fullfsync = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    migrate::migrate(&mut connection)?;
    Ok(connection)
}

/// Whether memory that held plain text is wiped, and kept from being swapped out.
const MEMORY_SECURITY: &str = if cfg!(feature = "simulation") {
    "OFF"
} else {
    "ON"
};

fn unlock(connection: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    let mut text = String::with_capacity(224);
    text.push_str("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ");
    text.push_str(MEMORY_SECURITY);
    text.push_str("; PRAGMA key = \"x'");
    for byte in key.0.key.iter().chain(&key.0.salt) {
        text.push(hex_digit(byte >> 4));
        text.push(hex_digit(byte & 15));
    }
    text.push_str("'\";");
    let keyed = connection.execute_batch(&text);
    text.zeroize();
    keyed?;
    // The first read is what shows whether the key fits.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })?;
    Ok(())
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).expect("a nibble is below sixteen")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn scratch() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), 7).unwrap();
        (folder, store)
    }

    fn open(folder: &Path, key: u8) -> Result<Store, StoreError> {
        Store::open(
            &folder.join("almanac.db"),
            &DatabaseKey::new(&[key; 32], [3; 16]),
        )
    }

    #[test]
    fn the_file_opens_with_its_key_and_no_other() {
        let (folder, store) = scratch();
        drop(store);
        assert!(open(folder.path(), 7).is_ok());
        assert!(matches!(open(folder.path(), 8), Err(StoreError::Corrupt)));
    }

    #[test]
    fn a_damaged_file_is_named_as_such() {
        let (folder, store) = scratch();
        drop(store);
        let path = folder.path().join("almanac.db");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[40] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(open(folder.path(), 7), Err(StoreError::Corrupt)));
    }

    #[test]
    fn the_file_holds_no_plain_text() {
        let (folder, mut store) = scratch();
        store
            .write(|tx| tx.set(crate::Setting::DeviceName, b"canary in the database"))
            .unwrap();
        drop(store);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"canary"));
            assert!(!bytes.windows(6).any(|window| window == b"SQLite"));
        }
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let (_folder, mut store) = scratch();
        let failed: Result<(), StoreError> = store.write(|tx| {
            tx.set(crate::Setting::DeviceName, b"half")?;
            Err(StoreError::Busy)
        });
        assert!(failed.is_err());
        let name = store
            .read(|tx| tx.setting(crate::Setting::DeviceName))
            .unwrap();
        assert_eq!(name, None);
    }

    #[test]
    fn a_commit_of_another_connection_shows() {
        let (folder, store) = scratch();
        let mut other = open(folder.path(), 7).unwrap();
        let before = store.data_version().unwrap();
        other
            .write(|tx| tx.set(crate::Setting::DeviceName, b"x"))
            .unwrap();
        assert_ne!(store.data_version().unwrap(), before);
    }
}
