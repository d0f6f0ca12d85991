//! Edits of a series: this one, this and following, all.
//!
//! Each is a change of the plain event; `document::edit` then writes what differs.
//!
//! ```text
//! this           an override, with only what the series does not say there anyway
//! this and on    a split; what later splits say otherwise gives way, single exceptions stay
//! all            the event itself; likewise
//! ```
//!
//! A new time is that of the occurrence in hand. Others move as far as it does, by the wall clock,
//! and exceptions stay with their occurrences.

mod ending;
mod fields;
mod following;
mod moving;
mod ordinal;
mod rebuild;
mod stages;

use jiff::Timestamp;

use crate::event::{Event, Override, Rules};
use crate::expand::next;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;
use fields::is_same_time;
use moving::Shift;
pub(crate) use ordinal::Renaming;

/// Which occurrences an edit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The one in hand.
    This,
    /// The one in hand and all after it.
    Following,
    /// All of them.
    All,
}

/// What an edit changes. What it does not name stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// New values. `when` is the new time of the occurrence in hand. An empty text says that
    /// there is none.
    pub fields: Override,
    /// New rules; empty ones end the repeating. Of one occurrence they mean nothing.
    pub rules: Option<Rules>,
}

impl Change {
    /// A change of some fields.
    #[must_use]
    pub const fn of(fields: Override) -> Self {
        Self {
            fields,
            rules: None,
        }
    }

    /// A new time and nothing else.
    #[must_use]
    pub fn to(when: When) -> Self {
        Self::of(Override {
            when: Some(when),
            ..Override::default()
        })
    }
}

impl Event {
    /// Changes one occurrence, it and all that follow, or all; `at` is the original start of the
    /// one in hand.
    ///
    /// From the first occurrence on is all. An event that does not repeat has only all. What the
    /// series says anyway is not kept as an exception.
    pub fn change(&mut self, scope: Scope, at: &OriginalStart, change: Change) {
        let is_first = self.is_first(at);
        match scope {
            Scope::This if self.is_series() => self.change_this(*at, change.fields),
            Scope::Following if self.is_series() && !is_first => {
                self.change_following(*at, change);
            }
            Scope::This | Scope::Following | Scope::All => self.change_all(at, change),
        }
    }

    /// Removes one occurrence, it and all that follow, or all. The last two of these leave the
    /// event in the trash where nothing would be left of it; of the first, see [`Event::is_over`].
    pub fn remove(&mut self, scope: Scope, at: &OriginalStart) {
        match scope {
            Scope::This if self.is_series() => self.skip(*at),
            Scope::Following if self.is_series() && !self.is_first(at) => self.end_before(at),
            Scope::This | Scope::Following | Scope::All => self.trashed = true,
        }
    }

    /// Whether a series that ends has no occurrence left at all, so that nobody could find it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let splits = self
            .splits
            .values()
            .filter_map(|split| split.rules.as_ref());
        let mut rules = [&self.rules].into_iter().chain(splits);
        let is_endless = |rule: &Rule| rule.count.is_none() && rule.until.is_none();
        let ends = !rules.any(|rules| rules.rules.iter().any(is_endless));
        ends && !self.trashed && next(self, Timestamp::MIN, 1, &Zone::utc()).is_empty()
    }

    /// One occurrence no longer happens. What was different about it stays, for when it is
    /// restored.
    pub fn skip(&mut self, original: OriginalStart) {
        self.skipped.insert(original);
    }

    /// A skipped occurrence happens again; where a whole day was skipped, all of that day.
    pub fn restore(&mut self, original: &OriginalStart) {
        let is_day = matches!(original, OriginalStart::Date(_)) && !self.when.is_all_day();
        let was_skipped = self.skipped.remove(original);
        self.skipped.remove(&OriginalStart::Date(original.date()));
        if was_skipped && !is_day && !crate::expand::is_start(self, original) {
            // It was neither a start of the rules nor an extra date, and is one from now on.
            self.dates.insert(*original, None);
        }
    }

    /// What no longer happens, in order of time, as it would be without having been skipped.
    pub fn skipped_ones(&self) -> impl Iterator<Item = (OriginalStart, Event)> {
        let mut skipped: Vec<OriginalStart> = self.skipped.iter().copied().collect();
        skipped.sort_by_key(OriginalStart::wall_clock);
        skipped.into_iter().map(|at| (at, self.alone(&at)))
    }

    /// One occurrence differs; what differed already and is not said again stays.
    pub fn change_one(&mut self, original: OriginalStart, change: Override) {
        self.overrides.entry(original).or_default().take(change);
    }

    fn change_this(&mut self, at: OriginalStart, fields: Override) {
        let base = self.without_override(&at);
        let now = self.alone(&at).when;
        let change = self.overrides.entry(at).or_default();
        if let Some(to) = &fields.when {
            Shift::between(&now, to).task(change.task.as_mut());
        }
        change.take(fields);
        change.drop_same(&base);
        if change.is_empty() {
            self.overrides.remove(&at);
        }
    }

    fn change_all(&mut self, at: &OriginalStart, mut change: Change) {
        let now = self.alone(at);
        let rules = change.rules.filter(|rules| *rules != now.rules);
        if rules.as_ref().is_some_and(|rules| rules.rules.is_empty()) {
            *self = Self {
                rules: Rules::default(),
                ..change.fields.applied_to(&now)
            };
            return;
        }
        let to = change.fields.when.take();
        let to = to.filter(|to| !is_same_time(to, &now.when));
        let at = if to.is_some() || rules.is_some() {
            self.reschedule(at, to, rules)
        } else {
            *at
        };
        // By when it is due is said of the occurrence in hand, as its time is.
        let here = self.without_override(&at).when;
        Shift::between(&here, &self.when).task(change.fields.task.as_mut());
        *self = change.fields.applied_to(self);
        self.give_way(None, &change.fields);
        self.say_at(&at, &change.fields);
    }

    /// Later splits no longer say what is now said for all of them.
    fn give_way(&mut self, after: Option<&OriginalStart>, said: &Override) {
        let is_later =
            |key: &OriginalStart| after.is_none_or(|after| key.wall_clock() > after.wall_clock());
        for (_, split) in self.splits.iter_mut().filter(|(key, _)| is_later(key)) {
            split.change.forget(said);
        }
        self.splits
            .retain(|_, split| split.rules.is_some() || !split.change.is_empty());
    }

    /// The occurrence in hand is as said, though it had something of its own.
    fn say_at(&mut self, at: &OriginalStart, said: &Override) {
        if let Some(own) = self.overrides.get_mut(at) {
            own.forget(said);
            if own.is_empty() {
                self.overrides.remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests;
