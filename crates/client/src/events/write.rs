//! Writing one event's document inside an action.

use almanac_calendar::{Event, EventId, document};
use almanac_protocol::ids::{CalendarId, DocumentId};
use automerge::Automerge;

use crate::client::Work;
use crate::error::{Error, ErrorCode, Result};
use crate::occurrences::EventKey;
use crate::replica::author::DocumentChange;
use crate::replica::documents;
use crate::undo::step::Step;

/// Makes the document of a new event.
pub(crate) fn create(
    work: &mut Work<'_>,
    calendar: CalendarId,
    id: EventId,
    event: &Event,
) -> Result<DocumentId> {
    let document = DocumentId::from_bytes(*id.as_bytes());
    let actor = work.actor(calendar)?;
    let (doc, bytes) =
        document::create(event, actor, documents::seconds(work)).map_err(Error::internal)?;
    let change = DocumentChange {
        document,
        bytes,
        result: Some(doc),
    };
    work.author(calendar, vec![change])?;
    work.remember(Step::made(calendar, document));
    Ok(document)
}

/// The event as it stands.
pub(crate) fn read(work: &Work<'_>, key: EventKey) -> Result<Event> {
    let doc = loaded(work, key)?;
    document::read(&doc).map_err(|_| Error::gone())
}

fn loaded(work: &Work<'_>, key: EventKey) -> Result<Automerge> {
    match documents::load(work.tx(), key.calendar, key.document)? {
        Some(doc) => Ok(doc),
        None if work.tx().is_busy_shown(key.calendar)? => Err(Error::new(
            ErrorCode::NotAllowed,
            "You see when the people of this calendar are busy, and nothing else. Nothing was \
             changed. Ask its owner to show you more.",
        )),
        None => Err(Error::gone()),
    }
}

/// Edits an event; says whether anything was to be changed.
pub(crate) fn edit(
    work: &mut Work<'_>,
    key: EventKey,
    change: impl FnOnce(&mut Event) -> Result<()>,
) -> Result<bool> {
    let EventKey { calendar, document } = key;
    let mut doc = loaded(work, key)?;
    let before = document::read(&doc).map_err(|_| Error::gone())?;
    let mut after = before.clone();
    change(&mut after)?;
    work.about(&after.title);
    let (actor, time) = (work.actor(calendar)?, documents::seconds(work));
    let bytes = document::edit(&mut doc, actor, time, &after).map_err(Error::internal)?;
    let Some(bytes) = bytes else { return Ok(false) };
    let change = DocumentChange {
        document,
        bytes,
        result: Some(doc),
    };
    work.author(calendar, vec![change])?;
    work.remember(Step::between(calendar, document, &before, &after));
    Ok(true)
}
