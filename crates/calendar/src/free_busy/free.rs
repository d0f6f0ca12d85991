//! Finding a time: what working hours and busy periods leave free.

use std::ops::Range;

use jiff::Timestamp;

use super::{BusyPeriod, Hours};
use crate::length::Length;
use crate::when::End;
use crate::zone::Zone;

/// Someone who is to come.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// When they are taken.
    pub busy: &'a [BusyPeriod],
    /// When they are to be had at all.
    pub hours: &'a Hours,
    /// On whose clock those hours are.
    pub zone: &'a Zone,
}

/// Stretches of a window inside the hours of `zone` that no busy period touches and that are at
/// least so long, in order of time. They are whole stretches: a meeting fits anywhere in them.
///
/// Every kind of busy period counts. Whoever would ask people to change what is only perhaps
/// leaves those periods out.
#[must_use]
pub fn free(
    busy: &[BusyPeriod],
    window: &Range<Timestamp>,
    hours: &Hours,
    zone: &Zone,
    at_least: Length,
) -> Vec<Range<Timestamp>> {
    let person = Person { busy, hours, zone };
    common_free(&[person], window, zone, at_least)
}

/// Stretches in which everyone is free, each within their own hours. Days of `at_least` go by
/// the wall clock of `zone`. With nobody to ask, the whole window is free.
#[must_use]
pub fn common_free(
    people: &[Person<'_>],
    window: &Range<Timestamp>,
    zone: &Zone,
    at_least: Length,
) -> Vec<Range<Timestamp>> {
    let mut left = Vec::new();
    if window.start < window.end {
        left.push(window.clone());
    }
    for person in people {
        left = shared(&left, &person.hours.within(window, person.zone));
        let mut busy: Vec<_> = person
            .busy
            .iter()
            .map(|period| period.span.clone())
            .collect();
        busy.sort_by_key(|span| (span.start, span.end));
        left = without(&left, &busy);
    }
    left.retain(|span| {
        let start = zone.wall_clock(span.start);
        let needed = if at_least.days() == 0 {
            crate::zone::instant_of(span.start.as_second() + at_least.seconds())
        } else {
            End::After(at_least).instant(start, zone)
        };
        needed <= span.end
    });
    left
}

/// What lies in both; each is in order and overlaps nowhere with itself.
fn shared(one: &[Range<Timestamp>], other: &[Range<Timestamp>]) -> Vec<Range<Timestamp>> {
    let mut found = Vec::new();
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let span = a.start.max(b.start)..a.end.min(b.end);
        if span.start < span.end {
            found.push(span);
        }
        if a.end < b.end {
            one.next();
        } else {
            other.next();
        }
    }
    found
}

/// What is left of the one, in order of time, where none of the other lies; the other is ordered
/// by start.
fn without(one: &[Range<Timestamp>], other: &[Range<Timestamp>]) -> Vec<Range<Timestamp>> {
    let mut found = Vec::new();
    let mut first = 0;
    for span in one {
        let mut from = span.start;
        // What ended before this stretch ended before all later ones.
        let passed = other
            .iter()
            .skip(first)
            .take_while(|taken| taken.end <= span.start);
        first += passed.count();
        for taken in other
            .iter()
            .skip(first)
            .take_while(|taken| taken.start < span.end)
        {
            if taken.start > from {
                found.push(from..taken.start);
            }
            from = from.max(taken.end);
        }
        if from < span.end {
            found.push(from..span.end);
        }
    }
    found
}
