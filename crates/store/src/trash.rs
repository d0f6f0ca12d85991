//! Table `event`, the part that lies in the trash.

use almanac_protocol::ids::CalendarId;

use crate::error::StoreError;
use crate::event::{self, COLUMNS, EventRow};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// The events of a calendar that lie in the trash.
    pub fn trashed_events(&self, calendar: CalendarId) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} INDEXED BY event_trashed WHERE calendar = ?1 AND trashed = 1
             ORDER BY document"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], event::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::ids::DocumentId;

    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn the_trash_holds_what_was_put_there() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let row = |n: u8| EventRow {
            calendar,
            document: DocumentId::from_bytes([n; 16]),
            uid: format!("{n}@x"),
            first_s: 0,
            last_s: Some(1),
            trashed: n == 2,
            event: "{}".into(),
        };
        let put: Result<(), StoreError> =
            store.write(|tx| [1, 2, 3].iter().try_for_each(|n| tx.put_event(&row(*n))));
        put.unwrap();
        let found: Result<_, StoreError> = store.read(|tx| tx.trashed_events(calendar));
        assert_eq!(found.unwrap(), [row(2)]);
    }
}
