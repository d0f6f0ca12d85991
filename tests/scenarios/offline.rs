//! Working without a relay, joining one later, and two devices that were apart.

use almanac_scenarios::World;

#[test]
fn what_was_written_before_there_was_a_relay_reaches_the_second_device() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    ada.add("before any relay", "2026-11-20T10:00");
    assert_eq!(
        ada.ok(&["status"])["outbox"],
        0,
        "nothing waits where there is no relay"
    );

    let relay = world.relay();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    let desk = world.device("ada desk");
    desk.link_to(&ada, &relay.url());
    desk.sync();

    assert_eq!(desk.titles(), ["before any relay"]);
    assert_eq!(desk.shows(), ada.shows());
    let devices = ada.ok(&["device", "list"]);
    assert_eq!(devices.as_array().unwrap().len(), 2);
}

#[test]
fn edits_made_while_the_relay_is_away_meet_when_it_is_back() {
    let world = World::new();
    let mut relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());

    relay.kill();
    ada.add("on the train", "2026-11-20T10:00");
    desk.add("at the desk", "2026-11-20T11:00");
    assert_eq!(
        ada.run(&["sync"]).status,
        Some(6),
        "an unreachable relay is said"
    );
    assert_eq!(ada.ok(&["status"])["outbox"], 1);
    relay.restart();
    for device in [&ada, &desk, &ada] {
        assert_eq!(device.sync()["outbox"], 0);
    }

    assert_eq!(ada.titles(), ["at the desk", "on the train"]);
    assert_eq!(ada.shows(), desk.shows());
}

#[test]
fn a_second_sync_moves_nothing() {
    let world = World::new();
    let relay = world.relay();
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("once", "2026-11-20T10:00");
    ada.sync();
    let held = relay.inspect();
    ada.sync();
    ada.sync();
    assert_eq!(relay.inspect(), held);
}

#[test]
fn a_relay_that_lost_everything_is_filled_again() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("survives", "2026-11-20T10:00");
    ada.sync();
    drop(relay);

    let other = almanac_scenarios::RelayProcess::start(world.folder().join("new-relay"));
    ada.ok(&["relay", "use", &other.url(), "--invite", other.invite()]);
    ada.sync();
    desk.link_to(&ada, &other.url());
    desk.sync();
    assert_eq!(desk.titles(), ["survives"]);
}
