//! A file of anything is read, written, read again: nothing panics, the second reading gives what
//! the first gave, and writing that gives the same text. What was read can be expanded.
#![no_main]

use almanac_calendar::ics::{self, CalendarFile};
use almanac_calendar::{Event, Zone, expand};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

/// Events of one input that are expanded.
const EXPANDED: usize = 3;

fuzz_target!(|bytes: &[u8]| {
    let _as_it_came = ics::write_file(&ics::read_file(bytes));
    let cleaned = without_controls(bytes);
    let bytes = cleaned.as_bytes();
    let first = ics::read_file(bytes);
    let written = ics::write_file(&first);
    let second = ics::read_file(written.as_bytes());
    same(&first, &second, &written);
    assert_eq!(
        written,
        ics::write_file(&second),
        "written twice, it differs"
    );
    let borrowed = ics::parse(bytes);
    let _typed = borrowed.events().count();
    let shown = ics::write(&first.events, None);
    let (again, _) = ics::read(shown.as_bytes());
    assert!(
        again.len() >= first.events.len(),
        "events were lost:\n{shown}"
    );
    let window = Timestamp::constant(1_767_225_600, 0)..Timestamp::constant(1_767_830_400, 0);
    for event in first.events.iter().take(EXPANDED) {
        let _found = expand(event, window.clone(), &Zone::utc());
        let _bounds = event.bounds();
    }
});

/// No file may hold control characters but tabs and the ends of lines (RFC 5545 §3.1); they are
/// not written back.
fn without_controls(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let is_kept = |letter: &char| matches!(letter, '\n' | '\t') || !letter.is_ascii_control();
    text.chars().filter(is_kept).collect()
}

fn same(first: &CalendarFile, second: &CalendarFile, written: &str) {
    let (one, other) = (first.events.len(), second.events.len());
    assert_eq!(one, other, "events were lost or made:\n{written}");
    for (one, other) in first.events.iter().zip(&second.events) {
        assert_eq!(
            stamped_as(one, other),
            *other,
            "an event changed:\n{written}"
        );
    }
    assert_eq!(first.name, second.name, "{written}");
    assert_eq!(first.color, second.color, "{written}");
    assert_eq!(first.method, second.method, "{written}");
    assert_eq!(first.busy, second.busy, "{written}");
    assert_eq!(first.others, second.others, "{written}");
}

/// DTSTAMP must be written, so what had none has one afterwards (RFC 5545 §3.6.1).
fn stamped_as(event: &Event, other: &Event) -> Event {
    let mut event = event.clone();
    event.stamped = event.stamped.or(other.stamped);
    for (one, other) in event.overrides.values_mut().zip(other.overrides.values()) {
        one.stamped = one.stamped.or(other.stamped);
    }
    for (one, other) in event.splits.values_mut().zip(other.splits.values()) {
        one.change.stamped = one.change.stamped.or(other.change.stamped);
    }
    event
}
