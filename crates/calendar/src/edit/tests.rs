//! Edits of a series, and what happens after them.

mod one;
mod rules;

use super::*;

pub(super) const BERLIN: Option<&str> = Some("Europe/Berlin");

fn when(start: &str, zone: Option<&str>) -> When {
    When::from_people(start, None, zone.map(Zone::named).as_ref()).unwrap()
}

pub(super) fn series(start: &str, zone: Option<&str>, rule: &str) -> Event {
    let mut event = Event::new("one@example", "One", when(start, zone));
    event.rules = rules(rule);
    event
}

/// Four days from 2026-11-20 on at ten.
pub(super) fn daily() -> Event {
    series("2026-11-20T10:00", BERLIN, "FREQ=DAILY;COUNT=4")
}

pub(super) fn rules(text: &str) -> Rules {
    Rules::one(Rule::parse(text).unwrap())
}

pub(super) fn original(text: &str) -> OriginalStart {
    text.parse().unwrap()
}

pub(super) fn titled(title: &str) -> Change {
    Change::of(Override {
        title: Some(title.into()),
        ..Override::default()
    })
}

pub(super) fn to(start: &str) -> Change {
    Change::to(when(start, BERLIN))
}

/// Month, day and hour of all occurrences, with the title where it is not One.
pub(super) fn shown(event: &Event) -> Vec<String> {
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    let found = next(event, from, 9, &Zone::utc());
    let mut names: Vec<OriginalStart> = found.iter().map(|one| one.original).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), found.len(), "no occurrence twice: {found:?}");
    found
        .iter()
        .map(|one| {
            let at = one.local_start.strftime("%m-%d %H").to_string();
            let title = format!(" {}", one.title);
            at + if title == " One" { "" } else { &title }
        })
        .collect()
}

pub(super) fn changed(mut event: Event, scope: Scope, at: &str, change: Change) -> Event {
    event.change(scope, &original(at), change);
    event
}

#[test]
fn the_first_and_all_that_follow_are_all() {
    let at = "2026-11-20T10:00";
    for change in [titled("New"), to("2026-11-21T12:00")] {
        assert_eq!(
            changed(daily(), Scope::Following, at, change.clone()),
            changed(daily(), Scope::All, at, change)
        );
    }
    let mut event = daily();
    event.remove(Scope::Following, &original(at));
    assert!(event.trashed);
}

#[test]
fn all_move_as_far_as_the_one_in_hand() {
    let event = changed(daily(), Scope::This, "2026-11-22T10:00", titled("Once"));
    let event = changed(
        event,
        Scope::All,
        "2026-11-21T10:00",
        to("2026-11-22T09:00"),
    );
    assert_eq!(
        shown(&event),
        ["11-21 09", "11-22 09", "11-23 09 Once", "11-24 09"]
    );
}

#[test]
fn all_move_as_far_as_an_exception_does() {
    let at = "2026-11-21T10:00";
    let event = changed(daily(), Scope::This, at, to("2026-11-21T14:00"));
    let event = changed(event, Scope::All, at, to("2026-11-21T15:00"));
    assert_eq!(
        shown(&event),
        ["11-20 11", "11-21 15", "11-22 11", "11-23 11"]
    );
    let days = changed(
        event,
        Scope::All,
        "2026-11-21T11:00",
        Change::to(when("2026-11-22", None)),
    );
    assert_eq!(
        shown(&days),
        ["11-21 00", "11-22 00", "11-23 00", "11-24 00"]
    );
    assert_eq!(days.overrides.len(), 0);
}

#[test]
fn another_length_is_that_of_all() {
    let at = "2026-11-22T10:00";
    let event = changed(daily(), Scope::Following, at, to("2026-11-22T12:00"));
    let zone = Zone::named("Europe/Berlin");
    let longer = When::from_people("2026-11-22T12:00", Some("2026-11-22T15:00"), Some(&zone));
    let event = changed(event, Scope::All, at, Change::to(longer.unwrap()));
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    for one in next(&event, from, 9, &Zone::utc()) {
        assert_eq!(one.end.as_second() - one.start.as_second(), 3 * 3_600);
    }
    assert_eq!(
        shown(&event),
        ["11-20 10", "11-21 10", "11-22 12", "11-23 12"]
    );
}

#[test]
fn all_is_also_what_splits_said_otherwise() {
    let event = changed(
        daily(),
        Scope::Following,
        "2026-11-22T10:00",
        titled("Later"),
    );
    let event = changed(event, Scope::This, "2026-11-23T10:00", titled("Once"));
    let event = changed(event, Scope::All, "2026-11-21T10:00", titled("New"));
    assert_eq!(
        shown(&event),
        [
            "11-20 10 New",
            "11-21 10 New",
            "11-22 10 New",
            "11-23 10 Once"
        ]
    );
    let event = changed(event, Scope::All, "2026-11-23T10:00", titled("Newer"));
    assert_eq!(shown(&event)[3], "11-23 10 Newer");
}

#[test]
fn an_event_that_does_not_repeat_has_only_all() {
    let one = Event::new("a@x", "One", when("2026-11-20T10:00", BERLIN));
    for scope in [Scope::This, Scope::Following, Scope::All] {
        let event = changed(
            one.clone(),
            scope,
            "2026-11-20T10:00",
            to("2026-11-21T12:00"),
        );
        assert_eq!(event.when, when("2026-11-21T12:00", BERLIN));
        let mut event = changed(event, scope, "2026-11-21T12:00", titled("New"));
        assert_eq!((event.title.as_str(), event.overrides.len()), ("New", 0));
        event.remove(scope, &original("2026-11-21T12:00"));
        assert!(event.trashed);
    }
    let weekly = Change {
        rules: Some(rules("FREQ=WEEKLY;COUNT=2")),
        ..Change::default()
    };
    let event = changed(one, Scope::This, "2026-11-20T10:00", weekly);
    assert_eq!(shown(&event), ["11-20 10", "11-27 10"]);
}

#[test]
fn another_zone_keeps_all_exceptions() {
    let mut event = daily();
    event.skip(original("2026-11-21T10:00"));
    let event = changed(event, Scope::This, "2026-11-22T10:00", titled("Once"));
    for zone in ["America/New_York", "UTC"] {
        let there = Change::to(when("2026-11-20T10:00", Some(zone)));
        let event = changed(event.clone(), Scope::All, "2026-11-20T10:00", there);
        assert_eq!(shown(&event), ["11-20 10", "11-22 10 Once", "11-23 10"]);
        let back = changed(
            event,
            Scope::All,
            &when("2026-11-20T10:00", Some(zone)).original().to_string(),
            to("2026-11-20T10:00"),
        );
        assert_eq!(shown(&back), ["11-20 10", "11-22 10 Once", "11-23 10"]);
    }
    let later = Change::to(when("2026-11-22T10:00", Some("UTC")));
    let event = changed(event, Scope::Following, "2026-11-22T10:00", later);
    assert_eq!(shown(&event), ["11-20 10", "11-22 10 Once", "11-23 10"]);
}

#[test]
fn whole_days_floating_times_and_utc_are_edited_alike() {
    for (first, zone, second, third, moved) in [
        ("2026-11-20", None, "2026-11-21", "2026-11-22", "2026-11-23"),
        (
            "2026-11-20T10:00",
            None,
            "2026-11-21T10:00",
            "2026-11-22T10:00",
            "2026-11-23T10:00",
        ),
        (
            "2026-11-20T10:00",
            Some("UTC"),
            "2026-11-21T10:00Z",
            "2026-11-22T10:00Z",
            "2026-11-23T10:00",
        ),
    ] {
        let mut event = series(first, zone, "FREQ=DAILY;COUNT=3");
        event.remove(Scope::This, &original(second));
        let event = changed(event, Scope::This, third, titled("Once"));
        let hour = if first.len() > 10 { "10" } else { "00" };
        let days = |days: [&str; 2]| days.map(|day| day.replace("HH", hour));
        assert_eq!(shown(&event), days(["11-20 HH", "11-22 HH Once"]));
        let all = changed(
            event.clone(),
            Scope::All,
            third,
            Change::to(when(moved, zone)),
        );
        assert_eq!(shown(&all), days(["11-21 HH", "11-23 HH Once"]));
        let later = changed(
            event,
            Scope::Following,
            third,
            Change::to(when(moved, zone)),
        );
        assert_eq!(shown(&later), days(["11-20 HH", "11-23 HH Once"]));
    }
}

#[test]
fn a_name_at_the_end_of_time_moves_with_its_series() {
    for (far, rule) in [
        ("9999-12-31T10:00", "FREQ=MONTHLY"),
        ("9999-12-31T23:59:59", "FREQ=YEARLY"),
        ("-9999-01-01T00:00", "FREQ=MONTHLY"),
    ] {
        let mut event = series("2026-11-20T10:00", BERLIN, rule);
        event.skip(original(far));
        let event = changed(
            event,
            Scope::All,
            "2026-11-20T10:00",
            to("2026-11-21T10:00"),
        );
        assert_eq!(shown(&event).first().map(String::as_str), Some("11-21 10"));
        assert_eq!(event.skipped.len(), 1);
    }
    let mut early = series("-9999-01-03T10:00", BERLIN, "FREQ=DAILY");
    early.remove(Scope::Following, &original("-9999-01-04T10:00"));
    assert_eq!(early.rules, rules("FREQ=DAILY;UNTIL=-99990104T090631Z"));
}

#[test]
fn what_is_said_of_two_that_become_one_is_kept() {
    let event = series("2026-11-20T09:00", BERLIN, "FREQ=DAILY;BYHOUR=9,17");
    let event = changed(event, Scope::This, "2026-11-21T09:00", titled("Early"));
    let place = Override {
        place: Some("Garden".into()),
        ..Override::default()
    };
    let event = changed(event, Scope::This, "2026-11-21T17:00", Change::of(place));
    let day = Change::to(when("2026-11-20", None));
    let event = changed(event, Scope::All, "2026-11-20T09:00", day);
    let one = event.alone(&original("2026-11-21"));
    assert_eq!(
        (one.title.as_str(), one.place.as_str()),
        ("Early", "Garden")
    );
}
