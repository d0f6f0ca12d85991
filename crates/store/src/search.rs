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
use std::ops::{ControlFlow, Range};

use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Beginnings up to this long have an index of their own (0003_views.sql).
const PREFIX_LETTERS_MAX: usize = 2;
/// Words that a beginning is replaced by.
const SPELLED_OUT_MAX: usize = 16;
/// Rows between stretches that are passed over one by one, which is cheaper than asking the index
/// anew; more are not.
const PASSED_MAX: usize = 10_000;
pub(crate) const ID_BITS: u32 = 30;
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

/// A part of a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The shelf.
    pub shelf: Shelf,
    /// Only what ends at or after this Unix second.
    pub from_s: Option<i64>,
    /// Only what ends before this one.
    pub to_s: Option<i64>,
}

impl Stretch {
    /// The numbers of its rows.
    fn rows(self) -> Range<i64> {
        let edge = |end_s: Option<i64>, otherwise: i64| {
            number(on(self.shelf, end_s.map_or(otherwise, minute)), 0)
        };
        edge(self.from_s, 0)..edge(self.to_s, MINUTE_MAX + 1)
    }
}

/// What is asked for, as the index understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(String);

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The earliest.
    EarliestFirst,
    /// The latest.
    LatestFirst,
}

impl Transaction<'_> {
    /// The condition that all of `terms` are fulfilled.
    pub fn condition(&self, terms: &[Term]) -> Result<Condition, StoreError> {
        Ok(Condition(expression(&self.all_spelled_out(terms)?)))
    }

    /// Hands over the events that fulfil a condition and lie in one of `stretches`: the number of
    /// that stretch, and the row. Told to break, it leaves out the rest of that stretch.
    ///
    /// All of it is one walk over the index: gathering the words of a beginning, and passing over
    /// what lies before the first stretch, is the larger part of what a search costs.
    pub fn search<E: From<StoreError>>(
        &self,
        condition: &Condition,
        stretches: &[Stretch],
        order: Order,
        mut each: impl FnMut(usize, i64) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let ranges = stretches.iter().map(|one| one.rows()).enumerate();
        let mut left: Vec<_> = ranges.filter(|(_, rows)| !rows.is_empty()).collect();
        while let Some(tired_at) = self.walk(condition, order, &mut left, &mut each)? {
            left.retain(|(_, rows)| match order {
                Order::EarliestFirst => rows.start > tired_at,
                Order::LatestFirst => rows.end <= tired_at,
            });
        }
        Ok(())
    }

    /// Walks over what is `left` of the stretches. Gives the number at which it met too many rows
    /// in none of them.
    fn walk<E: From<StoreError>>(
        &self,
        condition: &Condition,
        order: Order,
        left: &mut Vec<(usize, Range<i64>)>,
        each: &mut impl FnMut(usize, i64) -> Result<ControlFlow<()>, E>,
    ) -> Result<Option<i64>, E> {
        let starts = left.iter().map(|(_, rows)| rows.start).min();
        let ends = left.iter().map(|(_, rows)| rows.end).max();
        let Some((first, end)) = starts.zip(ends) else {
            return Ok(None);
        };
        let order = match order {
            Order::EarliestFirst => "ASC",
            Order::LatestFirst => "DESC",
        };
        let sql = format!(
            "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid >= ?2 AND rowid < ?3
             ORDER BY rowid {order}"
        );
        let mut statement = self.sql.prepare_cached(&sql).map_err(StoreError::from)?;
        let mut rows = statement
            .query(params![condition.0, first, end])
            .map_err(StoreError::from)?;
        let mut passed = 0;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let number: i64 = row.get(0).map_err(StoreError::from)?;
            let stands_in = |(_, rows): &(usize, Range<i64>)| rows.contains(&number);
            let Some((at, (stretch, _))) = left.iter().enumerate().find(|(_, one)| stands_in(one))
            else {
                passed += 1;
                if passed == PASSED_MAX {
                    return Ok(Some(number));
                }
                continue;
            };
            if each(*stretch, number & ((1 << ID_BITS) - 1))?.is_break() {
                left.remove(at);
                if left.is_empty() {
                    break;
                }
            }
        }
        Ok(None)
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
mod tests;
