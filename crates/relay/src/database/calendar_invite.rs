//! Table `calendar_invite`: the invites to calendars that are open, as the logs say.
//!
//! Not to be mixed up with `invite`, whose codes let a new account store here.

use almanac_protocol::ids::{CalendarId, VerifyKey};
use almanac_protocol::membership::{CalendarLog, InviteState};
use rusqlite::{Connection, params};

use super::column;
use crate::clock;
use crate::reject::Refusal;

/// Whether an invite is open and its time not over by the relay's clock.
pub(crate) fn is_open(
    connection: &Connection,
    calendar: &CalendarId,
    invite: &VerifyKey,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM calendar_invite
                        WHERE calendar = ?1 AND invite = ?2 AND expires_ms > ?3)",
    )?;
    let row = params![calendar.as_bytes(), invite.as_bytes(), clock::now_ms()];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Makes the rows of a calendar say what its log says.
pub(crate) fn replace(connection: &Connection, log: &CalendarLog) -> Result<(), Refusal> {
    let calendar = log.id();
    connection.execute(
        "DELETE FROM calendar_invite WHERE calendar = ?1",
        [calendar.as_bytes()],
    )?;
    let open = log
        .invites()
        .filter(|invite| invite.state == InviteState::Open);
    for invite in open {
        // A time that SQLite cannot hold is later than any clock.
        let expires_ms = column::integer(invite.terms.expires_ms).unwrap_or(i64::MAX);
        connection.execute(
            "INSERT INTO calendar_invite (calendar, invite, expires_ms) VALUES (?1, ?2, ?3)",
            params![calendar.as_bytes(), invite.terms.key.as_bytes(), expires_ms],
        )?;
    }
    Ok(())
}
