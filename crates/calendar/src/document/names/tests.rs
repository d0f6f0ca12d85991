//! Edits of a series that meet, and what its occurrences are called.

use super::super::tests::{ADA, merged, standup};
use super::super::*;
use super::*;
use crate::edit::{Change, Scope};
use crate::event::{Override, Rules};
use crate::when::When;
use crate::zone::Zone;

/// Two edits of the same series at the same time, and the starts that are left in three weeks.
fn starts_after(ada: impl FnOnce(&mut Event), ben: impl FnOnce(&mut Event)) -> Vec<String> {
    let (_, event) = merged(ada, ben);
    let at = |text: &str| text.parse().unwrap();
    let window = at("2026-11-01T00:00:00Z")..at("2026-12-12T00:00:00Z");
    let found = crate::expand(&event, window, &Zone::utc());
    found
        .iter()
        .map(|one| one.local_start.strftime("%m-%d %H").to_string())
        .collect()
}

fn berlin(start: &str) -> When {
    When::from_people(start, None, Some(&Zone::named("Europe/Berlin"))).unwrap()
}

#[test]
fn what_is_said_of_one_holds_though_all_moved_meanwhile() {
    let first = "2026-11-20T10:00".parse().unwrap();
    let fourth = "2026-12-04T10:00".parse().unwrap();
    for start in ["2026-11-20T12:00", "2026-11-21T12:00"] {
        let moved = || {
            starts_after(
                |event| event.change(Scope::All, &first, Change::to(berlin(start))),
                |event| event.place = "Garden".into(),
            )
        };
        let skipped = starts_after(
            |event| event.change(Scope::All, &first, Change::to(berlin(start))),
            |event| event.remove(Scope::This, &fourth),
        );
        let mut expected = moved();
        let gone = expected.remove(3);
        assert!(gone.starts_with("12-0"), "{gone}");
        assert_eq!(skipped, expected);
        let elsewhere = starts_after(
            |event| event.change(Scope::All, &first, Change::to(berlin(start))),
            |event| event.change(Scope::This, &fourth, Change::to(berlin("2026-12-11T20:00"))),
        );
        expected.push("12-11 20".to_owned());
        expected.sort();
        assert_eq!(elsewhere, expected);
    }
}

#[test]
fn names_are_kept_through_moves_and_back() {
    let (mut doc, _) = create(&standup(), ADA, 0).unwrap();
    let mut event = standup();
    for (number, start) in ["2026-11-21T12:00", "2026-11-20T09:00", "2026-11-20T10:00"]
        .iter()
        .enumerate()
    {
        let at = event.when.original();
        event.change(Scope::All, &at, Change::to(berlin(start)));
        event.skip(
            event
                .when
                .moved_to("2026-12-04T00:00".parse().unwrap())
                .original(),
        );
        event.title = number.to_string();
        edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
        assert_eq!(read(&doc).unwrap(), event);
    }
    assert!(
        !history(&doc)
            .iter()
            .any(|edit| edit.fields.iter().any(|one| one.field == "names"))
    );
}

fn titled(title: &str) -> Change {
    Change::of(Override {
        title: Some(title.into()),
        ..Override::default()
    })
}

/// Days and titles of the first five occurrences after two people each began a split.
fn split(ada: (&str, Change), ben: (&str, Change)) -> Vec<String> {
    let at = |text: &str| text.parse().unwrap();
    let (doc, event) = merged(
        |event| event.change(Scope::Following, &at(ada.0), ada.1),
        |event| event.change(Scope::Following, &at(ben.0), ben.1),
    );
    assert_eq!(conflicts(&doc), []);
    let found = crate::expand::next(
        &event,
        "2026-11-01T00:00:00Z".parse().unwrap(),
        5,
        &Zone::utc(),
    );
    found
        .iter()
        .map(|one| format!("{} {}", one.local_start.strftime("%m-%d %H"), one.title))
        .collect()
}

#[test]
fn splits_at_two_places_make_three_segments() {
    let shown = split(
        ("2026-11-30T10:00", titled("Ada")),
        ("2026-12-07T10:00", Change::to(berlin("2026-12-07T15:00"))),
    );
    let expected = [
        "11-20 10 Standup",
        "11-23 10 Standup",
        "11-30 10 Ada",
        "12-04 10 Ada",
        "12-07 15 Ada",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn splits_at_one_place_merge_their_fields() {
    let shown = split(
        ("2026-11-30T10:00", titled("Ada")),
        ("2026-11-30T10:00", Change::to(berlin("2026-11-30T15:00"))),
    );
    let expected = [
        "11-20 10 Standup",
        "11-23 10 Standup",
        "11-30 15 Ada",
        "12-04 15 Ada",
        "12-07 15 Ada",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn what_has_no_old_name_gets_all_named_anew() {
    // Twice a day has no counterpart in whole days.
    let mut event = standup();
    event.rules = Rules::one(crate::Rule::parse("FREQ=DAILY;BYHOUR=10,15").unwrap());
    let (mut doc, _) = create(&event, ADA, 0).unwrap();
    event.skip("2026-11-24T10:00".parse().unwrap());
    event.skip("2026-11-24T15:00".parse().unwrap());
    event.move_all(When::from_people("2026-11-20", None, None).unwrap());
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert_eq!(read(&doc).unwrap(), event);
    event.move_all(berlin("2026-11-20T10:00"));
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert_eq!(read(&doc).unwrap(), event);
}

#[test]
fn a_field_names_the_occurrence_as_it_is_called_today() {
    let (mut doc, _) = create(&standup(), ADA, 0).unwrap();
    let mut event = standup();
    let friday = "2026-12-04T10:00".parse().unwrap();
    event.change(Scope::This, &friday, titled("Long"));
    edit(&mut doc, ADA, 0, &event).unwrap();
    event.move_all(berlin("2026-11-21T12:00"));
    edit(&mut doc, ADA, 0, &event).unwrap();
    let field = "overrides/2026-12-04T10:00:00/title";
    let of = |field| occurrence_of(&doc, field);
    assert_eq!(of(field), Some("2026-12-05T12:00".parse().unwrap()));
    assert_eq!(
        of("skipped/2026-11-27T10:00:00"),
        Some("2026-11-28T12:00".parse().unwrap())
    );
    assert_eq!(
        (of("when"), of("guests/2026-11-27"), of("overrides/x/title")),
        (None, None, None)
    );
    let told = history(&doc);
    assert!(
        told.iter()
            .any(|edit| edit.fields.iter().any(|one| one.field == field))
    );
}
