//! Importing .ics files: by UID, so that a file can be imported again.
//!
//! What the file changed since it was last read joins what was changed here meanwhile ([`merge`]),
//! unless its SEQUENCE says that it is older. An event that is here already, in whatever calendar,
//! is not added a second time. A large file is written in several transactions, so that nothing else
//! waits long; one that was interrupted is finished by importing it again. New events are made ready
//! by other threads while those before them are stored ([`draft`]), and are stored as they come.

pub(crate) mod draft;
mod merge;

use std::collections::{BTreeMap, HashSet};

use almanac_calendar::ics::{self, Problem, ProblemKind};
use almanac_calendar::{Event, document};
use almanac_protocol::ids::CalendarId;
use almanac_store::{EventRow, Purpose, Room, Transaction};
use automerge::Automerge;

use crate::client::{Client, Work};
use crate::command::{ImportFile, ImportReport, ProblemView};
use crate::error::{Error, Result};
use crate::replica::author::{self, Authored, Authoring, DocumentChange};
use crate::replica::documents;
use crate::undo::Verb;
use crate::undo::step::Step;
use draft::{Draft, Drafted, Drafter};

/// Events in one transaction: a fraction of a second, and large parts of the search index.
const BATCH_EVENTS: usize = 10_000;

/// What became of one event of a file.
enum Outcome {
    New(Vec<Authored>, Step),
    Updated(Vec<Authored>, Step),
    Unchanged,
    Older,
    Refused(Error),
}

/// The same, and what else there is to say of it.
struct Found {
    outcome: Outcome,
    /// The calendar it is in.
    calendar: CalendarId,
    /// Something changed here stands although the file says otherwise.
    is_kept: bool,
    /// The file replaced something changed here.
    is_replaced: bool,
}

impl Found {
    const fn plain(calendar: CalendarId, outcome: Outcome) -> Self {
        Self {
            outcome,
            calendar,
            is_kept: false,
            is_replaced: false,
        }
    }
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
            report.kept += found.kept;
            report.replaced += found.replaced;
            report.problems.extend(found.problems);
            Ok(())
        });
        self.set_room(Room::Usual)?;
        stored.map(|()| report)
    }

    fn drafter(&self, calendar: CalendarId) -> Result<Drafter> {
        self.write(|work| {
            let mut known = HashSet::new();
            for id in calendars(work.tx(), calendar)? {
                known.extend(work.tx().uids(id)?);
            }
            Ok(Drafter {
                calendar,
                actor: work.actor(calendar)?,
                time: documents::seconds(work),
                known,
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

/// All calendars of people, the one that is imported into before the others.
fn calendars(tx: &Transaction<'_>, first: CalendarId) -> Result<Vec<CalendarId>> {
    let all = tx.calendars()?.into_iter();
    let of_people = all.filter(|row| row.purpose == Purpose::Calendar);
    let others = of_people.map(|row| row.id).filter(|id| *id != first);
    Ok([first].into_iter().chain(others).collect())
}

fn import_batch(
    work: &mut Work<'_>,
    drafter: &Drafter,
    batch: impl Iterator<Item = Drafted>,
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let calendars = calendars(work.tx(), drafter.calendar)?;
    let mut authoring = BTreeMap::new();
    for (event, draft) in batch {
        let found = import_one(work, drafter, &calendars, &event, draft?)?;
        report.kept += u64::from(found.is_kept);
        report.replaced += u64::from(found.is_replaced);
        let mut messages = Vec::new();
        if found.calendar != drafter.calendar {
            messages.push(elsewhere(work, found.calendar)?);
        }
        let changes = match found.outcome {
            Outcome::New(changes, step) => {
                report.imported += 1;
                work.remember(step);
                changes
            }
            Outcome::Updated(changes, step) => {
                report.updated += 1;
                work.remember(step);
                changes
            }
            Outcome::Unchanged => {
                report.unchanged += 1;
                Vec::new()
            }
            Outcome::Older => {
                report.unchanged += 1;
                messages.push(OLDER.to_owned());
                Vec::new()
            }
            Outcome::Refused(error) => {
                messages.push(error.message);
                Vec::new()
            }
        };
        for change in changes {
            let authoring = authoring
                .entry(found.calendar)
                .or_insert_with(|| Authoring::new(found.calendar));
            work.add(authoring, change)?;
        }
        report
            .problems
            .extend(messages.into_iter().map(|message| ProblemView {
                line: None,
                uid: Some(event.uid.clone()),
                message,
            }));
    }
    for (calendar, authoring) in authoring {
        work.finish(calendar, authoring)?;
    }
    Ok(report)
}

/// That an event lies in another calendar than the one imported into.
fn elsewhere(work: &Work<'_>, calendar: CalendarId) -> Result<String> {
    let name = documents::facts(work.tx(), calendar)?.name;
    Ok(format!(
        "This event is here already, in the calendar “{name}”. It was not added a second time."
    ))
}

const OLDER: &str = "The file holds an older version of this event; the newer one that is here \
                     was kept.";

fn import_one(
    work: &Work<'_>,
    drafter: &Drafter,
    calendars: &[CalendarId],
    event: &Event,
    draft: Draft,
) -> Result<Found> {
    let mut rows = Vec::new();
    for calendar in calendars {
        if work.tx().has_uid(*calendar, &event.uid)? {
            for row in work.tx().events_with_uid(*calendar, &event.uid)? {
                let here = documents::event_of(&row)?;
                // An event and a task that share a UID are two things, in one file and in two.
                if here.task.is_some() == event.task.is_some() {
                    rows.push((row, here));
                }
            }
        }
    }
    let in_trash = |(row, _): &&(EventRow, Event)| row.calendar == drafter.calendar;
    let found = rows.iter().find(|(row, _)| !row.trashed);
    let Some((row, here)) = found.or(rows.iter().find(in_trash)) else {
        let outcome = made(work, drafter, event, draft)?;
        return Ok(Found::plain(drafter.calendar, outcome));
    };
    if !row.trashed && merge::is_same(event, here) {
        return Ok(Found::plain(row.calendar, Outcome::Unchanged));
    }
    if !row.trashed && event.sequence < here.sequence {
        return Ok(Found::plain(row.calendar, Outcome::Older));
    }
    let left = rows
        .iter()
        .filter(|(other, _)| other.document != row.document);
    let left = left.map(|(other, _)| stored(work, other));
    edited(work, row, &left.collect::<Result<Vec<_>>>()?, (here, event))
}

/// A new event.
fn made(work: &Work<'_>, drafter: &Drafter, event: &Event, draft: Draft) -> Result<Outcome> {
    let calendar = drafter.calendar;
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
        .ready(event, work.new_document())?
    };
    match draft {
        Draft::Ready(document, change) => {
            let step = Step::made(calendar, document);
            Ok(Outcome::New(vec![*change], step))
        }
        Draft::Refused(error) => Ok(Outcome::Refused(error)),
        Draft::Known => Err(Error::internal("a draft of an event that is not there")),
    }
}

fn stored(work: &Work<'_>, row: &EventRow) -> Result<Automerge> {
    let doc = documents::load(work.tx(), row.calendar, row.document)?;
    doc.ok_or_else(|| Error::internal("an event without its document"))
}

/// An event that is here in another version than the file's.
fn edited(
    work: &Work<'_>,
    row: &EventRow,
    left: &[Automerge],
    (here, file): (&Event, &Event),
) -> Result<Found> {
    let EventRow {
        calendar, document, ..
    } = *row;
    let mut doc = stored(work, row)?;
    let base = merge::base(&doc, left, file);
    let is_known = base.as_ref() == Some(file);
    let (actor, time) = (work.actor(calendar)?, documents::seconds(work));
    let file = if is_known {
        file.clone()
    } else {
        merge::read_now(file, here, time)
    };
    let merged = merge::merged(base.as_ref().unwrap_or(here), here, &file)?;
    // What the file says goes into the history by itself: the next file is held against it.
    let said = Some(&file).filter(|file| !is_known && **file != merged.event);
    let mut edits = Vec::new();
    for state in said.into_iter().chain([&merged.event]) {
        let bytes = document::edit(&mut doc, actor, time, state).map_err(Error::internal)?;
        let Some(bytes) = bytes else { continue };
        if let Err(error) = author::check(&bytes) {
            return Ok(Found::plain(calendar, Outcome::Refused(error)));
        }
        let change = DocumentChange {
            document,
            bytes,
            result: None,
        };
        edits.push(change.into());
    }
    let step = Step::between(calendar, document, here, &merged.event);
    let outcome = if edits.is_empty() {
        Outcome::Unchanged
    } else if row.trashed {
        Outcome::New(edits, step)
    } else {
        Outcome::Updated(edits, step)
    };
    Ok(Found {
        outcome,
        calendar,
        is_kept: merged.is_kept,
        is_replaced: merged.is_replaced,
    })
}
