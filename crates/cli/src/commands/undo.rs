//! `almanac undo`, `redo`: what was done on this device, by whatever program.

use almanac_client::{Action, Client, Done, Result, Verb};
use clap::Args;
use serde::Serialize;

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;

/// Arguments of `undo`.
#[derive(Debug, Args)]
pub(crate) struct UndoArguments {
    /// How many actions to take back
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
    /// Only show what can be taken back, the newest first, and what can be done again
    #[arg(long, conflicts_with = "count")]
    list: bool,
}

/// Arguments of `redo`.
#[derive(Debug, Args)]
pub(crate) struct RedoArguments {
    /// How many actions to do again
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
}

/// What was taken back.
#[derive(Serialize)]
struct Undone {
    undone: Vec<Action>,
}

/// What was done again.
#[derive(Serialize)]
struct Redone {
    redone: Vec<Action>,
}

pub(super) fn undo(options: &Options, what: &UndoArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    if what.list {
        return output.give(&client.actions()?, |actions| text_of_list(actions));
    }
    let undone = several(&client, what.count, Client::undo_last, output)?;
    output.give(&Undone { undone }, |given| lines("Undone", &given.undone))
}

pub(super) fn redo(options: &Options, what: &RedoArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let redone = several(&client, what.count, Client::redo_last, output)?;
    output.give(&Redone { redone }, |given| {
        lines("Done again", &given.redone)
    })
}

/// Takes `count` steps; where one fails after others were taken, those are what was done.
fn several(
    client: &Client,
    count: u16,
    step: impl Fn(&Client) -> Result<(Action, Done)>,
    output: &Output,
) -> Result<Vec<Action>> {
    let mut taken = Vec::new();
    for _ in 0..count {
        match step(client) {
            Ok((action, _)) => taken.push(action),
            Err(error) if taken.is_empty() => return Err(error),
            Err(error) => {
                output.warn(&error.message)?;
                break;
            }
        }
    }
    Ok(taken)
}

fn lines(what: &str, actions: &[Action]) -> String {
    let mut text = String::new();
    for action in actions {
        push_line(&mut text, format_args!("{what}: {}", words(action)));
    }
    text
}

fn text_of_list(actions: &[Action]) -> String {
    let mut text = String::new();
    for action in actions {
        let undone = if action.undone { "  (undone)" } else { "" };
        let time = action.time.replace('T', " ").replace('Z', " UTC");
        push_line(&mut text, format_args!("{time}  {}{undone}", words(action)));
    }
    if text.is_empty() {
        text.push_str("Nothing was done on this device in the last 30 days.");
    }
    text
}

/// The action in words: `changed “Lunch”`.
fn words(action: &Action) -> String {
    let verb = match action.verb {
        Verb::Add => "added",
        Verb::Edit => "changed",
        Verb::Delete => "deleted",
        Verb::Move => "moved to another calendar:",
        Verb::Import => "imported",
        Verb::Restore => "restored",
        Verb::Revert => "brought back an earlier version of",
        Verb::Settle => "settled a conflict of",
        Verb::Complete => "marked the task",
        Verb::AddCalendar => "added the calendar",
        Verb::EditCalendar => "changed the calendar",
        Verb::Other => "something of a newer version:",
    };
    let subject = plain(&action.subject);
    if subject.is_empty() {
        format!("{verb} (no title)")
    } else {
        format!("{verb} “{subject}”")
    }
}
