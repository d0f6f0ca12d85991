//! Tables `busy_stream` and `busy_stale`: the free/busy stream of calendars, and what is still to be told
//! there.

use almanac_protocol::ids::{CalendarId, RelayEpoch, StreamHash};
use rusqlite::{OptionalExtension, params};

use crate::calendar::Cursor;
use crate::error::StoreError;
use crate::transaction::Transaction;

/// The free/busy stream of a calendar, as this device has to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusyStreamRow {
    /// How far it was read.
    pub cursor: Cursor,
    /// First and last of the days that this device keeps true there, counted from 1970 in UTC.
    pub told: Option<(i32, i32)>,
}

/// A stretch of time in which an event was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusyStale {
    /// Its number here.
    pub id: i64,
    /// First second.
    pub first_s: i64,
    /// Last second; the largest number where it goes on.
    pub last_s: i64,
    /// Whether another device made the change.
    pub is_remote: bool,
}

const START: Cursor = Cursor {
    rseq: 0,
    hash: StreamHash::from_bytes([0; 32]),
    relay_epoch: None,
};

impl Transaction<'_> {
    /// The free/busy stream of a calendar; at its beginning where it was never read.
    pub fn busy_stream(&self, calendar: CalendarId) -> Result<BusyStreamRow, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT rseq, stream_hash, relay_epoch, first_day, last_day FROM busy_stream
             WHERE calendar = ?1",
        )?;
        let row = statement.query_row([calendar.as_bytes().as_slice()], |row| {
            let (hash, epoch): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let (first, last): (i32, i32) = (row.get(3)?, row.get(4)?);
            Ok(BusyStreamRow {
                cursor: Cursor {
                    rseq: row.get(0)?,
                    hash: StreamHash::from_slice(&hash).unwrap_or(START.hash),
                    relay_epoch: RelayEpoch::from_slice(&epoch),
                },
                told: (first <= last).then_some((first, last)),
            })
        });
        Ok(row.optional()?.unwrap_or(BusyStreamRow {
            cursor: START,
            told: None,
        }))
    }

    /// Moves the cursor of a calendar's free/busy stream. Belongs in the transaction that stores what it
    /// stands for.
    pub fn set_busy_cursor(&self, id: CalendarId, cursor: &Cursor) -> Result<(), StoreError> {
        let epoch = cursor
            .relay_epoch
            .as_ref()
            .map_or(&[][..], |epoch| epoch.as_bytes());
        self.sql
            .prepare_cached(
                "INSERT INTO busy_stream (calendar, rseq, stream_hash, relay_epoch)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (calendar) DO UPDATE SET rseq = excluded.rseq,
                     stream_hash = excluded.stream_hash, relay_epoch = excluded.relay_epoch",
            )?
            .execute(params![
                id.as_bytes().as_slice(),
                cursor.rseq,
                cursor.hash.as_bytes().as_slice(),
                epoch
            ])?;
        Ok(())
    }

    /// Sets which days this device keeps true; with `None`, none.
    pub fn set_busy_told(
        &self,
        calendar: CalendarId,
        told: Option<(i32, i32)>,
    ) -> Result<(), StoreError> {
        let (first, last) = told.unwrap_or((0, -1));
        self.sql
            .prepare_cached(
                "INSERT INTO busy_stream (calendar, first_day, last_day) VALUES (?1, ?2, ?3)
                 ON CONFLICT (calendar) DO UPDATE SET first_day = excluded.first_day,
                     last_day = excluded.last_day",
            )?
            .execute(params![calendar.as_bytes().as_slice(), first, last])?;
        Ok(())
    }

    /// Whether this person sees busy times alone in a calendar.
    pub fn is_busy_shown(&self, calendar: CalendarId) -> Result<bool, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT is_shown FROM busy_stream WHERE calendar = ?1")?;
        let shown = statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0));
        Ok(shown.optional()?.unwrap_or_default())
    }

    /// Notes whether this person sees busy times alone in a calendar.
    pub fn set_busy_shown(&self, calendar: CalendarId, is_shown: bool) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO busy_stream (calendar, is_shown) VALUES (?1, ?2)
                 ON CONFLICT (calendar) DO UPDATE SET is_shown = excluded.is_shown",
            )?
            .execute(params![calendar.as_bytes().as_slice(), is_shown])?;
        Ok(())
    }

    /// Notes a stretch of time of which is to be told anew.
    pub fn put_busy_stale(
        &self,
        calendar: CalendarId,
        stale: &BusyStale,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO busy_stale (calendar, first_s, last_s, is_remote)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                stale.first_s,
                stale.last_s,
                stale.is_remote
            ])?;
        Ok(())
    }

    /// The stretches of time of a calendar of which is to be told anew.
    pub fn busy_stale(&self, calendar: CalendarId) -> Result<Vec<BusyStale>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, first_s, last_s, is_remote FROM busy_stale WHERE calendar = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(BusyStale {
                id: row.get(0)?,
                first_s: row.get(1)?,
                last_s: row.get(2)?,
                is_remote: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets one of them: it was told.
    pub fn remove_busy_stale(&self, id: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM busy_stale WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// The number of the newest of them, over all calendars.
    pub fn newest_busy_stale(&self) -> Result<i64, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT coalesce(max(id), 0) FROM busy_stale")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Notes of those after a number that another device made the change.
    pub fn busy_stale_is_remote(&self, after: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE busy_stale SET is_remote = 1 WHERE id > ?1")?
            .execute([after])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::row;
    use crate::event::{EventRow, Shown};
    use crate::transaction::tests::scratch;

    fn spans(found: &[BusyStale]) -> Vec<(i64, i64)> {
        found
            .iter()
            .map(|stale| (stale.first_s, stale.last_s))
            .collect()
    }

    #[test]
    fn a_change_of_an_event_is_noticed_where_busy_times_are_told() {
        let (_folder, mut store) = scratch();
        let calendar = row(1).calendar;
        let put = |tx: &Transaction<'_>, event: &EventRow| {
            tx.put_event(event, &Shown::Computed)?;
            tx.busy_stale(calendar)
        };
        let found: Result<_, StoreError> = store.write(|tx| {
            let before = put(tx, &row(1))?;
            tx.set_busy_told(calendar, Some((0, 9)))?;
            let goes_on = EventRow {
                last_s: None,
                ..row(1)
            };
            let mark = tx.newest_busy_stale()?;
            let changed = put(tx, &goes_on)?;
            tx.busy_stale_is_remote(mark)?;
            let marked = tx.busy_stale(calendar)?;
            tx.set_busy_told(calendar, None)?;
            Ok((before, changed, marked, put(tx, &row(2))?))
        });
        let (before, changed, marked, after) = found.unwrap();
        assert_eq!(before, []);
        assert_eq!(spans(&changed), [(0, 50), (0, i64::MAX)]);
        assert!(marked.iter().all(|stale| stale.is_remote));
        assert_eq!(after, marked, "nothing is told any more");
    }

    #[test]
    fn parts_of_a_row_stay_when_another_is_set() {
        let (_folder, mut store) = scratch();
        let calendar = row(1).calendar;
        let cursor = Cursor {
            rseq: 4,
            hash: StreamHash::from_bytes([5; 32]),
            relay_epoch: Some(RelayEpoch::from_bytes([6; 16])),
        };
        let found: Result<_, StoreError> = store.write(|tx| {
            assert_eq!(tx.busy_stream(calendar)?.cursor, START);
            tx.set_busy_told(calendar, Some((-3, 9)))?;
            tx.set_busy_cursor(calendar, &cursor)?;
            tx.set_busy_shown(calendar, true)?;
            Ok((tx.busy_stream(calendar)?, tx.is_busy_shown(calendar)?))
        });
        let told = Some((-3, 9));
        assert_eq!(found.unwrap(), (BusyStreamRow { cursor, told }, true));
    }
}
