//! The week on the screen, in the words of the person who looks at it: slots, events, dialogs.

use std::path::Path;

use serde_json::json;

use crate::wait;
use crate::webdriver::{Element, Point, Window};

/// Where an event stands, read from the picture and not from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Column, from 0.
    pub(crate) day: i64,
    /// Minutes from midnight, to the nearest five.
    pub(crate) start: i64,
    /// The same.
    pub(crate) end: i64,
}

/// The week, and the parts of the window around it.
#[derive(Debug)]
pub(crate) struct Week<'a> {
    pub(crate) window: &'a Window,
}

impl<'a> Week<'a> {
    /// Waits until the week is drawn and the window is on the screen.
    pub(crate) fn shown_in(window: &'a Window) -> Self {
        window.find("[data-time-grid]");
        wait::until("the window to be shown", || {
            let state = window.script("return document.visibilityState", &[]);
            (state == "visible").then_some(())
        });
        Self { window }
    }

    /// Today as the window's clock has it, `2026-11-25`.
    pub(crate) fn today(&self) -> String {
        let today = self
            .window
            .script("return new Date().toLocaleDateString('sv')", &[]);
        today.as_str().expect("a date").to_owned()
    }

    /// The text of an .ics file about the week of 23 November 2026, moved to the week on the screen.
    pub(crate) fn moved_here(&self, ics: &str) -> String {
        let moved = self.window.script(
            "const now = new Date();
             const monday = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() - (now.getDay() + 6) % 7);
             const days = (monday - Date.UTC(2026, 10, 23)) / 864e5;
             const shifted = (day) => new Date(Date.UTC(2026, 10, Number(day) + days));
             return arguments[0].replace(/202611(\\d\\d)/g,
               (_, day) => shifted(day).toISOString().slice(0, 10).replaceAll('-', ''));",
            &[json!(ics)],
        );
        moved.as_str().expect("a calendar").to_owned()
    }

    /// Puts on the light or the dark colours.
    pub(crate) fn wear(&self, theme: &str) {
        let worn = "return document.documentElement.dataset.theme";
        if self.window.script(worn, &[]) != theme {
            self.press_button(&format!("Use {theme} colours"));
        }
        wait::until(theme, || {
            (self.window.script(worn, &[]) == theme).then_some(())
        });
    }

    /// Scrolls so that the hours before noon and after are in view.
    pub(crate) fn show_hours_from(&self, hour: u32) {
        self.window.script(
            "const grid = document.querySelector('[data-time-grid]');
             let at = grid; while (at.scrollHeight <= at.clientHeight + 1) at = at.parentElement;
             at.scrollTop = grid.offsetHeight / 24 * arguments[0];",
            &[json!(hour)],
        );
    }

    /// The point of a day (0 is the first column) and minute.
    pub(crate) fn slot(&self, day: u32, minute: u32) -> Point {
        let at = self.window.script(
            "const r = document.querySelector('[data-time-grid]').getBoundingClientRect();
             return [r.x + r.width / 7 * (arguments[0] + 0.5), r.y + r.height / 1440 * arguments[1]];",
            &[json!(day), json!(minute)],
        );
        let number = |index: usize| at[index].as_f64().expect("a number");
        Point {
            x: number(0),
            y: number(1) + 1.0,
        }
    }

    /// The event of that title, as soon as it is there.
    pub(crate) fn event(&self, title: &str) -> Element {
        self.window.find_named("[data-occurrence]", title)
    }

    /// Whether the event of that title is drawn at this moment.
    pub(crate) fn has_event(&self, title: &str) -> bool {
        let all = self.window.find_all("[data-occurrence]");
        all.iter()
            .any(|element| self.window.accessible_name(element).contains(title))
    }

    /// Where an event is drawn.
    pub(crate) fn place_of(&self, title: &str) -> Place {
        let at = self.window.script(
            "const grid = document.querySelector('[data-time-grid]').getBoundingClientRect();
             const block = [...document.querySelectorAll('[data-time-grid] [data-occurrence]')]
               .find((b) => b.getAttribute('aria-label').includes(arguments[0]));
             if (!block) return null;
             const box = block.getBoundingClientRect();
             const minute = (y) => Math.round((y - grid.y) / grid.height * 288) * 5;
             const day = Math.floor((box.x + box.width / 2 - grid.x) / grid.width * 7);
             return [day, minute(box.top), minute(box.bottom)];",
            &[json!(title)],
        );
        let number = |index: usize| at[index].as_i64().unwrap_or(-1);
        Place {
            day: number(0),
            start: number(1),
            end: number(2),
        }
    }

    /// Waits until the event stands there.
    pub(crate) fn awaits_place(&self, title: &str, place: Place) {
        let mut seen = None;
        wait::until(&format!("“{title}” at {place:?}"), || {
            seen = Some(self.place_of(title));
            (seen == Some(place)).then_some(())
        });
    }

    /// Waits until the event is gone.
    pub(crate) fn awaits_no_event(&self, title: &str) {
        wait::until(&format!("“{title}” to go"), || {
            (!self.has_event(title)).then_some(())
        });
    }

    /// Draws a new event, types its title and keeps it.
    pub(crate) fn create_by_drag(&self, day: u32, from: u32, to: u32, title: &str) {
        self.window
            .drag(self.slot(day, from), self.slot(day, to - 1));
        self.window.find_named("[role=dialog]", "New event");
        self.window.press(title);
        self.window.press(ENTER);
        self.event(title);
    }

    /// Takes an event in the middle and puts it down elsewhere.
    pub(crate) fn move_by_drag(&self, title: &str, day: u32, minute_of_middle: u32) {
        let from = self.window.middle_of(&self.event(title));
        self.window.drag(from, self.slot(day, minute_of_middle));
    }

    /// Opens an event and presses a button of its panel.
    pub(crate) fn press_in_panel(&self, title: &str, button: &str) {
        self.window.click(&self.event(title));
        let panel_button = self
            .window
            .find_named("aside[aria-label=Event] button", button);
        self.window.click(&panel_button);
    }

    /// Clicks the button of that name anywhere in the window.
    pub(crate) fn press_button(&self, name: &str) {
        self.window.click(&self.window.find_named("button", name));
    }

    /// Imports a file by the sidebar's dialog; returns what the dialog then says.
    pub(crate) fn import(&self, file: &Path) -> String {
        self.press_button("Import a file");
        let input = self
            .window
            .find("[role=dialog] input[type=file], dialog input[type=file]");
        self.window.choose_file(&input, file);
        self.window.click(
            &self
                .window
                .find("[role=dialog] .primary:enabled, dialog .primary:enabled"),
        );
        let result = self.window.find("[role=dialog] .result, dialog .result");
        let said = self.window.text(&result);
        self.press_button("Done");
        said
    }
}

/// The driver's codes of keys that have no letter.
pub(crate) const ENTER: &str = "\u{e007}";
/// Held for commands.
pub(crate) const CONTROL: &str = "\u{e009}";
