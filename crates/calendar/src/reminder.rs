//! Reminders: which ring in a window of time, and which ring next.
//!
//! A ring is computed from the event alone, never from the window, so that windows that follow
//! one another have every ring exactly once. Nothing walks a series: only occurrences that can
//! ring in the window are looked at.
//!
//! Choices where RFC 5545 leaves room:
//! 1. Days of a trigger go by the wall clock, the rest by elapsed time (§3.3.6). Whole days, and
//!    tasks due on a day, have no other clock than the wall's: their triggers count from midnight
//!    where one is, all by the wall clock, so that "nine the day before" is nine on every day.
//! 2. A trigger at one instant rings once, for the occurrence that is next then, or the last.
//! 3. Of a task, the start is the time set aside for it, otherwise its due time; the end is its
//!    due time. What is done or called off does not ring.
//! 4. `ACTION:NONE` rings never and keeps the defaults away; what rang before `ACKNOWLEDGED`
//!    (RFC 9074 §6) does not ring again.
//! 5. `REPEAT` is followed up to [`REPEATS_MAX`] times.

mod alarm;
pub(crate) mod reach;
mod ring;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use crate::event::{Action, Event, Reminder, Trigger};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::zone::{Zone, instant_of};
use ring::Ringer;

/// Times that one reminder repeats at most.
pub const REPEATS_MAX: u32 = 100;

/// One time that a reminder rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// When it rings.
    pub at: Timestamp,
    /// Which occurrence it is about.
    pub original: OriginalStart,
    /// When that occurrence starts.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// Whether it is whole days.
    pub all_day: bool,
    /// Its title.
    pub title: Arc<str>,
    /// Its place.
    pub place: Arc<str>,
    /// Which reminder rings.
    pub reminder: String,
    /// How it rings.
    pub action: Action,
    /// What it says.
    pub text: String,
    /// Which repetition it is; 0 is the first ring.
    pub repeat: u32,
    /// Whether a person put it off until now.
    pub is_snoozed: bool,
}

/// What rings for events that have no reminders of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defaults {
    /// For events at a time, and tasks.
    pub timed: BTreeMap<String, Reminder>,
    /// For whole days.
    pub all_day: BTreeMap<String, Reminder>,
}

/// Rings of one event that a person put off: by occurrence and reminder, until when. It then
/// rings once, instead of whenever else it would until then.
pub type Snoozes = BTreeMap<(OriginalStart, String), Timestamp>;

/// What decides about rings besides the event itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setup {
    /// What rings for events without reminders of their own.
    pub defaults: Defaults,
    /// What the person put off.
    pub snoozes: Snoozes,
}

/// The reminders of an event that ring in a half-open window, in order of time. Whole days and
/// floating times are those of `viewer`.
#[must_use]
pub fn due(event: &Event, window: Range<Timestamp>, viewer: &Zone, setup: &Setup) -> Vec<Ring> {
    if event.trashed || window.start >= window.end {
        return Vec::new();
    }
    Ringer::new(event, viewer, setup).due(&window)
}

/// The stretch in which the first rings are looked for, and how much longer each next one is.
const DAYS_FIRST: i64 = 8;
/// No ring is looked for later than this: about 90 years.
const DAYS_MAX: i64 = 32_768;

/// The next reminders that ring at an instant or later, at most `limit`, in order of time.
#[must_use]
pub fn next(
    event: &Event,
    from: Timestamp,
    limit: usize,
    viewer: &Zone,
    setup: &Setup,
) -> Vec<Ring> {
    let mut found = Vec::new();
    if event.trashed || limit == 0 {
        return found;
    }
    let ringer = Ringer::new(event, viewer, setup);
    let last = ringer.last_ring();
    let (mut start, mut days) = (from, DAYS_FIRST);
    while found.len() < limit && days <= DAYS_MAX && last.is_none_or(|last| start <= last) {
        let end = instant_of(from.as_second().saturating_add(days * crate::civil::DAY));
        found.extend(ringer.due(&(start..end)));
        start = end;
        days *= DAYS_FIRST;
    }
    found.truncate(limit);
    found
}

impl Defaults {
    /// So many minutes before the start; for whole days, nine o'clock the day before.
    #[must_use]
    pub fn minutes_before(minutes: u32) -> Self {
        let only = |seconds| {
            let reminder = Reminder {
                trigger: Trigger::FromStart(Length::from_seconds(seconds)),
                action: Action::Display,
                text: String::new(),
                unknown: Vec::new(),
            };
            BTreeMap::from([("default".to_owned(), reminder)])
        };
        Self {
            timed: only(-60 * i64::from(minutes)),
            all_day: only(-15 * 3_600),
        }
    }
}

#[cfg(test)]
mod tests;
