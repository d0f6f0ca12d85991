//! `almanac add`, `edit`, `delete`, `restore`.

use almanac_client::{
    Client, CreateEvent, Done, Error, RemoveEvent, Result, ScopeInput, TimesInput, WhenView,
    when_from_people,
};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::arguments::Options;
use crate::output::{Output, plain};
use crate::profile;
use crate::set::{Assignment, Wanted};
use crate::words::{short, when_words};

/// Arguments of `add`.
#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Name or id of the calendar
    #[arg(long, value_name = "NAME")]
    calendar: String,
    /// Title
    #[arg(long, alias = "title")]
    summary: String,
    /// Wall clock (2026-11-20T10:00), or a day (2026-11-20) for whole days
    #[arg(long, value_name = "TIME")]
    start: String,
    /// Wall clock, or the last day itself; one hour or one day when absent
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// Zone of the wall clock, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
    /// How it repeats, as in RFC 5545: FREQ=WEEKLY;BYDAY=MO,WE
    #[arg(long, value_name = "RRULE")]
    rule: Option<String>,
    /// Whole days: start and end are days, the end is the last of them
    #[arg(long)]
    all_day: bool,
    /// Place
    #[arg(long, alias = "place")]
    location: Option<String>,
    /// Notes
    #[arg(long, alias = "description")]
    notes: Option<String>,
    /// status, busy, privacy, color, url, conference, categories or reminders, as for `edit`
    #[arg(long = "set", num_args = 1.., value_name = "FIELD=VALUE")]
    set: Vec<Assignment>,
    /// Someone to invite: ada@example.org or "Ada <ada@example.org>"; may be given again
    #[arg(long = "guest", value_name = "ADDRESS")]
    guests: Vec<String>,
}

/// Arguments of `edit`.
#[derive(Debug, Args)]
pub(crate) struct EditArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    /// Fields, each with its new value
    ///
    /// title, place, notes, start, end, zone, rule, calendar, status (confirmed, tentative,
    /// cancelled), busy (busy, free), privacy (public, private, confidential), color, url,
    /// conference, categories (a,b), reminders (10m,1h,2d,1w before the start, or none).
    ///
    /// start and end are a wall clock (2026-11-20T10:00) or a day (2026-11-20; the end is then the
    /// last day). A new start alone keeps the length, a new zone alone keeps the wall clock. An
    /// empty rule ends the repetition. summary, location and description are other names of title,
    /// place and notes.
    #[arg(
        long = "set",
        num_args = 1..,
        value_name = "FIELD=VALUE",
        required_unless_present_any = ["add_guests", "remove_guests"]
    )]
    set: Vec<Assignment>,
    /// Someone to invite: ada@example.org or "Ada <ada@example.org>"; may be given again
    #[arg(long = "add-guest", id = "add_guests", value_name = "ADDRESS")]
    add_guests: Vec<String>,
    /// Someone who is no longer invited; may be given again
    #[arg(long = "remove-guest", id = "remove_guests", value_name = "ADDRESS")]
    remove_guests: Vec<String>,
    #[command(flatten)]
    part: Part,
}

/// Which part of a series.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How much of a series; `this` where an occurrence is named
    #[arg(long)]
    scope: Option<Scope>,
    /// The occurrence that is meant: its original start as `list --json` names it, or the day it
    /// is on
    #[arg(long, value_name = "TIME")]
    occurrence: Option<String>,
}

/// How much of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// One occurrence
    This,
    /// One occurrence and all after it
    Following,
    /// All of them
    All,
}

/// Arguments of `delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    #[command(flatten)]
    part: Part,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    /// The occurrence that was left out: its original start, or its day
    #[arg(long, value_name = "TIME")]
    occurrence: String,
}

/// What is said of an event that lies in the trash now.
pub(super) const IN_TRASH: &str = "Put in the trash:";

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
    let mut wanted = Wanted::of(what.set)?;
    let mut details = std::mem::take(&mut wanted.edit.details);
    if wanted.times != TimesInput::default() || wanted.edit != almanac_client::EditEvent::default()
    {
        return Err(Error::invalid(
            "With `add`, title, place, notes, times, rule and calendar have options of their own. \
             Nothing was added.",
        ));
    }
    details.add_guests = Some(what.guests).filter(|guests| !guests.is_empty());
    let done = client.create(CreateEvent {
        calendar: what.calendar,
        title: what.summary,
        when,
        place: what.location.unwrap_or_default(),
        notes: what.notes.unwrap_or_default(),
        rule: what.rule,
        details,
    })?;
    give(&client, done, "Added", output)
}

pub(super) fn edit(options: &Options, what: EditArguments, output: &Output) -> Result<()> {
    let Wanted { mut edit, times } = Wanted::of(what.set)?;
    let client = profile::open(options)?;
    let some = |guests: Vec<String>| Some(guests).filter(|guests| !guests.is_empty());
    edit.details.add_guests = some(what.add_guests);
    edit.details.remove_guests = some(what.remove_guests);
    if times != TimesInput::default() {
        let occurrence = what.part.occurrence.as_deref();
        edit.when = Some(client.when_changed(&what.event, occurrence, &times)?);
    }
    edit.event = what.event;
    (edit.scope, edit.occurrence) = what.part.input();
    give(&client, client.edit(edit)?, "Changed", output)
}

pub(super) fn delete(options: &Options, what: DeleteArguments, output: &Output) -> Result<()> {
    let (scope, occurrence) = what.part.input();
    let client = profile::open(options)?;
    let done = client.remove_part(&RemoveEvent {
        event: what.event,
        scope,
        occurrence,
    })?;
    let verb = match &done.event {
        Some(event) if client.is_in_trash(event)? => IN_TRASH,
        Some(_) | None => "Left out of",
    };
    give(&client, done, verb, output)
}

pub(super) fn restore(options: &Options, what: &RestoreArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let done = client.restore_occurrence(&what.event, &what.occurrence)?;
    give(&client, done, "Brought back into", output)
}

impl Part {
    /// As the client takes it.
    pub(super) fn input(self) -> (Option<ScopeInput>, Option<String>) {
        (self.scope.map(Scope::input), self.occurrence)
    }
}

impl Scope {
    const fn input(self) -> ScopeInput {
        match self {
            Self::This => ScopeInput::This,
            Self::Following => ScopeInput::Following,
            Self::All => ScopeInput::All,
        }
    }
}

/// Says which event was touched: `Changed “Lunch”, Mon 23 Nov 2026, 12:00–13:00 [3f2a9c00]`, or
/// that nothing of it was to be changed.
pub(super) fn give(client: &Client, done: Done, verb: &str, output: &Output) -> Result<()> {
    let is_changed = done.undo.is_some();
    give_touched(client, done, output, |event| {
        if is_changed {
            format!("{verb} {event}")
        } else {
            "Nothing to change.".to_owned()
        }
    })
}

/// Says which event was touched, in the words given.
pub(super) fn give_touched(
    client: &Client,
    done: Done,
    output: &Output,
    words: impl FnOnce(&str) -> String,
) -> Result<()> {
    let event = done.event;
    let event = event.ok_or_else(|| Error::internal("an edit without its event"))?;
    let (title, when) = client.name_of(&event)?;
    output.give(&Touched { event }, |touched| {
        let title = match plain(&title) {
            title if title.is_empty() => "(no title)".to_owned(),
            title => format!("“{title}”"),
        };
        let (when, id) = (when_words(&when), short(&touched.event));
        words(&format!("{title}, {when} [{id}]"))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::arguments::{Arguments, Command};

    #[test]
    fn several_fields_follow_one_set() {
        let words = [
            "almanac",
            "edit",
            "3f2a",
            "--set",
            "title=A=B",
            "place=",
            "--json",
        ];
        let arguments = Arguments::try_parse_from(words).unwrap();
        assert!(arguments.options.json);
        let Command::Edit(edit) = arguments.command else {
            panic!("not an edit")
        };
        assert_eq!((edit.event.as_str(), edit.set.len()), ("3f2a", 2));
    }

    #[test]
    fn an_edit_says_what_is_to_change() {
        assert!(Arguments::try_parse_from(["almanac", "edit", "3f2a"]).is_err());
        let guest = ["almanac", "edit", "3f2a", "--add-guest", "a@x"];
        assert!(Arguments::try_parse_from(guest).is_ok());
    }
}
