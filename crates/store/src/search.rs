//! Table `search`: which words stand in which events, in order of time.
//!
//! ```text
//! row number   shelf (2 bits) · minute of the end (31) · row in `event` (30)
//! ```
//!
//! Rows lie in order of the end of their event, so what is near a moment is read first and no
//! further than asked for, however many events match. Three shelves: what happens once and does not
//! last long; everything else that goes on, which whoever asks computes; and the trash.
//!
//! The words come folded and separated by spaces. What a person typed only gets here as words too:
//! no text can be an error in a query.

mod write;

use std::fmt::Write;
use std::ops::ControlFlow;

use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Beginnings up to this long have an index of their own (0003_views.sql).
const PREFIX_LETTERS_MAX: usize = 2;
/// Words that a beginning is replaced by.
const SPELLED_OUT_MAX: usize = 16;
const ID_BITS: u32 = 30;
const MINUTE_BITS: u32 = 31;
/// Added to minutes of Unix time, so that two thousand years before count too.
const MINUTE_ZERO: i64 = 1 << (MINUTE_BITS - 1);
const MINUTE_MAX: i64 = (1 << MINUTE_BITS) - 1;

/// Where an event lies among what can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Happens once and is short: the end says when.
    Once,
    /// Repeats, or lasts so long that its end says little.
    Lasting,
    /// In the trash.
    Trash,
}

/// A part of an event that words stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Titles.
    Title,
    /// Places.
    Place,
    /// Notes.
    Notes,
    /// Guests and whoever invites.
    People,
    /// Categories.
    Labels,
    /// Marks for filters.
    Facets,
}

/// The words of one event, folded, each once, separated by spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Of its titles.
    pub title: String,
    /// Of its places.
    pub place: String,
    /// Of its notes.
    pub notes: String,
    /// Of its guests.
    pub people: String,
    /// Of its categories.
    pub labels: String,
    /// Marks that filters ask for.
    pub facets: String,
}

/// An event as search knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRow {
    /// Its row in `event`.
    pub id: i64,
    /// Where it lies.
    pub shelf: Shelf,
    /// Its end in Unix seconds; `None`: it goes on.
    pub end_s: Option<i64>,
    /// Its words.
    pub words: Words,
}

/// A word to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// This word.
    Whole(String),
    /// A word that begins like this.
    Beginning(String),
}

/// One condition: any of these words stands in any of these columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Columns.
    pub columns: Vec<Column>,
    /// Words.
    pub any_of: Vec<Sought>,
}

/// Which part of a shelf is read, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The shelf.
    pub shelf: Shelf,
    /// Only what ends at or after this Unix second.
    pub from_s: Option<i64>,
    /// Only what ends before this one.
    pub to_s: Option<i64>,
    /// Which end comes first.
    pub order: Order,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The earliest.
    EarliestFirst,
    /// The latest.
    LatestFirst,
}

impl Transaction<'_> {
    /// Hands over the events that fulfil all of `terms`, by their rows, until told to stop.
    pub fn search<E: From<StoreError>>(
        &self,
        terms: &[Term],
        reading: Reading,
        mut each: impl FnMut(i64) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let order = match reading.order {
            Order::EarliestFirst => "ASC",
            Order::LatestFirst => "DESC",
        };
        let sql = format!(
            "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid >= ?2 AND rowid < ?3
             ORDER BY rowid {order}"
        );
        let edge = |end_s: Option<i64>, otherwise: i64| match end_s {
            Some(end_s) => number(on(reading.shelf, minute(end_s)), 0),
            None => otherwise,
        };
        let first = edge(reading.from_s, number(on(reading.shelf, 0), 0));
        let last = edge(reading.to_s, number(on(reading.shelf, MINUTE_MAX + 1), 0));
        let mut statement = self.sql.prepare_cached(&sql).map_err(StoreError::from)?;
        let mut rows = statement
            .query(params![
                expression(&self.all_spelled_out(terms)?),
                first,
                last
            ])
            .map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let number: i64 = row.get(0).map_err(StoreError::from)?;
            if each(number & ((1 << ID_BITS) - 1))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The same condition with a beginning replaced by the words it stands for, where they are few:
    /// the index reads words lazily, but gathers a beginning as a whole before it answers.
    fn spelled_out(&self, sought: &Sought) -> Result<Vec<Sought>, StoreError> {
        let Sought::Beginning(start) = sought else {
            return Ok(vec![sought.clone()]);
        };
        if start.chars().count() <= PREFIX_LETTERS_MAX {
            return Ok(vec![sought.clone()]);
        }
        // A bare parameter as a bound would have the statement planned anew for every value.
        let mut statement = self.sql.prepare_cached(
            "SELECT word FROM search_word
             WHERE word >= ?1 || '' AND word < ?1 || char(1114111) LIMIT ?2 + 0",
        )?;
        let rows = statement.query_map(params![start, SPELLED_OUT_MAX + 1], |row| {
            Ok(Sought::Whole(row.get(0)?))
        })?;
        let words: Vec<Sought> = rows.collect::<Result<_, _>>()?;
        if words.is_empty() || words.len() > SPELLED_OUT_MAX {
            Ok(vec![sought.clone()])
        } else {
            Ok(words)
        }
    }

    fn all_spelled_out(&self, terms: &[Term]) -> Result<Vec<Term>, StoreError> {
        let mut spelled = Vec::with_capacity(terms.len());
        for term in terms {
            let mut any_of = Vec::new();
            for sought in &term.any_of {
                any_of.extend(self.spelled_out(sought)?);
            }
            let columns = term.columns.clone();
            spelled.push(Term { columns, any_of });
        }
        Ok(spelled)
    }
}

/// Where an event lies: its shelf and the minute of its end. What goes on lies after all that ends.
fn place(row: &SearchRow) -> i64 {
    on(row.shelf, row.end_s.map_or(MINUTE_MAX, minute))
}

fn minute(at_s: i64) -> i64 {
    (at_s.div_euclid(60) + MINUTE_ZERO).clamp(0, MINUTE_MAX)
}

const fn on(shelf: Shelf, minute: i64) -> i64 {
    let shelf = match shelf {
        Shelf::Once => 0,
        Shelf::Lasting => 1,
        Shelf::Trash => 2,
    };
    (shelf << MINUTE_BITS) + minute
}

const fn number(place: i64, id: i64) -> i64 {
    (place << ID_BITS) + id
}

/// The condition in the language of FTS5: every word is quoted and one word, so that none is an
/// operator.
fn expression(terms: &[Term]) -> String {
    let mut text = String::new();
    for term in terms {
        if !text.is_empty() {
            text.push_str(" AND ");
        }
        text.push('{');
        for column in &term.columns {
            text.push_str(name(*column));
            text.push(' ');
        }
        text.push_str("} : (");
        for (at, sought) in term.any_of.iter().enumerate() {
            let (word, mark) = match sought {
                Sought::Whole(word) => (word, ""),
                Sought::Beginning(word) => (word, " *"),
            };
            let or = if at == 0 { "" } else { " OR " };
            // Writing into a String cannot fail.
            let _ = write!(text, "{or}\"{}\"{mark}", word_of(word));
        }
        text.push(')');
    }
    text
}

/// A word as the index cuts it: what would end a word is left out.
fn word_of(text: &str) -> String {
    let is_part = |c: &char| !c.is_ascii() || c.is_ascii_alphanumeric();
    text.chars().filter(is_part).collect()
}

const fn name(column: Column) -> &'static str {
    match column {
        Column::Title => "title",
        Column::Place => "place",
        Column::Notes => "notes",
        Column::People => "people",
        Column::Labels => "labels",
        Column::Facets => "facets",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Shown;
    use crate::event::tests::row;
    use crate::transaction::Store;
    use crate::transaction::tests::scratch;

    fn indexed(store: &mut Store, events: &[(u8, Shelf, Option<i64>, &str)]) {
        store
            .write(|tx| {
                let mut rows = Vec::new();
                for (n, shelf, end_s, title) in events {
                    let words = Words {
                        title: (*title).to_owned(),
                        ..Words::default()
                    };
                    rows.push(SearchRow {
                        id: tx.put_event(&row(*n), &Shown::Computed)?,
                        shelf: *shelf,
                        end_s: *end_s,
                        words,
                    });
                }
                tx.index(&rows)
            })
            .unwrap();
    }

    fn title(any_of: Vec<Sought>) -> Term {
        Term {
            columns: vec![Column::Title, Column::Notes],
            any_of,
        }
    }

    fn found(store: &mut Store, terms: &[Term], reading: Reading) -> Vec<u8> {
        let found = store.read(|tx| {
            let mut found = Vec::new();
            tx.search(terms, reading, |id| {
                let (_, document, _) = tx.event_version(id)?.unwrap();
                found.push(document.as_bytes()[0]);
                Ok::<_, StoreError>(ControlFlow::Continue(()))
            })?;
            Ok::<_, StoreError>(found)
        });
        found.unwrap()
    }

    const LATER: Reading = Reading {
        shelf: Shelf::Once,
        from_s: Some(1_000),
        to_s: None,
        order: Order::EarliestFirst,
    };
    const EARLIER: Reading = Reading {
        shelf: Shelf::Once,
        from_s: None,
        to_s: Some(1_000),
        order: Order::LatestFirst,
    };

    #[test]
    fn what_is_near_comes_first_on_both_sides() {
        let (_folder, mut store) = scratch();
        indexed(
            &mut store,
            &[
                (1, Shelf::Once, Some(600), "lunch"),
                (2, Shelf::Once, Some(-90_000_000_000), "lunch"),
                (3, Shelf::Once, Some(9_000), "lunch"),
                (4, Shelf::Once, Some(4_000), "lunchbox"),
                (5, Shelf::Lasting, None, "lunch"),
                (6, Shelf::Once, Some(4_000), "dinner"),
            ],
        );
        let lunch = [title(vec![Sought::Beginning("lun".into())])];
        assert_eq!(found(&mut store, &lunch, LATER), [4, 3]);
        assert_eq!(found(&mut store, &lunch, EARLIER), [1, 2]);
        let whole = [title(vec![Sought::Whole("lunch".into())])];
        assert_eq!(found(&mut store, &whole, LATER), [3]);
        let lasting = Reading {
            shelf: Shelf::Lasting,
            ..LATER
        };
        assert_eq!(found(&mut store, &whole, lasting), [5]);
    }

    #[test]
    fn an_event_is_found_as_it_is_and_not_as_it_was() {
        let (_folder, mut store) = scratch();
        indexed(&mut store, &[(1, Shelf::Once, Some(2_000), "lunch")]);
        indexed(&mut store, &[(1, Shelf::Once, Some(5_000), "dinner")]);
        let word = |word: &str| [title(vec![Sought::Whole(word.into())])];
        assert_eq!(found(&mut store, &word("lunch"), LATER), [0_u8; 0]);
        assert_eq!(found(&mut store, &word("dinner"), LATER), [1]);
        assert!(!store.read(|tx| tx.search_lags_by(0)).unwrap());
        store
            .write(|tx| tx.put_event(&row(1), &Shown::Computed))
            .unwrap();
        assert!(store.read(|tx| tx.search_lags_by(0)).unwrap());
        assert_eq!(store.read(|tx| tx.search_waiting(9)).unwrap().len(), 1);
        store.write(|tx| tx.empty_caches()).unwrap();
        assert_eq!(found(&mut store, &word("dinner"), LATER), [0_u8; 0]);
    }

    #[test]
    fn a_beginning_finds_every_word_be_they_few_or_many() {
        let (_folder, mut store) = scratch();
        let titles: Vec<String> = (0..40)
            .map(|n| format!("lunch{n:02} dinner{}", n / 10))
            .collect();
        let mut events = Vec::new();
        for (n, title) in (0..).zip(&titles) {
            events.push((
                n,
                Shelf::Once,
                Some(2_000 + 60 * i64::from(n)),
                title.as_str(),
            ));
        }
        indexed(&mut store, &events);
        let mut check = |start: &str, count: usize| {
            let terms = [title(vec![Sought::Beginning(start.into())])];
            assert_eq!(found(&mut store, &terms, LATER).len(), count, "{start}");
        };
        check("l", 40);
        check("lu", 40);
        check("lunch", 40);
        check("lunch3", 10);
        check("lunch39", 1);
        check("dinner", 40);
        check("dinner1", 10);
        check("lunchx", 0);
    }

    #[test]
    fn every_shelf_is_read_on_its_own() {
        let (_folder, mut store) = scratch();
        let shelves = [Shelf::Once, Shelf::Lasting, Shelf::Trash];
        for (n, shelf) in (1..).zip(shelves) {
            indexed(&mut store, &[(n, shelf, None, "lunch")]);
        }
        let lunch = [title(vec![Sought::Whole("lunch".into())])];
        for (n, shelf) in (1..).zip(shelves) {
            let reading = Reading { shelf, ..LATER };
            assert_eq!(found(&mut store, &lunch, reading), [n]);
        }
    }

    #[test]
    fn no_word_is_an_operator() {
        let (_folder, mut store) = scratch();
        indexed(&mut store, &[(1, Shelf::Once, Some(2_000), "and not near")]);
        for word in ["and", "not", "near"] {
            let terms = [title(vec![
                Sought::Beginning(word.into()),
                Sought::Whole("x".into()),
            ])];
            assert_eq!(found(&mut store, &terms, LATER), [1], "{word}");
        }
        for word in ["\"", "*", ")", "^x", "a:b", "-", "\0", "a b"] {
            let terms = [title(vec![Sought::Beginning(word.into())])];
            assert_eq!(found(&mut store, &terms, LATER), [0_u8; 0], "{word}");
        }
    }
}
