//! Arguments and help.

use std::process::Command;

use crate::device::{Device, check};

#[test]
fn arguments_that_make_no_sense_are_refused_in_the_same_form() {
    let device = Device::started();
    check(device.failure(&["paint"]), 2, "invalidInput");
    check(
        device.failure(&["add", "--calendar", "Home"]),
        2,
        "invalidInput",
    );
    let list =
        |from, to, zone| device.failure(&["list", "--from", from, "--to", to, "--zone", zone]);
    check(
        list("2026-11-23", "2026-11-30", "Mars/Olympus"),
        2,
        "invalidInput",
    );
    check(list("2026-11-30", "2026-11-23", "UTC"), 2, "invalidInput");
    check(list("soon", "2026-11-23", "UTC"), 2, "invalidInput");
    check(
        device.failure(&["edit", "abcd", "--set", "flavour=red"]),
        2,
        "invalidInput",
    );
    check(
        device.failure(&["edit", "abcd", "--set", "title=x"]),
        3,
        "notFound",
    );
    check(device.failure(&["delete", "0000"]), 3, "notFound");
    check(
        device.failure(&["export", "--calendar", "Work"]),
        3,
        "notFound",
    );
}

#[test]
fn help_names_every_exit_status() {
    let output = Command::new(env!("CARGO_BIN_EXE_almanac"))
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for status in 0..=7 {
        assert!(text.contains(&format!("\n  {status}  ")), "{text}");
    }
}
