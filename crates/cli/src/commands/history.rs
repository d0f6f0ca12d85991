//! `almanac history`: what became of an event, and going back.

use almanac_client::{ChangeView, FieldEdit, HistoryEntry, OthersChanges, Result, SignatureView};
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
        let hash: String = entry.hash.chars().take(8).collect();
        let number = entry.number;
        push_line(
            &mut text,
            format_args!("{number:>3}  {}  [{hash}]", line_of(entry)),
        );
        for field in &entry.fields {
            push_line(&mut text, format_args!("     {}", change_words(field)));
        }
    }
    text
}

/// Arguments of `changes`.
#[derive(Debug, Args)]
pub(crate) struct ChangesArguments {
    /// How many of the newest to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    count: usize,
    /// Those that came too late to count, of people who could no longer write
    #[arg(long)]
    not_counted: bool,
}

pub(super) fn changes(options: &Options, what: &ChangesArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let which = if what.not_counted {
        OthersChanges::NotCounted
    } else {
        OthersChanges::Shown
    };
    let all = client.changes_of_others(which, what.count)?;
    output.give(&all, |all| text_of_changes(all, which))
}

fn text_of_changes(all: &[ChangeView], which: OthersChanges) -> String {
    if all.is_empty() {
        return match which {
            OthersChanges::Shown => "Nobody else has changed anything that is here.",
            OthersChanges::NotCounted => "Nothing of others came too late to count.",
        }
        .to_owned();
    }
    let mut text = String::new();
    for one in all {
        let event: String = one.event.chars().take(8).collect();
        let (title, calendar) = (plain(&one.title), plain(&one.calendar));
        push_line(
            &mut text,
            format_args!("{event}  {title}  ({calendar})  {}", line_of(&one.entry)),
        );
        for field in &one.entry.fields {
            push_line(&mut text, format_args!("     {}", change_words(field)));
        }
    }
    text
}

/// When, by whom, and whether that is proven.
fn line_of(entry: &HistoryEntry) -> String {
    let time = entry.time.as_deref().map(instant_words).unwrap_or_default();
    let device = device_words(entry.device.as_deref(), entry.this);
    let signed = match entry.signature {
        SignatureView::Holds => "✓ signed",
        SignatureView::Missing => "not proven",
    };
    format!("{time}  {device}  {signed}")
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
