//! Editing an event: fields, and the calendar it belongs to.

use almanac_calendar::{Event, EventId, Rules};
use almanac_protocol::ids::{CalendarId, DocumentId};

use crate::client::{Client, Work};
use crate::command::{Done, EditEvent};
use crate::error::Result;
use crate::events::{find, key_of, rule_of, times, write};
use crate::occurrences::EventKey;
use crate::undo::Verb;

impl Client {
    /// Changes fields of an event; a series is changed as a whole. With another calendar it moves
    /// there, under a new id.
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
