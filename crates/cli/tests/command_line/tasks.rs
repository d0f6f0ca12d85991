//! Tasks, reminders, and when a person is free.

use crate::device::{Device, check};

fn open(device: &Device) -> Vec<String> {
    let tasks = device.json(&["task", "list", "--zone", "Europe/Berlin"]);
    tasks
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            let due = task["due"].as_str().unwrap_or("-");
            format!(
                "{} {due} {}",
                task["title"].as_str().unwrap(),
                task["state"].as_str().unwrap()
            )
        })
        .collect()
}

fn add(device: &Device, title: &str, more: &[&str]) -> String {
    let added = device.json(&[&["task", "add", title], more].concat());
    added["event"].as_str().unwrap().to_owned()
}

#[test]
fn a_task_is_added_done_and_not_done_after_all() {
    let device = Device::started();
    let later = add(&device, "Paint", &["--due", "2099-01-01"]);
    add(&device, "Call", &[]);
    let late = ["--due", "2020-01-01T10:00", "--zone", "Europe/Berlin"];
    let id = add(&device, "Taxes", &late);
    assert_eq!(
        open(&device),
        [
            "Taxes 2020-01-01T10:00:00+01:00 overdue",
            "Paint 2099-01-01 todo",
            "Call - todo"
        ]
    );
    device.json(&["task", "done", &id]);
    assert_eq!(open(&device).len(), 2);
    let done = device.json(&["task", "list", "--done"]);
    assert_eq!(done[0]["title"], "Taxes");
    device.json(&["task", "undone", &id]);
    assert_eq!(open(&device).len(), 3);
    device.json(&["undo"]);
    assert_eq!(open(&device).len(), 2);
    let set = [
        "task",
        "edit",
        &later,
        "--set",
        "due=2098-05-01",
        "percent=40",
        "priority=1",
    ];
    device.json(&set);
    assert_eq!(open(&device)[0], "Paint 2098-05-01 doing");
    let shown = device.list("2098-05-01", "2098-05-02");
    assert_eq!(shown[0]["summary"], "Paint", "it stands where it is due");
    check(
        device.failure(&["task", "edit", &later, "--set", "percent=100"]),
        2,
        "invalidInput",
    );
    let event = device.add("Lunch", "2026-11-23T12:00", &[]);
    check(device.failure(&["task", "done", &event]), 2, "invalidInput");
}

#[test]
fn of_a_series_of_tasks_the_open_one_is_done() {
    let device = Device::started();
    let rule = ["--due", "2020-01-06", "--rule", "FREQ=WEEKLY;COUNT=2"];
    let id = add(&device, "Water plants", &rule);
    assert_eq!(open(&device), ["Water plants 2020-01-13 overdue"]);
    device.json(&["task", "done", &id]);
    assert_eq!(open(&device), Vec::<String>::new());
    device.json(&["task", "undone", &id]);
    assert_eq!(open(&device).len(), 1);
}

#[test]
fn a_new_due_day_of_a_series_is_that_of_the_open_one() {
    let device = Device::started();
    let rule = ["--due", "2020-01-06", "--rule", "FREQ=WEEKLY;COUNT=3"];
    let id = add(&device, "Water plants", &rule);
    device.json(&["task", "done", &id, "--occurrence", "2020-01-06"]);
    let starts = || -> Vec<String> {
        let shown = device.list("2020-01-01", "2020-03-01");
        shown
            .iter()
            .map(|row| row["start"].as_str().unwrap()[..10].to_owned())
            .collect()
    };
    let edit = |more: &[&str]| device.json(&[&["task", "edit", &id], more].concat());
    edit(&["--set", "due=2020-01-22", "priority=1", "percent=40"]);
    assert_eq!(open(&device), ["Water plants 2020-01-22 overdue"]);
    assert_eq!(starts(), ["2020-01-06", "2020-01-13", "2020-01-22"]);
    let one = device.json(&["show", &id, "--occurrence", "2020-01-22"]);
    assert_eq!(one["task"]["due"], "2020-01-22");
    assert_eq!(
        (&one["task"]["percent"], &one["task"]["priority"]),
        (&40.into(), &1.into())
    );
    let first = device.json(&["show", &id, "--occurrence", "2020-01-06"]);
    assert!(first["task"]["done"].is_string(), "{first}");
    assert_eq!(first["task"]["priority"], 1);
    edit(&[
        "--scope",
        "following",
        "--occurrence",
        "2020-01-13",
        "--set",
        "due=2020-01-14",
    ]);
    assert_eq!(starts()[..2], ["2020-01-06", "2020-01-14"]);
    let second = device.json(&["show", &id, "--occurrence", "2020-01-14"]);
    assert_eq!(second["task"]["due"], "2020-01-14");
    edit(&[
        "--scope",
        "all",
        "--occurrence",
        "2020-01-06",
        "--set",
        "due=2020-01-07",
    ]);
    assert_eq!(starts()[0], "2020-01-07");
    edit(&["--set", "title=Water all plants"]);
    let listed = device.list("2020-01-01", "2020-03-01");
    assert!(
        listed
            .iter()
            .all(|row| row["summary"] == "Water all plants"),
        "{listed:?}"
    );
}

#[test]
fn taken_and_free_time_fill_the_day() {
    let device = Device::started();
    device.add("Lunch", "2026-11-23T12:00", &[]);
    device.add("Maybe", "2026-11-23T15:00", &["--set", "status=tentative"]);
    device.add("Birthday", "2026-11-23", &["--set", "busy=free"]);
    let day = [
        "--from",
        "2026-11-23",
        "--to",
        "2026-11-24",
        "--zone",
        "Europe/Berlin",
    ];
    let busy = device.json(&[&["free-busy"], &day[..]].concat());
    assert_eq!(busy.as_array().unwrap().len(), 2);
    assert_eq!(busy[0]["start"], "2026-11-23T12:00:00+01:00");
    assert_eq!(
        (&busy[0]["kind"], &busy[1]["kind"]),
        (&"busy".into(), &"tentative".into())
    );
    let file = device.json(&[&["free-busy", "--ics"], &day[..]].concat());
    let ics = file["ics"].as_str().unwrap();
    for line in [
        "BEGIN:VFREEBUSY\r\n",
        "DTSTART:20261122T230000Z\r\n",
        "FREEBUSY;FBTYPE=BUSY:20261123T110000Z/20261123T120000Z\r\n",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261123T140000Z/",
    ] {
        assert!(ics.contains(line), "{line}: {ics}");
    }
    assert!(!ics.contains("Lunch") && !ics.contains("Birthday"), "{ics}");
    let free = device.json(&[&["free-busy", "--free", "90m"], &day[..]].concat());
    let starts: Vec<&str> = free
        .as_array()
        .unwrap()
        .iter()
        .map(|stretch| &stretch["start"].as_str().unwrap()[11..16])
        .collect();
    assert_eq!(starts, ["09:00", "13:00"]);
    check(
        device.failure(&[&["free-busy", "--free", "long"], &day[..]].concat()),
        2,
        "invalidInput",
    );
}

#[test]
fn the_next_reminders_ring_in_order() {
    let device = Device::started();
    let ten = ["--set", "reminders=10m"];
    device.add("Later", "2098-11-23T12:00", &ten);
    let id = device.add("Sooner", "2097-11-23T12:00", &ten);
    device.add("Silent", "2097-11-23T12:00", &[]);
    let rings = device.json(&["reminders", "--next", "5", "--zone", "Europe/Berlin"]);
    let titles: Vec<&str> = rings
        .as_array()
        .unwrap()
        .iter()
        .map(|ring| ring["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Sooner", "Later"]);
    assert_eq!(rings[0]["at"], "2097-11-23T11:50:00+01:00");
    device.json(&["delete", &id]);
    let rings = device.json(&["reminders"]);
    assert_eq!(rings.as_array().unwrap().len(), 1);
}

#[test]
fn an_event_is_shown_with_its_link_to_join() {
    let device = Device::started();
    let more = [
        "--notes",
        "Agenda\nhttps://meet.jit.si/AdaAndGrace",
        "--set",
        "reminders=1h",
        "--guest",
        "Grace <grace@example.org>",
    ];
    let id = device.add("Call", "2026-11-23T12:00", &more);
    let shown = device.json(&["show", &id[..6]]);
    assert_eq!(shown["join"]["url"], "https://meet.jit.si/AdaAndGrace");
    assert_eq!(shown["reminders"][0], "1 hour before");
    let text = String::from_utf8(device.run(&["show", &id]).stdout).unwrap();
    for part in [
        "Call\n",
        "When       Mon 23 Nov 2026, 12:00–13:00 Europe/Berlin",
        "Join ",
        "Guest      Grace <grace@example.org> has not answered",
        "\n\nAgenda",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    check(device.failure(&["show", "0000"]), 3, "notFound");
}

#[test]
fn holidays_and_birthdays_are_computed_here() {
    let device = Device::empty();
    let days = device.json(&["holidays", "DE-BY", "2027"]);
    let epiphany = &days.as_array().unwrap()[1];
    assert_eq!(
        (&epiphany["date"], &epiphany["kind"]),
        (&"2027-01-06".into(), &"public".into())
    );
    check(device.failure(&["holidays", "XX", "2027"]), 3, "notFound");
    let device = Device::started();
    device.json(&["birthday", "Grace", "1906-12-09", "--calendar", "Home"]);
    device.json(&["birthday", "Ada", "--12-10"]);
    let shown = device.list("2026-12-09", "2026-12-11");
    let titles: Vec<&str> = shown
        .iter()
        .map(|row| row["summary"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Grace", "Ada"]);
    check(
        device.failure(&["birthday", "Bob", "soon"]),
        2,
        "invalidInput",
    );
}
