//! Texts that are long, and texts that are too long.

use almanac_scenarios::World;

#[test]
fn long_notes_reach_the_other_device_whole() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    let notes = "A sentence of the minutes. ".repeat(2_000);
    let arguments = [
        "add",
        "--calendar",
        "Personal",
        "--summary",
        "Minutes",
        "--notes",
        &notes,
    ];
    ada.ok(&[&arguments[..], &["--start", "2026-11-20T10:00"]].concat());
    ada.sync();
    desk.link_to(&ada, &relay.url());
    assert_eq!(desk.titles(), ["Minutes"]);
    assert_eq!(desk.ok(&["status"])["quarantined"], 0);
    let exported = desk.run(&["export", "--calendar", "Personal"]).stdout;
    assert_eq!(
        exported
            .replace("\\r\\n ", "")
            .matches("A sentence of the minutes.")
            .count(),
        2_000
    );
}

#[test]
fn what_other_devices_would_refuse_is_not_written() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let event = ada.add("kept", "2026-11-20T10:00");
    let notes = format!("notes={}", "x".repeat(110_000));
    let run = ada.run(&["edit", &event, "--set", &notes]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("too large") && run.stderr.contains("Nothing was changed"));
    assert_eq!(ada.titles(), ["kept"]);
}
