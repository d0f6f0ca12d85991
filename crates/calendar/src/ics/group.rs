//! From single VEVENTs to events: overrides find their series by UID and original start.
//!
//! Of two versions of one thing the higher SEQUENCE counts, then the later stamp, then the later
//! in the file; the other is kept as raw text. Overrides without their series stand alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::draft::Draft;
use super::name::Name;
use super::problem::{Findings, ProblemKind};
use super::property::{ON_A_DAY, is_line, is_parameters, is_parameters_of};
use super::split;
use super::task;
use super::times::Stamp;
use crate::civil::{DAY, seconds_of};
use crate::event::layers::{Running, wall_clock_on};
use crate::event::{Event, Override, Split};
use crate::expand::is_start;
use crate::original::OriginalStart;
use crate::when::When;
use crate::zone::Zone;

/// Puts drafts together, in the order in which the versions that count stand in the file.
pub(super) fn events(
    drafts: Vec<Draft<'_>>,
    findings: &mut Findings,
    others: &mut Vec<String>,
) -> Vec<Event> {
    let mut order: HashMap<(bool, String), usize> = HashMap::with_capacity(drafts.len());
    let mut groups: Vec<Vec<Draft<'_>>> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let next = groups.len();
        let key = (draft.event.task.is_some(), draft.event.uid.clone());
        let at = *order.entry(key).or_insert(next);
        match groups.get_mut(at) {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    let mut grouping = Grouping {
        findings,
        passed_over: Vec::new(),
    };
    let mut events: Vec<(usize, Event)> = groups
        .into_iter()
        .filter_map(|group| grouping.event(group))
        .collect();
    grouping.passed_over.sort_by_key(|(line, _)| *line);
    others.extend(grouping.passed_over.into_iter().map(|(_, raw)| raw));
    events.sort_by_key(|(line, _)| *line);
    events.into_iter().map(|(_, event)| event).collect()
}

/// What grouping finds out besides events.
struct Grouping<'f> {
    findings: &'f mut Findings,
    /// Versions that others replace, each with its line.
    passed_over: Vec<(usize, String)>,
}

impl Grouping<'_> {
    /// The event of one group, and the line it begins on.
    fn event(&mut self, group: Vec<Draft<'_>>) -> Option<(usize, Event)> {
        let (masters, parts): (Vec<_>, Vec<_>) = group
            .into_iter()
            .partition(|draft| draft.original.is_none());
        let (line, mut event, parts) = match self.newest(masters) {
            Some((line, master)) => (line, master, parts),
            None => {
                let parts: Vec<_> = parts.into_iter().map(Draft::in_own_zone).collect();
                let (line, event) = alone(first(&parts)?, &parts)?;
                let uid = Some(event.uid.as_str());
                self.findings.add_about(line, uid, ProblemKind::NoSeries);
                (line, event, parts)
            }
        };
        let mut kept = self.versions(&event.when, parts);
        for part in kept.values_mut() {
            if part.is_on_a_day_of(&event.when) && !part.is_from_there_on {
                part.event.unknown.push(ON_A_DAY.to_owned());
                part.event.unknown.sort_by_key(|entry| is_parameters(entry));
            }
        }
        if !kept.is_empty() {
            self.change(&mut event, kept);
        }
        Some((line, event))
    }

    /// Of each occurrence of a series that happens at `when` the version that counts.
    fn versions<'a>(
        &mut self,
        when: &When,
        parts: Vec<Draft<'a>>,
    ) -> BTreeMap<(OriginalStart, bool), Draft<'a>> {
        let mut kept: BTreeMap<(OriginalStart, bool), Draft<'_>> = BTreeMap::new();
        for part in parts {
            let Some(original) = part.original_in(when) else {
                continue;
            };
            let key = (original, part.is_from_there_on);
            let before = kept.remove(&key);
            let (newer, older) = match before {
                Some(before) if version(&before) > version(&part) => (before, Some(part)),
                before => (part, before),
            };
            if let Some(older) = older {
                self.passed_over(&older);
            }
            kept.insert(key, newer);
        }
        kept
    }

    /// Adds what differs in a series: in time order, each against what holds where it begins.
    fn change(&mut self, event: &mut Event, kept: BTreeMap<(OriginalStart, bool), Draft<'_>>) {
        let mut kept: Vec<_> = kept.into_iter().collect();
        kept.sort_by_key(|((original, is_from_there_on), _)| {
            let at = wall_clock_on(&event.when, original);
            (at, !is_from_there_on)
        });
        let (mut splits, mut overrides) = (BTreeMap::new(), BTreeMap::new());
        let mut running = Running::new(event);
        for ((original, is_from_there_on), mut part) in kept {
            let is_given = is_start(event, &original);
            if !is_from_there_on && part.event.sequence < event.sequence && !is_given {
                // The series was rewritten since, and no longer has this date.
                self.passed_over(&part);
                continue;
            }
            // Where the series would not start there by itself, the change must say that it does.
            let at = seconds_of(at_time_of(original, &event.when)).rem_euclid(DAY);
            let is_there = at == seconds_of(event.when.start()).rem_euclid(DAY)
                && (is_from_there_on || is_given);
            let as_before = is_there.then(|| running.when_at(&original));
            task::take_over_day(&mut part.event, running.shown());
            let change = difference(running.shown(), part.event, as_before.as_ref());
            if is_from_there_on {
                running.pass(&original, &change);
                let rules = None;
                splits.insert(original, Split { change, rules });
            } else {
                overrides.insert(original, change);
            }
        }
        event.splits = splits;
        event.overrides = overrides;
    }

    /// The version of a series that counts.
    fn newest(&mut self, masters: Vec<Draft<'_>>) -> Option<(usize, Event)> {
        let mut masters = masters.into_iter();
        let mut master = masters.next()?;
        for other in masters {
            let older = if version(&other) >= version(&master) {
                std::mem::replace(&mut master, other)
            } else {
                other
            };
            self.passed_over(&older);
        }
        Some((master.component.line, master.event))
    }

    /// Keeps a version that another one replaces.
    fn passed_over(&mut self, draft: &Draft<'_>) {
        let uid = Some(draft.event.uid.as_str());
        self.findings
            .add_about(draft.component.line, uid, ProblemKind::TwoVersions);
        let raw = draft.component.raw();
        self.passed_over.push((draft.component.line, raw));
    }
}

impl Draft<'_> {
    /// Whether it names its occurrence by a day, in a series of times.
    fn is_on_a_day_of(&self, when: &When) -> bool {
        let stamp = self.original.as_ref();
        let is_day = |stamp: &Stamp| matches!(stamp.value, OriginalStart::Date(_));
        stamp.is_some_and(is_day) && !when.is_all_day()
    }

    /// The same with its original start in the zone it starts in, where it says none and no series
    /// has one for it: which occurrence it is must not depend on what else is in the file.
    fn in_own_zone(mut self) -> Self {
        if let Some(stamp) = &mut self.original
            && matches!(stamp.value, OriginalStart::Local(_))
            && stamp.zone.is_none()
        {
            stamp.zone = self.event.when.zone().cloned();
        }
        self
    }

    /// Which occurrence it is of a series that happens at `when`.
    ///
    /// In a series of times RFC 5545 §3.8.4.4 wants a time. A day is a start that the series does
    /// not have, as others read it: the occurrence is there as well as those of the series.
    fn original_in(&self, when: &When) -> Option<OriginalStart> {
        let original = self.original.as_ref()?.original_for(when);
        if !self.is_on_a_day_of(when) {
            return Some(original);
        }
        let at = if self.is_from_there_on {
            at_time_of(original, when)
        } else {
            original.wall_clock()
        };
        Some(when.original().with_wall_clock(at))
    }
}

/// The first of overrides that have no series. One that another replaces must not give what the
/// series says: then it is the other one.
fn first<'a, 'f>(parts: &'a [Draft<'f>]) -> Option<&'a Draft<'f>> {
    let singles = parts.iter().filter(|part| !part.is_from_there_on);
    let at = |part: &&Draft<'_>| {
        let at = part.original.as_ref().map(Stamp::instant);
        (at, Reverse(version(part)))
    };
    let mut first = singles.min_by_key(at).or(parts.first())?;
    loop {
        let when = first_when(first, parts)?;
        let original = first.original_in(&when);
        let is_same = |part: &&Draft<'_>| {
            part.is_from_there_on == first.is_from_there_on && part.original_in(&when) == original
        };
        let newest = parts
            .iter()
            .filter(is_same)
            .max_by_key(|part| version(part))?;
        // Every one is newer than the one before, so that this ends.
        if newest.component.line == first.component.line {
            return Some(first);
        }
        first = newest;
    }
}

/// When a series happens that is made for overrides without one: at the original start of the first.
fn first_when(first: &Draft<'_>, parts: &[Draft<'_>]) -> Option<When> {
    let own = &first.event.when;
    let when = in_zone(own, first.original.as_ref()?.own_zone());
    let original = first.original_in(&when)?;
    // A task that nobody planned says no start of its own where its series is written.
    let is_first = |part: &Draft<'_>| part.original_in(&when) >= Some(original);
    let is_alone = |part: &Draft<'_>| !part.is_from_there_on && is_first(part);
    let is_planned = first.event.task.as_ref().is_none_or(|task| task.is_planned);
    Some(if is_planned || parts.iter().all(is_alone) {
        when.moved_to(original.wall_clock())
    } else {
        own.clone()
    })
}

/// A series for overrides that have none, and the line it begins on.
fn alone(first: &Draft<'_>, parts: &[Draft<'_>]) -> Option<(usize, Event)> {
    let mut event = first.event.clone();
    event.when = first_when(first, parts)?;
    if let Some(task) = &mut event.task {
        task::move_length(task, &first.event.when, &event.when);
    }
    // None of them was given up by a series that nobody has.
    let oldest = parts.iter().map(|part| part.event.sequence).min();
    event.sequence = oldest.unwrap_or(event.sequence);
    event.unknown.retain(|entry| makes_sense_in_series(entry));
    Some((first.component.line, event))
}

/// A wall clock that follows whoever looks, in the zone of its original start where that has one:
/// without it the start would be another when it is written.
pub(super) fn in_zone(when: &When, zone: Option<Zone>) -> When {
    match (when, zone) {
        (When::Floating { start, end }, Some(zone)) => When::Zoned {
            start: *start,
            zone,
            end: end.clone(),
        },
        _ => when.clone(),
    }
}

/// Whether an entry of `unknown` of an override is also one of a series made for it: what made no
/// sense in the one would make another one in the other.
pub(super) fn makes_sense_in_series(entry: &str) -> bool {
    let names = [
        Name::Original,
        Name::Rule,
        Name::ExclusionRule,
        Name::Dates,
        Name::Skipped,
    ];
    let is_of_series = names.iter().any(|name| is_line(entry, *name));
    !is_of_series && !is_parameters_of(entry, Name::Original)
}

/// What decides between two versions of one thing: the line, too, for they need not come in the
/// order of the file.
fn version(draft: &Draft<'_>) -> (u32, Option<jiff::Timestamp>, usize) {
    (
        draft.event.sequence,
        draft.event.stamped.max(draft.event.modified),
        draft.component.line,
    )
}

/// The wall clock of an original start; a date takes the time of day of the series.
fn at_time_of(original: OriginalStart, when: &When) -> jiff::civil::DateTime {
    match original {
        OriginalStart::Date(date) => date.to_datetime(when.start().time()),
        OriginalStart::Local(at) | OriginalStart::Utc(at) => at,
    }
}

/// What a VEVENT of its own says differently from what holds before; `as_before` is when it would
/// happen by itself.
pub(super) fn difference(event: &Event, part: Event, as_before: Option<&When>) -> Override {
    fn changed<O: ?Sized, T: PartialEq<O>>(old: &O, new: T) -> Option<T> {
        if new == *old { None } else { Some(new) }
    }
    let text = |old: &Option<String>, new: Option<String>| {
        if *old == new {
            None
        } else {
            Some(new.unwrap_or_default())
        }
    };
    let when = Some(part.when).filter(|when| as_before != Some(when));
    Override {
        title: changed(&event.title, part.title),
        notes: changed(&event.notes, part.notes),
        place: changed(&event.place, part.place),
        when,
        guests: changed(&event.guests, part.guests),
        organizer: changed(&event.organizer, part.organizer).map(Option::unwrap_or_default),
        reminders: changed(&event.reminders, part.reminders),
        categories: changed(&event.categories, part.categories),
        attachments: changed(&event.attachments, part.attachments),
        status: changed(&event.status, part.status),
        busy: changed(&event.busy, part.busy),
        privacy: changed(&event.privacy, part.privacy),
        color: text(&event.color, part.color),
        url: text(&event.url, part.url),
        conference: text(&event.conference, part.conference),
        geo: text(&event.geo, part.geo),
        task: part.task.filter(|task| event.task.as_ref() != Some(task)),
        sequence: changed(&event.sequence, part.sequence),
        stamped: changed(&event.stamped, part.stamped).flatten(),
        created: changed(&event.created, part.created).flatten(),
        modified: changed(&event.modified, part.modified).flatten(),
        unknown: changed(split::unmarked(&event.unknown).as_ref(), part.unknown),
    }
}
