//! Periods laid over one another: the firmer one counts, and neighbours of a kind are one.

use std::ops::Range;

use jiff::Timestamp;

use super::{BusyKind, BusyPeriod};

/// Periods of any order and overlap, clipped to a window, as few as say the same.
#[must_use]
pub fn merged(
    periods: impl IntoIterator<Item = BusyPeriod>,
    window: &Range<Timestamp>,
) -> Vec<BusyPeriod> {
    let mut edges: Vec<(Timestamp, BusyKind, i32)> = Vec::new();
    for period in periods {
        let span = period.span.start.max(window.start)..period.span.end.min(window.end);
        if span.start < span.end {
            edges.push((span.start, period.kind, 1));
            edges.push((span.end, period.kind, -1));
        }
    }
    edges.sort_unstable();
    let mut open = [
        (BusyKind::Tentative, 0),
        (BusyKind::Busy, 0),
        (BusyKind::Unavailable, 0),
    ];
    let mut found: Vec<BusyPeriod> = Vec::new();
    let mut since: Option<(Timestamp, BusyKind)> = None;
    for (at, kind, step) in edges {
        for (one, count) in &mut open {
            *count += if *one == kind { step } else { 0 };
        }
        let firmest = open.iter().rev().find(|(_, count)| *count > 0);
        let firmest = firmest.map(|(kind, _)| *kind);
        if since.map(|(_, kind)| kind) == firmest {
            continue;
        }
        if let Some((start, kind)) = since {
            put(&mut found, start..at, kind);
        }
        since = firmest.map(|kind| (at, kind));
    }
    found
}

/// Adds a period, unless it is empty or goes on where the last one of its kind ended.
fn put(found: &mut Vec<BusyPeriod>, span: Range<Timestamp>, kind: BusyKind) {
    if span.start >= span.end {
        return;
    }
    match found.last_mut() {
        Some(last) if last.span.end == span.start && last.kind == kind => last.span.end = span.end,
        _ => found.push(BusyPeriod { span, kind }),
    }
}
