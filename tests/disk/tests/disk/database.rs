//! A database as a test looks into it, with its key and without the store.

use std::path::Path;

use almanac_disk::Disk;
use almanac_store::DatabaseKey;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Name of the client's database.
pub(crate) const FILE: &str = "almanac.db";

/// Name of a relay's database.
pub(crate) const RELAY_FILE: &str = "relay.db";

/// Opens the database of a profile on a disk, as the client tells SQLCipher to.
pub(crate) fn connect(disk: &Disk, key: &str) -> rusqlite::Result<Connection> {
    connect_at(&disk.path(FILE), key)
}

fn connect_at(path: &Path, key: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"{key}\";"
    ))?;
    Ok(connection)
}

/// The same key as the store takes it.
pub(crate) fn store_key(key: &str) -> DatabaseKey {
    let digits = key.trim_matches(|c| c == 'x' || c == '\'');
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    DatabaseKey::new(
        &std::array::from_fn(byte),
        std::array::from_fn(|at| byte(32 + at)),
    )
}

/// Everything a database says, in sixteen bytes.
pub(crate) type Digest = [u8; 16];

/// The digest of every row of every table.
pub(crate) fn digest(connection: &Connection) -> rusqlite::Result<Digest> {
    let tables = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table'
             AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
        )?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut hasher = blake3::Hasher::new();
    for table in tables {
        hasher.update(table.as_bytes());
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                feed(&mut hasher, row.get_ref(column)?);
            }
        }
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Ok(digest)
}

fn feed(hasher: &mut blake3::Hasher, value: ValueRef<'_>) {
    let (mark, bytes) = match value {
        ValueRef::Null => (0, &[][..]),
        ValueRef::Integer(number) => {
            hasher.update(&[1]).update(&number.to_le_bytes());
            return;
        }
        ValueRef::Real(number) => {
            hasher.update(&[2]).update(&number.to_le_bytes());
            return;
        }
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    hasher
        .update(&[mark])
        .update(&bytes.len().to_le_bytes())
        .update(bytes);
}

/// What SQLite and SQLCipher find wrong with a database.
pub(crate) fn damage(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    // SQLCipher looks at the pages of the file alone, so what is in the WAL has to be there.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    for pragma in [
        "integrity_check",
        "cipher_integrity_check",
        "foreign_key_check",
    ] {
        let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        for line in rows {
            found.extend(Some(line?).filter(|line| line != "ok"));
        }
    }
    Ok(found)
}
