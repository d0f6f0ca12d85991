//! Importing .ics files: by UID, so that a file can be imported again.
//!
//! What the file says wins over what is here, unless its SEQUENCE says that it is older. A large
//! file is written in several transactions, so that nothing else waits long; one that was
//! interrupted is finished by importing it again.

use almanac_calendar::ics::{self, Problem, ProblemKind};
use almanac_calendar::{Event, document};
use almanac_protocol::ids::CalendarId;
use almanac_store::EventRow;

use crate::client::{Client, Work};
use crate::command::{ImportFile, ImportReport, ProblemView};
use crate::error::{Error, Result};
use crate::replica::author::{self, DocumentChange};
use crate::replica::documents;
use crate::undo::Verb;
use crate::undo::step::Step;

/// Events in one transaction.
const BATCH_EVENTS: usize = 500;

/// What became of one event of a file.
enum Outcome {
    New(DocumentChange, Step),
    Updated(DocumentChange, Step),
    Unchanged,
    Older,
}

impl Client {
    /// Imports the events of an .ics file into a calendar.
    pub fn import(&self, file: ImportFile) -> Result<ImportReport> {
        let calendar = self.find_calendar(&file.calendar)?;
        let (events, problems) = read_events(&file.bytes, &file.name)?;
        let mut report = ImportReport {
            problems,
            ..ImportReport::default()
        };
        for batch in events.chunks(BATCH_EVENTS) {
            let (found, token) = self.act_on(Verb::Import, report.undo, |work| {
                work.about(&file.name);
                import_batch(work, calendar, batch)
            })?;
            report.undo = token;
            report.imported += found.imported;
            report.updated += found.updated;
            report.unchanged += found.unchanged;
            report.problems.extend(found.problems);
        }
        Ok(report)
    }
}

/// The events of a file and what is wrong with it; a file without any calendar is refused.
pub(crate) fn read_events(bytes: &[u8], name: &str) -> Result<(Vec<Event>, Vec<ProblemView>)> {
    let (events, problems) = ics::read(bytes);
    let is_foreign = problems
        .iter()
        .any(|problem| problem.kind == ProblemKind::NoCalendar);
    if events.is_empty() && is_foreign {
        return Err(Error::invalid(format!(
            "{name} holds no calendar. Nothing was changed. Calendar files end in .ics and begin \
             with BEGIN:VCALENDAR."
        )));
    }
    Ok((events, problems.iter().map(problem_view).collect()))
}

fn problem_view(problem: &Problem) -> ProblemView {
    ProblemView {
        line: u64::try_from(problem.line).ok(),
        uid: problem.uid.clone(),
        message: problem.kind.to_string(),
    }
}

fn import_batch(
    work: &mut Work<'_>,
    calendar: CalendarId,
    events: &[Event],
) -> Result<ImportReport> {
    let actor = work.actor(calendar)?;
    let mut report = ImportReport::default();
    let mut changes = Vec::new();
    for event in events {
        let outcome = import_one(work, calendar, actor, event)?;
        if let Outcome::New(change, _) | Outcome::Updated(change, _) = &outcome
            && let Err(error) = author::check(&change.bytes)
        {
            let (uid, message) = (Some(event.uid.clone()), error.message);
            report.problems.push(ProblemView {
                line: None,
                uid,
                message,
            });
            continue;
        }
        match outcome {
            Outcome::New(change, step) => {
                report.imported += 1;
                changes.push(change);
                work.remember(step);
            }
            Outcome::Updated(change, step) => {
                report.updated += 1;
                changes.push(change);
                work.remember(step);
            }
            Outcome::Unchanged => report.unchanged += 1,
            Outcome::Older => {
                report.unchanged += 1;
                report.problems.push(ProblemView {
                    line: None,
                    uid: Some(event.uid.clone()),
                    message: "The file holds an older version of this event; the newer one that \
                              is here was kept."
                        .to_owned(),
                });
            }
        }
    }
    if !changes.is_empty() {
        work.author(calendar, changes)?;
    }
    Ok(report)
}

fn import_one(
    work: &Work<'_>,
    calendar: CalendarId,
    actor: [u8; 16],
    event: &Event,
) -> Result<Outcome> {
    let time = documents::seconds(work);
    let rows = work.tx().events_with_uid(calendar, &event.uid)?;
    let Some(row) = rows.iter().find(|row| !row.trashed).or(rows.first()) else {
        let (doc, bytes) = document::create(event, actor, time).map_err(Error::internal)?;
        let document = work.new_document();
        let change = DocumentChange {
            document,
            bytes,
            result: Some(doc),
        };
        return Ok(Outcome::New(change, Step::made(calendar, document)));
    };
    let here = documents::event_of(row)?;
    if !row.trashed && is_same(event, &here) {
        return Ok(Outcome::Unchanged);
    }
    if !row.trashed && event.sequence < here.sequence {
        return Ok(Outcome::Older);
    }
    Ok(match edited(work, row, actor, &here, event)? {
        Some((change, step)) if row.trashed => Outcome::New(change, step),
        Some((change, step)) => Outcome::Updated(change, step),
        None => Outcome::Unchanged,
    })
}

fn edited(
    work: &Work<'_>,
    row: &EventRow,
    actor: [u8; 16],
    here: &Event,
    event: &Event,
) -> Result<Option<(DocumentChange, Step)>> {
    let doc = documents::load(work.tx(), row.calendar, row.document)?;
    let mut doc = doc.ok_or_else(|| Error::internal("an event without its document"))?;
    let event = Event {
        trashed: false,
        ..event.clone()
    };
    let bytes = document::edit(&mut doc, actor, documents::seconds(work), &event)
        .map_err(Error::internal)?;
    let document = row.document;
    Ok(bytes.map(|bytes| {
        let change = DocumentChange {
            document,
            bytes,
            result: Some(doc),
        };
        let step = Step::between(row.calendar, document, here, &event);
        (change, step)
    }))
}

/// Whether both say the same. When the file was written says nothing.
fn is_same(event: &Event, here: &Event) -> bool {
    let stamped = Event {
        stamped: here.stamped,
        trashed: here.trashed,
        ..event.clone()
    };
    stamped == *here
}
