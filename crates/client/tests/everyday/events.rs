//! Events: created, edited, moved, found by their id.

use almanac_client::{CreateEvent, EditEvent, ErrorCode, TimesInput, WhenView};

use crate::device::{Device, edit, event, timed};

#[test]
fn an_event_keeps_everything_it_was_given() {
    let device = Device::new();
    let created = device.client.create(CreateEvent {
        place: "Room 4".into(),
        notes: "Bring the plan".into(),
        rule: Some("FREQ=WEEKLY;COUNT=2".into()),
        ..event("Planning", timed("2026-11-23T10:00", "2026-11-23T11:30"))
    });
    let id = created.unwrap().event.unwrap();
    let device = device.again();
    let view = device.client.event(&id, None).unwrap();
    assert_eq!(
        (view.title.as_str(), view.place.as_str()),
        ("Planning", "Room 4")
    );
    assert_eq!(view.notes, "Bring the plan");
    assert_eq!(view.when, timed("2026-11-23T10:00", "2026-11-23T11:30"));
    assert_eq!(view.rule.as_deref(), Some("FREQ=WEEKLY;COUNT=2"));
    assert_eq!(
        view.rule_words.as_deref(),
        Some("Every week on Monday, 2 times")
    );
    assert_eq!(
        (view.calendar_name.as_str(), view.color.as_str()),
        ("Home", "green")
    );
    assert!(!view.pending);
    let second = device
        .client
        .event(&id, Some("2026-11-30T10:00:00"))
        .unwrap();
    assert_eq!(second.when, timed("2026-11-30T10:00", "2026-11-30T11:30"));
    let third = device
        .client
        .event(&id, Some("2026-12-07T10:00:00"))
        .unwrap_err();
    assert_eq!(third.code, ErrorCode::NotFound);
}

#[test]
fn an_edit_changes_only_what_it_names() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let change = EditEvent {
        place: Some("Garden".into()),
        ..edit(&id)
    };
    assert!(device.client.edit(change.clone()).unwrap().undo.is_some());
    let view = device.client.event(&id, None).unwrap();
    assert_eq!(
        (view.title.as_str(), view.place.as_str()),
        ("Lunch", "Garden")
    );
    let before = device.client.revision();
    let again = device.client.edit(change).unwrap();
    assert_eq!(
        (again.undo, again.event.as_deref()),
        (None, Some(id.as_str()))
    );
    assert_eq!(
        device.client.revision(),
        before,
        "nothing was changed, so nothing is drawn again"
    );
}

#[test]
fn times_that_make_no_sense_change_nothing() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let bad = [
        timed("2026-11-23T12:00", "2026-11-23T11:00"),
        WhenView::AllDay {
            start: "2026-11-23".into(),
            end: "2026-11-23".into(),
        },
        WhenView::Timed {
            start: "2026-11-23T12:00".into(),
            end: "2026-11-23T13:00".into(),
            zone: "Mars/Olympus".into(),
        },
    ];
    for when in bad {
        let refused = device
            .client
            .edit(EditEvent {
                when: Some(when),
                ..edit(&id)
            })
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
    }
    let rule = EditEvent {
        rule: Some("every monday".into()),
        ..edit(&id)
    };
    assert_eq!(
        device.client.edit(rule).unwrap_err().code,
        ErrorCode::InvalidInput
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn an_event_is_named_by_the_start_of_its_id() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    for digits in [4, 5, 8, 31, 32] {
        let view = device.client.event(&id[..digits], None).unwrap();
        assert_eq!(view.event, id, "{digits} digits");
    }
    for wrong in [&id[..3], "not-an-id", ""] {
        let refused = device.client.event(wrong, None).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotFound, "{wrong}");
    }
    device.client.remove(&id).unwrap();
    assert_eq!(
        device.client.event(&id[..8], None).unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[test]
fn an_event_moves_to_another_calendar_as_one_action() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let title = Some("Business lunch".to_owned());
    let moved = EditEvent {
        calendar: Some("Work".into()),
        title,
        ..edit(&id)
    };
    let done = device.client.edit(moved).unwrap();
    let there = done.event.unwrap();
    assert_ne!(there, id);
    let view = device.client.event(&there, None).unwrap();
    assert_eq!(
        (view.calendar_name.as_str(), view.title.as_str()),
        ("Work", "Business lunch")
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Business lunch"]);
    device.client.undo(done.undo.unwrap()).unwrap();
    assert_eq!(
        device.client.event(&id, None).unwrap().calendar_name,
        "Home"
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn whole_days_become_a_time_and_back() {
    let device = Device::new();
    let id = device.add("Trip", "2026-11-23T12:00", "2026-11-23T13:00");
    let times = TimesInput {
        start: Some("2026-11-24".into()),
        end: Some("2026-11-25".into()),
        zone: None,
    };
    let when = device.client.when_changed(&id, None, &times).unwrap();
    device
        .client
        .edit(EditEvent {
            when: Some(when),
            ..edit(&id)
        })
        .unwrap();
    assert_eq!(device.november(), ["2026-11-24 Trip"]);
    let when = timed("2026-11-24T08:00", "2026-11-24T09:00");
    device
        .client
        .edit(EditEvent {
            when: Some(when),
            ..edit(&id)
        })
        .unwrap();
    assert_eq!(device.november(), ["2026-11-24T08:00 Trip"]);
}

#[test]
fn a_series_moves_with_its_exceptions() {
    let device = Device::new();
    device.import(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:s@test\r\n\
         DTSTART;TZID=Europe/Berlin:20261123T090000\r\nDURATION:PT1H\r\n\
         RRULE:FREQ=DAILY;COUNT=4\r\nEXDATE;TZID=Europe/Berlin:20261125T090000\r\n\
         SUMMARY:Run\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let rows = device
        .client
        .list("2026-11-23", "2026-11-24", Some("UTC"), None)
        .unwrap();
    let when = timed("2026-11-23T07:00", "2026-11-23T08:00");
    let change = EditEvent {
        when: Some(when),
        ..edit(&rows[0].event)
    };
    device.client.edit(change).unwrap();
    let expected = [
        "2026-11-23T07:00 Run",
        "2026-11-24T07:00 Run",
        "2026-11-26T07:00 Run",
    ];
    assert_eq!(device.november(), expected);
    let once = EditEvent {
        rule: Some(String::new()),
        ..edit(&rows[0].event)
    };
    device.client.edit(once).unwrap();
    assert_eq!(device.november(), ["2026-11-23T07:00 Run"]);
}
