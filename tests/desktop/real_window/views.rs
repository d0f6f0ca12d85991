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

#[test]
fn a_year_opens_its_days_and_an_agenda_grows_both_ways_without_moving() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    let ics = fs::read_to_string(demo()).expect("the demo's calendar");
    let file = desktop.home().join("week.ics");
    fs::write(&file, week.moved_here(&ics)).expect("the calendar of this week");
    week.import(&file);

    window.press("y");
    let today = window.find("main [role=gridcell][aria-current=date]");
    let name = window.accessible_name(&today);
    assert!(name.contains("event"), "{name}");
    window.click(&today);
    awaits_columns(&window, 1);
    week.event("Stand-up");

    window.press("a");
    window.find("main [data-date]");
    // Where the stand-up has been for months, and will be.
    window.press("nnnnnn");
    wait::until("months later", || {
        (settled_first(&window) > week.today()).then_some(())
    });
    let first = settled_first(&window);
    let seen = day_at_top(&window, "at.scrollTop = 0;");
    wait::until("earlier days above", || {
        (settled_first(&window) < first).then_some(())
    });
    assert_eq!(day_at_top(&window, ""), seen);
    let last = day_at_top(&window, "at.scrollTop = at.scrollHeight;");
    wait::until("later days below", || {
        let further = day_at_top(&window, "at.scrollTop = at.scrollHeight;");
        (further > last).then_some(())
    });
    window.press("t");
    wait::until("today at the top", || {
        (day_at_top(&window, "") == week.today()).then_some(())
    });
}

/// The first day in the agenda's list.
fn settled_first(window: &Window) -> String {
    window.settle();
    let first = window.script(
        "return document.querySelector('main [data-date]').dataset.date",
        &[],
    );
    first.as_str().expect("a date").to_owned()
}

/// The day at the upper edge of the agenda, after scrolling it so.
fn day_at_top(window: &Window, scrolled: &str) -> String {
    let day = window.script(
        &format!(
            "const at = document.querySelector('main > section, main section');
             {scrolled}
             await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
             return [...at.querySelectorAll('[data-date]')]
               .find((day) => day.offsetTop + day.offsetHeight > at.scrollTop + 1).dataset.date;"
        ),
        &[],
    );
    day.as_str().expect("a date").to_owned()
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
