//! Table `summary`: a cache of what calendars' own documents say.

use almanac_protocol::ids::CalendarId;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// What a calendar's own document says, as JSON; `None` where nobody has noted it.
    pub fn summary(&self, calendar: CalendarId) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT facts FROM summary WHERE calendar = ?1")?;
        let facts = statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0));
        Ok(facts.optional()?)
    }

    /// Notes what a calendar's own document says.
    pub fn set_summary(&self, calendar: CalendarId, facts: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO summary (calendar, facts) VALUES (?1, ?2)")?
            .execute(params![calendar.as_bytes().as_slice(), facts])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn the_last_summary_counts() {
        let (_folder, mut store) = scratch();
        let id = CalendarId::from_bytes([4; 32]);
        assert_eq!(store.read(|tx| tx.summary(id)).unwrap(), None);
        store
            .write(|tx| {
                tx.set_summary(id, "{}")?;
                tx.set_summary(id, "[]")
            })
            .unwrap();
        let summary = store.read(|tx| tx.summary(id)).unwrap();
        assert_eq!(summary.as_deref(), Some("[]"));
    }
}
