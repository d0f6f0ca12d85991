//! Taking actions back.

use almanac_client::{EditEvent, ErrorCode};

use crate::device::{Device, edit, event, timed};

#[test]
fn every_action_can_be_taken_back_and_done_again() {
    let device = Device::new();
    let client = &device.client;
    let lunch = event("Lunch", timed("2026-11-23T12:00", "2026-11-23T13:00"));
    let created = client.create(lunch).unwrap();
    let id = created.event.unwrap();
    let undone = client.undo(created.undo.unwrap()).unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    client.undo(undone.undo.unwrap()).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
    let removed = client.remove(&id).unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    client.undo(removed.undo.unwrap()).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn taking_back_keeps_what_was_changed_since() {
    let device = Device::new();
    let client = &device.client;
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let title = EditEvent {
        title: Some("Brunch".into()),
        ..edit(&id)
    };
    let token = client.edit(title).unwrap().undo.unwrap();
    client
        .edit(EditEvent {
            place: Some("Garden".into()),
            ..edit(&id)
        })
        .unwrap();
    client.undo(token).unwrap();
    let view = client.event(&id, None).unwrap();
    assert_eq!(
        (view.title.as_str(), view.place.as_str()),
        ("Lunch", "Garden")
    );
}

#[test]
fn what_was_changed_again_is_not_taken_back() {
    let device = Device::new();
    let client = &device.client;
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let titled = |title: &str| EditEvent {
        title: Some(title.into()),
        ..edit(&id)
    };
    let token = client.edit(titled("Brunch")).unwrap().undo.unwrap();
    client.edit(titled("Breakfast")).unwrap();
    assert_eq!(client.undo(token).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(client.event(&id, None).unwrap().title, "Breakfast");
    assert_eq!(client.undo(9_999).unwrap_err().code, ErrorCode::NotFound);
}
