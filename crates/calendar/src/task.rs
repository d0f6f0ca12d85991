//! Tasks: what is open, overdue and done, by when, and completing one of a series.
//!
//! A task is an event with `task`. Its due time moves with the series: the distance from the
//! start to the due time, on the wall clock, is the same for every occurrence. An override that
//! has a `task` of its own says its own due time.

mod complete;
mod list;
mod order;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::civil::{date_of, datetime_of, days_of_date, seconds_of};
use crate::event::{Due, Event, Layer, Layers, Status, Task};
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::when::{When, day_after};
use crate::zone::Zone;

pub use complete::{NotATask, complete, reopen};
pub use list::{done, due_in, item, open};
pub use order::sort;

/// How far a task is at a moment. In the order that people look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
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

/// A task, or one of a series of them, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which one of the series it is.
    pub original: OriginalStart,
    /// Title of this one.
    pub title: Arc<str>,
    /// When a time set aside for it starts.
    pub start: Option<Timestamp>,
    /// By when it is to be done.
    pub due: Option<Due>,
    /// The first instant at which it is late; see [`Due::late_from`].
    pub late_from: Option<Timestamp>,
    /// How far it is.
    pub state: State,
    /// 1 is the most urgent, 9 the least, 0 says nothing.
    pub priority: u8,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
    /// When it was done.
    pub done: Option<Timestamp>,
}

impl State {
    /// Whether there is still something to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Overdue | Self::Doing | Self::Todo)
    }
}

impl Item {
    /// When it stands in a list of days: when it is due, otherwise when it is planned.
    #[must_use]
    pub fn moment(&self, viewer: &Zone) -> Option<Timestamp> {
        self.due
            .as_ref()
            .map(|due| due.instant(viewer))
            .or(self.start)
    }
}

impl Due {
    /// The instant it names: a day is its midnight in the zone of whoever looks.
    #[must_use]
    pub fn instant(&self, viewer: &Zone) -> Timestamp {
        match self {
            Self::On(date) => viewer.instant(date.at(0, 0, 0, 0)),
            Self::At { at, zone } => zone.as_ref().unwrap_or(viewer).instant(*at),
        }
    }

    /// The first instant at which something not done is late: the end of the day, or right after
    /// the time.
    #[must_use]
    pub fn late_from(&self, viewer: &Zone) -> Timestamp {
        match self {
            Self::On(date) => viewer.instant(day_after(*date).at(0, 0, 0, 0)),
            Self::At { .. } => self.instant(viewer),
        }
    }

    /// The same, later by what lies between two wall clocks; a day moves by whole days.
    pub(crate) fn moved(&self, from: DateTime, to: DateTime) -> Self {
        match self {
            Self::On(date) => {
                let days = days_of_date(to.date()) - days_of_date(from.date());
                Self::On(date_of(days_of_date(*date) + days).unwrap_or(*date))
            }
            Self::At { at, zone } => {
                let seconds = seconds_of(to) - seconds_of(from);
                Self::At {
                    at: datetime_of(seconds_of(*at) + seconds).unwrap_or(*at),
                    zone: zone.clone(),
                }
            }
        }
    }
}

/// How far a task is at a moment.
#[must_use]
pub fn state(
    task: &Task,
    status: Status,
    due: Option<&Due>,
    now: Timestamp,
    viewer: &Zone,
) -> State {
    if task.done.is_some() || task.percent >= 100 {
        State::Done
    } else if status == Status::Cancelled {
        State::Cancelled
    } else if due.is_some_and(|due| due.late_from(viewer) < now) {
        State::Overdue
    } else if task.percent > 0 {
        State::Doing
    } else {
        State::Todo
    }
}

/// The task of an occurrence and the layer that says it.
pub(crate) fn task_at<'a>(
    event: &'a Event,
    layers: &Layers<'a>,
    original: &OriginalStart,
) -> Option<(&'a Task, Layer<'a>)> {
    let changed = layers.at(original).pick(|change| change.task.as_ref());
    changed.or_else(|| Some((event.task.as_ref()?, Layer::Series(&event.when))))
}

/// By when an occurrence is due, where its task was said for `layer`.
pub(crate) fn due_at(task: &Task, layer: Layer<'_>, occurrence: &Occurrence) -> Option<Due> {
    let due = task.due.as_ref()?;
    let Layer::Series(when) = layer else {
        return Some(due.clone());
    };
    let local = match when.zone() {
        Some(zone) if occurrence.zone.as_ref() != Some(zone) && !occurrence.all_day => {
            zone.wall_clock(occurrence.start)
        }
        _ => occurrence.local_start,
    };
    Some(due.moved(when.start(), local))
}

/// Seconds from a start to the due time, once for every layer that says one; 0 is among them.
pub(crate) fn distances(event: &Event) -> Vec<i64> {
    let distance = |task: Option<&Task>, when: &When| {
        let due = task?.due.as_ref()?.instant(&Zone::utc());
        Some(due.as_second() - when.span(&Zone::utc()).0.as_second())
    };
    let mut found = vec![0];
    found.extend(distance(event.task.as_ref(), &event.when));
    let mut when = &event.when;
    for split in event.splits.values() {
        when = split.change.when.as_ref().unwrap_or(when);
        found.extend(distance(split.change.task.as_ref(), when));
    }
    found
}

#[cfg(test)]
mod tests;
