//! Busy periods and the times between them.

use jiff::civil::Weekday;
use proptest::prelude::*;

use super::*;
use crate::event::{Override, Rules, Task};
use crate::length::Length;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::instant_of;

fn berlin() -> Zone {
    Zone::named("Europe/Berlin")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day() -> Range<Timestamp> {
    at("2026-11-20T00:00:00Z")..at("2026-11-21T00:00:00Z")
}

fn event(start: &str, end: &str) -> Event {
    let when = When::from_people(start, Some(end), Some(&berlin())).unwrap();
    Event::new("one@example", "One", when)
}

fn said(periods: &[BusyPeriod]) -> Vec<String> {
    let said = |one: &BusyPeriod| format!("{}/{} {:?}", one.span.start, one.span.end, one.kind);
    periods.iter().map(said).collect()
}

fn check(events: &[Event], expected: &[&str]) {
    assert_eq!(said(&busy(events, day(), &Zone::utc())), expected);
}

#[test]
fn periods_that_touch_or_overlap_are_one() {
    let events = [
        event("2026-11-20T10:00", "2026-11-20T11:00"),
        event("2026-11-20T11:00", "2026-11-20T12:00"),
        event("2026-11-20T11:30", "2026-11-20T13:00"),
        event("2026-11-19T20:00", "2026-11-20T02:00"),
    ];
    check(
        &events,
        &[
            "2026-11-20T00:00:00Z/2026-11-20T01:00:00Z Busy",
            "2026-11-20T09:00:00Z/2026-11-20T12:00:00Z Busy",
        ],
    );
}

#[test]
fn what_is_free_called_off_in_the_trash_or_a_task_takes_no_time() {
    let plain = || event("2026-11-20T10:00", "2026-11-20T11:00");
    let free = Event {
        busy: Busy::Free,
        ..plain()
    };
    let off = Event {
        status: Status::Cancelled,
        ..plain()
    };
    let gone = Event {
        trashed: true,
        ..plain()
    };
    let task = Event {
        task: Some(Task::default()),
        ..plain()
    };
    let empty = event("2026-11-20T10:00", "2026-11-20T10:00");
    let mut skipped = plain();
    skipped.rules = Rules::one(Rule::parse("FREQ=DAILY").unwrap());
    skipped.skip("2026-11-20T10:00".parse().unwrap());
    check(&[free, off, gone, task, empty, skipped], &[]);
}

#[test]
fn perhaps_counts_only_where_nothing_firmer_lies() {
    let perhaps = Event {
        status: Status::Tentative,
        ..event("2026-11-20T09:00", "2026-11-20T12:00")
    };
    let firm = event("2026-11-20T10:00", "2026-11-20T11:00");
    check(
        &[perhaps, firm],
        &[
            "2026-11-20T08:00:00Z/2026-11-20T09:00:00Z Tentative",
            "2026-11-20T09:00:00Z/2026-11-20T10:00:00Z Busy",
            "2026-11-20T10:00:00Z/2026-11-20T11:00:00Z Tentative",
        ],
    );
}

#[test]
fn whole_days_take_the_day_of_whoever_looks() {
    let away = event("2026-11-20", "2026-11-20");
    let window = at("2026-11-01T00:00:00Z")..at("2026-12-01T00:00:00Z");
    let found = busy([&away], window, &berlin());
    assert_eq!(
        said(&found),
        ["2026-11-19T23:00:00Z/2026-11-20T23:00:00Z Busy"]
    );
}

#[test]
fn what_a_person_declined_leaves_them_free() {
    let mut invited = event("2026-11-20T10:00", "2026-11-20T11:00");
    let guest = |answer| Guest {
        answer,
        ..Guest::default()
    };
    invited
        .guests
        .insert("mailto:ana@example.org".into(), guest(Answer::Declined));
    invited
        .guests
        .insert("mailto:ben@example.org".into(), guest(Answer::Tentative));
    let kinds = |events: &[Event], who: &[&str]| {
        busy_for(events, day(), &berlin(), who)
            .into_iter()
            .map(|one| one.kind)
            .collect::<Vec<_>>()
    };
    let own = std::slice::from_ref(&invited);
    assert_eq!(kinds(own, &["Ana@Example.org"]), []);
    assert_eq!(
        kinds(own, &["x@example.org", "mailto:ben@example.org"]),
        [BusyKind::Tentative]
    );
    assert_eq!(kinds(own, &["cy@example.org"]), [BusyKind::Busy]);
    let accepted = Override {
        guests: Some([("mailto:ana@example.org".to_owned(), guest(Answer::Accepted))].into()),
        ..Override::default()
    };
    invited.change_one(invited.when.original(), accepted);
    assert_eq!(
        kinds(std::slice::from_ref(&invited), &["ana@example.org"]),
        [BusyKind::Busy]
    );
}

fn time(hour: i8) -> jiff::civil::Time {
    jiff::civil::Time::constant(hour, 0, 0, 0)
}

fn spans(found: &[Range<Timestamp>]) -> Vec<String> {
    found
        .iter()
        .map(|one| format!("{}/{}", one.start, one.end))
        .collect()
}

#[test]
fn free_times_lie_in_working_hours_and_are_long_enough() {
    let events = [
        event("2026-11-20T09:30", "2026-11-20T10:00"),
        event("2026-11-20T12:00", "2026-11-20T16:00"),
    ];
    let taken = busy(&events, day(), &berlin());
    let hours = Hours::working_days(time(9), time(17));
    let found = |minutes| {
        free(
            &taken,
            &day(),
            &hours,
            &berlin(),
            Length::from_minutes(minutes),
        )
    };
    assert_eq!(
        spans(&found(60)),
        [
            "2026-11-20T09:00:00Z/2026-11-20T11:00:00Z",
            "2026-11-20T15:00:00Z/2026-11-20T16:00:00Z"
        ]
    );
    assert_eq!(found(30).len(), 3);
    assert_eq!(found(121), []);
    // A Saturday.
    let weekend = at("2026-11-21T00:00:00Z")..at("2026-11-22T00:00:00Z");
    assert_eq!(
        free(&taken, &weekend, &hours, &berlin(), Length::default()),
        []
    );
}

#[test]
fn hours_may_reach_over_midnight_and_follow_the_wall_clock() {
    let nights = Hours::default().with(Weekday::Saturday, time(22), time(6));
    let week = at("2026-10-23T00:00:00Z")..at("2026-10-30T00:00:00Z");
    // Clocks go back that night.
    assert_eq!(
        spans(&nights.within(&week, &berlin())),
        ["2026-10-24T20:00:00Z/2026-10-25T05:00:00Z"]
    );
    let whole = Hours::always().within(&week, &berlin());
    assert_eq!(whole, [week]);
}

#[test]
fn people_in_two_zones_share_what_is_left_of_both_days() {
    let hours = Hours::working_days(time(9), time(17));
    let (berlin, york) = (berlin(), Zone::named("America/New_York"));
    let taken = busy(
        &[event("2026-11-20T15:30", "2026-11-20T16:00")],
        day(),
        &berlin,
    );
    let people = [
        Person {
            busy: &taken,
            hours: &hours,
            zone: &berlin,
        },
        Person {
            busy: &[],
            hours: &hours,
            zone: &york,
        },
    ];
    let found = common_free(&people, &day(), &berlin, Length::from_minutes(30));
    assert_eq!(
        spans(&found),
        [
            "2026-11-20T14:00:00Z/2026-11-20T14:30:00Z",
            "2026-11-20T15:00:00Z/2026-11-20T16:00:00Z"
        ]
    );
    assert_eq!(
        common_free(&[], &day(), &berlin, Length::default()),
        [day()]
    );
}

fn periods() -> impl Strategy<Value = Vec<BusyPeriod>> {
    let kind = prop::sample::select(vec![
        BusyKind::Tentative,
        BusyKind::Busy,
        BusyKind::Unavailable,
    ]);
    let period = (0_i64..300, 0_i64..60, kind).prop_map(|(start, lasts, kind)| BusyPeriod {
        span: instant_of(start)..instant_of(start + lasts),
        kind,
    });
    prop::collection::vec(period, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merged_periods_never_overlap_and_say_what_each_second_said(periods in periods(), from in 0_i64..200, lasts in 0_i64..200) {
        let window = instant_of(from)..instant_of(from + lasts);
        let found = merged(periods.clone(), &window);
        for one in &found {
            prop_assert!(one.span.start < one.span.end);
            prop_assert!(one.span.start >= window.start && one.span.end <= window.end);
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
            prop_assert!(pair[0].span.end < pair[1].span.start || pair[0].kind != pair[1].kind);
        }
        for second in from..from + lasts {
            let at = instant_of(second);
            let kind = |of: &[BusyPeriod]| of.iter().filter(|one| one.span.contains(&at)).map(|one| one.kind).max();
            prop_assert_eq!(kind(&found), kind(&periods), "{}", second);
        }
        let free = free(&found, &window, &Hours::always(), &Zone::utc(), Length::default());
        for second in from..from + lasts {
            let at = instant_of(second);
            let is_free = free.iter().any(|one| one.contains(&at));
            prop_assert_eq!(is_free, !found.iter().any(|one| one.span.contains(&at)), "{}", second);
        }
    }
}
