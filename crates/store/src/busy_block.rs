//! Table `busy_block`: what a person sees of a calendar who sees busy times alone, and its rows among the
//! events.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::params;

use crate::error::StoreError;
use crate::event::{EventRow, Shown, numbers};
use crate::transaction::Transaction;

/// A stretch of time in which someone is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BusyBlockRow {
    /// First minute since 1970.
    pub first_min: i64,
    /// The minute after the last.
    pub end_min: i64,
    /// How busy, as in a frame.
    pub state: u8,
}

impl Transaction<'_> {
    /// The blocks of a calendar, in order.
    pub fn busy_blocks(&self, calendar: CalendarId) -> Result<Vec<BusyBlockRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT first_min, end_min, state FROM busy_block WHERE calendar = ?1
             ORDER BY first_min, end_min, state",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(BusyBlockRow {
                first_min: row.get(0)?,
                end_min: row.get(1)?,
                state: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a block.
    pub fn put_busy_block(
        &self,
        calendar: CalendarId,
        block: BusyBlockRow,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO busy_block (calendar, first_min, end_min, state)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                block.first_min,
                block.end_min,
                block.state
            ])?;
        Ok(())
    }

    /// Forgets a block.
    pub fn remove_busy_block(
        &self,
        calendar: CalendarId,
        block: BusyBlockRow,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM busy_block WHERE calendar = ?1 AND first_min = ?2 AND end_min = ?3
                 AND state = ?4",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                block.first_min,
                block.end_min,
                block.state
            ])?;
        Ok(())
    }

    /// Stores a row among the events that search does not hear of: a block has no words.
    pub fn put_wordless_event(&self, row: &EventRow, shown: &Shown) -> Result<(), StoreError> {
        if self.event(row.calendar, row.document)?.is_some() {
            return Ok(());
        }
        let id = self.insert_event(row, numbers(shown), None)?;
        if let Shown::Once(once) = shown {
            self.put_once(row, id, once)?;
        }
        Ok(())
    }

    /// Removes the row of an event that came by [`Transaction::put_wordless_event`].
    pub fn remove_wordless_event(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<(), StoreError> {
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        self.sql
            .prepare_cached(
                "DELETE FROM occurrence WHERE calendar = ?1 AND (lane, start_s, event) IN
                 (SELECT lane, start_s, id FROM event WHERE calendar = ?1 AND document = ?2)",
            )?
            .execute(key)?;
        self.sql
            .prepare_cached("DELETE FROM event WHERE calendar = ?1 AND document = ?2")?
            .execute(key)?;
        Ok(())
    }

    /// Empties every cache of one calendar's documents except its summary, so that nothing of them is
    /// shown or found. The documents stay.
    pub fn empty_caches_of(&self, calendar: CalendarId) -> Result<(), StoreError> {
        let key = [calendar.as_bytes().as_slice()];
        let found: Vec<i64> = self
            .sql
            .prepare_cached(
                "SELECT id + (found_at << ?2) FROM event WHERE calendar = ?1 AND found_at IS NOT NULL",
            )?
            .query_map(params![key[0], crate::search::ID_BITS], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for number in found {
            self.sql
                .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
                .execute([number])?;
        }
        for sql in [
            "DELETE FROM search_waiting WHERE event IN (SELECT id FROM event WHERE calendar = ?1)",
            "DELETE FROM occurrence WHERE calendar = ?1",
            "DELETE FROM conflict WHERE calendar = ?1",
            "DELETE FROM event WHERE calendar = ?1",
            "DELETE FROM busy_block WHERE calendar = ?1",
        ] {
            self.sql.prepare_cached(sql)?.execute(key)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::event::Window;
    use crate::event::tests::row;
    use crate::occurrence::{Clock, OnceRow};
    use crate::search::{Column, Order, SearchRow, Shelf, Sought, Stretch, Term, Words};
    use crate::transaction::tests::scratch;

    fn once() -> Shown {
        Shown::Once(OnceRow {
            clock: Clock::Zoned,
            start_s: 10,
            end_s: 20,
            local_s: 10,
            zone: "UTC".into(),
            status: 0,
            busy: 0,
            color: String::new(),
            title: "Lunch".into(),
            place: String::new(),
        })
    }

    fn finds_lunch(tx: &Transaction<'_>) -> Result<bool, StoreError> {
        let lunch = Term {
            columns: vec![Column::Title],
            any_of: vec![Sought::Whole("lunch".into())],
        };
        let stretch = Stretch {
            shelf: Shelf::Once,
            from_s: None,
            to_s: None,
        };
        let mut is_found = false;
        tx.search(
            &tx.condition(&[lunch])?,
            &[stretch],
            Order::EarliestFirst,
            |_, _| {
                is_found = true;
                Ok::<_, StoreError>(ControlFlow::Break(()))
            },
        )?;
        Ok(is_found)
    }

    #[test]
    fn nothing_of_a_calendar_is_shown_or_found_once_its_caches_are_empty() {
        let (_folder, mut store) = scratch();
        let calendar = row(1).calendar;
        let window = Window {
            from_s: 0,
            to_s: 99,
        };
        let done: Result<_, StoreError> = store.write(|tx| {
            let known = SearchRow {
                id: tx.put_event(&row(1), &once())?,
                shelf: Shelf::Once,
                end_s: Some(20),
                words: Words {
                    title: "lunch".into(),
                    ..Words::default()
                },
            };
            tx.index(&[known])?;
            tx.put_conflict(calendar, row(1).document)?;
            assert!(finds_lunch(tx)?);
            tx.empty_caches_of(calendar)?;
            assert!(!finds_lunch(tx)?);
            assert!(tx.conflicts(calendar)?.is_empty());
            assert!(tx.once_in(calendar, window)?.is_empty());
            // A block is shown and never found.
            tx.put_wordless_event(&row(2), &once())?;
            assert_eq!(tx.once_in(calendar, window)?.len(), 1);
            assert!(tx.search_waiting(9)?.is_empty());
            tx.remove_wordless_event(calendar, row(2).document)?;
            Ok((tx.once_in(calendar, window)?, tx.events(calendar)?))
        });
        assert_eq!(done.unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn blocks_come_in_order_of_time() {
        let (_folder, mut store) = scratch();
        let calendar = row(1).calendar;
        let block = |first_min, state| BusyBlockRow {
            first_min,
            end_min: first_min + 15,
            state,
        };
        let found: Result<_, StoreError> = store.write(|tx| {
            for one in [block(30, 1), block(-15, 2), block(0, 3)] {
                tx.put_busy_block(calendar, one)?;
            }
            tx.remove_busy_block(calendar, block(0, 3))?;
            tx.busy_blocks(calendar)
        });
        assert_eq!(found.unwrap(), [block(-15, 2), block(30, 1)]);
    }
}
