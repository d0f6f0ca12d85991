//! Taking an action back, or doing it again: its steps are written as new changes.
//!
//! An action on many events is taken back in parts, so that nothing else waits long. A part that
//! was done stays done when the next one is interrupted, and the whole can be asked for again.

mod moved;

use std::collections::BTreeMap;

use almanac_calendar::document;
use almanac_calendar::document::calendar::CalendarFacts;
use almanac_calendar::document::private::Private;
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{Transaction, UndoRow};

use crate::client::{Client, Work};
use crate::command::Done;
use crate::error::{Error, Result};
use crate::replica::author::DocumentChange;
use crate::replica::documents;
use crate::undo::Verb;
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

/// Which action is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// The one of this token.
    Token(u64),
    /// The newest that can be taken back, or the one that was taken back last.
    Last,
}

/// The first part of an action, done.
struct Begun {
    row: UndoRow,
    steps: Vec<Step>,
    touched: Vec<(DocumentId, bool)>,
}

impl Client {
    /// Takes back an action or does it again, and gives it as it is then.
    ///
    /// It is chosen in the transaction that begins it, so that of two programs that ask at once
    /// each takes another. An action of which nothing is left counts as taken all the same: it
    /// does not stand in the way of those before it, and can be tried again from the other side.
    pub(super) fn take(&self, which: Which, direction: Direction) -> Result<(UndoRow, Done)> {
        let begun = self.write(|work| begin(work, which, direction))?;
        let Begun {
            mut row,
            steps,
            mut touched,
        } = begun;
        let jobs = in_order(&steps, direction);
        let parts = jobs.chunks(PART_DOCUMENTS).enumerate().skip(1);
        for (number, part) in parts {
            let is_last = (number + 1) * PART_DOCUMENTS >= jobs.len();
            let found = self.write(|work| {
                let now = work.tx().undo_action(row.id)?;
                if now.is_some_and(|now| now.is_undone != row.is_undone) {
                    // Another program was as far already.
                    return Ok(None);
                }
                let found = take_part(work, part, direction)?;
                if is_last {
                    mark(work, row.id, direction)?;
                }
                Ok(Some(found))
            })?;
            let Some(found) = found else { break };
            touched.extend(found);
        }
        if touched.is_empty() {
            return Err(nothing_left(direction));
        }
        row.is_undone = direction == Direction::Back;
        let done = self.outcome(row.id, &touched, direction);
        Ok((row, done))
    }

    fn outcome(&self, token: u64, touched: &[(DocumentId, bool)], direction: Direction) -> Done {
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
        Done {
            revision: self.revision(),
            event,
            undo,
            redo,
        }
    }
}

fn begin(work: &mut Work<'_>, which: Which, direction: Direction) -> Result<Begun> {
    let row = chosen(work.tx(), which, direction)?;
    let steps = work.tx().undo_steps(row.id)?.into_iter();
    let steps = steps.map(Step::of_row).collect::<Result<Vec<_>>>()?;
    let jobs = in_order(&steps, direction);
    let moved = if Verb::of(&row.verb) == Verb::Move {
        moved::take(work, &jobs)?
    } else {
        None
    };
    let touched = match moved {
        Some(touched) => touched,
        None => {
            let part = jobs.chunks(PART_DOCUMENTS).next().unwrap_or_default();
            take_part(work, part, direction)?
        }
    };
    if jobs.len() <= PART_DOCUMENTS {
        mark(work, row.id, direction)?;
    }
    Ok(Begun {
        row,
        steps,
        touched,
    })
}

fn chosen(tx: &Transaction<'_>, which: Which, direction: Direction) -> Result<UndoRow> {
    let found = match (which, direction) {
        (Which::Token(token), _) => tx
            .undo_action(token)?
            .filter(|row| row.is_undone == (direction == Direction::Again)),
        (Which::Last, Direction::Back) => {
            let rows = tx.undo_actions()?;
            rows.into_iter().find(|row| !row.is_undone)
        }
        (Which::Last, Direction::Again) => tx.last_undone()?,
    };
    found.ok_or_else(|| {
        Error::not_found(match (which, direction) {
            (Which::Token(_), Direction::Back) => {
                "This can no longer be undone. Nothing was changed."
            }
            (Which::Token(_), Direction::Again) => {
                "This can no longer be done again. Nothing was changed."
            }
            (Which::Last, Direction::Back) => "There is nothing to undo.",
            (Which::Last, Direction::Again) => {
                "There is nothing to do again: nothing was undone since the last change."
            }
        })
    })
}

fn mark(work: &Work<'_>, token: u64, direction: Direction) -> Result<()> {
    match direction {
        Direction::Back => work.tx().mark_undone(token)?,
        Direction::Again => work.tx().mark_redone(token)?,
    }
    Ok(())
}

fn nothing_left(direction: Direction) -> Error {
    Error::not_found(match direction {
        Direction::Back => {
            "There is nothing left of it to undo: it was changed again since. Nothing was \
             changed. The next undo takes back what was done before it."
        }
        Direction::Again => {
            "There is nothing left of it to do again: it was changed since. Nothing was \
             changed."
        }
    })
}

/// The documents of an action, in the order in which they are taken.
fn in_order(steps: &[Step], direction: Direction) -> Vec<Job<'_>> {
    let mut jobs: Vec<Job<'_>> = steps.iter().flat_map(jobs).collect();
    if direction == Direction::Back {
        jobs.reverse();
    }
    jobs
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
    let changes = step::by_todays_names(job.changes, direction, &current, |field| {
        document::occurrence_of(&doc, field)
    });
    let wanted = step::applied_to_event(&changes, direction, &current)?;
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
