//! The lock: nothing of the calendar is on the screen until the passphrase opens it again.

use std::path::Path;

use almanac_scenarios::World;

use crate::look;
use crate::programs;
use crate::session::Desktop;
use crate::wait;
use crate::webdriver::Window;
use crate::week::Week;

/// The key that ends a line, as the driver names it.
const ENTER: &str = "\u{e007}";
const PASSPHRASE: &str = "violet anchor pebble thunder";

#[test]
fn a_locked_window_shows_nothing_until_it_is_opened_and_locks_when_told_to() {
    let world = World::new();
    let desktop = Desktop::start();
    // The first start makes the account, and something to hide.
    let window = Window::open(&desktop, &programs::window(), &[]);
    let week = Week::shown_in(&window);
    week.show_hours_from(8);
    week.create_by_drag(1, 13 * 60, 14 * 60, "Dentist");
    drop(window);
    let phrase = world.folder().join("phrase");
    std::fs::write(&phrase, PASSPHRASE).expect("a file");
    almanac(
        &desktop,
        &["lock", "on", "--new-passphrase-file"],
        Some(&phrase),
    );

    let window = Window::open(&desktop, &programs::window(), &[]);
    window.find("input[type=password]");
    for theme in ["dark", "light"] {
        window.script(
            "document.documentElement.dataset.theme = arguments[0]",
            &[theme.into()],
        );
        window.settle();
        window.picture(&format!("locked-{theme}"));
        assert_eq!(look::faint_texts(&window), [""; 0]);
        assert_eq!(look::clipped_texts(&window), [""; 0]);
        assert_eq!(look::foreign_colours(&window), [""; 0]);
    }
    let body = window.find("body");
    assert!(!window.text(&body).contains("Dentist"));
    // The field has the focus.
    window.press("not that one");
    window.press(ENTER);
    wait::until("the window to say that it was wrong", || {
        let said = window.text(&window.find("[role=alert]"));
        (!said.is_empty()).then_some(())
    });
    window.picture("locked-wrong");
    window.press(PASSPHRASE);
    window.press(ENTER);
    let week = Week::shown_in(&window);
    week.event("Dentist");

    // Told to from outside, it lets go of everything at once.
    almanac(&desktop, &["lock", "now"], None);
    window.find("input[type=password]");
    assert!(window.find_all("[data-occurrence]").is_empty());
    window.press(PASSPHRASE);
    window.press(ENTER);
    Week::shown_in(&window).event("Dentist");
}

fn almanac(desktop: &Desktop, words: &[&str], file: Option<&Path>) {
    let mut command = desktop.command(almanac_scenarios::almanac());
    let status = command.args(words).args(file).status();
    assert!(status.expect("almanac starts").success(), "{words:?}");
}
