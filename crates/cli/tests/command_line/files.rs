//! .ics files in and out.

use serde_json::Value;

use crate::device::{Device, check};

pub(crate) const STAND_UP: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n\
    BEGIN:VEVENT\r\nUID:stand-up@test\r\nDTSTAMP:20261101T120000Z\r\n\
    DTSTART;TZID=Europe/Berlin:20261102T091500\r\nDTEND;TZID=Europe/Berlin:20261102T093000\r\n\
    RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn a_file_is_imported_once_and_comes_out_again() {
    let device = Device::started();
    let file = device.file("a.ics", STAND_UP);
    let first = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(
        (&first["imported"], &first["updated"]),
        (&1.into(), &0.into())
    );
    let again = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(
        (&again["imported"], &again["unchanged"]),
        (&0.into(), &1.into())
    );
    let out = device.folder.path().join("out.ics");
    device.json(&[
        "export",
        "--calendar",
        "Home",
        "--out",
        out.to_str().unwrap(),
    ]);
    let other = Device::started();
    other.json(&["import", out.to_str().unwrap(), "--calendar", "Home"]);
    let rows = other.list("2026-11-02", "2026-11-09");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["start"], "2026-11-02T09:15:00+01:00");
    let ics = other.json(&["export"])["ics"].as_str().unwrap().to_owned();
    assert!(ics.contains("UID:stand-up@test\r\n"));
}

#[test]
fn a_file_that_is_no_calendar_changes_nothing() {
    let device = Device::started();
    let good = device.file("good.ics", STAND_UP);
    let foreign = device.file("photo.ics", "\u{1f4f7} this is no calendar\n");
    let missing = device.folder.path().join("missing.ics");
    check(
        device.failure(&["import", &foreign, "--calendar", "Home"]),
        2,
        "invalidInput",
    );
    let words = [
        "import",
        &good,
        missing.to_str().unwrap(),
        "--calendar",
        "Home",
    ];
    check(device.failure(&words), 3, "notFound");
    check(
        device.failure(&["import", &good, "--calendar", "Work"]),
        3,
        "notFound",
    );
    assert_eq!(device.list("2026-11-02", "2026-11-09"), Vec::<Value>::new());
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_imported_and_the_rest_is_named() {
    let device = Device::started();
    let damaged = STAND_UP.replace("RRULE:FREQ=DAILY", "RRULE:FREQ=NEVER");
    let file = device.file("damaged.ics", &damaged);
    let report = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(report["imported"], 1);
    assert_eq!(report["problems"][0]["file"], file.as_str());
    assert!(report["problems"][0]["line"].as_u64().is_some());
}

#[test]
fn expanding_a_file_needs_no_profile_and_makes_none() {
    let device = Device::empty();
    let file = device.file("a.ics", STAND_UP);
    let stretch = [
        "--from",
        "2026-11-03",
        "--to",
        "20261104T000000Z",
        "--zone",
        "UTC",
    ];
    let rows = device.json(&[&["expand", &file], &stretch[..]].concat());
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["event"], "stand-up@test");
    assert_eq!(rows[0]["start"], "2026-11-03T08:15:00+00:00");
    let foreign = device.file("b.ics", "nothing");
    check(
        device.failure(&[&["expand", &foreign], &stretch[..]].concat()),
        2,
        "invalidInput",
    );
    assert!(!device.profile().exists());
}
