//! Table `account`: who may store here.

use almanac_protocol::ids::AccountId;
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::clock;
use crate::reject::Refusal;

pub(crate) fn create(connection: &Connection, account: &AccountId) -> Result<(), Refusal> {
    connection.execute(
        "INSERT INTO account (account, created_ms) VALUES (?1, ?2)",
        params![account.as_bytes(), clock::now_ms()],
    )?;
    Ok(())
}

/// Bytes the account stores, or `None` for an account that is not known.
pub(crate) fn used_bytes(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<u64>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT used_bytes FROM account WHERE account = ?1")?;
    Ok(statement
        .query_row([account.as_bytes()], |row| column::number(row, 0))
        .optional()?)
}

pub(crate) fn add_bytes(
    connection: &Connection,
    account: &AccountId,
    bytes: u64,
) -> Result<(), Refusal> {
    let mut statement = connection
        .prepare_cached("UPDATE account SET used_bytes = used_bytes + ?2 WHERE account = ?1")?;
    statement.execute(params![account.as_bytes(), column::integer(bytes)?])?;
    Ok(())
}
