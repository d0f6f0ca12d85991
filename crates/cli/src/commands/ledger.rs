//! `almanac ledger`: whom the program contacted, and what the messages were.

use almanac_client::{
    Contact, LedgerContent, LedgerEntry, LedgerMessage, OpenedEnvelope, OpenedFrame, Result,
    contacts,
};
use clap::{Args, Subcommand};

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// Hexadecimal digits in a line.
const DIGITS_IN_LINE: usize = 64;
/// Lines of digits for people; programs get all of them.
const LINES: usize = 16;

/// Arguments of `ledger`.
#[derive(Debug, Args)]
pub(crate) struct LedgerArguments {
    #[command(subcommand)]
    command: Option<LedgerCommand>,
    /// How many of the newest connections to list
    #[arg(long, value_name = "N", default_value_t = 50)]
    count: usize,
}

/// What to look at.
#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// List the messages of a connection
    Show {
        /// Number of the connection
        connection: i64,
    },
    /// Show a message as the other side got it, and what your keys make of it
    Open {
        /// Number of the message
        message: i64,
    },
    /// List everyone this program can ever contact, without a profile
    Contacts,
}

pub(super) fn run(options: &Options, what: &LedgerArguments, output: &Output) -> Result<()> {
    match what.command {
        None => output.give(&profile::open(options)?.ledger(what.count)?, |all| {
            entries(all)
        }),
        Some(LedgerCommand::Show { connection }) => {
            let found = profile::open(options)?.ledger_messages(connection)?;
            output.give(&found, |all| messages(all))
        }
        Some(LedgerCommand::Open { message }) => {
            output.give(&profile::open(options)?.ledger_message(message)?, content)
        }
        Some(LedgerCommand::Contacts) => output.give(&contacts(), |all| everyone(all)),
    }
}

fn entries(all: &[LedgerEntry]) -> String {
    if all.is_empty() {
        return "This program has contacted nobody in the last ninety days.".to_owned();
    }
    let mut text = String::new();
    for one in all {
        let size = match (one.sent, one.received) {
            (0, 0) if one.ended.is_some() => "not reached".to_owned(),
            (sent, received) => format!("{sent} bytes out, {received} in"),
        };
        let (id, time, reason) = (one.id, instant_words(&one.time), plain(&one.reason));
        let host = plain(&one.host);
        push_line(
            &mut text,
            format_args!("{id:>5}  {time}  {reason:<8}  {host}  {size}"),
        );
    }
    text
}

fn messages(all: &[LedgerMessage]) -> String {
    let mut text = String::new();
    for one in all {
        let arrow = arrow(one.sent);
        let (id, kind, size) = (one.id, one.kind, one.size);
        push_line(
            &mut text,
            format_args!(
                "{id:>6}  {arrow}  {kind:<10} {size:>7} bytes  {}",
                one.meaning
            ),
        );
    }
    text
}

fn content(one: &LedgerContent) -> String {
    let message = &one.message;
    let mut text = String::new();
    push_line(
        &mut text,
        format_args!(
            "{} {}, {} bytes: {}",
            arrow(message.sent),
            message.kind,
            message.size,
            message.meaning
        ),
    );
    if !message.kept {
        push_line(
            &mut text,
            format_args!("Its bytes were not kept: the ledger keeps the newest small ones."),
        );
        return text;
    }
    push_line(&mut text, format_args!("\nWhat the other side got:"));
    digits(&mut text, &one.bytes);
    for envelope in &one.envelopes {
        describe(&mut text, envelope);
    }
    text
}

fn digits(text: &mut String, bytes: &str) {
    let lines: Vec<&[u8]> = bytes.as_bytes().chunks(DIGITS_IN_LINE).collect();
    for line in lines.iter().take(LINES) {
        push_line(text, format_args!("  {}", String::from_utf8_lossy(line)));
    }
    if let Some(more @ 1..) = lines.len().checked_sub(LINES) {
        push_line(text, format_args!("  … and {more} lines; --json gives all"));
    }
}

fn describe(text: &mut String, one: &OpenedEnvelope) {
    push_line(
        text,
        format_args!(
            "\nAn envelope of {} bytes. The relay can read of it: calendar {}, device {}, key {}.",
            one.size, one.calendar, one.device, one.epoch
        ),
    );
    let name = one.calendar_name.as_deref().map(plain);
    match (&one.frames, name) {
        (Some(frames), Some(name)) => {
            push_line(text, format_args!("Your key opens it: {name}"));
            for frame in frames {
                signed(text, frame);
            }
        }
        _ => push_line(text, format_args!("This device has no key that opens it.")),
    }
}

fn signed(text: &mut String, frame: &OpenedFrame) {
    let by = match frame.device.as_str() {
        "" => String::new(),
        name => format!(", signed by {}", plain(name)),
    };
    push_line(text, format_args!("  {}{by}", frame.what));
    for change in &frame.changes {
        let title = change.title.as_deref().unwrap_or("(not here)");
        push_line(
            text,
            format_args!("    {} ({} bytes)", plain(title), change.size),
        );
    }
}

fn everyone(all: &[Contact]) -> String {
    let mut text =
        "This program can contact nobody but these, and has no address of its own.".to_owned();
    for one in all {
        push_line(
            &mut text,
            format_args!(
                "\n{}: {}\n  {}\n  It sees: {}",
                one.reason, one.host, one.why, one.sees
            ),
        );
    }
    text
}

const fn arrow(is_sent: bool) -> &'static str {
    if is_sent { "→" } else { "←" }
}
