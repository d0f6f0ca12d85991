//! Read, write, read: the same meaning, and no property lost.
//!
//! Both files are taken apart into (path of components, name, parameters, value) and what the
//! second lacks is a failure. What may be written in another way, and why:
//!
//! 1. PRODID and VERSION say who wrote the file, and in which version of the standard: we did.
//! 2. A time counts by what it means: the instant, whatever zone or alias of a zone it is written
//!    in; the day where the series is of days. Without a zone it is in that of its series.
//!    In a series without any zone, UTC is read as the wall clock. VALUE and TZID belong to that. (RFC 5545 §3.8.5.1, §3.8.4.4)
//! 3. Of days, DTEND and DURATION say the same, and one of no length is one day (§3.6.1).
//! 4. An end before the start is left out, and told (§3.8.2.2).
//! 5. A rule counts by what it says, not by the order in which it says it, and its UNTIL is in UTC
//!    where the start is in a zone (§3.3.10); the same rule, date,
//!    category or attachment twice says no more than once.
//! 6. CATEGORIES may be one line or several (§3.8.1.2).
//! 7. A property without a value says nothing.
//! 8. A parameter at its default may be left out: RELATED=START, VALUE of the usual type.
//! 9. A zone is described once, though the file does so twice.
//! 10. What stands outside of any calendar comes into the one.

use almanac_calendar::ics::{self, CalendarFile};
use serde_json::Value;

use super::content::{Content, content};
use super::folder::{Score, cases, path, text};

/// What may be added: what the standard asks for or takes for said where nothing is.
const DEFAULTS: [&str; 16] = [
    " CALSCALE:GREGORIAN",
    "/VEVENT STATUS:CONFIRMED",
    "/VEVENT CLASS:PUBLIC",
    "/VEVENT TRANSP:OPAQUE",
    "/VEVENT SEQUENCE:0",
    "/VEVENT DURATION:PT0S",
    "/VEVENT DTSTAMP:1970-01-01T00:00:00Z",
    "/VEVENT/VALARM ACTION:DISPLAY",
    "/VTODO STATUS:NEEDS-ACTION",
    "/VTODO CLASS:PUBLIC",
    "/VTODO SEQUENCE:0",
    "/VTODO PRIORITY:0",
    "/VTODO PERCENT-COMPLETE:0",
    "/VTODO DTSTAMP:1970-01-01T00:00:00Z",
    "/VTODO/VALARM ACTION:DISPLAY",
    "/VFREEBUSY DTSTAMP:1970-01-01T00:00:00Z",
];
/// What an occurrence takes over from its series: the file must say it of that.
const TAKEN_OVER: [&str; 6] = [
    "/VEVENT CREATED",
    "/VEVENT LAST-MODIFIED",
    "/VTODO CREATED",
    "/VTODO LAST-MODIFIED",
    "/VTODO COMPLETED",
    "/VTODO PERCENT-COMPLETE",
];

/// Whether what a file did not hold may stand in what is written of it.
fn may_be_added(entry: &str, was: &Content) -> bool {
    let (head, value) = entry.split_once(':').unwrap_or((entry, ""));
    let is_name = matches!(head, "/VEVENT UID" | "/VTODO UID") && value.ends_with("@imported");
    let is_of_series = |one: &String| {
        let rest = one.strip_prefix(head);
        rest.is_some_and(|rest| rest.starts_with([':', ';']) && rest.ends_with(value))
    };
    // Of what is done, and nobody says when, it is known when that was written.
    let is_done = head == "/VTODO COMPLETED"
        && ["DTSTAMP", "LAST-MODIFIED"]
            .iter()
            .any(|name| was.contains_key(&format!("/VTODO {name}:{value}")));
    DEFAULTS.contains(&entry)
        || is_name
        || is_done
        || TAKEN_OVER.contains(&head) && was.keys().any(is_of_series)
        || entry.starts_with("/VTIMEZONE")
}

/// Everything that reading, writing and reading again does to a file it should not.
fn damage(bytes: &[u8]) -> Vec<String> {
    let mut damage = Vec::new();
    let first = ics::read_file(bytes);
    let written = ics::write_file(&first);
    let again = ics::read_file(written.as_bytes());
    let sorted = |file: &CalendarFile| {
        let mut events = file.events.clone();
        events.sort_by(|one, other| one.uid.cmp(&other.uid));
        let mut others = file.others.clone();
        others.sort();
        let about = (file.name.clone(), file.color.clone(), file.method.clone());
        (events, others, file.busy.clone(), about)
    };
    let (before, after) = (sorted(&first), sorted(&again));
    for (one, other) in before.0.iter().zip(&after.0) {
        if one != other {
            damage.push(format!("changed\n    {one:?}\n    {other:?}"));
        }
    }
    if before.0.len() != after.0.len() {
        damage.push(format!(
            "{} events became {}",
            before.0.len(),
            after.0.len()
        ));
    }
    let is_described = |zone: &String| again.zones.contains(zone);
    if (before != after || !first.zones.iter().all(is_described)) && damage.is_empty() {
        damage.push("something beside the events changed".to_owned());
    }
    let (mut was, is) = (content(bytes), content(written.as_bytes()));
    let zone_lines = |content: &mut Content| {
        for (entry, count) in content.iter_mut() {
            if entry.starts_with("/VTIMEZONE") {
                *count = 1;
            }
        }
    };
    zone_lines(&mut was);
    for (entry, count) in &was {
        let left = is.get(entry).copied().unwrap_or(0);
        if left < *count {
            damage.push(format!("lost {entry}"));
        }
    }
    for (entry, count) in &is {
        let is_added = was.get(entry).copied().unwrap_or(0) < *count;
        if is_added && !may_be_added(entry, &was) {
            damage.push(format!("added {entry}"));
        }
    }
    damage
}

#[test]
fn calendars_come_back_whole() {
    let mut score = Score::of("round trip of calendars");
    for case in cases("ics/cases.jsonl") {
        let file = path(&format!("ics/{}", text(&case, "file"))).unwrap();
        let damage = damage(&std::fs::read(file).unwrap());
        let about = format!("{} {damage:#?}", text(&case, "file"));
        score.add(&case, &about, damage.is_empty());
    }
    score.print();
    score.is_whole("ics/cases.jsonl");
    assert_eq!(score.failed(), 0);
}

#[test]
fn described_zones_come_back_whole() {
    let mut score = Score::of("round trip of zones");
    for case in cases("zones/vtimezone-cases.jsonl") {
        let block = text(&case, "ics").trim();
        let name = Value::from(block).to_string();
        let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{block}\nEND:VCALENDAR\n");
        let damage = damage(file.as_bytes());
        score.add(&case, &format!("{name} {damage:#?}"), damage.is_empty());
    }
    score.print();
    score.is_whole("zones/vtimezone-cases.jsonl");
    assert_eq!(score.failed(), 0);
}

/// Small files of our own, one for each kind of thing a file may hold.
#[test]
fn our_own_files_come_back_whole() {
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/round_trip")).unwrap()
    {
        let path = entry.unwrap().path();
        let damage = damage(&std::fs::read(&path).unwrap());
        assert!(damage.is_empty(), "{} {damage:#?}", path.display());
    }
}
