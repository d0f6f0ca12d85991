//! A series that goes on differently from some start on, as events of their own and back.
//!
//! Each part ends with UNTIL where the next begins; the next says which series it belongs to
//! (RELATED-TO;RELTYPE=FIRST, RFC 9253 §5) and at which of its starts it begins. Read again, the
//! parts become one event only where taking that event apart gives just these parts: whatever
//! another program changed is never undone.

mod cutting;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::group::difference;
use super::out::Out;
use super::times::{time, until_as_asked};
use super::write::Splits;
use crate::event::{Event, Override, Split};
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;

pub(super) use cutting::segments;

/// Where a part of a series begins, and whether it has rules of its own.
const SPLIT: &str = "X-ALMANAC-SPLIT";
/// The rule of a part as it was before the part was ended where the next begins.
const WHOLE_RULE: &str = "X-ALMANAC-RRULE";
/// The series that a part belongs to.
const FIRST: &str = "RELATED-TO;RELTYPE=FIRST:";

/// What a part of a series says about the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Marks {
    /// UID of the first part, and the start this part begins at.
    of: Option<(String, OriginalStart)>,
    has_own_rules: bool,
    /// Its rules, where those written are others.
    whole: Vec<Rule>,
}

/// Writes what a part says about the whole.
pub(super) fn write_marks(out: &mut Out, marks: &Marks) {
    if let Some((uid, at)) = &marks.of {
        out.push(FIRST);
        out.escaped(uid);
        out.end();
        out.push(SPLIT);
        if marks.has_own_rules {
            out.push(";X-RULES=OWN");
        }
        out.push(":");
        out.start(at);
        out.end();
    }
    for rule in &marks.whole {
        out.push(WHOLE_RULE);
        out.push(":");
        out.shown(rule);
        out.end();
    }
}

/// What `unknown` holds besides marks.
pub(super) fn unmarked(unknown: &[String]) -> Cow<'_, [String]> {
    if !unknown.iter().any(|entry| is_mark(entry)) {
        return Cow::Borrowed(unknown);
    }
    let others = unknown.iter();
    let others = others.filter(|entry| !is_mark(entry) && !entry.starts_with(FIRST));
    Cow::Owned(others.cloned().collect())
}

fn is_mark(entry: &str) -> bool {
    entry.starts_with(SPLIT) || entry.starts_with(WHOLE_RULE)
}

/// Takes the marks out of an event that was read.
fn take_marks(event: &mut Event) -> Marks {
    let mut marks = Marks::default();
    if !event.unknown.iter().any(|entry| is_mark(entry)) {
        return marks;
    }
    let (mut uid, mut at) = (None, None);
    event.unknown.retain(|entry| {
        if let Some(found) = entry.strip_prefix(FIRST) {
            uid = Some(super::text::unescaped(found).into_owned());
            return false;
        }
        let Some((head, value)) = entry.split_once(':') else {
            return true;
        };
        if head == WHOLE_RULE {
            marks.whole.extend(Rule::parse(value));
            return false;
        }
        if head != SPLIT && head.strip_prefix(SPLIT) != Some(";X-RULES=OWN") {
            return true;
        }
        marks.has_own_rules = head != SPLIT;
        at = time(value);
        false
    });
    marks.of = uid.zip(at);
    marks
}

/// Puts parts that we took apart together again.
pub(super) fn join(events: Vec<Event>) -> Vec<Event> {
    let is_part = |event: &Event| {
        let mut entries = event.unknown.iter();
        entries.any(|entry| entry.starts_with(SPLIT))
    };
    if !events.iter().any(is_part) {
        return events;
    }
    let mut parts: HashMap<String, Vec<Event>> = HashMap::new();
    let mut wholes = Vec::new();
    for event in events {
        let of = take_marks(&mut event.clone()).of;
        match of {
            Some((uid, _)) => parts.entry(uid).or_default().push(event),
            None => wholes.push(event),
        }
    }
    let mut joined = Vec::new();
    for event in wholes {
        let parts = parts.remove(&event.uid).unwrap_or_default();
        match whole(&event, &parts) {
            Some(whole) => joined.push(whole),
            None => {
                joined.push(event);
                joined.extend(parts);
            }
        }
    }
    // Parts whose first is not here stand by themselves.
    let mut left: Vec<Event> = parts.into_values().flatten().collect();
    left.sort_by(|one, other| one.uid.cmp(&other.uid));
    joined.extend(left);
    joined
}

/// The event that parts were taken from; `None` where taking it apart does not give them.
fn whole(first: &Event, parts: &[Event]) -> Option<Event> {
    if parts.is_empty() {
        return None;
    }
    let unmarked = |event: &Event| {
        let mut event = event.clone();
        let marks = take_marks(&mut event);
        (event, marks)
    };
    let mut given = vec![unmarked(first)];
    let mut others: Vec<_> = parts.iter().map(unmarked).collect();
    others.sort_by_key(|(_, marks)| marks.of.as_ref().map(|(_, at)| at.wall_clock()));
    given.extend(others);
    let (mut event, marks) = given.first()?.clone();
    if !marks.whole.is_empty() {
        let read = |rule: &Rule| until_as_asked(rule, &event.when).into_owned();
        event.rules.rules = marks.whole.iter().map(read).collect();
    }
    let mut shown = Event {
        splits: BTreeMap::new(),
        overrides: BTreeMap::new(),
        ..event.clone()
    };
    for (part, marks) in given.iter().skip(1) {
        let (_, at) = marks.of.clone()?;
        let mut moved = part.clone();
        if !marks.has_own_rules {
            move_keeping_own_times(&mut moved, shown.when.moved_to(at.wall_clock()));
        }
        let mut looks = part.clone();
        looks.uid.clone_from(&event.uid);
        let mut change = difference(&shown, looks, None);
        let as_before = shown.when.moved_to(at.wall_clock());
        change.when = Some(part.when.clone()).filter(|when| *when != as_before);
        let rules = marks.has_own_rules.then(|| {
            let mut rules = part.rules.clone();
            if !marks.whole.is_empty() {
                rules.rules.clone_from(&marks.whole);
            }
            rules
        });
        shown = change.applied_to(&shown);
        shown.when = part.when.clone();
        event.splits.insert(at, Split { change, rules });
        event.splits.append(&mut moved.splits);
        event.dates.append(&mut moved.dates);
        event.skipped.append(&mut moved.skipped);
        event.overrides.append(&mut moved.overrides);
    }
    if segments(&event, Splits::Apart) == given || segments(&event, Splits::InPlace) == given {
        Some(event)
    } else {
        None
    }
}

/// Moves a part; occurrences with a time of their own keep it.
fn move_keeping_own_times(event: &mut Event, when: When) {
    fn take<'a>(changes: impl Iterator<Item = &'a mut Override>) -> Vec<Option<When>> {
        changes.map(|change| change.when.take()).collect()
    }
    let of_overrides = take(event.overrides.values_mut());
    let of_splits = take(event.splits.values_mut().map(|split| &mut split.change));
    event.move_all(when);
    let changes = event.overrides.values_mut();
    let changes = changes.chain(event.splits.values_mut().map(|split| &mut split.change));
    for (change, when) in changes.zip(of_overrides.into_iter().chain(of_splits)) {
        change.when = when;
    }
}

#[cfg(test)]
mod tests;
