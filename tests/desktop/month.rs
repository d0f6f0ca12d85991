//! The month on the screen: its days by date, what stands on them, and the title above.

use serde_json::json;

use crate::wait;
use crate::webdriver::{Element, Point, Window};

/// The month, and the parts of the window around it.
#[derive(Debug)]
pub(crate) struct Month<'a> {
    pub(crate) window: &'a Window,
}

impl<'a> Month<'a> {
    /// Waits until the month is drawn.
    pub(crate) fn shown_in(window: &'a Window) -> Self {
        window.find("[role=grid] [data-date]");
        Self { window }
    }

    /// The title of the window, `November 2026`.
    pub(crate) fn title(&self) -> String {
        self.said("return document.querySelector('h1').innerText.trim()")
    }

    /// Waits until the title is another one, or this one again.
    pub(crate) fn awaits_title(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        wait::until("the title", || {
            Some(self.title()).filter(|title| is_wanted(title))
        })
    }

    /// Today as the window has it, `2026-11-25`.
    pub(crate) fn today(&self) -> String {
        self.window.find("[data-date][aria-current=date]");
        self.said("return document.querySelector('[data-date][aria-current=date]').dataset.date")
    }

    /// A day of the same week as `date`, but not that day.
    pub(crate) fn beside(&self, date: &str) -> String {
        let other = self.window.script(
            "const days = [...document.querySelector(`[data-date='${arguments[0]}']`)
               .parentElement.querySelectorAll('[data-date]')].map((cell) => cell.dataset.date);
             const at = days.indexOf(arguments[0]);
             return days[at === 6 ? 5 : at + 1];",
            &[json!(date)],
        );
        other.as_str().expect("a date").to_owned()
    }

    /// The lower part of a day, where nothing stands.
    pub(crate) fn free_part_of(&self, date: &str) -> Point {
        let at = self.window.script(
            "const r = document.querySelector(`[data-date='${arguments[0]}']`).getBoundingClientRect();
             return [r.x + r.width / 2, r.bottom - 12];",
            &[json!(date)],
        );
        let number = |index: usize| at[index].as_f64().expect("a number");
        Point {
            x: number(0),
            y: number(1),
        }
    }

    /// The event of that title, as soon as it is there.
    pub(crate) fn event(&self, title: &str) -> Element {
        self.window
            .find_named("[role=gridcell] [data-occurrence]", title)
    }

    /// Waits until the event stands on that day.
    pub(crate) fn awaits_on(&self, title: &str, date: &str) {
        wait::until(&format!("“{title}” on {date}"), || {
            let on = self.window.script(
                "const found = [...document.querySelectorAll('[data-occurrence]')]
                   .find((one) => one.getAttribute('aria-label').includes(arguments[0]));
                 return found?.closest('[data-date]')?.dataset.date ?? null;",
                &[json!(title)],
            );
            (on == date).then_some(())
        });
    }

    /// The day that an event stands on, as soon as it is there.
    pub(crate) fn day_of(&self, title: &str) -> String {
        self.event(title);
        let on = self.window.script(
            "return [...document.querySelectorAll('[data-occurrence]')]
               .find((one) => one.getAttribute('aria-label').includes(arguments[0]))
               .closest('[data-date]').dataset.date;",
            &[json!(title)],
        );
        on.as_str().expect("a date").to_owned()
    }

    /// The day a week later.
    pub(crate) fn week_after(&self, date: &str) -> String {
        let later = self.window.script(
            "return new Date(Date.parse(arguments[0]) + 7 * 864e5).toISOString().slice(0, 10);",
            &[json!(date)],
        );
        later.as_str().expect("a date").to_owned()
    }

    /// The day that the keyboard is on.
    pub(crate) fn stands_on(&self) -> String {
        self.said("return document.activeElement?.dataset.date ?? ''")
    }

    /// Scrolls by so many weeks, as a wheel does.
    pub(crate) fn scroll_weeks(&self, weeks: i32) {
        self.window.script(
            "const rows = document.querySelector('[role=rowgroup]');
             rows.scrollTop += document.querySelector('[data-date]').offsetHeight * arguments[0];",
            &[json!(weeks)],
        );
    }

    fn said(&self, script: &str) -> String {
        let said = self.window.script(script, &[]);
        said.as_str().expect("a text").to_owned()
    }
}
