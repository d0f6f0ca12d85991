//! Table `event`, seen through its smaller indexes: what lies in the trash, and tasks.

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

    /// The events of a calendar that are tasks, or have an occurrence that is one; not those in
    /// the trash.
    pub fn task_events(&self, calendar: CalendarId) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} INDEXED BY event_task
             WHERE calendar = ?1 AND trashed = 0 AND instr(event, '\"task\":{{') > 0
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
    use crate::event::Shown;
    use crate::transaction::tests::scratch;

    const CALENDAR: CalendarId = CalendarId::from_bytes([1; 32]);

    fn row(n: u8) -> EventRow {
        let text = if n > 1 {
            r#"{"task":{"percent":0}}"#
        } else {
            r#"{"task":null}"#
        };
        EventRow {
            calendar: CALENDAR,
            document: DocumentId::from_bytes([n; 16]),
            uid: format!("{n}@x"),
            first_s: 0,
            last_s: Some(1),
            trashed: n == 2,
            event: text.into(),
        }
    }

    #[test]
    fn the_trash_and_the_tasks_are_told_apart() {
        let (_folder, mut store) = scratch();
        let put: Result<(), StoreError> = store.write(|tx| {
            [1, 2, 3]
                .iter()
                .try_for_each(|n| tx.put_event(&row(*n), &Shown::Nowhere).map(drop))
        });
        put.unwrap();
        let trashed: Result<_, StoreError> = store.read(|tx| tx.trashed_events(CALENDAR));
        assert_eq!(trashed.unwrap(), [row(2)]);
        let tasks: Result<_, StoreError> = store.read(|tx| tx.task_events(CALENDAR));
        assert_eq!(tasks.unwrap(), [row(3)]);
    }
}
