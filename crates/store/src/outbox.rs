//! Table `outbox`: sealed envelopes that wait for the relay's word.

use almanac_protocol::ids::{CalendarId, Incarnation};
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// One sealed envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// The life of this device that signed its frames.
    pub incarnation: Incarnation,
    /// Number of the first frame inside.
    pub first_seq: u64,
    /// Number of the last frame inside.
    pub last_seq: u64,
    /// The envelope.
    pub bytes: Vec<u8>,
}

impl Transaction<'_> {
    /// Keeps an envelope until it is acknowledged.
    pub fn put_outbox(&self, row: &OutboxRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO outbox (calendar, incarnation, first_seq, last_seq, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                row.calendar.as_bytes().as_slice(),
                row.incarnation.as_bytes().as_slice(),
                row.first_seq,
                row.last_seq,
                row.bytes
            ])?;
        Ok(())
    }

    /// The envelopes of a calendar, in the order of their frames.
    pub fn outbox(&self, calendar: CalendarId) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT incarnation, first_seq, last_seq, bytes FROM outbox WHERE calendar = ?1
             ORDER BY incarnation, first_seq",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(OutboxRow {
                calendar,
                incarnation: Incarnation::from_bytes(row.get(0)?),
                first_seq: row.get(1)?,
                last_seq: row.get(2)?,
                bytes: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Removes envelopes all of whose frames turned out to be at the relay.
    pub fn settle_outbox(&self, calendar: CalendarId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM outbox WHERE calendar = ?1 AND NOT EXISTS (
                     SELECT 1 FROM frame WHERE frame.calendar = outbox.calendar
                     AND frame.incarnation = outbox.incarnation AND frame.sent < 2
                     AND frame.seq BETWEEN outbox.first_seq AND outbox.last_seq)",
            )?
            .execute([calendar.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Removes an envelope: acknowledged, or to be sealed anew.
    pub fn remove_outbox(
        &self,
        calendar: CalendarId,
        incarnation: Incarnation,
        first_seq: u64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM outbox WHERE calendar = ?1 AND incarnation = ?2 AND first_seq = ?3",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                first_seq
            ])?;
        Ok(())
    }
}
