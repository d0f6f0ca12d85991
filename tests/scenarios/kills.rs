//! Two hundred edits while the relay and a client are killed at seeded moments.

use std::collections::BTreeSet;
use std::time::Duration;

use almanac_scenarios::{Device, World};

const EDITS: u64 = 200;
const KILLS: usize = 20;
const SEED: u64 = 0x00A1_A4AC;

/// A small generator: the same seed tells the same story.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn no_edit_whose_command_succeeded_is_lost_or_doubled_by_kills() {
    let seed = std::env::var("ALMANAC_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(SEED);
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let world = World::new();
    let mut relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &relay.url());

    let mut kills = BTreeSet::new();
    while kills.len() < KILLS {
        kills.insert(dice.roll(EDITS));
    }
    let (mut certain, mut possible) = (BTreeSet::new(), BTreeSet::new());
    for edit in 0..EDITS {
        let title = format!("edit {edit:03}");
        let device = if dice.roll(2) == 0 { &ada } else { &desk };
        let is_kill = kills.contains(&edit);
        if is_kill && dice.roll(2) == 0 {
            add_and_kill(device, &title, Duration::from_millis(dice.roll(400)));
            possible.insert(title);
        } else {
            device.add(&title, "2026-11-20T10:00");
            certain.insert(title);
            if is_kill {
                sync_and_kill_relay(device, &mut relay, Duration::from_millis(dice.roll(400)));
            }
        }
        if edit % 25 == 24 {
            device.sync();
        }
    }

    for device in [&ada, &desk, &ada] {
        assert_eq!(device.sync()["outbox"], 0);
    }
    let titles = ada.titles();
    assert_eq!(titles, desk.titles(), "both devices show the same");
    let shown: BTreeSet<String> = titles.iter().cloned().collect();
    assert_eq!(shown.len(), titles.len(), "nothing is there twice");
    let lost: Vec<_> = certain.difference(&shown).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let invented: Vec<_> = shown
        .iter()
        .filter(|t| !certain.contains(*t) && !possible.contains(*t))
        .collect();
    assert!(invented.is_empty(), "nobody wrote {invented:?}");
    println!(
        "{} edits, {} killed in the making, {} of those are there",
        EDITS,
        possible.len(),
        possible.intersection(&shown).count()
    );
}

fn add_and_kill(device: &Device, title: &str, after: Duration) {
    let arguments = [
        "add",
        "--calendar",
        "Personal",
        "--summary",
        title,
        "--start",
        "2026-11-20T10:00",
        "--zone",
        "UTC",
    ];
    let mut child = device.command(&arguments).spawn().unwrap();
    std::thread::sleep(after); // the moment of the kill is the point of the story
    child.kill().unwrap();
    child.wait().unwrap();
}

fn sync_and_kill_relay(
    device: &Device,
    relay: &mut almanac_scenarios::RelayProcess,
    after: Duration,
) {
    let mut child = device.command(&["sync"]).spawn().unwrap();
    std::thread::sleep(after); // as above
    relay.kill();
    child.wait().unwrap();
    relay.restart();
}
