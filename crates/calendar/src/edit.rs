//! Edits of a series: this one, this and following, all.
//!
//! Each is a change of the plain event; `document::edit` then writes what differs.

mod moving;

use crate::civil::{datetime_of, seconds_of};
use crate::event::{Event, Override, Rules, Split};
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

impl Event {
    /// One occurrence no longer happens. What was different about it is forgotten.
    pub fn skip(&mut self, original: OriginalStart) {
        self.overrides.remove(&original);
        self.dates.remove(&original);
        self.skipped.insert(original);
    }

    /// A skipped occurrence happens again.
    pub fn restore(&mut self, original: &OriginalStart) {
        self.skipped.remove(original);
    }

    /// One occurrence differs; what differed already and is not said again stays.
    pub fn change_one(&mut self, original: OriginalStart, change: Override) {
        self.overrides.entry(original).or_default().take(change);
    }

    /// All from one occurrence on differ.
    pub fn change_from(&mut self, original: OriginalStart, change: Override, rules: Option<Rules>) {
        let split: &mut Split = self.splits.entry(original).or_default();
        split.change.take(change);
        if rules.is_some() {
            split.rules = rules;
        }
    }

    /// None from one occurrence on happens.
    pub fn end_before(&mut self, original: &OriginalStart) {
        let at = original.wall_clock();
        let is_kept = |key: &OriginalStart| key.wall_clock() < at;
        self.splits.retain(|key, _| is_kept(key));
        self.overrides.retain(|key, _| is_kept(key));
        self.dates.retain(|key, _| is_kept(key));
        self.skipped.retain(is_kept);
        for split in self.splits.values_mut() {
            if let Some(rules) = &mut split.rules {
                *rules = rules.ended(original, &self.when);
            }
        }
        self.rules = self.rules.ended(original, &self.when);
    }
}

impl Override {
    /// Takes over what another change says.
    pub fn take(&mut self, other: Self) {
        fn put<T>(into: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *into = new;
            }
        }
        put(&mut self.title, other.title);
        put(&mut self.notes, other.notes);
        put(&mut self.place, other.place);
        put(&mut self.when, other.when);
        put(&mut self.guests, other.guests);
        put(&mut self.organizer, other.organizer);
        put(&mut self.reminders, other.reminders);
        put(&mut self.categories, other.categories);
        put(&mut self.attachments, other.attachments);
        put(&mut self.status, other.status);
        put(&mut self.busy, other.busy);
        put(&mut self.privacy, other.privacy);
        put(&mut self.color, other.color);
        put(&mut self.url, other.url);
        put(&mut self.conference, other.conference);
        put(&mut self.geo, other.geo);
        put(&mut self.task, other.task);
        put(&mut self.sequence, other.sequence);
        put(&mut self.stamped, other.stamped);
        put(&mut self.created, other.created);
        put(&mut self.modified, other.modified);
        put(&mut self.unknown, other.unknown);
    }

    /// The event as it is with this change, splits and overrides left as they are.
    #[must_use]
    pub fn applied_to(&self, event: &Event) -> Event {
        fn put<T: Clone>(into: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                into.clone_from(new);
            }
        }
        fn put_text(into: &mut Option<String>, new: Option<&String>) {
            if let Some(new) = new {
                *into = Some(new.clone()).filter(|text| !text.is_empty());
            }
        }
        let mut one = event.clone();
        put(&mut one.title, self.title.as_ref());
        put(&mut one.notes, self.notes.as_ref());
        put(&mut one.place, self.place.as_ref());
        put(&mut one.when, self.when.as_ref());
        put(&mut one.guests, self.guests.as_ref());
        put(&mut one.reminders, self.reminders.as_ref());
        put(&mut one.categories, self.categories.as_ref());
        put(&mut one.attachments, self.attachments.as_ref());
        put(&mut one.status, self.status.as_ref());
        put(&mut one.busy, self.busy.as_ref());
        put(&mut one.privacy, self.privacy.as_ref());
        put(&mut one.sequence, self.sequence.as_ref());
        put(&mut one.unknown, self.unknown.as_ref());
        put_text(&mut one.color, self.color.as_ref());
        put_text(&mut one.url, self.url.as_ref());
        put_text(&mut one.conference, self.conference.as_ref());
        put_text(&mut one.geo, self.geo.as_ref());
        if let Some(organizer) = &self.organizer {
            one.organizer = Some(organizer.clone()).filter(|one| !one.address.is_empty());
        }
        one.stamped = self.stamped.or(one.stamped);
        one.created = self.created.or(one.created);
        one.modified = self.modified.or(one.modified);
        if self.task.is_some() {
            one.task.clone_from(&self.task);
        }
        one
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::next;

    fn daily() -> Event {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
        let mut event = Event::new("one@example", "One", when);
        event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=4").unwrap());
        event
    }

    fn starts(event: &Event) -> Vec<String> {
        let from = "2026-01-01T00:00:00Z".parse().unwrap();
        next(event, from, 9, &Zone::utc())
            .iter()
            .map(|one| format!("{} {}", one.local_start, one.title))
            .collect()
    }

    fn original(text: &str) -> OriginalStart {
        text.parse().unwrap()
    }

    #[test]
    fn a_skipped_one_can_be_restored() {
        let mut event = daily();
        event.skip(original("2026-11-21T10:00"));
        assert_eq!(starts(&event).len(), 3);
        event.restore(&original("2026-11-21T10:00"));
        assert_eq!(starts(&event).len(), 4);
    }

    #[test]
    fn this_and_following_end_or_change() {
        let mut event = daily();
        let change = Override {
            title: Some("Later".into()),
            ..Override::default()
        };
        event.change_from(original("2026-11-22T10:00"), change, None);
        assert_eq!(
            starts(&event),
            [
                "2026-11-20T10:00:00 One",
                "2026-11-21T10:00:00 One",
                "2026-11-22T10:00:00 Later",
                "2026-11-23T10:00:00 Later"
            ]
        );
        event.end_before(&original("2026-11-21T10:00"));
        assert_eq!(starts(&event), ["2026-11-20T10:00:00 One"]);
    }
}
