//! Finding events by what they say.

use serde_json::Value;

use crate::device::{Device, check};

fn titles(found: &Value) -> Vec<String> {
    let matches = found["matches"].as_array().unwrap().iter();
    matches
        .map(|one| one["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn events_are_found_by_the_beginnings_of_their_words() {
    let device = Device::started();
    let notes = ["--location", "Café Roma", "--notes", "Bring the plan"];
    let id = device.add("Lunch with Ana", "2097-11-23T12:00", &notes);
    device.add("Dinner", "2097-11-23T19:00", &[]);
    for words in [&["lun"][..], &["cafe"], &["PLAN", "ana"]] {
        let found = device.json(&[&["search"], words].concat());
        assert_eq!(titles(&found), ["Lunch with Ana"], "{words:?}");
    }
    let both = device.json(&["search", "--from", "2097-11-23", "--calendar", "Home", "n"]);
    assert!(
        both["matches"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["calendarName"] == "Home")
    );
    let text = String::from_utf8(device.run(&["search", "lunch"]).stdout).unwrap();
    assert!(
        text.contains("Sat 23 Nov 2097, 12:00") && text.contains("Lunch with Ana · Café Roma"),
        "{text}"
    );
    device.json(&["delete", &id]);
    assert_eq!(
        titles(&device.json(&["search", "lunch"])),
        Vec::<String>::new()
    );
    let trash = device.json(&["search", "lunch", "--trash"]);
    assert_eq!(titles(&trash), ["Lunch with Ana"]);
    check(device.failure(&["search"]), 2, "invalidInput");
    check(
        device.failure(&["search", "x", "--calendar", "Nowhere"]),
        3,
        "notFound",
    );
    check(
        device.failure(&["search", "x", "--from", "soon"]),
        2,
        "invalidInput",
    );
}
