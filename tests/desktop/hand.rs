//! A person's hand at a window: it counts what it does, and its eye reads every word that is shown.
//!
//! An action is one press of a button, or one text entered into a field. Looking is free.

use std::cell::Cell;

use serde_json::json;

use crate::look;
use crate::wait;
use crate::webdriver::{Element, Window};

/// Words that nobody should have to know, and the phrases in which they are ordinary ones.
const JARGON: &str = include_str!("../corpus/jargon.txt");

/// The hand at one window.
#[derive(Debug)]
pub(crate) struct Hand<'a> {
    window: &'a Window,
    actions: Cell<u32>,
}

impl<'a> Hand<'a> {
    /// A hand that has done nothing yet.
    pub(crate) fn at(window: &'a Window) -> Self {
        Self {
            window,
            actions: Cell::new(0),
        }
    }

    /// How many actions there were since the last time this was asked.
    pub(crate) fn actions(&self) -> u32 {
        self.actions.take()
    }

    /// Presses what is called so, a button or a choice.
    pub(crate) fn press(&self, name: &str) {
        let button = self.window.find_named(
            "button:not([aria-disabled=true]), input[type=radio], [role^=menuitem]",
            name,
        );
        self.actions.set(self.actions.get() + 1);
        // A choice is drawn by its label.
        self.window.press_on(&button);
        self.reads();
    }

    /// Enters a text into the field that is called so.
    pub(crate) fn enters(&self, field: &str, text: &str) {
        let field = self.window.find_named("input, textarea", field);
        self.actions.set(self.actions.get() + 1);
        self.window.click(&field);
        self.window.press(text);
        self.reads();
    }

    /// Waits until these words are on the screen.
    pub(crate) fn sees(&self, words: &str) {
        wait::until(&format!("“{words}” on the screen"), || {
            self.shown("body").contains(words).then_some(())
        });
        self.reads();
    }

    /// Waits until these words are gone.
    pub(crate) fn sees_no(&self, words: &str) {
        wait::until(&format!("“{words}” to go"), || {
            (!self.shown("body").contains(words)).then_some(())
        });
    }

    /// What the first such element shows, once there is one.
    pub(crate) fn reads_in(&self, selector: &str) -> String {
        self.window.find(selector);
        self.shown(selector)
    }

    /// What the first such element shows at this moment.
    fn shown(&self, selector: &str) -> String {
        let shown = self.window.script(
            "return document.querySelector(arguments[0])?.innerText ?? ''",
            &[json!(selector)],
        );
        shown.as_str().unwrap_or_default().to_owned()
    }

    /// The element, as soon as it is there.
    pub(crate) fn finds(&self, selector: &str, name: &str) -> Element {
        self.window.find_named(selector, name)
    }

    /// Looks at what is shown by day and by night, and leaves a picture of each.
    pub(crate) fn looks(&self, name: &str) {
        for theme in ["dark", "light"] {
            self.window.script(
                "document.documentElement.dataset.theme = arguments[0]",
                &[json!(theme)],
            );
            self.window.picture(&format!("{name}-{theme}"));
            assert_eq!(look::faint_texts(self.window), [""; 0], "{name} {theme}");
            assert_eq!(look::clipped_texts(self.window), [""; 0], "{name} {theme}");
            assert_eq!(
                look::foreign_colours(self.window),
                [""; 0],
                "{name} {theme}"
            );
        }
    }

    /// Reads everything on the page, names for screen readers and tooltips included.
    fn reads(&self) {
        let shown = self.window.script(SHOWN, &[]);
        let shown = shown.as_str().expect("a text").to_lowercase();
        assert_eq!(jargon_in(&shown), [""; 0], "in {shown}");
    }
}

/// The words of the list that stand in a text in lower case.
fn jargon_in(text: &str) -> Vec<&'static str> {
    let entries = JARGON
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut found = Vec::new();
    for entry in entries {
        let (word, allowed) = entry.split_once(':').unwrap_or((entry, ""));
        let phrases = allowed.split(',').map(str::trim);
        let text = phrases
            .filter(|phrase| !phrase.is_empty())
            .fold(text.to_owned(), |text, phrase| text.replace(phrase, ""));
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '-');
        if words.any(|one| one == word || one.strip_suffix('s') == Some(word)) {
            found.push(word);
        }
    }
    found
}

const SHOWN: &str = r"
const said = ['aria-label', 'title', 'placeholder', 'aria-description'];
const texts = [document.body.innerText];
for (const element of document.querySelectorAll('body *')) {
  for (const name of said) texts.push(element.getAttribute(name) ?? '');
}
return texts.join('\n');
";

#[test]
fn the_eye_knows_the_words_of_the_list_and_their_ordinary_use() {
    assert_eq!(jargon_in("the calendar has new keys."), ["key"]);
    assert_eq!(
        jargon_in("an epoch, and its envelope"),
        ["envelope", "epoch"]
    );
    assert_eq!(jargon_in("arrow keys choose a time"), [""; 0]);
    assert_eq!(jargon_in("keyboard shortcuts; the monkey stays"), [""; 0]);
}
