//! Two programs on one profile at the same time.

use almanac_scenarios::{Device, World};

/// Edits of each of the two.
const EDITS: u64 = 8;

fn add_all(device: &Device, who: &str) {
    for number in 0..EDITS {
        device.add(&format!("{who} {number}"), "2026-11-20T10:00");
    }
}

#[test]
fn fault_10_two_programs_on_one_profile_lose_nothing_and_use_no_number_twice() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());
    let connected = ada.watch();
    std::thread::scope(|scope| {
        scope.spawn(|| add_all(&ada, "one"));
        scope.spawn(|| add_all(&ada, "two"));
        scope.spawn(|| (0..3).for_each(|_| drop(ada.run(&["sync"]))));
    });
    drop(connected);

    assert_eq!(ada.sync()["outbox"], 0);
    desk.sync();
    let number = |who: &'static str| (0..EDITS).map(move |number| format!("{who} {number}"));
    let expected: Vec<String> = number("one").chain(number("two")).collect();
    for device in [&ada, &desk] {
        assert_eq!(device.titles(), expected, "each once, on both");
        assert_eq!(device.ok(&["status"])["quarantined"], 0);
    }
}
