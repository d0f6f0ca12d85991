//! Table `change`: the Automerge changes of every document, from which each can be rebuilt.

use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use rusqlite::{OptionalExtension, params};

use crate::cut::Counting;
use crate::error::StoreError;
use crate::transaction::Transaction;

/// One change of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// The document.
    pub document: DocumentId,
    /// Automerge's hash of the change.
    pub hash: ChangeHash,
    /// One uncompressed change chunk.
    pub bytes: Vec<u8>,
}

/// A change in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedChange {
    /// Its place in that order.
    pub place: i64,
    /// The change.
    pub change: ChangeRow,
    /// Whether it counts.
    pub counting: Counting,
}

impl Transaction<'_> {
    /// Stores a change; one that is there stays.
    pub fn put_change(&self, change: &ChangeRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO change (calendar, document, hash, bytes)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                change.calendar.as_bytes().as_slice(),
                change.document.as_bytes().as_slice(),
                change.hash.as_bytes().as_slice(),
                change.bytes
            ])?;
        Ok(())
    }

    /// Removes a change that nobody else has.
    pub fn remove_change(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM change WHERE calendar = ?1 AND document = ?2 AND hash = ?3",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice(),
                hash.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// The changes that count in a document, in the order of their arrival.
    pub fn changes(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT bytes FROM change WHERE calendar = ?1 AND document = ?2 AND cut IN (0, 2)
             ORDER BY id",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The names of the changes that count in a document, in the order of their arrival.
    pub fn change_hashes(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Vec<ChangeHash>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT hash FROM change WHERE calendar = ?1 AND document = ?2 AND cut IN (0, 2)
             ORDER BY id",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, |row| Ok(ChangeHash::from_bytes(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Changes of all documents, the newest arrival first; those that arrived before the place `before`.
    pub fn changes_before(
        &self,
        before: i64,
        count: usize,
    ) -> Result<Vec<ArrivedChange>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, calendar, document, hash, bytes, cut FROM change
             WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![before, count as u64], |row| {
            let change = ChangeRow {
                calendar: CalendarId::from_bytes(row.get(1)?),
                document: DocumentId::from_bytes(row.get(2)?),
                hash: ChangeHash::from_bytes(row.get(3)?),
                bytes: row.get(4)?,
            };
            Ok(ArrivedChange {
                place: row.get(0)?,
                change,
                counting: Counting::of(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every document that has changes, a calendar's own among them.
    pub fn documents(&self) -> Result<Vec<(CalendarId, DocumentId)>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT DISTINCT calendar, document FROM change")?;
        let rows = statement.query_map([], |row| {
            Ok((
                CalendarId::from_bytes(row.get(0)?),
                DocumentId::from_bytes(row.get(1)?),
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The bytes of one change.
    pub fn change(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT bytes FROM change WHERE calendar = ?1 AND document = ?2 AND hash = ?3",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice(),
            hash.as_bytes().as_slice()
        ];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_change_is_stored_once() {
        let (_folder, mut store) = scratch();
        let change = ChangeRow {
            calendar: CalendarId::from_bytes([1; 32]),
            document: DocumentId::CALENDAR,
            hash: ChangeHash::from_bytes([5; 32]),
            bytes: vec![1, 2, 3],
        };
        store.write(|tx| tx.put_change(&change)).unwrap();
        store.write(|tx| tx.put_change(&change)).unwrap();
        let stored = store
            .read(|tx| tx.changes(change.calendar, change.document))
            .unwrap();
        assert_eq!(stored, [vec![1, 2, 3]]);
        let documents = store.read(|tx| tx.documents()).unwrap();
        assert_eq!(documents, [(change.calendar, change.document)]);
        let one = store.read(|tx| tx.change(change.calendar, change.document, change.hash));
        assert_eq!(one.unwrap(), Some(vec![1, 2, 3]));
    }
}
