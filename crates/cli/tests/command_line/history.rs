//! What became of an event.

use serde_json::Value;

use crate::device::{Device, check};

#[test]
fn a_history_says_who_changed_what_and_goes_back() {
    let device = Device::started();
    let id = device.add("Lunch", "2026-11-23T12:00", &[]);
    device.json(&["edit", &id, "--set", "title=Brunch"]);
    device.json(&["edit", &id, "--set", "start=2026-11-24T11:00"]);
    let history = device.json(&["history", &id]);
    let entries = history.as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(
        entries
            .iter()
            .all(|entry| entry["device"] == "Ada's laptop" && entry["signature"] == "holds")
    );
    let title = &entries[1]["fields"][0];
    assert_eq!(
        (&title["label"], &title["old"], &title["new"]),
        (&"title".into(), &"Lunch".into(), &"Brunch".into())
    );
    let text = String::from_utf8(device.run(&["history", &id]).stdout).unwrap();
    assert!(text.contains("title: Lunch → Brunch"), "{text}");
    assert!(text.contains("(this device)  ✓ signed"), "{text}");
    assert!(
        text.contains("time: Mon 23 Nov 2026, 12:00–13:00 Europe/Berlin → Tue 24 Nov 2026"),
        "{text}"
    );
    device.json(&["history", &id, "--restore", "1"]);
    let shown = device.list("2026-11-23", "2026-11-30");
    assert_eq!(shown[0]["summary"], "Lunch");
    assert_eq!(shown[0]["start"], "2026-11-23T12:00:00+01:00");
    let hash = entries[1]["hash"].as_str().unwrap();
    device.json(&["history", &id, "--restore", &hash[..8]]);
    assert_eq!(
        device.list("2026-11-23", "2026-11-30")[0]["summary"],
        "Brunch"
    );
    device.json(&["undo", "--count", "2"]);
    let shown = device.list("2026-11-23", "2026-11-30");
    assert_eq!(shown[0]["start"], "2026-11-24T11:00:00+01:00");
    check(
        device.failure(&["history", &id, "--restore", "99"]),
        3,
        "notFound",
    );
}

#[test]
fn the_history_of_a_deleted_event_brings_it_back() {
    let device = Device::started();
    let id = device.add("Lunch", "2026-11-23T12:00", &[]);
    device.json(&["delete", &id]);
    let trash = device.json(&["trash", "list"]);
    assert_eq!(trash[0]["device"], "Ada's laptop");
    let history = device.json(&["history", &id]);
    assert_eq!(history[1]["fields"][0]["new"], "deleted");
    device.json(&["history", &id, "--restore", "1"]);
    assert_eq!(device.list("2026-11-23", "2026-11-24").len(), 1);
    assert_eq!(device.json(&["conflicts"]), Value::Array(vec![]));
    check(
        device.failure(&["conflicts", &id, "--keep", "shown"]),
        3,
        "notFound",
    );
    check(
        device.failure(&["conflicts", "--keep", "both"]),
        2,
        "invalidInput",
    );
}
