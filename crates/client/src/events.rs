//! One event: read, created, edited, put in the trash, and all of that undone.
//!
//! Every action is one transaction with one frame, and leaves behind how to take it back.

pub(crate) mod details;
mod edit;
pub(crate) mod find;
pub(crate) mod occurrence;
mod sheet;
mod shown;
pub(crate) mod times;
pub(crate) mod write;

use almanac_calendar::{Event, EventId, Rule, Rules};
use almanac_protocol::ids::DocumentId;
use almanac_store::EventRow;
use jiff::Timestamp;

use crate::client::Client;
use crate::command::{CreateEvent, Done, RemoveEvent};
use crate::error::{Error, Result};
use crate::occurrences::EventKey;
use crate::replica::documents;
use crate::undo::Verb;
use crate::view::{EventView, WhenView};

pub(crate) use sheet::reminder_words;
pub use sheet::{EventSheet, JoinView};

impl Client {
    /// An event as a person sees it; of a series, the occurrence with this original start, or the
    /// first.
    pub fn event(&self, event: &str, occurrence: Option<&str>) -> Result<EventView> {
        let row = self.read(|tx| find::event(tx, event))?;
        let key = key_of(&row);
        let content = documents::event_of(&row)?;
        let pending = self.is_pending(row.calendar, row.document)?;
        let calendar = row.calendar.to_string();
        let calendar = self.calendars()?.into_iter().find(|one| one.id == calendar);
        let calendar = calendar.ok_or_else(|| Error::not_found("This calendar is not here."))?;
        shown::view(key, &content, occurrence, &calendar, pending)
    }

    /// What people call an event and when it takes place, of a series the first time; also of one
    /// in the trash.
    pub fn name_of(&self, event: &str) -> Result<(String, WhenView)> {
        let row = self.read(|tx| find::any(tx, event))?;
        let event = documents::event_of(&row)?;
        let when = times::to_view(&event.when);
        Ok((event.title, when))
    }

    /// Creates an event.
    pub fn create(&self, input: CreateEvent) -> Result<Done> {
        let calendar = self.find_calendar(&input.calendar)?;
        let when = times::from_view(&input.when)?;
        let rule = input.rule.as_deref().map(rule_of).transpose()?.flatten();
        let (document, undo) = self.act(Verb::Add, |work| {
            let id = EventId::from_bytes(*work.new_document().as_bytes());
            let mut event = Event::new(id.uid(), input.title, when);
            event.place = input.place;
            event.notes = input.notes;
            event.rules = rule.map_or_else(Rules::default, Rules::one);
            event = details::changes(&input.details, &event)?.applied_to(&event);
            event.created = Timestamp::from_second(documents::seconds(work)).ok();
            event.stamped = event.created;
            work.about(&event.title);
            write::create(work, calendar, id, &event)
        })?;
        Ok(self.done(document, undo))
    }

    /// Puts an event in the trash.
    pub fn remove(&self, event: &str) -> Result<Done> {
        self.remove_part(&RemoveEvent {
            event: event.to_owned(),
            ..RemoveEvent::default()
        })
    }

    /// What an action on one event has done.
    pub(crate) fn done(&self, event: DocumentId, undo: Option<u64>) -> Done {
        Done {
            revision: self.revision(),
            event: Some(event.to_string()),
            undo,
            redo: None,
        }
    }
}

/// Where an event is stored.
pub(crate) fn key_of(row: &EventRow) -> EventKey {
    EventKey {
        calendar: row.calendar,
        document: row.document,
    }
}

/// A rule as a person gives it; an empty one is none.
pub(crate) fn rule_of(text: &str) -> Result<Option<Rule>> {
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
