//! Two devices disagree, and a person says what holds; what was done is told and taken back.

use almanac_scenarios::{Device, RelayProcess, World};
use serde_json::Value;

fn two_devices(world: &World) -> (RelayProcess, Device, Device, String) {
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    let event = ada.add("Stand-up", "2026-11-20T10:00");
    ada.sync();
    desk.link_to(&ada, &relay.url());
    desk.sync();
    (relay, ada, desk, event)
}

fn meet(devices: [&Device; 3]) {
    for device in devices {
        device.sync();
    }
}

fn conflicts(device: &Device) -> Vec<Value> {
    device.ok(&["conflicts"]).as_array().unwrap().clone()
}

/// The devices that wrote the values of a conflict, sorted.
fn writers(conflict: &Value) -> Vec<String> {
    let values = conflict["values"].as_array().unwrap().iter();
    let mut names: Vec<String> = values
        .map(|value| value["device"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_time_that_was_set_twice_is_settled_from_the_command_line() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["edit", &event, "--set", "start=2026-11-20T12:00"]);
    desk.ok(&["edit", &event, "--set", "start=2026-11-20T15:00"]);
    meet([&ada, &desk, &ada]);
    let found = conflicts(&ada);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["field"], "when");
    assert_eq!(writers(&found[0]), ["ada desk", "ada laptop"]);
    assert_eq!(
        found[0]["values"][0]["value"],
        conflicts(&desk)[0]["values"][0]["value"]
    );

    let before = ada.shows();
    desk.ok(&["conflicts", &event, "--keep", "other"]);
    meet([&desk, &ada, &desk]);
    assert_eq!((conflicts(&ada), conflicts(&desk)), (vec![], vec![]));
    let after = ada.shows();
    assert_eq!(after, desk.shows());
    assert_ne!(after[0]["start"], before[0]["start"]);

    desk.ok(&["undo"]);
    meet([&desk, &ada, &desk]);
    assert_eq!(ada.shows()[0]["start"], before[0]["start"]);
}

#[test]
fn what_one_device_deleted_while_another_changed_it_is_back_and_says_why() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["delete", &event]);
    desk.ok(&["edit", &event, "--set", "title=Daily"]);
    meet([&ada, &desk, &ada]);
    assert_eq!(
        (ada.titles(), desk.titles()),
        (vec!["Daily".to_owned()], vec!["Daily".to_owned()])
    );
    let found = conflicts(&ada);
    assert_eq!(found[0]["field"], "trashed");
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.contains("“ada laptop” deleted") && message.contains("“ada desk” changed"),
        "{message}"
    );

    ada.ok(&["conflicts", &event, "--keep", "other"]);
    meet([&ada, &desk, &ada]);
    assert!(ada.titles().is_empty() && desk.titles().is_empty());
    assert_eq!((conflicts(&ada), conflicts(&desk)), (vec![], vec![]));
    desk.ok(&["trash", "restore", &event]);
    meet([&desk, &ada, &desk]);
    assert_eq!(ada.titles(), ["Daily"]);
}

#[test]
fn a_history_names_both_devices_and_undo_leaves_what_the_other_one_did() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["edit", &event, "--set", "title=Daily"]);
    meet([&ada, &desk, &ada]);
    desk.ok(&["edit", &event, "--set", "place=Room 4"]);
    meet([&desk, &ada, &desk]);
    ada.ok(&["undo"]);
    meet([&ada, &desk, &ada]);
    let shown = desk.shows();
    assert_eq!(
        (&shown[0]["summary"], &shown[0]["location"]),
        (&"Stand-up".into(), &"Room 4".into())
    );
    let history = desk.ok(&["history", &event]);
    let entries = history.as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["signature"] == "holds"));
    let devices: Vec<&str> = entries
        .iter()
        .map(|entry| entry["device"].as_str().unwrap())
        .collect();
    assert_eq!(
        devices,
        ["ada laptop", "ada laptop", "ada desk", "ada laptop"]
    );
    ada.ok(&["redo"]);
    meet([&ada, &desk, &ada]);
    assert_eq!(desk.shows()[0]["summary"], "Daily");
}
