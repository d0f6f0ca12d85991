//! Rings of events, series and tasks.

use proptest::prelude::*;

use super::*;
use crate::event::{Due, Override, Rules, Status, Task};
use crate::rule::Rule;
use crate::when::When;

fn berlin() -> Zone {
    Zone::named("Europe/Berlin")
}

fn reminder(trigger: Trigger, unknown: &[&str]) -> Reminder {
    Reminder {
        trigger,
        action: Action::Display,
        text: "Go".into(),
        unknown: unknown.iter().map(|line| (*line).to_owned()).collect(),
    }
}

fn before(length: &str) -> Reminder {
    reminder(Trigger::FromStart(length.parse().unwrap()), &[])
}

fn event(start: &str, zone: Option<&Zone>, rule: &str, reminders: &[Reminder]) -> Event {
    let when = When::from_people(start, None, zone).unwrap();
    let mut event = Event::new("one@example", "One", when);
    if !rule.is_empty() {
        event.rules = Rules::one(Rule::parse(rule).unwrap());
    }
    for (number, one) in reminders.iter().enumerate() {
        event.reminders.insert(format!("r{number}"), one.clone());
    }
    event
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rings_with(event: &Event, from: &str, to: &str, setup: &Setup) -> Vec<String> {
    let found = due(event, at(from)..at(to), &berlin(), setup);
    found
        .iter()
        .map(|ring| format!("{} {} {}", ring.at, ring.reminder, ring.original))
        .collect()
}

fn check(event: &Event, from: &str, to: &str, expected: &[&str]) {
    assert_eq!(rings_with(event, from, to, &Setup::default()), expected);
}

#[test]
fn a_reminder_rings_before_the_start_in_a_half_open_window() {
    let event = event("2026-11-20T10:00", Some(&berlin()), "", &[before("-PT15M")]);
    let ring = "2026-11-20T08:45:00Z r0 2026-11-20T10:00:00";
    check(
        &event,
        "2026-11-20T08:45:00Z",
        "2026-11-20T08:45:01Z",
        &[ring],
    );
    check(&event, "2026-11-20T08:00:00Z", "2026-11-20T08:45:00Z", &[]);
    check(&event, "2026-11-20T08:45:01Z", "2026-11-20T12:00:00Z", &[]);
}

#[test]
fn a_day_before_is_the_same_wall_clock_and_24_hours_are_24_hours() {
    let reminders = [before("-P1D"), before("-PT24H"), before("-P1DT1H")];
    let event = event("2026-03-29T12:00", Some(&berlin()), "", &reminders);
    check(
        &event,
        "2026-03-01T00:00:00Z",
        "2026-04-01T00:00:00Z",
        &[
            "2026-03-28T10:00:00Z r1 2026-03-29T12:00:00",
            "2026-03-28T10:00:00Z r2 2026-03-29T12:00:00",
            "2026-03-28T11:00:00Z r0 2026-03-29T12:00:00",
        ],
    );
}

#[test]
fn whole_days_ring_by_the_wall_clock_of_whoever_looks() {
    let reminders = [before("-PT15H"), before("PT9H"), before("-PT39H")];
    let event = event("2026-03-30", None, "", &reminders);
    // Clocks go forward on 29 March: nine o'clock is nine o'clock.
    check(
        &event,
        "2026-03-01T00:00:00Z",
        "2026-04-01T00:00:00Z",
        &[
            "2026-03-28T08:00:00Z r2 2026-03-30",
            "2026-03-29T07:00:00Z r0 2026-03-30",
            "2026-03-30T07:00:00Z r1 2026-03-30",
        ],
    );
    let tokyo = due(
        &event,
        at("2026-03-30T00:00:00Z")..at("2026-03-30T00:00:01Z"),
        &Zone::named("Asia/Tokyo"),
        &Setup::default(),
    );
    assert_eq!(tokyo.len(), 1);
}

#[test]
fn the_end_and_an_instant_can_be_what_counts() {
    let end = reminder(Trigger::FromEnd("PT5M".parse().unwrap()), &[]);
    let instant = reminder(Trigger::At(at("2026-11-01T00:00:00Z")), &[]);
    let event = event(
        "2026-11-20T10:00",
        Some(&berlin()),
        "FREQ=WEEKLY",
        &[end, instant],
    );
    check(
        &event,
        "2026-10-01T00:00:00Z",
        "2026-11-28T00:00:00Z",
        &[
            "2026-11-01T00:00:00Z r1 2026-11-20T10:00:00",
            "2026-11-20T10:05:00Z r0 2026-11-20T10:00:00",
            "2026-11-27T10:05:00Z r0 2026-11-27T10:00:00",
        ],
    );
}

#[test]
fn skipped_cancelled_and_trashed_ones_are_silent() {
    let mut event = event(
        "2026-11-20T10:00",
        Some(&berlin()),
        "FREQ=DAILY;COUNT=4",
        &[before("PT0S")],
    );
    event.skip("2026-11-21T10:00".parse().unwrap());
    let cancelled = Override {
        status: Some(Status::Cancelled),
        ..Override::default()
    };
    event.change_one("2026-11-22T10:00".parse().unwrap(), cancelled);
    let both = [
        "2026-11-20T09:00:00Z r0 2026-11-20T10:00:00",
        "2026-11-23T09:00:00Z r0 2026-11-23T10:00:00",
    ];
    check(
        &event,
        "2026-11-01T00:00:00Z",
        "2026-12-01T00:00:00Z",
        &both,
    );
    event.trashed = true;
    check(&event, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", &[]);
}

#[test]
fn an_occurrence_and_a_split_have_reminders_of_their_own() {
    let mut event = event(
        "2026-11-20T10:00",
        Some(&berlin()),
        "FREQ=DAILY;COUNT=4",
        &[before("PT0S")],
    );
    let with = |reminders: &[(&str, Reminder)]| Override {
        reminders: Some(
            reminders
                .iter()
                .map(|(id, one)| ((*id).to_owned(), one.clone()))
                .collect(),
        ),
        ..Override::default()
    };
    event.change_one("2026-11-21T10:00".parse().unwrap(), with(&[]));
    event.change_from(
        "2026-11-22T10:00".parse().unwrap(),
        with(&[("s", before("-PT1H"))]),
        None,
    );
    let own = Override {
        when: Some(When::from_people("2027-01-05T10:00", None, Some(&berlin())).unwrap()),
        ..with(&[("o", before("-P400D"))])
    };
    event.change_one("2026-11-23T10:00".parse().unwrap(), own);
    check(
        &event,
        "2025-11-01T00:00:00Z",
        "2027-12-01T00:00:00Z",
        &[
            "2025-12-01T09:00:00Z o 2026-11-23T10:00:00",
            "2026-11-20T09:00:00Z r0 2026-11-20T10:00:00",
            "2026-11-22T08:00:00Z s 2026-11-22T10:00:00",
        ],
    );
}

#[test]
fn an_alarm_repeats_and_is_quiet_once_seen() {
    let lines = ["REPEAT:2", "DURATION:PT5M", "ACKNOWLEDGED:20261120T084500Z"];
    let minutes = |unknown: &[&str]| {
        let one = reminder(Trigger::FromStart("-PT15M".parse().unwrap()), unknown);
        let event = event("2026-11-20T10:00", Some(&berlin()), "", &[one]);
        let found = due(
            &event,
            at("2026-11-20T00:00:00Z")..at("2026-11-21T00:00:00Z"),
            &berlin(),
            &Setup::default(),
        );
        found
            .iter()
            .map(|ring| (ring.repeat, (ring.at.as_second() / 60) % 60))
            .collect::<Vec<_>>()
    };
    assert_eq!(minutes(&lines[..2]), [(0, 45), (1, 50), (2, 55)]);
    assert_eq!(minutes(&lines), [(1, 50), (2, 55)]);
    assert_eq!(minutes(&["REPEAT:2"]), [(0, 45)]);
    assert_eq!(minutes(&["REPEAT:4000000000", "DURATION:PT1S"]).len(), 101);
    assert_eq!(minutes(&["ACTION:NONE"]), []);
}

#[test]
fn events_without_reminders_ring_by_the_defaults() {
    let setup = Setup {
        defaults: Defaults::minutes_before(10),
        ..Setup::default()
    };
    let timed = event("2026-11-20T10:00", Some(&berlin()), "", &[]);
    let day = event("2026-11-20", None, "", &[]);
    let silent = event(
        "2026-11-20",
        None,
        "",
        &[reminder(
            Trigger::At(at("1976-04-01T00:55:45Z")),
            &["ACTION:NONE"],
        )],
    );
    let (from, to) = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
    assert_eq!(
        rings_with(&timed, from, to, &setup),
        ["2026-11-20T08:50:00Z default 2026-11-20T10:00:00"]
    );
    assert_eq!(
        rings_with(&day, from, to, &setup),
        ["2026-11-19T08:00:00Z default 2026-11-20"]
    );
    assert_eq!(rings_with(&silent, from, to, &setup), [""; 0]);
}

#[test]
fn what_was_put_off_rings_then_and_what_was_moved_later_rings_again() {
    let mut event = event(
        "2026-11-20T10:00",
        Some(&berlin()),
        "FREQ=DAILY",
        &[before("-PT15M")],
    );
    let key = ("2026-11-20T10:00".parse().unwrap(), "r0".to_owned());
    let setup = Setup {
        snoozes: Snoozes::from([(key, at("2026-11-20T08:52:00Z"))]),
        ..Setup::default()
    };
    let (from, to) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assert_eq!(
        rings_with(&event, from, to, &setup),
        ["2026-11-20T08:52:00Z r0 2026-11-20T10:00:00"]
    );
    let moved = Override {
        when: Some(When::from_people("2026-11-20T15:00", None, Some(&berlin())).unwrap()),
        ..Override::default()
    };
    event.change_one("2026-11-20T10:00".parse().unwrap(), moved);
    let both = [
        "2026-11-20T08:52:00Z r0 2026-11-20T10:00:00",
        "2026-11-20T13:45:00Z r0 2026-11-20T10:00:00",
    ];
    assert_eq!(rings_with(&event, from, to, &setup), both);
    event.skip("2026-11-20T10:00".parse().unwrap());
    assert_eq!(rings_with(&event, from, to, &setup), [""; 0]);
}

#[test]
fn tasks_ring_by_their_due_time_until_they_are_done() {
    let mut event = event("2026-11-20T08:00", Some(&berlin()), "FREQ=WEEKLY", &[]);
    let end = reminder(Trigger::FromEnd("-PT1H".parse().unwrap()), &[]);
    event.reminders.insert("due".into(), end);
    event.reminders.insert("start".into(), before("PT0S"));
    let due_at = Due::At {
        at: "2027-01-04T17:00:00".parse().unwrap(),
        zone: Some(berlin()),
    };
    event.task = Some(Task {
        due: Some(due_at),
        is_planned: true,
        ..Task::default()
    });
    let (from, to) = ("2027-01-11T00:00:00Z", "2027-01-12T00:00:00Z");
    check(
        &event,
        from,
        to,
        &["2027-01-11T15:00:00Z due 2026-11-27T08:00:00"],
    );
    crate::task::complete(&mut event, &"2026-11-27T08:00".parse().unwrap(), at(from)).unwrap();
    check(&event, from, to, &[]);
    check(
        &event,
        "2026-11-20T00:00:00Z",
        "2026-11-21T00:00:00Z",
        &["2026-11-20T07:00:00Z start 2026-11-20T08:00:00"],
    );
    // On a day: from its midnight.
    event.task = Some(Task {
        due: Some(Due::On("2026-11-20".parse().unwrap())),
        ..Task::default()
    });
    event.reminders = [("day".to_owned(), before("PT9H"))].into();
    check(
        &event,
        "2026-11-20T00:00:00Z",
        "2026-11-21T00:00:00Z",
        &["2026-11-20T08:00:00Z day 2026-11-20T08:00:00"],
    );
}

#[test]
fn the_next_ones_are_found_however_old_the_series() {
    let series = event(
        "1970-01-01T10:00",
        Some(&berlin()),
        "FREQ=DAILY",
        &[before("-PT15M")],
    );
    let found = next(
        &series,
        at("2026-11-20T08:45:00Z"),
        3,
        &berlin(),
        &Setup::default(),
    );
    let days: Vec<_> = found.iter().map(|ring| ring.at.to_string()).collect();
    assert_eq!(
        days,
        [
            "2026-11-20T08:45:00Z",
            "2026-11-21T08:45:00Z",
            "2026-11-22T08:45:00Z"
        ]
    );
    let rare = event("2024-02-29", None, "FREQ=YEARLY", &[before("-PT15H")]);
    let found = next(
        &rare,
        at("2026-01-01T00:00:00Z"),
        1,
        &berlin(),
        &Setup::default(),
    );
    assert_eq!(found[0].at, at("2028-02-28T08:00:00Z"));
    let over = event("2024-02-29", None, "", &[before("P900D")]);
    let found = next(
        &over,
        at("2026-01-01T00:00:00Z"),
        9,
        &berlin(),
        &Setup::default(),
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn a_rule_of_seconds_rings_now_and_not_only_long_ago() {
    let event = event(
        "2020-01-01T10:00",
        Some(&berlin()),
        "FREQ=SECONDLY",
        &[before("-PT15M")],
    );
    let found = next(
        &event,
        at("2026-11-20T08:45:00Z"),
        2,
        &berlin(),
        &Setup::default(),
    );
    let seconds: Vec<_> = found.iter().map(|ring| ring.at.to_string()).collect();
    assert_eq!(seconds, ["2026-11-20T08:45:00Z", "2026-11-20T08:45:01Z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn windows_that_follow_one_another_have_every_ring_once(
        (hour, is_day) in (0_i8..24, any::<bool>()),
        rule in prop::sample::select(vec!["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=HOURLY;INTERVAL=7", "FREQ=MONTHLY"]),
        lengths in prop::collection::vec((-9_i64..9, -90_000_i64..90_000, any::<bool>(), 0_u32..3), 1..4),
        cuts in prop::collection::btree_set(0_i64..40 * 86_400, 0..9),
    ) {
        let start = if is_day { "2026-03-20".to_owned() } else { format!("2026-03-20T{hour:02}:30") };
        let mut event = event(&start, Some(&berlin()), rule, &[]);
        for (number, (days, seconds, is_end, repeat)) in lengths.into_iter().enumerate() {
            let sign = if days < 0 { -1 } else { 1 };
            let length = format!("{}P{}DT{}S", if days < 0 { "-" } else { "" }, days.abs(), (sign * seconds).max(0));
            let length = length.parse().unwrap();
            let trigger = if is_end { Trigger::FromEnd(length) } else { Trigger::FromStart(length) };
            let repeat = format!("REPEAT:{repeat}");
            event.reminders.insert(format!("r{number}"), reminder(trigger, &[&repeat, "DURATION:P1DT1H"]));
        }
        event.reminders.insert("at".into(), reminder(Trigger::At(at("2026-04-01T00:00:00Z")), &[]));
        let origin = at("2026-03-10T00:00:00Z").as_second();
        let mut edges: Vec<Timestamp> = cuts.iter().map(|cut| instant_of(origin + cut)).collect();
        edges.insert(0, instant_of(origin));
        edges.push(instant_of(origin + 40 * 86_400));
        let setup = Setup::default();
        let whole = due(&event, edges[0]..edges[edges.len() - 1], &berlin(), &setup);
        let parts: Vec<Ring> = edges.windows(2).flat_map(|pair| due(&event, pair[0]..pair[1], &berlin(), &setup)).collect();
        prop_assert_eq!(&whole, &parts);
        let ahead = next(&event, edges[0], whole.len(), &berlin(), &setup);
        prop_assert_eq!(&whole, &ahead);
        // And they are those of every occurrence of a much wider stretch.
        let wide = due(&event, at("2025-01-01T00:00:00Z")..at("2027-01-01T00:00:00Z"), &berlin(), &setup);
        let inside: Vec<Ring> = wide.into_iter().filter(|ring| ring.at >= edges[0] && ring.at < edges[edges.len() - 1]).collect();
        prop_assert_eq!(&whole, &inside);
    }
}
