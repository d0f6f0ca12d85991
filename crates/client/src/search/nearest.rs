//! Which occurrence of an event is nearest to the present.

use almanac_calendar::Zone;
use almanac_calendar::expand::Prepared;
use almanac_calendar::occurrence::Occurrence;
use jiff::{SignedDuration, Timestamp};

use super::query::Time;

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
    let next = || {
        let mut found = event.next(span.now.max(span.from), 1, &span.zone);
        found.pop().filter(|one| one.start < span.to)
    };
    let upcoming = if span.time == Time::Past || span.to <= span.now {
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
    fn check(start: &str, rule: &str, (from, to): (&str, &str), time: Time, expected: &str) {
        let zone = Zone::utc();
        let when = When::from_people(start, None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "", when);
        if !rule.is_empty() {
            event.rules = Rules::one(Rule::parse(rule).unwrap());
        }
        let at = |text: &str, other| text.parse().unwrap_or(other);
        let span = Span {
            from: at(from, Timestamp::MIN),
            to: at(to, Timestamp::MAX),
            now: "2026-11-25T12:00:00Z".parse().unwrap(),
            time,
            zone,
        };
        let shown = match nearest(&Prepared::new(&event), &span) {
            Some(Near::Upcoming(one)) => one.start.to_string(),
            Some(Near::Past(one)) => format!("<{}", one.start),
            None => String::new(),
        };
        assert_eq!(shown, expected, "{start} {rule} {from} {to} {time:?}");
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
