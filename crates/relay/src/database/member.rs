//! Tables `member` and `former_member`: who is in which calendar and who was, as the logs say.

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

/// The owners of a calendar.
pub(crate) fn owners(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Vec<AccountId>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT account FROM member WHERE calendar = ?1 AND role = ?2")?;
    let row = params![calendar.as_bytes(), Role::Owner.number()];
    let rows = statement.query_map(row, |row| column::id(row, 0, AccountId::from_slice))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an account is or was a member of this calendar.
pub(crate) fn was_member(
    connection: &Connection,
    calendar: &CalendarId,
    account: &AccountId,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM member WHERE calendar = ?1 AND account = ?2)
             OR EXISTS (SELECT 1 FROM former_member WHERE calendar = ?1 AND account = ?2)",
    )?;
    let row = params![calendar.as_bytes(), account.as_bytes()];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Whether `other` is or was a member of a calendar of which `account` is one: without its log that
/// calendar's could not be judged.
pub(crate) fn shares_a_log(
    connection: &Connection,
    account: &AccountId,
    other: &AccountId,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM member AS own WHERE own.account = ?1 AND (
                 EXISTS (SELECT 1 FROM member AS now
                         WHERE now.calendar = own.calendar AND now.account = ?2)
                 OR EXISTS (SELECT 1 FROM former_member AS once
                            WHERE once.calendar = own.calendar AND once.account = ?2)))",
    )?;
    let row = params![account.as_bytes(), other.as_bytes()];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// The number of the link by which an account left a calendar, if it did.
pub(crate) fn left(
    connection: &Connection,
    calendar: &CalendarId,
    account: &AccountId,
) -> Result<Option<u64>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT left_seq FROM former_member WHERE calendar = ?1 AND account = ?2",
    )?;
    let row = params![calendar.as_bytes(), account.as_bytes()];
    Ok(statement
        .query_row(row, |row| column::number(row, 0))
        .optional()?)
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
    connection.execute(
        "DELETE FROM former_member WHERE calendar = ?1",
        [calendar.as_bytes()],
    )?;
    for (account, left_seq) in log.former_members() {
        connection.execute(
            "INSERT INTO former_member (calendar, account, left_seq) VALUES (?1, ?2, ?3)",
            params![
                calendar.as_bytes(),
                account.as_bytes(),
                column::integer(left_seq)?,
            ],
        )?;
    }
    Ok(())
}
