//! What search is told: new events at once, changed ones before it is next asked.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::{SearchRow, Words, number, place};
use crate::error::StoreError;
use crate::event::{EventRow, Shown};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Notes that search does not know an event as it is now.
    pub(crate) fn search_waits_for(&self, id: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO search_waiting (event) VALUES (?1)")?
            .execute([id])?;
        Ok(())
    }

    /// Whether more than `count` events wait for search to know them.
    pub fn search_lags_by(&self, count: u32) -> Result<bool, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM search_waiting LIMIT 1 OFFSET ?1)")?;
        Ok(statement.query_row([count], |row| row.get(0))?)
    }

    /// Rows of events that search does not know yet, at most `count`.
    pub fn search_waiting(&self, count: u32) -> Result<Vec<i64>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT event FROM search_waiting ORDER BY event LIMIT ?1")?;
        let rows = statement.query_map([count], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets search know events as they are now. Many at once cost less than one by one.
    pub fn index(&self, rows: &[SearchRow]) -> Result<(), StoreError> {
        let mut old: Vec<i64> = Vec::new();
        for row in rows {
            let at = place(row);
            let before = self
                .sql
                .prepare_cached("SELECT found_at FROM event WHERE id = ?1")?
                .query_row([row.id], |found| found.get::<_, Option<i64>>(0))
                .optional()?
                .flatten();
            old.extend(before.map(|at| number(at, row.id)));
            if before != Some(at) {
                self.sql
                    .prepare_cached("UPDATE event SET found_at = ?2 WHERE id = ?1")?
                    .execute([row.id, at])?;
            }
            self.sql
                .prepare_cached("DELETE FROM search_waiting WHERE event = ?1")?
                .execute([row.id])?;
        }
        old.sort_unstable();
        for number in old {
            self.sql
                .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
                .execute([number])?;
        }
        self.put_words(rows)
    }

    /// Stores the rows of a new document. Gives back what search has to be told of it in the same
    /// transaction, by [`Transaction::make_known`].
    pub fn add_event(
        &self,
        event: &EventRow,
        shown: &Shown,
        row: SearchRow,
    ) -> Result<SearchRow, StoreError> {
        let id = self.insert_new(event, shown, place(&row))?;
        Ok(SearchRow { id, ..row })
    }

    /// Lets search know new events. Many at once cost less than few, and take less room.
    pub fn make_known(&self, rows: &[SearchRow]) -> Result<(), StoreError> {
        self.put_words(rows)
    }

    fn put_words(&self, rows: &[SearchRow]) -> Result<(), StoreError> {
        let mut sorted: Vec<(i64, &Words)> = rows
            .iter()
            .map(|row| (number(place(row), row.id), &row.words))
            .collect();
        // The index writes a part of itself whenever a number is lower than the one before.
        sorted.sort_unstable_by_key(|(number, _)| *number);
        let mut put = self.sql.prepare_cached(
            "INSERT INTO search (rowid, title, place, notes, people, labels, facets)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for (number, words) in &sorted {
            put.execute(params![
                number,
                words.title,
                words.place,
                words.notes,
                words.people,
                words.labels,
                words.facets
            ])?;
        }
        self.put_distinct(&sorted)
    }

    fn put_distinct(&self, rows: &[(i64, &Words)]) -> Result<(), StoreError> {
        let mut distinct = BTreeSet::new();
        for (_, words) in rows {
            for text in [
                &words.title,
                &words.place,
                &words.notes,
                &words.people,
                &words.labels,
            ] {
                distinct.extend(text.split(' ').filter(|word| !word.is_empty()));
            }
        }
        let mut put = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO search_word (word) VALUES (?1)")?;
        for word in distinct {
            put.execute([word])?;
        }
        Ok(())
    }

    /// Empties every cache of the documents.
    pub fn empty_caches(&self) -> Result<(), StoreError> {
        self.sql.execute_batch(
            "DELETE FROM event; DELETE FROM occurrence; DELETE FROM summary; DELETE FROM conflict;
             DELETE FROM search_waiting; DELETE FROM search_word;
             INSERT INTO search (search) VALUES ('delete-all');",
        )?;
        Ok(())
    }
}
