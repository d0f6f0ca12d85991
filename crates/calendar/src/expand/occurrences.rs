//! From the starts of a series to what a calendar shows in a window.

use std::ops::Range;

use super::chain::{Chain, Given, MARGIN, Segment};
use super::look::{Clocks, Lasts, clock};
use super::series::Start;
use super::window::Window;
use crate::civil::DAY;
use crate::occurrence::Occurrence;
use crate::zone::{Cursor, Zone};

impl Chain {
    /// The occurrences in a window, in order of time.
    pub(super) fn expand(&self, window: &Window, viewer: &Zone) -> Vec<Occurrence> {
        if self.is_trashed || window.is_empty() {
            return Vec::new();
        }
        let (mut found, mut starts) = (Vec::new(), Vec::new());
        for segment in &self.segments {
            starts.clear();
            let mut clocks = Clocks {
                viewer: Cursor::new(viewer.table()),
                own: Cursor::new(clock(&segment.when)),
            };
            let (local, early) = self.reach(segment, window, &mut clocks);
            self.starts(segment, local, early, &mut clocks.own, &mut starts);
            for given in &starts {
                found.extend(self.generated(segment, *given, window, &mut clocks));
            }
        }
        self.overridden(window, viewer, &mut found);
        if found.len() > 1 {
            found.sort_by_key(|occurrence| (occurrence.start, occurrence.end, occurrence.original));
        }
        found
    }

    /// The civil seconds in which a start can lead into the window, and the instant before which
    /// none can.
    fn reach(
        &self,
        segment: &Segment,
        window: &Window,
        clocks: &mut Clocks<'_>,
    ) -> (Range<i64>, i64) {
        let from = window.from - self.longest;
        let is_zoned = segment.when.zone().is_some();
        if self.looks.len() == 1 {
            let clock = if is_zoned {
                &mut clocks.own
            } else {
                &mut clocks.viewer
            };
            // No jump near: the wall clock and the instant differ by one number.
            if let Some(offset) = clock.offset_throughout(from - DAY, window.to + DAY) {
                return (from + offset..window.to + offset, i64::MIN);
            }
        }
        let shifts = self.looks.iter().map(|look| look.shift);
        let (back, forth) = (shifts.clone().min().unwrap_or(0), shifts.max().unwrap_or(0));
        let early = if self.looks.len() == 1 && is_zoned {
            from
        } else {
            from - forth - MARGIN
        };
        (from - forth - MARGIN..window.to - back + MARGIN, early)
    }

    /// What a generated start becomes, unless it is skipped or moved.
    fn generated<'a>(
        &'a self,
        segment: &Segment,
        (start, length): Given,
        window: &Window,
        clocks: &mut Clocks<'a>,
    ) -> Option<Occurrence> {
        let look = self.look_at(start.instant)?;
        let mut place = look.place(start, &segment.when);
        if let Some(length) = length {
            place.lasts = Lasts::given(length);
        }
        let change = self.overrides.get(&start.instant);
        if change.is_some_and(|change| change.moved.is_some()) || self.is_skipped(start) {
            return None;
        }
        let fields = change.map_or(&look.fields, |change| &change.fields);
        let mut occurrence = place.occurrence(&look.when, fields, window, clocks)?;
        occurrence.original = segment.original_of(start, &mut clocks.own);
        occurrence.is_override = change.is_some();
        Some(occurrence)
    }

    /// Adds the occurrences with a time of their own.
    fn overridden(&self, window: &Window, viewer: &Zone, into: &mut Vec<Occurrence>) {
        let mut clocks = None;
        for (instant, change) in &self.overrides {
            let Some((when, place)) = &change.moved else {
                continue;
            };
            let start = Start {
                instant: *instant,
                local: change.local,
            };
            if self.is_skipped(start) {
                continue;
            }
            let clocks = clocks.get_or_insert_with(|| Clocks {
                viewer: Cursor::new(viewer.table()),
                own: Cursor::new(clock(when)),
            });
            if let Some(mut occurrence) = place.occurrence(when, &change.fields, window, clocks) {
                occurrence.original = change.original;
                occurrence.is_override = true;
                into.push(occurrence);
            }
        }
    }
}
