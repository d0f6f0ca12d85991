//! Views of tasks: one by name, those due in a window, those open now, those done in a window.

use std::ops::Range;

use jiff::Timestamp;

use super::{Item, State, distances, due_at, state, task_at};
use crate::civil::{DAY, WALL_MAX};
use crate::event::{Event, Layer, Layers};
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::reminder::reach;
use crate::zone::{Zone, instant_of};

/// The first stretch looked at on either side of now, and how much larger each next one is.
const DAYS_FIRST: i64 = 8;
/// No task is looked for further away than this: about 90 years.
const DAYS_MAX: i64 = 32_768;

/// A task by the name of its occurrence; none where it does not happen or is no task.
#[must_use]
pub fn item(
    event: &Event,
    original: &OriginalStart,
    now: Timestamp,
    viewer: &Zone,
) -> Option<Item> {
    let layers = Layers::new(event);
    let occurrence = layers.occurrence(original, viewer)?;
    made(event, &layers, &occurrence, now, viewer)
}

/// Tasks that are due in a window, those without a due time that are planned in it; in order of
/// time. Done and cancelled ones are among them.
#[must_use]
pub fn due_in(event: &Event, window: Range<Timestamp>, now: Timestamp, viewer: &Zone) -> Vec<Item> {
    if !is_task(event) || event.trashed || window.start >= window.end {
        return Vec::new();
    }
    let layers = Layers::new(event);
    let distances = distances(event).into_iter();
    let distances = distances.map(|one| (one - WALL_MAX, one + WALL_MAX));
    let mut found: Vec<Item> = reach::occurrences(event, &window, distances, viewer)
        .iter()
        .filter(|one| !is_due_by_itself(event, &layers, &one.original))
        .filter_map(|one| made(event, &layers, one, now, viewer))
        .collect();
    for (original, change) in &event.overrides {
        if change.task.is_some() {
            let occurrence = layers.occurrence(original, viewer);
            found.extend(occurrence.and_then(|one| made(event, &layers, &one, now, viewer)));
        }
    }
    found.retain(|one| one.moment(viewer).is_some_and(|at| window.contains(&at)));
    found.sort_by_key(|one| (one.moment(viewer), one.original));
    found
}

/// What of a task is still to do.
///
/// Of a series that is at most two: the latest that came before now, unless it is done, and the
/// next open one. Those missed before are let go once a later one has come, as nobody waters last
/// month's plants.
#[must_use]
pub fn open(event: &Event, now: Timestamp, viewer: &Zone) -> Vec<Item> {
    if !is_task(event) || event.trashed {
        return Vec::new();
    }
    if !event.is_series() {
        let only = item(event, &event.when.original(), now, viewer);
        return only.into_iter().filter(|one| one.state.is_open()).collect();
    }
    let mut found = Vec::new();
    found.extend(latest(event, now, viewer).filter(|one| one.state.is_open()));
    found.extend(next_open(event, now, viewer));
    found
}

/// What was done in a window, in the order it was done.
#[must_use]
pub fn done(event: &Event, window: Range<Timestamp>, viewer: &Zone) -> Vec<Item> {
    if event.trashed {
        return Vec::new();
    }
    let names = event
        .overrides
        .iter()
        .filter(|(_, change)| change.task.is_some());
    let mut names: Vec<OriginalStart> = names.map(|(original, _)| *original).collect();
    if event.task.as_ref().is_some_and(|task| task.done.is_some()) {
        names.push(event.when.original());
    }
    names.sort_unstable();
    names.dedup();
    let mut found: Vec<Item> = names
        .iter()
        .filter_map(|original| item(event, original, window.start, viewer))
        .filter(|one| one.done.is_some_and(|at| window.contains(&at)))
        .collect();
    found.sort_by_key(|one| (one.done, one.original));
    found
}

/// Whether anything about it is a task.
fn is_task(event: &Event) -> bool {
    event.task.is_some()
        || event
            .splits
            .values()
            .any(|split| split.change.task.is_some())
        || event.overrides.values().any(|change| change.task.is_some())
}

fn is_due_by_itself(event: &Event, layers: &Layers<'_>, original: &OriginalStart) -> bool {
    let found = task_at(event, layers, original);
    found.is_some_and(|(_, layer)| layer == Layer::Own)
}

fn made(
    event: &Event,
    layers: &Layers<'_>,
    occurrence: &Occurrence,
    now: Timestamp,
    viewer: &Zone,
) -> Option<Item> {
    let (task, layer) = task_at(event, layers, &occurrence.original)?;
    let due = due_at(task, layer, occurrence);
    let mut state = state(task, occurrence.status, due.as_ref(), now, viewer);
    let stack = layers.at(&occurrence.original);
    let unknown = stack.pick(|change| change.unknown.as_ref());
    let unknown = unknown.map_or(&event.unknown, |(unknown, _)| unknown);
    if state == State::Todo && unknown.iter().any(|line| is_in_process(line)) {
        state = State::Doing;
    }
    Some(Item {
        original: occurrence.original,
        title: occurrence.title.clone(),
        start: Some(occurrence.start).filter(|_| task.is_planned || is_placed(event, &due)),
        late_from: due.as_ref().map(|due| due.late_from(viewer)),
        due,
        state,
        priority: task.priority,
        percent: task.percent,
        done: task.done,
    })
}

/// Occurrences of a series without a due time stand where the series puts them.
fn is_placed(event: &Event, due: &Option<crate::event::Due>) -> bool {
    due.is_none() && event.is_series()
}

/// `STATUS:IN-PROCESS` (RFC 5545 §3.8.1.11), which only tasks know.
fn is_in_process(line: &str) -> bool {
    line.eq_ignore_ascii_case("STATUS:IN-PROCESS")
}

/// The last one before now, whatever became of it.
fn latest(event: &Event, now: Timestamp, viewer: &Zone) -> Option<Item> {
    let first = event
        .bounds()
        .start
        .as_second()
        .saturating_sub(longest(event));
    let mut days = DAYS_FIRST;
    while days <= DAYS_MAX {
        let from = now.as_second().saturating_sub(days * DAY);
        if let Some(found) = due_in(event, instant_of(from)..now, now, viewer).pop() {
            return Some(found);
        }
        if from < first {
            return None;
        }
        days *= DAYS_FIRST;
    }
    None
}

/// The first one from now on that is open.
fn next_open(event: &Event, now: Timestamp, viewer: &Zone) -> Option<Item> {
    let end = event
        .bounds()
        .end
        .map(|end| end.as_second().saturating_add(longest(event)));
    let mut from = now.as_second();
    let mut days = DAYS_FIRST;
    let is_ever_open = std::iter::once(event.task.as_ref())
        .chain(
            event
                .splits
                .values()
                .map(|split| split.change.task.as_ref()),
        )
        .flatten()
        .any(|task| task.done.is_none() && task.percent < 100);
    while days <= if is_ever_open { DAYS_MAX } else { DAYS_FIRST } {
        let to = now.as_second().saturating_add(days * DAY);
        let window = instant_of(from)..instant_of(to);
        let mut found = due_in(event, window, now, viewer).into_iter();
        if let Some(found) = found.find(|one| one.state.is_open()) {
            return Some(found);
        }
        if end.is_some_and(|end| end < to) {
            return None;
        }
        from = to;
        days *= DAYS_FIRST;
    }
    None
}

/// The longest way from a start to a due time, either way, with a margin for zones. Due times of
/// overrides are their own, and looked at wherever they lie.
fn longest(event: &Event) -> i64 {
    let distances = distances(event).into_iter().map(i64::abs);
    distances.max().unwrap_or(0) + WALL_MAX
}
