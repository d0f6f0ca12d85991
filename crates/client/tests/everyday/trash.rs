//! The trash, and adding what lies in it once more.

use almanac_client::{EditEvent, ErrorCode};

use crate::device::{Device, edit};

const LUNCH: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:lunch@test\r\n\
    DTSTART:20261123T110000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// `title calendar` of everything in the trash.
fn trash(device: &Device) -> Vec<String> {
    let found = device.client.trash(None).unwrap();
    found
        .iter()
        .map(|one| format!("{} {}", one.title, one.calendar))
        .collect()
}

/// The id of the only event of November.
fn only(device: &Device) -> String {
    let found = device
        .client
        .list("2026-11-01", "2026-12-01", None, None)
        .unwrap();
    assert_eq!(found.len(), 1);
    found[0].event.clone()
}

#[test]
fn what_was_deleted_comes_back_from_the_trash() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let refused = device.client.restore(&id).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
    device.client.remove(&id).unwrap();
    let refused = device.client.remove(&id).unwrap_err();
    assert!(refused.message.contains("trash restore"), "{refused}");
    assert_eq!(trash(&device), ["Lunch Home"]);
    let restored = device.client.restore(&id[..6]).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
    assert_eq!(trash(&device), Vec::<String>::new());
    device.client.undo(restored.undo.unwrap()).unwrap();
    assert_eq!(trash(&device), ["Lunch Home"]);
}

#[test]
fn a_file_brings_back_what_it_holds_and_there_is_one_event_then() {
    let device = Device::new();
    device.import(LUNCH);
    let id = only(&device);
    device.client.remove(&id).unwrap();
    let brunch = LUNCH.replace("SUMMARY:Lunch", "SUMMARY:Brunch");
    let report = device.import(&brunch);
    assert_eq!((report.imported, report.updated), (1, 0));
    assert_eq!(device.november(), ["2026-11-23T12:00 Brunch"]);
    assert_eq!(only(&device), id, "the same event, with its history");
    assert_eq!(trash(&device), Vec::<String>::new());
    let refused = device.client.restore(&id).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
    device.client.undo(report.undo.unwrap()).unwrap();
    assert_eq!(trash(&device), ["Lunch Home"]);
}

#[test]
fn what_was_moved_is_not_brought_back_beside_itself() {
    let device = Device::new();
    device.import(LUNCH);
    let old = only(&device);
    let to_work = EditEvent {
        calendar: Some("Work".into()),
        ..edit(&old)
    };
    let new = device.client.edit(to_work).unwrap().event.unwrap();
    let lies = device.client.trash(Some("Home")).unwrap();
    assert_eq!(lies[0].lives_as.as_ref(), Some(&new));
    let refused = device.client.restore(&old).unwrap_err();
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
    assert!(refused.message.contains(&new[..8]), "{refused}");
    device.client.remove(&new).unwrap();
    device.client.restore(&old).unwrap();
    assert_eq!(only(&device), old);
}
