//! The words of the command line: `almanac [OPTIONS] COMMAND`.

use std::path::PathBuf;

use almanac_client::Unlock;
use clap::{Args, Parser, Subcommand};

use crate::commands::activity::ActivityArguments;
use crate::commands::backup::BackupCommand;
use crate::commands::conflicts::ConflictsArguments;
use crate::commands::devices::RevokeArguments;
use crate::commands::events::{AddArguments, DeleteArguments, EditArguments, RestoreArguments};
use crate::commands::free_busy::{FindTimeArguments, FreeBusyArguments};
use crate::commands::going::{EraseCommand, ExitArguments};
use crate::commands::history::{ChangesArguments, HistoryArguments};
use crate::commands::holidays::{BirthdayArguments, HolidaysArguments};
use crate::commands::ledger::LedgerArguments;
use crate::commands::lock::LockCommand;
use crate::commands::quick::QuickArguments;
use crate::commands::recovery::{CodeArgument, RecoveryCommand};
use crate::commands::reminders::{RemindersArguments, SnoozeArguments};
use crate::commands::search::SearchArguments;
use crate::commands::sharing::{
    JoinArguments, LeaveArguments, MemberCommand, RoleArguments, ShareArguments,
};
use crate::commands::show::ShowArguments;
use crate::commands::task::TaskCommand;
use crate::commands::trash::TrashCommand;
use crate::commands::undo::{RedoArguments, UndoArguments};
use crate::exit;

/// Your calendar, from the command line.
///
/// Everything works without a network; `almanac sync` exchanges changes with your relay.
#[derive(Debug, Parser)]
#[command(name = "almanac", version, after_long_help = exit::HELP, color = clap::ColorChoice::Never)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folder of the profile; the one of the desktop app when absent
    #[arg(long, global = true, value_name = "DIR", env = "ALMANAC_PROFILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Write one JSON value for programs instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// File whose first line is the passphrase; without it the system's keychain holds the key
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ALMANAC_PASSPHRASE_FILE"
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a new account on this device
    Init {
        /// Name of this device, as your other devices will show it
        #[arg(long)]
        name: String,
        #[command(flatten)]
        cost: PassphraseCost,
    },
    /// Add and list calendars
    #[command(subcommand)]
    Calendar(CalendarCommand),
    /// Import .ics files; an event whose UID is already there is brought up to date
    Import {
        /// The files; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Name or id of the calendar
        #[arg(long, value_name = "NAME")]
        calendar: String,
    },
    /// Write events as one .ics file
    Export(ExportArguments),
    /// Show what happens in a stretch of days
    List(ListArguments),
    /// Find events by what they say
    Search(SearchArguments),
    /// Show everything about an event
    Show(ShowArguments),
    /// Add an event
    Add(AddArguments),
    /// Add an event or a task from one line as you would say it
    Quick(QuickArguments),
    /// Change fields of an event, or of a part of a series
    Edit(EditArguments),
    /// Put an event in the trash, or leave out a part of a series
    Delete(DeleteArguments),
    /// Bring back an occurrence of a series that was left out
    Restore(RestoreArguments),
    /// List the trash and take events out of it
    #[command(subcommand)]
    Trash(TrashCommand),
    /// Show what became of an event, by whom and when, or go back to an earlier state
    History(HistoryArguments),
    /// Show what was written at the same time on several devices, and choose
    Conflicts(ConflictsArguments),
    /// Add, list and finish tasks
    #[command(subcommand)]
    Task(TaskCommand),
    /// Show when you or someone else is taken, or when you are free
    FreeBusy(FreeBusyArguments),
    /// Find a time when you and others are all free
    FindTime(FindTimeArguments),
    /// Show the public holidays of a place, without a profile
    Holidays(HolidaysArguments),
    /// Add someone's birthday
    Birthday(BirthdayArguments),
    /// Show which reminders ring next
    Reminders(RemindersArguments),
    /// Put a reminder off, on your devices alone
    Snooze(SnoozeArguments),
    /// Take back what was done last on this device
    Undo(UndoArguments),
    /// Do again what was taken back last
    Redo(RedoArguments),
    /// Set up the relay that carries changes between devices
    #[command(subcommand)]
    Relay(RelayCommand),
    /// Exchange changes with the relay
    Sync {
        /// Stay connected until interrupted
        #[arg(long)]
        watch: bool,
        #[command(flatten)]
        code: CodeArgument,
    },
    /// Show where sync stands: what waits, what was set aside, who has confirmed what, findings
    Status,
    /// Build everything again that can be built again, and compare with the relay from the start
    Repair,
    /// Show what others changed in shared calendars, the newest arrival first
    Changes(ChangesArguments),
    /// Show what happened around your account and this device: devices, relays, failed unlocks
    Activity(ActivityArguments),
    /// Show every connection this program made: when, to whom, why, how large, and what was in it
    Ledger(LedgerArguments),
    /// Write everything you can read into one file that needs no Almanac
    Exit(ExitArguments),
    /// Erase what this computer holds, or what the relay holds
    #[command(subcommand)]
    Erase(EraseCommand),
    /// Ask for a passphrase before anything can be read
    #[command(subcommand)]
    Lock(LockCommand),
    /// Make, list, try and restore encrypted backups
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Add, list and revoke the devices of the account
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Prepare for the day all devices are gone, and come back with the words of your kit
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Invite someone to a calendar: prints a text to hand over
    Share(ShareArguments),
    /// Ask to be admitted to a calendar, with the text you were given
    Join(JoinArguments),
    /// The members of a shared calendar
    #[command(subcommand)]
    Member(MemberCommand),
    /// Give a member of a calendar another role
    Role(RoleArguments),
    /// Take a shared calendar out of your list
    Leave(LeaveArguments),
    /// Show what an .ics file means, without a profile
    Expand {
        /// The file; - is standard input
        file: PathBuf,
        #[command(flatten)]
        stretch: Stretch,
    },
}

/// What guessing the passphrase of a new profile costs.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PassphraseCost {
    /// Mebibytes of memory that one guess at the passphrase takes, and opening the profile too:
    /// 64 to 1024
    #[arg(long = "passphrase-memory", value_name = "MIB", default_value_t = Unlock::MEMORY_MIB)]
    pub(crate) memory_mib: u32,
}

/// From when to when.
#[derive(Debug, Args)]
pub(crate) struct Stretch {
    /// First day (2026-11-20), or a time on it (2026-11-20T10:00, with Z for UTC)
    #[arg(long, value_name = "DATE")]
    pub(crate) from: String,
    /// First day after, or a time
    #[arg(long, value_name = "DATE")]
    pub(crate) to: String,
    /// Zone of the wall clock, such as Europe/Berlin; the system's when absent
    #[arg(long)]
    pub(crate) zone: Option<String>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Name or id of the calendar; all of them when absent
    #[arg(long, value_name = "NAME")]
    pub(crate) calendar: Option<String>,
    /// File to write; standard output when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Only what edits of this device changed that came too late to count
    #[arg(long)]
    pub(crate) kept: bool,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) stretch: Stretch,
    /// Name or id of the calendar; all of them when absent
    #[arg(long, value_name = "NAME")]
    pub(crate) calendar: Option<String>,
}

/// What to do with calendars.
#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// Add a calendar
    Add {
        /// Its name
        name: String,
        /// tomato, orange, amber, lime, green, teal, cyan, blue, indigo, violet, pink or gray
        #[arg(long)]
        color: Option<String>,
    },
    /// Change name, colour or place in view of a calendar
    Edit {
        /// Name or id of the calendar
        calendar: String,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        /// tomato, orange, amber, lime, green, teal, cyan, blue, indigo, violet, pink or gray
        #[arg(long)]
        color: Option<String>,
        /// Leave it out of view on all your devices
        #[arg(long)]
        hide: bool,
        /// Show it again
        #[arg(long, conflicts_with = "hide")]
        show: bool,
    },
    /// List the calendars
    List,
}

/// What to do with the relay.
#[derive(Debug, Subcommand)]
pub(crate) enum RelayCommand {
    /// Use a relay, with the invite its operator gave you
    Use {
        /// Its address: https://relay.example.org
        url: String,
        /// The invite, where it does not stand behind a # in the address
        #[arg(long, value_name = "CODE")]
        invite: Option<String>,
    },
}

/// What to do with devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Let another device join this account: it shows nine digits, you type them here
    Add,
    /// Make this device part of an account that another device holds
    Link {
        /// Address of the relay
        url: String,
        /// The code the other device shows, XXXX-XXXX
        routing: String,
        /// Name of this device, as your other devices will show it
        #[arg(long)]
        name: String,
        #[command(flatten)]
        cost: PassphraseCost,
    },
    /// List the devices of the account, the most senior first
    List,
    /// Give this device another name
    Name {
        /// Its name, as your other devices will show it
        name: String,
    },
    /// Take a device out of the account: it reads nothing new, and what it writes counts nowhere
    Revoke(RevokeArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
