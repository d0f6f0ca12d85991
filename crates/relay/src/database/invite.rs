//! Table `invite`: codes that allow one account each, by their hashes.

use almanac_protocol::codes::InviteCode;
use almanac_protocol::ids::AccountId;
use rusqlite::{Connection, params};

use super::DatabaseError;
use crate::{clock, entropy};

/// Makes a code and remembers its hash.
pub(crate) fn create(connection: &Connection) -> Result<InviteCode, DatabaseError> {
    let code = InviteCode::from_random(entropy::bytes());
    connection.execute(
        "INSERT INTO invite (hash, created_ms) VALUES (?1, ?2)",
        params![code.hash(), clock::now_ms()],
    )?;
    Ok(code)
}

/// Whether the code exists and is unused.
pub(crate) fn is_open(connection: &Connection, code: &InviteCode) -> Result<bool, DatabaseError> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM invite WHERE hash = ?1 AND used_ms = 0)")?;
    Ok(statement.query_row([code.hash()], |row| row.get(0))?)
}

/// Uses the code up; false when it does not exist or was used.
pub(crate) fn take(
    connection: &Connection,
    code: &InviteCode,
    account: &AccountId,
) -> Result<bool, DatabaseError> {
    let taken = connection.execute(
        "UPDATE invite SET used_ms = ?2, account = ?3 WHERE hash = ?1 AND used_ms = 0",
        params![code.hash(), clock::now_ms(), account.as_bytes()],
    )?;
    Ok(taken == 1)
}
