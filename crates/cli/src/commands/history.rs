//! `almanac history`: what became of an event, and going back.

use almanac_client::{FieldEdit, HistoryEntry, Result};
use clap::Args;

use crate::arguments::Options;
use crate::commands::events;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// Arguments of `history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    /// Make the event what it was after this change: its number, or the first six digits of its
    /// hash or more
    #[arg(long, value_name = "CHANGE")]
    restore: Option<String>,
}

pub(super) fn run(options: &Options, what: &HistoryArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match &what.restore {
        Some(change) => {
            let done = client.revert(&what.event, change)?;
            let verb = match &done.event {
                Some(event) if client.is_in_trash(event)? => events::IN_TRASH,
                Some(_) | None => "Brought back an earlier version of",
            };
            events::give(&client, done, verb, output)
        }
        None => output.give(&client.history(&what.event)?, |entries| text_of(entries)),
    }
}

fn text_of(entries: &[HistoryEntry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let time = entry.time.as_deref().map(instant_words).unwrap_or_default();
        let device = device_words(entry.device.as_deref(), entry.this);
        let hash: String = entry.hash.chars().take(8).collect();
        let number = entry.number;
        push_line(
            &mut text,
            format_args!("{number:>3}  {time}  {device}  [{hash}]"),
        );
        for field in &entry.fields {
            push_line(&mut text, format_args!("     {}", change_words(field)));
        }
    }
    text
}

/// `title: Lunch → Dinner`.
fn change_words(field: &FieldEdit) -> String {
    let label = plain(&field.label);
    match (field.old.as_deref(), field.new.as_deref()) {
        (None, Some(new)) => format!("{label}: {}", plain(new)),
        (Some(old), None) => format!("{label}: {} → (none)", plain(old)),
        (old, new) => {
            let words = |value: Option<&str>| plain(value.unwrap_or_default());
            format!("{label}: {} → {}", words(old), words(new))
        }
    }
}

/// Who it was.
pub(super) fn device_words(device: Option<&str>, this: bool) -> String {
    match device {
        Some(name) if !name.is_empty() && this => format!("{} (this device)", plain(name)),
        Some(name) if !name.is_empty() => plain(name),
        Some(_) | None if this => "this device".to_owned(),
        Some(_) | None => "a device that is not known here".to_owned(),
    }
}
