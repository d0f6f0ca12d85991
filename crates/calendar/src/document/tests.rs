//! Two replicas of one document, and what becomes of their edits.

use super::calendar::CalendarFacts;
use super::private::{DeviceListing, Listing, Private};
use super::*;
use crate::event::{Override, Rules, Split, Status};
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

pub(super) const ADA: [u8; 16] = *b"ada-------------";
pub(super) const BEN: [u8; 16] = *b"ben-------------";

pub(super) fn standup() -> Event {
    let zone = Zone::named("Europe/Berlin");
    let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
    let mut event = Event::new("standup@example", "Standup", when);
    event.rules = Rules::one(Rule::parse("FREQ=WEEKLY;BYDAY=MO,FR").unwrap());
    event.skipped.insert("2026-11-27T10:00".parse().unwrap());
    event.categories.insert("work".to_owned());
    event.unknown = vec!["X-ONE:1".to_owned(), "X-TWO:2".to_owned()];
    event
}

/// Two replicas of one event, each with an edit of its own, merged both ways.
pub(super) fn merged(
    ada: impl FnOnce(&mut Event),
    ben: impl FnOnce(&mut Event),
) -> (Automerge, Event) {
    let (mut at_ada, first) = create(&standup(), ADA, 0).unwrap();
    let mut at_ben = load([first.as_slice()]).unwrap();
    let mut event = read(&at_ada).unwrap();
    ada(&mut event);
    let from_ada = edit(&mut at_ada, ADA, 0, &event).unwrap().unwrap();
    let mut event = read(&at_ben).unwrap();
    ben(&mut event);
    let from_ben = edit(&mut at_ben, BEN, 0, &event).unwrap().unwrap();
    apply(&mut at_ada, &from_ben).unwrap();
    apply(&mut at_ben, &from_ada).unwrap();
    let event = read(&at_ada).unwrap();
    assert_eq!(event, read(&at_ben).unwrap());
    (at_ada, event)
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let mut event = standup();
    event.overrides.insert(
        "2026-12-04T10:00".parse().unwrap(),
        Override {
            title: Some("Long".into()),
            status: Some(Status::Tentative),
            ..Override::default()
        },
    );
    let rules = Some(Rules::one(Rule::parse("FREQ=DAILY").unwrap()));
    event.splits.insert(
        "2026-12-11T10:00".parse().unwrap(),
        Split {
            rules,
            ..Split::default()
        },
    );
    event
        .dates
        .insert("2026-12-24T10:00".parse().unwrap(), None);
    let (doc, bytes) = create(&event, ADA, 7).unwrap();
    assert_eq!(read(&doc).unwrap(), event);
    assert_eq!(read(&load([bytes.as_slice()]).unwrap()).unwrap(), event);
    let (_, again) = create(&event, ADA, 7).unwrap();
    assert_eq!(bytes, again);
}

#[test]
fn edits_of_different_fields_both_survive() {
    let (_, event) = merged(
        |event| event.title = "Standup with Ben".into(),
        |event| event.place = "Room 4".into(),
    );
    assert_eq!(
        (event.title.as_str(), event.place.as_str()),
        ("Standup with Ben", "Room 4")
    );
}

#[test]
fn edits_of_one_text_merge_inside_it() {
    let (_, event) = merged(
        |event| event.title = "Daily Standup".into(),
        |event| event.title = "Standup (short)".into(),
    );
    assert_eq!(event.title, "Daily Standup (short)");
}

#[test]
fn additions_to_one_set_both_survive() {
    let first = "2026-12-04T10:00".parse().unwrap();
    let second = "2026-12-11T10:00".parse().unwrap();
    let (_, event) = merged(
        |event| {
            event.skipped.insert(first);
        },
        |event| {
            event.skipped.insert(second);
        },
    );
    assert_eq!(event.skipped.len(), 3);
}

#[test]
fn one_overridden_occurrence_merges_field_by_field() {
    let at = "2026-12-04T10:00".parse().unwrap();
    let (_, event) = merged(
        |event| event.overrides.entry(at).or_default().title = Some("Retro".into()),
        |event| event.overrides.entry(at).or_default().place = Some("Garden".into()),
    );
    let change = &event.overrides[&at];
    assert_eq!(change.title.as_deref(), Some("Retro"));
    assert_eq!(change.place.as_deref(), Some("Garden"));
}

#[test]
fn splits_at_different_places_make_three_segments() {
    let (first, second) = (
        "2026-12-04T10:00".parse().unwrap(),
        "2026-12-11T10:00".parse().unwrap(),
    );
    let (_, event) = merged(
        |event| event.splits.entry(first).or_default().change.title = Some("A".into()),
        |event| event.splits.entry(second).or_default().change.title = Some("B".into()),
    );
    assert_eq!(event.splits.len(), 2);
}

#[test]
fn an_edit_wins_against_a_deletion_made_meanwhile() {
    let (doc, event) = merged(
        |event| event.trashed = true,
        |event| event.title = "Standup, moved".into(),
    );
    assert!(!event.trashed);
    assert_eq!(trash(&doc), Trash::BackByEdit);
}

#[test]
fn a_deletion_by_both_is_a_deletion() {
    let (mut doc, mut event) = merged(|event| event.trashed = true, |event| event.trashed = true);
    assert!(event.trashed);
    event.trashed = false;
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert_eq!(trash(&doc), Trash::Out);
}

#[test]
fn an_event_that_is_back_can_be_deleted_again() {
    let (mut doc, mut event) = merged(
        |event| event.trashed = true,
        |event| event.title = "Standup, moved".into(),
    );
    event.trashed = true;
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert_eq!(trash(&doc), Trash::In);
}

#[test]
fn saying_the_same_again_writes_nothing() {
    let (mut doc, _) = create(&standup(), ADA, 0).unwrap();
    assert_eq!(edit(&mut doc, BEN, 0, &standup()).unwrap(), None);
}

#[test]
fn changes_may_come_in_any_order() {
    let (mut doc, first) = create(&standup(), ADA, 0).unwrap();
    let mut event = standup();
    event.title = "Later".into();
    let second = edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    let mut other = load([second.as_slice()]).unwrap();
    assert!(is_waiting(&other));
    assert!(matches!(read(&other), Err(Fault::NotAnEvent)));
    apply(&mut other, &first).unwrap();
    apply(&mut other, &first).unwrap();
    assert!(!is_waiting(&other));
    assert_eq!(read(&other).unwrap().title, "Later");
}

#[test]
fn a_value_from_a_later_version_is_left_alone() {
    let (mut doc, _) = create(&standup(), ADA, 0).unwrap();
    change(&mut doc, BEN, 0, |tx| {
        tx.put(automerge::ROOT, "status", "\"postponed\"")?;
        tx.put(automerge::ROOT, "moon", "\"full\"")
    })
    .unwrap();
    let mut event = read(&doc).unwrap();
    assert_eq!(
        (event.status, event.title.as_str()),
        (Status::Confirmed, "Standup")
    );
    event.title = "Standup at night".into();
    edit(&mut doc, ADA, 0, &event).unwrap();
    let kept = |name: &str| {
        use automerge::ReadDoc;
        doc.get(automerge::ROOT, name)
            .unwrap()
            .unwrap()
            .0
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(kept("status").as_deref(), Some("\"postponed\""));
    assert_eq!(kept("moon").as_deref(), Some("\"full\""));
}

#[test]
fn a_calendar_document_written_by_two_devices_merges() {
    let named = CalendarFacts {
        name: "Family".into(),
        ..CalendarFacts::default()
    };
    let (mut doc, first) = calendar::create(&named, ADA, 0).unwrap();
    let mut other = load([first.as_slice()]).unwrap();
    let colored = CalendarFacts {
        color: Some("#336699".into()),
        ..named.clone()
    };
    let change = calendar::edit(&mut other, BEN, 0, &colored)
        .unwrap()
        .unwrap();
    let renamed = CalendarFacts {
        name: "Home".into(),
        ..named
    };
    calendar::edit(&mut doc, ADA, 0, &renamed).unwrap().unwrap();
    apply(&mut doc, &change).unwrap();
    let facts = calendar::read(&doc);
    assert_eq!(
        (facts.name.as_str(), facts.color.as_deref()),
        ("Home", Some("#336699"))
    );
}

#[test]
fn a_private_document_begun_on_two_devices_merges() {
    let listing = |order| Listing {
        order,
        ..Listing::default()
    };
    let mut ada = private::start().unwrap();
    let mut ben = private::start().unwrap();
    let mut hers = Private::default();
    hers.calendars.insert("aa".into(), listing(1));
    hers.devices.insert(
        "01".into(),
        DeviceListing {
            name: "laptop".into(),
        },
    );
    let mut his = Private::default();
    his.calendars.insert("bb".into(), listing(2));
    his.settings.insert("zone".into(), "\"UTC\"".into());
    let from_ada = private::edit(&mut ada, ADA, 0, &hers).unwrap().unwrap();
    let from_ben = private::edit(&mut ben, BEN, 0, &his).unwrap().unwrap();
    apply(&mut ada, &from_ben).unwrap();
    let both = private::read(&ada);
    assert_eq!(both.calendars.len(), 2);
    assert_eq!(both.devices.len(), 1);
    assert_eq!(both.settings.len(), 1);
    let loaded = private::load([from_ben.as_slice(), from_ada.as_slice()]).unwrap();
    assert_eq!(private::read(&loaded), both);
}

#[test]
fn the_first_change_of_every_account_is_the_same_for_ever() {
    use automerge::ReadDoc;
    let doc = private::start().unwrap();
    let heads: Vec<String> = doc.get_heads().iter().map(ToString::to_string).collect();
    assert_eq!(
        heads,
        ["c9f687ff62a0919db8faa68f49a7bbf8ff0c46b4ccf31560d017872a3b48342a"]
    );
    assert!(doc.get_change_by_hash(&doc.get_heads()[0]).is_some());
}

#[test]
fn bytes_that_are_no_change_are_refused() {
    for bytes in [&b""[..], b"abc", &[0; 64]] {
        assert!(matches!(load([bytes]), Err(Fault::NotAChange)));
    }
}

#[test]
fn the_first_change_is_the_one_automerge_would_give_back() {
    let mut event = standup();
    event.notes = "Zwölf 🎂 Gäste".into();
    let (doc, bytes) = create(&event, ADA, 7).unwrap();
    assert_eq!(bytes, first_change(&event, ADA, 7));
    let [change] = doc.get_changes(&[]).try_into().unwrap();
    assert_eq!(change.raw_bytes(), bytes);
    assert_eq!(read(&doc).unwrap(), event);
}

#[test]
fn an_event_says_only_what_is_not_so_for_any() {
    let when = When::from_people("2026-11-20", None, None).unwrap();
    let (doc, _) = create(&Event::new("a@x", "A", when), ADA, 7).unwrap();
    let kept: Vec<String> = Flat::read(&doc, None).entries.into_keys().collect();
    assert_eq!(kept, ["uid", "when"]);
}

#[test]
fn what_both_say_for_the_first_time_is_there() {
    let guest = |name: &str| crate::event::Guest {
        name: name.into(),
        ..crate::event::Guest::default()
    };
    let (doc, event) = merged(
        |event| {
            event.guests.insert("ada@x".into(), guest("Ada"));
            event.notes = "Bring a cake.".into();
        },
        |event| {
            event.guests.insert("ben@x".into(), guest("Ben"));
            event.notes = "Bring wine.".into();
        },
    );
    assert_eq!(event.guests.len(), 2);
    assert!(event.notes.contains("Bring a cake.") && event.notes.contains("Bring wine."));
    assert_eq!(conflicts(&doc), []);
}

#[test]
fn a_name_at_the_end_of_time_stops_nobody() {
    let mut event = standup();
    event.rules = Rules::one(Rule::parse("FREQ=MONTHLY").unwrap());
    let (mut doc, _) = create(&event, ADA, 0).unwrap();
    let first = event.when.original();
    let to = crate::edit::Change::to(event.when.moved_to("2026-11-21T10:00:00".parse().unwrap()));
    event.change(crate::edit::Scope::All, &first, to);
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert!(Flat::read(&doc, None).entries.contains_key(names::NAMES));
    for key in ["9999-12-31T23:59:59", "-009999-01-01T00:00:00"] {
        let at = format!("skipped/{key}");
        let bytes = change(&mut doc, BEN, 0, |tx| {
            tx.put(automerge::ROOT, at.as_str(), "true")
        });
        assert!(bytes.unwrap().is_some());
        assert!(read(&doc).is_ok(), "{key}");
    }
}

#[test]
fn many_deletions_at_once_are_told_from_edits() {
    let (doc, first) = create(&standup(), ADA, 0).unwrap();
    let mut all = vec![first];
    for number in 0..150_u8 {
        let mut own = doc.clone();
        let mut event = read(&own).unwrap();
        event.trashed = true;
        let actor = [number; 16];
        all.push(edit(&mut own, actor, 0, &event).unwrap().unwrap());
    }
    let together = |changes: &[Vec<u8>]| load(changes.iter().map(Vec::as_slice)).unwrap();
    let deleted = together(&all);
    assert_eq!(trash(&deleted), Trash::In);
    let mut other = doc;
    let mut event = read(&other).unwrap();
    event.place = "Garden".to_owned();
    all.push(edit(&mut other, BEN, 0, &event).unwrap().unwrap());
    let back = together(&all);
    assert_eq!(trash(&back), Trash::BackByEdit);
    let came_back = came_back(&back).unwrap();
    assert_eq!((came_back.deleted.len(), came_back.edited.len()), (150, 1));
}
