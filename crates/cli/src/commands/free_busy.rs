//! `almanac free-busy` and `find-time`: when people are taken, and when they are free.

use almanac_client::{BusyKindView, BusyQuery, BusyStretch, FreeStretch, Result};
use clap::Args;
use serde::Serialize;

use crate::arguments::{Options, Stretch};
use crate::output::{Output, push_line};
use crate::profile;
use crate::words::due_words;

/// Arguments of `free-busy`.
#[derive(Debug, Args)]
pub(crate) struct FreeBusyArguments {
    #[command(flatten)]
    stretch: Stretch,
    /// Name or id of the calendar; all of them when absent
    #[arg(long, value_name = "NAME")]
    calendar: Option<String>,
    /// Show when you are free instead, for at least so long: 45m, 2h, 1h30m
    #[arg(long, value_name = "LENGTH")]
    free: Option<String>,
    /// Hours of working days in which to look: 09:00-17:00 when absent; always: at any hour
    #[arg(long, value_name = "HOURS", requires = "free")]
    hours: Option<String>,
    /// Write when you are taken as a file that can be given to others
    #[arg(long, conflicts_with = "free")]
    ics: bool,
    /// Show when someone else is taken who shares a calendar with you: their name, or the beginning
    /// of their id
    #[arg(long, value_name = "PERSON", conflicts_with_all = ["free", "ics", "calendar"])]
    with: Option<String>,
}

/// Arguments of `find-time`.
#[derive(Debug, Args)]
pub(crate) struct FindTimeArguments {
    /// How long at least: 45m, 2h, 1h30m
    #[arg(value_name = "LENGTH")]
    length: String,
    /// Who else is to come: a name, or the beginning of an id; may be given several times
    #[arg(long, value_name = "PERSON", required = true)]
    with: Vec<String>,
    #[command(flatten)]
    stretch: Stretch,
    /// Hours of working days in which to look: 09:00-17:00 when absent; always: at any hour
    #[arg(long, value_name = "HOURS")]
    hours: Option<String>,
}

/// A file, for programs.
#[derive(Serialize)]
struct File {
    ics: String,
}

pub(super) fn run(options: &Options, what: &FreeBusyArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let query = BusyQuery {
        from: &what.stretch.from,
        to: &what.stretch.to,
        zone: what.stretch.zone.as_deref(),
        calendar: what.calendar.as_deref(),
    };
    if let Some(who) = &what.with {
        let busy = client.busy_of(query, who)?;
        return output.give(&busy, |busy| text_of_busy(busy));
    }
    if what.ics {
        let file = File {
            ics: client.busy_file(query)?,
        };
        return output.give(&file, |file| file.ics.clone());
    }
    match &what.free {
        Some(length) => {
            let free = client.free(query, length, what.hours.as_deref())?;
            output.give(&free, |free| text_of_free(free))
        }
        None => output.give(&client.busy(query)?, |busy| text_of_busy(busy)),
    }
}

pub(super) fn find_time(
    options: &Options,
    what: &FindTimeArguments,
    output: &Output,
) -> Result<()> {
    let client = profile::open(options)?;
    let query = BusyQuery {
        from: &what.stretch.from,
        to: &what.stretch.to,
        zone: what.stretch.zone.as_deref(),
        calendar: None,
    };
    let free = client.find_time(query, &what.with, &what.length, what.hours.as_deref())?;
    output.give(&free, |free| text_of_free(free))
}

fn text_of_busy(busy: &[BusyStretch]) -> String {
    let mut text = String::new();
    for one in busy {
        let kind = match one.kind {
            BusyKindView::Busy => "",
            BusyKindView::Tentative => "  perhaps",
            BusyKindView::Unavailable => "  away",
        };
        let span = span(&one.start, &one.end);
        push_line(&mut text, format_args!("{span}{kind}"));
    }
    if text.is_empty() {
        text.push_str("Nothing takes time in these days.");
    }
    text
}

fn text_of_free(free: &[FreeStretch]) -> String {
    let mut text = String::new();
    for one in free {
        push_line(&mut text, format_args!("{}", span(&one.start, &one.end)));
    }
    if text.is_empty() {
        text.push_str("No such time is free in these days.");
    }
    text
}

/// `Mon 23 Nov 2026, 09:00–10:30`.
fn span(start: &str, end: &str) -> String {
    if start.split('T').next() == end.split('T').next() {
        let clock = end.split('T').nth(1).and_then(|clock| clock.get(..5));
        format!("{}–{}", due_words(start), clock.unwrap_or_default())
    } else {
        format!("{} to {}", due_words(start), due_words(end))
    }
}
