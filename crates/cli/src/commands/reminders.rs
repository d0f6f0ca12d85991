//! `almanac reminders` and `snooze`: which ring next, and putting one off.

use almanac_client::{Result, RingView, SnoozeUntil};
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

/// Arguments of `snooze`.
#[derive(Debug, Args)]
pub(crate) struct SnoozeArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    /// Which occurrence: its original start; the one that rang last or rings next when absent
    #[arg(long, value_name = "TIME")]
    occurrence: Option<String>,
    #[command(flatten)]
    until: Until,
    /// Zone of the times, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    zone: Option<String>,
}

/// Until when.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Until {
    /// So many minutes from now
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<u32>,
    /// Until it starts
    #[arg(long)]
    until_start: bool,
    /// Until a time, such as 2026-11-20T10:00
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

pub(super) fn snooze(options: &Options, what: SnoozeArguments, output: &Output) -> Result<()> {
    let until = match (what.until.minutes, what.until.until) {
        (Some(minutes), _) => SnoozeUntil::Minutes(minutes),
        (None, Some(time)) => SnoozeUntil::At(time),
        (None, None) => SnoozeUntil::Start,
    };
    let (occurrence, zone) = (what.occurrence.as_deref(), what.zone.as_deref());
    let client = profile::open(options)?;
    let ring = client.snooze(&what.event, occurrence, &until, zone)?;
    output.give(&ring, |ring| {
        format!(
            "“{}” rings at {}, on your devices alone.",
            plain(&ring.title),
            due_words(&ring.at)
        )
    })
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
                "{}{}  {}  starts {}  [{}]",
                due_words(&ring.at),
                if ring.snoozed { " (put off)" } else { "" },
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
