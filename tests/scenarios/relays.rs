//! People at different relays who share a calendar: it lives at one of them.

mod company;
mod greedy;
mod guests;
mod moving;

use almanac_scenarios::{Device, RelayProcess, World};
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::Value;

/// Two relays: Ada lives at the first, the others at the second.
fn two_relays(world: &World) -> (RelayProcess, RelayProcess) {
    let second = RelayProcess::start(world.folder().join("second"));
    (world.relay(), second)
}

/// A Monday soon to come, and days after it: busy times are told of the time around today.
fn day(after: i64) -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let monday: Date = today.nth_weekday(1, Weekday::Monday).unwrap();
    monday.checked_add(after.days()).unwrap().to_string()
}

/// Someone with one device at a relay.
fn person(world: &World, relay: &RelayProcess, name: &str) -> Device {
    let device = world.device(name);
    device.init();
    let invite = relay.new_invite();
    device.ok(&["relay", "use", &relay.url(), "--invite", &invite]);
    device.sync();
    device
}

/// Another device of the same person.
fn another(world: &World, relay: &RelayProcess, of: &Device, name: &str) -> Device {
    let device = world.device(name);
    device.link_to(of, &relay.url());
    device.sync();
    device
}

/// `owner` shares the calendar “Team” with `guest`, who is called `name` there.
fn share(owner: &Device, guest: &Device, role: &str, name: &str) {
    let invite = owner.ok(&["share", "Team", "--role", role, "--as", "Ada"]);
    let text = invite["text"].as_str().unwrap();
    let asked = guest.ok(&["join", text, "--as", name, "--call", "Team", "--yes"]);
    let seen = &owner.ok(&["member", "list", "Team"])["asking"][0];
    assert_eq!(seen["name"], name);
    assert_eq!(seen["safetyNumber"], asked["safetyNumber"]);
    owner.ok(&["member", "confirm", "Team", name, "--yes"]);
    guest.sync();
}

/// Adds an event of an hour to “Team” and gives its id.
fn add(device: &Device, summary: &str, start: &str) -> String {
    let event = ["--summary", summary, "--start", start];
    let place = ["add", "--calendar", "Team", "--zone", "Europe/Berlin"];
    let added = device.ok(&[&place[..], &event[..]].concat());
    added["event"].as_str().unwrap().to_owned()
}

fn sync_all(devices: &[&Device]) {
    for _ in 0..2 {
        devices.iter().for_each(|device| drop(device.sync()));
    }
}

/// Nothing that a device should tell its person.
fn is_at_peace(device: &Device) {
    let status = device.ok(&["status"]);
    assert_eq!(status["findings"], serde_json::json!([]), "{status}");
    assert_eq!(status["state"], "upToDate", "{status}");
    assert_eq!(status["message"], Value::Null, "{status}");
}
