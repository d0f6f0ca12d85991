//! A file of anything is read, written, read again: nothing panics, the second reading gives what
//! the first gave, and what was read borrowed is no more and no less than what was read.
#![no_main]

use almanac_calendar::{Event, Zone, expand, ics};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

/// Events of one input that are expanded.
const EXPANDED: usize = 3;

fuzz_target!(|bytes: &[u8]| {
    let (events, _) = ics::read(bytes);
    let written = ics::write(&events, None);
    let (again, _) = ics::read(written.as_bytes());
    same(&events, &again, &written);
    let window = Timestamp::constant(1_767_225_600, 0)..Timestamp::constant(1_767_830_400, 0);
    for event in events.iter().take(EXPANDED) {
        let _found = expand(event, window.clone(), &Zone::utc());
        let _bounds = event.bounds();
    }
});

fn same(first: &[Event], second: &[Event], written: &str) {
    assert_eq!(
        first.len(),
        second.len(),
        "events were lost or made:\n{written}"
    );
    for (one, other) in first.iter().zip(second) {
        assert_eq!(one, other, "an event changed:\n{written}");
    }
}
