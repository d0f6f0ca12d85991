//! Two devices change one event while they are apart.

use almanac_scenarios::{Device, RelayProcess, World};

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

#[test]
fn different_fields_of_one_event_both_survive() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["edit", &event, "--set", "title=Daily"]);
    desk.ok(&["edit", &event, "--set", "place=Room 4"]);
    for device in [&ada, &desk, &ada] {
        device.sync();
    }
    let shown = ada.shows();
    assert_eq!(shown, desk.shows());
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["summary"], &shown[0]["location"]),
        (&"Daily".into(), &"Room 4".into())
    );
}

#[test]
fn the_same_field_has_one_winner_on_both_devices() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["edit", &event, "--set", "start=2026-11-20T12:00"]);
    desk.ok(&["edit", &event, "--set", "start=2026-11-20T15:00"]);
    for device in [&ada, &desk, &ada] {
        device.sync();
    }
    let shown = ada.shows();
    assert_eq!(shown, desk.shows());
    let start = shown[0]["start"].as_str().unwrap();
    assert!(
        start.contains("T11:00") || start.contains("T14:00"),
        "{start}"
    );
}

#[test]
fn a_deleted_event_goes_from_the_other_device_too() {
    let world = World::new();
    let (_relay, ada, desk, event) = two_devices(&world);
    ada.ok(&["delete", &event]);
    ada.sync();
    desk.sync();
    assert!(desk.shows().is_empty());
}
