//! Devices that stay connected while other programs work on the same profiles.

use almanac_scenarios::World;

#[test]
fn what_is_made_while_both_are_connected_shows_on_the_other() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());
    let _connected = (ada.watch(), desk.watch());

    ada.add("in a calendar that was there", "2026-11-20T10:00");
    desk.comes_to_show(&["in a calendar that was there"]);
    ada.ok(&["calendar", "add", "Trips"]);
    let arguments = [
        "add",
        "--calendar",
        "Trips",
        "--summary",
        "to the sea",
        "--all-day",
    ];
    ada.ok(&[&arguments[..], &["--start", "2026-11-21"]].concat());
    desk.comes_to_show(&["in a calendar that was there", "to the sea"]);
}

#[test]
fn a_device_is_linked_while_the_old_one_is_connected() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("before", "2026-11-20T10:00");
    let _connected = ada.watch();
    desk.link_to(&ada, &relay.url());
    desk.comes_to_show(&["before"]);
    desk.add("after", "2026-11-20T12:00");
    desk.sync();
    ada.comes_to_show(&["after", "before"]);
}

#[test]
fn a_repair_beside_a_connected_device_has_all_of_it_read_again_and_loses_nothing() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());
    let connected = (ada.watch(), desk.watch());
    ada.add("before", "2026-11-20T10:00");
    desk.comes_to_show(&["before"]);
    assert_eq!(desk.ok(&["repair"])["setAside"], 0);
    ada.add("meanwhile", "2026-11-20T12:00");
    desk.comes_to_show(&["before", "meanwhile"]);
    desk.add("there", "2026-11-20T14:00");
    ada.comes_to_show(&["before", "meanwhile", "there"]);
    drop(connected);
    for device in [&ada, &desk] {
        device.sync();
        assert_eq!(device.titles(), ["before", "meanwhile", "there"]);
        assert_eq!(device.ok(&["status"])["findings"], serde_json::json!([]));
    }
}
