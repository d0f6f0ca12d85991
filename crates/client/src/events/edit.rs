//! Editing an event: all of it, one occurrence, or one and all after it; and the calendar it
//! belongs to.

use almanac_calendar::edit::{Change, Scope};
use almanac_calendar::{Event, EventId, Rules};
use almanac_protocol::ids::{CalendarId, DocumentId};

use crate::client::{Client, Work};
use crate::command::{Done, EditEvent, RemoveEvent};
use crate::error::{Error, Result};
use crate::events::occurrence;
use crate::events::times::{self, TimesInput};
use crate::events::{details, find, key_of, rule_of, write};
use crate::occurrences::EventKey;
use crate::replica::documents;
use crate::undo::Verb;
use crate::view::WhenView;

impl Client {
    /// Changes fields of an event, or of a part of a series. With another calendar it moves there
    /// as a whole, under a new id.
    pub fn edit(&self, input: EditEvent) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, &input.event))?;
        let target = match &input.calendar {
            Some(calendar) => Some(self.find_calendar(calendar)?),
            None => None,
        };
        let target = target.filter(|target| *target != row.calendar);
        let change = |event: &mut Event| apply(event, &input);
        let key = key_of(&row);
        let (document, undo) = match target {
            None => self.act(Verb::Edit, |work| {
                write::edit(work, key, change)?;
                Ok(key.document)
            })?,
            Some(target) => self.act(Verb::Move, |work| move_to(work, key, target, change))?,
        };
        Ok(self.done(document, undo))
    }

    /// Puts an event in the trash, or leaves out a part of a series.
    pub fn remove_part(&self, input: &RemoveEvent) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, &input.event))?;
        let (_, undo) = self.act(Verb::Delete, |work| {
            write::edit(work, key_of(&row), |event| {
                let occurrence = input.occurrence.as_deref();
                let (scope, at) = occurrence::part(event, input.scope, occurrence)?;
                let mut rest = event.clone();
                rest.remove(scope, &at);
                if rest.is_over() {
                    // The last one is not left out, so that it is there when the event comes back.
                    event.trashed = true;
                } else {
                    *event = rest;
                }
                Ok(())
            })
        })?;
        Ok(self.done(row.document, undo))
    }

    /// Brings back an occurrence of a series that was left out.
    pub fn restore_occurrence(&self, event: &str, occurrence: &str) -> Result<Done> {
        let row = self.read(|tx| find::event(tx, event))?;
        let (_, undo) = self.act(Verb::Restore, |work| {
            write::edit(work, key_of(&row), |event| {
                let original = occurrence::skipped(event, occurrence)?;
                event.restore(&original);
                Ok(())
            })
        })?;
        Ok(self.done(row.document, undo))
    }

    /// The times of an event, or of one occurrence, with some of them given anew, for
    /// [`EditEvent::when`].
    pub fn when_changed(
        &self,
        event: &str,
        occurrence: Option<&str>,
        times: &TimesInput,
    ) -> Result<WhenView> {
        let row = self.read(|tx| find::event(tx, event))?;
        let event = documents::event_of(&row)?;
        let when = match occurrence {
            Some(text) if event.is_series() => event.alone(&occurrence::named(&event, text)?).when,
            Some(text) => {
                occurrence::named(&event, text)?;
                event.when
            }
            None => event.when,
        };
        Ok(times::to_view(&times::changed(&when, times)?))
    }
}

/// Changes an event as `input` says.
fn apply(event: &mut Event, input: &EditEvent) -> Result<()> {
    let (scope, mut at) = occurrence::part(event, input.scope, input.occurrence.as_deref())?;
    let mut rules = rules_of(input)?;
    if scope == Scope::Following {
        rules = rules.map(|rules| event.counting_on(&at, rules));
    }
    if scope != Scope::All && input.calendar.is_some() {
        return Err(Error::invalid(
            "Only a whole series moves to another calendar. Nothing was changed.",
        ));
    }
    if scope == Scope::This && rules.is_some() {
        return Err(Error::invalid(
            "Only a series has a rule, not one occurrence of it. Nothing was changed.",
        ));
    }
    // Without an occurrence the series is meant, and not what is different about its first one.
    let here = match input.occurrence {
        Some(_) => event.alone(&at),
        None => event.clone(),
    };
    let mut fields = details::changes(&input.details, &here)?;
    fields.title.clone_from(&input.title);
    fields.place.clone_from(&input.place);
    fields.notes.clone_from(&input.notes);
    if let Some(view) = &input.when
        && *view != times::to_view(&here.when)
    {
        fields.when = Some(times::from_view_beside(view, &here.when)?);
    }
    let is_exception = event
        .overrides
        .get(&at)
        .is_some_and(|own| own.when.is_some());
    let stays_series = rules.as_ref().is_none_or(|rules| !rules.rules.is_empty());
    if input.occurrence.is_none()
        && is_exception
        && stays_series
        && let Some(when) = fields.when.take()
    {
        event.move_all(when);
        at = event.when.original();
    }
    event.change(scope, &at, Change { fields, rules });
    Ok(())
}

fn rules_of(input: &EditEvent) -> Result<Option<Rules>> {
    let rule = input.rule.as_deref().map(rule_of).transpose()?;
    Ok(rule.map(|rule| rule.map_or_else(Rules::default, Rules::one)))
}

fn move_to(
    work: &mut Work<'_>,
    from: EventKey,
    target: CalendarId,
    change: impl FnOnce(&mut Event) -> Result<()>,
) -> Result<DocumentId> {
    let mut event = write::read(work, from)?;
    change(&mut event)?;
    let id = EventId::from_bytes(*work.new_document().as_bytes());
    let document = write::create(work, target, id, &event)?;
    write::edit(work, from, |event| {
        event.trashed = true;
        Ok(())
    })?;
    Ok(document)
}
