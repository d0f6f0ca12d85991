//! What stays with a series that moves.

use super::*;
use crate::event::Split;
use crate::expand::next;

fn when(start: &str, zone: Option<&str>) -> When {
    When::from_people(start, None, zone.map(Zone::named).as_ref()).unwrap()
}

fn original(text: &str) -> OriginalStart {
    text.parse().unwrap()
}

/// A series whose first start is a Monday.
fn series(rule: &str) -> Event {
    let first = when("2026-11-02T09:15", Some("Europe/Berlin"));
    let mut event = Event::new("a@x", "Stand-up", first);
    event.rules = Rules::one(Rule::parse(rule).unwrap());
    event.skip(original("2026-11-25T09:15"));
    let change = Override {
        title: Some("Later".into()),
        ..Override::default()
    };
    event.change_one(original("2026-11-26T09:15"), change);
    event
}

fn moved(mut event: Event, start: &str, zone: &str) -> Event {
    event.move_all(when(start, Some(zone)));
    event
}

fn starts(event: &Event) -> Vec<String> {
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    next(event, from, 60, &Zone::utc())
        .iter()
        .map(|one| one.local_start.to_string())
        .collect()
}

/// The rule of a series on Monday 2026-11-02 at 09:15 once it starts elsewhen.
fn check(rule: &str, start: &str, expected: &str) {
    let event = moved(series(rule), start, "Europe/Berlin");
    let rule_now = event.rules.rules.first().map(ToString::to_string);
    assert_eq!(rule_now.as_deref(), Some(expected), "{rule} to {start}");
}

#[test]
fn exceptions_move_with_the_series() {
    let event = moved(series("FREQ=DAILY"), "2026-11-02T11:00", "Europe/Berlin");
    assert!(event.skipped.contains(&original("2026-11-25T11:00")));
    let one = event.overrides.get(&original("2026-11-26T11:00"));
    assert_eq!(one.and_then(|one| one.title.as_deref()), Some("Later"));
}

#[test]
fn a_series_that_becomes_whole_days_keeps_its_exceptions() {
    let mut event = Event::new(
        "a@x",
        "One",
        when("2026-11-20T10:00", Some("Europe/Berlin")),
    );
    event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=4").unwrap());
    event.skip(original("2026-11-21T10:00"));
    event.move_all(when("2026-11-21", None));
    let days = ["2026-11-21", "2026-11-23", "2026-11-24"];
    assert_eq!(starts(&event), days.map(|day| format!("{day}T00:00:00")));
}

#[test]
fn a_new_zone_keeps_the_exceptions_where_they_are() {
    let event = moved(series("FREQ=DAILY"), "2026-11-02T09:15", "America/New_York");
    assert!(event.skipped.contains(&original("2026-11-25T09:15")));
    let event = moved(series("FREQ=DAILY"), "2026-11-02T09:15", "UTC");
    assert!(event.skipped.contains(&original("2026-11-25T09:15Z")));
}

#[test]
fn an_exception_named_by_its_instant_follows_into_a_new_zone() {
    let mut event = series("FREQ=DAILY");
    event.skip(original("2026-11-27T08:15Z"));
    let event = moved(event, "2026-11-02T10:15", "America/New_York");
    assert!(event.skipped.contains(&original("2026-11-27T10:15")));
}

#[test]
fn whole_days_name_their_exceptions_by_date() {
    let event = moved(series("FREQ=DAILY"), "2026-11-02", "UTC");
    assert!(event.skipped.contains(&original("2026-11-25")));
}

#[test]
fn a_skipped_day_moves_with_the_date_of_the_start() {
    let mut event = Event::new("a@x", "Late", when("2026-11-02T23:00", None));
    event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=3").unwrap());
    event.skip(original("2026-11-03"));
    event.move_all(when("2026-11-03T01:00", None));
    assert_eq!(
        starts(&event),
        ["2026-11-03T01:00:00", "2026-11-05T01:00:00"]
    );
}

#[test]
fn the_last_occurrence_stays_the_last() {
    let rule = "FREQ=DAILY;UNTIL=20261127T081500Z";
    let count = starts(&series(rule)).len();
    for (start, zone, until) in [
        ("2026-11-02T23:15", "Europe/Berlin", "20261127T221500Z"),
        ("2026-11-04T08:00", "Europe/Berlin", "20261129T070000Z"),
        ("2026-11-02T11:15", "America/New_York", "20261127T161500Z"),
        ("2026-11-02", "UTC", "20261127"),
    ] {
        let event = moved(series(rule), start, zone);
        let rule = event.rules.rules.first().map(ToString::to_string);
        assert_eq!(rule, Some(format!("FREQ=DAILY;UNTIL={until}")));
        assert_eq!(starts(&event).len(), count, "{start} {zone}");
    }
}

#[test]
fn the_last_day_of_whole_days_that_get_a_time_still_happens() {
    let mut event = Event::new("a@x", "Fair", when("2026-11-02", None));
    event.rules = Rules::one(Rule::parse("FREQ=DAILY;UNTIL=20261104").unwrap());
    event.move_all(when("2026-11-02T09:00", None));
    let last = starts(&event).pop();
    assert_eq!(last.as_deref(), Some("2026-11-04T09:00:00"));
}

#[test]
fn the_days_of_a_weekly_rule_move_along() {
    check(
        "FREQ=WEEKLY;BYDAY=MO,SU",
        "2026-11-03T09:15",
        "FREQ=WEEKLY;BYDAY=MO,TU",
    );
    // A Sunday that becomes a Monday would otherwise fall into a week that is left out.
    let event = series("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4");
    let event = moved(event, "2026-11-03T09:15", "Europe/Berlin");
    let days = ["2026-11-03", "2026-11-09", "2026-11-17", "2026-11-23"];
    assert_eq!(starts(&event), days.map(|day| format!("{day}T09:15:00")));
}

#[test]
fn parts_that_repeat_the_start_follow_it() {
    check(
        "FREQ=MONTHLY;BYMONTHDAY=2",
        "2026-11-05T09:15",
        "FREQ=MONTHLY;BYMONTHDAY=5",
    );
    check(
        "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=11",
        "2026-12-01T09:15",
        "FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=12",
    );
    check(
        "FREQ=YEARLY;BYMONTH=11",
        "2026-12-01T09:15",
        "FREQ=YEARLY;BYMONTH=12",
    );
    check(
        "FREQ=DAILY;BYMINUTE=15;BYHOUR=9",
        "2026-11-02T11:30",
        "FREQ=DAILY;BYMINUTE=30;BYHOUR=11",
    );
    check(
        "FREQ=MONTHLY;BYDAY=1MO",
        "2026-12-01T11:30",
        "FREQ=MONTHLY;BYDAY=1TU",
    );
    check(
        "FREQ=YEARLY;BYDAY=-5MO;BYMONTH=11",
        "2026-12-29T11:30",
        "FREQ=YEARLY;BYDAY=-1TU;BYMONTH=12",
    );
    for other in [
        "FREQ=DAILY;BYHOUR=9,15",
        "FREQ=DAILY;BYDAY=MO,TU",
        "FREQ=MONTHLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        "FREQ=YEARLY;BYDAY=10MO",
    ] {
        check(other, "2026-12-01T11:30", other);
    }
}

#[test]
fn occurrences_with_a_time_of_their_own_move_as_far() {
    let mut event = series("FREQ=DAILY");
    let at = |start, zone| Override {
        when: Some(when(start, Some(zone))),
        ..Override::default()
    };
    event.change_one(
        original("2026-11-03T09:15"),
        at("2026-11-03T14:00", "Europe/Berlin"),
    );
    event.change_one(
        original("2026-11-04T09:15"),
        at("2026-11-04T14:00", "Asia/Tokyo"),
    );
    let own = |event: &Event, key: &str| event.overrides.get(&original(key)).cloned();

    let later = moved(event.clone(), "2026-11-02T10:15", "America/New_York");
    assert_eq!(
        own(&later, "2026-11-03T10:15"),
        Some(at("2026-11-03T15:00", "America/New_York"))
    );
    assert_eq!(
        own(&later, "2026-11-04T10:15"),
        Some(at("2026-11-04T15:00", "Asia/Tokyo"))
    );
    let days = moved(event, "2026-11-03", "UTC");
    assert_eq!(own(&days, "2026-11-04"), Some(at("2026-11-04", "UTC")));
}

#[test]
fn a_split_moves_with_its_rules() {
    let mut event = series("FREQ=MONTHLY;BYMONTHDAY=2");
    let split = Split {
        change: Override {
            when: Some(when("2027-01-20T14:00", Some("Europe/Berlin"))),
            ..Override::default()
        },
        rules: Some(Rules::one(
            Rule::parse("FREQ=MONTHLY;BYMONTHDAY=20;UNTIL=20270320T130000Z").unwrap(),
        )),
    };
    event.splits.insert(original("2027-01-02T09:15"), split);
    let event = moved(event, "2026-11-03T10:15", "Europe/Berlin");
    assert!(event.splits.contains_key(&original("2027-01-03T10:15")));
    assert_eq!(
        starts(&event),
        [
            "2026-11-03T10:15:00",
            "2026-12-03T10:15:00",
            "2027-01-21T15:00:00",
            "2027-02-21T15:00:00",
            "2027-03-21T15:00:00"
        ]
    );
}

#[test]
fn another_end_leaves_rules_and_exceptions_as_they_are() {
    let event = series("FREQ=DAILY;UNTIL=20261127T091500");
    let mut longer = event.clone();
    let zone = Zone::named("Europe/Berlin");
    let end = Some("2026-11-02T12:00");
    longer.move_all(When::from_people("2026-11-02T09:15", end, Some(&zone)).unwrap());
    let expected = Event {
        when: longer.when.clone(),
        ..event
    };
    assert_eq!(longer, expected);
}
