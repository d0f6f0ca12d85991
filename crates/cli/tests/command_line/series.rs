//! Parts of a series, and what can be said of an event.

use crate::device::{Device, check};

fn week(device: &Device) -> Vec<String> {
    let rows = device.list("2026-11-23", "2026-11-30");
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| format!("{} {}", &text(row, "start")[5..16], text(row, "summary")))
        .collect()
}

#[test]
fn this_following_and_all_are_different_things() {
    let device = Device::started();
    let rule = ["--rule", "FREQ=DAILY;COUNT=4"];
    let id = device.add("Stand-up", "2026-11-23T09:00", &rule);
    let edit = |scope: &str, day: &str, set: &str| {
        device.json(&[
            "edit",
            &id,
            "--scope",
            scope,
            "--occurrence",
            day,
            "--set",
            set,
        ]);
    };
    edit("this", "2026-11-24", "title=Demo");
    edit("following", "2026-11-25", "start=2026-11-25T10:00");
    assert_eq!(
        week(&device),
        [
            "11-23T09:00 Stand-up",
            "11-24T09:00 Demo",
            "11-25T10:00 Stand-up",
            "11-26T10:00 Stand-up"
        ]
    );
    edit("all", "2026-11-23", "title=Daily");
    assert_eq!(week(&device)[0], "11-23T09:00 Daily");
    device.json(&["delete", &id, "--occurrence", "2026-11-24"]);
    assert_eq!(week(&device).len(), 3);
    device.json(&["restore", &id, "--occurrence", "2026-11-24"]);
    assert_eq!(week(&device).len(), 4);
    device.json(&[
        "delete",
        &id,
        "--scope",
        "following",
        "--occurrence",
        "2026-11-25",
    ]);
    assert_eq!(week(&device).len(), 2);
    device.json(&["undo"]);
    assert_eq!(week(&device).len(), 4);
}

#[test]
fn a_part_that_is_not_there_is_refused() {
    let device = Device::started();
    let id = device.add("Stand-up", "2026-11-23T09:00", &["--rule", "FREQ=DAILY"]);
    let edit = |more: &[&str]| device.failure(&[&["edit", &id], more].concat());
    let nowhere = ["--occurrence", "2026-11-20", "--set", "title=x"];
    check(edit(&nowhere), 3, "notFound");
    let unnamed = ["--scope", "this", "--set", "title=x"];
    check(edit(&unnamed), 2, "invalidInput");
    let rule = ["--occurrence", "2026-11-24", "--set", "rule="];
    check(edit(&rule), 2, "invalidInput");
    check(edit(&["--set", "reminders=soon"]), 2, "invalidInput");
    check(edit(&["--set", "status=perhaps"]), 2, "invalidInput");
    check(edit(&["--add-guest", "Bob"]), 2, "invalidInput");
}

#[test]
fn what_is_said_of_an_event_leaves_with_it() {
    let device = Device::started();
    let more = [
        "--set",
        "status=tentative",
        "busy=free",
        "reminders=10m,1d",
        "categories=music,fun",
        "--guest",
        "Ada <ada@example.org>",
    ];
    let id = device.add("Choir", "2026-11-23T18:00", &more);
    let set = "url=https://example.org/choir";
    device.json(&["edit", &id, "--set", set, "--add-guest", "bob@example.org"]);
    let ics = device.json(&["export"])["ics"].as_str().unwrap().to_owned();
    let ics = ics.replace("\r\n ", "");
    for line in [
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "TRIGGER:-PT10M",
        "CATEGORIES:fun,music",
        "mailto:ada@example.org",
        "mailto:bob@example.org",
        "URL:https://example.org/choir",
    ] {
        assert!(ics.contains(line), "{line}: {ics}");
    }
    let times = [
        "add",
        "--calendar",
        "Home",
        "--summary",
        "x",
        "--start",
        "2026-11-23",
        "--set",
    ];
    check(
        device.failure(&[&times[..], &["title=y"]].concat()),
        2,
        "invalidInput",
    );
}

#[test]
fn the_answer_says_what_came_of_it() {
    let device = Device::started();
    let says = |words: &[&str]| {
        let output = device.run(words);
        String::from_utf8(output.stdout).unwrap()
    };
    let id = device.add("Lunch", "2026-11-23T12:00", &[]);
    let same = says(&["edit", &id, "--set", "title=Lunch"]);
    assert_eq!(same, "Nothing to change.\n");
    let deleted = says(&["delete", &id, "--occurrence", "2026-11-23"]);
    assert!(deleted.starts_with("Put in the trash:"), "{deleted}");
    device.json(&["trash", "restore", &id]);
    let again = says(&["history", &id, "--restore", "2"]);
    assert!(again.starts_with("Put in the trash:"), "{again}");
    let undone = device.json(&["undo"]);
    assert_eq!(undone["undone"][0]["undone"], true);
    let rule = ["--rule", "FREQ=DAILY;COUNT=2"];
    let series = device.add("Stand-up", "2026-11-23T09:00", &rule);
    let first = says(&["delete", &series, "--occurrence", "2026-11-23"]);
    assert!(first.starts_with("Left out of"), "{first}");
    let last = says(&["delete", &series, "--occurrence", "2026-11-24"]);
    assert!(last.starts_with("Put in the trash:"), "{last}");
}
