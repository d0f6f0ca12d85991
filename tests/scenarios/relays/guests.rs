//! One calendar of Ada's at her relay, and Bob and Carol, who live at another.

use std::path::Path;

use almanac_scenarios::{Device, RelayProcess, World};
use memchr::memmem;

use super::{add, another, day, is_at_peace, person, share, sync_all, two_relays};

/// The id of a calendar by its name.
pub(super) fn calendar_id(device: &Device, name: &str) -> String {
    let listed = device.ok(&["calendar", "list"]);
    let listed = listed.as_array().unwrap().iter();
    let mut found = listed.filter(|calendar| calendar["name"] == name);
    found.next().unwrap()["id"].as_str().unwrap().to_owned()
}

/// The id of whoever is called so in “Team”.
pub(super) fn account_id(device: &Device, name: &str) -> String {
    let listed = device.ok(&["member", "list", "Team"]);
    let listed = listed["members"].as_array().unwrap().iter();
    let mut found = listed.filter(|member| member["name"] == name);
    found.next().unwrap()["id"].as_str().unwrap().to_owned()
}

/// Whether anything of a relay, its log included, holds this id: as bytes or as digits.
pub(super) fn knows(relay: &RelayProcess, id: &str) -> bool {
    let digit = |digit: char| u8::try_from(digit.to_digit(16).unwrap()).unwrap();
    let digits: Vec<u8> = id.chars().map(digit).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect();
    let mut files = vec![relay.folder().with_extension("log")];
    files.extend(files_in(relay.folder()));
    files.iter().any(|file| {
        let content = std::fs::read(file).unwrap();
        let digits = content.to_ascii_lowercase();
        memmem::find(&content, &bytes).is_some() || memmem::find(&digits, id.as_bytes()).is_some()
    })
}

fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}

#[test]
fn a_calendar_is_shared_with_someone_at_another_relay() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let standup = add(&ada, "Stand-up", "2026-11-20T10:00");
    bob.add("Dentist", "2026-11-20T15:00");
    share(&ada, &bob, "editor", "Bob");
    assert_eq!(bob.titles(), ["Dentist", "Stand-up"]);
    add(&bob, "Retro", "2026-11-20T16:00");
    bob.ok(&["edit", &standup, "--set", "title=Stand-up, short"]);
    sync_all(&[&bob, &ada]);
    assert_eq!(ada.titles(), ["Retro", "Stand-up, short"]);
    assert_eq!(bob.titles(), ["Dentist", "Retro", "Stand-up, short"]);
    is_at_peace(&ada);
    is_at_peace(&bob);
}

#[test]
fn all_devices_of_both_have_it_and_a_new_one_gets_it_too() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let desk = another(&world, &first, &ada, "ada desk");
    let bob = person(&world, &second, "bob laptop");
    let tablet = another(&world, &second, &bob, "bob tablet");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    bob.add("Dentist", "2026-11-20T15:00");
    share(&ada, &bob, "editor", "Bob");
    sync_all(&[&tablet, &desk]);
    add(&tablet, "Retro", "2026-11-20T16:00");
    sync_all(&[&tablet, &ada, &desk, &bob]);
    for device in [&ada, &desk] {
        assert_eq!(device.titles(), ["Retro", "Stand-up"]);
    }
    for device in [&bob, &tablet] {
        assert_eq!(device.titles(), ["Dentist", "Retro", "Stand-up"]);
    }
    // A device that comes later: its relay vouches for it at the other one.
    let phone = another(&world, &second, &bob, "bob phone");
    phone.sync();
    assert_eq!(phone.titles(), ["Dentist", "Retro", "Stand-up"]);
    add(&phone, "Lunch", "2026-11-20T12:00");
    sync_all(&[&phone, &ada, &desk, &tablet]);
    for device in [&ada, &desk] {
        assert_eq!(device.titles(), ["Lunch", "Retro", "Stand-up"]);
        is_at_peace(device);
    }
    for device in [&bob, &tablet, &phone] {
        device.sync();
        is_at_peace(device);
    }
}

#[test]
fn a_relay_that_is_away_holds_up_nothing_at_the_other() {
    let world = World::new();
    let (mut first, mut second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    let tablet = another(&world, &second, &bob, "bob tablet");
    ada.ok(&["calendar", "add", "Team"]);
    share(&ada, &bob, "editor", "Bob");
    sync_all(&[&tablet, &bob]);
    let connected = (ada.watch(), bob.watch(), tablet.watch());
    add(&ada, "Stand-up", "2026-11-20T10:00");
    bob.comes_to_show(&["Stand-up"]);
    tablet.comes_to_show(&["Stand-up"]);

    // What another program writes on a profile leaves at both.
    add(&bob, "Walk", "2026-11-20T09:00");
    bob.add("Gym", "2026-11-20T08:00");
    ada.comes_to_show(&["Stand-up", "Walk"]);
    tablet.comes_to_show(&["Gym", "Stand-up", "Walk"]);

    // Bob's own relay is away: the shared calendar goes on between all of them.
    second.kill();
    add(&tablet, "Retro", "2026-11-20T16:00");
    ada.comes_to_show(&["Retro", "Stand-up", "Walk"]);
    bob.comes_to_show(&["Gym", "Retro", "Stand-up", "Walk"]);
    bob.add("Dentist", "2026-11-20T15:00");
    let failed = bob.run(&["sync"]);
    assert!(
        failed.stderr.contains("relayUnreachable"),
        "{}",
        failed.stderr
    );
    second.restart();
    tablet.comes_to_show(&["Dentist", "Gym", "Retro", "Stand-up", "Walk"]);

    // Ada's relay is away: what is Bob's own goes on.
    first.kill();
    bob.add("Haircut", "2026-11-20T17:00");
    tablet.comes_to_show(&["Dentist", "Gym", "Haircut", "Retro", "Stand-up", "Walk"]);
    add(&bob, "Lunch", "2026-11-20T12:00");
    let failed = bob.run(&["sync"]);
    assert!(
        failed.stderr.contains("relayUnreachable"),
        "{}",
        failed.stderr
    );
    first.restart();
    ada.comes_to_show(&["Lunch", "Retro", "Stand-up", "Walk"]);
    tablet.comes_to_show(&[
        "Dentist", "Gym", "Haircut", "Lunch", "Retro", "Stand-up", "Walk",
    ]);
    drop(connected);
    sync_all(&[&ada, &bob, &tablet]);
    for device in [&ada, &bob, &tablet] {
        is_at_peace(device);
    }
}

#[test]
fn neither_relay_learns_what_the_other_keeps() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &bob, "editor", "Bob");
    add(&bob, "Retro", "2026-11-20T16:00");
    bob.add("Dentist", "2026-11-20T15:00");
    let tablet = another(&world, &second, &bob, "bob tablet");
    sync_all(&[&bob, &tablet, &ada]);
    let team = calendar_id(&bob, "Team");
    let own = calendar_id(&bob, "Personal");
    let (of_ada, of_bob) = (account_id(&ada, "Ada"), account_id(&ada, "Bob"));
    assert!(knows(&first, &team) && knows(&first, &of_bob) && knows(&second, &own));
    assert!(!knows(&first, &own), "Ada's relay knows Bob's own calendar");
    assert!(
        !knows(&second, &team),
        "Bob's relay knows the shared calendar"
    );
    assert!(!knows(&second, &of_ada), "Bob's relay knows Ada");
    // The person can see with whom each device has spoken, and why.
    let ledger = bob.ok(&["ledger"]).to_string();
    assert!(ledger.contains(&first.url()) && ledger.contains(&second.url()));
}

#[test]
fn a_guest_who_is_removed_and_a_device_that_is_revoked_read_nothing_new() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    let tablet = another(&world, &second, &bob, "bob tablet");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &bob, "editor", "Bob");
    sync_all(&[&tablet, &ada]);
    assert_eq!(tablet.titles(), ["Stand-up"]);
    let revoke = ["device", "revoke", "bob tablet", "--reason", "stolen"];
    bob.ok(&[&revoke[..], &["--yes"]].concat());
    // Bob's laptop has brought the news to the relay that keeps the calendar, with a new key for it.
    add(&ada, "Secret", "2026-11-21T10:00");
    sync_all(&[&ada, &bob]);
    assert_eq!(bob.titles(), ["Secret", "Stand-up"]);
    let ended = tablet.run(&["sync"]);
    assert!(ended.stderr.contains("deviceRevoked"), "{}", ended.stderr);
    assert_eq!(tablet.titles(), ["Stand-up"]);

    ada.ok(&["member", "remove", "Team", "Bob"]);
    add(&ada, "Private", "2026-11-22T10:00");
    sync_all(&[&ada, &bob]);
    assert_eq!(bob.titles(), ["Secret", "Stand-up"], "he keeps what he had");
    assert_eq!(ada.titles(), ["Private", "Secret", "Stand-up"]);
    let lines = first.inspect();
    assert!(!lines.is_empty());

    // Asked in once more, he is as welcome as anyone.
    share(&ada, &bob, "viewer", "Bob");
    bob.sync();
    assert_eq!(bob.titles(), ["Private", "Secret", "Stand-up"]);
}

#[test]
fn a_time_is_found_between_people_at_different_relays() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let carol = person(&world, &second, "carol laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let at = |clock: &str| format!("{}T{clock}", day(1));
    for (device, calendar, from, to) in [
        (&ada, "Team", "09:00", "11:00"),
        (&carol, "Personal", "10:30", "12:00"),
    ] {
        let (from, to) = (at(from), at(to));
        let place = ["add", "--calendar", calendar, "--zone", "Europe/Berlin"];
        let event = ["--summary", "Zx7Title", "--start", &from, "--end", &to];
        device.ok(&[&place[..], &event[..]].concat());
    }
    share(&ada, &carol, "free-busy", "Carol");
    sync_all(&[&ada, &carol]);
    let (from, to) = (day(1), day(2));
    let stretch = ["--from", &from, "--to", &to, "--zone", "Europe/Berlin"];
    let free = carol.ok(&[&["find-time", "45m", "--with", "Team"], &stretch[..]].concat());
    let spans = free.as_array().unwrap();
    assert!(
        spans[0]["start"].as_str().unwrap().contains("T12:00"),
        "{free}"
    );
    let shown = carol.ok(&[&["list"], &stretch[..]].concat());
    let titles = shown.as_array().unwrap().iter();
    let mut titles: Vec<&str> = titles.filter_map(|one| one["summary"].as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Busy", "Zx7Title"]);
}
