//! Lists of tasks: what is open, and what was done lately.

use almanac_calendar::event::Due;
use almanac_calendar::task::{self, Item, State};
use almanac_calendar::{Event, OriginalStart, Zone};
use almanac_protocol::ids::CalendarId;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use ts_rs::TS;

use crate::agenda::with_offset;
use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::replica::documents;

/// Days for which done tasks are shown.
const DONE_DAYS: i64 = 30;

/// Which tasks to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tasks {
    /// Those still to be done.
    #[default]
    Open,
    /// Those done in the last thirty days.
    Done,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum TaskState {
    /// Not done, and its due time has passed.
    Overdue,
    /// Begun.
    Doing,
    /// Not begun.
    Todo,
    /// Done.
    Done,
    /// Called off.
    Cancelled,
}

/// One task of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TaskView {
    /// Id of the event.
    pub event: String,
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Name of the calendar.
    pub calendar: String,
    /// Title; may be empty.
    pub title: String,
    /// By when: a day, or RFC 3339 with the offset of the zone that was asked for.
    pub due: Option<String>,
    /// When a time set aside for it starts, RFC 3339.
    pub start: Option<String>,
    /// How far it is.
    pub state: TaskState,
    /// 1 is the most urgent, 9 the least, 0 says nothing.
    pub priority: u8,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
    /// When it was done, RFC 3339.
    pub done: Option<String>,
    /// Whether it repeats.
    pub repeats: bool,
}

/// What there is to do, of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TaskSheet {
    /// By when: a day, or RFC 3339 with the offset of the system's zone.
    pub due: Option<String>,
    /// How far it is.
    pub state: TaskState,
    /// When it was done, RFC 3339 likewise.
    pub done: Option<String>,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
    /// 1 is the most urgent, 9 the least, 0 says nothing.
    pub priority: u8,
}

/// What there is to do; none where an event is no task.
pub(crate) fn sheet(event: &Event, original: &OriginalStart, zone: &Zone) -> Option<TaskSheet> {
    let item = task::item(event, original, clock::now(), zone)?;
    Some(TaskSheet {
        due: item.due.as_ref().map(|due| due_text(due, zone)),
        state: state(item.state),
        done: item.done.map(|at| with_offset(at, zone)),
        percent: item.percent,
        priority: item.priority,
    })
}

impl Client {
    /// Tasks in the order in which people look at them: what is overdue, then what is due today,
    /// then the rest. `zone` is that of the times.
    pub fn tasks(
        &self,
        which: Tasks,
        calendar: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Vec<TaskView>> {
        let zone = zone_or_system(zone)?;
        let wanted = calendar.map(|name| self.find_calendar(name)).transpose()?;
        let now = clock::now();
        let mut found: Vec<(TaskView, Item)> = Vec::new();
        for view in self.calendars()? {
            let id: CalendarId = view.id.parse().map_err(Error::internal)?;
            if wanted.is_some_and(|wanted| wanted != id) {
                continue;
            }
            for row in self.read(|tx| Ok(tx.task_events(id)?))? {
                let event = documents::event_of(&row)?;
                let items = items(&event, which, now, &zone).into_iter();
                found.extend(items.map(|item| {
                    let id = row.document.to_string();
                    (shown(&item, id, &view.name, event.is_series(), &zone), item)
                }));
            }
        }
        Ok(in_order(found, now, &zone))
    }
}

fn items(event: &Event, which: Tasks, now: Timestamp, zone: &Zone) -> Vec<Item> {
    match which {
        Tasks::Open => task::open(event, now, zone),
        Tasks::Done => {
            let reach = SignedDuration::from_hours(24 * DONE_DAYS);
            let from = now.checked_sub(reach).unwrap_or(Timestamp::MIN);
            task::done(event, from..Timestamp::MAX, zone)
        }
    }
}

/// The views in the order of [`task::sort`], which knows nothing of calendars.
fn in_order(mut found: Vec<(TaskView, Item)>, now: Timestamp, zone: &Zone) -> Vec<TaskView> {
    let mut items: Vec<Item> = found.iter().map(|(_, item)| item.clone()).collect();
    task::sort(&mut items, now, zone);
    let mut ordered = Vec::with_capacity(found.len());
    for item in &items {
        if let Some(place) = found.iter().position(|(_, other)| other == item) {
            ordered.push(found.swap_remove(place).0);
        }
    }
    ordered
}

fn shown(item: &Item, event: String, calendar: &str, repeats: bool, zone: &Zone) -> TaskView {
    let time = |at: Timestamp| with_offset(at, zone);
    TaskView {
        event,
        occurrence: item.original.to_string(),
        calendar: calendar.to_owned(),
        title: item.title.to_string(),
        due: item.due.as_ref().map(|due| due_text(due, zone)),
        start: item.start.map(time),
        state: state(item.state),
        priority: item.priority,
        percent: item.percent,
        done: item.done.map(time),
        repeats,
    }
}

fn due_text(due: &Due, zone: &Zone) -> String {
    match due {
        Due::On(date) => date.to_string(),
        Due::At { .. } => with_offset(due.instant(zone), zone),
    }
}

const fn state(state: State) -> TaskState {
    match state {
        State::Overdue => TaskState::Overdue,
        State::Doing => TaskState::Doing,
        State::Todo => TaskState::Todo,
        State::Done => TaskState::Done,
        State::Cancelled => TaskState::Cancelled,
    }
}
