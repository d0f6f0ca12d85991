//! `almanac exit`, `erase`: everything as one file, and nothing left behind.

use std::io::{self, BufRead};
use std::path::PathBuf;

use almanac_client::{Backups, Erased, ErasedAtRelay, Error, ExitReport, Result, erase_here};
use clap::{Args, Subcommand};

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;

/// Arguments of `exit`.
#[derive(Debug, Args)]
pub(crate) struct ExitArguments {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

/// What to erase.
#[derive(Debug, Subcommand)]
pub(crate) enum EraseCommand {
    /// The profile on this computer: database, keys, what the keychain holds
    Here {
        /// The backups in the profile's folder too
        #[arg(long)]
        backups: bool,
        /// Erase without being asked first
        #[arg(long)]
        yes: bool,
    },
    /// Everything of your account at the relay, with its signed receipt; what is here stays
    Relay {
        /// Erase without being asked first
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn exit(options: &Options, what: &ExitArguments, output: &Output) -> Result<()> {
    let report = profile::open(options)?.write_exit(&what.file)?;
    output.give(&report, text_of_exit)
}

pub(super) async fn erase(options: &Options, command: EraseCommand, output: &Output) -> Result<()> {
    match command {
        EraseCommand::Here { backups, yes } => here(options, backups, yes, output),
        EraseCommand::Relay { yes } => relay(options, yes, output).await,
    }
}

async fn relay(options: &Options, yes: bool, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let relay = client.status()?.relay.unwrap_or_default();
    if !yes && !relay.is_empty() {
        output.say(&format!(
            "This erases everything of your account at {relay}, for all your devices. What is on \
             them stays, and each keeps its own from then on. Type erase to go on, or anything else \
             to leave it:"
        ))?;
        if !is_typed("erase")? {
            return Err(Error::invalid("Nothing was erased."));
        }
    }
    output.give(&client.erase_at_relay().await?, text_of_relay)
}

fn text_of_relay(erased: &ErasedAtRelay) -> String {
    let mut text = format!(
        "{} has erased {} calendars with {} sealed envelopes, {} bytes, and no longer knows your \
         account. Its signed receipt is {}. Nothing is synced any more; everything is still here.",
        erased.relay, erased.calendars, erased.envelopes, erased.bytes, erased.receipt
    );
    if erased.kept > 0 {
        push_line(
            &mut text,
            format_args!(
                "{} shared calendars stay there, sealed, because other people are in them. You are \
                 on their lists of members until an owner removes you.",
                erased.kept
            ),
        );
    }
    push_line(
        &mut text,
        format_args!(
            "The relay's backups go by its operator's rule, and a receipt is the operator's word: \
             it cannot show that no copy was made. Whatever was copied is sealed."
        ),
    );
    text
}

fn here(options: &Options, backups: bool, yes: bool, output: &Output) -> Result<()> {
    let folder = profile::folder(options)?;
    if !yes {
        output.say(&format!(
            "This erases the profile in {}. It cannot be taken back. `almanac exit FILE` writes \
             everything into one file first. Type erase to go on, or anything else to leave it:",
            folder.display()
        ))?;
        if !is_typed("erase")? {
            return Err(Error::invalid("Nothing was erased."));
        }
    }
    let backups = if backups {
        Backups::Erase
    } else {
        Backups::Keep
    };
    let erased = erase_here(&folder, &profile::unlock(options)?, backups)?;
    output.give(&erased, text_of_erased)
}

/// Whether the next line is this word.
fn is_typed(word: &str) -> Result<bool> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::invalid(format!("No answer: {error}. Nothing was changed.")))?;
    Ok(line.trim().eq_ignore_ascii_case(word))
}

fn text_of_exit(report: &ExitReport) -> String {
    format!(
        "Wrote {}: {} calendars, {} events and tasks, {} signed steps of their history, {} bytes. It \
         opens on any computer and is not encrypted: keep it where only you can read it.",
        plain(&report.file),
        report.calendars,
        report.events,
        report.frames,
        report.bytes
    )
}

fn text_of_erased(erased: &Erased) -> String {
    let mut text = format!("Erased: {}.", erased.gone.join(", "));
    for sentence in &erased.remains {
        push_line(&mut text, format_args!("{}", plain(sentence)));
    }
    text
}
