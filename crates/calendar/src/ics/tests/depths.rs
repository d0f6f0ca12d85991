//! Tasks, busy times, kept parameters, and events that borrow.

use super::*;
use crate::event::Due;

#[test]
fn tasks_are_due_planned_and_done() {
    let due = |lines: &str| {
        let event = one(&format!("BEGIN:VTODO\nUID:a\n{lines}\nEND:VTODO"));
        let (task, start) = (event.task.clone().unwrap(), event.when.start());
        (event, task, start.to_string())
    };
    let berlin = Some(Zone::named("Europe/Berlin"));
    let at = |text: &str| Due::At {
        at: text.parse().unwrap(),
        zone: berlin.clone(),
    };
    let (_, task, start) = due("DUE;TZID=Europe/Berlin:20261120T170000\nPRIORITY:1");
    assert_eq!(task.due, Some(at("2026-11-20T17:00:00")));
    assert_eq!((task.priority, task.is_planned), (1, false));
    assert_eq!(start, "2026-11-20T17:00:00");
    let (event, task, _) = due("DTSTART;TZID=Europe/Berlin:20261120T090000\nDURATION:PT2H");
    assert_eq!(task.due, Some(at("2026-11-20T11:00:00")));
    assert!(task.is_planned);
    assert!(write([&event], None).contains("DURATION:PT2H"));
    let (event, task, start) =
        due("CREATED:20261030T120000Z\nSTATUS:COMPLETED\nDTSTAMP:20261101T000000Z");
    assert_eq!(task.due, None);
    assert_eq!(task.done, event.stamped);
    assert_eq!(start, "2026-10-30T00:00:00");
    let (event, task, _) = due("DUE;VALUE=DATE:20261120\nSTATUS:IN-PROCESS");
    assert_eq!(task.due, Some(Due::On("2026-11-20".parse().unwrap())));
    assert!(write([&event], None).contains("STATUS:IN-PROCESS"));
    // Once it is done, what was said before gives way.
    let mut done = event.clone();
    done.task.as_mut().unwrap().done = event
        .stamped
        .or(Some("2026-11-19T00:00:00Z".parse().unwrap()));
    let text = write([&done], None);
    assert!(
        text.contains("STATUS:COMPLETED\r\n") && !text.contains("IN-PROCESS"),
        "{text}"
    );
}

#[test]
fn busy_times_are_read_and_written() {
    let text = file(
        "BEGIN:VFREEBUSY
        UID:a
        DTSTAMP:20261101T000000Z
        ORGANIZER:mailto:ada@example.com
        DTSTART:20261120T000000Z
        DTEND:20261127T000000Z
        FREEBUSY:20261121T090000Z/PT1H,20261120T090000Z/20261120T100000Z
        FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261122T090000Z/PT1H
        FREEBUSY;FBTYPE=FREE:20261123T090000Z/PT1H
        END:VFREEBUSY",
    );
    let read = read_file(text.as_bytes());
    let found: Vec<String> = read.busy[0]
        .periods
        .iter()
        .map(|one| format!("{:?} {} {}", one.kind, one.span.start, one.span.end))
        .collect();
    assert_eq!(
        found,
        [
            "Tentative 2026-11-22T09:00:00Z 2026-11-22T10:00:00Z",
            "Busy 2026-11-20T09:00:00Z 2026-11-20T10:00:00Z",
            "Busy 2026-11-21T09:00:00Z 2026-11-21T10:00:00Z",
        ]
    );
    assert_eq!(
        read.busy[0].unknown,
        ["FREEBUSY;FBTYPE=FREE:20261123T090000Z/PT1H"]
    );
    assert_eq!(read_file(write_file(&read).as_bytes()).busy, read.busy);
}

#[test]
fn an_edited_text_keeps_its_parameters() {
    let mut event = one("BEGIN:VEVENT
        UID:a
        DTSTART:20261120T100000Z
        SUMMARY;LANGUAGE=de:Tee
        END:VEVENT");
    event.title = "Kaffee".into();
    assert!(write([&event], None).contains("SUMMARY;LANGUAGE=de:Kaffee\r\n"));
}

#[test]
fn typed_events_borrow_from_the_file() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Europe/Berlin:20261120T100000
        EXDATE;TZID=Europe/Berlin:20261127T100000,20261204T100000
        RRULE:FREQ=WEEKLY
        SUMMARY:Plain
        LOCATION:Escaped\\, so owned
        X-OURS:1
        END:VEVENT",
    );
    let file = parse(text.as_bytes());
    let events: Vec<Vevent<'_>> = file.events().collect();
    let event = &events[0];
    assert!(matches!(event.title, std::borrow::Cow::Borrowed("Plain")));
    assert_eq!(event.place, "Escaped, so owned");
    assert_eq!(
        event.start.as_ref().unwrap().zone.as_deref(),
        Some("Europe/Berlin")
    );
    assert_eq!((event.skipped.len(), event.rules.len()), (2, 1));
    let other = event.others().next().unwrap();
    assert_eq!((other.value(), other.number()), ("1", 10));
}

#[test]
fn a_calendar_after_one_that_breaks_off_is_read_too() {
    let whole = file("BEGIN:VEVENT\nUID:b\nDTSTART:20261120T100000Z\nEND:VEVENT");
    let broken = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261121T100000Z\nBEGIN:VALARM\n";
    let (events, _) = read(format!("{broken}{whole}").as_bytes());
    let uids: Vec<_> = events.iter().map(|event| event.uid.as_str()).collect();
    assert_eq!(uids, ["a", "b"]);
}

#[test]
fn a_line_that_goes_on_from_none_stands_by_itself() {
    for text in ["\tX-ODD:1\nBEGIN:VCALENDAR\nEND:VCALENDAR", "\n  X-ODD:1\n"] {
        let first = read_file(text.as_bytes());
        assert_eq!(first.properties, ["X-ODD:1"], "{text}");
        let second = read_file(write_file(&first).as_bytes());
        assert_eq!(second.properties, ["CALSCALE:GREGORIAN", "X-ODD:1"]);
    }
}

#[test]
fn a_line_that_is_longer_than_anything_kept_is_left_out_and_told() {
    let long = "x".repeat(1024 * 1024);
    let folded = long.as_bytes().chunks(60);
    let folded: Vec<_> = folded.map(|part| str::from_utf8(part).unwrap()).collect();
    let folded = folded.join("\n ");
    for notes in [&long, &folded] {
        let event =
            format!("BEGIN:VEVENT\nUID:a\nDTSTART:20261120\nDESCRIPTION:{notes}\nEND:VEVENT");
        let file = format!("BEGIN:VCALENDAR\n{event}\nEND:VCALENDAR\n");
        let (events, problems) = read(file.as_bytes());
        let [event] = &events[..] else {
            panic!("one event: {}", events.len())
        };
        assert_eq!(event.notes, "");
        let kinds: Vec<_> = problems.iter().map(|one| (one.line, &one.kind)).collect();
        assert_eq!(kinds, [(5, &ProblemKind::LongLine)]);
    }
}
