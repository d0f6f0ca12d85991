//! From an event's reminders to the instants they ring.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::alarm::{Alarm, exact};
use super::{Ring, Setup, reach};
use crate::civil::{DAY, WALL_MAX, datetime_of, seconds_of};
use crate::event::{Due, Event, Layers, Reminder, Status, Trigger};
use crate::length::Length;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::task::{distances, due_at, task_at};
use crate::zone::{Zone, instant_of};

type Reminders = BTreeMap<String, Reminder>;

/// An event with all that decides when it rings.
pub(super) struct Ringer<'a> {
    event: &'a Event,
    viewer: &'a Zone,
    setup: &'a Setup,
    layers: Layers<'a>,
}

/// What a trigger counts from.
struct Moment<'a> {
    instant: Timestamp,
    /// The wall clock at it, on the clock that days are counted on.
    wall: DateTime,
    zone: &'a Zone,
    /// Whether there is no other clock than the wall's.
    is_day: bool,
}

impl Moment<'_> {
    /// So much later, or earlier (RFC 5545 §3.8.6.3).
    fn plus(&self, length: Length) -> Timestamp {
        let on_wall = |seconds: i64| {
            let at = datetime_of(seconds_of(self.wall) + seconds).unwrap_or(self.wall);
            self.zone.instant(at).as_second()
        };
        instant_of(if self.is_day {
            on_wall(exact(length))
        } else if length.days() == 0 {
            self.instant.as_second() + length.seconds()
        } else {
            on_wall(length.days() * DAY) + length.seconds()
        })
    }
}

impl<'a> Ringer<'a> {
    pub(super) fn new(event: &'a Event, viewer: &'a Zone, setup: &'a Setup) -> Self {
        Self {
            event,
            viewer,
            setup,
            layers: Layers::new(event),
        }
    }

    pub(super) fn due(&self, window: &Range<Timestamp>) -> Vec<Ring> {
        let mut found = Vec::new();
        let occurrences = self.reached(window);
        for occurrence in &occurrences {
            self.relative(occurrence, &mut found);
        }
        // A due time of its own may lie anywhere.
        let is_there = |name: &OriginalStart| occurrences.iter().any(|one| one.original == *name);
        for (original, change) in &self.event.overrides {
            if change.task.is_some() && !is_there(original) {
                let occurrence = self.layers.occurrence(original, self.viewer);
                occurrence.inspect(|one| self.relative(one, &mut found));
            }
        }
        self.absolute(window, &mut found);
        found.retain(|ring| !self.is_put_off(ring));
        self.put_off(window, &mut found);
        found.retain(|ring| window.contains(&ring.at));
        found.sort_by(|a, b| {
            let key = |one: &Ring| (one.at, one.original, one.repeat);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.reminder.cmp(&b.reminder))
        });
        found.dedup();
        found
    }

    /// No ring comes later than this; none where the series goes on for ever.
    pub(super) fn last_ring(&self) -> Option<Timestamp> {
        let mut last = self.event.bounds().end?.as_second();
        let all = self.sets().flatten();
        let most = all
            .filter_map(|(id, one)| Alarm::of(id, one)?.distance())
            .map(|(_, most)| most);
        let later = most.max().unwrap_or(0).max(0);
        last += later + distances(self.event).into_iter().max().unwrap_or(0).max(0) + WALL_MAX;
        let own = self
            .event
            .overrides
            .values()
            .filter_map(|one| one.task.as_ref()?.due.as_ref());
        for due in own {
            last = last.max(due.late_from(self.viewer).as_second() + later + WALL_MAX);
        }
        for (_, reminder) in self.sets().flatten() {
            if let (Trigger::At(at), Some(alarm)) = (reminder.trigger, Alarm::of("", reminder)) {
                let repeats = i64::from(alarm.repeat) * exact(alarm.pause) + WALL_MAX;
                last = last.max(at.as_second().saturating_add(repeats));
            }
        }
        let snoozed = self.setup.snoozes.values().map(|at| at.as_second());
        Some(instant_of(snoozed.fold(last, i64::max)))
    }

    /// Every set of reminders that some occurrence may have.
    fn sets(&self) -> impl Iterator<Item = &'a Reminders> {
        let splits = self.event.splits.values().map(|split| &split.change);
        let changes = splits.chain(self.event.overrides.values());
        let defaults = &self.setup.defaults;
        let own = Some(&self.event.reminders).filter(|own| !own.is_empty());
        let defaults = [&defaults.timed, &defaults.all_day];
        let defaults = defaults.into_iter().filter(move |_| own.is_none());
        own.into_iter()
            .chain(defaults)
            .chain(changes.filter_map(|change| change.reminders.as_ref()))
    }

    /// Occurrences whose reminders may ring in a window.
    fn reached(&self, window: &Range<Timestamp>) -> Vec<Occurrence> {
        let of_tasks = distances(self.event);
        let slack = if self.is_exact() { 0 } else { WALL_MAX };
        let mut wanted = BTreeSet::new();
        for (id, reminder) in self.sets().flatten() {
            if let Some((least, most)) = Alarm::of(id, reminder).and_then(|one| one.distance()) {
                let reach = |due: &i64| (least + due - slack, most + due + slack);
                wanted.extend(of_tasks.iter().map(reach));
            }
        }
        reach::occurrences(self.event, window, wanted, self.viewer)
    }

    /// Whether every ring is an exact time away from a start or an end.
    fn is_exact(&self) -> bool {
        let splits = self.event.splits.values().map(|split| &split.change);
        let changes = splits.chain(self.event.overrides.values());
        let mut whens = changes.clone().filter_map(|change| change.when.as_ref());
        let has_task = changes.clone().any(|change| change.task.is_some());
        let mut alarms = self
            .sets()
            .flatten()
            .filter_map(|(id, one)| Alarm::of(id, one));
        self.event.when.zone().is_some()
            && self.event.task.is_none()
            && !has_task
            && whens.all(|when| when.zone().is_some())
            && alarms.all(|alarm| !alarm.has_days())
    }

    /// The reminders that hold for an occurrence.
    fn reminders(&self, occurrence: &Occurrence) -> &'a Reminders {
        let stack = self.layers.at(&occurrence.original);
        if let Some((changed, _)) = stack.pick(|change| change.reminders.as_ref()) {
            return changed;
        }
        let defaults = &self.setup.defaults;
        if !self.event.reminders.is_empty() {
            &self.event.reminders
        } else if occurrence.all_day {
            &defaults.all_day
        } else {
            &defaults.timed
        }
    }

    /// What its triggers count from: start and end; none where it does not ring.
    fn moments<'b>(&'b self, occurrence: &'b Occurrence) -> Option<(Moment<'b>, Moment<'b>)> {
        if occurrence.status == Status::Cancelled {
            return None;
        }
        let zone = occurrence.zone.as_ref().unwrap_or(self.viewer);
        let at = |instant, wall| Moment {
            instant,
            wall,
            zone,
            is_day: occurrence.all_day,
        };
        let start = at(occurrence.start, occurrence.local_start);
        let end = at(occurrence.end, occurrence.local_end);
        let Some((task, layer)) = task_at(self.event, &self.layers, &occurrence.original) else {
            return Some((start, end));
        };
        if task.done.is_some() || task.percent >= 100 {
            return None;
        }
        let Some(due) = due_at(task, layer, occurrence) else {
            return Some((start, end));
        };
        let due = || self.due_moment(&due, zone);
        Some((if task.is_planned { start } else { due() }, due()))
    }

    fn due_moment<'b>(&'b self, due: &Due, zone: &'b Zone) -> Moment<'b> {
        let instant = due.instant(self.viewer);
        let is_day = matches!(due, Due::On(_));
        let is_floating = matches!(due, Due::At { zone: None, .. });
        let zone = if is_day || is_floating {
            self.viewer
        } else {
            zone
        };
        Moment {
            instant,
            wall: zone.wall_clock(instant),
            zone,
            is_day,
        }
    }

    /// All rings of an occurrence that count from its start or end.
    fn relative(&self, occurrence: &Occurrence, into: &mut Vec<Ring>) {
        let Some((start, end)) = self.moments(occurrence) else {
            return;
        };
        for (id, reminder) in self.reminders(occurrence) {
            let Some(alarm) = Alarm::of(id, reminder) else {
                continue;
            };
            let first = match reminder.trigger {
                Trigger::FromStart(length) => start.plus(length),
                Trigger::FromEnd(length) => end.plus(length),
                Trigger::At(_) => continue,
            };
            rings(&alarm, first, start.zone, occurrence, into);
        }
    }

    /// Rings at one instant: once for the whole series, or for the occurrence that says so.
    fn absolute(&self, window: &Range<Timestamp>, into: &mut Vec<Ring>) {
        let may_ring = |reminder: &Reminder| {
            let Trigger::At(at) = reminder.trigger else {
                return None;
            };
            let alarm = Alarm::of("", reminder)?;
            let last = at
                .as_second()
                .saturating_add(i64::from(alarm.repeat) * exact(alarm.pause) + DAY);
            (at < window.end && instant_of(last) >= window.start).then_some(at)
        };
        let mut rung: BTreeSet<(&str, Timestamp)> = BTreeSet::new();
        for (original, change) in &self.event.overrides {
            for (id, reminder) in change.reminders.iter().flatten() {
                if let Some(at) = may_ring(reminder)
                    && let Some(one) = self.layers.occurrence(original, self.viewer)
                    && rung.insert((id, at))
                {
                    self.absolute_of(&one, id, reminder, at, into);
                }
            }
        }
        for (id, reminder) in self.sets().flatten() {
            if let Some(at) = may_ring(reminder)
                && let Some(one) = self.event.occurrence_near(at, self.viewer)
                && self.reminders(&one).get(id) == Some(reminder)
                && rung.insert((id, at))
            {
                self.absolute_of(&one, id, reminder, at, into);
            }
        }
    }

    fn absolute_of(
        &self,
        occurrence: &Occurrence,
        id: &str,
        reminder: &Reminder,
        at: Timestamp,
        into: &mut Vec<Ring>,
    ) {
        if let (Some((start, _)), Some(alarm)) = (self.moments(occurrence), Alarm::of(id, reminder))
        {
            rings(&alarm, at, start.zone, occurrence, into);
        }
    }

    /// Whether a person put this ring off. What was moved to later since then rings again.
    fn is_put_off(&self, ring: &Ring) -> bool {
        let snoozes = &self.setup.snoozes;
        if snoozes.is_empty() {
            return false;
        }
        let until = snoozes.get(&(ring.original, ring.reminder.clone()));
        until.is_some_and(|until| ring.at <= *until)
    }

    /// Rings that were put off until somewhere in the window.
    fn put_off(&self, window: &Range<Timestamp>, into: &mut Vec<Ring>) {
        for ((original, id), at) in &self.setup.snoozes {
            if !window.contains(at) {
                continue;
            }
            let Some(one) = self.layers.occurrence(original, self.viewer) else {
                continue;
            };
            if self.moments(&one).is_none() {
                continue;
            }
            // Whoever put it off wants to hear it, even if the reminder is gone by now.
            let reminder = self.reminders(&one).get(id);
            let mut ring = ring_of(*at, &one, id, 0);
            ring.is_snoozed = true;
            ring.action = reminder.map(|one| one.action).unwrap_or_default();
            ring.text = reminder.map(|one| one.text.clone()).unwrap_or_default();
            into.push(ring);
        }
    }
}

/// A first ring and those that repeat it.
fn rings(
    alarm: &Alarm<'_>,
    first: Timestamp,
    zone: &Zone,
    occurrence: &Occurrence,
    into: &mut Vec<Ring>,
) {
    let moment = Moment {
        instant: first,
        wall: zone.wall_clock(first),
        zone,
        is_day: false,
    };
    for repeat in 0..=alarm.repeat {
        let times = i64::from(repeat);
        let at = if repeat == 0 {
            first
        } else if alarm.pause.days() == 0 {
            moment.plus(Length::from_seconds(times * alarm.pause.seconds()))
        } else {
            let day = moment.plus(Length::from_days(times * alarm.pause.days()));
            instant_of(day.as_second() + times * alarm.pause.seconds())
        };
        if alarm.seen_until.is_some_and(|seen| at <= seen) {
            continue;
        }
        let mut ring = ring_of(at, occurrence, alarm.id, repeat);
        ring.action = alarm.reminder.action;
        ring.text.clone_from(&alarm.reminder.text);
        into.push(ring);
    }
}

fn ring_of(at: Timestamp, occurrence: &Occurrence, id: &str, repeat: u32) -> Ring {
    Ring {
        at,
        original: occurrence.original,
        start: occurrence.start,
        end: occurrence.end,
        all_day: occurrence.all_day,
        title: occurrence.title.clone(),
        place: occurrence.place.clone(),
        reminder: id.to_owned(),
        action: crate::event::Action::Display,
        text: String::new(),
        repeat,
        is_snoozed: false,
    }
}
