//! `almanac add`, `edit`, `delete`.

use almanac_client::{
    CreateEvent, EditEvent, Error, Result, TimesInput, WhenView, when_from_people,
};
use serde::Serialize;

use crate::arguments::{AddArguments, Options};
use crate::output::Output;
use crate::profile;
use crate::set::{Assignment, Field};

/// The event that was added, changed or put in the trash.
#[derive(Serialize)]
struct Touched {
    event: String,
}

pub(super) fn add(options: &Options, what: AddArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let zone = what.zone.as_deref();
    let when = when_from_people(&what.start, what.end.as_deref(), zone)?;
    if what.all_day && !matches!(when, WhenView::AllDay { .. }) {
        return Err(Error::invalid(format!(
            "With --all-day the start is a day, such as 2026-11-20, not “{}”.",
            what.start
        )));
    }
    let done = client.create(CreateEvent {
        calendar: what.calendar,
        title: what.summary,
        when,
        place: what.location.unwrap_or_default(),
        notes: what.notes.unwrap_or_default(),
        rule: what.rule,
    })?;
    give(done.event, "Added", output)
}

pub(super) fn edit(
    options: &Options,
    event: &str,
    set: Vec<Assignment>,
    output: &Output,
) -> Result<()> {
    let client = profile::open(options)?;
    let mut edit = EditEvent {
        event: event.to_owned(),
        ..EditEvent::default()
    };
    let mut times = TimesInput::default();
    for Assignment { field, value } in set {
        let place = match field {
            Field::Title => &mut edit.title,
            Field::Place => &mut edit.place,
            Field::Notes => &mut edit.notes,
            Field::Rule => &mut edit.rule,
            Field::Calendar => &mut edit.calendar,
            Field::Start => &mut times.start,
            Field::End => &mut times.end,
            Field::Zone => &mut times.zone,
        };
        *place = Some(value);
    }
    if times != TimesInput::default() {
        edit.when = Some(client.when_changed(event, &times)?);
    }
    give(client.edit(edit)?.event, "Changed", output)
}

pub(super) fn delete(options: &Options, event: &str, output: &Output) -> Result<()> {
    let done = profile::open(options)?.remove(event)?;
    give(done.event, "Put in the trash:", output)
}

fn give(event: Option<String>, verb: &str, output: &Output) -> Result<()> {
    let event = event.ok_or_else(|| Error::internal("an edit without its event"))?;
    output.give(&Touched { event }, |touched| {
        format!("{verb} {}", touched.event)
    })
}
