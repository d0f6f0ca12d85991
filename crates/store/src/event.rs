//! Table `event`: a cache of the event documents, for lists, searches and imports.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::occurrence::OnceRow;
use crate::transaction::Transaction;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// The document.
    pub document: DocumentId,
    /// UID of RFC 5545.
    pub uid: String,
    /// No occurrence starts before this Unix second.
    pub first_s: i64,
    /// None ends after this one; `None`: the series goes on.
    pub last_s: Option<i64>,
    /// Whether it lies in the trash.
    pub trashed: bool,
    /// The event as JSON.
    pub event: String,
}

/// How views show an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// In no grid.
    Nowhere,
    /// Once, by this row.
    Once(OnceRow),
    /// As often as its rules say: whoever shows it computes that.
    Computed,
}

/// A half-open range of Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First second.
    pub from_s: i64,
    /// First second after.
    pub to_s: i64,
}

/// A row of `event` as it stood after one write. No two writes have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventVersion {
    /// The row.
    pub id: i64,
    /// The write.
    pub version: i64,
}

/// Where the row of an event stands, and where its other rows stand.
struct Place {
    id: i64,
    trashed: bool,
    shown: i64,
    lane: i64,
    start_s: i64,
}

// The planner has no statistics and would rather walk the whole table than sort: where that would
// cost, the index is named.
pub(crate) const COLUMNS: &str =
    "SELECT calendar, document, uid, first_s, last_s, trashed, event FROM event";

impl Transaction<'_> {
    /// Stores the row of an event and what views show of it, and lets search know. Gives the row.
    pub fn put_event(&self, row: &EventRow, shown: &Shown) -> Result<i64, StoreError> {
        let before = self.place_of(row.calendar, row.document)?;
        if let Some(place) = &before
            && place.shown == 1
            && !place.trashed
        {
            self.remove_once(row.calendar, place.lane, place.start_s, place.id)?;
        }
        let (number, lane, start_s) = numbers(shown);
        let id = match before {
            Some(place) => {
                self.sql
                    .prepare_cached(
                        "UPDATE event SET uid = ?2, first_s = ?3, last_s = ?4, trashed = ?5,
                         shown = ?6, lane = ?7, start_s = ?8, version = random(), event = ?9
                         WHERE id = ?1",
                    )?
                    .execute(params![
                        place.id,
                        row.uid,
                        row.first_s,
                        row.last_s,
                        row.trashed,
                        number,
                        lane,
                        start_s,
                        row.event
                    ])?;
                place.id
            }
            None => self.insert_event(row, (number, lane, start_s), None)?,
        };
        if let Shown::Once(once) = shown
            && !row.trashed
        {
            self.put_once(row, id, once)?;
        }
        self.search_waits_for(id)?;
        Ok(id)
    }

    /// Stores the row of a new document whose place in search is known already. Gives the row;
    /// search has to be told in the same transaction.
    pub(crate) fn insert_new(
        &self,
        row: &EventRow,
        shown: &Shown,
        found_at: i64,
    ) -> Result<i64, StoreError> {
        let id = self.insert_event(row, numbers(shown), Some(found_at))?;
        if let Shown::Once(once) = shown
            && !row.trashed
        {
            self.put_once(row, id, once)?;
        }
        Ok(id)
    }

    pub(crate) fn insert_event(
        &self,
        row: &EventRow,
        (shown, lane, start_s): (i64, i64, i64),
        found_at: Option<i64>,
    ) -> Result<i64, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "INSERT INTO event (calendar, document, uid, first_s, last_s, trashed, shown, lane,
             start_s, version, found_at, event)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, random(), ?10, ?11)",
        )?;
        Ok(statement.insert(params![
            row.calendar.as_bytes().as_slice(),
            row.document.as_bytes().as_slice(),
            row.uid,
            row.first_s,
            row.last_s,
            row.trashed,
            shown,
            lane,
            start_s,
            found_at,
            row.event
        ])?)
    }

    fn place_of(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Option<Place>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, trashed, shown, lane, start_s FROM event
             WHERE calendar = ?1 AND document = ?2",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        let place = statement.query_row(key, |row| {
            Ok(Place {
                id: row.get(0)?,
                trashed: row.get(1)?,
                shown: row.get(2)?,
                lane: row.get(3)?,
                start_s: row.get(4)?,
            })
        });
        Ok(place.optional()?)
    }

    /// The events of a calendar whose occurrences must be computed and that may have one in the
    /// window.
    pub fn computed_in(
        &self,
        calendar: CalendarId,
        window: Window,
    ) -> Result<Vec<(DocumentId, EventVersion)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT document, id, version FROM event INDEXED BY event_computed
             WHERE calendar = ?1 AND trashed = 0 AND shown = 2 AND last_s >= ?2 AND first_s < ?3
             UNION ALL
             SELECT document, id, version FROM event INDEXED BY event_computed
             WHERE calendar = ?1 AND trashed = 0 AND shown = 2 AND last_s IS NULL
             AND first_s < ?3",
        )?;
        let key = params![calendar.as_bytes().as_slice(), window.from_s, window.to_s];
        let rows = statement.query_map(key, |row| {
            let version = EventVersion {
                id: row.get(1)?,
                version: row.get(2)?,
            };
            Ok((DocumentId::from_bytes(row.get(0)?), version))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Events of a calendar that may have an occurrence in the window.
    pub fn events_in(
        &self,
        calendar: CalendarId,
        window: Window,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} INDEXED BY event_window
             WHERE calendar = ?1 AND trashed = 0 AND last_s >= ?2 AND first_s < ?3
             UNION ALL
             {COLUMNS} INDEXED BY event_window
             WHERE calendar = ?1 AND trashed = 0 AND last_s IS NULL AND first_s < ?3
             ORDER BY first_s, document"
        ))?;
        let key = params![calendar.as_bytes().as_slice(), window.from_s, window.to_s];
        let rows = statement.query_map(key, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The JSON of a row.
    pub fn event_json(&self, id: i64) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT event FROM event WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Which write a row shows, and whose it is.
    pub fn event_version(
        &self,
        id: i64,
    ) -> Result<Option<(CalendarId, DocumentId, EventVersion)>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT calendar, document, version FROM event WHERE id = ?1")?;
        let found = statement.query_row([id], |row| {
            let version = row.get(2)?;
            Ok((
                CalendarId::from_bytes(row.get(0)?),
                DocumentId::from_bytes(row.get(1)?),
                EventVersion { id, version },
            ))
        });
        Ok(found.optional()?)
    }

    /// All events of a calendar that are not in the trash.
    pub fn events(&self, calendar: CalendarId) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND trashed = 0 ORDER BY first_s, document"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The UIDs of a calendar, of the trash too.
    pub fn uids(&self, calendar: CalendarId) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT uid FROM event INDEXED BY event_uid WHERE calendar = ?1")?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether there is an event with this UID, in the trash or not.
    pub fn has_uid(&self, calendar: CalendarId, uid: &str) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT 1 FROM event INDEXED BY event_uid WHERE calendar = ?1 AND uid = ?2",
        )?;
        Ok(statement.exists(params![calendar.as_bytes().as_slice(), uid])?)
    }

    /// Events with this UID, in the trash or not.
    pub fn events_with_uid(
        &self,
        calendar: CalendarId,
        uid: &str,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} INDEXED BY event_uid WHERE calendar = ?1 AND uid = ?2"
        ))?;
        let rows = statement.query_map(params![calendar.as_bytes().as_slice(), uid], read)?;
        let mut rows: Vec<EventRow> = rows.collect::<Result<_, _>>()?;
        // Nearly always one: sorting by the statement would cost more than finding it.
        rows.sort_unstable_by_key(|row| row.document);
        Ok(rows)
    }

    /// Events whose document id starts with `prefix`, in any calendar, those in the trash last; at
    /// most two.
    pub fn events_by_document(&self, prefix: &[u8]) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT event.calendar, document, uid, first_s, last_s, trashed, event
             FROM calendar CROSS JOIN event INDEXED BY event_document
             WHERE event.calendar = calendar.id AND document BETWEEN ?1 AND ?2
             ORDER BY trashed, event.calendar, document LIMIT 2",
        )?;
        let mut last = [0xff; DocumentId::LEN];
        for (to, from) in last.iter_mut().zip(prefix) {
            *to = *from;
        }
        let rows = statement.query_map(params![prefix, last.as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One event.
    pub fn event(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Option<EventRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("{COLUMNS} WHERE calendar = ?1 AND document = ?2"))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        Ok(statement.query_row(key, read).optional()?)
    }
}

pub(crate) const fn numbers(shown: &Shown) -> (i64, i64, i64) {
    match shown {
        Shown::Nowhere => (0, 0, 0),
        Shown::Once(once) => (1, once.lane(), once.start_s),
        Shown::Computed => (2, 0, 0),
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        calendar: CalendarId::from_bytes(row.get(0)?),
        document: DocumentId::from_bytes(row.get(1)?),
        uid: row.get(2)?,
        first_s: row.get(3)?,
        last_s: row.get(4)?,
        trashed: row.get(5)?,
        event: row.get(6)?,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::calendar::Purpose;
    use crate::transaction::tests::scratch;

    pub(crate) fn row(n: u8) -> EventRow {
        EventRow {
            calendar: CalendarId::from_bytes([1; 32]),
            document: DocumentId::from_bytes([n; 16]),
            uid: format!("uid-{n}"),
            first_s: 0,
            last_s: Some(50),
            trashed: false,
            event: "{}".into(),
        }
    }

    #[test]
    fn a_window_holds_what_may_occur_in_it() {
        let (_folder, mut store) = scratch();
        let row = |n: u8, first_s, last_s, trashed| EventRow {
            first_s,
            last_s,
            trashed,
            ..row(n)
        };
        let rows = [
            row(1, 0, Some(50), false),
            row(2, 0, None, false),
            row(3, 150, Some(160), true),
            row(4, 199, Some(300), false),
            row(5, 200, Some(300), false),
        ];
        let calendar = rows[0].calendar;
        store
            .write(|tx| {
                tx.add_calendar(calendar, Purpose::Calendar)?;
                rows.iter()
                    .try_for_each(|row| tx.put_event(row, &Shown::Computed).map(drop))
            })
            .unwrap();
        let window = Window {
            from_s: 100,
            to_s: 200,
        };
        let found = store.read(|tx| tx.computed_in(calendar, window)).unwrap();
        let mut found: Vec<_> = found.iter().map(|(id, _)| id.as_bytes()[0]).collect();
        found.sort_unstable();
        assert_eq!(found, [2, 4]);
        let whole = store.read(|tx| tx.events_in(calendar, window)).unwrap();
        assert_eq!(whole, [rows[1].clone(), rows[3].clone()]);
        let named = store.read(|tx| tx.events_with_uid(calendar, "uid-3"));
        assert_eq!(named.unwrap().len(), 1);
        let begun = store.read(|tx| tx.events_by_document(&[4]));
        assert_eq!(begun.unwrap().len(), 1);
        assert_eq!(store.read(|tx| tx.uids(calendar)).unwrap().len(), 5);
    }

    #[test]
    fn every_write_has_a_version_of_its_own() {
        let (_folder, mut store) = scratch();
        let mut put = || {
            store.write(|tx| {
                let id = tx.put_event(&row(1), &Shown::Computed)?;
                Ok::<_, StoreError>(tx.event_version(id)?.unwrap().2)
            })
        };
        let (one, other) = (put().unwrap(), put().unwrap());
        assert_eq!(one.id, other.id);
        assert_ne!(one.version, other.version);
    }
}
