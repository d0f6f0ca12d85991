//! From an event to its occurrences within a window.
//!
//! The window is half-open, and an occurrence is in it when the two overlap; one without length
//! is in it when it starts there. The answer is in order of time. No search is unbounded: at most
//! [`STARTS_MAX`] starts are looked at, and a rule that finds nothing for long is given up.
//!
//! Choices where standards or engines differ:
//! 1. A start in a gap of the clock is shifted by the offset before the gap (RFC 5545 §3.3.5); an
//!    ambiguous one is its first occurrence.
//! 2. A first start that its rule does not generate is included and not counted by COUNT.
//! 3. UNTIL before the first start leaves the first start alone.
//! 4. Rules below a day go by elapsed time, longer ones by the wall clock.
//! 5. An override without its series stands alone. A skipped occurrence stays skipped though it
//!    has an override.
//! 6. An occurrence that was called off is there, with that status; one that is skipped is not.

mod bounds;
mod by_day;
mod by_time;
mod chain;
mod compiled;
mod days;
mod ending;
mod gather;
mod look;
mod occurrences;
mod prepared;
mod series;
mod starts;
mod window;

use std::ops::Range;

use jiff::Timestamp;

use crate::event::Event;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::zone::{Cursor, Table, Zone};
use chain::Chain;
use series::Series;
use window::Window;

pub use bounds::Bounds;
pub(crate) use chain::given_before;
pub use prepared::Prepared;
pub use starts::{Start, Starts};

/// Starts looked at in one call; the earliest are kept.
pub const STARTS_MAX: usize = 100_000;

/// The occurrences of an event that overlap a window, in order of time.
///
/// Whole days and floating times are read in `viewer`. An event in the trash has none.
#[must_use]
pub fn expand(event: &Event, window: Range<Timestamp>, viewer: &Zone) -> Vec<Occurrence> {
    if event.trashed || window.start >= window.end {
        return Vec::new();
    }
    Chain::new(event).expand(&Window::new(&window), viewer)
}

/// The first `limit` occurrences that have not ended at `from`, in order of time.
#[must_use]
pub fn next(event: &Event, from: Timestamp, limit: usize, viewer: &Zone) -> Vec<Occurrence> {
    prepared::next(&Chain::new(event), from, limit, viewer)
}

/// Whether the event's rules and extra dates name this start, before any exception.
#[must_use]
pub fn is_start(event: &Event, original: &OriginalStart) -> bool {
    Chain::new(event).generates(original)
}

/// Whether the event's rules name this start or any after it, before any exception.
pub(crate) fn gives_from(event: &Event, original: &OriginalStart) -> bool {
    Chain::new(event).gives_from(original)
}

impl Event {
    /// The stretch of time that all its occurrences lie in.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Chain::new(self).bounds()
    }
}

/// The first civil second that onsets of a zone are looked for: 1800-01-01.
const ONSETS_FROM: i64 = -5_364_662_400;
/// The last civil second that onsets of a zone are looked for: 2500-01-01.
const ONSETS_UNTIL: i64 = 16_725_225_600;

/// The instants a rule of a zone names, from civil second `start` on a clock, up to a limit.
pub(crate) fn onsets(rule: &Rule, start: i64, clock: &Table, limit: usize) -> Vec<i64> {
    let mut found = Vec::new();
    let from = start.max(ONSETS_FROM);
    let series = Series::new(rule, start, false, true, clock);
    series.each(&mut Cursor::new(clock), from, ONSETS_UNTIL, |one| {
        found.push(one.instant);
        found.len() < limit
    });
    found
}

#[cfg(test)]
mod tests;
