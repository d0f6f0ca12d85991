//! Everything of an account, in every table.
//!
//! Calendars in which somebody else is stay: what others wrote is theirs, and so is the account's log
//! while one of those calendars has to be judged by it.

use almanac_protocol::ids::{AccountId, CalendarId};
use rusqlite::{Connection, params};

use super::column;
use crate::reject::Refusal;

/// What is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) calendars: u32,
    pub(crate) kept: u32,
    pub(crate) envelopes: u64,
    pub(crate) bytes: u64,
}

/// Rows of a calendar, those that others refer to last.
const OF_CALENDAR: [&str; 11] = [
    "DELETE FROM envelope WHERE stream IN (SELECT id FROM stream WHERE calendar = ?1)",
    "DELETE FROM pack WHERE stream IN (SELECT id FROM stream WHERE calendar = ?1)",
    "DELETE FROM pack_chunk WHERE calendar = ?1",
    "DELETE FROM stream WHERE calendar = ?1",
    "DELETE FROM acceptance WHERE calendar = ?1",
    "DELETE FROM calendar_invite WHERE calendar = ?1",
    "DELETE FROM former_member WHERE calendar = ?1",
    "DELETE FROM member WHERE calendar = ?1",
    "DELETE FROM box WHERE log = ?1",
    "DELETE FROM link WHERE log = ?1",
    "DELETE FROM calendar WHERE calendar = ?1",
];

/// Rows of an account itself, in the same order.
const OF_ACCOUNT: [&str; 9] = [
    "DELETE FROM acceptance WHERE account = ?1",
    "DELETE FROM box WHERE log = ?1",
    "DELETE FROM second_factor WHERE account = ?1",
    "DELETE FROM recovery_hold WHERE account = ?1",
    "DELETE FROM guest WHERE account = ?1",
    "DELETE FROM former_device WHERE account = ?1",
    "DELETE FROM device WHERE account = ?1",
    "DELETE FROM account WHERE account = ?1",
    "UPDATE invite SET account = x'' WHERE account = ?1",
];

/// What nobody has any use for: logs of accounts that are gone, once no calendar names them, and names
/// of devices that wrote nothing which is still here.
const LEFT_OVER: [&str; 2] = [
    "DELETE FROM link WHERE kind = 1
     AND log NOT IN (SELECT account FROM account)
     AND log NOT IN (SELECT account FROM member)
     AND log NOT IN (SELECT account FROM former_member)",
    "DELETE FROM author WHERE NOT EXISTS (SELECT 1 FROM envelope WHERE author = author.id)",
];

pub(crate) fn erase(connection: &Connection, account: &AccountId) -> Result<Gone, Refusal> {
    let mut gone = Gone::default();
    for calendar in super::member::calendars(connection, account)? {
        if is_shared(connection, &calendar, account)? {
            gone.kept += 1;
            continue;
        }
        let (envelopes, bytes) = weigh(connection, &calendar)?;
        gone.envelopes += envelopes;
        gone.bytes += bytes;
        for sql in OF_CALENDAR {
            connection.execute(sql, [calendar.as_bytes()])?;
        }
        gone.calendars += 1;
    }
    for sql in OF_ACCOUNT {
        connection.execute(sql, [account.as_bytes()])?;
    }
    for sql in LEFT_OVER {
        connection.execute(sql, ())?;
    }
    Ok(gone)
}

/// Whether anybody else is in a calendar who is still at this relay.
fn is_shared(
    connection: &Connection,
    calendar: &CalendarId,
    account: &AccountId,
) -> Result<bool, Refusal> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM member JOIN account USING (account)
         WHERE calendar = ?1 AND account <> ?2)",
        params![calendar.as_bytes(), account.as_bytes()],
        |row| row.get(0),
    )?)
}

fn weigh(connection: &Connection, calendar: &CalendarId) -> Result<(u64, u64), Refusal> {
    let (envelopes, bytes) = connection.query_row(
        "SELECT count(*), coalesce(sum(length(envelope.bytes)), 0) FROM envelope
         JOIN stream ON stream.id = envelope.stream WHERE stream.calendar = ?1",
        [calendar.as_bytes()],
        |row| Ok((column::number(row, 0)?, column::number(row, 1)?)),
    )?;
    let packed = connection.query_row(
        "SELECT coalesce(sum(length(bytes)), 0) FROM pack_chunk WHERE calendar = ?1",
        [calendar.as_bytes()],
        |row| column::number(row, 0),
    )?;
    Ok((envelopes, bytes + packed))
}
