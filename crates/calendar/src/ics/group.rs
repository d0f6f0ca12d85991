//! From single VEVENTs to events: overrides find their series by UID and original start.
//!
//! Of two versions of one thing the higher SEQUENCE is kept, then the later stamp, then the later
//! in the file. Overrides without their series stand alone.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::problem::{Problem, ProblemKind};
use crate::civil::{DAY, seconds_of};
use crate::event::{Event, Override, Split};
use crate::expand::is_start;
use crate::original::OriginalStart;
use crate::when::When;

/// Puts drafts together, in the order of the file.
pub(super) fn events(drafts: Vec<Draft>, problems: &mut Vec<Problem>) -> Vec<Event> {
    let mut order: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Draft>> = Vec::new();
    for draft in drafts {
        let next = groups.len();
        let at = *order.entry(draft.event.uid.clone()).or_insert(next);
        match groups.get_mut(at) {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    groups
        .into_iter()
        .filter_map(|group| event(group, problems))
        .collect()
}

fn event(group: Vec<Draft>, problems: &mut Vec<Problem>) -> Option<Event> {
    let (masters, parts): (Vec<_>, Vec<_>) = group
        .into_iter()
        .partition(|draft| draft.original.is_none());
    let mut masters = masters.into_iter();
    let mut event = match masters.next() {
        Some(mut master) => {
            for other in masters {
                let uid = Some(master.event.uid.clone());
                problems.push(Problem {
                    line: other.line,
                    uid,
                    kind: ProblemKind::TwoVersions,
                });
                if version(&other) >= version(&master) {
                    master = other;
                }
            }
            master.event
        }
        None => alone(&parts, problems)?,
    };
    let mut kept: BTreeMap<(OriginalStart, bool), Draft> = BTreeMap::new();
    for part in parts {
        let Some(stamp) = &part.original else {
            continue;
        };
        let original = on_day(&event, stamp.original_for(&event.when));
        let key = (original, part.is_from_there_on);
        if let Some(before) = kept.get(&key) {
            let uid = Some(event.uid.clone());
            problems.push(Problem {
                line: part.line,
                uid,
                kind: ProblemKind::TwoVersions,
            });
            if version(before) > version(&part) {
                continue;
            }
        }
        kept.insert(key, part);
    }
    let mut overrides = BTreeMap::new();
    for ((original, is_from_there_on), part) in kept {
        if is_from_there_on {
            let change = difference(&event, part.event, original, true);
            event.splits.insert(
                original,
                Split {
                    change,
                    rules: None,
                },
            );
        } else if part.event.sequence < event.sequence && !is_start(&event, &original) {
            // The series was rewritten since, and no longer has this date.
            let uid = Some(event.uid.clone());
            problems.push(Problem {
                line: part.line,
                uid,
                kind: ProblemKind::TwoVersions,
            });
        } else {
            let change = difference(&event, part.event, original, false);
            overrides.insert(original, change);
        }
    }
    event.overrides = overrides;
    Some(event)
}

/// What decides between two versions of one thing.
fn version(draft: &Draft) -> (u32, Option<jiff::Timestamp>) {
    (
        draft.event.sequence,
        draft.event.stamped.max(draft.event.modified),
    )
}

/// A series for overrides that have none: the first of them, at its original start.
fn alone(parts: &[Draft], problems: &mut Vec<Problem>) -> Option<Event> {
    let first = parts.first()?;
    let stamp = first.original.as_ref()?;
    let uid = Some(first.event.uid.clone());
    problems.push(Problem {
        line: first.line,
        uid,
        kind: ProblemKind::NoSeries,
    });
    let mut event = first.event.clone();
    let original = stamp.original_for(&event.when);
    event.when = event.when.moved_to(at_time_of(original, &event.when));
    event.rules = crate::event::Rules::default();
    event.dates.clear();
    event.skipped.clear();
    Some(event)
}

/// An original start given as a date, in a timed series: the start on that day.
fn on_day(event: &Event, original: OriginalStart) -> OriginalStart {
    match original {
        OriginalStart::Date(_) if !event.when.is_all_day() => {
            let at = at_time_of(original, &event.when);
            event.when.original().with_wall_clock(at)
        }
        OriginalStart::Date(_) | OriginalStart::Local(_) | OriginalStart::Utc(_) => original,
    }
}

/// The wall clock of an original start; a date takes the time of day of the series.
fn at_time_of(original: OriginalStart, when: &When) -> jiff::civil::DateTime {
    match original {
        OriginalStart::Date(date) => date.to_datetime(when.start().time()),
        OriginalStart::Local(at) | OriginalStart::Utc(at) => at,
    }
}

/// What a VEVENT of its own says differently from its series.
fn difference(event: &Event, part: Event, original: OriginalStart, is_split: bool) -> Override {
    fn changed<T: PartialEq>(old: &T, new: T) -> Option<T> {
        if *old == new { None } else { Some(new) }
    }
    let text = |old: &Option<String>, new: Option<String>| {
        if *old == new {
            None
        } else {
            Some(new.unwrap_or_default())
        }
    };
    let as_before = event.when.moved_to(at_time_of(original, &event.when));
    // Where the series would not start there by itself, the override must say that it does.
    let is_there = seconds_of(as_before.start()).rem_euclid(DAY)
        == seconds_of(event.when.start()).rem_euclid(DAY)
        && (is_split || is_start(event, &original));
    let when = if is_there && part.when == as_before {
        None
    } else {
        Some(part.when)
    };
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
        unknown: changed(&event.unknown, part.unknown),
    }
}
