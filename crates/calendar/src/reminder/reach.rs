//! Which occurrences can have something happen to them in a window, so many seconds before or
//! after they start or end: found without walking the series.

use std::ops::Range;

use jiff::Timestamp;

use crate::event::Event;
use crate::expand::expand;
use crate::occurrence::Occurrence;
use crate::zone::{Zone, instant_of};

/// Occurrences that overlap the window moved back by one of these distances, each once.
///
/// A distance is from a start or an end to what happens then, the least and the most in seconds;
/// whoever counts days on the wall adds what those may be off.
/// Distances that lie close together are looked at together, others apart: a reminder years
/// ahead costs no years of occurrences.
pub(crate) fn occurrences(
    event: &Event,
    window: &Range<Timestamp>,
    distances: impl IntoIterator<Item = (i64, i64)>,
    viewer: &Zone,
) -> Vec<Occurrence> {
    let (from, to) = (window.start.as_second(), window.end.as_second());
    let mut stretches: Vec<(i64, i64)> = distances
        .into_iter()
        .map(|(least, most)| {
            // A second more at the end, for parts of seconds.
            let last = to.saturating_sub(least).saturating_add(1);
            (from.saturating_sub(most), last)
        })
        .collect();
    stretches.sort_unstable();
    let mut apart: Vec<(i64, i64)> = Vec::new();
    for (first, last) in stretches {
        match apart.last_mut() {
            Some(before) if before.1 >= first => before.1 = before.1.max(last),
            _ => apart.push((first, last)),
        }
    }
    let is_one = apart.len() == 1;
    let mut found: Vec<Occurrence> = apart
        .into_iter()
        .flat_map(|(first, last)| expand(event, instant_of(first)..instant_of(last), viewer))
        .collect();
    if !is_one {
        // What lasts long may lie in several stretches.
        found.sort_by_key(|one| (one.start, one.end, one.original));
        found.dedup();
    }
    found
}
