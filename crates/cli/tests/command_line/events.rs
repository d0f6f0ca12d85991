//! Events, added, changed and deleted.

use serde_json::Value;

use crate::device::{Device, check};

#[test]
fn an_event_is_added_changed_and_deleted() {
    let device = Device::started();
    let end = ["--end", "2026-11-23T11:30", "--location", "Room 4"];
    let id = device.add("Planning", "2026-11-23T10:00", &end);
    let edit = [
        "edit",
        &id[..8],
        "--set",
        "title=Planning = doing",
        "start=2026-11-24T09:00",
    ];
    assert_eq!(device.json(&edit)["event"], id.as_str());
    let rows = device.list("2026-11-23", "2026-11-30");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["summary"], "Planning = doing");
    assert_eq!(rows[0]["location"], "Room 4");
    assert_eq!(rows[0]["start"], "2026-11-24T09:00:00+01:00");
    assert_eq!(rows[0]["end"], "2026-11-24T10:30:00+01:00");
    assert_eq!(rows[0]["zone"], "Europe/Berlin");
    assert_eq!(rows[0]["all_day"], false);
    assert_eq!(device.json(&["delete", &id])["event"], id.as_str());
    assert_eq!(device.list("2026-11-23", "2026-11-30"), Vec::<Value>::new());
    check(device.failure(&["delete", &id]), 3, "notFound");
}

#[test]
fn whole_days_end_on_the_day_that_people_say() {
    let device = Device::started();
    device.add("Trip", "2026-11-27", &["--end", "2026-11-29", "--all-day"]);
    let rows = device.list("2026-11-29", "2026-11-30");
    assert_eq!(
        (&rows[0]["start"], &rows[0]["end"]),
        (&"2026-11-27".into(), &"2026-11-30".into())
    );
    assert_eq!(rows[0]["all_day"], true);
    let words = [
        "add",
        "--calendar",
        "Home",
        "--summary",
        "x",
        "--all-day",
        "--start",
    ];
    check(
        device.failure(&[&words[..], &["2026-11-27T10:00"]].concat()),
        2,
        "invalidInput",
    );
}

#[test]
fn a_rule_makes_a_series_and_text_groups_it_by_day() {
    let device = Device::started();
    device.add(
        "Stand-up",
        "2026-11-23T09:15",
        &["--rule", "FREQ=DAILY;COUNT=3"],
    );
    assert_eq!(device.list("2026-11-23", "2026-11-30").len(), 3);
    let output = device.run(&["list", "--from", "2026-11-23", "--to", "2026-11-25"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        (lines[0], lines[3]),
        ("Monday 23 November 2026", "Tuesday 24 November 2026")
    );
    assert!(
        lines[1].contains("09:15–10:15") && lines[1].contains("Stand-up"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}
