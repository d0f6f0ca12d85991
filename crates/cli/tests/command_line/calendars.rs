//! Calendars.

use crate::device::{Device, check};

#[test]
fn a_calendar_is_renamed_recoloured_hidden_and_shown() {
    let device = Device::started();
    let edit = |more: &[&str]| device.json(&[&["calendar", "edit", "Home"], more].concat());
    let changed = edit(&["--color", "pink", "--hide"]);
    assert_eq!(
        (&changed["color"], &changed["hidden"]),
        (&"pink".into(), &true.into())
    );
    assert_eq!(edit(&["--show", "--name", "House"])["name"], "House");
    check(
        device.failure(&["calendar", "edit", "Home", "--show"]),
        3,
        "notFound",
    );
    let taken = ["calendar", "edit", "House", "--name", "personal"];
    check(device.failure(&taken), 2, "alreadyExists");
    device.json(&["undo", "--count", "2"]);
    let calendars = device.json(&["calendar", "list"]);
    assert_eq!(
        (&calendars[1]["name"], &calendars[1]["hidden"]),
        (&"Home".into(), &false.into())
    );
}
