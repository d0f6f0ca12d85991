//! Which occurrence of an event is nearest to the present.

use std::cmp::Reverse;

use almanac_calendar::expand::Prepared;
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{OriginalStart, Zone};
use jiff::{SignedDuration, Timestamp};

use super::query::Time;
use super::shown::Carried;
use crate::occurrences::ready::Ready;

/// Exceptions that are looked at one by one.
const EXCEPTIONS_MAX: usize = 200;
/// Occurrences ahead that are looked at one by one.
const AHEAD_MAX: usize = 50;

/// The stretch that counts, and the present in it.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) now: Timestamp,
    pub(super) time: Time,
    pub(super) zone: Zone,
}

/// An occurrence on one side of the present.
#[derive(Debug, Clone)]
pub(super) enum Near {
    /// It has not ended.
    Upcoming(Occurrence),
    /// It has.
    Past(Occurrence),
}

/// The next occurrence within the stretch, or else the last one.
pub(super) fn nearest(event: &Prepared, span: &Span) -> Option<Near> {
    // What goes on now counts in a stretch that is over, too.
    let next = || {
        let mut found = event.next(span.now.max(span.from), 1, &span.zone);
        found.pop().filter(|one| one.start < span.to)
    };
    let upcoming = if span.time == Time::Past {
        None
    } else {
        next()
    };
    match upcoming {
        Some(next) => Some(Near::Upcoming(next)),
        None if span.time == Time::Upcoming => None,
        None => last(event, span).map(Near::Past),
    }
}

/// The nearest occurrence of a series with exceptions that has what was asked for; one without
/// every word where none has all of them, and none where none is what a filter asks for.
pub(super) fn nearest_carrying(
    ready: &Ready,
    span: &Span,
    carried: impl Fn(&Occurrence) -> Carried,
) -> Option<Near> {
    let plain = nearest(&ready.prepared, span)?;
    if carried(plain.occurrence()) == Carried::All {
        return Some(plain);
    }
    let event = &ready.event;
    let occurrence = |key: &OriginalStart| event.occurrence(key, &span.zone);
    let splits = event.splits.keys().take(EXCEPTIONS_MAX);
    let starts = splits.filter_map(occurrence).map(|one| one.start);
    let inside = starts.filter(|start| span.from < *start && *start < span.to);
    let mut edges: Vec<Timestamp> = inside.chain([span.from, span.to]).collect();
    edges.sort_unstable();
    let between = edges
        .iter()
        .zip(edges.iter().skip(1))
        .filter_map(|(from, to)| {
            let part = Span {
                from: *from,
                to: *to,
                ..span.clone()
            };
            nearest(&ready.prepared, &part)
        });
    let own = event.overrides.keys().rev().take(EXCEPTIONS_MAX);
    let own = own.filter_map(occurrence);
    let ahead = ready
        .prepared
        .next(span.now.max(span.from), AHEAD_MAX, &span.zone);
    let others = own.chain(ahead).filter_map(|one| placed(one, span));
    let found = [plain].into_iter().chain(between).chain(others);
    let rated = found.map(|near| (carried(near.occurrence()), near));
    let fitting = rated.filter(|(carried, _)| *carried != Carried::Nothing);
    let best = fitting.min_by_key(|(carried, near)| (Reverse(*carried), near.distance()));
    best.map(|(_, near)| near)
}

/// An occurrence on its side of the present; `None` outside the stretch.
fn placed(one: Occurrence, span: &Span) -> Option<Near> {
    let is_over = one.end <= span.now;
    let is_asked = match span.time {
        Time::Any => true,
        Time::Upcoming => !is_over,
        Time::Past => is_over,
    };
    let is_inside = one.start < span.to && (one.end > span.from || one.start >= span.from);
    let is_hit = is_asked && is_inside;
    is_hit.then(|| {
        if is_over {
            Near::Past(one)
        } else {
            Near::Upcoming(one)
        }
    })
}

impl Near {
    const fn occurrence(&self) -> &Occurrence {
        match self {
            Self::Upcoming(one) | Self::Past(one) => one,
        }
    }

    /// Orders what is to come by time, and after it what is over, the latest first.
    fn distance(&self) -> (bool, i64) {
        let start_s = self.occurrence().start.as_second();
        match self {
            Self::Upcoming(_) => (false, start_s),
            Self::Past(_) => (true, -start_s),
        }
    }
}

/// The last occurrence within the stretch that has ended, looked for in growing windows.
fn last(event: &Prepared, span: &Span) -> Option<Occurrence> {
    let bounds = event.bounds();
    let second = SignedDuration::from_secs(1);
    let after_all = bounds.end.and_then(|end| end.checked_add(second).ok());
    let end = span
        .to
        .min(span.now)
        .min(after_all.unwrap_or(Timestamp::MAX));
    let earliest = bounds.start.max(span.from);
    let mut reach = SignedDuration::from_hours(24);
    loop {
        let start = end
            .checked_sub(reach)
            .unwrap_or(Timestamp::MIN)
            .max(earliest);
        if start >= end {
            return None;
        }
        let found = event.expand(start..end, &span.zone).into_iter().rev();
        let mut ended = found.filter(|one| one.end <= span.now && one.end >= span.from);
        if let Some(last) = ended.next() {
            return Some(last);
        }
        if start == earliest {
            return None;
        }
        reach = reach.checked_mul(8).unwrap_or(SignedDuration::MAX);
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Event, Rule, Rules, When};

    use super::*;

    /// The start of what is nearest at noon on 2026-11-25, with `<` where it is past.
    fn check(start: &str, rule: &str, stretch: (&str, &str), time: Time, expected: &str) {
        let when = When::from_people(start, None, Some(&Zone::utc())).unwrap();
        let mut event = Event::new("a@x", "", when);
        if !rule.is_empty() {
            event.rules = Rules::one(Rule::parse(rule).unwrap());
        }
        let shown = shown(nearest(&Prepared::new(&event), &span(stretch, time)));
        assert_eq!(shown, expected, "{start} {rule} {stretch:?} {time:?}");
    }

    /// The same of whole days.
    fn check_days(first: &str, last: &str, stretch: (&str, &str), expected: &str) {
        let when = When::from_people(first, Some(last), None).unwrap();
        let event = Prepared::new(&Event::new("a@x", "", when));
        let shown = shown(nearest(&event, &span(stretch, Time::Any)));
        assert_eq!(shown, expected, "{first} {last} {stretch:?}");
    }

    fn span((from, to): (&str, &str), time: Time) -> Span {
        let at = |text: &str, other| text.parse().unwrap_or(other);
        Span {
            from: at(from, Timestamp::MIN),
            to: at(to, Timestamp::MAX),
            now: "2026-11-25T12:00:00Z".parse().unwrap(),
            time,
            zone: Zone::utc(),
        }
    }

    fn shown(found: Option<Near>) -> String {
        match found {
            Some(Near::Upcoming(one)) => one.start.to_string(),
            Some(Near::Past(one)) => format!("<{}", one.start),
            None => String::new(),
        }
    }

    const ALWAYS: (&str, &str) = ("", "");

    #[test]
    fn the_next_one_counts_and_else_the_last() {
        check(
            "2026-11-26T10:00",
            "",
            ALWAYS,
            Time::Any,
            "2026-11-26T10:00:00Z",
        );
        check(
            "2026-11-25T11:30",
            "",
            ALWAYS,
            Time::Any,
            "2026-11-25T11:30:00Z",
        );
        check(
            "2019-03-01T10:00",
            "",
            ALWAYS,
            Time::Any,
            "<2019-03-01T10:00:00Z",
        );
        let weekly = "FREQ=WEEKLY";
        check(
            "1999-11-02T10:00",
            weekly,
            ALWAYS,
            Time::Any,
            "2026-12-01T10:00:00Z",
        );
        check(
            "1999-11-02T10:00",
            weekly,
            ALWAYS,
            Time::Past,
            "<2026-11-24T10:00:00Z",
        );
        let ended = "FREQ=YEARLY;COUNT=3";
        check(
            "2010-01-05T10:00",
            ended,
            ALWAYS,
            Time::Any,
            "<2012-01-05T10:00:00Z",
        );
        check("2010-01-05T10:00", ended, ALWAYS, Time::Upcoming, "");
    }

    #[test]
    fn only_the_stretch_counts() {
        let weekly = "FREQ=WEEKLY";
        let spring = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
        check(
            "1999-11-02T10:00",
            weekly,
            spring,
            Time::Any,
            "<2026-03-31T10:00:00Z",
        );
        check("1999-11-02T10:00", weekly, spring, Time::Upcoming, "");
        let next_year = ("2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z");
        check(
            "1999-11-02T10:00",
            weekly,
            next_year,
            Time::Any,
            "2027-03-02T10:00:00Z",
        );
        check("2026-11-26T10:00", "", next_year, Time::Any, "");
        check("2030-11-26T10:00", weekly, spring, Time::Any, "");
    }

    #[test]
    fn what_still_goes_on_is_in_a_stretch_that_is_over() {
        let before = ("", "2026-11-24T00:00:00Z");
        let on = ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
        for stretch in [before, on, ALWAYS] {
            check_days("2026-11-20", "2027-02-09", stretch, "2026-11-20T00:00:00Z");
        }
        check_days("2026-11-24", "2027-02-09", on, "");
    }

    #[test]
    fn rules_that_give_nothing_end() {
        check(
            "2026-01-31T10:00",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            ALWAYS,
            Time::Any,
            "<2026-01-31T10:00:00Z",
        );
    }
}
