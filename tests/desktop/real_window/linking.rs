//! A further device is linked from window to window: a line goes over, nine digits come back, and the
//! calendars follow. Then it is named, and taken out again.

use almanac_scenarios::World;

use super::sharing::{ACTIONS_MAX, owner, text_to_give};
use crate::hand::Hand;
use crate::programs;
use crate::session::Desktop;
use crate::webdriver::Window;
use crate::week::Week;

#[test]
fn a_device_is_linked_from_window_to_window() {
    let world = World::new();
    let relay = world.relay();
    let (old_desktop, new_desktop) = (owner(&relay), Desktop::start());
    let old_window = Window::open(&old_desktop, &programs::window(), &[]);
    let new_window = Window::open(&new_desktop, &programs::window(), &[]);
    let (old_week, new_week) = (Week::shown_in(&old_window), Week::shown_in(&new_window));
    let (old, new) = (Hand::at(&old_window), Hand::at(&new_window));
    old_week.show_hours_from(8);
    old_week.create_by_drag(1, 10 * 60, 11 * 60, "Dentist");

    new.press("I use Almanac already");
    new.looks("link-empty");
    new.enters("Line from the other device", "hello");
    new.press("Continue");
    new.sees("This is not the line that your other device shows");
    new.looks("link-wrong");
    new.press("Cancel");
    new.actions();

    old.press("Your devices");
    old.sees("this one");
    old.looks("devices-one");
    old.press("Add a device");
    old.sees("Waiting for the new device");
    old.looks("link-line");
    let line = text_to_give(&old);
    old.press("Copy line");
    old.press("Show as a picture");
    old.finds("dialog svg[role=img]", "The same text as a picture");
    old.looks("link-picture");

    new.press("I use Almanac already");
    new.enters("Line from the other device", &line);
    new.press("Continue");
    new.sees("Type these digits on the other device");
    new.looks("link-digits");
    let digits = new.reads_in("dialog p[role=status]");
    old.enters("Nine digits", &digits);
    old.looks("link-typed");
    old.press("Add device");
    old.sees("The new device is one of yours now");
    old.looks("link-added");
    for (hand, side) in [(&old, "the old side"), (&new, "the new side")] {
        let actions = hand.actions();
        assert!(actions <= ACTIONS_MAX, "{side} took {actions} actions");
    }
    new.finds("aside [role=checkbox]", "Show Team");
    new_week.show_hours_from(8);
    new_week.event("Dentist");
    goes_on(&old, &new);
    drop(new_window);

    // It is the profile of this computer from now on.
    let new_window = Window::open(&new_desktop, &programs::window(), &[]);
    Week::shown_in(&new_window).event("Dentist");
}

/// The new device has a name that the old one shows; the old one takes it out again.
fn goes_on(old: &Hand<'_>, new: &Hand<'_>) {
    new.press("Your devices");
    new.press("Rename this device");
    new.enters("Name of this device", " of Ada");
    new.press("Save");
    old.press("Done");
    old.finds("dialog button", "of Ada");
    old.looks("devices-two");
    old.press("of Ada");
    old.looks("devices-remove");
    old.press("I no longer use it");
    old.press("Remove device");
    old.sees_no("of Ada");
    new.sees("This device was revoked");
}
