//! Whatever comes in: no panic, no hang.

use std::time::{Duration, Instant};

use almanac_calendar::event::Event;
use almanac_calendar::expand::next;
use almanac_calendar::{Rule, When, Zone, ics};

use super::folder::path;

/// Far above what a bounded search takes, also in a slow build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn broken_rules_are_answered_or_refused() {
    let Some(path) = path("recurrence/rrule-parse-robustness.tsv") else {
        return;
    };
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let zone = Zone::named("Europe/Berlin");
    let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
    let mut slowest = (Duration::ZERO, "");
    for line in text.lines().skip(1) {
        let Ok(rule) = Rule::parse(line.split('\t').nth(1).unwrap_or(line)) else {
            continue;
        };
        assert_eq!(Rule::parse(&rule.to_string()), Ok(rule.clone()), "{line}");
        let mut event = Event::new("case", "", when.clone());
        event.rules.rules.push(rule);
        let began = Instant::now();
        let _ = next(&event, "2026-01-01T00:00:00Z".parse().unwrap(), 5, &zone);
        let _ = event.bounds();
        slowest = slowest.max((began.elapsed(), line));
    }
    println!("slowest rule: {slowest:?}");
    assert!(slowest.0 < PATIENCE);
}

#[test]
fn every_calendar_survives_being_cut_and_bent() {
    let Some(folder) = path("ics/files") else {
        return;
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let (events, _) = ics::read(&bytes);
        let again = ics::read(ics::write(&events, None).as_bytes()).0;
        assert_eq!(again.len(), events.len());
        for cut in [bytes.len() / 3, bytes.len() / 2] {
            let _ = ics::read(&bytes[..cut]);
        }
        let bent: Vec<u8> = bytes
            .iter()
            .enumerate()
            .map(|(at, byte)| if at % 97 == 5 { byte ^ 0x15 } else { *byte })
            .collect();
        let _ = ics::read(&bent);
    }
}
