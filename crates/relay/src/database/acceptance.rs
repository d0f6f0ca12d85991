//! Table `acceptance`: who asks to be admitted to a calendar.
//!
//! Invariant: nothing is kept for an invite that was used, was taken back, or is over.

use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::join::Acceptance;
use almanac_protocol::limits::ACCEPTANCES_PER_MESSAGE_MAX;
use almanac_protocol::membership::Role;
use rusqlite::{Connection, params};

use crate::clock;
use crate::reject::Refusal;

/// How many others ask by this invite.
pub(crate) fn count_of_others(
    connection: &Connection,
    acceptance: &Acceptance,
) -> Result<usize, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM acceptance WHERE calendar = ?1 AND invite = ?2 AND account <> ?3",
    )?;
    let row = params![
        acceptance.calendar.as_bytes(),
        acceptance.invite.as_bytes(),
        acceptance.account.as_bytes(),
    ];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Keeps an acceptance, in place of an earlier one of the same account by the same invite.
pub(crate) fn put(
    connection: &Connection,
    acceptance: &Acceptance,
    record: &[u8],
) -> Result<(), Refusal> {
    connection.execute(
        "INSERT OR REPLACE INTO acceptance (calendar, invite, account, arrived_ms, record)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            acceptance.calendar.as_bytes(),
            acceptance.invite.as_bytes(),
            acceptance.account.as_bytes(),
            clock::now_ms(),
            record,
        ],
    )?;
    Ok(())
}

/// Who asks to be admitted to a calendar by an invite that is open, whoever asked first before.
pub(crate) fn of_calendar(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT record FROM acceptance JOIN calendar_invite USING (calendar, invite)
         WHERE calendar = ?1 AND expires_ms > ?2 ORDER BY arrived_ms, account LIMIT ?3",
    )?;
    let row = params![
        calendar.as_bytes(),
        clock::now_ms(),
        ACCEPTANCES_PER_MESSAGE_MAX,
    ];
    let rows = statement.query_map(row, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an account asks to be admitted to a calendar of which `owner` is one.
pub(crate) fn is_for(
    connection: &Connection,
    account: &AccountId,
    owner: &AccountId,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM acceptance JOIN member USING (calendar)
                        WHERE acceptance.account = ?1 AND member.account = ?2 AND role = ?3)",
    )?;
    let row = params![account.as_bytes(), owner.as_bytes(), Role::Owner.number()];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Forgets what is kept for invites that are not open any more, of all calendars.
pub(crate) fn forget_over(connection: &Connection) -> Result<(), Refusal> {
    connection.execute(
        "DELETE FROM acceptance WHERE NOT EXISTS (
             SELECT 1 FROM calendar_invite AS open
             WHERE open.calendar = acceptance.calendar AND open.invite = acceptance.invite
               AND open.expires_ms > ?1)",
        [clock::now_ms()],
    )?;
    Ok(())
}
