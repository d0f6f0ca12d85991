//! What the history tells.

use super::super::{apply, create, edit, load};
use super::*;
use crate::when::When;

const ADA: [u8; 16] = *b"ada-------------";
const BEN: [u8; 16] = *b"ben-------------";

fn lunch() -> Event {
    Event::new(
        "a@x",
        "Lunch",
        When::from_people("2026-11-20", None, None).unwrap(),
    )
}

/// Time, field, old and new of everything that happened, one line each.
fn told(doc: &Automerge) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or("-".into());
    let mut lines = Vec::new();
    for edit in history(doc) {
        for one in &edit.fields {
            let (old, new) = (text(&one.old), text(&one.new));
            lines.push(format!("{} {}: {old} > {new}", edit.time, one.field));
        }
    }
    lines
}

#[test]
fn every_change_says_what_was_and_what_is() {
    let (mut doc, _) = create(&lunch(), ADA, 1).unwrap();
    let mut event = lunch();
    event.title = "Lunch with Ben".into();
    event.color = Some("red".into());
    event.skipped.insert("2026-11-21".parse().unwrap());
    edit(&mut doc, BEN, 2, &event).unwrap();
    event.color = None;
    event.skipped.clear();
    edit(&mut doc, ADA, 3, &event).unwrap();
    let when = r#"{"kind":"all_day","start":"2026-11-20","end":"2026-11-21"}"#;
    assert_eq!(
        told(&doc),
        [
            "1 title: - > \"Lunch\"",
            "1 uid: - > \"a@x\"",
            &format!("1 when: - > {when}"),
            "2 color: - > \"red\"",
            "2 skipped/2026-11-21: - > true",
            "2 title: \"Lunch\" > \"Lunch with Ben\"",
            "3 color: \"red\" > null",
            "3 skipped/2026-11-21: true > -",
        ]
    );
}

#[test]
fn every_device_tells_the_same_story() {
    let (mut at_ada, first) = create(&lunch(), ADA, 1).unwrap();
    let mut at_ben = load([first.as_slice()]).unwrap();
    let mut event = lunch();
    event.title = "Big lunch".into();
    let from_ada = edit(&mut at_ada, ADA, 5, &event).unwrap().unwrap();
    event.title = "Lunch today".into();
    let from_ben = edit(&mut at_ben, BEN, 4, &event).unwrap().unwrap();
    apply(&mut at_ada, &from_ben).unwrap();
    apply(&mut at_ben, &from_ada).unwrap();
    let mut event = read(&at_ada).unwrap();
    event.title.push('!');
    let last = edit(&mut at_ada, ADA, 6, &event).unwrap().unwrap();
    apply(&mut at_ben, &last).unwrap();
    assert_eq!(history(&at_ada), history(&at_ben));
    assert_eq!(
        told(&at_ada)[3..],
        [
            "4 title: \"Lunch\" > \"Lunch today\"",
            "5 title: \"Lunch\" > \"Big lunch\"",
            "6 title: \"Big lunch today\" > \"Big lunch today!\"",
        ]
    );
}

#[test]
fn any_point_can_be_gone_back_to() {
    let (mut doc, _) = create(&lunch(), ADA, 1).unwrap();
    let mut events = vec![lunch()];
    for number in 0_i8..5 {
        let mut event = events[events.len() - 1].clone();
        event.title = format!("Lunch {number}");
        event
            .skipped
            .insert(format!("2026-12-0{}", number + 1).parse().unwrap());
        event.trashed = number == 3;
        edit(&mut doc, BEN, 2, &event).unwrap().unwrap();
        events.push(event);
    }
    let edits = history(&doc);
    for (edit, event) in edits.iter().zip(&events) {
        assert_eq!(&at(&doc, edit.hash).unwrap(), event);
    }
    let then = at(&doc, edits[1].hash).unwrap();
    edit(&mut doc, ADA, 9, &then).unwrap().unwrap();
    assert_eq!(read(&doc).unwrap(), then);
    assert!(matches!(at(&doc, [1; 32]), Err(Fault::NoSuchChange)));
}

#[test]
fn a_thousand_edits_are_told_at_once() {
    let (mut doc, _) = create(&lunch(), ADA, 1).unwrap();
    let mut event = lunch();
    for number in 0..1_000 {
        event.title = format!("Lunch {number}");
        event.sequence = number + 1;
        edit(&mut doc, ADA, 2, &event).unwrap().unwrap();
    }
    let edits = history(&doc);
    assert_eq!(edits.len(), 1_001);
    assert!(edits[1..].iter().all(|edit| edit.fields.len() == 2));
    assert_eq!(at(&doc, edits[500].hash).unwrap().title, "Lunch 499");
}

#[test]
fn a_text_is_told_of_only_where_it_changed() {
    let mut event = lunch();
    event.notes = "Long. ".repeat(1_000);
    let (mut doc, _) = create(&event, ADA, 0).unwrap();
    for number in 0..100 {
        event.sequence = number + 1;
        edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    }
    event.notes = "Short.".to_owned();
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    let edits = history(&doc);
    let notes = edits.iter().flat_map(|edit| &edit.fields);
    let notes: Vec<_> = notes.filter(|change| change.field == "notes").collect();
    assert_eq!(notes.len(), 2);
    assert_eq!(notes[1].old, notes[0].new);
    assert_eq!(notes[1].new.as_deref(), Some("\"Short.\""));
}
