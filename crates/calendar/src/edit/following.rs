//! This and following: a split of the series.
//!
//! Where all that follow move equally far, the split only says where they happen: the names of
//! occurrences stay, so that what another device says of one of them meanwhile still finds it. With
//! new rules the names are new from there on, and exceptions get them.

use super::Change;
use super::fields::is_same_time;
use super::moving::{Shift, along};
use super::ordinal::aligned;
use super::rebuild::Plan;
use crate::civil::{datetime_of, seconds_of};
use crate::event::{Event, Override, Rules};
use crate::expand::given_before;
use crate::original::OriginalStart;
use crate::rule::Frequency;
use crate::when::{When, day_after};

impl Event {
    /// Rules that a person gives for one occurrence and all after it, as [`Event::change`] takes
    /// them: COUNT belongs to the whole series, so what the rules before gave is added to it.
    /// Rules that are in force there anyway stay as they are.
    #[must_use]
    pub fn counting_on(&self, at: &OriginalStart, mut rules: Rules) -> Rules {
        let is_counted = rules.rules.iter().any(|rule| rule.count.is_some());
        if !is_counted || self.is_first(at) || rules == self.alone(at).rules {
            return rules;
        }
        let before = given_before(self, &self.beginning(at));
        for rule in &mut rules.rules {
            rule.count = rule.count.map(|count| count.saturating_add(before));
        }
        rules
    }

    /// All from one occurrence on differ: the fields are taken as they are, `when` as that of the
    /// first of them.
    pub fn change_from(&mut self, original: OriginalStart, change: Override, rules: Option<Rules>) {
        let split = self.splits.entry(original).or_default();
        split.change.take(change);
        if rules.is_some() {
            split.rules = rules;
        }
    }

    pub(super) fn change_following(&mut self, at: OriginalStart, mut change: Change) {
        let now = self.alone(&at);
        let rules = change.rules.filter(|rules| *rules != now.rules);
        if rules.as_ref().is_some_and(|rules| rules.rules.is_empty()) {
            self.end_before(&just_after(&at));
            return self.change_this(at, change.fields);
        }
        let to = change.fields.when.take();
        let to = to.filter(|to| !is_same_time(to, &now.when));
        let key = self.beginning(&at);
        self.splits.entry(key).or_default();
        let at = self.reschedule_from(key, at, to, rules);
        let here = self.without_override(&at).when;
        let mut whens = self.splits.range(..=key).rev();
        let counted = whens.find_map(|(_, split)| split.change.when.clone());
        let counted = counted.unwrap_or_else(|| self.when.clone());
        Shift::between(&here, &counted).task(change.fields.task.as_mut());
        if let Some(split) = self.splits.get_mut(&key) {
            split.change.take(change.fields.clone());
        }
        self.drop_said_before(&key);
        self.give_way(Some(&key), &change.fields);
        self.say_at(&at, &change.fields);
    }

    /// The split that an occurrence is the first of; its own name where it is not.
    pub(super) fn beginning(&self, at: &OriginalStart) -> OriginalStart {
        let stages = self.stages();
        let begun = stages
            .iter()
            .rev()
            .find(|stage| stage.from.is_some() && stage.first_name().as_ref() == Some(at));
        begun.and_then(|stage| stage.key).unwrap_or(*at)
    }

    /// Other times or rules from a split on; gives the new name of the occurrence in hand.
    fn reschedule_from(
        &mut self,
        key: OriginalStart,
        at: OriginalStart,
        to: Option<When>,
        rules: Option<Rules>,
    ) -> OriginalStart {
        if to.is_none() && rules.is_none() {
            return at;
        }
        let now = self.alone(&at).when;
        let series = self.without_override(&at).when;
        let shown = to
            .as_ref()
            .map_or_else(|| series.clone(), |to| along(&series, &now, to));
        let shift = Shift::between(&series, &shown);
        let stages = self.stages();
        let Some(stage) = stages.iter().find(|stage| stage.key == Some(key)) else {
            return at;
        };
        let has_rules = self
            .splits
            .get(&key)
            .is_some_and(|split| split.rules.is_some());
        let is_uneven = shift.days != 0
            && stage
                .rules
                .rules
                .iter()
                .any(|rule| rule.frequency >= Frequency::Monthly);
        let at = if rules.is_some() || has_rules || is_uneven {
            let (first, is_given) = (stage.first(), rules.is_some());
            let rules = rules.unwrap_or_else(|| shift.moved(stage.rules));
            let plan = Plan {
                from: Some(key),
                when: aligned(shown, (&first, stage.rules), &rules),
                rules,
                is_given,
            };
            self.rebuild(&plan)(&at)
        } else {
            self.show_from(key, shown, &shift);
            at
        };
        if let Some(to) = to {
            self.land(at, to);
        }
        at
    }

    /// From a split on all happen elsewhere; those with a time of their own move as far.
    fn show_from(&mut self, key: OriginalStart, shown: When, shift: &Shift) {
        let begins = key.wall_clock();
        let is_later = |other: &OriginalStart| other.wall_clock() > begins;
        for (other, change) in &mut self.overrides {
            if *other == key || is_later(other) {
                shift.change(change);
            }
        }
        let stages = self.stages().into_iter();
        let begun: Vec<_> = stages
            .filter_map(|stage| Some((stage.key?, stage.when)))
            .collect();
        for (other, split) in &mut self.splits {
            if *other == key || is_later(other) {
                shift.change(&mut split.change);
            }
        }
        self.splits.entry(key).or_default().change.when = Some(shown);
        for (other, when) in begun.iter().filter(|(other, _)| is_later(other)) {
            self.turn_rules(other, when);
        }
    }

    /// A split does not say again what holds before it.
    fn drop_said_before(&mut self, key: &OriginalStart) {
        let Some(mut split) = self.splits.remove(key) else {
            return;
        };
        let base = self.without_override(key);
        let when = split.change.when.clone();
        split.change.drop_same(&base);
        if split.rules.is_some() {
            split.change.when = when;
        }
        if split.rules.is_some() || !split.change.is_empty() {
            self.splits.insert(*key, split);
        }
    }
}

/// A start that comes after one and before any other.
fn just_after(at: &OriginalStart) -> OriginalStart {
    match at {
        OriginalStart::Date(date) => OriginalStart::Date(day_after(*date)),
        OriginalStart::Local(clock) | OriginalStart::Utc(clock) => {
            at.with_wall_clock(datetime_of(seconds_of(*clock) + 1).unwrap_or(*clock))
        }
    }
}

#[cfg(test)]
mod tests;
