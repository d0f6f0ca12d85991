//! Backups over the built program: made, proven, carried to another machine, and what is said there.

use std::fs;
use std::path::PathBuf;

use almanac_scenarios::{Device, RelayProcess, World};

const PHRASE: &str = "violet anchor pickle thursday";

/// Chooses a passphrase for the backups of a device.
fn schedule(world: &World, device: &Device) -> PathBuf {
    let phrase = world.folder().join("backup-phrase");
    fs::write(&phrase, format!("{PHRASE}\n")).unwrap();
    device.ok(&[
        "backup",
        "schedule",
        "--backup-passphrase-file",
        phrase.to_str().unwrap(),
        "--backup-passphrase-memory",
        "64",
    ]);
    phrase
}

#[test]
fn a_lost_laptop_comes_back_from_its_backup() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let phrase = schedule(&world, &ada);
    ada.add("Dentist", "2026-11-20T10:00");
    ada.add("Choir", "2026-11-21T18:00");
    let made = ada.ok(&["backup", "now", "--verify"]);
    assert_eq!(made["events"], 2);
    assert_eq!(made["proof"]["complete"], true);
    assert!(ada.ok(&["backup", "schedule"])["lastProven"].is_string());
    let file = made["path"].as_str().unwrap();
    let bytes = fs::read(file).unwrap();
    assert!(!bytes.windows(7).any(|part| part == b"Dentist"), "sealed");
    let carried = world.folder().join("stick.almanac-backup");
    fs::copy(file, &carried).unwrap();
    fs::remove_dir_all(ada.folder()).unwrap();

    let new = world.device("ada new");
    let (carried, phrase) = (carried.to_str().unwrap(), phrase.to_str().unwrap());
    let words = ["backup", "restore", carried, "--name", "New"];
    let run = new.run(&words);
    assert_ne!(run.status, Some(0));
    assert!(
        run.stderr.contains("words of your recovery kit"),
        "{}",
        run.stderr
    );
    let with = [&words[..], &["--backup-passphrase-file", phrase]].concat();
    let restored = new.ok(&with);
    assert_eq!(restored["kind"], "copies");
    let message = restored["message"].as_str().unwrap();
    for said in [
        "You can read and change",
        "do not see these copies",
        "recovery kit",
    ] {
        assert!(message.contains(said), "{message}");
    }
    assert_eq!(new.titles(), ["Choir", "Dentist"]);
    new.add("After", "2026-11-22T10:00");
    assert_eq!(new.titles().len(), 3);
    let again = new.run(&with);
    assert_ne!(again.status, Some(0), "a profile is never restored over");
    assert_eq!(new.titles().len(), 3);
}

#[test]
fn a_wrong_passphrase_or_a_spoilt_file_leaves_nothing_behind() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let phrase = schedule(&world, &ada);
    ada.add("Dentist", "2026-11-20T10:00");
    let made = ada.ok(&["backup", "now"]);
    let file = made["path"].as_str().unwrap();
    let wrong = world.folder().join("wrong");
    fs::write(&wrong, "violet anchor pickle friday\n").unwrap();
    let spoilt = world.folder().join("spoilt.almanac-backup");
    let mut bytes = fs::read(file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&spoilt, bytes).unwrap();
    let none = world.folder().join("none.ics");
    fs::write(&none, "BEGIN:VCALENDAR").unwrap();
    let new = world.device("ada new");
    for (file, phrase, said) in [
        (file, wrong.as_path(), "does not open"),
        (spoilt.to_str().unwrap(), &phrase, "damaged"),
        (none.to_str().unwrap(), &phrase, "no backup of Almanac"),
    ] {
        let run = new.run(&[
            "backup",
            "restore",
            file,
            "--name",
            "New",
            "--backup-passphrase-file",
            phrase.to_str().unwrap(),
        ]);
        assert_ne!(run.status, Some(0));
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert!(!new.folder().join("key.slot").exists());
    }
    let weak = world.folder().join("weak");
    fs::write(&weak, "Summer2026\n").unwrap();
    let weak = weak.to_str().unwrap();
    let run = ada.run(&["backup", "schedule", "--backup-passphrase-file", weak]);
    assert!(run.stderr.contains("could be guessed"), "{}", run.stderr);
}

#[test]
fn a_program_that_keeps_running_makes_backups_by_itself() {
    let world = World::new();
    let relay = world.relay();
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("Dentist", "2026-11-20T10:00");
    schedule(&world, &ada);
    let _running = ada.watch();
    let start = std::time::Instant::now();
    while ada.ok(&["backup", "schedule"])["lastProven"].is_null() {
        assert!(start.elapsed().as_secs() < 60, "none was made");
    }
    let list = ada.ok(&["backup", "list"]);
    assert_eq!(list["backups"].as_array().unwrap().len(), 1);
    assert_eq!(list["backups"][0]["proven"], true);
}

#[test]
fn the_words_bring_the_account_back_when_the_relay_is_gone_too() {
    let world = World::new();
    let (relay, ada) = (world.relay(), world.device("ada laptop"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("Dentist", "2026-11-20T10:00");
    ada.sync();
    let (words, _) = crate::recovery::make_kit(&ada, "kit", &[]);
    // The words open it: no passphrase was ever chosen for backups.
    let made = ada.ok(&["backup", "now", "--verify"]);
    assert_eq!(made["proof"]["complete"], true);
    let file = made["path"].as_str().unwrap();
    let carried = world.folder().join("stick.almanac-backup");
    fs::copy(file, &carried).unwrap();
    fs::remove_dir_all(ada.folder()).unwrap();
    drop(relay);

    let paper = world.folder().join("words.txt");
    fs::write(&paper, words).unwrap();
    let new = world.device("ada new");
    let restored = new.ok(&[
        "backup",
        "restore",
        carried.to_str().unwrap(),
        "--name",
        "New",
        "--words-file",
        paper.to_str().unwrap(),
    ]);
    assert_eq!(restored["kind"], "account");
    assert_eq!(new.titles(), ["Dentist"]);
    // Another relay takes the account as it is now, and a further device comes in there.
    let second = RelayProcess::start(world.folder().join("second"));
    let pasted = format!("{}#{}", second.url(), second.invite());
    new.ok(&["relay", "use", &pasted]);
    new.add("After", "2026-11-21T10:00");
    new.sync();
    let desk = world.device("ada desk");
    desk.link_to(&new, &second.url());
    assert_eq!(desk.titles(), ["After", "Dentist"]);
}
