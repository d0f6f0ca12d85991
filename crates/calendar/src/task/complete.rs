//! Completing a task, or one of a series of them, and taking that back.

use jiff::Timestamp;

use super::{due_at, task_at};
use crate::event::{Event, Layers, Override, Task};
use crate::original::OriginalStart;
use crate::zone::Zone;

/// There is nothing to complete at that start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such task; nothing was changed")]
pub struct NotATask;

/// A task is done. One of a series is done by itself, and keeps its own due time from then on.
///
/// # Errors
///
/// [`NotATask`] where the event is no task or has no such occurrence.
pub fn complete(
    event: &mut Event,
    original: &OriginalStart,
    at: Timestamp,
) -> Result<(), NotATask> {
    change(event, original, |task| {
        task.done = Some(at);
        task.percent = 100;
    })
}

/// A task is not done after all. One of a series that was otherwise as its series is so again.
///
/// # Errors
///
/// As [`complete`].
pub fn reopen(event: &mut Event, original: &OriginalStart) -> Result<(), NotATask> {
    change(event, original, |task| {
        task.done = None;
        if task.percent >= 100 {
            task.percent = 0;
        }
    })
}

fn change(
    event: &mut Event,
    original: &OriginalStart,
    edit: impl Fn(&mut Task),
) -> Result<(), NotATask> {
    if !event.is_series() {
        let own = event
            .overrides
            .get_mut(original)
            .and_then(|one| one.task.as_mut());
        return own.or(event.task.as_mut()).map(edit).ok_or(NotATask);
    }
    let (key, mut own) = said(event, original).ok_or(NotATask)?;
    edit(&mut own);
    if let Some(change) = event.overrides.get_mut(&key) {
        change.task = None;
    }
    let of_series = said(event, original).map(|(_, task)| task);
    let change = event.overrides.entry(key).or_default();
    change.task = Some(own).filter(|own| Some(own) != of_series.as_ref());
    if *change == Override::default() {
        event.overrides.remove(&key);
    }
    Ok(())
}

/// The task of an occurrence with its own due time, and the name its override has or would have.
fn said(event: &Event, original: &OriginalStart) -> Option<(OriginalStart, Task)> {
    let layers = Layers::new(event);
    // Only wall clocks are asked for, and those are the same wherever one is.
    let occurrence = layers.occurrence(original, &Zone::utc())?;
    let (task, layer) = task_at(event, &layers, &occurrence.original)?;
    let task = Task {
        due: due_at(task, layer, &occurrence),
        ..task.clone()
    };
    Some((layers.key(&occurrence.original), task))
}
