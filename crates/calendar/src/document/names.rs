//! What a document names occurrences by.
//!
//! An exception is named by the start that its rule gave it, and a series that moves gives its
//! occurrences new names. Were they written anew, another device that meanwhile skipped or moved
//! one of them by its old name would have spoken of nothing: the skipped one would be back, the
//! moved one there twice. So names stay as they were first written: a series that moves keeps, in
//! the register `names`, the time and rules that its occurrences are named by. Reading gives them
//! today's names, writing the old ones.
//!
//! From the first split with rules of its own on, names are those of that split, as written.

use automerge::Automerge;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::flat::Flat;
use crate::edit::Renaming;
use crate::event::{Event, Rules};
use crate::original::OriginalStart;
use crate::when::When;

/// The register.
pub(super) const NAMES: &str = "names";

/// The first time and the rules that occurrences are named by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    when: When,
    rules: Rules,
}

impl Names {
    pub(super) fn read(flat: &Flat) -> Option<Self> {
        serde_json::from_str(flat.entries.get(NAMES)?).ok()
    }

    fn of(event: &Event) -> Self {
        Self {
            when: event.when.clone(),
            rules: event.rules.clone(),
        }
    }

    /// From these names to those of today.
    fn to_today(&self, event: &Event, asked: Option<OriginalStart>) -> Renaming {
        let (old, new) = ((&self.when, &self.rules), (&event.when, &event.rules));
        let keys = event.last_key().into_iter().chain(asked);
        Renaming::between(old, new, keys.max_by_key(OriginalStart::wall_clock))
    }

    /// From the names of today to these.
    fn before_today(&self, event: &Event) -> Renaming {
        let (old, new) = ((&event.when, &event.rules), (&self.when, &self.rules));
        Renaming::between(old, new, event.last_key())
    }

    /// An event as it was written, with the names of today.
    pub(super) fn today(&self, written: Event) -> Event {
        let renaming = self.to_today(&written, None);
        renamed(written, &renaming)
    }

    pub(super) fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// An event as it is to be written over another, and what it is named by from now on, where that
/// has to be said.
pub(super) fn to_write(
    before: &Event,
    names: Option<Names>,
    after: &Event,
) -> (Event, Option<Names>) {
    let is_moved = before.when != after.when || before.rules != after.rules;
    let repeats = before.is_series() && after.is_series();
    let (names, is_new) = match names {
        Some(names) => (names, false),
        None if is_moved && repeats => (Names::of(before), true),
        None => return (after.clone(), None),
    };
    let renaming = names.before_today(after);
    if renaming.is_none() {
        return (after.clone(), None);
    }
    let written = renamed(after.clone(), &renaming);
    if names.today(written.clone()) == *after {
        (written, Some(names).filter(|_| is_new))
    } else {
        // Some name has no old form: everything is named anew.
        (after.clone(), Some(Names::of(after)))
    }
}

/// The occurrence that a field of a document is about, by the name it has today:
/// `overrides/2026-11-20T10:00:00/title` may speak of one that is now at eleven. `None` of a field
/// of the whole event.
#[must_use]
pub fn occurrence_of(doc: &Automerge, field: &str) -> Option<OriginalStart> {
    let (list, rest) = field.split_once('/')?;
    if !["overrides", "splits", "skipped", "dates"].contains(&list) {
        return None;
    }
    let key: OriginalStart = rest.split('/').next()?.parse().ok()?;
    let flat = Flat::read(doc, None);
    let (Some(event), Some(names)) = (flat.event(), Names::read(&flat)) else {
        return Some(key);
    };
    let is_own = first_with_rules(&event).is_some_and(|first| {
        let at = key.wall_clock();
        at > first || (at == first && list != "splits")
    });
    if is_own {
        return Some(key);
    }
    Some(names.to_today(&event, Some(key)).key(key))
}

/// Where the first split with rules of its own begins.
fn first_with_rules(event: &Event) -> Option<DateTime> {
    let splits = event.splits.iter();
    let with_rules = splits.filter(|(_, split)| split.rules.is_some());
    with_rules.map(|(key, _)| key.wall_clock()).min()
}

fn renamed(mut event: Event, renaming: &Renaming) -> Event {
    if renaming.is_none() {
        return event;
    }
    let first = first_with_rules(&event);
    let name = |key: &OriginalStart| match first {
        Some(first) if key.wall_clock() >= first => *key,
        Some(_) | None => renaming.key(*key),
    };
    let begins = |key: &OriginalStart| match first {
        Some(first) if key.wall_clock() == first => renaming.key(*key),
        Some(_) | None => name(key),
    };
    event.skipped = event.skipped.iter().map(name).collect();
    for (key, length) in std::mem::take(&mut event.dates) {
        let lasts = event.dates.entry(name(&key)).or_default();
        *lasts = lasts.or(length);
    }
    for (key, split) in std::mem::take(&mut event.splits) {
        event.splits.entry(begins(&key)).or_default().take(split);
    }
    for (key, change) in std::mem::take(&mut event.overrides) {
        event.overrides.entry(name(&key)).or_default().take(change);
    }
    event
}

#[cfg(test)]
mod tests;
