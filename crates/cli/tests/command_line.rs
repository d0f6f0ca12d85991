//! The program as scripts meet it: exit statuses, and standard output that is one JSON value.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a test runs on may stop the test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder for a profile, and the passphrase that opens it.
struct Device {
    folder: TempDir,
}

impl Device {
    fn empty() -> Self {
        let device = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(
            device.passphrase_file(),
            "correct horse battery\nsecond line\n",
        )
        .unwrap();
        device
    }

    fn started() -> Self {
        let device = Self::empty();
        device.json(&[
            "init",
            "--name",
            "Ada's laptop",
            "--passphrase-memory",
            "64",
        ]);
        device.json(&["calendar", "add", "Home"]);
        device
    }

    fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    fn passphrase_file(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, words: &[&str]) -> Output {
        almanac(&self.profile(), &self.passphrase_file(), words)
    }

    /// What the command gives; it succeeded, and standard output was this value alone.
    fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[&["--json"], words].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// How the command fails: exit status and code, with nothing on standard output.
    fn failure(&self, words: &[&str]) -> (i32, String) {
        let output = self.run(&[&["--json"], words].concat());
        assert_eq!(output.stdout, b"", "{words:?}");
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(
            error["error"]["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
        let code = error["error"]["code"].as_str().unwrap().to_owned();
        (output.status.code().unwrap(), code)
    }

    fn list(&self, from: &str, to: &str) -> Vec<Value> {
        let rows = self.json(&[
            "list",
            "--from",
            from,
            "--to",
            to,
            "--zone",
            "Europe/Berlin",
        ]);
        rows.as_array().unwrap().clone()
    }

    fn add(&self, summary: &str, start: &str, more: &[&str]) -> String {
        let words = [
            "add",
            "--calendar",
            "Home",
            "--summary",
            summary,
            "--start",
            start,
        ];
        let zone = ["--zone", "Europe/Berlin"];
        let added = self.json(&[&words[..], &zone, more].concat());
        added["event"].as_str().unwrap().to_owned()
    }
}

fn almanac(profile: &Path, passphrase_file: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_almanac"))
        .arg("--profile")
        .arg(profile)
        .arg("--passphrase-file")
        .arg(passphrase_file)
        .args(words)
        .env_remove("ALMANAC_LOG")
        .env("TZ", "Europe/Berlin")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn check(failure: (i32, String), status: i32, code: &str) {
    assert_eq!(failure, (status, code.to_owned()));
}

const STAND_UP: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n\
    BEGIN:VEVENT\r\nUID:stand-up@test\r\nDTSTAMP:20261101T120000Z\r\n\
    DTSTART;TZID=Europe/Berlin:20261102T091500\r\nDTEND;TZID=Europe/Berlin:20261102T093000\r\n\
    RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

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
        device.failure(&["edit", "abcd", "--set", "colour=red"]),
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
fn an_event_is_added_changed_and_deleted() {
    let device = Device::started();
    let end = ["--end", "2026-11-23T11:30", "--location", "Room 4"];
    let id = device.add("Planning", "2026-11-23T10:00", &end);
    let edit = [
        "edit",
        &id[..8],
        "--set",
        "title=Planning = doing",
        "start=2026-11-24T09:00",
    ];
    assert_eq!(device.json(&edit)["event"], id.as_str());
    let rows = device.list("2026-11-23", "2026-11-30");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["summary"], "Planning = doing");
    assert_eq!(rows[0]["location"], "Room 4");
    assert_eq!(rows[0]["start"], "2026-11-24T09:00:00+01:00");
    assert_eq!(rows[0]["end"], "2026-11-24T10:30:00+01:00");
    assert_eq!(rows[0]["zone"], "Europe/Berlin");
    assert_eq!(rows[0]["all_day"], false);
    assert_eq!(device.json(&["delete", &id])["event"], id.as_str());
    assert_eq!(device.list("2026-11-23", "2026-11-30"), Vec::<Value>::new());
    check(device.failure(&["delete", &id]), 3, "notFound");
}

#[test]
fn whole_days_end_on_the_day_that_people_say() {
    let device = Device::started();
    device.add("Trip", "2026-11-27", &["--end", "2026-11-29", "--all-day"]);
    let rows = device.list("2026-11-29", "2026-11-30");
    assert_eq!(
        (&rows[0]["start"], &rows[0]["end"]),
        (&"2026-11-27".into(), &"2026-11-30".into())
    );
    assert_eq!(rows[0]["all_day"], true);
    let words = [
        "add",
        "--calendar",
        "Home",
        "--summary",
        "x",
        "--all-day",
        "--start",
    ];
    check(
        device.failure(&[&words[..], &["2026-11-27T10:00"]].concat()),
        2,
        "invalidInput",
    );
}

#[test]
fn a_rule_makes_a_series_and_text_groups_it_by_day() {
    let device = Device::started();
    device.add(
        "Stand-up",
        "2026-11-23T09:15",
        &["--rule", "FREQ=DAILY;COUNT=3"],
    );
    assert_eq!(device.list("2026-11-23", "2026-11-30").len(), 3);
    let output = device.run(&["list", "--from", "2026-11-23", "--to", "2026-11-25"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        (lines[0], lines[3]),
        ("Monday 23 November 2026", "Tuesday 24 November 2026")
    );
    assert!(
        lines[1].contains("09:15–10:15") && lines[1].contains("Stand-up"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_file_is_imported_once_and_comes_out_again() {
    let device = Device::started();
    let file = device.file("a.ics", STAND_UP);
    let first = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(
        (&first["imported"], &first["updated"]),
        (&1.into(), &0.into())
    );
    let again = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(
        (&again["imported"], &again["unchanged"]),
        (&0.into(), &1.into())
    );
    let out = device.folder.path().join("out.ics");
    device.json(&[
        "export",
        "--calendar",
        "Home",
        "--out",
        out.to_str().unwrap(),
    ]);
    let other = Device::started();
    other.json(&["import", out.to_str().unwrap(), "--calendar", "Home"]);
    let rows = other.list("2026-11-02", "2026-11-09");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["start"], "2026-11-02T09:15:00+01:00");
    let ics = other.json(&["export"])["ics"].as_str().unwrap().to_owned();
    assert!(ics.contains("UID:stand-up@test\r\n"));
}

#[test]
fn a_file_that_is_no_calendar_changes_nothing() {
    let device = Device::started();
    let good = device.file("good.ics", STAND_UP);
    let foreign = device.file("photo.ics", "\u{1f4f7} this is no calendar\n");
    let missing = device.folder.path().join("missing.ics");
    check(
        device.failure(&["import", &foreign, "--calendar", "Home"]),
        2,
        "invalidInput",
    );
    let words = [
        "import",
        &good,
        missing.to_str().unwrap(),
        "--calendar",
        "Home",
    ];
    check(device.failure(&words), 3, "notFound");
    check(
        device.failure(&["import", &good, "--calendar", "Work"]),
        3,
        "notFound",
    );
    assert_eq!(device.list("2026-11-02", "2026-11-09"), Vec::<Value>::new());
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_imported_and_the_rest_is_named() {
    let device = Device::started();
    let damaged = STAND_UP.replace("RRULE:FREQ=DAILY", "RRULE:FREQ=NEVER");
    let file = device.file("damaged.ics", &damaged);
    let report = device.json(&["import", &file, "--calendar", "Home"]);
    assert_eq!(report["imported"], 1);
    assert_eq!(report["problems"][0]["file"], file.as_str());
    assert!(report["problems"][0]["line"].as_u64().is_some());
}

#[test]
fn expanding_a_file_needs_no_profile_and_makes_none() {
    let device = Device::empty();
    let file = device.file("a.ics", STAND_UP);
    let stretch = [
        "--from",
        "2026-11-03",
        "--to",
        "20261104T000000Z",
        "--zone",
        "UTC",
    ];
    let rows = device.json(&[&["expand", &file], &stretch[..]].concat());
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["event"], "stand-up@test");
    assert_eq!(rows[0]["start"], "2026-11-03T08:15:00+00:00");
    let foreign = device.file("b.ics", "nothing");
    check(
        device.failure(&[&["expand", &foreign], &stretch[..]].concat()),
        2,
        "invalidInput",
    );
    assert!(!device.profile().exists());
}

#[test]
fn a_relay_that_is_not_there_is_named_and_nothing_is_lost() {
    let device = Device::started();
    check(device.failure(&["sync"]), 6, "noRelay");
    check(device.failure(&["device", "add"]), 6, "noRelay");
    // Bound and dropped: nothing listens on this port now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let invite = "7K2M4-Q9ZX8-7K2M4-Q9ZX8";
    let used = device.failure(&["relay", "use", &url, "--invite", invite]);
    check(used, 6, "relayUnreachable");
    let status = device.json(&["status"]);
    assert_eq!(
        (&status["state"], &status["relay"]),
        (&"local".into(), &Value::Null)
    );
    assert_eq!(device.json(&["device", "list"])[0]["this"], true);
    let other = Device::empty();
    let linked = other.failure(&["device", "link", &url, "7K2M-Q9ZX", "--name", "phone"]);
    check(linked, 6, "relayUnreachable");
    check(other.failure(&["calendar", "list"]), 3, "noProfile");
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
