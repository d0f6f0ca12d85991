//! Editing a series: this one, this and following, all.

use almanac_client::{
    BusyView, CreateEvent, EditEvent, ErrorCode, EventDetails, RemoveEvent, ScopeInput, StatusView,
    TimesInput,
};

use crate::device::{Device, edit, event, timed};

/// A weekly event on the four Mondays of November from the 2nd on, and its id.
fn weekly(device: &Device) -> String {
    let input = CreateEvent {
        rule: Some("FREQ=WEEKLY;COUNT=4".into()),
        ..event("Choir", timed("2026-11-02T18:00", "2026-11-02T20:00"))
    };
    device.client.create(input).unwrap().event.unwrap()
}

fn part(id: &str, scope: ScopeInput, occurrence: &str) -> EditEvent {
    EditEvent {
        scope: Some(scope),
        occurrence: Some(occurrence.into()),
        ..edit(id)
    }
}

fn removal(id: &str, scope: Option<ScopeInput>, occurrence: Option<&str>) -> RemoveEvent {
    RemoveEvent {
        event: id.into(),
        scope,
        occurrence: occurrence.map(str::to_owned),
    }
}

#[test]
fn one_occurrence_differs_and_the_others_stay() {
    let device = Device::new();
    let id = weekly(&device);
    let change = EditEvent {
        title: Some("Concert".into()),
        when: Some(timed("2026-11-10T19:00", "2026-11-10T22:00")),
        ..part(&id, ScopeInput::This, "2026-11-09")
    };
    device.client.edit(change).unwrap();
    assert_eq!(
        device.november(),
        [
            "2026-11-02T18:00 Choir",
            "2026-11-10T19:00 Concert",
            "2026-11-16T18:00 Choir",
            "2026-11-23T18:00 Choir"
        ]
    );
    device.client.undo_last().unwrap();
    assert_eq!(device.november()[1], "2026-11-09T18:00 Choir");
}

#[test]
fn this_and_following_differ_from_there_on() {
    let device = Device::new();
    let id = weekly(&device);
    let times = TimesInput {
        start: Some("2026-11-17T17:00".into()),
        ..TimesInput::default()
    };
    let when = device.client.when_changed(&id, Some("2026-11-16"), &times);
    let change = EditEvent {
        place: Some("Hall".into()),
        when: Some(when.unwrap()),
        ..part(&id, ScopeInput::Following, "2026-11-16T18:00")
    };
    device.client.edit(change).unwrap();
    assert_eq!(
        device.november(),
        [
            "2026-11-02T18:00 Choir",
            "2026-11-09T18:00 Choir",
            "2026-11-17T17:00 Choir",
            "2026-11-24T17:00 Choir"
        ]
    );
    let place = |day| device.client.event(&id, Some(day)).unwrap().place;
    assert_eq!(
        (place("2026-11-09").as_str(), place("2026-11-24").as_str()),
        ("", "Hall")
    );
    device.client.undo_last().unwrap();
    assert_eq!(device.november()[3], "2026-11-23T18:00 Choir");
}

#[test]
fn all_move_as_far_as_the_one_that_was_moved() {
    let device = Device::new();
    let id = weekly(&device);
    let remove = removal(&id, None, Some("2026-11-23"));
    device.client.remove_part(&remove).unwrap();
    let change = EditEvent {
        when: Some(timed("2026-11-17T19:00", "2026-11-17T20:00")),
        ..part(&id, ScopeInput::All, "2026-11-16")
    };
    device.client.edit(change).unwrap();
    assert_eq!(
        device.november(),
        [
            "2026-11-03T19:00 Choir",
            "2026-11-10T19:00 Choir",
            "2026-11-17T19:00 Choir"
        ]
    );
}

#[test]
fn a_part_is_left_out_and_comes_back() {
    let device = Device::new();
    let id = weekly(&device);
    let remove = |scope, day| {
        device
            .client
            .remove_part(&removal(&id, scope, day))
            .unwrap()
    };
    remove(None, Some("2026-11-09"));
    assert_eq!(device.november().len(), 3);
    let again = device
        .client
        .remove_part(&removal(&id, None, Some("2026-11-09")));
    assert_eq!(again.unwrap_err().code, ErrorCode::NotFound);
    device.client.restore_occurrence(&id, "2026-11-09").unwrap();
    assert_eq!(device.november().len(), 4);
    let none = device.client.restore_occurrence(&id, "2026-11-09");
    assert_eq!(none.unwrap_err().code, ErrorCode::NotFound);
    remove(Some(ScopeInput::Following), Some("2026-11-16"));
    assert_eq!(
        device.november(),
        ["2026-11-02T18:00 Choir", "2026-11-09T18:00 Choir"]
    );
    remove(Some(ScopeInput::Following), Some("2026-11-02"));
    assert_eq!(device.november(), Vec::<String>::new());
    assert_eq!(device.client.trash(None).unwrap().len(), 1);
}

#[test]
fn what_only_a_whole_series_has_is_refused_for_a_part() {
    let device = Device::new();
    let id = weekly(&device);
    let rule = EditEvent {
        rule: Some("FREQ=DAILY".into()),
        ..part(&id, ScopeInput::This, "2026-11-09")
    };
    let calendar = EditEvent {
        calendar: Some("Work".into()),
        ..part(&id, ScopeInput::Following, "2026-11-09")
    };
    let unnamed = EditEvent {
        scope: Some(ScopeInput::This),
        ..edit(&id)
    };
    for change in [rule, calendar, unnamed] {
        let refused = device.client.edit(change).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
    }
    let nowhere = part(&id, ScopeInput::This, "2026-11-10");
    assert_eq!(
        device.client.edit(nowhere).unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[test]
fn details_are_set_added_and_taken_away() {
    let device = Device::new();
    let own = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    let input = CreateEvent {
        details: EventDetails {
            status: Some(StatusView::Tentative),
            busy: Some(BusyView::Free),
            reminders: own(&["10m", "1d"]),
            add_guests: own(&["Ada <ada@example.org>", "bob@example.org"]),
            ..EventDetails::default()
        },
        ..event("Lunch", timed("2026-11-23T12:00", "2026-11-23T13:00"))
    };
    let id = device.client.create(input).unwrap().event.unwrap();
    let ics = device.client.export(None).unwrap();
    for part in ["STATUS:TENTATIVE", "TRANSP:TRANSPARENT", "TRIGGER:-PT10M"] {
        assert!(ics.contains(part), "{part}: {ics}");
    }
    let change = |details| {
        device.client.edit(EditEvent {
            details,
            ..edit(&id)
        })
    };
    change(EventDetails {
        remove_guests: own(&["bob@example.org"]),
        add_guests: own(&["cy@example.org", "ADA@example.org"]),
        reminders: own(&["none"]),
        ..EventDetails::default()
    })
    .unwrap();
    let guests: Vec<String> = device
        .client
        .event(&id, None)
        .unwrap()
        .guests
        .into_iter()
        .map(|guest| guest.address)
        .collect();
    assert_eq!(guests, ["ada@example.org", "cy@example.org"]);
    assert!(!device.client.export(None).unwrap().contains("TRIGGER"));
    let missing = EventDetails {
        remove_guests: own(&["bob@example.org"]),
        ..EventDetails::default()
    };
    assert_eq!(change(missing).unwrap_err().code, ErrorCode::NotFound);
    let bad = EventDetails {
        url: Some("not an address".into()),
        ..EventDetails::default()
    };
    assert_eq!(change(bad).unwrap_err().code, ErrorCode::InvalidInput);
}

#[test]
fn without_an_occurrence_the_series_moves_and_not_from_its_first_exception() {
    let device = Device::new();
    let id = weekly(&device);
    let first = EditEvent {
        when: Some(timed("2026-11-02T20:00", "2026-11-02T22:00")),
        ..part(&id, ScopeInput::This, "2026-11-02")
    };
    device.client.edit(first).unwrap();
    let times = TimesInput {
        start: Some("2026-11-02T19:00".into()),
        ..TimesInput::default()
    };
    let when = device.client.when_changed(&id, None, &times).unwrap();
    assert_eq!(when, timed("2026-11-02T19:00", "2026-11-02T21:00"));
    let later = EditEvent {
        when: Some(when),
        ..edit(&id)
    };
    device.client.edit(later).unwrap();
    assert_eq!(
        device.november(),
        [
            "2026-11-02T21:00 Choir",
            "2026-11-09T19:00 Choir",
            "2026-11-16T19:00 Choir",
            "2026-11-23T19:00 Choir"
        ]
    );
}

#[test]
fn a_count_given_from_one_on_counts_from_there() {
    let device = Device::new();
    let id = weekly(&device);
    let daily = EditEvent {
        rule: Some("FREQ=DAILY;COUNT=3".into()),
        ..part(&id, ScopeInput::Following, "2026-11-16")
    };
    device.client.edit(daily).unwrap();
    assert_eq!(
        device.november(),
        [
            "2026-11-02T18:00 Choir",
            "2026-11-09T18:00 Choir",
            "2026-11-16T18:00 Choir",
            "2026-11-17T18:00 Choir",
            "2026-11-18T18:00 Choir"
        ]
    );
}
