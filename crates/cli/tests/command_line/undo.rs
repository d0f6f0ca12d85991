//! Taking back and doing again, each command a process of its own.

use serde_json::Value;

use crate::device::{Device, check};

/// The titles of a week, in order.
fn titles(device: &Device) -> Vec<String> {
    let rows = device.list("2026-11-23", "2026-11-30");
    rows.iter()
        .map(|row| row["summary"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn several_actions_are_taken_back_and_done_again() {
    let device = Device::started();
    let id = device.add("Lunch", "2026-11-23T12:00", &[]);
    device.json(&["edit", &id, "--set", "title=Brunch"]);
    device.json(&["delete", &id]);
    let undone = device.json(&["undo", "--count", "2"]);
    let verbs: Vec<&str> = undone["undone"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["verb"].as_str().unwrap())
        .collect();
    assert_eq!(verbs, ["delete", "edit"]);
    assert_eq!(titles(&device), ["Lunch"]);
    let redone = device.json(&["redo"]);
    assert_eq!(redone["redone"][0]["subject"], "Brunch");
    assert_eq!(titles(&device), ["Brunch"]);
    let list = device.json(&["undo", "--list"]);
    let shown: Vec<(&str, bool)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|action| {
            (
                action["verb"].as_str().unwrap(),
                action["undone"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("delete", true),
            ("edit", false),
            ("add", false),
            ("addCalendar", false)
        ]
    );
    let text = device.run(&["undo", "--list"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("changed “Brunch”"), "{text}");
    assert!(text.contains("deleted “Brunch”  (undone)"), "{text}");
}

#[test]
fn when_there_is_nothing_to_undo_that_is_said() {
    let device = Device::started();
    device.json(&["undo"]);
    assert_eq!(
        device.json(&["calendar", "list"]).as_array().unwrap().len(),
        1
    );
    check(device.failure(&["undo"]), 3, "notFound");
    device.json(&["redo"]);
    check(device.failure(&["redo"]), 3, "notFound");
    check(device.failure(&["undo", "--count", "0"]), 2, "invalidInput");
}

#[test]
fn an_import_is_taken_back_with_one_word() {
    let device = Device::started();
    device.add("Lunch", "2026-11-23T12:00", &[]);
    let file = device.file("a.ics", crate::files::STAND_UP);
    device.json(&["import", &file, "--calendar", "Home"]);
    let undone = device.json(&["undo"]);
    assert_eq!(undone["undone"][0]["subject"], file.as_str());
    assert_eq!(device.list("2026-11-02", "2026-11-09"), Vec::<Value>::new());
    assert_eq!(titles(&device), ["Lunch"]);
}
