//! A series rebuilt on other times or rules from one split on, with everything that is named by
//! its starts: later splits, overrides, skips and extra dates get the names of the same
//! occurrences as they are now.

use std::collections::BTreeMap;

use super::moving::Shift;
use super::ordinal::Renaming;
use super::stages::Stage;
use crate::event::{Event, Override, Rules, Split};
use crate::original::OriginalStart;
use crate::when::When;

/// What a series is to be, from the start of one of its stages on.
pub(super) struct Plan {
    /// The split that begins the stage; none for the series itself.
    pub(super) from: Option<OriginalStart>,
    /// The first time.
    pub(super) when: When,
    /// The rules.
    pub(super) rules: Rules,
    /// Whether a person gave the rules, so that later splits lose theirs.
    pub(super) is_given: bool,
}

impl Plan {
    /// For all of a series.
    pub(super) const fn all(when: When, rules: Rules) -> Self {
        Self {
            from: None,
            when,
            rules,
            is_given: false,
        }
    }
}

impl Event {
    /// Carries out a plan; gives what names an occurrence after it.
    pub(super) fn rebuild(
        &mut self,
        plan: &Plan,
    ) -> impl Fn(&OriginalStart) -> OriginalStart + use<> {
        let before = self.clone();
        let stages = before.stages();
        let last = before.last_key();
        let mut renamings: Vec<Option<Renaming>> = Vec::new();
        let mut has_begun = false;
        self.splits.clear();
        for stage in &stages {
            let split = stage.key.and_then(|key| before.splits.get(&key)).cloned();
            let renaming = if stage.key == plan.from {
                has_begun = true;
                self.begin(plan, split, &stage.shown);
                Some(Renaming::between(
                    (&stage.first(), stage.rules),
                    (&plan.when, &plan.rules),
                    last,
                ))
            } else if has_begun {
                self.go_on(plan, stage, split, renamings.last(), last)
            } else {
                self.splits.extend(stage.key.zip(split));
                None
            };
            renamings.push(renaming);
        }
        let begins: Vec<Stage<'static>> = stages.iter().map(Stage::without_rules).collect();
        let rename = move |key: &OriginalStart| {
            let at = begins.iter().rposition(|stage| stage.has_begun(key));
            match renamings.get(at.unwrap_or(0)) {
                Some(Some(renaming)) => renaming.key(*key),
                Some(None) | None => *key,
            }
        };
        self.rename(&before, &rename);
        rename
    }

    fn begin(&mut self, plan: &Plan, split: Option<Split>, shown: &When) {
        let shift = Shift::between(shown, &plan.when);
        match plan.from {
            None => {
                shift.task(self.task.as_mut());
                self.when = plan.when.clone();
                self.rules = plan.rules.clone();
            }
            Some(key) => {
                let mut split = split.unwrap_or_default();
                shift.task(split.change.task.as_mut());
                split.change.when = Some(plan.when.clone());
                split.rules = Some(plan.rules.clone());
                self.splits.insert(key, split);
            }
        }
    }

    /// A later stage: it moves as far as its first occurrence.
    fn go_on(
        &mut self,
        plan: &Plan,
        stage: &Stage<'_>,
        split: Option<Split>,
        renaming: Option<&Option<Renaming>>,
        last: Option<OriginalStart>,
    ) -> Option<Renaming> {
        let renaming = renaming?.clone()?;
        let (old, mut split) = (stage.key?, split?);
        let key = renaming.key(old);
        let shift = renaming.shift_of(old);
        shift.change(&mut split.change);
        let had_rules = split.rules.is_some();
        if plan.is_given {
            split.rules = None;
        }
        self.splits.entry(key).or_default().take(split);
        if !had_rules {
            return Some(renaming);
        }
        self.turn_rules(&key, &stage.when);
        let stages = self.stages();
        let now = stages.iter().find(|stage| stage.key == Some(key))?;
        let counted = if plan.is_given {
            now.time_of(&key)
        } else {
            now.first()
        };
        Some(Renaming::between(
            (&stage.first(), stage.rules),
            (&counted, now.rules),
            last,
        ))
    }

    /// The rules of a split whose first time was `old` follow to the one it has now.
    pub(super) fn turn_rules(&mut self, key: &OriginalStart, old: &When) {
        let stages = self.stages();
        let now = stages.iter().find(|stage| stage.key.as_ref() == Some(key));
        let Some(shift) = now.map(|now| Shift::between(old, &now.when)) else {
            return;
        };
        if let Some(rules) = self
            .splits
            .get_mut(key)
            .and_then(|split| split.rules.as_mut())
        {
            *rules = shift.moved(rules);
        }
    }

    /// Gives all exceptions their new names, and those with a time of their own move along.
    fn rename(&mut self, before: &Self, rename: &impl Fn(&OriginalStart) -> OriginalStart) {
        let moved = |change: &Override, from: &OriginalStart, to: &OriginalStart| {
            let mut change = change.clone();
            let has_time = change.when.is_some() || change.task.is_some();
            if has_time && from != to {
                let from = before.without_override(from).when;
                let to = self.without_override(to).when;
                Shift::between(&from, &to).change(&mut change);
            }
            change
        };
        // Two that get one name, as of a day with two starts that becomes one, are put together.
        let mut overrides: BTreeMap<OriginalStart, Override> = BTreeMap::new();
        for (key, change) in &before.overrides {
            let to = rename(key);
            let change = moved(change, key, &to);
            overrides.entry(to).or_default().take(change);
        }
        self.overrides = overrides;
        self.skipped = before.skipped.iter().map(rename).collect();
        self.dates.clear();
        for (key, length) in &before.dates {
            let lasts = self.dates.entry(rename(key)).or_default();
            *lasts = lasts.or(*length);
        }
    }

    /// The last start that anything is named by.
    pub(crate) fn last_key(&self) -> Option<OriginalStart> {
        let keys = self.overrides.keys().chain(self.splits.keys());
        let keys = keys.chain(self.dates.keys()).chain(&self.skipped);
        keys.max_by_key(|key| key.wall_clock()).copied()
    }
}
