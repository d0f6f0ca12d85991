//! How a case is written: an event in a few texts, and what it shows.

use almanac_calendar::event::Event;
use almanac_calendar::expand::{Prepared, expand, next};
use almanac_calendar::{Rule, When, Zone};
use jiff::Timestamp;

/// Ends a list that is only the beginning.
pub(super) const AND_SO_ON: &str = "…";

/// An event of an hour (of a day, for a date) with these rules.
pub(super) fn series(start: &str, zone: Option<&str>, rules: &[&str]) -> Event {
    let zone = zone.map(Zone::named);
    let when = When::from_people(start, None, zone.as_ref()).unwrap();
    let mut event = Event::new("one@example", "One", when);
    let rules = rules.iter().map(|rule| Rule::parse(rule).unwrap());
    event.rules.rules = rules.collect();
    event
}

/// Checks the names of the first occurrences: wall clocks, or dates.
pub(super) fn check(start: &str, rules: &[&str], expected: &[&str]) {
    check_event(&series(start, None, rules), expected, |one| {
        one.original.to_string()
    });
}

/// Checks the instants of the first occurrences of a series in a zone.
pub(super) fn check_in(zone: &str, start: &str, rules: &[&str], expected: &[&str]) {
    check_instants(&series(start, Some(zone), rules), expected);
}

/// Checks the instants of an event's first occurrences.
pub(super) fn check_instants(event: &Event, expected: &[&str]) {
    check_event(event, expected, |one| one.start.to_string());
}

/// Checks what the first occurrences of an event show, all ways of asking giving the same.
pub(super) fn check_event(
    event: &Event,
    expected: &[&str],
    shown: impl Fn(&almanac_calendar::Occurrence) -> String,
) {
    let expected: Vec<&str> = expected.to_vec();
    let (count, is_open) = match expected.split_last() {
        Some((last, rest)) if *last == AND_SO_ON => (rest.len(), true),
        _ => (expected.len(), false),
    };
    let utc = Zone::utc();
    let limit = if is_open { count } else { count + 1 };
    let found = next(event, Timestamp::MIN, limit, &utc);
    let texts: Vec<String> = found.iter().map(&shown).collect();
    assert_eq!(texts, &expected[..count], "{:?}", event.rules.rules);
    let prepared = Prepared::new(event);
    assert_eq!(prepared.next(Timestamp::MIN, limit, &utc), found);
    for one in &found {
        let until = one.start + jiff::Span::new().seconds(1);
        let there = expand(event, one.start..until, &utc);
        assert!(there.contains(one), "{one:?} is not in a window of its own");
        assert!(prepared.expand(one.start..until, &utc).contains(one));
    }
}
