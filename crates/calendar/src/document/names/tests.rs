//! Edits of a series that meet, and what its occurrences are called.

use super::super::tests::{ADA, BEN, merged, standup};
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
fn an_end_holds_though_all_moved_meanwhile() {
    let first = "2026-11-20T10:00".parse().unwrap();
    let fourth = "2026-12-04T10:00".parse().unwrap();
    for start in ["2026-11-20T23:00", "2026-11-19T23:00", "2026-11-21T12:00"] {
        let moved = starts_after(
            |event| event.change(Scope::All, &first, Change::to(berlin(start))),
            |event| event.place = "Garden".into(),
        );
        let ended = starts_after(
            |event| event.change(Scope::All, &first, Change::to(berlin(start))),
            |event| event.remove(Scope::Following, &fourth),
        );
        assert_eq!(ended, moved[..3]);
    }
}

#[test]
fn new_days_turn_with_a_move_made_meanwhile() {
    let first = "2026-11-20T10:00".parse().unwrap();
    let starts = starts_after(
        |event| event.change(Scope::All, &first, Change::to(berlin("2026-11-19T23:00"))),
        |event| {
            let rules = Rules::one(crate::Rule::parse("FREQ=WEEKLY;BYDAY=WE,FR").unwrap());
            let change = Change {
                rules: Some(rules),
                ..Change::default()
            };
            event.change(Scope::All, &first, change);
        },
    );
    assert_eq!(
        starts[..4],
        ["11-19 23", "11-24 23", "12-01 23", "12-03 23"]
    );
}

#[test]
fn of_two_moves_the_days_are_those_of_the_one_that_is_shown() {
    let first = "2026-11-20T10:00".parse().unwrap();
    let moves = ["2026-11-21T10:00", "2026-11-22T10:00"];
    let (doc, event) = merged(
        |event| event.change(Scope::All, &first, Change::to(berlin(moves[0]))),
        |event| event.change(Scope::All, &first, Change::to(berlin(moves[1]))),
    );
    let conflicts = conflicts(&doc);
    let fields: Vec<&str> = conflicts.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["when"]);
    for chosen in [&conflicts[0].shown, &conflicts[0].others[0]] {
        let mut doc = doc.clone();
        settle(&mut doc, ADA, 9, "when", &chosen.value).unwrap();
        let now = read(&doc).unwrap();
        let mut alone = standup();
        alone.move_all(now.when.clone());
        assert_eq!(now.rules, alone.rules);
    }
    assert!(
        moves.contains(
            &event
                .when
                .start()
                .strftime("%Y-%m-%dT%H:%M")
                .to_string()
                .as_str()
        )
    );
}

#[test]
fn new_rules_do_not_conflict_with_the_same_ones_at_another_time() {
    let first = "2026-11-20T10:00".parse().unwrap();
    let daily = || Change {
        rules: Some(Rules::one(crate::Rule::parse("FREQ=DAILY").unwrap())),
        ..Change::default()
    };
    let (doc, event) = merged(
        |event| event.change(Scope::All, &first, daily()),
        |event| {
            event.change(Scope::All, &first, daily());
            event.move_all(berlin("2026-11-20T12:00"));
        },
    );
    assert_eq!(conflicts(&doc), []);
    assert_eq!(event.when, berlin("2026-11-20T12:00"));
}

#[test]
fn rules_bring_the_time_they_are_counted_from_where_it_was_taken_away() {
    let at = "2026-11-30T10:00".parse().unwrap();
    let change = |rule: &str, start: &str| Change {
        rules: Some(Rules::one(crate::Rule::parse(rule).unwrap())),
        ..Change::to(berlin(start))
    };
    let mut event = standup();
    event.change(
        Scope::Following,
        &at,
        change("FREQ=DAILY", "2026-12-03T12:00"),
    );
    let (mut doc, _) = create(&event, ADA, 0).unwrap();
    let mut other = doc.clone();
    event.remove(Scope::Following, &"2026-12-06T12:00".parse().unwrap());
    let ended = edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    let mut event = read(&other).unwrap();
    event.splits.clear();
    edit(&mut other, BEN, 0, &event).unwrap().unwrap();
    apply(&mut other, &ended).unwrap();
    let event = read(&other).unwrap();
    let window = "2026-11-28T00:00:00Z".parse().unwrap().."2027-11-28T00:00:00Z".parse().unwrap();
    let found = crate::expand(&event, window, &Zone::utc());
    let days: Vec<String> = found
        .iter()
        .map(|one| one.local_start.to_string())
        .collect();
    assert_eq!(
        days,
        [
            "2026-12-03T12:00:00",
            "2026-12-04T12:00:00",
            "2026-12-05T12:00:00"
        ]
    );
    assert_eq!(edit(&mut other, BEN, 0, &event).unwrap(), None);
}

#[test]
fn rules_that_say_no_time_are_counted_from_the_one_beside_them() {
    // As documents were written once.
    let (mut doc, _) = create(&standup(), ADA, 0).unwrap();
    let text = serde_json::to_string(&standup().rules).unwrap();
    change(&mut doc, ADA, 0, |tx| {
        write::entry(tx, &automerge::ROOT, "rule", &text)
    })
    .unwrap();
    let mut event = standup();
    assert_eq!(read(&doc).unwrap(), event);
    event.move_all(berlin("2026-11-21T12:00"));
    edit(&mut doc, ADA, 0, &event).unwrap().unwrap();
    assert_eq!(read(&doc).unwrap(), event);
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
