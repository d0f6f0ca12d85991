//! `almanac reminders`: which ring next.

use almanac_client::{Result, RingView};
use clap::Args;

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{due_words, short};

/// Arguments of `reminders`.
#[derive(Debug, Args)]
pub(crate) struct RemindersArguments {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 10)]
    next: usize,
    /// Zone of the times, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
}

pub(super) fn run(options: &Options, what: &RemindersArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let rings = client.next_reminders(what.next, what.zone.as_deref())?;
    output.give(&rings, |rings| text_of(rings))
}

fn text_of(rings: &[RingView]) -> String {
    let mut text = String::new();
    for ring in rings {
        push_line(
            &mut text,
            format_args!(
                "{}  {}  starts {}  [{}]",
                due_words(&ring.at),
                plain(&ring.title),
                due_words(&ring.start),
                short(&ring.event)
            ),
        );
    }
    if text.is_empty() {
        text.push_str("No reminder is set.");
    }
    text
}
