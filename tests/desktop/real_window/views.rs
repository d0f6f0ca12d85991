//! Every view of the real window: reached by its key and by its button, looked at by day and by
//! night, and found again after the window was closed.

use std::fs;

use serde_json::json;

use super::first_week::demo;
use crate::look;
use crate::programs;
use crate::session::Desktop;
use crate::wait;
use crate::webdriver::Window;
use crate::week::Week;

#[test]
fn the_views_change_by_key_and_by_mouse_and_the_last_is_there_again() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    for (key, columns) in [("d", 1), ("x", 4), ("2", 7)] {
        window.press(key);
        awaits_columns(&window, columns);
    }
    window.chord(SHIFT, "W");
    awaits_columns(&window, 5);
    window.press("m");
    window.find("[role=grid] [data-date]");
    week.press_button("Day");
    awaits_columns(&window, 1);
    week.press_button("More views");
    window.click(&window.find_named("[role=menuitemradio]", "3 days"));
    awaits_columns(&window, 3);
    drop(window);

    let window = Window::open(&desktop, &programs::window(), &[]);
    Week::shown_in(&window);
    awaits_columns(&window, 3);
}

/// The week of the demo in each view: readable, uncut, in the colours of the house.
#[test]
fn every_view_is_readable_by_day_and_by_night() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    let ics = fs::read_to_string(demo()).expect("the demo's calendar");
    let file = desktop.home().join("week.ics");
    fs::write(&file, week.moved_here(&ics)).expect("the calendar of this week");
    week.import(&file);
    week.event("Dinner with Grace");
    for theme in ["light", "dark"] {
        week.wear(theme);
        for (key, view) in VIEWS {
            window.press(key);
            wait::until(view, || {
                let pressed = window.script(
                    "return document.querySelector(arguments[0]) !== null",
                    &[json!(format!("[data-view={view}]"))],
                );
                (pressed == true).then_some(())
            });
            window.picture(&format!("view-{view}-{theme}"));
            assert_eq!(look::faint_texts(&window), [""; 0], "{view} {theme}");
            assert_eq!(look::clipped_texts(&window), [""; 0], "{view} {theme}");
            assert_eq!(look::foreign_colours(&window), [""; 0], "{view} {theme}");
        }
    }
}

/// Held for capitals.
const SHIFT: &str = "\u{e008}";
const VIEWS: [(&str, &str); 6] = [
    ("d", "day"),
    ("x", "days"),
    ("m", "month"),
    ("a", "agenda"),
    ("y", "year"),
    ("w", "week"),
];

fn awaits_columns(window: &Window, count: u64) {
    wait::until(&format!("{count} columns of hours"), || {
        let shown = window.script(
            "return document.querySelectorAll('[data-time-grid] > .day').length",
            &[],
        );
        (shown == count).then_some(())
    });
}
