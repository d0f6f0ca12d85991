//! Table `calendar`: the calendars, as their logs describe them.

use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::CalendarLog;
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::Refusal;

/// Number of the epoch in force, or `None` for a calendar that is not known.
pub(crate) fn epoch(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Option<u32>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT epoch FROM calendar WHERE calendar = ?1")?;
    Ok(statement
        .query_row([calendar.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// Who began a calendar.
pub(crate) fn owner(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Option<AccountId>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT owner FROM calendar WHERE calendar = ?1")?;
    let owner = statement.query_row([calendar.as_bytes()], |row| {
        column::id(row, 0, AccountId::from_slice)
    });
    Ok(owner.optional()?)
}

/// Makes the row of a calendar say what its log says.
pub(crate) fn replace(connection: &Connection, log: &CalendarLog) -> Result<(), Refusal> {
    connection.execute(
        "INSERT INTO calendar (calendar, owner, purpose, epoch) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (calendar) DO UPDATE SET epoch = excluded.epoch",
        params![
            log.id().as_bytes(),
            log.owner().as_bytes(),
            log.purpose().number(),
            log.epoch_now().section.epoch,
        ],
    )?;
    Ok(())
}
