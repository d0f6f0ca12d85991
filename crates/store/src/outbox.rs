//! Table `outbox`: sealed envelopes that wait for the relay's word.

use almanac_protocol::ids::{CalendarId, Incarnation};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Where a sealed envelope stands: the frames that are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxPlace {
    /// The calendar.
    pub calendar: CalendarId,
    /// The life of this device that signed its frames.
    pub incarnation: Incarnation,
    /// Number of the first frame inside.
    pub first_seq: u64,
    /// Number of the last frame inside.
    pub last_seq: u64,
}

impl Transaction<'_> {
    /// Keeps an envelope until it is acknowledged.
    pub fn put_outbox(&self, place: &OutboxPlace, envelope: &[u8]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO outbox (calendar, incarnation, first_seq, last_seq, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                place.calendar.as_bytes().as_slice(),
                place.incarnation.as_bytes().as_slice(),
                place.first_seq,
                place.last_seq,
                envelope
            ])?;
        Ok(())
    }

    /// Where the envelopes of a calendar stand, in the order of their frames.
    pub fn outbox(&self, calendar: CalendarId) -> Result<Vec<OutboxPlace>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT incarnation, first_seq, last_seq FROM outbox WHERE calendar = ?1
             ORDER BY incarnation, first_seq",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(OutboxPlace {
                calendar,
                incarnation: Incarnation::from_bytes(row.get(0)?),
                first_seq: row.get(1)?,
                last_seq: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The envelope that stands at a place.
    pub fn envelope(&self, place: &OutboxPlace) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT bytes FROM outbox WHERE calendar = ?1 AND incarnation = ?2 AND first_seq = ?3
             AND last_seq = ?4",
        )?;
        let key = params![
            place.calendar.as_bytes().as_slice(),
            place.incarnation.as_bytes().as_slice(),
            place.first_seq,
            place.last_seq
        ];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
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
}
