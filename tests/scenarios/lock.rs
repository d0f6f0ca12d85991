//! The app lock over the built program: another passphrase, programs that lock when told to, and what
//! a person is told.

use std::fs;
use std::process::Stdio;

use almanac_scenarios::World;

const NEW: &str = "violet anchor pickle thursday";

#[test]
fn a_person_changes_the_passphrase_and_sees_who_tried_the_old_one() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    ada.add("Dentist", "2026-11-20T10:00");
    let status = ada.ok(&["lock", "status"]);
    assert_eq!(
        (&status["on"], &status["keychain"]),
        (&true.into(), &false.into())
    );
    let phrase = world.folder().join("new-phrase");
    let path = phrase.to_str().unwrap();
    let change = ["lock", "change", "--new-passphrase-file", path];
    let change = [&change[..], &["--passphrase-memory", "64"]].concat();
    fs::write(&phrase, "Summer2026\n").unwrap();
    let weak = ada.run(&change);
    assert!(weak.stderr.contains("could be guessed"), "{}", weak.stderr);
    assert_eq!(ada.titles(), ["Dentist"], "the old one still opens it");
    fs::write(&phrase, format!("{NEW}\n")).unwrap();
    assert_eq!(ada.ok(&change)["memoryMib"], 64);
    let refused = ada.run(&["list", "--from", "2026-01-01", "--to", "2027-01-01"]);
    assert_eq!(refused.status, Some(4));
    assert!(
        refused.stderr.contains("wrongPassphrase"),
        "{}",
        refused.stderr
    );
    let file = ada.folder().with_extension("passphrase");
    fs::copy(&phrase, file).unwrap();
    assert_eq!(ada.titles(), ["Dentist"]);
    let activity = ada.ok(&["activity"]);
    let kinds = activity.as_array().unwrap().iter();
    let failed = kinds.filter(|one| one["kind"] == "failedUnlock").count();
    assert_eq!(failed, 1, "{activity}");
    let off = ada.run(&["lock", "off"]);
    assert!(
        off.stderr.contains("nothing would protect it"),
        "{}",
        off.stderr
    );
    assert_eq!(ada.titles(), ["Dentist"]);
}

#[test]
fn a_running_program_locks_when_told_to_and_comes_back_with_the_passphrase() {
    let world = World::new();
    let relay = world.relay();
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    let mut command = ada.command(&["sync", "--watch"]);
    let mut watching = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    // It may still be opening: what it is told before that is meant for others.
    let status = loop {
        ada.ok(&["lock", "now"]);
        if let Some(status) = watching.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed().as_secs() < 60, "it does not lock");
    };
    assert_eq!(status.code(), Some(4), "the status of what is locked");
    ada.add("Dentist", "2026-11-20T10:00");
    ada.sync();
    assert_eq!(ada.titles(), ["Dentist"]);
}

#[test]
fn a_weak_passphrase_makes_no_profile() {
    let world = World::new();
    let ada = world.device("ada laptop");
    fs::write(ada.folder().with_extension("passphrase"), "password1\n").unwrap();
    let run = ada.run(&["init", "--name", "Ada"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("could be guessed"), "{}", run.stderr);
    assert!(!ada.folder().join("key.slot").exists());
}
