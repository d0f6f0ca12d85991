//! When someone is taken, without saying what by (RFC 5545 §3.6.4), and when people are free.
//!
//! Busy periods never overlap, lie inside the window asked for and come in order of time. Where
//! two things lie over one another the firmer one counts: perhaps gives way to taken, taken to
//! never to be had.

mod free;
mod hours;
mod merge;

use std::ops::Range;

use jiff::Timestamp;

use crate::event::{Answer, Busy, Event, Guest, Layers, Status};
use crate::expand::expand;
use crate::occurrence::Occurrence;
use crate::zone::Zone;

pub use free::{Person, common_free, free};
pub use hours::Hours;
pub use merge::merged;

/// A stretch of time that is not free. Half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyPeriod {
    /// From when to when.
    pub span: Range<Timestamp>,
    /// How firmly.
    pub kind: BusyKind,
}

/// How firmly a stretch of time is taken (FBTYPE).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyKind {
    /// Perhaps.
    Tentative,
    /// Taken.
    Busy,
    /// Never to be had: away, outside working hours.
    Unavailable,
}

/// When these events take time within a window, as few periods as say so.
///
/// What is free, called off, in the trash, without length, or a task takes none. Whole days take
/// the days of `viewer`, if they take time at all.
#[must_use]
pub fn busy<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    window: Range<Timestamp>,
    viewer: &Zone,
) -> Vec<BusyPeriod> {
    busy_for(events, window, viewer, &[])
}

/// Like [`busy`], for the person who goes by these addresses: what they declined leaves them
/// free, and what they said maybe to takes their time perhaps. An address may begin with
/// `mailto:`; letter case does not count.
#[must_use]
pub fn busy_for<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    window: Range<Timestamp>,
    viewer: &Zone,
    addresses: &[&str],
) -> Vec<BusyPeriod> {
    let mut found = Vec::new();
    for event in events {
        if event.task.is_some() {
            continue;
        }
        let layers = Layers::new(event);
        for occurrence in expand(event, window.clone(), viewer) {
            let answer = answer_of(event, &layers, &occurrence, addresses);
            found.extend(kind_of(&occurrence, answer).map(|kind| BusyPeriod {
                span: occurrence.start..occurrence.end,
                kind,
            }));
        }
    }
    merged(found, &window)
}

fn kind_of(occurrence: &Occurrence, answer: Option<Answer>) -> Option<BusyKind> {
    if occurrence.busy == Busy::Free || answer == Some(Answer::Declined) {
        return None;
    }
    match occurrence.status {
        Status::Cancelled => None,
        Status::Tentative => Some(BusyKind::Tentative),
        Status::Confirmed if answer == Some(Answer::Tentative) => Some(BusyKind::Tentative),
        Status::Confirmed => Some(BusyKind::Busy),
    }
}

fn answer_of(
    event: &Event,
    layers: &Layers<'_>,
    occurrence: &Occurrence,
    addresses: &[&str],
) -> Option<Answer> {
    if addresses.is_empty() {
        return None;
    }
    let stack = layers.at(&occurrence.original);
    let changed = stack.pick(|change| change.guests.as_ref());
    let guests = changed.map_or(&event.guests, |(guests, _)| guests);
    let is_theirs = |(address, _): &(&String, &Guest)| {
        let mut own = addresses.iter();
        own.any(|own| bare(own).eq_ignore_ascii_case(bare(address)))
    };
    guests.iter().find(is_theirs).map(|(_, guest)| guest.answer)
}

/// An address without the scheme before it.
fn bare(address: &str) -> &str {
    let address = address.trim();
    match address.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => rest,
        _ => address,
    }
}

#[cfg(test)]
mod tests;
