//! Concurrent writes of one value, and how they end.

use super::super::tests::{ADA, BEN, merged, standup};
use super::super::*;
use super::*;
use crate::when::When;
use crate::zone::Zone;

#[test]
fn two_new_times_are_a_conflict_with_one_winner() {
    let later = |text: &str| When::from_people(text, None, Some(&Zone::utc())).unwrap();
    let (mut doc, event) = merged(
        |event| event.when = later("2026-11-20T11:00"),
        |event| event.when = later("2026-11-20T12:00"),
    );
    let found = conflicts(&doc);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].field, "when");
    assert_eq!(found[0].others.len(), 1);
    let mut settled = event;
    settled.when = later("2026-11-20T13:00");
    edit(&mut doc, ADA, 0, &settled).unwrap().unwrap();
    assert_eq!(conflicts(&doc), []);
}

#[test]
fn what_one_takes_away_and_the_other_changes_is_a_conflict() {
    let (mut doc, first) = create(&standup(), ADA, 0).unwrap();
    let mut event = standup();
    event.color = Some("red".into());
    let colored = edit(&mut doc, ADA, 1, &event).unwrap().unwrap();
    let mut at_ben = load([first.as_slice(), colored.as_slice()]).unwrap();
    event.color = None;
    edit(&mut doc, ADA, 2, &event).unwrap().unwrap();
    event.color = Some("blue".into());
    let from_ben = edit(&mut at_ben, BEN, 3, &event).unwrap().unwrap();
    apply(&mut doc, &from_ben).unwrap();
    let [conflict] = conflicts(&doc).try_into().unwrap();
    let mut values = [&conflict.shown, &conflict.others[0]].map(|one| one.value.as_str());
    values.sort_unstable();
    assert_eq!(values, ["\"blue\"", "null"]);
}

/// Two replicas that put one event at two times, and the field they disagree on.
fn two_times() -> (Automerge, Conflict) {
    let later = |text: &str| When::from_people(text, None, Some(&Zone::utc())).unwrap();
    let (doc, _) = merged(
        |event| event.when = later("2026-11-20T11:00"),
        |event| event.when = later("2026-11-20T12:00"),
    );
    let [conflict] = conflicts(&doc).try_into().unwrap();
    (doc, conflict)
}

#[test]
fn a_conflict_says_who_wrote_what() {
    let (doc, conflict) = two_times();
    let who = |one: &Written| (one.by.actor, one.value.contains("T11:00"));
    let mut both = [who(&conflict.shown), who(&conflict.others[0])];
    both.sort_unstable();
    assert_eq!(both, [(ADA, true), (BEN, false)]);
    let of_other = at(&doc, conflict.others[0].by.hash).unwrap();
    assert_eq!(
        serde_json::to_string(&of_other.when).unwrap(),
        conflict.others[0].value
    );
}

#[test]
fn a_conflict_is_settled_by_either_value() {
    let (doc, conflict) = two_times();
    for chosen in [&conflict.shown, &conflict.others[0]] {
        let mut doc = doc.clone();
        let bytes = settle(&mut doc, ADA, 9, "when", &chosen.value).unwrap();
        assert!(bytes.is_some());
        assert_eq!(conflicts(&doc), []);
        let event = read(&doc).unwrap();
        assert_eq!(serde_json::to_string(&event.when).unwrap(), chosen.value);
        assert_eq!(
            settle(&mut doc, ADA, 9, "when", &chosen.value).unwrap(),
            None
        );
    }
}

#[test]
fn only_what_a_field_can_hold_settles_it() {
    let (mut doc, _) = two_times();
    for (field, value) in [
        ("when", "1"),
        ("when", "soon"),
        ("moon", "1"),
        ("overrides/x", "1"),
    ] {
        let settled = settle(&mut doc, ADA, 9, field, value);
        assert!(
            matches!(settled, Err(Fault::NoSuchField)),
            "{field} {value}"
        );
    }
    assert_eq!(conflicts(&doc).len(), 1);
}

#[test]
fn an_event_that_is_back_says_why_and_can_be_kept_or_deleted() {
    let (doc, _) = merged(
        |event| event.trashed = true,
        |event| event.title = "Moved".into(),
    );
    let why = came_back(&doc).unwrap();
    let who = |stamps: &[Stamp]| stamps.iter().map(|one| one.actor).collect::<Vec<_>>();
    assert_eq!(
        (who(&why.deleted), who(&why.edited)),
        (vec![ADA], vec![BEN])
    );
    for (chosen, then) in [("false", Trash::Out), ("true", Trash::In)] {
        let mut doc = doc.clone();
        settle(&mut doc, ADA, 9, "trashed", chosen)
            .unwrap()
            .unwrap();
        assert_eq!(trash(&doc), then);
        assert_eq!(came_back(&doc), None);
    }
}

#[test]
fn a_task_is_one_value_and_that_of_an_occurrence_its_own() {
    use crate::event::Task;
    let done = |percent| {
        Some(Task {
            percent,
            ..Task::default()
        })
    };
    let key = "2026-12-04T10:00".parse().unwrap();
    let (doc, event) = merged(
        |event| {
            event.task = done(100);
            event.overrides.entry(key).or_default().task = done(50);
            event.geo = Some("48.2;16.4".into());
        },
        |event| {
            event.task = done(30);
            event.overrides.entry(key).or_default().geo = Some("47;11".into());
        },
    );
    assert_eq!(event.overrides[&key].task, done(50));
    assert_eq!(event.overrides[&key].geo.as_deref(), Some("47;11"));
    assert_eq!(event.geo.as_deref(), Some("48.2;16.4"));
    let [conflict] = conflicts(&doc).try_into().unwrap();
    assert_eq!(conflict.field, "task");
}
