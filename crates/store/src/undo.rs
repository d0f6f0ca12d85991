//! Tables `undo` and `undo_step`: what a person did on this device, and how to take it back.
//!
//! Of actions that were taken back the last one is done again first; a new action forgets them
//! all. How long actions are kept is the caller's to say.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// One action of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRow {
    /// Its name; never given again.
    pub id: u64,
    /// When it was done, in Unix seconds.
    pub time_s: i64,
    /// What was done, in one word.
    pub verb: String,
    /// What it was done to, as people call it.
    pub subject: String,
    /// Whether it was taken back.
    pub is_undone: bool,
}

/// What an action changed in documents of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStepRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// Documents in which the same was changed.
    pub documents: Vec<DocumentId>,
    /// The values that were changed, as JSON.
    pub changes: String,
}

const COLUMNS: &str = "SELECT id, time_s, verb, subject, undone FROM undo";

impl Transaction<'_> {
    /// Adds an action and names it. What was taken back before can no longer be done again.
    pub fn add_undo(&self, time_s: i64, verb: &str, subject: &str) -> Result<u64, StoreError> {
        self.sql.execute("DELETE FROM undo WHERE undone > 0", [])?;
        self.sql
            .prepare_cached("INSERT INTO undo (time_s, verb, subject) VALUES (?1, ?2, ?3)")?
            .execute(params![time_s, verb, subject])?;
        u64::try_from(self.sql.last_insert_rowid()).map_err(|_| StoreError::Corrupt)
    }

    /// Adds steps to an action, after those it has; nothing where the action is forgotten.
    pub fn add_undo_steps(&self, id: u64, steps: &[UndoStepRow]) -> Result<(), StoreError> {
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO undo_step (action, number, calendar, documents, changes)
             SELECT id, (SELECT count(*) FROM undo_step WHERE action = ?1), ?2, ?3, ?4
             FROM undo WHERE id = ?1",
        )?;
        for step in steps {
            let documents: Vec<u8> = step
                .documents
                .iter()
                .flat_map(|document| *document.as_bytes())
                .collect();
            insert.execute(params![
                id,
                step.calendar.as_bytes().as_slice(),
                documents,
                step.changes
            ])?;
        }
        Ok(())
    }

    /// One action.
    pub fn undo_action(&self, id: u64) -> Result<Option<UndoRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        Ok(statement.query_row([id], read).optional()?)
    }

    /// All actions, the newest first.
    pub fn undo_actions(&self) -> Result<Vec<UndoRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("{COLUMNS} ORDER BY id DESC"))?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The action that would be done again first.
    pub fn last_undone(&self) -> Result<Option<UndoRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE undone > 0 ORDER BY undone DESC LIMIT 1"
        ))?;
        Ok(statement.query_row([], read).optional()?)
    }

    /// The steps of an action, in order.
    pub fn undo_steps(&self, id: u64) -> Result<Vec<UndoStepRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT calendar, documents, changes FROM undo_step WHERE action = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([id], |row| {
            let documents: Vec<u8> = row.get(1)?;
            let (documents, _) = documents.as_chunks::<{ DocumentId::LEN }>();
            Ok(UndoStepRow {
                calendar: CalendarId::from_bytes(row.get(0)?),
                documents: documents
                    .iter()
                    .map(|bytes| DocumentId::from_bytes(*bytes))
                    .collect(),
                changes: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that an action was taken back just now.
    pub fn mark_undone(&self, id: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE undo SET undone = (SELECT max(undone) + 1 FROM undo) WHERE id = ?1",
            )?
            .execute([id])?;
        Ok(())
    }

    /// Notes that an action counts again.
    pub fn mark_redone(&self, id: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE undo SET undone = 0 WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// Forgets all but the newest `count` actions, and those before a moment in Unix seconds.
    pub fn forget_old_undo(&self, count: u64, before_s: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM undo WHERE time_s < ?2 OR id <= coalesce(
                     (SELECT id FROM undo ORDER BY id DESC LIMIT 1 OFFSET ?1), 0)",
            )?
            .execute(params![count, before_s])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<UndoRow> {
    Ok(UndoRow {
        id: row.get(0)?,
        time_s: row.get(1)?,
        verb: row.get(2)?,
        subject: row.get(3)?,
        is_undone: row.get::<_, i64>(4)? > 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    fn step(n: u8) -> UndoStepRow {
        UndoStepRow {
            calendar: CalendarId::from_bytes([n; 32]),
            documents: vec![
                DocumentId::from_bytes([n; 16]),
                DocumentId::from_bytes([n + 1; 16]),
            ],
            changes: format!("[{n}]"),
        }
    }

    fn ids(tx: &Transaction<'_>) -> Vec<u64> {
        let actions = tx.undo_actions().unwrap();
        actions.into_iter().map(|row| row.id).collect()
    }

    #[test]
    fn an_action_keeps_its_steps_in_order_and_takes_more() {
        let (_folder, mut store) = scratch();
        let kept: Result<_, StoreError> = store.write(|tx| {
            let id = tx.add_undo(5, "edit", "Lunch")?;
            tx.add_undo_steps(id, &[step(1), step(2)])?;
            tx.add_undo_steps(id, &[step(3)])?;
            tx.add_undo_steps(id + 1, &[step(4)])?;
            Ok((tx.undo_steps(id)?, tx.undo_action(id)?.unwrap().subject))
        });
        let (steps, subject) = kept.unwrap();
        assert_eq!(steps, [step(1), step(2), step(3)]);
        assert_eq!(subject, "Lunch");
    }

    #[test]
    fn what_was_taken_back_last_is_done_again_first_until_something_new_is_done() {
        let (_folder, mut store) = scratch();
        let done: Result<(), StoreError> = store.write(|tx| {
            let [one, two, three] =
                [1, 2, 3].map(|time_s| tx.add_undo(time_s, "edit", "").unwrap());
            tx.mark_undone(three)?;
            tx.mark_undone(one)?;
            assert_eq!(tx.last_undone()?.unwrap().id, one);
            tx.mark_redone(one)?;
            assert_eq!(tx.last_undone()?.unwrap().id, three);
            let four = tx.add_undo(4, "edit", "")?;
            assert_eq!(tx.last_undone()?, None);
            assert_eq!(ids(tx), [four, two, one]);
            assert!(four > three, "a name is never given again");
            Ok(())
        });
        done.unwrap();
    }

    #[test]
    fn old_actions_are_forgotten_with_their_steps() {
        let (_folder, mut store) = scratch();
        let done: Result<(), StoreError> = store.write(|tx| {
            for time_s in 1..=5 {
                let id = tx.add_undo(time_s, "edit", "")?;
                tx.add_undo_steps(id, &[step(1)])?;
            }
            tx.forget_old_undo(3, 0)?;
            assert_eq!(ids(tx), [5, 4, 3]);
            tx.forget_old_undo(3, 5)?;
            assert_eq!(ids(tx), [5]);
            assert_eq!(tx.undo_steps(4)?, []);
            Ok(())
        });
        done.unwrap();
    }
}
