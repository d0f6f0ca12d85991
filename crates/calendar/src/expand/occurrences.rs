//! From the starts of a series to what a calendar shows in a window.

use super::chain::{Chain, Given, Segment};
use super::look::{Clocks, Lasts, clock};
use super::series::Start;
use super::window::Window;
use crate::occurrence::Occurrence;
use crate::zone::{Cursor, Zone};

impl Chain {
    /// The occurrences in a window, in order of time.
    pub(super) fn expand(&self, window: &Window, viewer: &Zone) -> Vec<Occurrence> {
        if self.is_trashed || window.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.gather(window, viewer, |segment, starts, clocks| {
            for given in starts {
                found.extend(self.generated(segment, *given, window, clocks));
            }
        });
        self.overridden(window, viewer, &mut found);
        if found.len() > 1 {
            found.sort_by_key(|occurrence| (occurrence.start, occurrence.end, occurrence.original));
        }
        found
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
