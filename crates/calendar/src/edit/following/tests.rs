//! Splits, and what follows them.

use super::super::tests::{BERLIN, changed, daily, original, rules, series, shown, titled, to};
use super::super::{Change, Scope};

#[test]
fn this_and_following_begins_a_split() {
    let at = "2026-11-22T10:00";
    let event = changed(daily(), Scope::Following, at, titled("Later"));
    assert_eq!(
        shown(&event),
        ["11-20 10", "11-21 10", "11-22 10 Later", "11-23 10 Later"]
    );
    let event = changed(event, Scope::Following, at, to("2026-11-22T08:00"));
    assert_eq!(
        shown(&event),
        ["11-20 10", "11-21 10", "11-22 08 Later", "11-23 08 Later"]
    );
    assert_eq!(event.splits.len(), 1);
    let back = changed(event, Scope::Following, at, to("2026-11-22T10:00"));
    assert_eq!(changed(back, Scope::Following, at, titled("One")), daily());
}

#[test]
fn a_split_inside_a_split_keeps_to_its_own() {
    let event = changed(
        daily(),
        Scope::Following,
        "2026-11-22T10:00",
        to("2026-11-22T15:00"),
    );
    let event = changed(event, Scope::Following, "2026-11-23T10:00", titled("Last"));
    let event = changed(
        event,
        Scope::Following,
        "2026-11-21T10:00",
        to("2026-11-21T11:00"),
    );
    assert_eq!(
        shown(&event),
        ["11-20 10", "11-21 11", "11-22 16", "11-23 16 Last"]
    );
    let event = changed(
        event,
        Scope::Following,
        "2026-11-21T10:00",
        titled("All of these"),
    );
    let later = [
        "11-21 11 All of these",
        "11-22 16 All of these",
        "11-23 16 All of these",
    ];
    assert_eq!(shown(&event)[1..], later);
}

#[test]
fn exceptions_follow_those_that_follow() {
    let mut event = series("2026-11-20T10:00", BERLIN, "FREQ=DAILY;COUNT=8");
    event.skip(original("2026-11-23T10:00"));
    event.dates.insert(original("2026-11-30T10:00"), None);
    let event = changed(
        event,
        Scope::This,
        "2026-11-24T10:00",
        to("2026-11-24T14:00"),
    );
    let event = changed(
        event,
        Scope::This,
        "2026-11-21T10:00",
        to("2026-11-21T14:00"),
    );
    let event = changed(
        event,
        Scope::Following,
        "2026-11-22T10:00",
        to("2026-11-22T09:00"),
    );
    assert_eq!(
        shown(&event),
        [
            "11-20 10", "11-21 14", "11-22 09", "11-24 13", "11-25 09", "11-26 09", "11-27 09",
            "11-30 09"
        ]
    );
}

#[test]
fn new_rules_for_those_that_follow_leave_the_count_to_the_whole() {
    let weekly = Change {
        rules: Some(rules("FREQ=WEEKLY;COUNT=4")),
        ..Change::default()
    };
    let event = changed(daily(), Scope::Following, "2026-11-22T10:00", weekly);
    assert_eq!(
        shown(&event),
        ["11-20 10", "11-21 10", "11-22 10", "11-29 10"]
    );
}

#[test]
fn a_count_that_a_person_gives_counts_from_there_on() {
    let mut event = series("2027-01-04T10:00", BERLIN, "FREQ=WEEKLY;COUNT=8");
    event.skip(original("2027-01-11T10:00"));
    let at = original("2027-01-25T10:00");
    let given = event.counting_on(&at, rules("FREQ=DAILY;COUNT=3"));
    assert_eq!(given, rules("FREQ=DAILY;COUNT=6"));
    let daily = Change {
        rules: Some(given),
        ..Change::default()
    };
    event.change(Scope::Following, &at, daily);
    assert_eq!(
        shown(&event),
        ["01-04 10", "01-18 10", "01-25 10", "01-26 10", "01-27 10"]
    );
    let same = event.alone(&original("2027-01-26T10:00")).rules;
    assert_eq!(event.counting_on(&at, same.clone()), same);
    let first = event.when.original();
    let two = rules("FREQ=DAILY;COUNT=2");
    assert_eq!(event.counting_on(&first, two.clone()), two);
}

#[test]
fn new_days_rename_what_follows() {
    let mut event = series(
        "2026-11-02T10:00",
        BERLIN,
        "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=7",
    );
    event.skip(original("2026-11-13T10:00"));
    let event = changed(event, Scope::This, "2026-11-16T10:00", titled("Once"));
    let days = Change {
        rules: Some(rules("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=7")),
        ..Change::default()
    };
    let event = changed(event, Scope::Following, "2026-11-06T10:00", days);
    assert_eq!(
        shown(&event),
        [
            "11-02 10",
            "11-05 10",
            "11-10 10",
            "11-17 10 Once",
            "11-19 10",
            "11-24 10"
        ]
    );
}

#[test]
fn a_split_that_ends_where_it_begins_is_gone() {
    let at = "2026-11-22T10:00";
    let weekly = Change {
        rules: Some(rules("FREQ=WEEKLY")),
        ..to("2026-11-22T15:00")
    };
    let event = changed(daily(), Scope::Following, at, weekly);
    assert_eq!(
        shown(&event)[..4],
        ["11-20 10", "11-21 10", "11-22 15", "11-29 15"]
    );
    let mut ended = event.clone();
    ended.remove(Scope::Following, &original("2026-11-22T15:00"));
    assert_eq!(shown(&ended), ["11-20 10", "11-21 10"]);
    let event = changed(event, Scope::Following, "2026-11-22T15:00", titled("Later"));
    assert_eq!(event.splits.len(), 1);
    let mut ended = event.clone();
    ended.remove(Scope::Following, &original("2026-12-06T15:00"));
    assert_eq!(shown(&ended)[2..], ["11-22 15 Later", "11-29 15 Later"]);
    let moved = changed(
        event,
        Scope::Following,
        "2026-11-22T15:00",
        to("2026-11-23T16:00"),
    );
    assert_eq!(shown(&moved)[2..4], ["11-23 16 Later", "11-30 16 Later"]);
}
