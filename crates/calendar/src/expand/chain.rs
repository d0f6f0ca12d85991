//! A series as a chain of segments: each split with rules of its own starts one and ends the one
//! before; each split without only changes how things look from there on.
//!
//! Nothing is copied between segments, so two devices that split at different places make three
//! segments and no occurrence twice. COUNT belongs to the whole series: a later segment has what
//! the ones before it left over.

use std::collections::BTreeMap;
use std::ops::Range;

use super::look::{Fields, Lasts, Look, Place, clock};
use super::series::{COUNTED_MAX, Series, Start};
use crate::civil::{DAY, datetime_of, days_of_date, seconds_of};
use crate::event::{Event, Override, Rules, Split};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;
use crate::zone::Cursor;

/// Seconds added on both sides of a window where clocks jump near its edges or more than one
/// clock counts: two days are more than any jump and any distance between two clocks.
pub(super) const MARGIN: i64 = 2 * DAY;

/// A part of a series with one set of rules.
#[derive(Debug)]
pub(super) struct Segment {
    /// Instants of the original starts that belong to it.
    pub(super) range: Range<i64>,
    /// What its starts are counted on.
    pub(super) when: When,
    /// Its first start.
    pub(super) first: Start,
    /// Whether its rules have anything left to give.
    pub(super) has_first: bool,
    pub(super) rules: Vec<Series>,
    pub(super) exclusions: Vec<Series>,
}

/// An occurrence that differs.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) original: OriginalStart,
    /// Civil second of the original start.
    pub(super) local: i64,
    /// Its own time, where it was moved.
    pub(super) moved: Option<(When, Place)>,
    pub(super) fields: Fields,
}

/// An event made ready for expansion. It owns what it needs.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) is_trashed: bool,
    pub(super) segments: Vec<Segment>,
    pub(super) looks: Vec<Look>,
    /// Instants, ascending.
    skipped: Vec<i64>,
    /// Civil days, ascending.
    skipped_days: Vec<i64>,
    pub(super) dates: BTreeMap<Start, Option<Length>>,
    pub(super) overrides: BTreeMap<i64, Changed>,
    /// Instants from which on things look different, ascending.
    pub(super) cuts: Vec<i64>,
}

/// A start and, where it brought one, its own length.
pub(super) type Given = (Start, Option<Length>);

/// How many starts the rules of a series give before one of them, as COUNT counts them: those that
/// are left out too.
pub(crate) fn given_before(event: &Event, at: &OriginalStart) -> u32 {
    let mut before = event.clone();
    before
        .splits
        .retain(|key, _| key.wall_clock() < at.wall_clock());
    let end = Split {
        rules: Some(Rules::default()),
        ..Split::default()
    };
    before.splits.insert(*at, end);
    Chain::new(&before).used(COUNTED_MAX)
}

impl Chain {
    pub(super) fn new(event: &Event) -> Self {
        let mut chain = Self {
            is_trashed: event.trashed,
            segments: Vec::with_capacity(1),
            looks: Vec::with_capacity(1),
            skipped: Vec::new(),
            skipped_days: Vec::new(),
            dates: BTreeMap::new(),
            overrides: BTreeMap::new(),
            cuts: Vec::new(),
        };
        chain.looks.push(Look {
            from: i64::MIN,
            when: event.when.clone(),
            shift: 0,
            lasts: Lasts::of(&event.when),
            fields: Fields::of(event),
        });
        let first = seconds_of(event.when.start());
        chain.begin(i64::MIN, event.when.clone(), first, &event.rules);
        for (original, split) in &event.splits {
            chain.split(original, split);
        }
        chain.except(event);
        for (original, length) in &event.dates {
            let start = chain.start_of(original);
            chain.dates.insert(start, *length);
        }
        for (original, change) in &event.overrides {
            chain.change(original, change);
        }
        chain.cuts = chain.looks.iter().map(|look| look.from).collect();
        chain.cuts.sort_unstable();
        chain
    }

    /// Counts what has to be counted, once and for all.
    pub(super) fn settle(&mut self) {
        for segment in &mut self.segments {
            let table = clock(&segment.when);
            for series in segment.rules.iter_mut().chain(&mut segment.exclusions) {
                series.settle(table);
            }
        }
    }

    fn except(&mut self, event: &Event) {
        for original in &event.skipped {
            match original {
                OriginalStart::Date(date) if !event.when.is_all_day() => {
                    self.skipped_days.push(days_of_date(*date));
                }
                OriginalStart::Date(_) | OriginalStart::Local(_) | OriginalStart::Utc(_) => {
                    let instant = self.start_of(original).instant;
                    self.skipped.push(instant);
                }
            }
        }
        self.skipped.sort_unstable();
        self.skipped_days.sort_unstable();
    }

    fn change(&mut self, original: &OriginalStart, change: &Override) {
        let start = self.start_of(original);
        let Some(look) = self.look_at(start.instant) else {
            return;
        };
        let moved = change.when.as_ref();
        let changed = Changed {
            original: *original,
            local: start.local,
            moved: moved.map(|when| (when.clone(), Place::of(when))),
            fields: look.fields.with(change),
        };
        self.overrides.insert(start.instant, changed);
    }

    /// Where an original start stands on the series' clock.
    pub(super) fn start_of(&self, original: &OriginalStart) -> Start {
        let Some(when) = self.segment_when(original) else {
            let local = seconds_of(original.wall_clock());
            let instant = local;
            return Start { instant, local };
        };
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
    fn segment_when(&self, original: &OriginalStart) -> Option<&When> {
        let at = original.wall_clock();
        let mut segments = self.segments.iter().rev();
        let found = segments.find(|segment| {
            segment.range.start == i64::MIN
                || datetime_of(segment.first.local).is_some_and(|first| first <= at)
        });
        found.or(self.segments.first()).map(|segment| &segment.when)
    }

    fn split(&mut self, original: &OriginalStart, split: &Split) {
        let start = self.start_of(original);
        let Some(last) = self.looks.last() else {
            return;
        };
        let when = split.change.when.as_ref().unwrap_or(&last.when).clone();
        let shift = match &split.change.when {
            Some(when) => seconds_of(when.start()) - start.local,
            None => last.shift,
        };
        let look = Look {
            from: start.instant,
            when: when.clone(),
            shift: if split.rules.is_some() { 0 } else { shift },
            lasts: Lasts::of(&when),
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
    fn begin(&mut self, from: i64, when: When, first: i64, rules: &Rules) {
        let clock = clock(&when);
        let (is_all_day, is_zoned) = (when.is_all_day(), when.zone().is_some());
        let series = |rule: &Rule| Series::new(rule, first, is_all_day, is_zoned, clock);
        let mut has_first = rules.rules.is_empty();
        let mut of_rules = Vec::with_capacity(rules.rules.len());
        for rule in &rules.rules {
            let Some(count) = rule.count.filter(|_| !self.segments.is_empty()) else {
                has_first = true;
                of_rules.push(series(rule));
                continue;
            };
            let left = count.saturating_sub(self.used(count.min(COUNTED_MAX)));
            has_first |= left > 0;
            of_rules.push(series(&Rule {
                count: Some(left),
                ..rule.clone()
            }));
        }
        let exclusions = rules.exclusions.iter().map(series).collect();
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
            exclusions,
        });
    }

    /// How many starts the segments so far have given, up to `enough`.
    fn used(&self, enough: u32) -> u32 {
        let mut used = 0;
        for segment in &self.segments {
            for series in &segment.rules {
                let mut cursor = Cursor::new(clock(&segment.when));
                series.each(&mut cursor, segment.first.local, i64::MAX / 4, |start| {
                    let is_inside = start.instant < segment.range.end;
                    used += u32::from(is_inside);
                    is_inside && used < enough
                });
            }
        }
        used
    }

    pub(super) fn look_at(&self, instant: i64) -> Option<&Look> {
        let passed = self.looks.partition_point(|look| look.from <= instant);
        self.looks.get(passed.max(1) - 1)
    }

    pub(super) fn is_skipped(&self, start: Start) -> bool {
        let day = start.local.div_euclid(DAY);
        self.skipped.binary_search(&start.instant).is_ok()
            || self.skipped_days.binary_search(&day).is_ok()
    }
}

impl Segment {
    /// The name of a start: its wall clock, or its instant where that wall clock comes twice.
    pub(super) fn original_of(&self, start: Start, cursor: &mut Cursor<'_>) -> OriginalStart {
        let at = datetime_of(start.local).unwrap_or_default();
        match &self.when {
            When::AllDay { .. } => OriginalStart::Date(at.date()),
            When::Floating { .. } => OriginalStart::Local(at),
            When::Zoned { zone, .. } if zone.is_utc() => OriginalStart::Utc(at),
            When::Zoned { .. } if cursor.instant(start.local) == start.instant => {
                OriginalStart::Local(at)
            }
            When::Zoned { .. } => {
                OriginalStart::Utc(datetime_of(start.instant).unwrap_or_default())
            }
        }
    }
}
