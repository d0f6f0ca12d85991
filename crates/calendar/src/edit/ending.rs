//! The end of a series: no start from one on.

use crate::civil::{datetime_of, seconds_of};
use crate::event::{Event, Rules};
use crate::expand::gives_from;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

impl Event {
    /// None from one occurrence on happens, and what was said about them is forgotten.
    ///
    /// The rules get an UNTIL (RFC 5545 §3.3.10), which takes the place of COUNT; rules that give
    /// nothing from there on anyway stay as they are.
    pub fn end_before(&mut self, original: &OriginalStart) {
        let original = &self.beginning(original);
        let at = original.wall_clock();
        let is_kept = |key: &OriginalStart| key.wall_clock() < at;
        let ends_anyway = !gives_from(self, original);
        self.splits.retain(|key, _| is_kept(key));
        self.overrides.retain(|key, _| is_kept(key));
        self.dates.retain(|key, _| is_kept(key));
        self.skipped.retain(is_kept);
        if ends_anyway {
            return;
        }
        let stages = self.stages();
        let whens: Vec<When> = stages.iter().map(|stage| stage.when.clone()).collect();
        let keys: Vec<_> = stages.iter().map(|stage| stage.key).collect();
        let last = stages.iter().rposition(|stage| stage.is_new).unwrap_or(0);
        for (number, (key, when)) in keys.iter().zip(&whens).enumerate() {
            let rules = match key {
                None => Some(&mut self.rules),
                Some(key) => self
                    .splits
                    .get_mut(key)
                    .and_then(|split| split.rules.as_mut()),
            };
            let Some(rules) = rules else { continue };
            let ended = rules.ended(original, when);
            // COUNT belongs to the whole series: later rules have what the earlier ones leave.
            *rules = if number == last {
                ended.without_count()
            } else {
                ended
            };
        }
    }
}

impl Rules {
    /// The same rules, ended before a start of a series that happens at `when`.
    #[must_use]
    pub fn ended(&self, before: &OriginalStart, when: &When) -> Self {
        let last = match (before, when) {
            (_, When::AllDay { .. }) => {
                let date = before.date();
                OriginalStart::Date(date.yesterday().unwrap_or(date))
            }
            (_, When::Zoned { zone, .. }) => {
                let at = match before {
                    OriginalStart::Utc(at) => Zone::utc().instant(*at),
                    OriginalStart::Date(_) | OriginalStart::Local(_) => {
                        zone.instant(before.wall_clock())
                    }
                };
                OriginalStart::Utc(datetime_of(at.as_second() - 1).unwrap_or_default())
            }
            (_, When::Floating { .. }) => {
                let second = seconds_of(before.wall_clock()) - 1;
                OriginalStart::Local(datetime_of(second).unwrap_or_default())
            }
        };
        let is_earlier = |rule: &Rule| {
            rule.until
                .is_some_and(|until| until.wall_clock() <= last.wall_clock())
        };
        let end = |rule: &Rule| {
            if is_earlier(rule) {
                rule.clone()
            } else {
                Rule {
                    until: Some(last),
                    ..rule.clone()
                }
            }
        };
        Self {
            rules: self.rules.iter().map(end).collect(),
            exclusions: self.exclusions.clone(),
        }
    }

    /// Of rules that end at a moment, that alone counts; RFC 5545 §3.3.10 allows no COUNT beside it.
    #[must_use]
    pub fn without_count(mut self) -> Self {
        for rule in self.rules.iter_mut().filter(|rule| rule.until.is_some()) {
            rule.count = None;
        }
        self
    }
}

#[cfg(test)]
mod tests;
