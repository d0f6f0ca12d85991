//! The classes that only a whole file can show: what belongs to whom, and which clock is meant.

use almanac_calendar::expand::expand;
use almanac_calendar::{Event, Occurrence, Zone, ics};
use jiff::Timestamp;

/// Everything in a file from 2026 to 2028, `start title`, and how many findings there were.
fn check(lines: &str, problems: usize, expected: &[&str]) {
    let text = format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n");
    let text: Vec<&str> = text.lines().map(str::trim).collect();
    let (events, found) = ics::read(text.join("\r\n").as_bytes());
    assert_eq!(found.len(), problems, "{found:?}");
    assert_eq!(shown(&events), expected);
    // What is written means the same.
    let again = ics::read(ics::write(&events, None).as_bytes()).0;
    assert_eq!(shown(&again), expected);
}

fn shown(events: &[Event]) -> Vec<String> {
    let window: std::ops::Range<Timestamp> =
        "2026-01-01T00:00:00Z".parse().unwrap().."2028-01-01T00:00:00Z".parse().unwrap();
    let shown = |one: Occurrence| {
        if one.all_day {
            format!("{} {}", one.local_start.date(), one.title)
        } else {
            format!("{} {}", one.start, one.title)
        }
    };
    let mut all: Vec<String> = events
        .iter()
        .flat_map(|event| expand(event, window.clone(), &Zone::utc()))
        .map(shown)
        .collect();
    all.sort();
    all
}

const SERIES: &str = "BEGIN:VEVENT
    UID:a
    DTSTART;TZID=Europe/Berlin:20261120T100000
    DTEND;TZID=Europe/Berlin:20261120T110000
    RRULE:FREQ=DAILY;COUNT=3
    SUMMARY:One
    ";

#[test]
fn an_exception_date_may_be_in_utc_in_another_zone_or_a_day() {
    for line in [
        "EXDATE:20261121T090000Z",
        "EXDATE;TZID=America/New_York:20261121T040000",
        "EXDATE;VALUE=DATE:20261121",
    ] {
        let lines = format!("{SERIES}{line}\nEND:VEVENT");
        check(
            &lines,
            0,
            &["2026-11-20T09:00:00Z One", "2026-11-22T09:00:00Z One"],
        );
    }
}

#[test]
fn a_changed_date_may_be_named_in_utc_or_another_zone_and_come_first_in_the_file() {
    for name in [
        "RECURRENCE-ID:20261121T090000Z",
        "RECURRENCE-ID;TZID=Asia/Tokyo:20261121T180000",
    ] {
        let changed = format!(
            "BEGIN:VEVENT\nUID:a\n{name}\nSEQUENCE:4\nDTSTART:20261121T150000Z\nSUMMARY:Moved\nEND:VEVENT"
        );
        let expected = [
            "2026-11-20T09:00:00Z One",
            "2026-11-21T15:00:00Z Moved",
            "2026-11-22T09:00:00Z One",
        ];
        check(&format!("{SERIES}END:VEVENT\n{changed}"), 0, &expected);
        check(&format!("{changed}\n{SERIES}END:VEVENT"), 0, &expected);
    }
}

#[test]
fn two_series_with_changes_on_the_same_date_keep_their_own() {
    let other = SERIES.replace("UID:a", "UID:b").replace("One", "Two");
    let change = |uid: &str, title: &str| {
        format!(
            "BEGIN:VEVENT\nUID:{uid}\nRECURRENCE-ID:20261121T090000Z\nDTSTART:20261121T090000Z\nSUMMARY:{title}\nEND:VEVENT"
        )
    };
    let lines = [
        format!("{SERIES}END:VEVENT"),
        format!("{other}END:VEVENT"),
        change("b", "Two!"),
        change("a", "One!"),
    ];
    check(
        &lines.join("\n"),
        0,
        &[
            "2026-11-20T09:00:00Z One",
            "2026-11-20T09:00:00Z Two",
            "2026-11-21T09:00:00Z One!",
            "2026-11-21T09:00:00Z Two!",
            "2026-11-22T09:00:00Z One",
            "2026-11-22T09:00:00Z Two",
        ],
    );
}

#[test]
fn a_change_from_a_date_on_leaves_a_later_single_change_alone() {
    let later = "BEGIN:VEVENT
        UID:a
        RECURRENCE-ID;RANGE=THISANDFUTURE:20261121T090000Z
        DTSTART;TZID=Europe/Berlin:20261121T120000
        DTEND;TZID=Europe/Berlin:20261121T123000
        SUMMARY:Later
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20261122T090000Z
        DTSTART;TZID=Europe/Berlin:20261122T080000
        SUMMARY:Alone
        END:VEVENT";
    check(
        &format!("{SERIES}END:VEVENT\n{later}"),
        0,
        &[
            "2026-11-20T09:00:00Z One",
            "2026-11-21T11:00:00Z Later",
            "2026-11-22T07:00:00Z Alone",
        ],
    );
}

fn block(name: &str, offset: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
         TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE"
    )
}

fn at_noon(zone: &str) -> String {
    format!("BEGIN:VEVENT\nUID:a\nDTSTART;TZID={zone}:20260701T120000\nSUMMARY:Noon\nEND:VEVENT")
}

#[test]
fn a_name_that_everyone_knows_wins_over_the_files_own_block() {
    for name in [
        "Europe/Berlin",
        "W. Europe Standard Time",
        "/mozilla.org/1_1/Europe/Berlin",
    ] {
        let lines = format!("{}\n{}", block(name, "-0300"), at_noon(name));
        check(&lines, 0, &["2026-07-01T10:00:00Z Noon"]);
    }
}

#[test]
fn a_name_that_is_the_files_own_means_its_block_wherever_that_stands() {
    for name in [
        "Ours",
        "Customized Time Zone",
        "\"tzone://Microsoft/Custom\"",
        "\"(GMT +01:00)\"",
    ] {
        let (block, noon) = (block(name.trim_matches('"'), "-0300"), at_noon(name));
        check(
            &format!("{block}\n{noon}"),
            0,
            &["2026-07-01T15:00:00Z Noon"],
        );
        check(
            &format!("{noon}\n{block}"),
            0,
            &["2026-07-01T15:00:00Z Noon"],
        );
    }
}

#[test]
fn a_name_without_a_block_is_reported_and_kept() {
    check(
        &at_noon("Nowhere/Middle"),
        1,
        &["2026-07-01T12:00:00Z Noon"],
    );
    let name = "GMT +0100 (Standard) / GMT +0200 (Daylight)";
    check(&at_noon(name), 1, &["2026-07-01T11:00:00Z Noon"]);
}

#[test]
fn an_event_without_an_end_has_no_length_and_a_day_is_a_day() {
    let lines = "BEGIN:VEVENT\nUID:a\nDTSTART:20260701T120000Z\nSUMMARY:Noon\nEND:VEVENT";
    let (events, _) = ics::read(format!("BEGIN:VCALENDAR\r\n{lines}\r\nEND:VCALENDAR").as_bytes());
    let (start, end) = events[0].when.span(&Zone::utc());
    assert_eq!(start, end);
    let lines = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260701\nSUMMARY:Day\nEND:VEVENT";
    check(lines, 0, &["2026-07-01 Day"]);
}

#[test]
fn a_rule_in_another_calendar_is_kept_reported_and_shown_once() {
    let rule = "RRULE:RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=5L;SKIP=FORWARD";
    let lines = format!(
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260217\n{rule}\nSUMMARY:New year\nEND:VEVENT"
    );
    check(&lines, 1, &["2026-02-17 New year"]);
    let text = format!(
        "BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR",
        lines.replace('\n', "\r\n")
    );
    let (events, problems) = ics::read(text.as_bytes());
    assert!(
        problems[0].to_string().contains("CHINESE"),
        "{}",
        problems[0]
    );
    assert!(ics::write(&events, None).contains(rule));
}
