//! Calendars: names, colours, order.

use almanac_client::ErrorCode;

use crate::device::Device;

#[test]
fn a_name_is_given_once_and_finds_its_calendar() {
    let device = Device::new();
    let client = &device.client;
    let refused = client.add_calendar("home ", None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::AlreadyExists);
    for name in ["", "  ", "two\nlines", &"x".repeat(201)] {
        assert_eq!(
            client.add_calendar(name, None).unwrap_err().code,
            ErrorCode::InvalidInput
        );
    }
    let id = client.find_calendar("WORK").unwrap();
    assert_eq!(client.find_calendar(&id.to_string()).unwrap(), id);
    assert_eq!(
        client.find_calendar("Wor").unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[test]
fn calendars_keep_their_order_and_look_different() {
    let device = Device::new();
    device.client.add_calendar("Choir", None).unwrap();
    assert!(
        device
            .client
            .add_calendar("Garden", Some("mauvish"))
            .is_err()
    );
    let device = device.again();
    let calendars = device.client.calendars().unwrap();
    let names: Vec<&str> = calendars.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Personal", "Home", "Work", "Choir"]);
    let colors: Vec<&str> = calendars.iter().map(|one| one.color.as_str()).collect();
    assert_eq!(colors, ["blue", "green", "teal", "tomato"]);
}

#[test]
fn a_hidden_calendar_stays_hidden() {
    let device = Device::new();
    device.client.set_calendar_hidden("Work", true).unwrap();
    let device = device.again();
    let hidden = |device: &Device| -> Vec<bool> {
        device
            .client
            .calendars()
            .unwrap()
            .iter()
            .map(|one| one.hidden)
            .collect()
    };
    assert_eq!(hidden(&device), [false, false, true]);
    device.client.set_calendar_hidden("Work", false).unwrap();
    assert_eq!(hidden(&device), [false, false, false]);
}
