//! From when to when an event can matter, so that a store finds it without expanding it.

use jiff::Timestamp;

use super::chain::{Chain, Segment};
use super::look::{Lasts, Place, clock};
use crate::civil::DAY;
use crate::when::When;
use crate::zone::{Cursor, instant_of};

/// A stretch of time that all occurrences of an event lie in, whichever zone they are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// No occurrence starts before this.
    pub start: Timestamp,
    /// No occurrence ends after this; none where the series goes on for ever.
    pub end: Option<Timestamp>,
}

/// Counted series longer than this are taken to go on for ever.
const COUNTED_MAX: u32 = 5_000;

/// The most a zone is away from UTC.
const ZONE_MAX: i64 = DAY;

impl Chain {
    pub(super) fn bounds(&self) -> Bounds {
        let mut start = i64::MAX;
        let mut end = Some(i64::MIN);
        let mut add = |place: &Place| {
            start = start.min(place.instant);
            let last = place.instant + place.lasts.seconds_max();
            end = end.map(|end| end.max(last));
        };
        for look in &self.looks {
            add(&Place::of(&look.when));
        }
        for (_, place) in self.moved() {
            add(place);
        }
        let shifts = self.looks.iter().map(|look| look.shift);
        let (back, forth) = (shifts.clone().min().unwrap_or(0), shifts.max().unwrap_or(0));
        let lengths = self.looks.iter().map(|look| look.lasts.seconds_max());
        let longest = lengths.max().unwrap_or(0);
        for (date, length) in &self.dates {
            start = start.min(date.instant + back);
            let lasts = length.map_or(longest, |length| Lasts::given(length).seconds_max());
            end = end.map(|end| end.max(date.instant + forth + lasts));
        }
        for segment in &self.segments {
            start = start.min(segment.first.instant + back);
            let last = last_start(segment).map(|last| last + forth + longest);
            end = end.zip(last).map(|(end, last)| end.max(last));
        }
        let margin = match (self.has_zone_everywhere(), self.looks.len()) {
            (true, 1) => 0,
            (false, 1) => ZONE_MAX,
            // A split may have changed the zone.
            (true | false, _) => 2 * ZONE_MAX,
        };
        Bounds {
            start: instant_of(start.saturating_sub(margin)),
            end: end.map(|end| instant_of(end.saturating_add(margin))),
        }
    }

    /// The times of occurrences that were moved.
    fn moved(&self) -> impl Iterator<Item = &(When, Place)> {
        self.overrides
            .values()
            .filter_map(|change| change.moved.as_ref())
    }

    fn has_zone_everywhere(&self) -> bool {
        let whens = self.looks.iter().map(|look| &look.when);
        whens
            .chain(self.moved().map(|(when, _)| when))
            .all(|when| matches!(when, When::Zoned { .. }))
    }
}

/// The instant after which a segment has no start; none where it goes on for ever.
fn last_start(segment: &Segment) -> Option<i64> {
    let mut last = segment.first.instant;
    for series in &segment.rules {
        last = last.max(match (series.last_instant(), series.count()) {
            (Some(until), _) => until,
            (None, Some(count)) if count <= COUNTED_MAX => {
                let mut at = i64::MIN;
                series.each(
                    &mut Cursor::new(clock(&segment.when)),
                    segment.first.local,
                    i64::MAX / 4,
                    |start| {
                        at = start.instant;
                        at < segment.range.end
                    },
                );
                at
            }
            (None, Some(_) | None) => segment.range.end,
        });
    }
    let last = last.min(segment.range.end);
    if last == i64::MAX { None } else { Some(last) }
}
