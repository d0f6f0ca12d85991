//! Series that go on differently, in files of every kind.

use proptest::prelude::*;

use crate::event::{Event, Override, Rules, Split};
use crate::expand::next;
use crate::ics::{Splits, read, read_file, write, write_file, write_with};
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

fn series(rule: &str) -> Event {
    let zone = Zone::named("Europe/Berlin");
    let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
    let mut event = Event::new("series@example.com", "Before", when);
    event.rules = Rules::one(Rule::parse(rule).unwrap());
    event
}

fn split(event: &mut Event, at: &str, title: &str, start: Option<&str>, rule: Option<&str>) {
    let zone = Zone::named("Europe/Berlin");
    let when = start.map(|start| When::from_people(start, None, Some(&zone)).unwrap());
    let change = Override {
        title: Some(title.to_owned()),
        when,
        ..Override::default()
    };
    let rules = rule.map(|rule| Rules::one(Rule::parse(rule).unwrap()));
    let at = at.parse::<OriginalStart>().unwrap();
    event.splits.insert(at, Split { change, rules });
}

/// Start, end and title of the first occurrences, of all events together.
fn shown(events: &[Event]) -> Vec<String> {
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    let all = events
        .iter()
        .flat_map(|event| next(event, from, 40, &Zone::utc()));
    let mut found: Vec<String> = all
        .map(|one| format!("{} {} {}", one.start, one.end, one.title))
        .collect();
    found.sort();
    found.truncate(12);
    found
}

/// What another program sees: the same parts, under names that are nobody's.
fn as_others_read(text: &str) -> Vec<Event> {
    read(text.replace("X-ALMANAC-", "X-OTHER-").as_bytes()).0
}

fn check(event: &Event, parts: usize) {
    let text = write([event], None);
    let others = as_others_read(&text);
    assert_eq!(others.len(), parts, "{text}");
    assert_eq!(shown(&others), shown(std::slice::from_ref(event)), "{text}");
    let (again, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    assert_eq!(again, std::slice::from_ref(event), "{text}");
}

#[test]
fn a_split_that_changes_the_title_leaves_as_two_and_comes_back_as_one() {
    let mut event = series("FREQ=DAILY;COUNT=6");
    split(&mut event, "2026-11-22T10:00", "After", None, None);
    check(&event, 2);
    let text = write([&event], None);
    assert!(text.contains("UNTIL=20261122T085959Z"), "{text}");
    assert!(text.contains("RRULE:FREQ=DAILY;COUNT=4\r\n"), "{text}");
    assert!(text.contains("RELATED-TO;RELTYPE=FIRST:series@example.com"));
}

#[test]
fn a_split_at_another_time_moves_its_days_along() {
    let mut event = series("FREQ=WEEKLY;BYDAY=MO,FR");
    split(
        &mut event,
        "2026-11-27T10:00",
        "After",
        Some("2026-11-28T15:00"),
        None,
    );
    event.skip("2026-11-30T10:00".parse().unwrap());
    let change = Override {
        title: Some("One".into()),
        ..Override::default()
    };
    event.change_one("2026-12-04T10:00".parse().unwrap(), change);
    check(&event, 2);
    assert!(write([&event], None).contains("BYDAY=TU,SA"));
}

#[test]
fn splits_of_splits_come_back_too() {
    let mut event = series("FREQ=DAILY");
    split(&mut event, "2026-11-22T10:00", "Second", None, None);
    split(
        &mut event,
        "2026-11-24T10:00",
        "Third",
        Some("2026-11-24T12:00"),
        Some("FREQ=WEEKLY;COUNT=9"),
    );
    split(&mut event, "2026-12-01T12:00", "Fourth", None, None);
    check(&event, 4);
}

#[test]
fn days_that_no_rule_can_move_stay_a_change_in_place() {
    let mut event = series("FREQ=MONTHLY;BYDAY=3FR");
    split(
        &mut event,
        "2026-12-18T10:00",
        "After",
        Some("2026-12-19T10:00"),
        None,
    );
    let text = write([&event], None);
    assert!(text.contains("RANGE=THISANDFUTURE"), "{text}");
    assert_eq!(read(text.as_bytes()).0, [event]);
}

#[test]
fn where_asked_a_split_stays_in_place() {
    let mut event = series("FREQ=DAILY;COUNT=6");
    split(
        &mut event,
        "2026-11-22T10:00",
        "After",
        Some("2026-11-22T12:00"),
        None,
    );
    let text = write_with([&event], None, Splits::InPlace);
    assert!(text.contains("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261122T100000"));
    let file = read_file(text.as_bytes());
    assert_eq!(file.events, [event]);
    assert_eq!(read_file(write_file(&file).as_bytes()).events, file.events);
}

#[test]
fn what_another_program_changed_is_not_undone() {
    let mut event = series("FREQ=DAILY;COUNT=6");
    split(&mut event, "2026-11-22T10:00", "After", None, None);
    let text = write([&event], None).replace("FREQ=DAILY;COUNT=4", "FREQ=WEEKLY;COUNT=4");
    let (events, _) = read(text.as_bytes());
    assert_eq!(events.len(), 2);
    // Nor is a part lost whose first is not in the file.
    let begin = text.find("BEGIN:VEVENT").unwrap();
    let end = text.find("END:VEVENT\r\n").unwrap() + 12;
    let only = format!("{}{}", text.get(..begin).unwrap(), text.get(end..).unwrap());
    let (events, _) = read(only.as_bytes());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].title, "After");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn however_a_series_is_split_others_see_the_same(
        rule in prop_oneof![
            Just("FREQ=DAILY"), Just("FREQ=DAILY;COUNT=9"), Just("FREQ=WEEKLY;BYDAY=MO,FR"),
            Just("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SU"), Just("FREQ=MONTHLY"),
            Just("FREQ=MONTHLY;BYDAY=3FR"), Just("FREQ=DAILY;UNTIL=20261205T090000Z"),
        ],
        splits in prop::collection::btree_map(0_usize..9, (prop::option::of(0_i64..72), any::<bool>()), 1..4),
    ) {
        let mut event = series(rule);
        let from = "2026-01-01T00:00:00Z".parse().unwrap();
        let starts = next(&event, from, 10, &Zone::utc());
        let mut has_own_rules = false;
        for (number, (hours, is_new)) in splits {
            // After new rules the old starts are none.
            let Some(start) = starts.get(number).filter(|_| !has_own_rules) else { continue };
            has_own_rules = is_new;
            let when = hours.map(|hours| {
                let at = start.local_start.saturating_add(jiff::Span::new().hours(hours));
                event.when.moved_to(at)
            });
            let title = Some(format!("From {number}"));
            let change = Override { title, when, ..Override::default() };
            let rules = is_new.then(|| Rules::one(Rule::parse("FREQ=WEEKLY;COUNT=12").unwrap()));
            event.splits.insert(start.original, Split { change, rules });
        }
        let text = write([&event], None);
        prop_assert_eq!(shown(&as_others_read(&text)), shown(std::slice::from_ref(&event)), "{}", text);
        let again = read(text.as_bytes()).0;
        prop_assert_eq!(shown(&again), shown(std::slice::from_ref(&event)), "{}", text);
    }
}
