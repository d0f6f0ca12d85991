//! The stages of a series: what is in force from each split on, and so at one occurrence.
//!
//! A split with rules of its own begins new original starts; one without only shows those of the
//! rules before it elsewhere or differently.

use jiff::civil::DateTime;

use super::moving::Shift;
use crate::civil::{datetime_of, seconds_of};
use crate::event::{Event, Rules};
use crate::original::OriginalStart;
use crate::when::{End, When};
use crate::zone::Zone;

/// What is in force from one start of a series on.
#[derive(Debug, Clone)]
pub(super) struct Stage<'a> {
    /// The split that begins it; none for the series itself.
    pub(super) key: Option<OriginalStart>,
    /// What its clock shows at its first original start.
    pub(super) from: Option<DateTime>,
    /// The time of the first occurrence of the rules in force, on which their starts are counted.
    pub(super) when: When,
    /// The rules in force.
    pub(super) rules: &'a Rules,
    /// How occurrences happen: kind, zone and length.
    pub(super) shown: When,
    /// Whether its rules begin with it.
    pub(super) is_new: bool,
    /// Civil seconds between an original start and where it happens.
    pub(super) shift: i64,
}

impl Event {
    /// The stages of a series, in order. There is always one.
    pub(super) fn stages(&self) -> Vec<Stage<'_>> {
        let mut now = Stage {
            key: None,
            from: None,
            when: self.when.clone(),
            rules: &self.rules,
            shown: self.when.clone(),
            is_new: true,
            shift: 0,
        };
        let mut stages = Vec::new();
        let mut splits: Vec<_> = self.splits.iter().collect();
        splits.sort_by_key(|(key, _)| key.wall_clock());
        for (key, split) in splits {
            let mut next = now.clone();
            next.key = Some(*key);
            next.is_new = split.rules.is_some();
            let clock = now.clock_of(key);
            next.from = Some(clock);
            let at = seconds_of(clock);
            if let Some(when) = &split.change.when {
                next.shift = seconds_of(when.start()) - at;
                next.shown = when.clone();
            }
            if let Some(rules) = &split.rules {
                next.rules = rules;
                let first = datetime_of(at + next.shift).unwrap_or(clock);
                next.from = Some(first.min(clock));
                next.when = next.shown.moved_to(first);
                next.shown.clone_from(&next.when);
                next.shift = 0;
            }
            stages.push(std::mem::replace(&mut now, next));
        }
        stages.push(now);
        stages
    }

    /// The stage that an occurrence is in. `stages` are those of this event.
    pub(super) fn stage_at<'a, 'b>(
        stages: &'b [Stage<'a>],
        at: &OriginalStart,
    ) -> Option<&'b Stage<'a>> {
        let begun = stages.iter().rev().find(|stage| stage.has_begun(at));
        begun.or(stages.first())
    }

    /// Whether it is the first occurrence of all.
    pub(super) fn is_first(&self, at: &OriginalStart) -> bool {
        let is_before_dates = self
            .dates
            .keys()
            .all(|date| date.wall_clock() >= at.wall_clock());
        is_before_dates && at.wall_clock() <= self.when.original().wall_clock()
    }

    /// The event as it is at one occurrence: `when` is the time of that one, and the rules are
    /// those in force there. It has no exceptions of its own.
    #[must_use]
    pub fn alone(&self, original: &OriginalStart) -> Self {
        let base = self.without_override(original);
        match self.overrides.get(original) {
            Some(change) => change.applied_to(&base),
            None => base,
        }
    }

    /// The same as the series has it, without what is different about just this one.
    pub(super) fn without_override(&self, original: &OriginalStart) -> Self {
        let stages = self.stages();
        let mut one = self.clone();
        one.splits.clear();
        one.overrides.clear();
        one.skipped.clear();
        one.dates.clear();
        let mut due_for = self.when.clone();
        for stage in stages.iter().filter(|stage| stage.has_begun(original)) {
            if let Some(split) = stage.key.and_then(|key| self.splits.get(&key)) {
                one = split.change.applied_to(&one);
                if split.change.task.is_some() {
                    due_for.clone_from(&one.when);
                }
            }
        }
        if let Some(stage) = Self::stage_at(&stages, original) {
            one.rules = stage.rules.clone();
            one.when = stage.time_of(original);
            Shift::between(&due_for, &one.when).task(one.task.as_mut());
        }
        if let (Some(Some(length)), When::Zoned { end, .. } | When::Floating { end, .. }) =
            (self.dates.get(original), &mut one.when)
        {
            *end = End::After(*length);
        }
        one
    }
}

impl Stage<'_> {
    /// The same for asking what has begun.
    pub(super) fn without_rules(&self) -> Stage<'static> {
        static NONE: Rules = Rules {
            rules: Vec::new(),
            exclusions: Vec::new(),
        };
        Stage {
            key: self.key,
            from: self.from,
            when: self.when.clone(),
            rules: &NONE,
            shown: self.shown.clone(),
            is_new: self.is_new,
            shift: self.shift,
        }
    }

    /// The time of its first occurrence by the rules, before anything was shown elsewhere.
    pub(super) fn first(&self) -> When {
        let clock = self
            .key
            .filter(|_| !self.is_new)
            .map(|key| self.clock_of(&key));
        clock.map_or_else(|| self.when.clone(), |clock| self.when.moved_to(clock))
    }

    /// The name of its first occurrence.
    pub(super) fn first_name(&self) -> Option<OriginalStart> {
        if self.is_new {
            Some(self.when.original())
        } else {
            self.key
        }
    }

    /// Whether an occurrence is in it or after it.
    pub(super) fn has_begun(&self, at: &OriginalStart) -> bool {
        self.from.is_none_or(|from| self.clock_of(at) >= from)
    }

    /// What its clock shows at an original start.
    pub(super) fn clock_of(&self, at: &OriginalStart) -> DateTime {
        match (at, self.when.zone()) {
            (OriginalStart::Utc(at), Some(zone)) => zone.wall_clock(Zone::utc().instant(*at)),
            (OriginalStart::Date(date), _) => date.to_datetime(self.when.start().time()),
            (at, _) => at.wall_clock(),
        }
    }

    /// When an occurrence happens.
    pub(super) fn time_of(&self, at: &OriginalStart) -> When {
        let shown = seconds_of(self.clock_of(at)) + self.shift;
        let at = datetime_of(shown).unwrap_or_else(|| self.clock_of(at));
        self.shown.moved_to(at)
    }
}
