//! Table `box`: sealed keys beside the logs.

use std::collections::BTreeSet;

use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use rusqlite::{Connection, params};

use crate::reject::Refusal;

/// Boxes that one answer holds: the newest, which lead back to all older secrets.
const BOXES_MAX: usize = 256;

/// For whom a box is, and from whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoxKey {
    /// The account or calendar.
    pub(crate) log: LogId,
    /// Epoch, or generation of the account's key.
    pub(crate) generation: u32,
    /// Account, or device.
    pub(crate) recipient: [u8; 32],
    /// Who stores it.
    pub(crate) supplier: AccountId,
}

/// What storing a box came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It is there now and was not before.
    New,
    /// The very same box stood there.
    Known,
}

/// Stores a box; the same supplier's older one under this key is replaced.
pub(crate) fn put(connection: &Connection, key: &BoxKey, record: &[u8]) -> Result<Stored, Refusal> {
    let rows = connection.execute(
        "INSERT INTO box (log, generation, recipient, supplier, record) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (log, generation, recipient, supplier) DO UPDATE SET record = excluded.record
         WHERE record <> excluded.record",
        params![
            key.log.as_bytes(),
            key.generation,
            key.recipient,
            key.supplier.as_bytes(),
            record,
        ],
    )?;
    Ok(if rows == 0 {
        Stored::Known
    } else {
        Stored::New
    })
}

/// For whom boxes of a generation are there.
pub(crate) fn recipients(
    connection: &Connection,
    log: &LogId,
    generation: u32,
) -> Result<BTreeSet<[u8; 32]>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT recipient FROM box WHERE log = ?1 AND generation = ?2")?;
    let rows = statement.query_map(params![log.as_bytes(), generation], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest boxes for a recipient, the oldest of them first.
pub(crate) fn get(
    connection: &Connection,
    log: &LogId,
    recipient: &[u8; 32],
) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT record FROM box WHERE log = ?1 AND recipient = ?2
         ORDER BY generation DESC, supplier LIMIT ?3",
    )?;
    let rows = statement.query_map(params![log.as_bytes(), recipient, BOXES_MAX], |row| {
        row.get(0)
    })?;
    let mut records = rows.collect::<Result<Vec<Vec<u8>>, _>>()?;
    records.reverse();
    Ok(records)
}

/// Forgets the boxes of a calendar that are for accounts which are no members.
pub(crate) fn forget_former(connection: &Connection, calendar: &CalendarId) -> Result<(), Refusal> {
    connection.execute(
        "DELETE FROM box WHERE log = ?1
         AND recipient NOT IN (SELECT account FROM member WHERE calendar = ?1)",
        [calendar.as_bytes()],
    )?;
    Ok(())
}
