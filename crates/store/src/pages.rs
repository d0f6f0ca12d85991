//! Whether every page that a connection has read could be decrypted.
//!
//! SQLCipher gives zeros for a page that could not, so a long value that reaches into it comes without
//! an error, and it gives zeros for every page from then on: what such a connection has read must
//! not be believed, and it must not be used again.

use rusqlite::Connection;

use crate::error::StoreError;

/// Fails if a page could not be decrypted since the connection was opened: as damage if the file
/// holds such a page, as a failure of the disk if it does not, or not any more.
pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    // Answered when it is prepared, so this must not be cached.
    let is_well: String = connection.query_row("PRAGMA cipher_status", [], |row| row.get(0))?;
    if is_well == "1" {
        return Ok(());
    }
    let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
    let mut findings = statement.query([])?;
    while let Some(finding) = findings.next()? {
        if finding.get::<_, String>(0)?.starts_with("HMAC") {
            return Err(StoreError::Corrupt);
        }
    }
    Err(StoreError::Failing)
}
