//! A disk without room: the client says so, loses nothing, and goes on when there is room again.

use almanac_client::{Client, ErrorCode};
use almanac_disk::{Fault, Promise};

use crate::database::{connect, damage};
use crate::profile::{Profile, event, titles};
use crate::script::club;

/// Adds events until one is refused; what was acknowledged, and why the next was not.
fn add_until_refused(client: &Client, mark: &str) -> (Vec<String>, almanac_client::Error) {
    let mut acknowledged = Vec::new();
    for number in 0..50 {
        let title = format!("{mark} {number}");
        let mut input = event(&title, "2026-11-23T09:00");
        input.notes = "x".repeat(900);
        match client.create(input) {
            Ok(_) => acknowledged.push(title),
            Err(error) => return (acknowledged, error),
        }
    }
    panic!("fifty events found room on a full disk");
}

fn says_full(error: &almanac_client::Error) {
    assert_eq!(error.code, ErrorCode::DiskFull, "{error}");
    for words in ["Nothing was changed", "saved before is safe", "try again"] {
        assert!(error.message.contains(words), "{error}");
    }
}

fn nothing_is_damaged(profile: &Profile) {
    let connection = connect(&profile.disk, &profile.key()).unwrap();
    assert_eq!(damage(&connection).unwrap(), [""; 0]);
}

#[test]
fn fault_20_a_full_disk_is_named_at_every_write_and_nothing_acknowledged_is_lost() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    let mut expected = Vec::new();
    for writes in 0..60 {
        profile.disk.fail(Fault::FullAfter { writes });
        let (acknowledged, error) = add_until_refused(&client, &format!("round {writes}"));
        says_full(&error);
        expected.extend(acknowledged);
        expected.sort();
        assert_eq!(
            titles(&client).unwrap(),
            expected,
            "full after {writes} writes"
        );
        profile.disk.heal();
        let title = format!("room after {writes}");
        client.create(event(&title, "2026-11-24T09:00")).unwrap();
        expected.push(title);
        expected.sort();
        assert_eq!(
            titles(&client).unwrap(),
            expected,
            "room after {writes} writes"
        );
    }
    drop(client);
    let client = profile.open().unwrap();
    assert_eq!(titles(&client).unwrap(), expected, "opened again");
    drop(client);
    nothing_is_damaged(&profile);
}

#[test]
fn fault_20_a_disk_that_fills_up_keeps_what_it_has_and_opens_and_reads_while_full() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    client.create(event("first", "2026-11-23T08:00")).unwrap();
    let used: usize = profile
        .disk
        .names()
        .iter()
        .map(|name| profile.disk.bytes(name).len())
        .sum();
    profile.disk.fail(Fault::Capacity {
        bytes: used + 400_000,
    });
    let (mut expected, error) = add_until_refused(&client, "until full");
    says_full(&error);
    expected.push("first".into());
    expected.sort();
    assert!(expected.len() > 3, "there was room for a few");
    assert_eq!(titles(&client).unwrap(), expected, "reading needs no room");
    drop(client);
    let client = profile.open().unwrap();
    assert_eq!(
        titles(&client).unwrap(),
        expected,
        "opening needs none either"
    );
    profile.disk.heal();
    client.create(event("after", "2026-11-24T09:00")).unwrap();
    drop(client);
    nothing_is_damaged(&profile);
}

#[test]
fn fault_20_a_disk_that_may_not_be_written_is_named_and_read() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    client.create(event("kept", "2026-11-23T08:00")).unwrap();
    profile.disk.fail(Fault::ReadOnly);
    let refused = client
        .create(event("lost", "2026-11-23T09:00"))
        .unwrap_err();
    says_full(&refused);
    assert_eq!(titles(&client).unwrap(), ["kept"]);
    drop(client);
    match profile.open() {
        Ok(client) => assert_eq!(titles(&client).unwrap(), ["kept"]),
        Err(error) => says_full(&error),
    }
    profile.disk.heal();
    let client = profile.open().unwrap();
    client.create(event("after", "2026-11-23T09:00")).unwrap();
    assert_eq!(titles(&client).unwrap(), ["after", "kept"]);
    drop(client);
    nothing_is_damaged(&profile);
}

#[test]
fn fault_20_an_import_that_finds_no_room_leaves_nothing_of_itself() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    client.create(event("kept", "2026-11-23T08:00")).unwrap();
    let mut writes = 0;
    loop {
        profile.disk.fail(Fault::FullAfter { writes });
        let imported = client.import(club("Personal", 0));
        profile.disk.heal();
        if let Ok(report) = imported {
            assert_eq!(report.imported, 12);
            break;
        }
        says_full(&imported.unwrap_err());
        assert_eq!(
            titles(&client).unwrap(),
            ["kept"],
            "full after {writes} writes"
        );
        writes += 3;
    }
    assert!(writes > 20, "an import writes much: {writes}");
    assert_eq!(titles(&client).unwrap().len(), 13);
    drop(client);
    nothing_is_damaged(&profile);
}

#[test]
fn fault_20_a_profile_for_which_there_is_no_room_is_none_and_can_be_made_later() {
    let mut writes = 0;
    loop {
        let place = Profile::place(Promise::PowersafeOverwrite);
        place.disk.fail(Fault::FullAfter { writes });
        let made = place.make();
        place.disk.heal();
        if let Ok(client) = made {
            client.create(event("first", "2026-11-23T08:00")).unwrap();
            break;
        }
        says_full(&made.unwrap_err());
        assert!(!almanac_client::exists(place.folder.path()), "{writes}");
        // What is left is put aside by its name, which this disk does not hear of.
        let place = place.with_empty_disk();
        let client = place.make().unwrap();
        client.create(event("later", "2026-11-23T08:00")).unwrap();
        assert_eq!(
            titles(&client).unwrap(),
            ["later"],
            "full after {writes} writes"
        );
        writes += 40;
    }
    assert!(writes > 100, "a profile is many writes: {writes}");
}
