//! Taking an action back, or doing it again: its steps are written as new changes.
//!
//! An action on many events is taken back in parts, so that nothing else waits long. A part that
//! was done stays done when the next one is interrupted, and the whole can be asked for again.

use std::collections::BTreeMap;

use almanac_calendar::document;
use almanac_calendar::document::calendar::CalendarFacts;
use almanac_calendar::document::private::Private;
use almanac_protocol::ids::{CalendarId, DocumentId};

use crate::client::{Client, Work};
use crate::command::Done;
use crate::error::{Error, Result};
use crate::replica::author::DocumentChange;
use crate::replica::documents;
use crate::undo::step::{self, Direction, Step, ValueChange};

/// Documents in one transaction.
const PART_DOCUMENTS: usize = 500;

/// One document and what is to happen to it.
#[derive(Clone, Copy)]
struct Job<'a> {
    calendar: CalendarId,
    document: DocumentId,
    changes: &'a [ValueChange],
}

impl Client {
    /// Takes back an action or does it again; it is known to be there.
    pub(super) fn take(&self, token: u64, direction: Direction) -> Result<Done> {
        let rows = self.read(|tx| Ok(tx.undo_steps(token)?))?;
        let steps = rows
            .into_iter()
            .map(Step::of_row)
            .collect::<Result<Vec<_>>>()?;
        let mut jobs: Vec<Job<'_>> = steps.iter().flat_map(jobs).collect();
        if direction == Direction::Back {
            jobs.reverse();
        }
        let parts = jobs.chunks(PART_DOCUMENTS).count();
        let mut touched = Vec::new();
        for (number, part) in jobs.chunks(PART_DOCUMENTS).enumerate() {
            let is_last = number + 1 == parts;
            let found = self.write(|work| {
                let found = take_part(work, part, direction)?;
                if is_last && !(touched.is_empty() && found.is_empty()) {
                    match direction {
                        Direction::Back => work.tx().mark_undone(token)?,
                        Direction::Again => work.tx().mark_redone(token)?,
                    }
                }
                Ok(found)
            })?;
            touched.extend(found);
        }
        if touched.is_empty() {
            return Err(self.nothing_left(token, direction)?);
        }
        // Of a move, the event that is there now.
        let event = touched
            .iter()
            .find(|(_, is_shown)| *is_shown)
            .or(touched.first())
            .filter(|(document, _)| *document != DocumentId::CALENDAR)
            .map(|(document, _)| document.to_string());
        let (undo, redo) = match direction {
            Direction::Back => (None, Some(token)),
            Direction::Again => (Some(token), None),
        };
        Ok(Done {
            revision: self.revision(),
            event,
            undo,
            redo,
        })
    }

    /// An action of which nothing is left does not stand in the way of those before it.
    fn nothing_left(&self, token: u64, direction: Direction) -> Result<Error> {
        self.store(|tx| Ok(tx.remove_undo(token)?))?;
        Ok(Error::not_found(match direction {
            Direction::Back => {
                "There is nothing left of it to undo: it was changed again since. Nothing was \
                 changed. The next undo takes back what was done before it."
            }
            Direction::Again => {
                "There is nothing left of it to do again: it was changed since. Nothing was \
                 changed."
            }
        }))
    }
}

fn jobs(step: &Step) -> impl Iterator<Item = Job<'_>> {
    step.documents.iter().map(|document| Job {
        calendar: step.calendar,
        document: *document,
        changes: &step.changes,
    })
}

/// The documents that were changed, and whether each is shown now.
fn take_part(
    work: &mut Work<'_>,
    part: &[Job<'_>],
    direction: Direction,
) -> Result<Vec<(DocumentId, bool)>> {
    let mut touched = Vec::new();
    let mut changes: BTreeMap<CalendarId, Vec<DocumentChange>> = BTreeMap::new();
    for job in part {
        if job.document == DocumentId::CALENDAR {
            if take_settings(work, *job, direction)? {
                touched.push((job.document, false));
            }
            continue;
        }
        let waiting = changes.entry(job.calendar).or_default();
        if waiting.iter().any(|other| other.document == job.document) {
            work.author(job.calendar, std::mem::take(waiting))?;
        }
        if let Some((change, is_shown)) = take_event(work, *job, direction)? {
            touched.push((job.document, is_shown));
            waiting.push(change);
        }
    }
    for (calendar, changes) in changes {
        if !changes.is_empty() {
            work.author(calendar, changes)?;
        }
    }
    Ok(touched)
}

fn take_event(
    work: &Work<'_>,
    job: Job<'_>,
    direction: Direction,
) -> Result<Option<(DocumentChange, bool)>> {
    let Some(mut doc) = documents::load(work.tx(), job.calendar, job.document)? else {
        return Ok(None);
    };
    let Ok(current) = document::read(&doc) else {
        return Ok(None);
    };
    let wanted = step::applied_to_event(job.changes, direction, &current)?;
    let (actor, time) = (work.actor(job.calendar)?, documents::seconds(work));
    let bytes = document::edit(&mut doc, actor, time, &wanted).map_err(Error::internal)?;
    Ok(bytes.map(|bytes| {
        let change = DocumentChange {
            document: job.document,
            bytes,
            result: Some(doc),
        };
        (change, !wanted.trashed)
    }))
}

/// The same for a calendar's facts and for what the account keeps for itself.
fn take_settings(work: &mut Work<'_>, job: Job<'_>, direction: Direction) -> Result<bool> {
    if job.calendar == work.identity().private {
        check_empty(work, job.changes, direction)?;
        let before: Private = documents::private(work.tx(), job.calendar)?;
        let after = step::applied(job.changes, direction, &before)?;
        let is_changed = before != after;
        documents::edit_private(work, |private| *private = after)?;
        return Ok(is_changed);
    }
    let before: CalendarFacts = documents::facts(work.tx(), job.calendar)?;
    let after = step::applied(job.changes, direction, &before)?;
    if before == after {
        return Ok(false);
    }
    documents::set_facts(work, job.calendar, &after)?;
    Ok(true)
}

/// A calendar that would go must hold no events: they would go from view with it.
fn check_empty(work: &Work<'_>, changes: &[ValueChange], direction: Direction) -> Result<()> {
    for change in changes {
        let [root, id, field] = change.path() else {
            continue;
        };
        let goes = root == "calendars"
            && field == "is_removed"
            && change.target(direction) == Some(&true.into());
        let Some(calendar) = id.parse::<CalendarId>().ok().filter(|_| goes) else {
            continue;
        };
        if !work.tx().events(calendar)?.is_empty() {
            return Err(Error::invalid(
                "This calendar has events now. Nothing was changed. Delete them or move them to \
                 another calendar first.",
            ));
        }
    }
    Ok(())
}
