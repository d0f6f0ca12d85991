//! A series as a chain of segments: each split with rules of its own starts one and ends the one
//! before; each split without only changes how things look from there on.
//!
//! Nothing is copied between segments, so two devices that split at different places make three
//! segments and no occurrence twice. COUNT belongs to the whole series: a later segment has what
//! the ones before it left over.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;

use super::STARTS_MAX;
use super::look::{Fields, Lasts, Look, Place, clock, is_in};
use super::series::{COUNTED_MAX, Series, Start};
use crate::civil::{DAY, datetime_of, days_of_date, seconds_of};
use crate::event::{Event, Override, Rules};
use crate::length::Length;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Zone;

/// Seconds added on both sides of a window before zones are looked at.
const MARGIN: i64 = 2 * DAY;

/// A part of a series with one set of rules.
pub(super) struct Segment<'a> {
    /// Instants of the original starts that belong to it.
    pub(super) range: Range<i64>,
    /// What its starts are counted on.
    pub(super) when: &'a When,
    /// Its first start.
    pub(super) first: Start,
    /// Whether its rules have anything left to give.
    pub(super) has_first: bool,
    pub(super) rules: Vec<Series<'a>>,
    exclusions: Vec<Series<'a>>,
}

/// An event made ready for expansion.
pub(super) struct Chain<'a> {
    pub(super) event: &'a Event,
    pub(super) segments: Vec<Segment<'a>>,
    pub(super) looks: Vec<Look<'a>>,
    skipped: BTreeSet<i64>,
    skipped_days: BTreeSet<i64>,
    pub(super) dates: BTreeMap<Start, Option<Length>>,
    overrides: BTreeMap<i64, (OriginalStart, &'a Override)>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(event: &'a Event) -> Self {
        let mut chain = Self {
            event,
            segments: Vec::new(),
            looks: Vec::new(),
            skipped: BTreeSet::new(),
            skipped_days: BTreeSet::new(),
            dates: BTreeMap::new(),
            overrides: BTreeMap::new(),
        };
        chain.looks.push(Look {
            from: i64::MIN,
            when: &event.when,
            shift: 0,
            lasts: Lasts::of(&event.when),
            fields: Fields::of(event),
        });
        let first = seconds_of(event.when.start());
        chain.begin(i64::MIN, &event.when, first, &event.rules);
        for (original, split) in &event.splits {
            chain.split(original, split);
        }
        for original in &event.skipped {
            match original {
                OriginalStart::Date(date) if !event.when.is_all_day() => {
                    chain.skipped_days.insert(days_of_date(*date));
                }
                OriginalStart::Date(_) | OriginalStart::Local(_) | OriginalStart::Utc(_) => {
                    chain.skipped.insert(chain.start_of(original).instant);
                }
            }
        }
        for (original, length) in &event.dates {
            let start = chain.start_of(original);
            chain.dates.insert(start, *length);
        }
        for (original, change) in &event.overrides {
            let instant = chain.start_of(original).instant;
            chain.overrides.insert(instant, (*original, change));
        }
        chain
    }

    /// Where an original start stands on the series' clock.
    fn start_of(&self, original: &OriginalStart) -> Start {
        let when = self.segment_when(original);
        let own = seconds_of(when.start());
        let local = match original {
            OriginalStart::Date(date) if when.is_all_day() => days_of_date(*date) * DAY,
            OriginalStart::Date(date) => days_of_date(*date) * DAY + own.rem_euclid(DAY),
            OriginalStart::Local(at) | OriginalStart::Utc(at) if when.is_all_day() => {
                days_of_date(at.date()) * DAY
            }
            OriginalStart::Utc(at) if when.zone().is_some() => {
                let instant = seconds_of(*at);
                return Start {
                    instant,
                    local: instant + clock(when).offset(instant),
                };
            }
            OriginalStart::Local(at) | OriginalStart::Utc(at) => seconds_of(*at),
        };
        Start {
            instant: clock(when).read(local).instant(),
            local,
        }
    }

    /// The time whose clock counts at an original start.
    fn segment_when(&self, original: &OriginalStart) -> &'a When {
        let at = original.wall_clock();
        let mut segments = self.segments.iter().rev();
        let found = segments.find(|segment| {
            segment.range.start == i64::MIN
                || datetime_of(segment.first.local).is_some_and(|first| first <= at)
        });
        found.map_or(&self.event.when, |segment| segment.when)
    }

    fn split(&mut self, original: &OriginalStart, split: &'a crate::event::Split) {
        let start = self.start_of(original);
        let Some(last) = self.looks.last() else {
            return;
        };
        let when = split.change.when.as_ref().unwrap_or(last.when);
        let shift = match &split.change.when {
            Some(when) => seconds_of(when.start()) - start.local,
            None => last.shift,
        };
        let is_new = split.rules.is_some();
        let look = Look {
            from: start.instant,
            when,
            shift: if is_new { 0 } else { shift },
            lasts: Lasts::of(when),
            fields: last.fields.with(&split.change),
        };
        if let Some(rules) = &split.rules {
            if let Some(before) = self.segments.last_mut() {
                before.range.end = start.instant.max(before.range.start);
            }
            self.begin(start.instant, when, start.local + shift, rules);
        }
        self.looks.push(look);
    }

    /// Begins a segment whose first start is civil second `first`.
    fn begin(&mut self, from: i64, when: &'a When, first: i64, rules: &'a Rules) {
        let clock = clock(when);
        let (is_all_day, is_zoned) = (when.is_all_day(), when.zone().is_some());
        let series = |rule: &Rule| Series::new(rule, first, is_all_day, is_zoned, clock);
        let mut has_first = true;
        let mut of_rules = Vec::with_capacity(rules.rules.len());
        for rule in &rules.rules {
            let Some(count) = rule.count.filter(|_| !self.segments.is_empty()) else {
                of_rules.push(series(rule));
                continue;
            };
            let left = count.saturating_sub(self.used(count.min(COUNTED_MAX)));
            has_first = left > 0;
            of_rules.push(series(&Rule {
                count: Some(left),
                ..rule.clone()
            }));
        }
        let first = Start {
            instant: clock.read(first).instant(),
            local: first,
        };
        self.segments.push(Segment {
            range: from.min(first.instant)..i64::MAX,
            when,
            first,
            has_first,
            rules: of_rules,
            exclusions: rules.exclusions.iter().map(series).collect(),
        });
    }

    /// How many starts the segments so far have given, up to `enough`.
    fn used(&self, enough: u32) -> u32 {
        let mut used = 0;
        for segment in &self.segments {
            for series in &segment.rules {
                series.each(segment.first.local, i64::MAX / 4, |start| {
                    let is_inside = start.instant < segment.range.end;
                    used += u32::from(is_inside);
                    is_inside && used < enough
                });
            }
        }
        used
    }

    /// Original starts of a segment whose civil second lies in a range. Those before the instant
    /// `early` need not be there.
    fn starts(
        &self,
        segment: &Segment<'_>,
        local: Range<i64>,
        early: i64,
        into: &mut Vec<(Start, Option<Length>)>,
    ) {
        let mut excluded = BTreeSet::new();
        for series in &segment.exclusions {
            series.each(local.start, local.end, |start| {
                excluded.insert(start.instant);
                excluded.len() < STARTS_MAX
            });
        }
        let before = into.len();
        for series in &segment.rules {
            let mut left = STARTS_MAX;
            series.each(local.start, local.end, |start| {
                if start.instant < early {
                    return true;
                }
                if segment.range.contains(&start.instant) && !excluded.contains(&start.instant) {
                    into.push((start, None));
                }
                left -= 1;
                left > 0 && start.instant < segment.range.end
            });
        }
        let first = segment.first;
        let is_there = |found: &[(Start, Option<Length>)]| {
            found
                .get(before..)
                .is_some_and(|found| found.iter().any(|(start, _)| *start == first))
        };
        if segment.has_first
            && local.contains(&first.local)
            && segment.range.contains(&first.instant)
            && !excluded.contains(&first.instant)
            && !is_there(into)
        {
            into.push((first, None));
        }
        for (start, length) in &self.dates {
            if local.contains(&start.local) && segment.range.contains(&start.instant) {
                into.push((*start, *length));
            }
        }
    }

    pub(super) fn generates(&self, original: &OriginalStart) -> bool {
        let wanted = self.start_of(original);
        self.segments
            .iter()
            .filter(|one| one.range.contains(&wanted.instant))
            .any(|segment| {
                let mut found = Vec::new();
                self.starts(
                    segment,
                    wanted.local - DAY..wanted.local + DAY,
                    i64::MIN,
                    &mut found,
                );
                found
                    .iter()
                    .any(|(start, _)| start.instant == wanted.instant)
            })
    }

    fn look_at(&self, instant: i64) -> Option<&Look<'a>> {
        let passed = self.looks.partition_point(|look| look.from <= instant);
        self.looks.get(passed.max(1) - 1)
    }

    fn is_skipped(&self, start: Start) -> bool {
        self.skipped.contains(&start.instant)
            || self.skipped_days.contains(&start.local.div_euclid(DAY))
    }

    pub(super) fn expand(
        &self,
        from: i64,
        window: &Range<Timestamp>,
        viewer: &Zone,
    ) -> Vec<Occurrence> {
        let to = window.end.as_second().saturating_add(1);
        let mut found = Vec::new();
        let mut starts = Vec::new();
        let longest = self
            .looks
            .iter()
            .map(|look| look.lasts.seconds_max())
            .max()
            .unwrap_or(0);
        let given = self
            .dates
            .values()
            .flatten()
            .map(|length| Lasts::given(*length).seconds_max());
        let longest = given.fold(longest, i64::max);
        let earliest = self.looks.iter().map(|look| look.shift).min().unwrap_or(0);
        let latest = self.looks.iter().map(|look| look.shift).max().unwrap_or(0);
        // On one clock of its own a start is early by its instant alone.
        let is_on_one_clock = self.looks.len() == 1 && self.event.when.zone().is_some();
        let early = from - longest - if is_on_one_clock { 0 } else { latest + MARGIN };
        for segment in &self.segments {
            starts.clear();
            let local = from - longest - latest - MARGIN..to - earliest + MARGIN;
            self.starts(segment, local, early, &mut starts);
            starts.sort_by_key(|(start, length)| (*start, length.is_none()));
            // Two wall clocks that a gap pushes to one instant stay two; each has its own name.
            starts.dedup_by_key(|(start, _)| *start);
            for (start, length) in &starts {
                found.extend(self.generated(segment, *start, *length, window, viewer));
            }
        }
        found.extend(self.overridden(from, to, viewer));
        found.retain(|occurrence| is_in(occurrence, window.start, window.end));
        found.sort_by_key(|occurrence| (occurrence.start, occurrence.end, occurrence.original));
        found
    }

    /// What a generated start becomes, unless it is skipped or moved.
    fn generated(
        &self,
        segment: &Segment<'_>,
        start: Start,
        length: Option<Length>,
        window: &Range<Timestamp>,
        viewer: &Zone,
    ) -> Option<Occurrence> {
        if self.is_skipped(start) {
            return None;
        }
        let look = self.look_at(start.instant)?;
        let mut place = look.place(start, segment.when);
        if let Some(length) = length {
            place.lasts = Lasts::given(length);
        }
        if !place.may_overlap(window.start.as_second(), window.end.as_second() + 1) {
            return None;
        }
        let original = self.original_of(segment, start);
        match self.overrides.get(&start.instant) {
            Some((_, change)) if change.when.is_some() => None,
            Some((_, change)) => {
                Some(place.occurrence(original, &look.fields.with(change), true, viewer))
            }
            None => Some(place.occurrence(original, &look.fields, false, viewer)),
        }
    }

    /// Occurrences with a time of their own.
    fn overridden(&self, from: i64, to: i64, viewer: &Zone) -> Vec<Occurrence> {
        let mut found = Vec::new();
        for (instant, (original, change)) in &self.overrides {
            let (Some(when), Some(look)) = (&change.when, self.look_at(*instant)) else {
                continue;
            };
            let place = Place::of(when);
            if !self.is_skipped(self.start_of(original)) && place.may_overlap(from, to) {
                found.push(place.occurrence(*original, &look.fields.with(change), true, viewer));
            }
        }
        found
    }

    /// The name of a start: its wall clock, or its instant where that wall clock comes twice.
    fn original_of(&self, segment: &Segment<'_>, start: Start) -> OriginalStart {
        let at = datetime_of(start.local).unwrap_or_default();
        match segment.when {
            When::AllDay { .. } => OriginalStart::Date(at.date()),
            When::Floating { .. } => OriginalStart::Local(at),
            When::Zoned { zone, .. } if zone.is_utc() => OriginalStart::Utc(at),
            When::Zoned { zone, .. } => {
                if zone.table().read(start.local).instant() == start.instant {
                    OriginalStart::Local(at)
                } else {
                    OriginalStart::Utc(datetime_of(start.instant).unwrap_or_default())
                }
            }
        }
    }
}
