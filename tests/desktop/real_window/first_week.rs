//! One person, one device, no network: a first week, made by hand.

use std::fs;
use std::path::{Path, PathBuf};

use crate::look;
use crate::programs;
use crate::session::Desktop;
use crate::webdriver::Window;
use crate::week::{CONTROL, ENTER, Place, Week};

const TITLE: &str = "Lunch with Ada";
const NEW_TITLE: &str = "Lunch with Grace";

#[test]
fn a_week_is_made_changed_imported_and_found_again() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    window.picture("first-start");

    week.show_hours_from(8);
    week.create_by_drag(1, 10 * 60, 11 * 60 + 30, TITLE);
    week.awaits_place(
        TITLE,
        Place {
            day: 1,
            start: 600,
            end: 690,
        },
    );
    week.move_by_drag(TITLE, 3, 14 * 60);
    week.awaits_place(
        TITLE,
        Place {
            day: 3,
            start: 795,
            end: 885,
        },
    );

    rename(&week);
    week.press_in_panel(NEW_TITLE, "Delete");
    week.awaits_no_event(NEW_TITLE);
    week.press_button("Undo");
    week.awaits_place(
        NEW_TITLE,
        Place {
            day: 3,
            start: 795,
            end: 885,
        },
    );

    let file = demo();
    assert_eq!(week.import(&file), "4 events added.");
    assert_eq!(week.import(&file), "4 already there.");
    drop(window);

    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    week.awaits_place(
        NEW_TITLE,
        Place {
            day: 3,
            start: 795,
            end: 885,
        },
    );
    drop(window);
    assert_eq!(
        files_that_say(desktop.home(), NEW_TITLE),
        Vec::<String>::new()
    );
    assert_eq!(
        files_that_say(desktop.home(), "Weekend in Potsdam"),
        Vec::<String>::new()
    );
}

/// The week of the demo, in both themes: readable, uncut, in the colours of the house.
#[test]
fn a_full_week_is_readable_by_day_and_by_night() {
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
        window.picture(&format!("week-{theme}"));
        assert_eq!(look::faint_texts(&window), Vec::<String>::new(), "{theme}");
        assert_eq!(
            look::clipped_texts(&window),
            Vec::<String>::new(),
            "{theme}"
        );
        assert_eq!(
            look::foreign_colours(&window),
            Vec::<String>::new(),
            "{theme}"
        );
    }
}

pub(super) fn demo() -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/demo.ics");
    file.canonicalize().expect("the demo's calendar")
}

fn rename(week: &Week<'_>) {
    week.press_in_panel(TITLE, "Edit");
    week.window.find("aside[aria-label=Event] form input");
    week.window.chord(CONTROL, "a");
    week.window.press(NEW_TITLE);
    week.window.chord(CONTROL, ENTER);
    week.event(NEW_TITLE);
    week.awaits_no_event(TITLE);
}

/// Files under a folder in which the words stand readable.
fn files_that_say(folder: &Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the home") {
        let path = entry.expect("an entry").path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files_that_say(&path, words));
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a file of the home");
            let needle = words.as_bytes();
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}
