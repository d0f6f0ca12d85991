//! Profiles and passphrases.

use std::fs;

use crate::device::{Device, check};

#[test]
fn without_a_profile_nothing_opens_and_nothing_is_made() {
    let device = Device::empty();
    check(device.failure(&["calendar", "list"]), 3, "noProfile");
    check(device.failure(&["status"]), 3, "noProfile");
    assert!(!device.profile().join("almanac.db").exists());
}

#[test]
fn a_wrong_or_missing_passphrase_is_told_apart_from_damage() {
    let device = Device::started();
    let right = fs::read_to_string(device.passphrase_file()).unwrap();
    fs::write(device.passphrase_file(), "wrong horse\n").unwrap();
    check(device.failure(&["calendar", "list"]), 4, "wrongPassphrase");
    fs::write(device.passphrase_file(), "").unwrap();
    check(device.failure(&["calendar", "list"]), 4, "wrongPassphrase");
    fs::remove_file(device.passphrase_file()).unwrap();
    check(device.failure(&["calendar", "list"]), 4, "wrongPassphrase");
    fs::write(device.passphrase_file(), right).unwrap();
    let database = device.profile().join("almanac.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in bytes.iter_mut().skip(32).take(64) {
        *byte ^= 0x5a;
    }
    fs::write(&database, &bytes).unwrap();
    check(device.failure(&["calendar", "list"]), 5, "databaseDamaged");
    assert_eq!(
        fs::read(&database).unwrap(),
        bytes,
        "a damaged file is left as it is"
    );
}

#[test]
fn a_profile_is_made_once() {
    let device = Device::started();
    check(
        device.failure(&["init", "--name", "again"]),
        2,
        "alreadyExists",
    );
    check(
        device.failure(&["calendar", "add", "home"]),
        2,
        "alreadyExists",
    );
    let calendars = device.json(&["calendar", "list"]);
    assert_eq!(
        calendars.as_array().unwrap().last().unwrap()["name"],
        "Home"
    );
}
