//! Table `event`: a cache of the event documents, for lists, windows and imports.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
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

/// A half-open range of Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First second.
    pub from_s: i64,
    /// First second after.
    pub to_s: i64,
}

// The planner has no statistics and would rather walk the whole table than sort: where that would
// cost, the index is named.
pub(crate) const COLUMNS: &str =
    "SELECT calendar, document, uid, first_s, last_s, trashed, event FROM event";

impl Transaction<'_> {
    /// Stores the row of an event.
    pub fn put_event(&self, row: &EventRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO event
                 (calendar, document, uid, first_s, last_s, trashed, event)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                row.calendar.as_bytes().as_slice(),
                row.document.as_bytes().as_slice(),
                row.uid,
                row.first_s,
                row.last_s,
                row.trashed,
                row.event
            ])?;
        Ok(())
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

    /// All events of a calendar that are not in the trash.
    pub fn events(&self, calendar: CalendarId) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND trashed = 0 ORDER BY first_s, document"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Events with this UID, in the trash or not.
    pub fn events_with_uid(
        &self,
        calendar: CalendarId,
        uid: &str,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} INDEXED BY event_uid WHERE calendar = ?1 AND uid = ?2 ORDER BY document"
        ))?;
        let rows = statement.query_map(params![calendar.as_bytes().as_slice(), uid], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Events whose document id starts with `prefix`, in any calendar, those in the trash last; at
    /// most two.
    pub fn events_by_document(&self, prefix: &[u8]) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT event.calendar, document, uid, first_s, last_s, trashed, event
             FROM calendar CROSS JOIN event
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
mod tests {
    use super::*;
    use crate::calendar::Purpose;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_window_holds_what_may_occur_in_it() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let row = |n: u8, first_s, last_s, trashed| EventRow {
            calendar,
            document: DocumentId::from_bytes([n; 16]),
            uid: format!("uid-{n}"),
            first_s,
            last_s,
            trashed,
            event: "{}".into(),
        };
        let rows = [
            row(1, 0, Some(50), false),
            row(2, 0, None, false),
            row(3, 150, Some(160), true),
            row(4, 199, Some(300), false),
            row(5, 200, Some(300), false),
        ];
        store
            .write(|tx| {
                tx.add_calendar(calendar, Purpose::Calendar)?;
                rows.iter().try_for_each(|row| tx.put_event(row))
            })
            .unwrap();
        let window = Window {
            from_s: 100,
            to_s: 200,
        };
        let found = store.read(|tx| tx.events_in(calendar, window)).unwrap();
        let found: Vec<_> = found.iter().map(|row| row.document.as_bytes()[0]).collect();
        assert_eq!(found, [2, 4]);
        assert_eq!(
            store
                .read(|tx| tx.events_with_uid(calendar, "uid-3"))
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            store.read(|tx| tx.events_by_document(&[4])).unwrap().len(),
            1
        );
    }
}
