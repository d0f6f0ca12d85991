//! Table `conflict`: a cache of which event documents wait for a person to choose a value.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Notes that a document has conflicts.
    pub fn put_conflict(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO conflict (calendar, document) VALUES (?1, ?2)")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// Notes that a document has none.
    pub fn remove_conflict(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM conflict WHERE calendar = ?1 AND document = ?2")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// The documents of a calendar that have conflicts.
    pub fn conflicts(&self, calendar: CalendarId) -> Result<Vec<DocumentId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT document FROM conflict WHERE calendar = ?1 ORDER BY document",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(DocumentId::from_bytes(row.get(0)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_document_is_in_conflict_until_it_is_settled() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let [one, two] = [1, 2].map(|n| DocumentId::from_bytes([n; 16]));
        let done: Result<(), StoreError> = store.write(|tx| {
            for document in [two, one, one] {
                tx.put_conflict(calendar, document)?;
            }
            assert_eq!(tx.conflicts(calendar)?, [one, two]);
            tx.remove_conflict(calendar, one)?;
            assert_eq!(tx.conflicts(calendar)?, [two]);
            Ok(())
        });
        done.unwrap();
    }
}
