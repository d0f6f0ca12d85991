//! What holds at one occurrence: its own changes, over those of the splits passed, over the event.
//!
//! Read only. An original start is compared by the instant it names on its segment's clock, so
//! that one written in another way is still found.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{Event, Override, Rules, Split};
use crate::civil::{WALL_MAX, datetime_of, seconds_of};
use crate::expand::expand;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::when::When;
use crate::zone::{Zone, instant_of};

/// An event's splits and overrides, ready to be looked up.
pub(crate) struct Layers<'a> {
    event: &'a Event,
    /// First wall clock of each segment with rules of its own, and the time it counts on.
    segments: Vec<(DateTime, &'a When)>,
    splits: Vec<Passed<'a>>,
    overrides: BTreeMap<i64, (OriginalStart, &'a Override)>,
}

/// A split, and what it does to the starts after it.
struct Passed<'a> {
    from: i64,
    split: &'a Split,
    /// Civil seconds from an original start to where it happens.
    shift: i64,
    /// The time that counts from here on.
    when: &'a When,
}

/// The layers at one occurrence.
pub(crate) struct Stack<'a, 'b> {
    passed: &'b [Passed<'a>],
    own: Option<&'a Override>,
}

/// Which layer a field came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer<'a> {
    /// The event, or a split; with the time its fields were said for.
    Series(&'a When),
    /// The occurrence itself.
    Own,
}

impl<'a> Layers<'a> {
    pub(crate) fn new(event: &'a Event) -> Self {
        let mut layers = Self {
            event,
            segments: vec![(DateTime::MIN, &event.when)],
            splits: Vec::new(),
            overrides: BTreeMap::new(),
        };
        for (original, split) in &event.splits {
            layers.pass(*original, split);
        }
        for (original, change) in &event.overrides {
            let instant = layers.instant(original);
            layers.overrides.insert(instant, (*original, change));
        }
        layers
    }

    fn pass(&mut self, original: OriginalStart, split: &'a Split) {
        let from = self.instant(&original);
        let last = self.splits.last();
        let (shift, when) = last.map_or((0, &self.event.when), |last| (last.shift, last.when));
        let own = split.change.when.as_ref();
        let wall = self.wall_clock(&original);
        let shift = own.map_or(shift, |own| seconds_of(own.start()) - seconds_of(wall));
        let when = own.unwrap_or(when);
        let is_new = split.rules.is_some();
        if is_new {
            let first = datetime_of(seconds_of(wall) + shift).unwrap_or(wall);
            self.segments.push((first, when));
        }
        self.splits.push(Passed {
            from,
            split,
            shift: if is_new { 0 } else { shift },
            when,
        });
    }

    /// The time on whose clock an original start is counted.
    fn counted_on(&self, original: &OriginalStart) -> &'a When {
        let at = original.wall_clock();
        let mut segments = self.segments.iter().rev();
        let found = segments.find(|(first, _)| *first <= at);
        found.map_or(&self.event.when, |(_, when)| when)
    }

    /// The wall clock of an original start on its segment's clock.
    fn wall_clock(&self, original: &OriginalStart) -> DateTime {
        wall_clock_on(self.counted_on(original), original)
    }

    /// The instant of an original start; without a zone, as if in UTC.
    fn instant(&self, original: &OriginalStart) -> i64 {
        if let (OriginalStart::Utc(at), Some(_)) = (original, self.counted_on(original).zone()) {
            return seconds_of(*at);
        }
        let at = self.wall_clock(original);
        let zone = self.counted_on(original).zone();
        zone.map_or(seconds_of(at), |zone| zone.instant(at).as_second())
    }

    /// The layers at one occurrence.
    pub(crate) fn at<'b>(&'b self, original: &OriginalStart) -> Stack<'a, 'b> {
        let own = self.event.overrides.get(original);
        let is_plain = self.splits.is_empty() && (own.is_some() || self.overrides.is_empty());
        let instant = if is_plain { 0 } else { self.instant(original) };
        let passed = self.splits.partition_point(|split| split.from <= instant);
        Stack {
            passed: self.splits.get(..passed).unwrap_or_default(),
            own: own.or_else(|| self.overrides.get(&instant).map(|(_, change)| *change)),
        }
    }

    /// The name that the override of an occurrence has, or would have.
    pub(crate) fn key(&self, original: &OriginalStart) -> OriginalStart {
        if self.event.overrides.contains_key(original) {
            return *original;
        }
        let found = self.overrides.get(&self.instant(original));
        found.map_or(*original, |(key, _)| *key)
    }

    /// The occurrence of this name, if it happens.
    pub(crate) fn occurrence(&self, original: &OriginalStart, viewer: &Zone) -> Option<Occurrence> {
        let stack = self.at(original);
        let start = match stack.own.and_then(|own| own.when.as_ref()) {
            Some(when) => when.span(viewer).0.as_second(),
            None => {
                let (shift, when) = stack
                    .passed
                    .last()
                    .map_or((0, &self.event.when), |last| (last.shift, last.when));
                let at = seconds_of(self.wall_clock(original)) + shift;
                let zone = when.zone().unwrap_or(viewer);
                datetime_of(at).map(|at| zone.instant(at).as_second())?
            }
        };
        let wanted = self.instant(original);
        let around = instant_of(start - WALL_MAX)..instant_of(start + WALL_MAX);
        let mut found = expand(self.event, around, viewer).into_iter();
        found.find(|one| one.original == *original || self.instant(&one.original) == wanted)
    }
}

impl<'a> Stack<'a, '_> {
    /// A field of the uppermost layer that says something about it; none where only the event does.
    pub(crate) fn pick<T: ?Sized>(
        &self,
        field: impl Fn(&'a Override) -> Option<&'a T>,
    ) -> Option<(&'a T, Layer<'a>)> {
        if let Some(found) = self.own.and_then(&field) {
            return Some((found, Layer::Own));
        }
        let mut passed = self.passed.iter().rev();
        passed.find_map(|one| Some((field(&one.split.change)?, Layer::Series(one.when))))
    }
}

/// The wall clock of an original start on the clock of its series.
pub(crate) fn wall_clock_on(when: &When, original: &OriginalStart) -> DateTime {
    match (original, when.zone()) {
        (OriginalStart::Date(date), _) if !when.is_all_day() => {
            date.to_datetime(when.start().time())
        }
        (OriginalStart::Utc(at), Some(zone)) => zone.wall_clock(Zone::utc().instant(*at)),
        (OriginalStart::Date(_) | OriginalStart::Local(_) | OriginalStart::Utc(_), _) => {
            original.wall_clock()
        }
    }
}

/// An event as the splits passed so far make it, for whoever goes through one in time order.
///
/// For splits without rules of their own: those name their starts on the clock of the event.
pub(crate) struct Running<'a> {
    series: &'a When,
    /// Without rules, dates, exceptions and splits.
    shown: Event,
    /// Civil seconds from an original start to where it happens.
    shift: i64,
}

impl<'a> Running<'a> {
    pub(crate) fn new(event: &'a Event) -> Self {
        let shown = Event {
            rules: Rules::default(),
            dates: BTreeMap::new(),
            skipped: BTreeSet::new(),
            overrides: BTreeMap::new(),
            splits: BTreeMap::new(),
            ..event.clone()
        };
        Self {
            series: &event.when,
            shown,
            shift: 0,
        }
    }

    /// What holds from the last split on, at the time of its first start.
    pub(crate) const fn shown(&self) -> &Event {
        &self.shown
    }

    /// When the occurrence of this name happens, if it has no time of its own.
    pub(crate) fn when_at(&self, original: &OriginalStart) -> When {
        let at = wall_clock_on(self.series, original);
        let at = datetime_of(seconds_of(at) + self.shift).unwrap_or(at);
        self.shown.when.moved_to(at)
    }

    /// Goes past a split.
    pub(crate) fn pass(&mut self, original: &OriginalStart, change: &Override) {
        let when = match &change.when {
            Some(when) => {
                let at = wall_clock_on(self.series, original);
                self.shift = seconds_of(when.start()) - seconds_of(at);
                when.clone()
            }
            None => self.when_at(original),
        };
        self.shown = change.applied_to(&self.shown);
        self.shown.when = when;
    }
}

impl Event {
    /// The event as it is at one occurrence: with the changes of the splits before it and its own.
    ///
    /// Its `when` is the one those changes were said for, not where the occurrence happens; rules
    /// and exceptions are left as they are.
    #[must_use]
    pub fn at(&self, original: &OriginalStart) -> Self {
        let layers = Layers::new(self);
        let stack = layers.at(original);
        let changes = stack.passed.iter().map(|one| &one.split.change);
        let mut one = self.clone();
        for change in changes.chain(stack.own) {
            one = change.applied_to(&one);
        }
        one
    }

    /// The occurrence of this name; none where it is skipped or the series has no such start.
    #[must_use]
    pub fn occurrence(&self, original: &OriginalStart, viewer: &Zone) -> Option<Occurrence> {
        Layers::new(self).occurrence(original, viewer)
    }

    /// The occurrence nearest to an instant: the first that has not ended, otherwise the last.
    pub(crate) fn occurrence_near(&self, at: Timestamp, viewer: &Zone) -> Option<Occurrence> {
        let ahead = crate::expand::next(self, at, 1, viewer);
        if let Some(found) = ahead.into_iter().next() {
            return Some(found);
        }
        let end = self.bounds().end?.as_second();
        let mut back = WALL_MAX;
        while back < WALL_MAX << 24 {
            let window = instant_of(end - back)..instant_of(end + WALL_MAX);
            if let Some(found) = expand(self, window, viewer).pop() {
                return Some(found);
            }
            back <<= 4;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Rule;

    fn daily() -> Event {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
        let mut event = Event::new("one@example", "One", when);
        event.rules = Rules::one(Rule::parse("FREQ=DAILY").unwrap());
        event
    }

    fn original(text: &str) -> OriginalStart {
        text.parse().unwrap()
    }

    fn check(event: &Event, at: &str, title: &str, start: &str) {
        let original = original(at);
        assert_eq!(event.at(&original).title, title, "{at}");
        let found = event.occurrence(&original, &Zone::utc());
        let found = found.map(|one| one.local_start.to_string());
        assert_eq!(found.as_deref(), Some(start), "{at}");
    }

    #[test]
    fn an_occurrence_has_its_own_fields_over_those_of_the_splits_before_it() {
        let mut event = daily();
        let titled = |title: &str| Override {
            title: Some(title.into()),
            ..Override::default()
        };
        event.change_from(original("2026-11-25T10:00"), titled("Later"), None);
        event.change_one(original("2026-11-27T10:00"), titled("Once"));
        check(&event, "2026-11-24T10:00", "One", "2026-11-24T10:00:00");
        check(&event, "2026-11-25T10:00", "Later", "2026-11-25T10:00:00");
        check(&event, "2026-11-27T10:00", "Once", "2026-11-27T10:00:00");
        // The same start, named by its instant.
        check(&event, "2026-11-27T09:00Z", "Once", "2026-11-27T10:00:00");
        check(&event, "2026-11-28T10:00", "Later", "2026-11-28T10:00:00");
    }

    #[test]
    fn an_occurrence_is_found_where_it_was_moved() {
        let mut event = daily();
        let zone = Zone::named("Asia/Tokyo");
        let moved = |start: &str| Override {
            when: Some(When::from_people(start, None, Some(&zone)).unwrap()),
            ..Override::default()
        };
        event.change_one(original("2026-11-27T10:00"), moved("2027-05-01T08:00"));
        check(&event, "2026-11-27T10:00", "One", "2027-05-01T08:00:00");
        event.change_from(
            original("2026-12-01T10:00"),
            moved("2026-12-09T08:00"),
            None,
        );
        check(&event, "2026-12-02T10:00", "One", "2026-12-10T08:00:00");
        let rules = Some(Rules::one(Rule::parse("FREQ=WEEKLY").unwrap()));
        event.change_from(
            original("2026-12-05T10:00"),
            moved("2026-12-20T09:00"),
            rules,
        );
        check(&event, "2026-12-27T09:00", "One", "2026-12-27T09:00:00");
        assert_eq!(
            event.occurrence(&original("2026-12-26T09:00"), &Zone::utc()),
            None
        );
    }

    #[test]
    fn the_nearest_occurrence_is_the_next_or_the_last() {
        let mut event = daily();
        event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=3").unwrap());
        let near = |at: &str| {
            let found = event.occurrence_near(at.parse().unwrap(), &Zone::utc());
            found.map(|one| one.local_start.to_string())
        };
        assert_eq!(
            near("2020-01-01T00:00:00Z").as_deref(),
            Some("2026-11-20T10:00:00")
        );
        assert_eq!(
            near("2026-11-21T09:30:00Z").as_deref(),
            Some("2026-11-21T10:00:00")
        );
        assert_eq!(
            near("2036-11-21T09:30:00Z").as_deref(),
            Some("2026-11-22T10:00:00")
        );
    }
}
