//! Undo: every action of a person can be taken back while the program runs.
//!
//! What is kept is what the action changed, not what stood there: taking it back sets only those
//! fields that still say what the action made them say. What came from elsewhere meanwhile stays.

use std::collections::VecDeque;

use almanac_calendar::Event;
use almanac_protocol::ids::{CalendarId, DocumentId};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Actions that can be taken back.
const ACTIONS_MAX: usize = 200;
/// Fields whose entries are taken back one by one.
const MAPS: [&str; 5] = ["dates", "overrides", "splits", "guests", "reminders"];
/// Fields that are sets.
const SETS: [&str; 3] = ["skipped", "categories", "attachments"];

/// What one action did to one event.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) calendar: CalendarId,
    pub(crate) document: DocumentId,
    /// The event before; of one that the action made, the same in the trash.
    pub(crate) before: Event,
    /// The event after.
    pub(crate) after: Event,
}

/// The actions of this run of the program, newest last.
#[derive(Debug, Default)]
pub(crate) struct UndoStack {
    last_token: u64,
    actions: VecDeque<(u64, Vec<Step>)>,
}

impl UndoStack {
    /// Remembers an action and names it.
    pub(crate) fn push(&mut self, steps: Vec<Step>) -> u64 {
        self.last_token += 1;
        if self.actions.len() == ACTIONS_MAX {
            self.actions.pop_front();
        }
        self.actions.push_back((self.last_token, steps));
        self.last_token
    }

    /// The steps of an action that can still be taken back.
    pub(crate) fn steps(&self, token: u64) -> Result<Vec<Step>> {
        let found = self.actions.iter().find(|(other, _)| *other == token);
        found
            .map(|(_, steps)| steps.clone())
            .ok_or_else(|| Error::not_found("This can no longer be undone. Nothing was changed."))
    }

    /// Forgets an action that was taken back.
    pub(crate) fn forget(&mut self, token: u64) {
        self.actions.retain(|(other, _)| *other != token);
    }
}

impl Step {
    /// `current` without what this step did to it.
    pub(crate) fn taken_back_from(&self, current: &Event) -> Result<Event> {
        let [before, after, mut now] = [&self.before, &self.after, current].map(fields);
        for (name, old) in &before {
            let (Some(new), Some(value)) = (after.get(name), now.get_mut(name)) else {
                continue;
            };
            if old == new {
                continue;
            }
            if MAPS.contains(&name.as_str()) {
                take_back_entries(old, new, value);
            } else if SETS.contains(&name.as_str()) {
                take_back_members(old, new, value);
            } else if value == new {
                *value = old.clone();
            }
        }
        serde_json::from_value(Value::Object(now)).map_err(Error::internal)
    }
}

fn fields(event: &Event) -> Map<String, Value> {
    match serde_json::to_value(event) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

fn take_back_entries(old: &Value, new: &Value, now: &mut Value) {
    let (Some(old), Some(new), Some(now)) = (old.as_object(), new.as_object(), now.as_object_mut())
    else {
        return;
    };
    for key in old.keys().chain(new.keys()) {
        let (before, after) = (old.get(key), new.get(key));
        if before == after || now.get(key) != after {
            continue;
        }
        match before {
            Some(before) => drop(now.insert(key.clone(), before.clone())),
            None => drop(now.remove(key)),
        }
    }
}

fn take_back_members(old: &Value, new: &Value, now: &mut Value) {
    let (Some(old), Some(new), Some(now)) = (old.as_array(), new.as_array(), now.as_array_mut())
    else {
        return;
    };
    now.retain(|member| old.contains(member) || !new.contains(member));
    let removed = old.iter().filter(|member| !new.contains(member));
    let missing: Vec<Value> = removed
        .filter(|member| !now.contains(member))
        .cloned()
        .collect();
    now.extend(missing);
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{When, Zone};

    use super::*;

    fn event(title: &str) -> Event {
        let zone = Zone::named("Europe/Berlin");
        Event::new(
            "a@x",
            title,
            When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap(),
        )
    }

    fn step(before: &Event, after: &Event) -> Step {
        Step {
            calendar: CalendarId::from_bytes([1; 32]),
            document: DocumentId::from_bytes([2; 16]),
            before: before.clone(),
            after: after.clone(),
        }
    }

    #[test]
    fn undo_keeps_what_came_from_elsewhere() {
        let before = event("Lunch");
        let after = Event {
            title: "Dinner".into(),
            ..before.clone()
        };
        let now = Event {
            place: "Garden".into(),
            ..after.clone()
        };
        let undone = step(&before, &after).taken_back_from(&now).unwrap();
        assert_eq!(
            (undone.title.as_str(), undone.place.as_str()),
            ("Lunch", "Garden")
        );
    }

    #[test]
    fn a_field_that_was_changed_again_stays() {
        let before = event("Lunch");
        let after = event("Dinner");
        let now = event("Breakfast");
        assert_eq!(step(&before, &after).taken_back_from(&now).unwrap(), now);
    }

    #[test]
    fn exceptions_are_taken_back_one_by_one() {
        let mut before = event("Lunch");
        before.skipped.insert("2026-11-27T10:00".parse().unwrap());
        let mut after = event("Lunch");
        after.skipped.insert("2026-11-27T12:00".parse().unwrap());
        let mut now = after.clone();
        now.skipped.insert("2026-12-04T12:00".parse().unwrap());
        let undone = step(&before, &after).taken_back_from(&now).unwrap();
        let left: Vec<String> = undone.skipped.iter().map(ToString::to_string).collect();
        assert_eq!(left, ["2026-11-27T10:00:00", "2026-12-04T12:00:00"]);
    }

    #[test]
    fn an_action_is_undone_once() {
        let mut stack = UndoStack::default();
        let one = event("Lunch");
        let token = stack.push(vec![step(&one, &one)]);
        assert_eq!(stack.steps(token).unwrap().len(), 1);
        stack.forget(token);
        assert!(stack.steps(token).is_err());
    }
}
