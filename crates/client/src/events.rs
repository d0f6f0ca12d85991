//! One event: read, created, edited, put in the trash, and all of that undone.
//!
//! Every action is one transaction with one frame, and leaves behind how to take it back.

mod find;
mod shown;
pub(crate) mod times;
mod write;

use almanac_calendar::{Event, EventId, Rule, Rules};
use almanac_protocol::ids::CalendarId;
use jiff::Timestamp;

use crate::client::{Client, Work};
use crate::command::{CreateEvent, Done, EditEvent};
use crate::error::{Error, Result};
use crate::events::times::TimesInput;
use crate::occurrences::EventKey;
use crate::replica::documents;
use crate::undo::Step;
use crate::view::{EventView, WhenView};

impl Client {
    /// An event as a person sees it; of a series, the occurrence with this original start, or the
    /// first.
    pub fn event(&self, event: &str, occurrence: Option<&str>) -> Result<EventView> {
        let row = self.read(|tx| find::event(tx, event))?;
        let key = EventKey {
            calendar: row.calendar,
            document: row.document,
        };
        let content = documents::event_of(&row)?;
        let pending = self.is_pending(row.calendar, row.document)?;
        let calendar = row.calendar.to_string();
        let calendar = self.calendars()?.into_iter().find(|one| one.id == calendar);
        let calendar = calendar.ok_or_else(|| Error::not_found("This calendar is not here."))?;
        shown::view(key, &content, occurrence, &calendar, pending)
    }

    /// The times of an event with some of them given anew, for [`EditEvent::when`].
    pub fn when_changed(&self, event: &str, times: &TimesInput) -> Result<WhenView> {
        let row = self.read(|tx| find::event(tx, event))?;
        let changed = times::changed(&documents::event_of(&row)?.when, times)?;
        Ok(times::to_view(&changed))
    }

    /// Creates an event.
    pub fn create(&self, input: CreateEvent) -> Result<Done> {
        let calendar = self.find_calendar(&input.calendar)?;
        let when = times::from_view(&input.when)?;
        let rule = input.rule.as_deref().map(rule_of).transpose()?.flatten();
        let steps = self.write(|work| {
            let id = EventId::from_bytes(*work.new_document().as_bytes());
            let mut event = Event::new(id.uid(), input.title, when);
            event.place = input.place;
            event.notes = input.notes;
            event.rules = rule.map_or_else(Rules::default, Rules::one);
            event.created = Timestamp::from_second(documents::seconds(work)).ok();
            event.stamped = event.created;
            Ok(vec![write::create(work, calendar, id, event)?])
        })?;
        Ok(self.done(steps))
    }

    /// Changes fields of an event; a series is changed as a whole. With another calendar it moves
    /// there, under a new id.
    pub fn edit(&self, input: EditEvent) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, &input.event))?;
        let target = match &input.calendar {
            Some(calendar) => Some(self.find_calendar(calendar)?),
            None => None,
        };
        let steps = self.write(|work| {
            let key = EventKey {
                calendar: row.calendar,
                document: row.document,
            };
            let change = |event: &mut Event| apply(event, &input);
            match target.filter(|target| *target != row.calendar) {
                None => Ok(write::edit(work, key, change)?.into_iter().collect()),
                Some(target) => move_to(work, key, target, change),
            }
        })?;
        let mut done = self.done(steps);
        done.event.get_or_insert_with(|| row.document.to_string());
        Ok(done)
    }

    /// Puts an event in the trash.
    pub fn remove(&self, event: &str) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, event))?;
        let steps = self.write(|work| {
            let key = EventKey {
                calendar: row.calendar,
                document: row.document,
            };
            let trash = |event: &mut Event| {
                event.trashed = true;
                Ok(())
            };
            Ok(write::edit(work, key, trash)?.into_iter().collect())
        })?;
        Ok(self.done(steps))
    }

    /// Takes back an action; what has changed since stays as it is. Can itself be undone.
    pub fn undo(&self, token: u64) -> Result<Done> {
        let steps = self.undo_stack().steps(token)?;
        let taken_back = self.write(|work| {
            let mut taken_back = Vec::new();
            for step in steps.iter().rev() {
                let key = EventKey { calendar: step.calendar, document: step.document };
                let done = write::edit(work, key, |event| {
                    *event = step.taken_back_from(event)?;
                    Ok(())
                })?;
                taken_back.extend(done);
            }
            if taken_back.is_empty() {
                return Err(Error::not_found(
                    "There is nothing left to undo: it was changed again since. Nothing was changed.",
                ));
            }
            Ok(taken_back)
        })?;
        self.undo_stack().forget(token);
        Ok(self.done(taken_back))
    }

    fn done(&self, steps: Vec<Step>) -> Done {
        // Of a move, the event that is there now.
        let shown = steps
            .iter()
            .find(|step| !step.after.trashed)
            .or(steps.first());
        let event = shown.map(|step| step.document.to_string());
        let undo = if steps.is_empty() {
            None
        } else {
            Some(self.undo_stack().push(steps))
        };
        Done {
            revision: self.revision(),
            event,
            undo,
        }
    }
}

fn apply(event: &mut Event, input: &EditEvent) -> Result<()> {
    let texts = [
        (&mut event.title, &input.title),
        (&mut event.place, &input.place),
        (&mut event.notes, &input.notes),
    ];
    for (text, new) in texts {
        if let Some(new) = new {
            text.clone_from(new);
        }
    }
    if let Some(when) = &input.when
        && *when != times::to_view(&event.when)
    {
        event.move_all(times::from_view(when)?);
    }
    if let Some(rule) = &input.rule {
        event.rules = rule_of(rule)?.map_or_else(Rules::default, Rules::one);
    }
    Ok(())
}

fn move_to(
    work: &mut Work<'_>,
    from: EventKey,
    target: CalendarId,
    change: impl FnOnce(&mut Event) -> Result<()>,
) -> Result<Vec<Step>> {
    let mut event = write::read(work, from)?;
    change(&mut event)?;
    let id = EventId::from_bytes(*work.new_document().as_bytes());
    let created = write::create(work, target, id, event)?;
    let trashed = write::edit(work, from, |event| {
        event.trashed = true;
        Ok(())
    })?;
    Ok([created].into_iter().chain(trashed).collect())
}

/// A rule as a person gives it; an empty one is none.
fn rule_of(text: &str) -> Result<Option<Rule>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Rule::parse(text).map(Some).map_err(|error| {
        Error::invalid(format!(
            "“{}” is no rule: {error}. Rules look like FREQ=WEEKLY;BYDAY=MO,WE.",
            text.trim()
        ))
    })
}
