//! Occurrences whose series is not in the file: they stand alone, and are written as they were.

use super::*;

#[test]
fn an_override_without_its_series_stands_alone() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20261121T100000Z
        DTSTART:20261122T100000Z
        SUMMARY:Alone
        END:VEVENT",
    );
    let (events, problems) = read(text.as_bytes());
    assert_eq!(starts(&events[0]), ["2026-11-22T10:00:00Z"]);
    assert_eq!(problems[0].kind, ProblemKind::NoSeries);
}

#[test]
fn of_two_versions_without_a_series_the_later_one_counts_in_whatever_zones_they_stand() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        RECURRENCE-ID;TZID=Europe/London:20260309T080000
        DTSTART;TZID=Europe/London:20260301T080000
        SUMMARY:Earlier in the file
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000
        DTSTART;TZID=Europe/Berlin:20260301T090000
        SUMMARY:Later in the file
        END:VEVENT",
    );
    let file = read_file(text.as_bytes());
    assert_eq!(file.events[0].title, "Later in the file");
    assert!(file.others[0].contains("SUMMARY:Earlier in the file"));
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn the_first_of_occurrences_without_a_series_is_the_earliest_whatever_its_kind() {
    let text = file(
        "BEGIN:VTODO
        UID:a
        RECURRENCE-ID:20260310T090000
        END:VTODO
        BEGIN:VTODO
        UID:a
        RECURRENCE-ID:20260305T090000
        DTSTART:20260305T100000
        END:VTODO",
    );
    let file = read_file(text.as_bytes());
    assert_eq!(
        file.events[0].when.original().to_string(),
        "2026-03-05T09:00:00"
    );
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn occurrences_without_a_series_are_told_apart_by_the_zones_they_start_in() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260309T090000
        DTSTART;TZID=Europe/Berlin:20260309T110000
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260309T090000
        DTSTART;TZID=America/New_York:20260309T110000
        END:VEVENT",
    );
    let file = read_file(text.as_bytes());
    assert_eq!(file.events[0].overrides.len(), 2);
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn an_occurrence_without_a_zone_keeps_that_of_its_original_start() {
    let text = file(
        "BEGIN:VEVENT
        UID:a
        RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000
        DTSTART:20260309T110000
        END:VEVENT",
    );
    let file = read_file(text.as_bytes());
    assert!(write_file(&file).contains("RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000"));
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn a_task_changed_from_a_date_on_without_its_series_keeps_its_length() {
    let text = file(
        "BEGIN:VTODO
        UID:a
        RECURRENCE-ID;RANGE=THISANDFUTURE:20260306T090000Z
        DTSTART:20260305T100000Z
        DURATION:PT15M
        END:VTODO",
    );
    let file = read_file(text.as_bytes());
    let (_, end) = file.events[0].when.span(&Zone::utc());
    assert_eq!(end.to_string(), "2026-03-06T09:15:00Z");
    assert_eq!(
        read_file(write_file(&file).as_bytes()).events[0].when,
        file.events[0].when
    );
}

#[test]
fn a_task_that_says_no_day_stands_on_the_one_it_takes_over() {
    let text = file(
        "BEGIN:VTODO
        UID:a
        DTSTAMP:20260101T000000Z
        END:VTODO
        BEGIN:VTODO
        UID:a
        RECURRENCE-ID;VALUE=DATE:20260309
        END:VTODO",
    );
    let file = read_file(text.as_bytes());
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}
