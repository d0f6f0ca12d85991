//! People whose own account moves or comes back, while another relay keeps a calendar shared with them.

use std::fs;

use almanac_scenarios::{RelayProcess, World};

use super::guests::{calendar_id, knows};
use super::{add, is_at_peace, person, share, sync_all, two_relays};
use crate::recovery::{a_day_later, make_kit, use_words};

#[test]
fn the_words_bring_back_calendars_that_another_relay_keeps_too() {
    let world = World::new();
    let (first, mut second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let old = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &old, "editor", "Bob");
    let (words, _) = make_kit(&old, "kit", &[]);
    old.add("Dentist", "2026-11-20T15:00");
    old.sync();
    let new = world.device("new laptop");
    let waits = use_words(&new, &second, &words, &[]);
    assert!(waits.stdout.contains("waits"), "{}", waits.stdout);
    a_day_later(&mut second);
    let done = use_words(&new, &second, &words, &[]);
    assert!(done.stdout.contains("done"), "{}", done.stdout);
    new.sync();
    assert_eq!(new.titles(), ["Dentist", "Stand-up"]);
    add(&new, "Retro", "2026-11-20T16:00");
    sync_all(&[&new, &ada]);
    assert_eq!(ada.titles(), ["Retro", "Stand-up"]);
    is_at_peace(&ada);
}

#[test]
fn a_move_to_another_relay_leaves_shared_calendars_where_they_are() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    share(&ada, &bob, "editor", "Bob");
    bob.add("Dentist", "2026-11-20T15:00");
    bob.sync();
    let third = RelayProcess::start(world.folder().join("third"));
    bob.ok(&["relay", "use", &third.url(), "--invite", third.invite()]);
    drop(second);
    add(&bob, "Retro", "2026-11-20T16:00");
    sync_all(&[&bob, &ada]);
    assert_eq!(ada.titles(), ["Retro"]);
    assert_eq!(bob.ok(&["status"])["elsewhere"][0]["relay"], first.url());

    // Of devices that come later, the relay that keeps the calendar hears once an owner has asked him in again.
    let phone = world.device("bob phone");
    phone.link_to(&bob, &third.url());
    let ended = phone.run(&["sync"]);
    assert!(ended.stderr.contains("new invite"), "{}", ended.stderr);
    assert_eq!(phone.titles(), ["Dentist"]);
    let invite = ada.ok(&["share", "Team", "--role", "editor"]);
    let again = bob.run(&["join", invite["text"].as_str().unwrap(), "--yes"]);
    assert!(again.stderr.contains("alreadyExists"), "{}", again.stderr);
    sync_all(&[&bob, &phone]);
    assert_eq!(phone.titles(), ["Dentist", "Retro"]);
    add(&phone, "Lunch", "2026-11-20T12:00");
    sync_all(&[&phone, &ada, &bob]);
    assert_eq!(ada.titles(), ["Lunch", "Retro"]);
    assert_eq!(bob.titles(), ["Dentist", "Lunch", "Retro"]);
    for device in [&ada, &bob, &phone] {
        is_at_peace(device);
    }
}

#[test]
fn a_backup_brings_them_back_too_when_the_own_relay_is_gone() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let old = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    add(&ada, "Stand-up", "2026-11-20T10:00");
    share(&ada, &old, "editor", "Bob");
    old.add("Dentist", "2026-11-20T15:00");
    old.sync();
    let (words, _) = make_kit(&old, "kit", &[]);
    let made = old.ok(&["backup", "now", "--verify"]);
    let carried = world.folder().join("stick.almanac-backup");
    fs::copy(made["path"].as_str().unwrap(), &carried).unwrap();
    fs::remove_dir_all(old.folder()).unwrap();
    drop(second);
    let paper = world.folder().join("words.txt");
    fs::write(&paper, words).unwrap();
    let new = world.device("bob new");
    let (carried, paper) = (carried.to_str().unwrap(), paper.to_str().unwrap());
    let restore = ["backup", "restore", carried, "--name", "New"];
    new.ok(&[&restore[..], &["--words-file", paper]].concat());
    assert_eq!(new.titles(), ["Dentist", "Stand-up"]);

    let third = RelayProcess::start(world.folder().join("third"));
    new.ok(&["relay", "use", &third.url(), "--invite", third.invite()]);
    add(&ada, "Retro", "2026-11-20T16:00");
    ada.sync();
    let ended = new.run(&["sync"]);
    assert!(ended.stderr.contains("new invite"), "{}", ended.stderr);
    let team = calendar_id(&new, "Team");
    assert!(!knows(&third, &team), "it was taken along to the new relay");
    let invite = ada.ok(&["share", "Team", "--role", "editor"]);
    let again = new.run(&["join", invite["text"].as_str().unwrap(), "--yes"]);
    assert!(again.stderr.contains("alreadyExists"), "{}", again.stderr);
    add(&new, "Lunch", "2026-11-20T12:00");
    sync_all(&[&new, &ada]);
    assert_eq!(new.titles(), ["Dentist", "Lunch", "Retro", "Stand-up"]);
    assert_eq!(ada.titles(), ["Lunch", "Retro", "Stand-up"]);
    assert!(!knows(&third, &team));
}
