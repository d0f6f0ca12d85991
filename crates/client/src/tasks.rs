//! Tasks: added, listed, changed, done and not done after all.
//!
//! A task is an event that says by when something is to be done. It stands among the events of its
//! calendar, moves and repeats like them, and is deleted and brought back like them.

mod change;
mod due;
mod list;

use almanac_calendar::event::{Due, Task};
use almanac_calendar::{Event, EventId, OriginalStart, Rules, When, Zone, task};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::client::Client;
use crate::clock;
use crate::command::{Done, ScopeInput};
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::events::{find, key_of, occurrence, rule_of, write};
use crate::replica::documents;
use crate::undo::Verb;

/// A new task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, optional_fields)]
pub struct AddTask {
    /// Title.
    pub title: String,
    /// Id or name of the calendar; the first of the list when absent.
    pub calendar: Option<String>,
    /// By when: a day, or a wall clock.
    pub due: Option<String>,
    /// When to do it: a day, or a wall clock; of a series, the first time.
    pub start: Option<String>,
    /// Zone of the wall clocks; the system's when absent.
    pub zone: Option<String>,
    /// How it repeats, in RFC 5545's form.
    pub rule: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// 1 is the most urgent, 9 the least, 0 says nothing.
    pub priority: Option<u8>,
}

/// A change of a task: only the fields that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, optional_fields)]
pub struct EditTask {
    /// Id of the task, or the start of it that no other event shares.
    pub task: String,
    /// Title.
    pub title: Option<String>,
    /// By when: a day, or a wall clock; empty: at any time.
    pub due: Option<String>,
    /// When to do it; empty: no time is set aside.
    pub start: Option<String>,
    /// Zone of the wall clocks; the system's when absent.
    pub zone: Option<String>,
    /// How it repeats; empty: it does not.
    pub rule: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// 1 is the most urgent, 9 the least, 0 says nothing.
    pub priority: Option<u8>,
    /// How much of it is done, 0 to 99.
    pub percent: Option<u8>,
    /// How much of a series. When absent: this one where an occurrence is named; otherwise due,
    /// start and percent are those of the one that is open now, and the rest is said of all.
    pub scope: Option<ScopeInput>,
    /// Original start of the occurrence, or the day it is on; the one that is open now when absent.
    pub occurrence: Option<String>,
}

/// Whether a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Completion {
    /// It is.
    Done,
    /// It is not, or not after all.
    NotDone,
}

pub(crate) use list::sheet;
pub use list::{TaskSheet, TaskState, TaskView, Tasks};

impl Client {
    /// Adds a task.
    pub fn add_task(&self, input: AddTask) -> Result<Done> {
        let calendar = match &input.calendar {
            Some(calendar) => self.find_calendar(calendar)?,
            None => self.first_calendar()?,
        };
        let zone = zone_or_system(input.zone.as_deref())?;
        let due = input.due.as_deref().map(|text| due::parse(text, &zone));
        let due = due.transpose()?.flatten();
        let start = input.start.as_deref().map(|text| due::planned(text, &zone));
        let start = start.transpose()?.flatten();
        let rule = input.rule.as_deref().map(rule_of).transpose()?.flatten();
        let priority = input.priority.map(priority_of).transpose()?;
        let (document, undo) = self.act(Verb::Add, |work| {
            let id = EventId::from_bytes(*work.new_document().as_bytes());
            let now = Timestamp::from_second(documents::seconds(work)).unwrap_or_default();
            let when = when_of(start.as_ref(), due.as_ref(), now, &zone);
            let mut event = Event::new(id.uid(), input.title, when);
            event.notes = input.notes.unwrap_or_default();
            event.rules = rule.map_or_else(Rules::default, Rules::one);
            event.task = Some(Task {
                due,
                is_planned: start.is_some(),
                priority: priority.unwrap_or_default(),
                ..Task::default()
            });
            event.created = Some(now);
            event.stamped = event.created;
            work.about(&event.title);
            write::create(work, calendar, id, &event)
        })?;
        Ok(self.done(document, undo))
    }

    /// Changes fields of a task, or of a part of a series of them.
    pub fn edit_task(&self, input: &EditTask) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, &input.task))?;
        let zone = zone_or_system(input.zone.as_deref())?;
        let now = clock::now();
        let (_, undo) = self.act(Verb::Edit, |work| {
            write::edit(work, key_of(&row), |event| {
                change::apply(event, input, now, &zone)
            })
        })?;
        Ok(self.done(row.document, undo))
    }

    /// Says that a task is done, or that it is not after all. Of a series without an occurrence it
    /// is the one that is open now, or the one that was done last.
    pub fn complete_task(
        &self,
        task: &str,
        occurrence: Option<&str>,
        completion: Completion,
    ) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, task))?;
        let viewer = zone_or_system(None)?;
        let now = clock::now();
        let (_, undo) = self.act(Verb::Complete, |work| {
            write::edit(work, key_of(&row), |event| {
                let original = match occurrence {
                    Some(text) => occurrence::named(event, text)?,
                    None => meant(event, completion, now, &viewer)?,
                };
                let changed = match completion {
                    Completion::Done => task::complete(event, &original, now),
                    Completion::NotDone => task::reopen(event, &original),
                };
                changed.map_err(|_| not_a_task())
            })
        })?;
        Ok(self.done(row.document, undo))
    }
}

/// Where a task stands among events: at the time set aside for it, otherwise where it is due,
/// otherwise on the day it was written down.
pub(crate) fn when_of(
    start: Option<&When>,
    due: Option<&Due>,
    now: Timestamp,
    zone: &Zone,
) -> When {
    match (start, due) {
        (Some(start), _) => start.clone(),
        (None, Some(due)) => due::standing(due),
        (None, None) => due::standing(&Due::On(zone.wall_clock(now).date())),
    }
}

/// The occurrence of a task that a person means without naming one.
fn meant(
    event: &Event,
    completion: Completion,
    now: Timestamp,
    viewer: &Zone,
) -> Result<OriginalStart> {
    if !event.is_series() {
        return Ok(event.when.original());
    }
    let found = match completion {
        Completion::Done => task::open(event, now, viewer).first().cloned(),
        Completion::NotDone => task::done(event, Timestamp::MIN..Timestamp::MAX, viewer).pop(),
    };
    found.map(|item| item.original).ok_or_else(|| {
        Error::not_found(match completion {
            Completion::Done => "Nothing of this task is open. Nothing was changed.",
            Completion::NotDone => "Nothing of this task is done. Nothing was changed.",
        })
    })
}

fn priority_of(priority: u8) -> Result<u8> {
    if priority <= 9 {
        Ok(priority)
    } else {
        Err(Error::invalid(
            "A priority is a number from 1, the most urgent, to 9, or 0 for none. Nothing was \
             changed.",
        ))
    }
}

fn not_a_task() -> Error {
    Error::invalid(
        "This event is no task, so there is nothing to be done. Nothing was changed. Events are \
         changed with `almanac edit`.",
    )
}
