//! `almanac quick`: one line becomes an event or a task.

use almanac_client::{QuickInput, QuickView, Result};
use clap::Args;

use crate::arguments::Options;
use crate::commands::events;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::when_words;

/// Variables that name language and region, the first that says something counts (POSIX §8.2).
const LOCALE_VARIABLES: [&str; 3] = ["LC_ALL", "LC_TIME", "LANG"];

/// Arguments of `quick`.
#[derive(Debug, Args)]
pub(crate) struct QuickArguments {
    /// What happens: "Lunch with Ana tomorrow 12:30-13:30 @Café Roma /Work !10m"
    #[arg(required = true, num_args = 1..)]
    text: Vec<String>,
    /// Only show what was understood
    #[arg(long)]
    dry_run: bool,
    /// Name or id of the calendar; the one that the text names, or the first, when absent
    #[arg(long, value_name = "NAME")]
    calendar: Option<String>,
    /// Language of the text: en or de, also with a region (en-GB), which decides what 3/12 is
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Zone of the wall clock, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
}

pub(super) fn run(options: &Options, what: QuickArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let input = QuickInput {
        text: what.text.join(" "),
        locale: what.language.or_else(system_locale),
        zone: what.zone,
        calendar: what.calendar,
    };
    let view = client.read_quick(&input)?;
    if what.dry_run {
        return output.give(&view, text_of);
    }
    for problem in &view.problems {
        output.warn(&problem.text)?;
    }
    events::give(&client, client.quick_add(&input)?, "Added", output)
}

/// Language and region of the system, where a line can be read in that language.
fn system_locale() -> Option<String> {
    let mut said = LOCALE_VARIABLES
        .iter()
        .filter_map(|name| std::env::var(name).ok());
    let first = said.find(|value| !value.is_empty())?;
    let is_known = ["en", "de"].iter().any(|known| first.starts_with(known));
    Some(first).filter(|_| is_known)
}

fn text_of(view: &QuickView) -> String {
    let title = if view.title.is_empty() {
        "(no title)"
    } else {
        &view.title
    };
    let mut text = plain(title);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            push_line(&mut text, format_args!("{name:<11}{}", plain(value)));
        }
    };
    line("Kind", if view.is_task { "task" } else { "" });
    match &view.when {
        Some(when) => line("When", &when_words(when)),
        None if view.is_task => {}
        None => line("When", "not said; nothing would be added"),
    }
    line("Repeats", view.rule_words.as_deref().unwrap_or_default());
    line("Place", view.place.as_deref().unwrap_or_default());
    line("Calendar", &view.calendar);
    line("Guests", &view.guests.join(", "));
    line("Remind", &view.reminders.join(", "));
    line("Link", view.link.as_deref().unwrap_or_default());
    for chip in &view.chips {
        let (start, end) = (chip.start, chip.end);
        line(
            "  understood",
            &format!("  {start}–{end} {}: {}", chip.kind, chip.text),
        );
    }
    for problem in &view.problems {
        line("Note", &problem.text);
    }
    text
}
