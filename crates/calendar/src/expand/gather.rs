//! The starts of a series within reach of a window, each of them once.
//!
//! A segment is cut where a split changes how things look, because how long something lasts and
//! how far it was moved say how far back a start can still lead into the window.

use std::collections::BTreeSet;
use std::ops::Range;

use super::STARTS_MAX;
use super::chain::{Chain, Given, MARGIN, Segment};
use super::look::{Clocks, Lasts, Look, clock};
use super::series::Start;
use super::window::Window;
use crate::civil::DAY;
use crate::original::OriginalStart;
use crate::zone::{Cursor, Zone};

/// A part of a segment that looks the same throughout.
struct Piece {
    /// Instants of its original starts.
    range: Range<i64>,
    /// Civil seconds in which a start can lead into the window.
    local: Range<i64>,
    /// The instant before which none can.
    early: i64,
    /// The instant from which on a start counts as one that was looked at.
    counted: i64,
    /// The instants that the exclusion rules take away, ascending.
    excluded: Vec<i64>,
}

impl Piece {
    fn has(&self, start: Start) -> bool {
        self.range.contains(&start.instant) && self.excluded.binary_search(&start.instant).is_err()
    }
}

/// The clocks that a segment is read on.
pub(super) fn clocks_of<'a>(segment: &'a Segment, viewer: &'a Zone) -> Clocks<'a> {
    Clocks {
        viewer: Cursor::new(viewer.table()),
        own: Cursor::new(clock(&segment.when)),
    }
}

impl Chain {
    /// Calls `visit` with each segment and the starts of it that can lead into the window.
    ///
    /// What a later segment gives too, where that one begins before the start that it was split
    /// at, is left to it: one name is one occurrence.
    pub(super) fn gather<'a>(
        &'a self,
        window: &Window,
        viewer: &'a Zone,
        mut visit: impl FnMut(&'a Segment, &[Given], &mut Clocks<'a>),
    ) {
        let (mut starts, mut later) = (Vec::new(), BTreeSet::new());
        for (segment, is_shared) in self.latest_first() {
            starts.clear();
            let mut clocks = clocks_of(segment, viewer);
            self.starts(segment, window, &mut clocks, &mut starts);
            if !later.is_empty() {
                starts.retain(|(start, _)| !later.contains(start));
            }
            if is_shared {
                later.extend(starts.iter().map(|(start, _)| *start));
            }
            visit(segment, &starts, &mut clocks);
        }
    }

    /// The segments, the one that begins last first, each with whether it begins before another
    /// one's end.
    fn latest_first(&self) -> Vec<(&Segment, bool)> {
        let mut segments: Vec<(&Segment, bool)> =
            self.segments.iter().map(|one| (one, false)).collect();
        segments.sort_by_key(|(segment, _)| segment.range.start);
        let mut end = i64::MIN;
        for (segment, is_shared) in &mut segments {
            *is_shared = segment.range.start < end;
            end = end.max(segment.range.end);
        }
        segments.reverse();
        segments
    }

    /// Adds the starts of a segment that can lead into the window, before any exception.
    fn starts(
        &self,
        segment: &Segment,
        window: &Window,
        clocks: &mut Clocks<'_>,
        into: &mut Vec<Given>,
    ) {
        let pieces = self.pieces(segment, window, clocks);
        segment.starts(&pieces, &mut clocks.own, into);
        for (start, length) in &self.dates {
            let look = self.look_at(start.instant);
            if let Some(look) = look.filter(|_| segment.range.contains(&start.instant)) {
                let lasts = length.map_or(look.lasts, Lasts::given);
                if around(look, lasts, window).contains(&start.local) {
                    into.push((*start, *length));
                }
            }
        }
        if self.segments.len() == 1 && segment.rules.len() == 1 && self.dates.is_empty() {
            return;
        }
        into.sort_by_key(|(start, length)| (*start, length.is_none()));
        // Two wall clocks that a gap pushes to one instant stay two; each has its own name.
        into.dedup_by_key(|(start, _)| *start);
    }

    /// The parts of a segment that have starts within reach of the window.
    fn pieces(&self, segment: &Segment, window: &Window, clocks: &mut Clocks<'_>) -> Vec<Piece> {
        let range = &segment.range;
        let first = self.cuts.partition_point(|cut| *cut <= range.start);
        let cuts = self.cuts.get(first..).unwrap_or_default();
        let mut pieces = Vec::with_capacity(1);
        let mut from = range.start;
        let ends = cuts.iter().copied().take_while(|cut| *cut < range.end);
        for to in ends.chain([range.end]) {
            let look = self.look_at(from);
            if let Some(look) = look.filter(|_| from < to) {
                pieces.extend(self.piece(look, segment, from..to, window, clocks));
            }
            from = to;
        }
        pieces
    }

    fn piece(
        &self,
        look: &Look,
        segment: &Segment,
        range: Range<i64>,
        window: &Window,
        clocks: &mut Clocks<'_>,
    ) -> Option<Piece> {
        let (local, early, counted) = self.reach(look, segment, window, clocks);
        let begins = range.start.saturating_sub(MARGIN);
        let ends = range.end.saturating_add(MARGIN);
        let local = local.start.max(begins)..local.end.min(ends);
        if local.is_empty() {
            return None;
        }
        let excluded = segment.excluded(&mut clocks.own, &local);
        Some(Piece {
            range,
            local,
            early,
            counted,
            excluded,
        })
    }

    /// The civil seconds in which a start can lead into the window, the instant before which none
    /// can, and the one before which hardly any does.
    fn reach(
        &self,
        look: &Look,
        segment: &Segment,
        window: &Window,
        clocks: &mut Clocks<'_>,
    ) -> (Range<i64>, i64, i64) {
        let from = window.from - look.lasts.seconds_max();
        let is_zoned = segment.when.zone().is_some();
        let local = around(look, look.lasts, window);
        if self.looks.len() > 1 {
            return (local.clone(), local.start, from - look.shift);
        }
        let clock = if is_zoned {
            &mut clocks.own
        } else {
            &mut clocks.viewer
        };
        // No jump near: the wall clock and the instant differ by one number.
        if let Some(offset) = clock.offset_throughout(from - DAY, window.to + DAY) {
            return (from + offset..window.to + offset, i64::MIN, i64::MIN);
        }
        let early = if is_zoned { from } else { local.start };
        (local, early, from)
    }

    /// Whether rules or extra dates name a start.
    pub(super) fn generates(&self, original: &OriginalStart) -> bool {
        let wanted = self.start_of(original);
        let is_wanted = |start: &Start| start.instant == wanted.instant;
        let mut segments = self.segments.iter();
        self.dates.keys().any(is_wanted)
            || segments.any(|segment| {
                let mut found = Vec::new();
                if segment.range.contains(&wanted.instant) {
                    // Near a jump another wall clock may stand for the same instant.
                    let near = wanted.instant - DAY..wanted.instant + DAY;
                    let mut cursor = Cursor::new(clock(&segment.when));
                    let is_calm = cursor.offset_throughout(near.start, near.end).is_some();
                    let margin = if is_calm { 0 } else { DAY };
                    let local = wanted.local - margin..wanted.local + margin + 1;
                    let piece = Piece {
                        range: segment.range.clone(),
                        excluded: segment.excluded(&mut cursor, &local),
                        local,
                        early: i64::MIN,
                        counted: i64::MIN,
                    };
                    segment.starts(&[piece], &mut cursor, &mut found);
                }
                found.iter().any(|(start, _)| is_wanted(start))
            })
    }

    /// Whether rules name a start or any after it.
    pub(super) fn gives_from(&self, original: &OriginalStart) -> bool {
        let wanted = self.start_of(original).instant;
        let mut segments = self.segments.iter();
        segments.any(|segment| segment.gives_from(wanted))
    }
}

/// The civil seconds of starts that can lead into the window, whatever the clocks do.
fn around(look: &Look, lasts: Lasts, window: &Window) -> Range<i64> {
    let from = window.from - lasts.seconds_max();
    from - look.shift - MARGIN..window.to - look.shift + MARGIN
}

impl Segment {
    /// Adds the starts of the rules in some pieces.
    fn starts(&self, pieces: &[Piece], cursor: &mut Cursor<'_>, into: &mut Vec<Given>) {
        let before = into.len();
        for series in &self.rules {
            let mut left = STARTS_MAX;
            for piece in pieces {
                series.each(cursor, piece.local.start, piece.local.end, |start| {
                    if start.instant < piece.early {
                        return true;
                    }
                    if piece.has(start) {
                        into.push((start, None));
                    }
                    left -= usize::from(start.instant >= piece.counted.max(piece.range.start));
                    left > 0 && start.instant < piece.range.end
                });
                if left == 0 {
                    break;
                }
            }
        }
        let first = self.first;
        let mut found = into.iter().skip(before);
        let is_within = |piece: &Piece| piece.local.contains(&first.local) && piece.has(first);
        if self.has_first
            && pieces.iter().any(is_within)
            && !found.any(|(start, _)| *start == first)
        {
            into.push((first, None));
        }
    }

    /// Whether its rules name a start from an instant on.
    fn gives_from(&self, instant: i64) -> bool {
        let from = instant.max(self.range.start);
        let mut cursor = Cursor::new(clock(&self.when));
        let is_there = |start: Start| {
            start.instant >= from && self.range.contains(&start.instant) && !self.excludes(start)
        };
        if self.has_first && is_there(self.first) {
            return true;
        }
        // Where the clock goes back, a later instant may show an earlier time.
        let local = from + cursor.offset(from) - DAY;
        from < self.range.end
            && self.rules.iter().any(|series| {
                let (mut found, mut left) = (false, STARTS_MAX);
                series.each(&mut cursor, local, i64::MAX / 4, |start| {
                    left -= usize::from(start.instant >= from);
                    found = is_there(start);
                    !found && left > 0 && start.instant < self.range.end
                });
                found
            })
    }

    /// Whether an exclusion rule takes a start away.
    fn excludes(&self, start: Start) -> bool {
        let local = start.local..start.local + 1;
        let mut cursor = Cursor::new(clock(&self.when));
        !self.exclusions.is_empty() && self.excluded(&mut cursor, &local).contains(&start.instant)
    }

    /// The instants that the exclusion rules take away, ascending.
    fn excluded(&self, cursor: &mut Cursor<'_>, local: &Range<i64>) -> Vec<i64> {
        let mut excluded = Vec::new();
        for series in &self.exclusions {
            let mut left = STARTS_MAX;
            series.each(cursor, local.start, local.end, |start| {
                excluded.push(start.instant);
                left -= 1;
                left > 0
            });
        }
        excluded.sort_unstable();
        excluded
    }
}
