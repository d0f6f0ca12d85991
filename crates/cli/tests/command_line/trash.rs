//! The trash.

use crate::device::{Device, check};

#[test]
fn what_was_deleted_is_listed_and_taken_out_again() {
    let device = Device::started();
    let id = device.add("Lunch", "2026-11-23T12:00", &[]);
    check(device.failure(&["trash", "restore", &id]), 3, "notFound");
    device.json(&["delete", &id]);
    let trash = device.json(&["trash", "list"]);
    assert_eq!(trash[0]["event"], id.as_str());
    assert_eq!(trash[0]["calendar"], "Home");
    let text = String::from_utf8(device.run(&["trash", "list"]).stdout).unwrap();
    assert!(text.contains("Mon 23 Nov 2026, 12:00–13:00"), "{text}");
    device.json(&["trash", "restore", &id[..8]]);
    assert_eq!(device.list("2026-11-23", "2026-11-24").len(), 1);
    assert_eq!(
        device.json(&["trash", "list"]),
        serde_json::json!([]),
        "the trash is empty"
    );
}

#[test]
fn a_deleted_event_is_there_again_once_its_file_is_imported() {
    let device = Device::started();
    let file = device.file("a.ics", crate::files::STAND_UP);
    let import = ["import", &file, "--calendar", "Home"];
    device.json(&import);
    let shown = |device: &Device| device.list("2026-11-02", "2026-11-09");
    let id = shown(&device)[0]["event"].as_str().unwrap().to_owned();
    device.json(&["delete", &id]);
    assert_eq!(device.json(&import)["imported"], 1);
    assert_eq!(shown(&device).len(), 3);
    check(device.failure(&["trash", "restore", &id]), 3, "notFound");
}
