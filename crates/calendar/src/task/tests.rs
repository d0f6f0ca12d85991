//! Views of tasks, and completing one of a series.

use super::*;
use crate::event::{Override, Rules};
use crate::rule::Rule;

fn berlin() -> Zone {
    Zone::named("Europe/Berlin")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn original(text: &str) -> OriginalStart {
    text.parse().unwrap()
}

fn task(title: &str, start: &str, due: Option<&str>, rule: &str) -> Event {
    let when = When::from_people(start, None, Some(&berlin())).unwrap();
    let mut event = Event::new("one@example", title, when);
    let due = due.map(|text| match original(text) {
        OriginalStart::Date(date) => Due::On(date),
        OriginalStart::Local(at) | OriginalStart::Utc(at) => Due::At {
            at,
            zone: Some(berlin()),
        },
    });
    event.task = Some(Task {
        due,
        is_planned: true,
        ..Task::default()
    });
    if !rule.is_empty() {
        event.rules = Rules::one(Rule::parse(rule).unwrap());
    }
    event
}

fn said(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|one| format!("{} {:?}", one.original, one.state))
        .collect()
}

fn check_open(event: &Event, now: &str, expected: &[&str]) {
    assert_eq!(said(&open(event, at(now), &berlin())), expected, "{now}");
}

#[test]
fn a_task_is_overdue_once_its_time_or_its_day_has_passed() {
    let timed = task("One", "2026-11-20T08:00", Some("2026-11-20T17:00"), "");
    check_open(
        &timed,
        "2026-11-20T16:00:00Z",
        &["2026-11-20T08:00:00 Todo"],
    );
    check_open(
        &timed,
        "2026-11-20T16:00:01Z",
        &["2026-11-20T08:00:00 Overdue"],
    );
    let day = task("One", "2026-11-20", Some("2026-11-20"), "");
    check_open(&day, "2026-11-20T23:00:00Z", &["2026-11-20 Todo"]);
    check_open(&day, "2026-11-20T23:00:01Z", &["2026-11-20 Overdue"]);
}

#[test]
fn begun_done_and_cancelled_tasks_say_so() {
    let now = at("2026-11-20T00:00:00Z");
    let mut event = task("One", "2026-11-20", None, "");
    let state_of = |event: &Event| {
        item(event, &event.when.original(), now, &berlin())
            .unwrap()
            .state
    };
    event.unknown = vec!["STATUS:IN-PROCESS".into()];
    assert_eq!(state_of(&event), State::Doing);
    event.unknown.clear();
    event.task.as_mut().unwrap().percent = 30;
    assert_eq!(state_of(&event), State::Doing);
    event.status = Status::Cancelled;
    assert_eq!(state_of(&event), State::Cancelled);
    event.task.as_mut().unwrap().percent = 100;
    assert_eq!(state_of(&event), State::Done);
    assert_eq!(open(&event, now, &berlin()), []);
}

#[test]
fn the_due_time_moves_with_the_series_and_with_a_moved_one() {
    let mut event = task(
        "One",
        "2026-10-23T08:00",
        Some("2026-10-24T17:00"),
        "FREQ=WEEKLY",
    );
    let moved = Override {
        when: Some(When::from_people("2026-11-07T09:00", None, Some(&berlin())).unwrap()),
        ..Override::default()
    };
    event.change_one(original("2026-11-06T08:00"), moved);
    let due = |name: &str| {
        let found = item(
            &event,
            &original(name),
            at("2026-01-01T00:00:00Z"),
            &berlin(),
        )
        .unwrap();
        found.moment(&berlin()).unwrap().to_string()
    };
    // Clocks go back on 25 October.
    assert_eq!(due("2026-10-23T08:00"), "2026-10-24T15:00:00Z");
    assert_eq!(due("2026-10-30T08:00"), "2026-10-31T16:00:00Z");
    assert_eq!(due("2026-11-06T08:00"), "2026-11-08T17:00:00Z");
}

#[test]
fn what_is_due_in_a_window_is_found_far_from_its_start() {
    let event = task(
        "One",
        "2026-01-01T08:00",
        Some("2026-04-01"),
        "FREQ=DAILY;COUNT=40",
    );
    let found = due_in(
        &event,
        at("2026-05-09T00:00:00Z")..at("2026-06-01T00:00:00Z"),
        at("2026-01-01T00:00:00Z"),
        &berlin(),
    );
    assert_eq!(said(&found), ["2026-02-09T08:00:00 Todo"]);
}

#[test]
fn of_a_series_the_latest_and_the_next_are_open() {
    let mut event = task(
        "Water",
        "2026-11-01T08:00",
        Some("2026-11-01T20:00"),
        "FREQ=DAILY;COUNT=30",
    );
    let now = "2026-11-20T12:00:00Z";
    check_open(
        &event,
        now,
        &["2026-11-19T08:00:00 Overdue", "2026-11-20T08:00:00 Todo"],
    );
    complete(&mut event, &original("2026-11-19T08:00"), at(now)).unwrap();
    complete(&mut event, &original("2026-11-20T08:00"), at(now)).unwrap();
    check_open(&event, now, &["2026-11-21T08:00:00 Todo"]);
    let window = at("2026-11-20T00:00:00Z")..at("2026-11-21T00:00:00Z");
    let finished = done(&event, window, &berlin());
    assert_eq!(
        said(&finished),
        ["2026-11-19T08:00:00 Done", "2026-11-20T08:00:00 Done"]
    );
    check_open(
        &event,
        "2027-11-20T12:00:00Z",
        &["2026-11-30T08:00:00 Overdue"],
    );
    event.trashed = true;
    check_open(&event, now, &[]);
}

#[test]
fn completing_one_of_a_series_leaves_the_others_and_can_be_taken_back() {
    let before = task("One", "2026-11-01T08:00", Some("2026-11-02"), "FREQ=WEEKLY");
    let mut event = before.clone();
    let name = original("2026-11-15T08:00");
    complete(&mut event, &name, at("2026-11-16T00:00:00Z")).unwrap();
    let own = event.overrides[&name].task.clone().unwrap();
    assert_eq!(own.due, Some(Due::On("2026-11-16".parse().unwrap())));
    assert_eq!(
        (own.done, own.percent),
        (Some(at("2026-11-16T00:00:00Z")), 100)
    );
    reopen(&mut event, &name).unwrap();
    assert_eq!(event, before);
    assert_eq!(
        complete(
            &mut event,
            &original("2026-11-16T08:00"),
            at("2026-11-16T00:00:00Z")
        ),
        Err(NotATask)
    );
    assert_eq!(event, before);
}

#[test]
fn completing_a_single_task_is_written_to_itself() {
    let before = task("One", "2026-11-01", None, "");
    let mut event = before.clone();
    let name = event.when.original();
    complete(&mut event, &name, at("2026-11-16T00:00:00Z")).unwrap();
    assert_eq!(
        event.task.as_ref().unwrap().done,
        Some(at("2026-11-16T00:00:00Z"))
    );
    assert_eq!(event.overrides, before.overrides);
    reopen(&mut event, &name).unwrap();
    assert_eq!(event, before);
    event.task = None;
    assert_eq!(
        complete(&mut event, &name, at("2026-11-16T00:00:00Z")),
        Err(NotATask)
    );
}

#[test]
fn a_series_that_is_done_as_a_whole_has_nothing_open() {
    let mut event = task("One", "2026-11-01T08:00", None, "FREQ=DAILY");
    event.task.as_mut().unwrap().done = Some(at("2026-11-16T00:00:00Z"));
    check_open(&event, "2026-11-20T12:00:00Z", &[]);
}

#[test]
fn lists_are_in_the_order_people_look_at_them() {
    let now = at("2026-11-20T12:00:00Z");
    let make = |title: &str, due: Option<&str>, priority: u8| {
        let mut event = task(title, "2026-11-20", due, "");
        let task = event.task.as_mut().unwrap();
        task.priority = priority;
        task.is_planned = false;
        event
    };
    let mut finished = make("finished", Some("2026-11-01"), 1);
    complete(&mut finished, &original("2026-11-20"), now).unwrap();
    let events = [
        finished,
        make("undated", None, 0),
        make("undated, urgent", None, 1),
        make("next week", Some("2026-11-27"), 1),
        make("today, unsaid", Some("2026-11-20"), 0),
        make("today, urgent", Some("2026-11-20"), 2),
        make("at six", Some("2026-11-20T18:00"), 9),
        make("late", Some("2026-11-19"), 9),
        make("later than late", Some("2026-11-10"), 9),
    ];
    let mut items: Vec<Item> = events
        .iter()
        .filter_map(|one| item(one, &one.when.original(), now, &berlin()))
        .collect();
    sort(&mut items, now, &berlin());
    let titles: Vec<&str> = items.iter().map(|one| &*one.title).collect();
    assert_eq!(
        titles,
        [
            "later than late",
            "late",
            "at six",
            "today, urgent",
            "today, unsaid",
            "next week",
            "undated, urgent",
            "undated",
            "finished"
        ]
    );
}

/// By when the occurrences from a day on are due.
fn dues(event: &Event, from: &str) -> Vec<String> {
    let from = at(from);
    let until = from
        .saturating_add(jiff::SignedDuration::from_hours(60))
        .unwrap();
    let items = due_in(event, from..until, from, &berlin());
    let due = items.iter().filter_map(|item| item.due.as_ref());
    due.map(|due| match due {
        Due::On(date) => date.to_string(),
        Due::At { at, .. } => at.to_string(),
    })
    .collect()
}

#[test]
fn what_is_due_moves_with_its_series() {
    use crate::edit::{Change, Scope};
    let when = |start: &str| When::from_people(start, None, Some(&berlin())).unwrap();
    let first = original("2026-11-20T08:00");
    for is_planned in [false, true] {
        let due = if is_planned {
            "2026-11-20T17:00"
        } else {
            "2026-11-20T08:00"
        };
        let mut event = task("Water", "2026-11-20T08:00", Some(due), "FREQ=DAILY");
        event.task.as_mut().unwrap().is_planned = is_planned;
        event.change(Scope::All, &first, Change::to(when("2026-11-20T09:30")));
        let expected = if is_planned {
            ["2026-11-24T18:30:00", "2026-11-25T18:30:00"]
        } else {
            ["2026-11-24T09:30:00", "2026-11-25T09:30:00"]
        };
        assert_eq!(dues(&event, "2026-11-24T00:00:00Z")[..2], expected);
        let third = original("2026-11-24T09:30");
        let mut later = event.clone();
        later.change(
            Scope::Following,
            &third,
            Change::to(when("2026-11-24T10:30")),
        );
        let hour = |text: &str| text.replace("T09", "T10").replace("T18", "T19");
        let expected: Vec<String> = expected.iter().map(|text| hour(text)).collect();
        assert_eq!(dues(&later, "2026-11-24T00:00:00Z")[..2], expected[..]);
    }
}

#[test]
fn a_task_without_a_time_set_aside_stays_one_when_it_becomes_a_day() {
    use crate::edit::{Change, Scope};
    let mut event = task(
        "Water",
        "2026-11-20T08:00",
        Some("2026-11-20T08:00"),
        "FREQ=DAILY",
    );
    event.task.as_mut().unwrap().is_planned = false;
    let day = When::from_people("2026-11-21", None, None).unwrap();
    event.change(Scope::All, &original("2026-11-20T08:00"), Change::to(day));
    let due = event.task.and_then(|task| task.due);
    assert_eq!(due, Some(Due::On("2026-11-21".parse().unwrap())));
}

#[test]
fn what_is_said_of_one_in_hand_is_due_as_far_from_the_others() {
    use crate::edit::{Change, Scope};
    let series = task(
        "Water",
        "2026-11-20T08:00",
        Some("2026-11-20T17:00"),
        "FREQ=DAILY",
    );
    let third = original("2026-11-22T08:00");
    for scope in [Scope::All, Scope::Following] {
        let mut event = series.clone();
        let mut task = event.alone(&third).task.unwrap();
        let day: Due = Due::At {
            at: "2026-11-22T17:00:00".parse().unwrap(),
            zone: Some(berlin()),
        };
        assert_eq!(task.due, Some(day));
        task.priority = 1;
        let fields = Override {
            task: Some(task),
            ..Override::default()
        };
        event.change(scope, &third, Change::of(fields));
        let expected = ["2026-11-24T17:00:00", "2026-11-25T17:00:00"];
        assert_eq!(
            dues(&event, "2026-11-24T00:00:00Z")[..2],
            expected,
            "{scope:?}"
        );
    }
}
