//! Edits of a series, and what happens after them.

use super::*;
use crate::expand::next;
use crate::rule::Rule;
use crate::zone::Zone;

fn daily() -> Event {
    let zone = Zone::named("Europe/Berlin");
    let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
    let mut event = Event::new("one@example", "One", when);
    event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=4").unwrap());
    event
}

fn starts(event: &Event) -> Vec<String> {
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    next(event, from, 9, &Zone::utc())
        .iter()
        .map(|one| format!("{} {}", one.local_start, one.title))
        .collect()
}

fn original(text: &str) -> OriginalStart {
    text.parse().unwrap()
}

#[test]
fn a_skipped_one_can_be_restored() {
    let mut event = daily();
    event.skip(original("2026-11-21T10:00"));
    assert_eq!(starts(&event).len(), 3);
    event.restore(&original("2026-11-21T10:00"));
    assert_eq!(starts(&event).len(), 4);
}

#[test]
fn this_and_following_end_or_change() {
    let mut event = daily();
    let change = Override {
        title: Some("Later".into()),
        ..Override::default()
    };
    event.change_from(original("2026-11-22T10:00"), change, None);
    assert_eq!(
        starts(&event),
        [
            "2026-11-20T10:00:00 One",
            "2026-11-21T10:00:00 One",
            "2026-11-22T10:00:00 Later",
            "2026-11-23T10:00:00 Later"
        ]
    );
    event.end_before(&original("2026-11-21T10:00"));
    assert_eq!(starts(&event), ["2026-11-20T10:00:00 One"]);
}
