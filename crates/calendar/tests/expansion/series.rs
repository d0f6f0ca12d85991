//! Exceptions to a series: dates added and taken away, occurrences changed and moved, splits.

use almanac_calendar::Zone;
use almanac_calendar::event::{Event, Override, Rules, Split, Status};
use almanac_calendar::expand::expand;
use almanac_calendar::{End, Length, OriginalStart, Rule, When};
use jiff::Timestamp;

use super::cases::{check_event, check_instants, series};

const BERLIN: Option<&str> = Some("Europe/Berlin");

fn at(text: &str) -> OriginalStart {
    text.parse().unwrap()
}

fn daily(count: u32) -> Event {
    series(
        "2026-11-20T10:00",
        BERLIN,
        &[&format!("FREQ=DAILY;COUNT={count}")],
    )
}

fn moved(event: &Event, to: &str) -> Option<When> {
    Some(event.when.moved_to(to.parse().unwrap()))
}

fn check(event: &Event, expected: &[&str]) {
    check_event(event, expected, |one| {
        format!("{} {}", one.local_start, one.title)
    });
}

#[test]
fn exclusion_rules_take_away_what_both_name() {
    let mut event = daily(7);
    event
        .rules
        .exclusions
        .push(Rule::parse("FREQ=WEEKLY;BYDAY=SA,SU").unwrap());
    let days = [
        "2026-11-20T09:00:00Z",
        "2026-11-23T09:00:00Z",
        "2026-11-24T09:00:00Z",
        "2026-11-25T09:00:00Z",
        "2026-11-26T09:00:00Z",
    ];
    check_instants(&event, &days);
}

#[test]
fn an_extra_date_that_is_there_already_is_one_and_may_bring_a_length() {
    let mut event = daily(2);
    event.dates.insert(at("2026-11-21T10:00"), None);
    event
        .dates
        .insert(at("2026-11-25T18:00"), Some(Length::from_minutes(30)));
    let spans = [
        "2026-11-20T09:00:00Z 2026-11-20T10:00:00Z",
        "2026-11-21T09:00:00Z 2026-11-21T10:00:00Z",
        "2026-11-25T17:00:00Z 2026-11-25T17:30:00Z",
    ];
    check_event(&event, &spans, |one| format!("{} {}", one.start, one.end));
    event
        .dates
        .insert(at("2026-11-21T10:00"), Some(Length::from_minutes(5)));
    let spans = [
        spans[0],
        "2026-11-21T09:00:00Z 2026-11-21T09:05:00Z",
        spans[2],
    ];
    check_event(&event, &spans, |one| format!("{} {}", one.start, one.end));
}

#[test]
fn an_exception_may_be_said_as_a_wall_clock_an_instant_or_a_day() {
    for skipped in ["2026-11-21T10:00", "2026-11-21T09:00:00Z", "2026-11-21"] {
        let mut event = daily(3);
        event.skipped.insert(at(skipped));
        check_instants(&event, &["2026-11-20T09:00:00Z", "2026-11-22T09:00:00Z"]);
    }
    let mut event = daily(3);
    event.skipped.insert(at("2026-11-20T10:00"));
    event.skipped.insert(at("2026-11-20T11:00"));
    check_instants(&event, &["2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"]);
    let mut days = series("2026-11-20", None, &["FREQ=DAILY;COUNT=3"]);
    days.skipped.insert(at("2026-11-21T00:00"));
    days.skipped.insert(at("2026-11-22T12:00:00Z"));
    check_event(&days, &["2026-11-20"], |one| one.original.to_string());
}

#[test]
fn an_occurrence_may_be_moved_before_its_neighbour_or_out_of_sight() {
    let mut event = daily(3);
    let change = Override {
        when: moved(&event, "2026-11-20T08:00:00"),
        ..Override::default()
    };
    event.overrides.insert(at("2026-11-22T10:00"), change);
    let starts = [
        "2026-11-20T07:00:00Z",
        "2026-11-20T09:00:00Z",
        "2026-11-21T09:00:00Z",
    ];
    check_instants(&event, &starts);
    let change = Override {
        when: moved(&event, "2027-05-01T10:00:00"),
        ..Override::default()
    };
    event.overrides.insert(at("2026-11-22T10:00"), change);
    let starts = [
        "2026-11-20T09:00:00Z",
        "2026-11-21T09:00:00Z",
        "2027-05-01T08:00:00Z",
    ];
    check_instants(&event, &starts);
    let day = |from: &str, to: &str| {
        let window: std::ops::Range<Timestamp> = from.parse().unwrap()..to.parse().unwrap();
        expand(&event, window, &Zone::utc()).len()
    };
    assert_eq!(day("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"), 0);
    assert_eq!(day("2027-05-01T00:00:00Z", "2027-05-02T00:00:00Z"), 1);
}

#[test]
fn an_extra_date_may_be_changed_and_a_stranger_stands_alone() {
    let mut event = daily(1);
    let titled = |title: &str| Override {
        title: Some(title.into()),
        ..Override::default()
    };
    event.dates.insert(at("2026-11-25T18:00"), None);
    event
        .overrides
        .insert(at("2026-11-25T18:00"), titled("Extra"));
    let stranger = Override {
        when: moved(&event, "2026-12-24T18:00:00"),
        ..titled("Stranger")
    };
    event.overrides.insert(at("2026-12-01T10:00"), stranger);
    check(
        &event,
        &[
            "2026-11-20T10:00:00 One",
            "2026-11-25T18:00:00 Extra",
            "2026-12-24T18:00:00 Stranger",
        ],
    );
}

#[test]
fn what_was_called_off_is_shown_as_such_and_what_is_skipped_is_not() {
    let mut event = daily(3);
    let off = Override {
        status: Some(Status::Cancelled),
        ..Override::default()
    };
    event.overrides.insert(at("2026-11-21T10:00"), off.clone());
    event.overrides.insert(at("2026-11-22T10:00"), off);
    event.skipped.insert(at("2026-11-22T10:00"));
    let shown = [
        "2026-11-20T10:00:00 Confirmed",
        "2026-11-21T10:00:00 Cancelled",
    ];
    check_event(&event, &shown, |one| {
        format!("{} {:?}", one.local_start, one.status)
    });
}

#[test]
fn an_exception_named_by_an_instant_is_the_one_that_happens_then() {
    let mut event = daily(3);
    let change = Override {
        title: Some("Changed".into()),
        ..Override::default()
    };
    event.overrides.insert(at("2026-11-21T09:00:00Z"), change);
    let days = [
        "2026-11-20T10:00:00 One",
        "2026-11-21T10:00:00 Changed",
        "2026-11-22T10:00:00 One",
    ];
    check(&event, &days);
}

#[test]
fn from_a_split_on_everything_differs_but_what_was_changed_alone() {
    let mut event = daily(5);
    let mut when = moved(&event, "2026-11-22T12:00:00");
    if let Some(When::Zoned { end, .. }) = &mut when {
        *end = End::After(Length::from_minutes(90));
    }
    let change = Override {
        when,
        title: Some("Later".into()),
        ..Override::default()
    };
    event.splits.insert(
        at("2026-11-22T10:00"),
        Split {
            change,
            rules: None,
        },
    );
    let alone = Override {
        when: moved(&event, "2026-11-23T08:00:00"),
        ..Override::default()
    };
    event.overrides.insert(at("2026-11-23T10:00"), alone);
    let shown = [
        "2026-11-20T09:00:00Z PT1H One",
        "2026-11-21T09:00:00Z PT1H One",
        "2026-11-22T11:00:00Z PT1H30M Later",
        "2026-11-23T07:00:00Z PT1H Later",
        "2026-11-24T11:00:00Z PT1H30M Later",
    ];
    check_event(&event, &shown, |one| {
        let seconds = one.end.as_second() - one.start.as_second();
        format!(
            "{} {} {}",
            one.start,
            Length::from_seconds(seconds),
            one.title
        )
    });
}

#[test]
fn a_count_belongs_to_the_whole_series_also_where_its_rule_changes() {
    let mut event = daily(5);
    let rules = Some(Rules::one(Rule::parse("FREQ=WEEKLY;COUNT=5").unwrap()));
    let change = Override::default();
    event
        .splits
        .insert(at("2026-11-22T10:00"), Split { change, rules });
    let starts = [
        "2026-11-20T09:00:00Z",
        "2026-11-21T09:00:00Z",
        "2026-11-22T09:00:00Z",
        "2026-11-29T09:00:00Z",
        "2026-12-06T09:00:00Z",
    ];
    check_instants(&event, &starts);
}
