//! `almanac trash …`

use almanac_client::{Result, TrashedEvent};
use clap::Subcommand;

use crate::arguments::Options;
use crate::commands::events;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{instant_words, short, when_words};

/// What to do with the trash.
#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
    /// List what was deleted
    List {
        /// Name or id of the calendar; all of them when absent
        #[arg(long, value_name = "NAME")]
        calendar: Option<String>,
    },
    /// Take an event out of the trash
    Restore {
        /// Id of the event, or a start of it of four digits or more that no other event shares
        event: String,
    },
}

pub(super) fn run(options: &Options, command: &TrashCommand, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match command {
        TrashCommand::List { calendar } => {
            output.give(&client.trash(calendar.as_deref())?, |found| text_of(found))
        }
        TrashCommand::Restore { event } => {
            events::give(&client, client.restore(event)?, "Restored", output)
        }
    }
}

fn text_of(found: &[TrashedEvent]) -> String {
    let mut text = String::new();
    for one in found {
        let repeats = if one.repeats { ", repeats" } else { "" };
        let moved = one.lives_as.as_deref().map_or(String::new(), |live| {
            format!("  (here as [{}])", short(live))
        });
        let deleted = one.time.as_deref().map_or(String::new(), |time| {
            let device = one.device.as_deref().filter(|name| !name.is_empty());
            let by = device.map_or(String::new(), |name| format!(" by {}", plain(name)));
            format!("  deleted {}{by}", instant_words(time))
        });
        push_line(
            &mut text,
            format_args!(
                "[{}]  {}  {}{repeats}  {}{deleted}{moved}",
                short(&one.event),
                plain(&one.title),
                when_words(&one.when),
                plain(&one.calendar),
            ),
        );
    }
    if text.is_empty() {
        text.push_str("The trash is empty.");
    }
    text
}
