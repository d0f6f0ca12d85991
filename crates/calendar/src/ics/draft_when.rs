//! When a VEVENT happens (RFC 5545 §3.6.1): from DTSTART with DTEND or DURATION.

use jiff::civil::Date;

use super::problem::ProblemKind;
use super::task;
use super::times::Stamp;
use super::timezone::Zones;
use super::vevent::Vevent;
use crate::civil::{DAY, date_of, days_of_date};
use crate::event::Task;
use crate::length::Length;
use crate::original::OriginalStart;
use crate::when::{End, When, day_after};
use crate::zone::Zone;

/// When it happens, and what there is to do if it is a task.
pub(super) fn when(
    vevent: &Vevent<'_>,
    zones: &mut Zones<'_>,
    findings: &mut Vec<(usize, ProblemKind)>,
) -> Result<(When, Option<Task>), ProblemKind> {
    if vevent.is_task {
        let (when, task) = task::when(vevent, zones);
        return Ok((when, Some(task)));
    }
    let Some(start) = &vevent.start else {
        let bad = findings.iter().position(
            |(_, kind)| matches!(kind, ProblemKind::BadTime(name, _) if name == "DTSTART"),
        );
        return Err(bad.map_or(ProblemKind::NoStart, |at| findings.swap_remove(at).1));
    };
    let start = Stamp::of(start, zones);
    let end = vevent.end.as_ref().map(|end| Stamp::of(end, zones));
    let when = from_start(&start, end, vevent.length);
    let (from, until) = when.span(&Zone::utc());
    if until < from {
        findings.push((vevent.line, ProblemKind::EndsBeforeStart));
        return Ok((without_length(when), None));
    }
    Ok((when, None))
}

/// From a start to an end, or for a length.
pub(super) fn from_start(start: &Stamp, end: Option<Stamp>, length: Option<Length>) -> When {
    match start.value {
        OriginalStart::Date(date) => all_day(date, end.as_ref(), length),
        OriginalStart::Utc(at) => {
            let zone = Zone::utc();
            let end = timed_end(start, end, length, Some(&zone));
            When::Zoned {
                start: at,
                zone,
                end,
            }
        }
        OriginalStart::Local(at) => {
            let end = timed_end(start, end, length, start.zone.as_ref());
            match start.zone.clone() {
                Some(zone) => When::Zoned {
                    start: at,
                    zone,
                    end,
                },
                None => When::Floating { start: at, end },
            }
        }
    }
}

fn all_day(start: Date, end: Option<&Stamp>, length: Option<Length>) -> When {
    let days = length.map(|length| length.days() + length.seconds().div_euclid(DAY));
    let by_length = days.and_then(|days| date_of(days_of_date(start) + days));
    let end = end
        .map(|end| end.value.date())
        .or(by_length)
        .filter(|end| *end > start);
    When::AllDay {
        start,
        end: end.unwrap_or_else(|| day_after(start)),
    }
}

/// The end of something timed. Without any it has no length (RFC 5545 §3.6.1).
fn timed_end(
    start: &Stamp,
    end: Option<Stamp>,
    length: Option<Length>,
    zone: Option<&Zone>,
) -> End {
    let Some(end) = end else {
        return End::After(length.unwrap_or_default());
    };
    match end.value {
        OriginalStart::Utc(at) if zone.is_some_and(Zone::is_utc) => End::At { at, zone: None },
        OriginalStart::Utc(at) => match zone {
            Some(_) => End::At {
                at,
                zone: Some(Zone::utc()),
            },
            None => End::At { at, zone: None },
        },
        OriginalStart::Local(at) if end.zone == start.zone || zone.is_none() => {
            End::At { at, zone: None }
        }
        OriginalStart::Local(at) => End::At { at, zone: end.zone },
        OriginalStart::Date(date) => End::At {
            at: date.at(0, 0, 0, 0),
            zone: None,
        },
    }
}

fn without_length(when: When) -> When {
    let end = End::After(Length::default());
    match when {
        When::AllDay { start, .. } => When::AllDay {
            start,
            end: day_after(start),
        },
        When::Zoned { start, zone, .. } => When::Zoned { start, zone, end },
        When::Floating { start, .. } => When::Floating { start, end },
    }
}
