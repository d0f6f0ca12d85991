//! Editing an event: all of it, one occurrence, or one and all after it; and the calendar it
//! belongs to.

use almanac_calendar::{Event, EventId, OriginalStart, Override, Rules, When};
use almanac_protocol::ids::{CalendarId, DocumentId};

use crate::client::{Client, Work};
use crate::command::{Done, EditEvent, RemoveEvent};
use crate::error::{Error, Result};
use crate::events::occurrence::{self, Extent};
use crate::events::times::{self, TimesInput};
use crate::events::{details, find, key_of, rule_of, shown, write};
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
                match occurrence::extent(event, input.scope, input.occurrence.as_deref())? {
                    Extent::This(original) => event.skip(original),
                    Extent::Following(original) => event.end_before(&original),
                    Extent::All(_) => event.trashed = true,
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
        let original = occurrence
            .map(|text| occurrence::named(&event, text))
            .transpose()?;
        let changed = times::changed(&when_at(&event, original)?, times)?;
        Ok(times::to_view(&changed))
    }
}

/// Changes an event as `input` says.
fn apply(event: &mut Event, input: &EditEvent) -> Result<()> {
    let extent = occurrence::extent(event, input.scope, input.occurrence.as_deref())?;
    let at = match extent {
        Extent::This(at) | Extent::Following(at) => Some(at),
        Extent::All(at) => at,
    };
    let base = at.map_or_else(|| event.clone(), |at| event.at(&at));
    let here = when_at(event, at)?;
    let when = match &input.when {
        Some(view) if *view != times::to_view(&here) => Some(times::from_view(view)?),
        Some(_) | None => None,
    };
    let mut change = details::changes(&input.details, &base)?;
    change.title.clone_from(&input.title);
    change.place.clone_from(&input.place);
    change.notes.clone_from(&input.notes);
    let rules = rules_of(input)?;
    match extent {
        Extent::All(_) => change_all(event, change, rules, when.map(|when| (here, when))),
        Extent::This(original) => {
            let whole = "Only a series has a rule and a calendar, not one occurrence of it. \
                         Nothing was changed.";
            if rules.is_some() || input.calendar.is_some() {
                return Err(Error::invalid(whole));
            }
            event.change_one(original, Override { when, ..change });
        }
        Extent::Following(original) => {
            if input.calendar.is_some() {
                return Err(Error::invalid(
                    "Only a whole series moves to another calendar. Nothing was changed.",
                ));
            }
            event.change_from(original, Override { when, ..change }, rules);
        }
    }
    Ok(())
}

/// Changes the whole event. Times that were given for one occurrence move all as far.
fn change_all(
    event: &mut Event,
    change: Override,
    rules: Option<Rules>,
    moved: Option<(When, When)>,
) {
    let mut changed = change.applied_to(event);
    if let Some((from, to)) = moved {
        let shift = from.start().duration_until(to.start());
        let start = changed.when.start().checked_add(shift);
        changed.move_all(to.moved_to(start.unwrap_or_else(|_| to.start())));
    }
    if let Some(rules) = rules {
        changed.rules = rules;
    }
    *event = changed;
}

fn rules_of(input: &EditEvent) -> Result<Option<Rules>> {
    let rule = input.rule.as_deref().map(rule_of).transpose()?;
    Ok(rule.map(|rule| rule.map_or_else(Rules::default, Rules::one)))
}

/// When an event takes place: the occurrence with this original start, or the first.
fn when_at(event: &Event, original: Option<OriginalStart>) -> Result<When> {
    match original.and_then(|original| shown::when_at(event, original)) {
        Some(view) => times::from_view(&view),
        None => Ok(event.when.clone()),
    }
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
