//! Small cases of our own, one for each choice.

use super::*;
use crate::event::{Override, Rules, Split, Status};
use crate::rule::Rule;
use crate::when::When;

fn event(start: &str, zone: Option<&str>, rules: &[&str]) -> Event {
    let zone = zone.map(Zone::named);
    let when = When::from_people(start, None, zone.as_ref()).unwrap();
    let mut event = Event::new("one@example", "One", when);
    event.rules.rules = rules
        .iter()
        .map(|rule| Rule::parse(rule).unwrap())
        .collect();
    event
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn check(event: &Event, from: &str, to: &str, expected: &[&str]) {
    let found = expand(event, at(from)..at(to), &Zone::utc());
    let starts: Vec<String> = found.iter().map(|one| one.start.to_string()).collect();
    assert_eq!(starts, expected);
}

#[test]
fn a_single_event_is_in_the_windows_it_overlaps() {
    let one = event("2026-11-20T10:00", Some("UTC"), &[]);
    let start = ["2026-11-20T10:00:00Z"];
    check(&one, "2026-11-20T10:59:59Z", "2026-11-20T12:00:00Z", &start);
    check(&one, "2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z", &[]);
    check(&one, "2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z", &[]);
    check(&one, "2026-11-20T09:00:00Z", "2026-11-20T10:00:01Z", &start);
}

#[test]
fn an_old_series_goes_on_by_the_wall_clock() {
    let one = event(
        "1980-01-07T09:00",
        Some("Europe/Berlin"),
        &["FREQ=WEEKLY;BYDAY=MO,FR"],
    );
    check(
        &one,
        "2026-03-27T00:00:00Z",
        "2026-04-01T00:00:00Z",
        &["2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z"],
    );
}

#[test]
fn a_start_in_a_gap_is_shifted_and_one_in_a_fold_is_the_first() {
    let one = event(
        "2026-03-07T02:30",
        Some("America/New_York"),
        &["FREQ=DAILY"],
    );
    check(
        &one,
        "2026-03-08T00:00:00Z",
        "2026-03-09T12:00:00Z",
        &["2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"],
    );
    let one = event(
        "2026-10-24T01:30",
        Some("America/New_York"),
        &["FREQ=WEEKLY;BYDAY=SU"],
    );
    check(
        &one,
        "2026-11-01T00:00:00Z",
        "2026-11-02T00:00:00Z",
        &["2026-11-01T05:30:00Z"],
    );
}

#[test]
fn hours_go_by_elapsed_time_and_each_has_its_own_name() {
    let one = event(
        "2026-11-01T00:30",
        Some("America/New_York"),
        &["FREQ=HOURLY;COUNT=4"],
    );
    let found = next(&one, at("2026-11-01T00:00:00Z"), 9, &Zone::utc());
    let names: Vec<String> = found.iter().map(|one| one.original.to_string()).collect();
    assert_eq!(
        names,
        [
            "2026-11-01T00:30:00",
            "2026-11-01T01:30:00",
            "2026-11-01T06:30:00Z",
            "2026-11-01T02:30:00"
        ]
    );
}

#[test]
fn a_first_start_outside_the_rule_is_shown_and_not_counted() {
    let one = event("2026-11-20T10:00", None, &["FREQ=WEEKLY;BYDAY=MO;COUNT=2"]);
    let all = [
        "2026-11-20T10:00:00Z",
        "2026-11-23T10:00:00Z",
        "2026-11-30T10:00:00Z",
    ];
    check(&one, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", &all);
}

#[test]
fn until_before_the_start_leaves_the_start() {
    let one = event("2026-11-20", None, &["FREQ=DAILY;UNTIL=20261101"]);
    check(
        &one,
        "2026-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        &["2026-11-20T00:00:00Z"],
    );
}

#[test]
fn whole_days_begin_at_the_midnight_of_whoever_looks() {
    let one = event("2026-11-20", None, &[]);
    let zone = Zone::named("Pacific/Auckland");
    let found = expand(
        &one,
        at("2026-11-19T10:00:00Z")..at("2026-11-19T12:00:00Z"),
        &zone,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].start, at("2026-11-19T11:00:00Z"));
    assert_eq!(found[0].end, at("2026-11-20T11:00:00Z"));
}

#[test]
fn skipped_moved_and_cancelled_ones() {
    let mut one = event(
        "2026-11-20T10:00",
        Some("Europe/Berlin"),
        &["FREQ=DAILY;COUNT=5"],
    );
    one.skipped.insert("2026-11-21T10:00".parse().unwrap());
    let moved = one.when.moved_to("2026-12-24T18:00:00".parse().unwrap());
    one.overrides.insert(
        "2026-11-22T10:00".parse().unwrap(),
        Override {
            when: Some(moved),
            title: Some("Moved".into()),
            ..Override::default()
        },
    );
    one.overrides.insert(
        "2026-11-23T10:00".parse().unwrap(),
        Override {
            status: Some(Status::Cancelled),
            ..Override::default()
        },
    );
    one.overrides.insert(
        "2026-11-24T10:00".parse().unwrap(),
        Override {
            place: Some("Garden".into()),
            ..Override::default()
        },
    );
    let found = next(&one, at("2026-11-01T00:00:00Z"), 9, &Zone::utc());
    let shown: Vec<String> = found
        .iter()
        .map(|one| format!("{} {} {}", one.start, one.title, one.place))
        .collect();
    assert_eq!(
        shown,
        [
            "2026-11-20T09:00:00Z One ",
            "2026-11-23T09:00:00Z One ",
            "2026-11-24T09:00:00Z One Garden",
            "2026-12-24T17:00:00Z Moved "
        ]
    );
}

#[test]
fn two_splits_make_three_segments_and_share_the_count() {
    let mut one = event("2026-11-02T10:00", Some("UTC"), &["FREQ=WEEKLY;COUNT=6"]);
    let shifted = one.when.moved_to("2026-11-17T11:00:00".parse().unwrap());
    let split = |when, rules| Split {
        change: Override {
            when,
            ..Override::default()
        },
        rules,
    };
    one.splits.insert(
        "2026-11-16T10:00:00Z".parse().unwrap(),
        split(Some(shifted), None),
    );
    let rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=6").unwrap());
    one.splits.insert(
        "2026-11-30T10:00:00Z".parse().unwrap(),
        split(None, Some(rules)),
    );
    check(
        &one,
        "2026-01-01T00:00:00Z",
        "2028-01-01T00:00:00Z",
        &[
            "2026-11-02T10:00:00Z",
            "2026-11-09T10:00:00Z",
            "2026-11-17T11:00:00Z",
            "2026-11-24T11:00:00Z",
            "2026-12-01T11:00:00Z",
            "2026-12-02T11:00:00Z",
        ],
    );
}

#[test]
fn rules_that_never_match_are_given_up() {
    for rule in [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYSECOND=61",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=YEARLY;INTERVAL=4294967295",
        "FREQ=SECONDLY;COUNT=4294967295;BYMONTHDAY=-31;BYMONTH=4",
    ] {
        let one = event("2026-11-20T10:00", Some("Europe/Berlin"), &[rule]);
        assert_eq!(
            next(&one, at("2026-11-01T00:00:00Z"), 3, &Zone::utc()).len(),
            1,
            "{rule}"
        );
        let _ = one.bounds();
    }
}

#[test]
fn bounds_hold_every_occurrence() {
    let endless = event("2026-11-20T10:00", Some("UTC"), &["FREQ=DAILY"]).bounds();
    assert_eq!(
        (endless.start, endless.end),
        (at("2026-11-20T10:00:00Z"), None)
    );
    let counted = event("2026-11-20T10:00", Some("UTC"), &["FREQ=DAILY;COUNT=3"]).bounds();
    assert!(counted.end.unwrap() >= at("2026-11-22T11:00:00Z"));
    assert!(counted.end.unwrap() <= at("2026-11-24T11:00:00Z"));
    let day = event("2026-11-20", None, &[]).bounds();
    assert!(day.start <= at("2026-11-19T10:00:00Z"));
    assert!(day.end.unwrap() >= at("2026-11-21T12:00:00Z"));
}

#[test]
fn a_count_too_large_to_count_ends_where_it_must() {
    let brief = |rule| {
        let when = When::from_people("1970-01-01T00:00Z", Some("1970-01-01T00:00Z"), None);
        let mut one = event("1970-01-01T00:00", Some("UTC"), &[rule]);
        one.when = when.unwrap();
        one
    };
    let last = ["2033-05-18T03:33:18Z", "2033-05-18T03:33:19Z"];
    let one = brief("FREQ=SECONDLY;COUNT=2000000000");
    check(&one, "2033-05-18T03:33:18Z", "2034-01-01T00:00:00Z", &last);
    let one = brief("FREQ=MINUTELY;BYSECOND=1;COUNT=2000000000");
    let found = ["2033-05-18T03:33:01Z"];
    check(&one, "2033-05-18T03:33:00Z", "2033-05-18T03:34:00Z", &found);
}

/// A daily series that was split `splits` times, each time to begin again at its first start.
fn overlapping(splits: i64, overrides: i64) -> Event {
    let mut one = event("2026-01-01T10:00", Some("UTC"), &["FREQ=DAILY"]);
    let day = |days: i64| {
        let first: jiff::civil::Date = "2026-01-01".parse().unwrap();
        let date = first.saturating_add(jiff::Span::new().days(days));
        OriginalStart::Utc(date.at(10, 0, 0, 0))
    };
    for days in 1..=splits {
        let change = Override {
            when: Some(one.when.moved_to(day(0).wall_clock())),
            ..Override::default()
        };
        let split = Split {
            change,
            rules: Some(one.rules.clone()),
        };
        one.splits.insert(day(days), split);
    }
    for days in 0..overrides {
        let change = Override {
            title: Some(format!("Day {days}")),
            ..Override::default()
        };
        one.overrides.insert(day(days), change);
    }
    one
}

#[test]
fn splits_that_overlap_cost_no_more_than_their_number() {
    let one = overlapping(50, 10_000);
    let begin = std::time::Instant::now();
    let found = expand(
        &one,
        at("2026-01-01T00:00:00Z")..at("2027-01-01T00:00:00Z"),
        &Zone::utc(),
    );
    let last = OriginalStart::Utc("2026-02-20T10:00:00".parse().unwrap());
    assert!(is_start(&one, &last));
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
    let mut names: Vec<_> = found.iter().map(|one| one.original).collect();
    names.dedup();
    assert_eq!((found.len(), names.len()), (365, 365));
    assert!(found.iter().all(|one| one.is_override));
}

#[test]
fn one_long_extra_date_hides_no_others() {
    let mut one = event("2026-01-01T10:00", Some("UTC"), &["FREQ=MINUTELY"]);
    let extra = "2026-03-01T10:00:30Z".parse().unwrap();
    one.dates.insert(extra, Some("P365D".parse().unwrap()));
    let one_minute = |event: &mut Event| {
        if let When::Zoned { end, .. } = &mut event.when {
            *end = crate::when::End::After(crate::Length::from_minutes(1));
        }
    };
    one_minute(&mut one);
    let (from, to) = ("2026-12-01T10:00:00Z", "2026-12-01T10:02:00Z");
    check(
        &one,
        from,
        to,
        &[
            "2026-03-01T10:00:30Z",
            "2026-12-01T10:00:00Z",
            "2026-12-01T10:01:00Z",
        ],
    );
}

#[test]
fn long_ones_between_two_splits_hide_none_after_them() {
    let mut one = event("2026-01-01T10:00", Some("UTC"), &["FREQ=MINUTELY"]);
    for (from, length) in [
        ("2026-02-01T10:00:00Z", "P365D"),
        ("2026-02-01T10:02:00Z", "PT1M"),
    ] {
        let original: OriginalStart = from.parse().unwrap();
        let when = When::Zoned {
            start: original.wall_clock(),
            zone: Zone::utc(),
            end: crate::when::End::After(length.parse().unwrap()),
        };
        let change = Override {
            when: Some(when),
            ..Override::default()
        };
        let split = Split {
            change,
            rules: None,
        };
        one.splits.insert(original, split);
    }
    check(
        &one,
        "2026-12-01T10:00:00Z",
        "2026-12-01T10:01:00Z",
        &[
            "2026-02-01T10:00:00Z",
            "2026-02-01T10:01:00Z",
            "2026-12-01T10:00:00Z",
        ],
    );
}

#[test]
fn a_rule_that_has_starts_left_begins_its_segment() {
    let mut one = event("2026-11-20T10:00", Some("UTC"), &["FREQ=DAILY;COUNT=2"]);
    let mut rules = Rules::one(Rule::parse("FREQ=WEEKLY;COUNT=9;BYDAY=MO").unwrap());
    rules.rules.push(Rule::parse("FREQ=DAILY;COUNT=2").unwrap());
    let split = Split {
        rules: Some(rules),
        ..Split::default()
    };
    one.splits
        .insert("2026-11-25T10:00:00Z".parse().unwrap(), split);
    check(
        &one,
        "2026-11-24T00:00:00Z",
        "2026-12-01T00:00:00Z",
        &["2026-11-25T10:00:00Z", "2026-11-30T10:00:00Z"],
    );
}
