//! Importing .ics files: by UID, so that a file can be imported again.
//!
//! What the file says wins over what is here, unless its SEQUENCE says that it is older. A large
//! file is written in several transactions, so that nothing else waits long; one that was
//! interrupted is finished by importing it again. New events are made ready by other threads while
//! those before them are stored ([`draft`]).

mod draft;

use std::collections::HashSet;

use almanac_calendar::ics::{self, Problem, ProblemKind};
use almanac_calendar::{Event, document};
use almanac_protocol::ids::CalendarId;
use almanac_store::{EventRow, Room};

use crate::client::{Client, Work};
use crate::command::{ImportFile, ImportReport, ProblemView};
use crate::error::{Error, Result};
use crate::replica::author::{self, Authored, DocumentChange};
use crate::replica::documents;
use crate::undo::Verb;
use crate::undo::step::Step;
use draft::{Draft, Drafted, Drafter};

/// Events in one transaction: a fraction of a second, and large parts of the search index.
const BATCH_EVENTS: usize = 5_000;

/// What became of one event of a file.
enum Outcome {
    New(Authored, Step),
    Updated(Authored, Step),
    Unchanged,
    Older,
    Refused(Error),
}

impl Client {
    /// Imports the events of an .ics file into a calendar.
    pub fn import(&self, file: ImportFile) -> Result<ImportReport> {
        let calendar = self.find_calendar(&file.calendar)?;
        let ImportFile { name, bytes, .. } = file;
        let (events, problems) = read_events(&bytes, &name)?;
        drop(bytes);
        let mut report = ImportReport {
            problems,
            ..ImportReport::default()
        };
        let drafter = self.drafter(calendar)?;
        self.set_room(Room::Large)?;
        let stored = drafter.each_batch(events, BATCH_EVENTS, |batch| {
            let (found, token) = self.act_on(Verb::Import, report.undo, |work| {
                work.about(&name);
                import_batch(work, &drafter, batch)
            })?;
            report.undo = token;
            report.imported += found.imported;
            report.updated += found.updated;
            report.unchanged += found.unchanged;
            report.problems.extend(found.problems);
            Ok(())
        });
        self.set_room(Room::Usual)?;
        stored.map(|()| report)
    }

    fn drafter(&self, calendar: CalendarId) -> Result<Drafter> {
        self.write(|work| {
            let uids = work.tx().uids(calendar)?;
            Ok(Drafter {
                calendar,
                actor: work.actor(calendar)?,
                time: documents::seconds(work),
                known: HashSet::from_iter(uids),
            })
        })
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
    drafter: &Drafter,
    batch: Vec<Drafted>,
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let mut changes: Vec<Authored> = Vec::with_capacity(batch.len());
    for (event, draft) in batch {
        let problem = match import_one(work, drafter, &event, draft?)? {
            Outcome::New(change, step) => {
                report.imported += 1;
                changes.push(change);
                work.remember(step);
                None
            }
            Outcome::Updated(change, step) => {
                report.updated += 1;
                changes.push(change);
                work.remember(step);
                None
            }
            Outcome::Unchanged => {
                report.unchanged += 1;
                None
            }
            Outcome::Older => {
                report.unchanged += 1;
                Some(OLDER.to_owned())
            }
            Outcome::Refused(error) => Some(error.message),
        };
        report.problems.extend(problem.map(|message| ProblemView {
            line: None,
            uid: Some(event.uid),
            message,
        }));
    }
    if !changes.is_empty() {
        work.author(drafter.calendar, changes)?;
    }
    Ok(report)
}

const OLDER: &str = "The file holds an older version of this event; the newer one that is here \
                     was kept.";

fn import_one(work: &Work<'_>, drafter: &Drafter, event: &Event, draft: Draft) -> Result<Outcome> {
    let calendar = drafter.calendar;
    let rows = if work.tx().has_uid(calendar, &event.uid)? {
        work.tx().events_with_uid(calendar, &event.uid)?
    } else {
        Vec::new()
    };
    let Some(row) = rows.iter().find(|row| !row.trashed).or(rows.first()) else {
        let actor = work.actor(calendar)?;
        // What the draft was made for may have changed meanwhile.
        let is_current = actor == drafter.actor && !matches!(draft, Draft::Known);
        let draft = if is_current {
            draft
        } else {
            Drafter {
                actor,
                known: HashSet::new(),
                ..*drafter
            }
            .ready(event)?
        };
        return Ok(match draft {
            Draft::Ready(document, change) => Outcome::New(*change, Step::made(calendar, document)),
            Draft::Refused(error) => Outcome::Refused(error),
            Draft::Known => return Err(Error::internal("a draft of an event that is not there")),
        });
    };
    let here = documents::event_of(row)?;
    if !row.trashed && is_same(event, &here) {
        return Ok(Outcome::Unchanged);
    }
    if !row.trashed && event.sequence < here.sequence {
        return Ok(Outcome::Older);
    }
    let Some((change, step)) = edited(work, row, &here, event)? else {
        return Ok(Outcome::Unchanged);
    };
    if let Err(error) = author::check(&change.bytes) {
        return Ok(Outcome::Refused(error));
    }
    Ok(if row.trashed {
        Outcome::New(change.into(), step)
    } else {
        Outcome::Updated(change.into(), step)
    })
}

fn edited(
    work: &Work<'_>,
    row: &EventRow,
    here: &Event,
    event: &Event,
) -> Result<Option<(DocumentChange, Step)>> {
    let doc = documents::load(work.tx(), row.calendar, row.document)?;
    let mut doc = doc.ok_or_else(|| Error::internal("an event without its document"))?;
    let event = Event {
        trashed: false,
        ..event.clone()
    };
    let actor = work.actor(row.calendar)?;
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
