//! `almanac lock`: a passphrase on top of the keychain, and programs that lock.

use std::path::{Path, PathBuf};

use almanac_client::{
    Client, IDLE_MINUTES, LockStatus, Result, Unlock, ask_to_lock, lock_status, set_lock,
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::arguments::{Options, PassphraseCost};
use crate::output::{Output, push_line};
use crate::profile;

/// What to do with the lock.
#[derive(Debug, Subcommand)]
pub(crate) enum LockCommand {
    /// Ask for a passphrase from now on, beside the system's keychain
    On {
        #[command(flatten)]
        new: NewPassphrase,
        /// Minutes without a sign of you after which the desktop app locks; 0: never by itself
        #[arg(long, value_name = "MINUTES", default_value_t = IDLE_MINUTES)]
        idle: u32,
    },
    /// Ask for none any more: the system's keychain alone opens the profile
    Off,
    /// Lock every program that has this profile open
    Now,
    /// Choose another passphrase
    Change(NewPassphrase),
    /// After how many minutes without a sign of you the desktop app locks; 0: never by itself
    Idle {
        /// How many
        minutes: u32,
    },
    /// Show whether the profile is locked, and how
    Status,
}

/// A new passphrase and its cost.
#[derive(Debug, Args)]
pub(crate) struct NewPassphrase {
    /// File whose first line is the new passphrase
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: PathBuf,
    #[command(flatten)]
    cost: PassphraseCost,
}

/// That programs were told to lock.
#[derive(Serialize)]
struct Asked {
    done: bool,
}

impl NewPassphrase {
    fn unlock(&self) -> Result<Unlock> {
        let line = profile::first_line(&self.new_passphrase_file)?;
        Ok(Unlock::passphrase(&line).with_memory_mib(self.cost.memory_mib))
    }
}

pub(super) fn run(options: &Options, command: LockCommand, output: &Output) -> Result<()> {
    let folder = profile::folder(options)?;
    let current = profile::unlock(options)?;
    match command {
        LockCommand::On { new, idle } => {
            let next = new.unlock()?;
            // Opened first: the wish for idle minutes stands in it, and who cannot open it changes
            // nothing.
            Client::open(&folder, &current)?.set_idle_minutes(idle)?;
            set_lock(&folder, &current, &next)?;
            status(&folder, &next, output)
        }
        LockCommand::Off => {
            set_lock(&folder, &current, &Unlock::Keychain)?;
            status(&folder, &Unlock::Keychain, output)
        }
        LockCommand::Change(new) => {
            let next = new.unlock()?;
            set_lock(&folder, &current, &next)?;
            status(&folder, &next, output)
        }
        LockCommand::Idle { minutes } => {
            Client::open(&folder, &current)?.set_idle_minutes(minutes)?;
            status(&folder, &current, output)
        }
        LockCommand::Now => {
            ask_to_lock(&folder)?;
            output.give(&Asked { done: true }, |_| {
                "Every program that has this profile open locks within a second. The passphrase \
                 opens it again."
                    .to_owned()
            })
        }
        LockCommand::Status => output.give(&lock_status(&folder)?, text),
    }
}

fn status(folder: &Path, unlock: &Unlock, output: &Output) -> Result<()> {
    output.give(&Client::open(folder, unlock)?.lock_status()?, text)
}

fn text(status: &LockStatus) -> String {
    let mut text = String::new();
    let opens = match (status.on, status.keychain) {
        (true, true) => {
            "with your passphrase, together with this system's keychain: whoever takes the disk \
             needs both. Nobody can open it without the passphrase; if you forget it, another device \
             of yours, the recovery kit or a backup brings your calendars back"
        }
        (true, false) => {
            "with your passphrase alone, since no keychain could be reached. Nobody can open it \
             without; if you forget it, another device of yours, the recovery kit or a backup brings \
             your calendars back"
        }
        (false, _) => {
            "with this system's keychain alone: whoever is logged in here can open it. `almanac \
             lock on` asks for a passphrase too"
        }
    };
    push_line(&mut text, format_args!("Opens {opens}."));
    if status.on {
        let cost = status.memory_mib;
        push_line(
            &mut text,
            format_args!("Every guess at the passphrase takes {cost} MiB of memory."),
        );
    }
    match status.idle_minutes {
        Some(0) => push_line(
            &mut text,
            format_args!("The desktop app never locks by itself."),
        ),
        Some(minutes) if status.on => push_line(
            &mut text,
            format_args!("The desktop app locks after {minutes} minutes without a sign of you."),
        ),
        Some(_) | None => {}
    }
    text
}
