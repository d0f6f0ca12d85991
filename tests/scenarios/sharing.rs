//! A calendar of two and three people, over a real relay.

use almanac_scenarios::{Device, RelayProcess, World};
use serde_json::Value;

/// Someone with one device at the relay.
fn person(world: &World, relay: &RelayProcess, name: &str) -> Device {
    let device = world.device(name);
    device.init();
    let invite = relay.new_invite();
    device.ok(&["relay", "use", &relay.url(), "--invite", &invite]);
    device.sync();
    device
}

/// `owner` shares the calendar “Team” with `guest`, who is called `name` there.
fn share(owner: &Device, guest: &Device, role: &str, name: &str) {
    let invite = owner.ok(&["share", "Team", "--role", role, "--as", "Ada"]);
    let text = invite["text"].as_str().unwrap();
    let asked = guest.ok(&["join", text, "--as", name, "--yes"]);
    assert_eq!(asked["role"], role);
    let seen = &owner.ok(&["member", "list", "Team"])["asking"][0];
    assert_eq!(seen["name"], name);
    assert_eq!(seen["safetyNumber"], asked["safetyNumber"]);
    owner.ok(&["member", "confirm", "Team", name, "--yes"]);
    guest.sync();
}

fn add(device: &Device, summary: &str, start: &str) -> String {
    let added = device.ok(&[
        "add",
        "--calendar",
        "Team",
        "--summary",
        summary,
        "--start",
        start,
        "--zone",
        "Europe/Berlin",
    ]);
    added["event"].as_str().unwrap().to_owned()
}

fn sync_all(devices: &[&Device]) {
    for _ in 0..2 {
        devices.iter().for_each(|device| drop(device.sync()));
    }
}

/// Names and roles of the members, by name.
fn members(device: &Device) -> Vec<(String, String)> {
    let listed = device.ok(&["member", "list", "Team"]);
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let members = listed["members"].as_array().unwrap().iter();
    let mut members: Vec<_> = members
        .map(|member| (word(&member["name"]), word(&member["role"])))
        .collect();
    members.sort();
    members
}

fn pair(name: &str, role: &str) -> (String, String) {
    (name.to_owned(), role.to_owned())
}

#[test]
fn two_people_write_into_one_calendar() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let standup = add(&ada, "Stand-up", "2026-11-20T10:00");
    ada.add("Dentist", "2026-11-20T15:00");
    share(&ada, &bob, "editor", "Bob");
    assert_eq!(bob.titles(), ["Stand-up"]);
    add(&bob, "Retro", "2026-11-20T16:00");
    bob.ok(&["edit", &standup, "--set", "title=Stand-up, short"]);
    sync_all(&[&bob, &ada]);
    assert_eq!(bob.titles(), ["Retro", "Stand-up, short"]);
    assert_eq!(ada.titles(), ["Dentist", "Retro", "Stand-up, short"]);
    // Each is told what the other one did, and that it is proven.
    let told = |device: &Device| -> Vec<(String, String)> {
        let changes = device.ok(&["changes"]);
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let all = changes.as_array().unwrap().iter();
        all.map(|one| {
            assert_eq!(
                (&one["signature"], &one["calendar"]),
                (&"holds".into(), &"Team".into())
            );
            (word(&one["device"]), word(&one["title"]))
        })
        .collect()
    };
    let by_bob = [pair("Bob", "Stand-up, short"), pair("Bob", "Retro")];
    assert_eq!(told(&ada), by_bob);
    assert_eq!(told(&bob), [pair("Ada", "Stand-up, short")]);
    let both = [pair("Ada", "owner"), pair("Bob", "editor")];
    assert_eq!(members(&ada), both);
    assert_eq!(members(&bob), both);
    for device in [&ada, &bob] {
        assert_eq!(device.ok(&["status"])["findings"], serde_json::json!([]));
    }
}

#[test]
fn a_viewer_reads_and_changes_nothing_until_an_owner_lets_them() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let eve = person(&world, &relay, "eve laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let standup = add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &eve, "viewer", "Eve");
    assert_eq!(eve.titles(), ["Stand-up"]);
    let edited = eve.run(&["edit", &standup, "--set", "title=Party"]);
    assert_eq!(edited.status, Some(7));
    assert!(edited.stderr.contains("notAllowed"), "{}", edited.stderr);
    sync_all(&[&eve, &ada]);
    assert_eq!(eve.titles(), ["Stand-up"]);
    assert_eq!(ada.titles(), ["Stand-up"]);
    // What a viewer is called is known, though they cannot write it themselves.
    assert_eq!(members(&ada), [pair("Ada", "owner"), pair("Eve", "viewer")]);
    let nobody = eve.run(&["member", "remove", "Team", "Ada"]);
    assert_eq!(nobody.status, Some(7), "{}", nobody.stderr);

    ada.ok(&["role", "Team", "Eve", "editor"]);
    eve.sync();
    eve.ok(&["edit", &standup, "--set", "title=Party"]);
    sync_all(&[&eve, &ada]);
    assert_eq!(ada.titles(), ["Party"]);
    ada.ok(&["role", "Team", "Eve", "viewer"]);
    eve.sync();
    let edited = eve.run(&["edit", &standup, "--set", "title=Picnic"]);
    assert_eq!(edited.status, Some(7), "{}", edited.stderr);
    add(&ada, "Retro", "2026-11-20T16:00");
    sync_all(&[&ada, &eve]);
    for device in [&ada, &eve] {
        assert_eq!(device.titles(), ["Party", "Retro"]);
    }
}

#[test]
fn who_is_removed_keeps_what_they_had_and_reads_nothing_new() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let carol = person(&world, &relay, "carol laptop");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &bob, "editor", "Bob");
    share(&ada, &carol, "editor", "Carol");
    let retro = add(&bob, "Retro", "2026-11-20T16:00");
    sync_all(&[&bob, &carol, &ada]);
    // Carol has built on what Bob wrote.
    carol.ok(&["edit", &retro, "--set", "place=Garden"]);
    sync_all(&[&carol, &ada]);
    // Bob writes once more before he hears of it.
    add(&bob, "Late", "2026-11-20T18:00");
    ada.ok(&["member", "remove", "Team", "Bob"]);
    bob.sync();
    add(&ada, "Secret", "2026-11-21T10:00");
    add(&carol, "Plan", "2026-11-21T12:00");
    sync_all(&[&ada, &carol, &bob]);
    let rest = ["Plan", "Retro", "Secret", "Stand-up"];
    assert_eq!(ada.titles(), rest);
    assert_eq!(carol.titles(), rest);
    let kept = bob.titles();
    assert!(kept.contains(&"Retro".to_owned()), "{kept:?}");
    assert!(!kept.contains(&"Secret".to_owned()), "{kept:?}");
    assert_eq!(
        members(&ada),
        [pair("Ada", "owner"), pair("Carol", "editor")]
    );
    let edited = bob.run(&["edit", &retro, "--set", "title=Mine"]);
    assert_eq!(edited.status, Some(7), "{}", edited.stderr);
    // Who comes later judges the log although Bob has left, and sees all of it.
    let dan = person(&world, &relay, "dan laptop");
    share(&ada, &dan, "editor", "Dan");
    assert_eq!(dan.titles(), rest);
    // Bob is admitted again: what he writes now counts.
    share(&ada, &bob, "editor", "Bob");
    assert!(bob.titles().contains(&"Secret".to_owned()));
    add(&bob, "Back", "2026-11-22T10:00");
    sync_all(&[&bob, &ada, &carol, &dan]);
    let all = ["Back", "Plan", "Retro", "Secret", "Stand-up"];
    for device in [&ada, &bob, &carol, &dan] {
        assert_eq!(device.titles(), all);
    }
}

#[test]
fn fault_30_who_is_removed_while_offline_keeps_their_unsent_edits_and_can_export_them() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let standup = add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &bob, "editor", "Bob");
    // On the train.
    add(&bob, "Retro", "2026-11-20T16:00");
    bob.ok(&["edit", &standup, "--set", "title=Stand-up in the garden"]);
    ada.ok(&["member", "remove", "Team", "Bob"]);
    for _ in 0..2 {
        bob.run(&["sync"]);
    }
    ada.sync();
    assert_eq!(ada.titles(), ["Stand-up"]);
    // He sees what everybody sees, is told, and has what he wrote.
    assert_eq!(bob.titles(), ["Stand-up"]);
    let findings = bob.ok(&["status"])["findings"].clone();
    assert_eq!(findings[0]["kind"], "keptBack", "{findings}");
    let file = world.folder().join("kept.ics");
    let file = file.to_str().unwrap();
    let kept = ["export", "--calendar", "Team", "--kept", "--out", file];
    bob.ok(&kept);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("SUMMARY:Retro\r\n"), "{text}");
    assert!(
        text.contains("SUMMARY:Stand-up in the garden\r\n"),
        "{text}"
    );
    let nothing = ada.run(&kept);
    assert!(nothing.stderr.contains("notFound"), "{}", nothing.stderr);
}

#[test]
fn a_calendar_comes_to_all_devices_of_who_joins() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let desk = world.device("bob desk");
    desk.link_to(&bob, &relay.url());
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &bob, "editor", "Bob");
    desk.sync();
    assert_eq!(desk.titles(), ["Stand-up"]);
    add(&desk, "Retro", "2026-11-20T16:00");
    sync_all(&[&desk, &ada, &bob]);
    for device in [&ada, &bob, &desk] {
        assert_eq!(device.titles(), ["Retro", "Stand-up"]);
    }
    assert_eq!(
        members(&desk),
        [pair("Ada", "owner"), pair("Bob", "editor")]
    );
    // A new device finds it too.
    let tablet = world.device("bob tablet");
    tablet.link_to(&bob, &relay.url());
    tablet.sync();
    assert_eq!(tablet.titles(), ["Retro", "Stand-up"]);
}

#[test]
fn what_one_writes_shows_at_the_other_while_both_are_connected() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let connected = (ada.watch(), bob.watch());
    let invite = ada.ok(&["share", "Team", "--role", "editor", "--as", "Ada"]);
    let text = invite["text"].as_str().unwrap();
    bob.ok(&["join", text, "--as", "Bob", "--yes"]);
    ada.ok(&["member", "confirm", "Team", "Bob", "--yes"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    bob.comes_to_show(&["Stand-up"]);
    add(&bob, "Retro", "2026-11-20T16:00");
    ada.comes_to_show(&["Retro", "Stand-up"]);
    ada.ok(&["member", "remove", "Team", "Bob"]);
    add(&ada, "Secret", "2026-11-21T10:00");
    ada.comes_to_show(&["Retro", "Secret", "Stand-up"]);
    drop(connected);
    bob.sync();
    assert_eq!(bob.titles(), ["Retro", "Stand-up"]);
}

#[test]
fn colour_and_view_of_a_shared_calendar_are_each_person_s_own() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let phone = world.device("bob phone");
    phone.link_to(&bob, &relay.url());
    ada.ok(&["calendar", "add", "Team", "--color", "teal"]);
    share(&ada, &bob, "owner", "Bob");
    phone.sync();
    let looks = |device: &Device| {
        let listed = device.ok(&["calendar", "list"]);
        let mut all = listed.as_array().unwrap().iter();
        let team = all.find(|one| one["name"] == "Team").unwrap();
        (team["color"].clone(), team["hidden"].clone())
    };
    let teal = looks(&ada);
    assert_eq!(looks(&bob), teal);
    bob.ok(&["calendar", "edit", "Team", "--color", "pink", "--hide"]);
    sync_all(&[&bob, &phone, &ada]);
    assert_eq!(looks(&ada), teal);
    assert_ne!(looks(&bob).0, teal.0);
    assert_eq!(looks(&bob).1, true);
    assert_eq!(looks(&phone), looks(&bob));
}

#[test]
fn who_puts_a_reminder_off_does_so_for_themselves() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let phone = world.device("bob phone");
    phone.link_to(&bob, &relay.url());
    ada.ok(&["calendar", "add", "Team"]);
    let event = add(&ada, "Launch", "2031-11-20T10:00");
    ada.ok(&["edit", &event, "--set", "reminders=10m"]);
    share(&ada, &bob, "editor", "Bob");
    phone.sync();
    let zone = ["--zone", "Europe/Berlin"];
    let rings = |device: &Device| {
        let all = device.ok(&[&["reminders"][..], &zone].concat());
        assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
        (all[0]["at"].clone(), all[0]["snoozed"].clone())
    };
    let usual = (Value::from("2031-11-20T09:50:00+01:00"), Value::from(false));
    assert_eq!((rings(&ada), rings(&bob)), (usual.clone(), usual.clone()));
    bob.ok(&[&["snooze", &event, "--until-start"][..], &zone].concat());
    sync_all(&[&bob, &phone, &ada]);
    let later = (Value::from("2031-11-20T10:00:00+01:00"), Value::from(true));
    assert_eq!((rings(&bob), rings(&phone)), (later.clone(), later));
    assert_eq!(rings(&ada), usual);
    let past = bob.run(&["snooze", &event, "--until", "2020-01-01T10:00"]);
    assert!(past.stderr.contains("invalidInput"), "{}", past.stderr);
    // An event without a reminder has none to put off.
    let quiet = add(&bob, "Lunch", "2031-11-20T12:00");
    let none = bob.run(&["snooze", &quiet, "--minutes", "10"]);
    assert!(none.stderr.contains("notFound"), "{}", none.stderr);
}

#[test]
fn an_invite_that_was_taken_back_lets_nobody_ask() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let eve = person(&world, &relay, "eve laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let invites = |role: &str| {
        let made = ada.ok(&["share", "Team", "--role", role, "--as", "Ada"]);
        made["text"].as_str().unwrap().to_owned()
    };
    let (kept, lost) = (invites("viewer"), invites("owner"));
    let listed = || ada.ok(&["member", "list", "Team"])["invites"].clone();
    let open = listed();
    let meant = open.as_array().unwrap().iter();
    let meant = meant.clone().find(|one| one["role"] == "owner").unwrap();
    let id = meant["id"].as_str().unwrap();
    let short: String = id.chars().take(8).collect();
    assert!(!lost.contains(id) && !kept.contains(id));
    ada.ok(&["member", "uninvite", "Team", &short]);
    assert_eq!(listed().as_array().unwrap().len(), 1);
    let late = eve.run(&["join", &lost, "--as", "Eve", "--yes"]);
    assert_eq!(late.status, Some(7), "{}", late.stderr);
    let again = ada.run(&["member", "uninvite", "Team", &short]);
    assert!(again.stderr.contains("notFound"), "{}", again.stderr);
    eve.ok(&["join", &kept, "--as", "Eve", "--yes"]);
    ada.ok(&["member", "confirm", "Team", "Eve", "--yes"]);
    assert_eq!(listed(), serde_json::json!([]));
    // Who decides nothing sees no invites and takes none back.
    ada.ok(&["share", "Team", "--role", "viewer"]);
    eve.sync();
    assert_eq!(
        eve.ok(&["member", "list", "Team"])["invites"],
        serde_json::json!([])
    );
    let id = listed()[0]["id"].as_str().unwrap().to_owned();
    let refused = eve.run(&["member", "uninvite", "Team", &id]);
    assert!(refused.stderr.contains("notAllowed"), "{}", refused.stderr);
}

#[test]
fn safety_numbers_are_compared_once_for_all_devices_of_one_person() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let desk = world.device("ada desk");
    desk.link_to(&ada, &relay.url());
    ada.ok(&["calendar", "add", "Team"]);
    share(&ada, &bob, "editor", "Bob");
    let compared = |device: &Device, who: &str| {
        let listed = device.ok(&["member", "list", "Team"]);
        let mut members = listed["members"].as_array().unwrap().iter();
        members.find(|one| one["name"] == who).unwrap()["compared"].clone()
    };
    assert_eq!(compared(&ada, "Bob"), Value::Null);
    ada.ok(&["member", "compare", "Team", "Bob", "--same"]);
    sync_all(&[&ada, &desk, &bob]);
    assert!(compared(&ada, "Bob")["date"].is_string());
    assert_eq!(compared(&desk, "Bob"), compared(&ada, "Bob"));
    // What one has compared is theirs alone.
    assert_eq!(compared(&bob, "Ada"), Value::Null);
    desk.ok(&["member", "compare", "Team", "Bob", "--forget"]);
    sync_all(&[&desk, &ada]);
    assert_eq!(compared(&ada, "Bob"), Value::Null);
    let oneself = ada.run(&["member", "compare", "Team", "Ada", "--same"]);
    assert!(
        oneself.stderr.contains("invalidInput"),
        "{}",
        oneself.stderr
    );
}

#[test]
fn an_invite_is_for_one_person_and_holds_for_nobody_once_it_was_used() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop");
    let bob = person(&world, &relay, "bob laptop");
    let eve = person(&world, &relay, "eve laptop");
    ada.ok(&["calendar", "add", "Team"]);
    let invite = ada.ok(&["share", "Team", "--role", "viewer", "--as", "Ada"]);
    let text = invite["text"].as_str().unwrap().to_lowercase();
    assert!(text.starts_with("alm1"));
    // Both ask by the same text; Ada sees both and admits the one she meant.
    eve.ok(&["join", &text, "--as", "Bob", "--yes"]);
    let bobs = bob.ok(&["join", &text, "--as", "Bob", "--yes"]);
    let asking = ada.ok(&["member", "list", "Team"])["asking"].clone();
    let asking = asking.as_array().unwrap();
    assert_eq!(asking.len(), 2);
    let unclear = ada.run(&["member", "confirm", "Team", "Bob", "--yes"]);
    assert_eq!(unclear.status, Some(2), "{}", unclear.stderr);
    let is_bob = |one: &&Value| one["safetyNumber"] == bobs["safetyNumber"];
    let meant = asking.iter().find(is_bob).unwrap()["id"].as_str().unwrap();
    ada.ok(&["member", "confirm", "Team", meant, "--yes"]);
    let late = eve.run(&["join", &text, "--as", "Eve", "--yes"]);
    assert_eq!(late.status, Some(7), "{}", late.stderr);
    assert_eq!(
        ada.ok(&["member", "list", "Team"])["asking"],
        serde_json::json!([])
    );
    bob.sync();
    eve.sync();
    let calendars = |device: &Device| device.ok(&["calendar", "list"]).as_array().unwrap().len();
    assert_eq!((calendars(&bob), calendars(&eve)), (2, 1));
    // Nobody is put anywhere who did not ask, and text that is cut off says so.
    let half: String = text.chars().take(40).collect();
    let broken = eve.run(&["join", &half, "--yes"]);
    assert!(broken.stderr.contains("inviteInvalid"), "{}", broken.stderr);
}
