//! Table `member`: who is in which calendar, as the logs name them.

use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::{CalendarLog, Role};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::Refusal;

/// The role of an account in a calendar, or `None`.
pub(crate) fn role(
    connection: &Connection,
    calendar: &CalendarId,
    account: &AccountId,
) -> Result<Option<Role>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT role FROM member WHERE calendar = ?1 AND account = ?2")?;
    let number: Option<u8> = statement
        .query_row(params![calendar.as_bytes(), account.as_bytes()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(number.and_then(|number| Role::from_number(number).ok()))
}

/// The calendars of an account.
pub(crate) fn calendars(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<CalendarId>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT calendar FROM member WHERE account = ?1 ORDER BY calendar")?;
    let rows = statement.query_map([account.as_bytes()], |row| {
        column::id(row, 0, CalendarId::from_slice)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The members of a calendar.
pub(crate) fn accounts(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Vec<AccountId>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT account FROM member WHERE calendar = ?1 ORDER BY account")?;
    let rows = statement.query_map([calendar.as_bytes()], |row| {
        column::id(row, 0, AccountId::from_slice)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The account itself and all who share a calendar with it.
pub(crate) fn circle(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<AccountId>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT ?1 AS account UNION
         SELECT other.account FROM member AS own JOIN member AS other USING (calendar)
         WHERE own.account = ?1 ORDER BY account",
    )?;
    let rows = statement.query_map([account.as_bytes()], |row| {
        column::id(row, 0, AccountId::from_slice)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes the rows of a calendar say what its log says.
pub(crate) fn replace(connection: &Connection, log: &CalendarLog) -> Result<(), Refusal> {
    let calendar = log.id();
    connection.execute(
        "DELETE FROM member WHERE calendar = ?1",
        [calendar.as_bytes()],
    )?;
    for (account, role) in log.members() {
        connection.execute(
            "INSERT INTO member (calendar, account, role) VALUES (?1, ?2, ?3)",
            params![calendar.as_bytes(), account.as_bytes(), role.number()],
        )?;
    }
    Ok(())
}
