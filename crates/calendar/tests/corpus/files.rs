//! Whole calendars against the consensus of independent programs.

use almanac_calendar::{Occurrence, OriginalStart, When, Zone, expand, ics};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::folder::{Outcome, Score, cases, path, text};

/// Calendars that we read differently on purpose, and why.
const EXCEPTIONS: [(&str, &str); 6] = [
    (
        "ics-2edb124abe",
        "UNTIL before DTSTART: DTSTART counts as the first instance always (RFC 5545 §3.8.5.3)",
    ),
    ("ics-74207ada6f", "the same"),
    ("ics-822a1fb2f3", "the same"),
    (
        "ics-403ab06fa1",
        "UNTIL in local form beside a TZID is read in that zone, not as UTC",
    ),
    ("ics-f0792fd2be", "the same"),
    (
        "ics-ba51c10325",
        "RFC 5545 §3.6.1 asks for a UID and does not say what to do without one; an event that \
         is not shown is lost",
    ),
];

/// Calendars whose ends we read differently on purpose, and why.
const ENDS: [(&str, &str); 3] = [
    (
        "ics-a27998923a",
        "RFC 5545 §3.8.5.3: of a series with DTEND all occurrences last exactly as long",
    ),
    (
        "ics-9e0efe0cbb",
        "RFC 5545 §3.8.2.2: DTEND must be later than DTSTART; a day that is not is shown as one",
    ),
    (
        "ics-4731ee312f",
        "the same; an event that ends before it starts is shown without a length, and told",
    ),
];

type Row = (String, String, String);

fn instant(text: &str) -> Timestamp {
    let stamp: OriginalStart = text.parse().unwrap();
    Zone::utc().instant(stamp.wall_clock())
}

fn wall(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

/// Start and end as the cases have them: a date, a wall clock, or an instant.
fn row(occurrence: &Occurrence, uid: &str) -> Row {
    let utc = |at: Timestamp| format!("{}Z", wall(Zone::utc().wall_clock(at)));
    let date = |at: DateTime| at.strftime("%Y%m%d").to_string();
    let (start, end) = if occurrence.all_day {
        (date(occurrence.local_start), date(occurrence.local_end))
    } else if occurrence.zone.is_some() {
        (utc(occurrence.start), utc(occurrence.end))
    } else {
        (wall(occurrence.local_start), wall(occurrence.local_end))
    };
    (start, end, uid.to_owned())
}

fn rows(case: &Value) -> Vec<Row> {
    let file = path(&format!("ics/{}", text(case, "file"))).unwrap();
    let (events, _) = ics::read(&std::fs::read(file).unwrap());
    let window = |at: usize| case["window"][at].as_str().unwrap();
    let span = instant(window(0))..instant(window(1));
    let mut found = Vec::new();
    // The cases list no tasks.
    for event in events.iter().filter(|event| event.task.is_none()) {
        let whole = expand(event, span.clone(), &Zone::utc());
        found.extend(whole.iter().map(|one| row(one, &event.uid)));
        assert!(!matches!(event.when, When::AllDay { start, end } if end <= start));
    }
    let day = |text: &str| text.get(..8).unwrap_or_default().to_owned();
    found.retain(|(start, ..)| (day(window(0))..day(window(1))).contains(&day(start)));
    found.sort();
    found
}

#[test]
fn calendars_show_what_programs_agree_on() {
    let mut score = Score::of("calendars");
    let mut ends = Score::of("calendars, ends too");
    for case in cases("ics/cases.jsonl") {
        let argued = |list: &[(&str, &str)]| list.iter().any(|(id, _)| *id == text(&case, "id"));
        if argued(&EXCEPTIONS) {
            score.add(&case, "", Outcome::Argued);
            continue;
        }
        let list = case["expected"].as_array().unwrap();
        let field = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let mut expected: Vec<Row> = list
            .iter()
            .map(|one| (field(one, "start"), field(one, "end"), field(one, "uid")))
            .collect();
        expected.sort();
        let found = rows(&case);
        let starts = |rows: &[Row]| {
            let mut starts: Vec<_> = rows
                .iter()
                .map(|row| (row.0.clone(), row.2.clone()))
                .collect();
            starts.sort();
            starts
        };
        let holds = starts(&found) == starts(&expected);
        let differing = |a: &[Row], b: &[Row]| -> Vec<Row> {
            a.iter()
                .filter(|row| !b.contains(row))
                .take(3)
                .cloned()
                .collect()
        };
        let about = format!(
            "{} {} {} of {}\n  missing {:?}\n  extra   {:?}",
            text(&case, "file"),
            case["tags"],
            found.len(),
            expected.len(),
            differing(&expected, &found),
            differing(&found, &expected)
        );
        if holds && case["ends"] == Value::Bool(true) {
            let outcome = if argued(&ENDS) {
                Outcome::Argued
            } else {
                Outcome::from(found == expected)
            };
            ends.add(&case, &about, outcome);
        }
        score.add(&case, &about, holds);
    }
    score.print();
    score.is_whole("ics/cases.jsonl");
    ends.print();
    assert_eq!(score.failed_in("A"), 0);
    assert_eq!(score.failed_in("B"), 0);
    assert_eq!(ends.failed_in("A") + ends.failed_in("B"), 0);
}
