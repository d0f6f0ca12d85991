//! A move between calendars, taken back or done again.
//!
//! A move makes a copy and puts the original in the trash. Whoever wrote to the copy since must
//! find that in the original: it comes back as the copy is now, without what the action itself
//! said. Doing the move again is the same the other way round.

use almanac_calendar::{Event, document};
use almanac_protocol::ids::DocumentId;
use automerge::Automerge;

use super::Job;
use crate::client::Work;
use crate::error::{Error, Result};
use crate::replica::author::DocumentChange;
use crate::replica::documents;
use crate::undo::step::{self, Direction, Step};

/// A document of the move, and the event it is now.
struct Side<'a> {
    job: Job<'a>,
    doc: Automerge,
    event: Event,
}

/// The documents that were changed, and whether each is shown now; `None` where the two are no
/// longer as the action left them, so that each goes by itself.
pub(super) fn take(
    work: &mut Work<'_>,
    jobs: &[Job<'_>],
) -> Result<Option<Vec<(DocumentId, bool)>>> {
    let [comes, goes] = jobs else { return Ok(None) };
    let (Some(comes), Some(goes)) = (side(work, *comes)?, side(work, *goes)?) else {
        return Ok(None);
    };
    let Some(then) = shown_since(&goes.doc) else {
        return Ok(None);
    };
    if goes.event.trashed || !comes.event.trashed {
        return Ok(None);
    }
    let Job {
        calendar, document, ..
    } = comes.job;
    let own = Step::between(calendar, document, &comes.event, &then);
    let mut wanted = step::applied_to_event(&own.changes, Direction::Back, &goes.event)?;
    wanted.trashed = false;
    let gone = Event {
        trashed: true,
        ..goes.event.clone()
    };
    let touched = vec![(document, true), (goes.job.document, false)];
    write(work, comes, &wanted)?;
    write(work, goes, &gone)?;
    Ok(Some(touched))
}

fn side<'a>(work: &Work<'_>, job: Job<'a>) -> Result<Option<Side<'a>>> {
    let doc = documents::load(work.tx(), job.calendar, job.document)?;
    Ok(doc.and_then(|doc| {
        let event = document::read(&doc).ok()?;
        Some(Side { job, doc, event })
    }))
}

/// What a document was when it came to be shown.
fn shown_since(doc: &Automerge) -> Option<Event> {
    let edits = document::history(doc);
    let is_return = |edit: &&document::Edit| {
        let mut fields = edit.fields.iter();
        fields.any(|change| change.field == "trashed" && change.new.as_deref() != Some("true"))
    };
    let since = edits.iter().rev().find(is_return).or(edits.first())?;
    document::at(doc, since.hash).ok()
}

fn write(work: &mut Work<'_>, side: Side<'_>, wanted: &Event) -> Result<()> {
    let Side { job, mut doc, .. } = side;
    let (actor, time) = (work.actor(job.calendar)?, documents::seconds(work));
    let bytes = document::edit(&mut doc, actor, time, wanted).map_err(Error::internal)?;
    let Some(bytes) = bytes else { return Ok(()) };
    let change = DocumentChange {
        document: job.document,
        bytes,
        result: Some(doc),
    };
    work.author(job.calendar, vec![change])
}
