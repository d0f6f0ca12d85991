//! A month in the real window: scrolled without an end, changed by hand and by keyboard alone.

use crate::look;
use crate::month::Month;
use crate::programs;
use crate::session::Desktop;
use crate::webdriver::Window;
use crate::week::{ENTER, Week};

const ALT: &str = "\u{e00a}";
const DOWN: &str = "\u{e015}";
const RIGHT: &str = "\u{e014}";
const LEFT: &str = "\u{e012}";
const PAGE_DOWN: &str = "\u{e00f}";
const PAGE_UP: &str = "\u{e00e}";
const ESCAPE: &str = "\u{e00c}";

#[test]
fn a_month_is_scrolled_far_and_an_event_in_it_dragged_and_put_back() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    window.press("m");
    let month = Month::shown_in(&window);
    let here = month.title();
    let today = month.today();
    let other = month.beside(&today);
    month.window.picture("month-empty");

    // Drawn over two days, then taken to another place and back again.
    let (a, b) = (
        today.clone().min(other.clone()),
        today.clone().max(other.clone()),
    );
    window.drag(month.free_part_of(&a), month.free_part_of(&b));
    window.find_named("[role=dialog]", "New event");
    window.press("Two days away");
    window.press(ENTER);
    month.awaits_on("Two days away", &a);
    week.press_in_panel("Two days away", "Delete");
    week.awaits_no_event("Two days away");

    // A press that goes nowhere twice makes one of a single day.
    let free = month.free_part_of(&today);
    window.double_click(free);
    window.find_named("[role=dialog]", "New event");
    window.press("Day off");
    window.press(ENTER);
    month.awaits_on("Day off", &today);
    window.drag(
        window.middle_of(&month.event("Day off")),
        month.free_part_of(&other),
    );
    month.awaits_on("Day off", &other);
    week.press_button("Undo");
    month.awaits_on("Day off", &today);

    // Three years on and back: the title follows, today is one key away.
    month.scroll_weeks(160);
    month.awaits_title(|title| title != here);
    month.scroll_weeks(-300);
    let past = month.awaits_title(|title| title != here);
    assert_ne!(past, here);
    window.press("t");
    month.awaits_title(|title| title == here);
    month.awaits_on("Day off", &today);

    for theme in ["light", "dark"] {
        week.wear(theme);
        window.picture(&format!("month-{theme}"));
        assert_eq!(look::faint_texts(&window), [""; 0], "{theme}");
        assert_eq!(look::clipped_texts(&window), [""; 0], "{theme}");
        assert_eq!(look::foreign_colours(&window), [""; 0], "{theme}");
    }
}

#[test]
fn a_month_is_used_by_keyboard_alone() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    Week::shown_in(&window);
    window.press("3");
    let month = Month::shown_in(&window);
    let here = month.title();
    let today = month.today();
    let other = month.beside(&today);
    let (to, back) = if other > today {
        (RIGHT, LEFT)
    } else {
        (LEFT, RIGHT)
    };

    // The days take the keyboard at the one stop that the month has.
    window.script("document.querySelector('[data-view-stop]').focus()", &[]);
    assert_eq!(month.stands_on(), today);
    window.press(to);
    assert_eq!(month.stands_on(), other);
    window.press(back);
    assert_eq!(month.stands_on(), today);
    window.press(PAGE_DOWN);
    window.press(PAGE_DOWN);
    month.awaits_title(|title| title != here);
    window.press(PAGE_UP);
    window.press(PAGE_UP);
    month.awaits_title(|title| title == here);

    // Typing begins a title; it can be given up, or kept.
    window.press("x");
    window.find_named("[role=dialog]", "New event");
    window.press(ESCAPE);
    window.press(ENTER);
    window.find_named("[role=dialog]", "New event");
    window.press("Dentist");
    window.press(ENTER);
    let stood = month.day_of("Dentist");

    // Moved on by days, taken back, and moved for good.
    window.press("]");
    window.chord(ALT, to);
    window.press(ESCAPE);
    month.awaits_on("Dentist", &stood);
    window.chord(ALT, DOWN);
    window.press(ENTER);
    month.awaits_on("Dentist", &month.week_after(&stood));
    window.press("z");
    month.awaits_on("Dentist", &stood);
}
