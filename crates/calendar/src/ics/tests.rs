//! Small files of our own: what is read, what is reported, what comes back.

mod depths;
mod parameters;
mod without_series;

use super::*;
use crate::event::{Answer, Event, Status, Trigger};
use crate::expand::next;
use crate::length::Length;
use crate::zone::Zone;

fn starts(event: &Event) -> Vec<String> {
    let from = "2000-01-01T00:00:00Z".parse().unwrap();
    next(event, from, 20, &Zone::utc())
        .iter()
        .map(|one| one.start.to_string())
        .collect()
}

fn file(lines: &str) -> String {
    let body = lines
        .trim()
        .lines()
        .map(str::trim_start)
        .collect::<Vec<_>>()
        .join("\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}\r\nEND:VCALENDAR\r\n")
}

fn one(lines: &str) -> Event {
    let (events, problems) = read(file(lines).as_bytes());
    assert_eq!(problems, []);
    assert_eq!(events.len(), 1);
    events.into_iter().next().unwrap()
}

fn sentences(bytes: &[u8]) -> Vec<String> {
    read(bytes).1.iter().map(ToString::to_string).collect()
}

const TEA: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261120T100000Z\n\
    SUMMARY:Tea and\n  cäke\nLOCATION:Rome\nEND:VEVENT\nEND:VCALENDAR\n";

fn is_tea(bytes: &[u8]) {
    let (events, problems) = read(bytes);
    assert_eq!(problems, []);
    let fields: Vec<_> = events
        .iter()
        .map(|event| (event.title.as_str(), event.place.as_str()))
        .collect();
    assert_eq!(fields, [("Tea and cäke", "Rome")]);
}

#[test]
fn lines_end_in_either_sign_or_both_in_one_file_too() {
    for end in ["\n", "\r", "\r\n", "\r\r\n"] {
        is_tea(TEA.replace('\n', end).as_bytes());
    }
    for line in 0..TEA.lines().count() {
        let ends = |at: usize| if at == line { "\n" } else { "\r" };
        let lines = TEA.lines().enumerate();
        let text: String = lines
            .map(|(at, one)| format!("{one}{}", ends(at)))
            .collect();
        is_tea(text.as_bytes());
    }
}

#[test]
fn a_stray_end_within_a_text_loses_nothing() {
    let text = TEA.replace("Tea and", "Tea\rand more and");
    let (events, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    assert_eq!(events[0].title, "Tea\rand more and cäke");
}

#[test]
fn utf_16_is_read_where_the_file_says_that_it_is() {
    let numbers = || std::iter::once(0xfeff).chain(TEA.encode_utf16());
    let little: Vec<u8> = numbers().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = numbers().flat_map(u16::to_be_bytes).collect();
    is_tea(&little);
    is_tea(&big);
    // A letter that breaks off.
    is_tea(&[little.as_slice(), b"\r"].concat());
    assert_eq!(parse(&big).events().count(), 1);
}

#[test]
fn a_zone_nobody_knows_is_read_as_the_sentence_says() {
    let check = |name: &str, wanted: &str, start: &str| {
        let text = file(&format!(
            "BEGIN:VEVENT\nUID:a\nDTSTART;TZID={name}:20261120T100000\nEND:VEVENT"
        ));
        let said = sentences(text.as_bytes());
        let wanted =
            format!("Line 3: The time zone “{name}” is unknown; its times were read as {wanted}.");
        assert_eq!(said, [wanted]);
        assert_eq!(starts(&read(text.as_bytes()).0[0]), [start]);
    };
    check("Nowhere/Middle", "UTC", "2026-11-20T10:00:00Z");
    let said = "UTC+05:30, as its name says";
    check("GMT +0530 (Nowhere)", said, "2026-11-20T04:30:00Z");
}

#[test]
fn many_described_zones_take_no_longer_each() {
    let block = |number| format!("BEGIN:VTIMEZONE\r\nTZID:z{number}\r\nEND:VTIMEZONE\r\n");
    let blocks: String = (0..40_000).map(block).collect();
    let event = "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261120T100000Z\r\nEND:VEVENT";
    let begun = std::time::Instant::now();
    let read = read_file(file(&format!("{blocks}{blocks}{event}")).as_bytes());
    assert_eq!(read.zones.len(), 40_000);
    assert_eq!(write_file(&read).matches("TZID:z").count(), 40_000);
    // Each compared with all others: more than a minute.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn an_event_is_read_with_its_folds_and_escapes() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID=Europe/Berlin:20261120T100000\n\
        DTEND;TZID=Europe/Berlin:20261120T113000\nSUMMARY:Tea\\, cake\n  and a lo\n ng talk\n\
        ATTENDEE;CN=\"Lovelace: Ada\";PARTSTAT=ACCEPTED;X-NUM=2:mailto:ada@example.com\n\
        X-OURS;A=1:kept\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM\n\
        END:VEVENT\nEND:VCALENDAR\n";
    let (events, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    let event = &events[0];
    assert_eq!(event.title, "Tea, cake and a long talk");
    assert_eq!(event.unknown, ["X-OURS;A=1:kept"]);
    let guest = &event.guests["mailto:ada@example.com"];
    assert_eq!(
        (guest.name.as_str(), guest.answer),
        ("Lovelace: Ada", Answer::Accepted)
    );
    assert_eq!(guest.unknown, "X-NUM=2");
    let reminder = event.reminders.values().next().unwrap();
    assert_eq!(
        reminder.trigger,
        Trigger::FromStart(Length::from_minutes(-15))
    );
    assert_eq!(starts(event), ["2026-11-20T09:00:00Z"]);
}

#[test]
fn overrides_find_their_series_in_any_order_and_form() {
    let event = one("BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20261121T090000Z
        DTSTART;TZID=Europe/Berlin:20261121T120000
        DTEND;TZID=Europe/Berlin:20261121T130000
        SUMMARY:Moved
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Europe/Berlin:20261120T100000
        DTEND;TZID=Europe/Berlin:20261120T110000
        RRULE:FREQ=DAILY;COUNT=4
        EXDATE;VALUE=DATE:20261122
        SUMMARY:Tea
        END:VEVENT");
    assert_eq!(
        starts(&event),
        [
            "2026-11-20T09:00:00Z",
            "2026-11-21T11:00:00Z",
            "2026-11-23T09:00:00Z"
        ]
    );
    let change = event.overrides.values().next().unwrap();
    assert_eq!(change.title.as_deref(), Some("Moved"));
    assert_eq!(change.place, None);
}

#[test]
fn this_and_future_moves_all_from_there_on() {
    let event = one("BEGIN:VEVENT
        UID:a
        DTSTART:20261120T100000Z
        DURATION:PT1H
        RRULE:FREQ=DAILY;COUNT=4
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID;RANGE=THISANDFUTURE:20261122T100000Z
        DTSTART:20261122T150000Z
        DURATION:PT2H
        END:VEVENT");
    assert_eq!(
        starts(&event),
        [
            "2026-11-20T10:00:00Z",
            "2026-11-21T10:00:00Z",
            "2026-11-22T15:00:00Z",
            "2026-11-23T15:00:00Z"
        ]
    );
}

#[test]
fn a_zone_of_the_files_own_is_used_and_kept() {
    let event = one("BEGIN:VTIMEZONE
        TZID:Our Office
        BEGIN:STANDARD
        DTSTART:20001029T030000
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        TZOFFSETFROM:+0300
        TZOFFSETTO:+0130
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:20000326T020000
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        TZOFFSETFROM:+0130
        TZOFFSETTO:+0300
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Our Office:20261120T100000
        RRULE:FREQ=MONTHLY;BYMONTHDAY=20;BYMONTH=7,11;COUNT=2
        END:VEVENT");
    let expected = ["2026-11-20T08:30:00Z", "2027-07-20T07:00:00Z"];
    assert_eq!(starts(&event), expected);
    let again = read(write([&event], None).as_bytes()).0;
    assert_eq!(again, std::slice::from_ref(&event));
    let text = serde_json::to_string(&again[0]).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), again[0]);
    assert_eq!(starts(&again[0]), expected);
}

#[test]
fn an_offset_is_a_zone_unless_the_file_says_more() {
    let event = "BEGIN:VEVENT
        UID:a
        DTSTART;TZID=GMT+0100:20260720T100000
        END:VEVENT";
    let zone = "BEGIN:VTIMEZONE
        TZID:GMT+0100
        BEGIN:STANDARD
        DTSTART:20001029T030000
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:20000326T020000
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        END:DAYLIGHT
        END:VTIMEZONE
        ";
    assert_eq!(starts(&one(event)), ["2026-07-20T09:00:00Z"]);
    let described = one(&format!("{zone}{event}"));
    assert_eq!(starts(&described), ["2026-07-20T08:00:00Z"]);
}

#[test]
fn the_newer_of_two_versions_is_kept() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        SEQUENCE:2
        DTSTART:20261121T100000Z
        SUMMARY:New
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        SEQUENCE:1
        DTSTART:20261120T100000Z
        SUMMARY:Old
        END:VEVENT",
    );
    let (events, problems) = read(text.as_bytes());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].title, "New");
    assert_eq!(problems[0].kind, ProblemKind::TwoVersions);
}

#[test]
fn ends_behind_one_before_the_start_are_the_same_when_they_are_written() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        DTSTART:20261121T100000Z
        DTEND:20261120T100000Z
        DTEND;A=1:
        DTEND:some day, some time
        END:VEVENT",
    );
    let file = read_file(text.as_bytes());
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn a_year_before_the_first_is_no_time() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        DTSTART:-05300301T090000Z
        END:VEVENT",
    );
    let file = read_file(text.as_bytes());
    assert!(file.events.is_empty() && file.others[0].contains("-05300301"));
}

#[test]
fn a_broken_file_gives_sentences() {
    assert_eq!(
        sentences(b""),
        ["Line 1: There is no calendar in this file."]
    );
    assert_eq!(
        sentences(b"hello"),
        [
            "Line 1: This line makes no sense and was left out.",
            "Line 1: There is no calendar in this file."
        ]
    );
    let text = file(
        "BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Nowhere/Middle:20261120T100000
        DTEND;TZID=Nowhere/Middle:20261119T100000
        RRULE:FREQ=NEVER
        SUMMARY:Odd
        END:VEVENT
        BEGIN:VJOURNAL
        UID:b
        END:VJOURNAL
        BEGIN:VEVENT
        UID:c",
    );
    let found: Vec<ProblemKind> = read(text.as_bytes())
        .1
        .into_iter()
        .map(|p| p.kind)
        .collect();
    assert!(found.contains(&ProblemKind::EndsBeforeStart));
    assert!(found.contains(&ProblemKind::UnknownZone("Nowhere/Middle".into())));
    assert!(found.contains(&ProblemKind::NotShown("VJOURNAL".into())));
    assert!(found.contains(&ProblemKind::NotClosed("VEVENT".into())));
    assert!(found.contains(&ProblemKind::NoStart));
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, ProblemKind::BadRule(_)))
    );
}

#[test]
fn what_is_written_reads_back() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        DTSTAMP:20261101T000000Z
        SEQUENCE:3
        DTSTART;TZID=America/New_York:20261120T100000
        DTEND;TZID=Europe/London:20261120T160000
        RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20270101T000000Z
        RDATE;TZID=America/New_York;VALUE=PERIOD:20261121T100000/PT3H
        EXDATE;TZID=America/New_York:20261127T100000
        SUMMARY:Grüße\\; ein sehr langer Titel\\, der mehr als fünfundsiebzig Oktette hat\\n und umbricht
        STATUS:TENTATIVE
        TRANSP:TRANSPARENT
        CLASS:PRIVATE
        CATEGORIES:one,two\\,three
        ORGANIZER;CN=Ada;SENT-BY=\"mailto:b@example.com\":mailto:ada@example.com
        ATTENDEE;CN=Ben;ROLE=CHAIR;RSVP=TRUE;CUTYPE=ROOM:mailto:ben@example.com
        ATTACH;FMTTYPE=text/plain:https://example.com/a.txt
        X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"A;B\":geo:1,2
        GEO:1.0;2.0
        BEGIN:VALARM
        ACTION:PROCEDURE
        TRIGGER;RELATED=END:PT5M
        X-OURS:1
        END:VALARM
        BEGIN:X-PART
        X-LINE:1
        END:X-PART
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        DTSTAMP:20261101T000000Z
        SEQUENCE:3
        RECURRENCE-ID;TZID=America/New_York:20261204T100000
        DTSTART;TZID=America/New_York:20261204T120000
        DTEND;TZID=America/New_York:20261204T130000
        STATUS:CANCELLED
        END:VEVENT",
    );
    let (events, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    assert_eq!(
        events[0].overrides.values().next().unwrap().status,
        Some(Status::Cancelled)
    );
    let written = write(&events, Some("Work, mostly"));
    assert!(written.lines().all(|line| line.len() <= 75), "{written}");
    let again = read_file(written.as_bytes());
    assert_eq!(again.problems, []);
    assert_eq!(again.events, events);
    assert_eq!(again.name.as_deref(), Some("Work, mostly"));
    assert!(written.contains("TZID:America/New_York"));
    assert!(written.contains("TZID:Europe/London"));
}

#[test]
fn a_written_zone_means_what_it_did() {
    let event = one("BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Europe/Berlin:20261120T100000
        RRULE:FREQ=MONTHLY;BYMONTHDAY=20;COUNT=12
        END:VEVENT");
    // Under a name nobody knows the written block must speak for itself.
    let renamed = write([&event], None).replace("Europe/Berlin", "Our Berlin");
    let (events, problems) = read(renamed.as_bytes());
    assert_eq!(problems, []);
    assert_eq!(events[0].when.zone().map(Zone::name), Some("Our Berlin"));
    assert_eq!(starts(&events[0]), starts(&event));
}
