//! Documents from their stored changes, and the rows that show them.
//!
//! The changes are the truth and the row is a cache: it can be built again at any time. A document
//! that is not a whole event yet has no row, which is no error: its first change may still be on
//! the way.

use almanac_calendar::Event;
use almanac_calendar::document;
use almanac_calendar::document::calendar::{self, CalendarFacts};
use almanac_calendar::document::private::{self, Private};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{EventRow, Transaction};
use automerge::Automerge;

use crate::client::Work;
use crate::conflicts;
use crate::error::{Error, Result};
use crate::occurrences;
use crate::replica::author::DocumentChange;

/// The document that the stored changes make; `None` where there are none.
pub(crate) fn load(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
) -> Result<Option<Automerge>> {
    let changes = tx.changes(calendar, document)?;
    if changes.is_empty() {
        Ok(None)
    } else {
        of(&changes).map(Some)
    }
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
        return Ok(());
    }
    match load(tx, calendar, document)? {
        Some(doc) => show(tx, calendar, document, &doc),
        None => Ok(()),
    }
}

/// Stores the row of an event document.
pub(crate) fn show(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
    doc: &Automerge,
) -> Result<()> {
    let Ok(event) = document::read(doc) else {
        return Ok(());
    };
    let (first_s, last_s) = occurrences::bounds(&event);
    tx.put_event(&EventRow {
        calendar,
        document,
        uid: event.uid.clone(),
        first_s,
        last_s,
        trashed: event.trashed,
        event: serde_json::to_string(&event).map_err(Error::internal)?,
    })?;
    conflicts::note(tx, calendar, document, doc)
}

/// The event of a row.
pub(crate) fn event_of(row: &EventRow) -> Result<Event> {
    serde_json::from_str(&row.event).map_err(|_| Error::internal("the row of an event"))
}

/// What a calendar's own document says; the defaults while nothing has come.
pub(crate) fn facts(tx: &Transaction<'_>, calendar: CalendarId) -> Result<CalendarFacts> {
    Ok(load(tx, calendar, DocumentId::CALENDAR)?
        .map_or_else(CalendarFacts::default, |doc| calendar::read(&doc)))
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
    Ok(private::read(&load_private(tx, calendar)?))
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
