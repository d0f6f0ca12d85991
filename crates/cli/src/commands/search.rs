//! `almanac search`: events by what they say.

use almanac_client::{MatchKind, Result, SearchKind, SearchMatch, SearchQuery, SearchResults};
use clap::{Args, ValueEnum};

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{day_words, short, time_words};

/// Arguments of `search`.
#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// Words, beginnings of words, "phrases", and filters
    #[arg(required = true, num_args = 1..)]
    text: Vec<String>,
    /// Name or id of a calendar to look in; may be given again; all of them when absent
    #[arg(long, value_name = "NAME")]
    calendar: Vec<String>,
    /// Only what happens on this day (2026-11-20) or after it
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only what begins before this day
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only what is not over
    #[arg(long)]
    upcoming: bool,
    /// Only what others are invited to
    #[arg(long)]
    with_guests: bool,
    /// Only events or tasks
    #[arg(long)]
    kind: Option<Kind>,
    /// Look in the trash instead
    #[arg(long)]
    trash: bool,
    /// How many at most
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Zone of the times, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
}

/// What kind of thing is looked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// What is no task
    Events,
    /// Tasks
    Tasks,
    /// Tasks still to be done
    OpenTasks,
    /// Tasks that are done
    DoneTasks,
}

pub(super) fn run(options: &Options, what: SearchArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let ids = what.calendar.iter().map(|name| {
        let id = client.find_calendar(name)?;
        Ok(id.to_string())
    });
    let ids = ids.collect::<Result<Vec<_>>>()?;
    let found = client.search(SearchQuery {
        text: what.text.join(" "),
        calendars: Some(ids).filter(|ids| !ids.is_empty()),
        from: what.from,
        to: what.to,
        kind: what.kind.map(Kind::asked),
        has_guests: what.with_guests,
        upcoming: what.upcoming,
        in_trash: what.trash,
        zone: what.zone,
        limit: what.limit,
    })?;
    for filter in &found.ignored {
        output.warn(&format!(
            "“{}” says nothing and was left out.",
            plain(filter)
        ))?;
    }
    output.give(&found, text_of)
}

impl Kind {
    const fn asked(self) -> SearchKind {
        match self {
            Self::Events => SearchKind::Events,
            Self::Tasks => SearchKind::Tasks,
            Self::OpenTasks => SearchKind::OpenTasks,
            Self::DoneTasks => SearchKind::DoneTasks,
        }
    }
}

fn text_of(found: &SearchResults) -> String {
    let mut text = String::new();
    for one in &found.matches {
        push_line(&mut text, format_args!("{}", line(one)));
        if let Some(excerpt) = &one.excerpt {
            push_line(&mut text, format_args!("    {}", plain(&excerpt.text)));
        }
    }
    if found.more {
        push_line(
            &mut text,
            format_args!("There is more; --limit N shows more of it."),
        );
    }
    if text.is_empty() {
        text.push_str("Nothing was found.");
    }
    text
}

fn line(one: &SearchMatch) -> String {
    let start = one.start.as_deref().unwrap_or_default();
    let time = if one.all_day {
        day_words(start)
    } else {
        time_words(start)
    };
    let mark = match one.kind {
        MatchKind::Event => "",
        MatchKind::OpenTask => "[ ] ",
        MatchKind::DoneTask => "[x] ",
    };
    let place = match plain(&one.place) {
        place if place.is_empty() => String::new(),
        place => format!(" · {place}"),
    };
    let repeats = if one.repeats { "  repeats" } else { "" };
    format!(
        "{time:<22}  {mark}{}{place}{repeats}  [{}]  {}",
        plain(&one.title),
        short(&one.event),
        plain(&one.calendar_name)
    )
}
