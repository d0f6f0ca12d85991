//! Table `calendar`: which calendars there are, and how far the relay's stream of each was read.

use almanac_protocol::ids::{CalendarId, RelayEpoch, StreamHash};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// What a calendar is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Events that people see.
    Calendar,
    /// The account's own list of calendars and settings.
    Private,
}

/// A place in a stream of one life of a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Number of the last envelope that is stored here, 0 before the first.
    pub rseq: u64,
    /// Running hash after it.
    pub hash: StreamHash,
    /// The relay's life; `None` before the first contact.
    pub relay_epoch: Option<RelayEpoch>,
}

/// One calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarRow {
    /// Its id.
    pub id: CalendarId,
    /// What it is for.
    pub purpose: Purpose,
    /// How far its main stream was read.
    pub cursor: Cursor,
}

const COLUMNS: &str = "SELECT id, purpose, rseq, stream_hash, relay_epoch FROM calendar";

impl Transaction<'_> {
    /// All calendars, the private one among them, in the order of their ids.
    pub fn calendars(&self) -> Result<Vec<CalendarRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One calendar.
    pub fn calendar(&self, id: CalendarId) -> Result<Option<CalendarRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        Ok(statement
            .query_row([id.as_bytes().as_slice()], read)
            .optional()?)
    }

    /// The origin of the relay that keeps a calendar; `None` for the account's own.
    pub fn calendar_relay(&self, id: CalendarId) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT relay FROM calendar WHERE id = ?1 AND relay <> ''")?;
        Ok(statement
            .query_row([id.as_bytes().as_slice()], |row| row.get(0))
            .optional()?)
    }

    /// Notes which relay keeps a calendar.
    pub fn set_calendar_relay(&self, id: CalendarId, origin: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE calendar SET relay = ?2 WHERE id = ?1")?
            .execute(params![id.as_bytes().as_slice(), origin])?;
        Ok(())
    }

    /// Whether any calendar lives at another relay than the account's own.
    pub fn has_calendars_elsewhere(&self) -> Result<bool, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM calendar WHERE relay <> '')")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Adds a calendar; one that is there stays as it is.
    pub fn add_calendar(&self, id: CalendarId, purpose: Purpose) -> Result<(), StoreError> {
        let purpose = match purpose {
            Purpose::Calendar => 1,
            Purpose::Private => 2,
        };
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO calendar (id, purpose) VALUES (?1, ?2)")?
            .execute(params![id.as_bytes().as_slice(), purpose])?;
        Ok(())
    }

    /// Since when the key of a calendar's newest epoch is missing here, in Unix milliseconds; 0 while
    /// it is here.
    pub fn keyless_since(&self, id: CalendarId) -> Result<u64, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT keyless_ms FROM calendar WHERE id = ?1")?;
        let since = statement.query_row([id.as_bytes().as_slice()], |row| row.get(0));
        Ok(since.optional()?.unwrap_or_default())
    }

    /// Notes since when that key is missing, or with 0 that it is here.
    pub fn set_keyless_since(&self, id: CalendarId, time_ms: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE calendar SET keyless_ms = ?2 WHERE id = ?1")?
            .execute(params![id.as_bytes().as_slice(), time_ms])?;
        Ok(())
    }

    /// The newest epoch of a calendar whose key every member has been given.
    pub fn supplied_epoch(&self, id: CalendarId) -> Result<u32, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT supplied_epoch FROM calendar WHERE id = ?1")?;
        let epoch = statement.query_row([id.as_bytes().as_slice()], |row| row.get(0));
        Ok(epoch.optional()?.unwrap_or_default())
    }

    /// Notes that every member has been given the key of an epoch.
    pub fn set_supplied_epoch(&self, id: CalendarId, epoch: u32) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE calendar SET supplied_epoch = ?2 WHERE id = ?1")?
            .execute(params![id.as_bytes().as_slice(), epoch])?;
        Ok(())
    }

    /// The next number of an envelope in which this device carries frames of others: one more
    /// than any before, and `beyond` more.
    pub fn next_carried(&self, id: CalendarId, beyond: u32) -> Result<u64, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "UPDATE calendar SET carried = carried + 1 + ?2 WHERE id = ?1 RETURNING carried",
        )?;
        let key = params![id.as_bytes().as_slice(), beyond];
        Ok(statement.query_row(key, |row| row.get(0))?)
    }

    /// Moves the cursor of a calendar. Belongs in the transaction that stores what it stands for.
    pub fn set_cursor(&self, id: CalendarId, cursor: &Cursor) -> Result<(), StoreError> {
        let epoch = cursor
            .relay_epoch
            .as_ref()
            .map_or(&[][..], |epoch| epoch.as_bytes());
        self.sql
            .prepare_cached(
                "UPDATE calendar SET rseq = ?2, stream_hash = ?3, relay_epoch = ?4 WHERE id = ?1",
            )?
            .execute(params![
                id.as_bytes().as_slice(),
                cursor.rseq,
                cursor.hash.as_bytes().as_slice(),
                epoch
            ])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<CalendarRow> {
    let purpose: i64 = row.get(1)?;
    let hash: Vec<u8> = row.get(3)?;
    let epoch: Vec<u8> = row.get(4)?;
    Ok(CalendarRow {
        id: CalendarId::from_bytes(row.get(0)?),
        purpose: if purpose == 2 {
            Purpose::Private
        } else {
            Purpose::Calendar
        },
        cursor: Cursor {
            rseq: row.get(2)?,
            hash: StreamHash::from_slice(&hash).unwrap_or(StreamHash::from_bytes([0; 32])),
            relay_epoch: RelayEpoch::from_slice(&epoch),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_cursor_starts_before_the_first_envelope_and_keeps_its_place() {
        let (_folder, mut store) = scratch();
        let id = CalendarId::from_bytes([4; 32]);
        store
            .write(|tx| tx.add_calendar(id, Purpose::Private))
            .unwrap();
        let row = store.read(|tx| tx.calendar(id)).unwrap().unwrap();
        assert_eq!((row.purpose, row.cursor.rseq), (Purpose::Private, 0));
        assert_eq!(row.cursor.relay_epoch, None);
        let cursor = Cursor {
            rseq: 9,
            hash: StreamHash::from_bytes([1; 32]),
            relay_epoch: Some(RelayEpoch::from_bytes([2; 16])),
        };
        store.write(|tx| tx.set_cursor(id, &cursor)).unwrap();
        assert_eq!(
            store.read(|tx| tx.calendar(id)).unwrap().unwrap().cursor,
            cursor
        );
    }

    #[test]
    fn a_calendar_is_kept_by_the_own_relay_until_another_is_named() {
        let (_folder, mut store) = scratch();
        let id = CalendarId::from_bytes([4; 32]);
        store
            .write(|tx| tx.add_calendar(id, Purpose::Calendar))
            .unwrap();
        assert_eq!(store.read(|tx| tx.calendar_relay(id)).unwrap(), None);
        assert!(!store.read(|tx| tx.has_calendars_elsewhere()).unwrap());
        let origin = "https://cal.example.org";
        store.write(|tx| tx.set_calendar_relay(id, origin)).unwrap();
        let kept = store.read(|tx| tx.calendar_relay(id)).unwrap();
        assert_eq!(kept.as_deref(), Some(origin));
        assert!(store.read(|tx| tx.has_calendars_elsewhere()).unwrap());
    }
}
