//! .ics files in and out.

use almanac_client::{EditEvent, ErrorCode, ImportFile, RemoveEvent, TimesInput, expand_file};

use crate::device::{Device, ZONE, edit, line};

/// The calendar of the demonstration.
const DEMO: &str = include_str!("../../../../tests/corpus/demo.ics");

const DEMO_WEEK: [&str; 8] = [
    "2026-11-23T09:15 Stand-up",
    "2026-11-24T09:15 Stand-up",
    "2026-11-24T16:00 Call with Boston",
    "2026-11-25T19:00 Dinner with Grace",
    "2026-11-26T10:00 Stand-up, later",
    "2026-11-27 Weekend in Potsdam",
    "2026-11-27T09:15 Stand-up",
    "end",
];

fn week(device: &Device) -> Vec<String> {
    let rows = device
        .client
        .list("2026-11-23", "2026-11-30", Some(ZONE), None)
        .unwrap();
    rows.iter().map(line).chain(["end".to_owned()]).collect()
}

fn one(sequence: u32, title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one@test\r\nSEQUENCE:{sequence}\r\n\
         DTSTART:20261123T110000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn a_calendar_comes_in_goes_out_and_means_the_same() {
    let device = Device::new();
    let report = device.import(DEMO);
    assert_eq!(
        (report.imported, report.updated, report.unchanged),
        (4, 0, 0)
    );
    assert_eq!(report.problems, []);
    assert_eq!(week(&device), DEMO_WEEK);
    let text = device.client.export(Some("Home")).unwrap();
    let other = Device::new();
    assert_eq!(other.import(&text).imported, 4);
    assert_eq!(week(&other), DEMO_WEEK);
    let again = other.import(&text);
    assert_eq!((again.imported, again.updated, again.unchanged), (0, 0, 4));
    let expanded = expand_file(text.as_bytes(), "2026-11-23", "2026-11-30", Some(ZONE)).unwrap();
    let lines: Vec<String> = expanded.occurrences.iter().map(line).collect();
    assert_eq!(lines, DEMO_WEEK[..7]);
}

#[test]
fn what_was_made_here_comes_back_unchanged() {
    let device = Device::new();
    device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let text = device.client.export(None).unwrap();
    let again = device.import(&text);
    assert_eq!((again.imported, again.updated, again.unchanged), (0, 0, 1));
}

#[test]
fn a_newer_file_wins_and_an_older_one_does_not() {
    let device = Device::new();
    assert_eq!(device.import(&one(2, "Lunch")).imported, 1);
    assert_eq!(device.import(&one(2, "Brunch")).updated, 1);
    let older = device.import(&one(1, "Breakfast"));
    assert_eq!(
        (older.updated, older.unchanged, older.problems.len()),
        (0, 1, 1)
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Brunch"]);
}

#[test]
fn a_deleted_event_comes_back_with_its_file() {
    let device = Device::new();
    device.import(&one(0, "Lunch"));
    let rows = device
        .client
        .list("2026-11-23", "2026-11-24", Some(ZONE), None)
        .unwrap();
    device.client.remove(&rows[0].event).unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    assert_eq!(device.import(&one(0, "Lunch")).imported, 1);
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn a_file_that_is_no_calendar_is_refused() {
    let device = Device::new();
    for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"Dear Ada,\n"] {
        let file = ImportFile {
            calendar: "Home".into(),
            name: "letter.txt".into(),
            bytes: bytes.to_vec(),
        };
        let refused = device.client.import(file).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
        assert!(refused.message.starts_with("letter.txt holds no calendar."));
    }
}

#[test]
fn a_large_file_is_imported_in_parts() {
    let device = Device::new();
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
    for number in 0..1_234 {
        let (day, hour) = (1 + number % 28, number % 24);
        text.push_str(&format!(
            "BEGIN:VEVENT\r\nUID:{number}@test\r\nDTSTART:202611{day:02}T{hour:02}0000Z\r\n\
             DURATION:PT30M\r\nSUMMARY:Event {number}\r\nEND:VEVENT\r\n"
        ));
    }
    text.push_str("END:VCALENDAR\r\n");
    assert_eq!(device.import(&text).imported, 1_234);
    assert_eq!(device.november().len(), 1_234);
    assert_eq!(device.import(&text).unchanged, 1_234);
}

/// A daily lunch, stamped in this minute.
fn daily(minute: u32, sequence: u32, title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:daily@test\r\n\
         DTSTAMP:20261101T10{minute:02}00Z\r\nSEQUENCE:{sequence}\r\n\
         DTSTART:20261123T110000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:{title}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn an_event_and_a_task_that_share_a_uid_are_two() {
    let event = "BEGIN:VEVENT\r\nUID:one@test\r\nDTSTART:20261123T110000Z\r\n\
                 SUMMARY:Lunch\r\nEND:VEVENT\r\n";
    let task = "BEGIN:VTODO\r\nUID:one@test\r\nDTSTART:20261124T110000Z\r\n\
                SUMMARY:Shopping\r\nEND:VTODO\r\n";
    let file = |parts: &[&str]| format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", parts.concat());
    let together = Device::new();
    assert_eq!(together.import(&file(&[event, task])).imported, 2);
    assert_eq!(together.import(&file(&[task, event])).unchanged, 2);
    let apart = Device::new();
    assert_eq!(apart.import(&file(&[event])).imported, 1);
    assert_eq!(apart.import(&file(&[task])).imported, 1);
    assert_eq!(week(&apart), week(&together));
    assert_eq!(week(&apart).len(), 3, "{:?}", week(&apart));
}

#[test]
fn importing_the_same_file_again_keeps_what_was_changed_here() {
    let device = Device::new();
    device.import(&daily(0, 0, "Lunch"));
    let rows = device
        .client
        .list("2026-11-23", "2026-11-26", Some(ZONE), None);
    let rows = rows.unwrap();
    let id = rows[0].event.clone();
    device
        .client
        .edit(EditEvent {
            notes: Some("Cake".into()),
            ..edit(&id)
        })
        .unwrap();
    device
        .client
        .remove_part(&RemoveEvent {
            event: id.clone(),
            occurrence: Some(rows[1].occurrence.clone()),
            ..RemoveEvent::default()
        })
        .unwrap();
    let mine = ["2026-11-23T12:00 Lunch", "2026-11-25T12:00 Lunch"];
    // Written out again later, it says nothing new.
    for minute in [0, 1] {
        let again = device.import(&daily(minute, 0, "Lunch"));
        assert_eq!((again.updated, again.unchanged, again.kept), (0, 1, 1));
        assert_eq!(again.undo, None);
        assert_eq!(device.november(), mine);
    }
    let newer = device.import(&daily(2, 1, "Brunch"));
    assert_eq!((newer.updated, newer.kept, newer.replaced), (1, 1, 0));
    assert_eq!(
        device.november(),
        ["2026-11-23T12:00 Brunch", "2026-11-25T12:00 Brunch"]
    );
    assert_eq!(device.client.sheet(&id, None).unwrap().event.notes, "Cake");
    // What an earlier file said is news again after another one said otherwise.
    assert_eq!(device.import(&daily(3, 1, "Lunch")).updated, 1);
    assert_eq!(device.november(), mine);
}

#[test]
fn of_a_field_that_both_changed_the_newer_version_counts_and_can_be_undone() {
    let device = Device::new();
    device.import(&one(0, "Lunch"));
    let rows = device
        .client
        .list("2026-11-23", "2026-11-24", Some(ZONE), None);
    let id = rows.unwrap()[0].event.clone();
    let titled = EditEvent {
        title: Some("Dinner".into()),
        ..edit(&id)
    };
    device.client.edit(titled).unwrap();
    let same = device.import(&one(0, "Brunch"));
    assert_eq!((same.kept, same.replaced), (1, 0));
    assert_eq!(device.november(), ["2026-11-23T12:00 Dinner"]);
    let newer = device.import(&one(1, "Tea"));
    assert_eq!((newer.updated, newer.kept, newer.replaced), (1, 0, 1));
    assert_eq!(device.november(), ["2026-11-23T12:00 Tea"]);
    device.client.undo(newer.undo.unwrap()).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Dinner"]);
}

#[test]
fn every_version_of_a_file_without_stamps_counts() {
    let device = Device::new();
    device.import(&one(0, "Lunch"));
    for title in ["Brunch", "Dinner", "Lunch", "Brunch"] {
        assert_eq!(device.import(&one(0, title)).updated, 1, "{title}");
        assert_eq!(device.november(), [format!("2026-11-23T12:00 {title}")]);
    }
}

#[test]
fn an_event_that_was_moved_is_not_added_a_second_time() {
    let device = Device::new();
    device.import(&one(0, "Lunch"));
    let rows = device
        .client
        .list("2026-11-23", "2026-11-24", Some(ZONE), None);
    let moved = EditEvent {
        calendar: Some("Work".into()),
        title: Some("Dinner".into()),
        ..edit(&rows.unwrap()[0].event)
    };
    device.client.edit(moved).unwrap();
    let again = device.import(&one(0, "Lunch"));
    assert_eq!((again.imported, again.unchanged, again.kept), (0, 1, 1));
    assert!(again.problems[0].message.contains("“Work”"));
    assert_eq!(device.november(), ["2026-11-23T12:00 Dinner"]);
    let newer = device.import(&one(1, "Brunch"));
    assert_eq!((newer.imported, newer.updated), (0, 1));
    assert_eq!(device.november(), ["2026-11-23T12:00 Brunch"]);
}

#[test]
fn an_event_in_a_zone_that_only_its_file_knows_can_be_moved() {
    let device = Device::new();
    device.import(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:My Zone\r\n\
         BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
         TZOFFSETTO:+0137\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a@test\r\n\
         DTSTART;TZID=My Zone:20261123T123700\r\nDURATION:PT1H\r\nSUMMARY:Talk\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Talk"]);
    let listed = device.client.list("2026-11-01", "2026-12-01", None, None);
    let id = listed.unwrap().remove(0).event;
    let times = TimesInput {
        start: Some("2026-11-24T13:37".into()),
        end: Some("2026-11-24T15:37".into()),
        ..TimesInput::default()
    };
    let when = device.client.when_changed(&id, None, &times).unwrap();
    let moved = EditEvent {
        when: Some(when),
        ..edit(&id)
    };
    device.client.edit(moved).unwrap();
    assert_eq!(device.november(), ["2026-11-24T13:00 Talk"]);
}
