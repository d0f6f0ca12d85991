//! Table `owed`: edits of this device that do not count and are still to be written once more.
//!
//! Another copy of this device signed them. What they rest upon may come later than they do, and only
//! then can be said what they say.

use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Notes that a change is to be written once more.
    pub fn owe(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO owed (calendar, document, hash) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice(),
                hash.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// The changes of a calendar that are to be written once more, with their documents.
    pub fn owed(&self, calendar: CalendarId) -> Result<Vec<(DocumentId, ChangeHash)>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT document, hash FROM owed WHERE calendar = ?1")?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            let document = DocumentId::from_bytes(row.get(0)?);
            Ok((document, ChangeHash::from_bytes(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A change was written once more, or counts after all.
    pub fn owe_no_more(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM owed WHERE calendar = ?1 AND document = ?2 AND hash = ?3")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice(),
                hash.as_bytes().as_slice()
            ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn what_is_owed_stays_until_it_is_written() {
        let (_folder, mut store) = scratch();
        let (calendar, document) = (CalendarId::from_bytes([1; 32]), DocumentId::CALENDAR);
        let [one, other] = [1, 2].map(|byte| ChangeHash::from_bytes([byte; 32]));
        let left: Result<_, StoreError> = store.write(|tx| {
            for hash in [one, other, one] {
                tx.owe(calendar, document, hash)?;
            }
            tx.owe_no_more(calendar, document, one)?;
            tx.owed(calendar)
        });
        assert_eq!(left.unwrap(), [(document, other)]);
    }
}
