//! Devices of one account that are revoked, and what becomes of everybody's calendars.

use almanac_scenarios::{Device, RelayProcess, World};
use serde_json::Value;

/// Three devices of one account, the most senior first.
fn household(world: &World, relay: &RelayProcess) -> [Device; 3] {
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    let (desk, tablet) = (world.device("ada desk"), world.device("ada tablet"));
    desk.link_to(&ada, &relay.url());
    tablet.link_to(&ada, &relay.url());
    [ada, desk, tablet]
}

fn sync_all(devices: &[&Device]) {
    for _ in 0..2 {
        devices.iter().for_each(|device| drop(device.sync()));
    }
}

fn names(device: &Device) -> Vec<String> {
    let listed = device.ok(&["device", "list"]);
    let name = |device: &Value| device["name"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn a_revoked_device_keeps_what_it_had_reads_nothing_new_and_is_told() {
    let world = World::new();
    let relay = world.relay();
    let [ada, desk, tablet] = household(&world, &relay);
    ada.add("Dentist", "2026-11-20T10:00");
    tablet.sync();
    tablet.add("Lunch", "2026-11-20T12:00");
    sync_all(&[&tablet, &ada, &desk]);
    let all = ada.ok(&["device", "list"]);
    assert_eq!(names(&ada), ["ada laptop", "ada desk", "ada tablet"]);
    assert_eq!(all[0]["rank"], 1);
    assert_eq!(all[0]["mayRevoke"], true);
    assert!(all[2]["since"].as_str().unwrap().starts_with("20"));
    assert!(all[2]["lastSeen"].is_string(), "{all}");

    // Written before it hears of it, and never sent: it stays there.
    tablet.add("Unsent", "2026-11-20T14:00");
    ada.ok(&[
        "device",
        "revoke",
        "ada tablet",
        "--reason",
        "stolen",
        "--yes",
    ]);
    ada.add("Secret", "2026-11-21T10:00");
    desk.sync();
    desk.add("Plan", "2026-11-21T12:00");
    sync_all(&[&ada, &desk]);
    let rest = ["Dentist", "Lunch", "Plan", "Secret"];
    assert_eq!(ada.titles(), rest);
    assert_eq!(desk.titles(), rest);
    for device in [&ada, &desk] {
        assert_eq!(names(device), ["ada laptop", "ada desk"]);
        let activity = device.ok(&["activity"]);
        assert_eq!(activity[0]["kind"], "deviceRevoked");
        let message = activity[0]["message"].as_str().unwrap();
        assert!(
            message.contains("“ada tablet” because it was stolen"),
            "{message}"
        );
    }

    let told = tablet.run(&["sync"]);
    assert_eq!(told.status, Some(7), "{}", told.stderr);
    assert!(told.stderr.contains("deviceRevoked"), "{}", told.stderr);
    assert_eq!(tablet.titles(), ["Dentist", "Lunch", "Unsent"]);
    let added = tablet.run(&[
        "add",
        "--calendar",
        "Personal",
        "--summary",
        "Late",
        "--start",
        "2026-11-22T10:00",
    ]);
    assert_eq!(added.status, Some(7), "{}", added.stderr);
    assert_eq!(tablet.ok(&["status"])["state"], "trouble");
    let seen = &tablet.ok(&["activity"])[0];
    assert_eq!(seen["kind"], "deviceRevoked");
    assert!(
        seen["message"]
            .as_str()
            .unwrap()
            .starts_with("“ada laptop” revoked")
    );
}

#[test]
fn a_junior_device_cannot_revoke_a_senior_one_and_any_may_leave() {
    let world = World::new();
    let relay = world.relay();
    let [ada, desk, tablet] = household(&world, &relay);
    sync_all(&[&ada, &desk, &tablet]);
    let refused = tablet.run(&["device", "revoke", "ada laptop", "--yes"]);
    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    assert!(refused.stderr.contains("notAllowed"), "{}", refused.stderr);
    assert_eq!(names(&ada).len(), 3);
    let nobody = ada.run(&["device", "revoke", "phone", "--yes"]);
    assert_eq!(nobody.status, Some(3), "{}", nobody.stderr);

    // Who leaves by itself makes a key that it cannot hand on: another device makes the next.
    let left = tablet.run(&[
        "device",
        "revoke",
        "ada tablet",
        "--reason",
        "retired",
        "--yes",
    ]);
    assert_eq!(left.status, Some(0), "{}", left.stderr);
    sync_all(&[&ada, &desk]);
    ada.add("Secret", "2026-11-21T10:00");
    desk.add("Plan", "2026-11-21T12:00");
    sync_all(&[&ada, &desk]);
    for device in [&ada, &desk] {
        assert_eq!(device.titles(), ["Plan", "Secret"]);
        assert_eq!(names(device), ["ada laptop", "ada desk"]);
    }
    // A device that is linked afterwards reads all of it.
    let phone = world.device("ada phone");
    phone.link_to(&desk, &relay.url());
    phone.sync();
    assert_eq!(phone.titles(), ["Plan", "Secret"]);
    let told = tablet.run(&["sync"]);
    assert!(told.stderr.contains("deviceRevoked"), "{}", told.stderr);
}

#[test]
fn a_connected_device_hears_at_once_that_it_was_revoked() {
    let world = World::new();
    let relay = world.relay();
    let [ada, desk, tablet] = household(&world, &relay);
    sync_all(&[&ada, &desk, &tablet]);
    let watching = tablet.command(&["sync", "--watch"]);
    let mut watching = { watching }.spawn().unwrap();
    let connected = desk.watch();
    ada.ok(&["device", "revoke", "ada tablet", "--yes"]);
    assert_eq!(watching.wait().unwrap().code(), Some(7));
    ada.add("Secret", "2026-11-21T10:00");
    ada.sync();
    desk.comes_to_show(&["Secret"]);
    drop(connected);
    assert_eq!(tablet.titles(), Vec::<String>::new());
}

#[test]
fn calendars_shared_with_others_are_sealed_anew_when_one_loses_a_device() {
    let world = World::new();
    let relay = world.relay();
    let [ada, desk, tablet] = household(&world, &relay);
    let bob = world.device("bob laptop");
    bob.init();
    bob.ok(&[
        "relay",
        "use",
        &relay.url(),
        "--invite",
        &relay.new_invite(),
    ]);
    bob.sync();
    ada.ok(&["calendar", "add", "Team"]);
    ada.sync();
    let invite = ada.ok(&["share", "Team", "--role", "editor", "--as", "Ada"]);
    bob.ok(&[
        "join",
        invite["text"].as_str().unwrap(),
        "--as",
        "Bob",
        "--yes",
    ]);
    ada.ok(&["member", "confirm", "Team", "Bob", "--yes"]);
    sync_all(&[&bob, &desk, &tablet]);
    let add = |device: &Device, summary: &str| {
        let start = "2026-11-20T10:00";
        device.ok(&[
            "add",
            "--calendar",
            "Team",
            "--summary",
            summary,
            "--start",
            start,
        ])
    };
    add(&tablet, "From the tablet");
    sync_all(&[&tablet, &bob, &ada]);
    ada.ok(&["device", "revoke", "ada tablet", "--yes"]);
    sync_all(&[&bob, &ada]);
    add(&bob, "From Bob");
    sync_all(&[&bob, &ada, &desk]);
    for device in [&ada, &bob, &desk] {
        assert_eq!(device.titles(), ["From Bob", "From the tablet"]);
    }
    tablet.run(&["sync"]);
    assert_eq!(tablet.titles(), ["From the tablet"]);
}
