//! One line becomes an event or a task.

use jiff::Zoned;

use crate::device::{Device, check};

/// The day after today, as the program sees it.
fn tomorrow() -> String {
    let now = Zoned::now().in_tz("Europe/Berlin").unwrap();
    now.date().tomorrow().unwrap().to_string()
}

#[test]
fn a_line_is_shown_first_and_added_then() {
    let device = Device::started();
    let line = "Lunch with Ana tomorrow 12:30-13:30 @Roma /Home !10m";
    let quick = ["quick", line, "--language", "en", "--zone", "Europe/Berlin"];
    let day = tomorrow();
    let view = device.json(&[&quick[..], &["--dry-run"]].concat());
    assert_eq!(view["title"], "Lunch with Ana");
    assert_eq!(view["when"]["start"], format!("{day}T12:30"));
    assert_eq!(
        (&view["place"], &view["calendar"]),
        (&"Roma".into(), &"Home".into())
    );
    assert_eq!(view["reminders"][0], "10 minutes before");
    let chips = view["chips"].as_array().unwrap();
    assert!(chips.iter().any(|chip| chip["kind"] == "place"));
    let next = Zoned::now().in_tz("Europe/Berlin").unwrap().date();
    let shown = |device: &Device| {
        let to = next.checked_add(jiff::Span::new().days(3)).unwrap();
        device.list(&day, &to.to_string())
    };
    assert!(shown(&device).is_empty(), "a dry run adds nothing");
    device.json(&quick);
    let rows = shown(&device);
    assert_eq!(
        (&rows[0]["summary"], &rows[0]["location"]),
        (&"Lunch with Ana".into(), &"Roma".into())
    );
    device.json(&["undo"]);
    assert!(shown(&device).is_empty());
}

#[test]
fn german_and_tasks_are_understood_and_a_line_without_a_time_is_refused() {
    let device = Device::started();
    let german = [
        "quick",
        "Zahnarzt morgen um 9 Uhr",
        "--language",
        "de",
        "--dry-run",
    ];
    let view = device.json(&german);
    assert_eq!(view["title"], "Zahnarzt");
    assert_eq!(view["when"]["start"], format!("{}T09:00", tomorrow()));
    device.json(&["quick", "todo: buy bread", "--language", "en"]);
    let tasks = device.json(&["task", "list"]);
    assert_eq!(tasks[0]["title"], "buy bread");
    check(
        device.failure(&["quick", "Lunch", "--language", "en"]),
        2,
        "invalidInput",
    );
    check(
        device.failure(&["quick", "Lunch", "--language", "xx"]),
        2,
        "invalidInput",
    );
    check(
        device.failure(&["quick", "Lunch 12:00", "--calendar", "Nowhere"]),
        3,
        "notFound",
    );
}
