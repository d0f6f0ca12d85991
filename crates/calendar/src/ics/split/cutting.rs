//! Taking a series apart where its splits begin.
//!
//! A split with rules of its own always begins a part. One that keeps the rules does where a rule
//! can say what is left of the series; otherwise it stays a change in place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::super::write::Splits;
use super::super::write_event::shifted;
use super::{Marks, move_keeping_own_times};
use crate::civil::seconds_of;
use crate::event::{Event, Override, Rules, Split};
use crate::expand::{expand, is_start, next};
use crate::original::OriginalStart;
use crate::rule::{Basic, Rule, Skip};
use crate::when::When;
use crate::zone::Zone;

/// Starts compared before a part with the old rules is trusted to mean what the series meant.
const STARTS_COMPARED: usize = 60;

/// An event as the series it is written as. Without splits there is one; splits that are written
/// in place stay in the series they change.
pub(in crate::ics) fn segments(event: &Event, splits: Splits) -> Vec<(Event, Marks)> {
    let mut cutting = Cutting {
        event,
        origin: Event {
            splits: BTreeMap::new(),
            overrides: BTreeMap::new(),
            ..event.clone()
        },
        shown: Event {
            splits: BTreeMap::new(),
            ..event.clone()
        },
        shift: 0,
        counted: 0,
        cuts: Vec::new(),
    };
    cutting.cuts.push(Cut {
        from: None,
        shown: cutting.shown.clone(),
        origin: cutting.origin.clone(),
        whole: event.rules.clone(),
        has_own_rules: false,
        in_place: BTreeMap::new(),
    });
    for (original, split) in &event.splits {
        cutting.split(original, split, splits);
    }
    cutting.finish()
}

/// A series being cut.
struct Cutting<'a> {
    event: &'a Event,
    /// The series whose starts are being named: its time and rules, and nothing that differs.
    origin: Event,
    /// The event as it looks at the moment.
    shown: Event,
    /// Seconds between an original start and where it happens.
    shift: i64,
    /// Starts that the parts before the present rules have used of a COUNT.
    counted: u32,
    cuts: Vec<Cut>,
}

/// One part of a series.
struct Cut {
    from: Option<OriginalStart>,
    /// How it looks, at the time of its first start.
    shown: Event,
    /// What its starts are named by.
    origin: Event,
    /// Its rules before the next part ends them.
    whole: Rules,
    has_own_rules: bool,
    in_place: BTreeMap<OriginalStart, Split>,
}

impl Cutting<'_> {
    fn split(&mut self, original: &OriginalStart, split: &Split, splits: Splits) {
        let at = original.wall_clock();
        let mut shown = split.change.applied_to(&self.shown);
        let shift = match &split.change.when {
            Some(when) => seconds_of(when.start()) - seconds_of(at),
            None => self.shift,
        };
        if split.change.when.is_none() {
            shown.when = self.shown.when.moved_to(shifted(at, shift));
        }
        self.shift = shift;
        self.shown = shown;
        let left = match (&split.rules, splits) {
            (Some(rules), _) => Some(self.own_rules(original, rules)),
            (None, Splits::Apart) => self.rules_left(original),
            (None, Splits::InPlace) => None,
        };
        let Some(left) = left else {
            return self.in_place(original, split);
        };
        let mut origin = Event {
            rules: left,
            ..self.origin.clone()
        };
        origin.when = match &split.rules {
            Some(_) => self.shown.when.clone(),
            None => origin.when.moved_to(at),
        };
        let cut = Cut {
            from: Some(*original),
            shown: self.shown.clone(),
            whole: split.rules.clone().unwrap_or_else(|| origin.rules.clone()),
            origin,
            has_own_rules: split.rules.is_some(),
            in_place: BTreeMap::new(),
        };
        if split.rules.is_none() && !self.means_the_same(&cut) {
            return self.in_place(original, split);
        }
        if split.rules.is_some() {
            self.origin = cut.origin.clone();
            self.shift = 0;
        }
        self.cuts.push(cut);
    }

    fn in_place(&mut self, original: &OriginalStart, split: &Split) {
        if let Some(last) = self.cuts.last_mut() {
            let rules = None;
            let change = split.change.clone();
            last.in_place.insert(*original, Split { change, rules });
        }
    }

    /// New rules, with what the parts before have left of their COUNT, which belongs to the whole.
    fn own_rules(&mut self, before: &OriginalStart, rules: &Rules) -> Rules {
        for rule in self.origin.rules.rules.clone() {
            let used = starts_before(&self.origin, &rule, before);
            self.counted = self.counted.saturating_add(used);
        }
        let mut left = rules.clone();
        for rule in &mut left.rules {
            rule.count = rule.count.map(|count| count.saturating_sub(self.counted));
        }
        left
    }

    /// The rules of the series as they go on from one of its starts; `None` where no rule says
    /// that.
    fn rules_left(&self, original: &OriginalStart) -> Option<Rules> {
        let [rule] = self.origin.rules.rules.as_slice() else {
            return None;
        };
        let is_plain = self.origin.rules.exclusions.is_empty()
            && rule.skip == Skip::Omit
            && self.event.task.is_none();
        let bare = Event {
            dates: BTreeMap::new(),
            ..self.origin.clone()
        };
        if !is_plain || !is_start(&bare, original) || is_first(&self.origin.when, original) {
            return None;
        }
        let mut left = rule.clone();
        if let Some(count) = rule.count {
            let remain = count.checked_sub(starts_before(&self.origin, rule, original))?;
            left.count = Some(remain).filter(|remain| *remain > 0);
            left.count?;
        }
        Some(Rules::one(left))
    }

    /// Whether a part with the old rules shows what the series would have shown.
    fn means_the_same(&self, cut: &Cut) -> bool {
        let bare = |event: &Event| Event {
            dates: BTreeMap::new(),
            skipped: BTreeSet::new(),
            overrides: BTreeMap::new(),
            splits: BTreeMap::new(),
            ..event.clone()
        };
        let mut moved = bare(&cut.origin);
        moved.move_all(cut.shown.when.clone());
        let mut series = bare(&self.origin);
        let Some(from) = cut.from else { return false };
        let when = Some(cut.shown.when.clone());
        let change = Override {
            when,
            ..Override::default()
        };
        let rules = None;
        series.splits.insert(from, Split { change, rules });
        let utc = Zone::utc();
        let starts = |event: &Event| {
            let start = cut.shown.when.span(&utc).0;
            let found = next(event, start, STARTS_COMPARED, &utc).into_iter();
            found
                .filter(|one| one.start >= start)
                .map(|one| (one.start, one.end))
                .collect::<Vec<_>>()
        };
        let (ours, theirs) = (starts(&moved), starts(&series));
        let compared = STARTS_COMPARED
            .min(ours.len().max(theirs.len()))
            .saturating_sub(1);
        !ours.is_empty() && ours.iter().take(compared).eq(theirs.iter().take(compared))
    }

    fn finish(self) -> Vec<(Event, Marks)> {
        let mut cuts = self.cuts;
        // A part that begins where the series does leaves nothing before it.
        while let [first, second, ..] = cuts.as_slice()
            && second.has_own_rules
            && second
                .from
                .is_some_and(|from| is_first(&first.origin.when, &from))
        {
            cuts.remove(0);
        }
        let ends: Vec<Option<OriginalStart>> = cuts
            .iter()
            .skip(1)
            .map(|cut| cut.from)
            .chain([None])
            .collect();
        let parts = cuts.into_iter().zip(ends).enumerate();
        parts
            .map(|(number, (cut, until))| part(self.event, number == 0, cut, until))
            .collect()
    }
}

/// One part, with the exceptions that fall into it.
fn part(event: &Event, is_first: bool, cut: Cut, until: Option<OriginalStart>) -> (Event, Marks) {
    let from = cut.from.map(|from| from.wall_clock()).filter(|_| !is_first);
    let span = from..until.map(|until| until.wall_clock());
    let mut one = Event {
        when: cut.origin.when,
        rules: cut.origin.rules,
        dates: inside(&event.dates, &span),
        skipped: {
            let all = event.skipped.iter();
            all.filter(|at| is_inside(at, &span)).copied().collect()
        },
        overrides: inside(&event.overrides, &span),
        splits: cut.in_place,
        ..cut.shown.clone()
    };
    let mut marks = Marks::default();
    if let (Some(from), false) = (cut.from, is_first) {
        one.uid = format!("{}-{}", event.uid, Basic(&from));
        marks.of = Some((event.uid.clone(), from));
        marks.has_own_rules = cut.has_own_rules;
    }
    if let Some(until) = until {
        one.rules = ended(&one, &until);
    }
    if !cut.has_own_rules && !is_first {
        move_keeping_own_times(&mut one, cut.shown.when);
    } else if one.rules != cut.whole {
        marks.whole = cut.whole.rules;
    }
    (one, marks)
}

/// The rules of a part, ended before the next; RFC 5545 §3.3.10 allows no COUNT beside UNTIL.
fn ended(part: &Event, until: &OriginalStart) -> Rules {
    let mut rules = part.rules.ended(until, &part.when);
    for (rule, whole) in rules.rules.iter_mut().zip(&part.rules.rules) {
        if let Some(count) = whole.count {
            if starts_before(part, whole, until) >= count {
                rule.clone_from(whole);
            } else {
                rule.count = None;
            }
        }
    }
    rules
}

fn is_first(when: &When, original: &OriginalStart) -> bool {
    original.wall_clock() <= when.original().wall_clock()
}

/// How many starts a rule gives before one of them.
fn starts_before(series: &Event, rule: &Rule, before: &OriginalStart) -> u32 {
    let utc = Zone::utc();
    let count = |rule: Rule, until: Timestamp| {
        let bare = Event {
            rules: Rules::one(rule),
            ..Event::new("", "", series.when.clone())
        };
        let from = bare.bounds().start;
        let found = if from < until {
            expand(&bare, from..until, &utc)
        } else {
            Vec::new()
        };
        found
            .iter()
            .filter(|one| one.original.wall_clock() < before.wall_clock())
            .count()
    };
    let until = series.when.moved_to(before.wall_clock()).span(&utc).0;
    let found = count(rule.clone(), until);
    // A first start that the rule does not give is there, and not counted by COUNT.
    let only_first = Rule {
        count: Some(1),
        until: None,
        ..rule.clone()
    };
    let outside = count(only_first, Timestamp::MAX).saturating_sub(1);
    u32::try_from(found.saturating_sub(outside)).unwrap_or(u32::MAX)
}

fn is_inside(original: &OriginalStart, span: &Range<Option<DateTime>>) -> bool {
    let at = original.wall_clock();
    span.start.is_none_or(|from| at >= from) && span.end.is_none_or(|until| at < until)
}

fn inside<T: Clone>(
    all: &BTreeMap<OriginalStart, T>,
    span: &Range<Option<DateTime>>,
) -> BTreeMap<OriginalStart, T> {
    let found = all.iter().filter(|(at, _)| is_inside(at, span));
    found.map(|(at, one)| (*at, one.clone())).collect()
}
