//! One function per command: ask the client, write what comes back.

pub(crate) mod activity;
pub(crate) mod backup;
mod calendars;
pub(crate) mod conflicts;
pub(crate) mod devices;
pub(crate) mod events;
mod files;
pub(crate) mod free_busy;
pub(crate) mod going;
pub(crate) mod history;
pub(crate) mod holidays;
pub(crate) mod ledger;
pub(crate) mod lock;
pub(crate) mod quick;
pub(crate) mod recovery;
pub(crate) mod reminders;
pub(crate) mod search;
pub(crate) mod sharing;
pub(crate) mod show;
mod status;
mod sync;
pub(crate) mod task;
pub(crate) mod trash;
pub(crate) mod undo;

use almanac_client::{Client, Result};
use serde::Serialize;

use crate::arguments::{Arguments, Command, ListArguments, Options, PassphraseCost};
use crate::listing;
use crate::output::Output;
use crate::profile;

/// Runs the command.
pub(crate) async fn run(arguments: Arguments, output: &Output) -> Result<()> {
    let options = &arguments.options;
    match arguments.command {
        Command::Init { name, cost } => init(options, &name, cost, output),
        Command::Calendar(command) => calendars::run(options, command, output),
        Command::Import { files, calendar } => files::import(options, &files, &calendar, output),
        Command::Export(what) => files::export(options, &what, output),
        Command::List(what) => list(options, &what, output),
        Command::Quick(what) => quick::run(options, what, output),
        Command::Search(what) => search::run(options, what, output),
        Command::Show(what) => show::run(options, &what, output),
        Command::Add(what) => events::add(options, what, output),
        Command::Edit(what) => events::edit(options, what, output),
        Command::Delete(what) => events::delete(options, what, output),
        Command::Restore(what) => events::restore(options, &what, output),
        Command::History(what) => history::run(options, &what, output),
        Command::Conflicts(what) => conflicts::run(options, &what, output),
        Command::Task(command) => task::run(options, command, output),
        Command::FreeBusy(what) => free_busy::run(options, &what, output),
        Command::FindTime(what) => free_busy::find_time(options, &what, output),
        Command::Holidays(what) => holidays::holidays(&what, output),
        Command::Birthday(what) => holidays::birthday(options, &what, output),
        Command::Reminders(what) => reminders::run(options, &what, output),
        Command::Snooze(what) => reminders::snooze(options, what, output),
        Command::Trash(command) => trash::run(options, &command, output),
        Command::Undo(what) => undo::undo(options, &what, output),
        Command::Redo(what) => undo::redo(options, &what, output),
        Command::Relay(command) => sync::relay(options, command, output).await,
        Command::Sync { watch, code } => sync::sync(options, watch, code, output).await,
        Command::Status => status::status(options, output),
        Command::Repair => status::repair(options, output).await,
        Command::Changes(what) => history::changes(options, &what, output),
        Command::Activity(what) => activity::run(options, &what, output),
        Command::Backup(command) => backup::run(options, command, output),
        Command::Exit(what) => going::exit(options, &what, output),
        Command::Erase(command) => going::erase(options, command, output).await,
        Command::Lock(command) => lock::run(options, command, output),
        Command::Ledger(what) => ledger::run(options, &what, output),
        Command::Device(command) => devices::run(options, command, output).await,
        Command::Recovery(command) => recovery::run(options, command, output).await,
        Command::Share(what) => sharing::share(options, what, output).await,
        Command::Join(what) => sharing::join(options, what, output).await,
        Command::Member(command) => sharing::member(options, command, output).await,
        Command::Role(what) => sharing::role(options, what, output).await,
        Command::Leave(what) => sharing::leave(options, &what, output),
        Command::Expand { file, stretch } => files::expand(&file, &stretch, output),
    }
}

/// A profile that was made.
#[derive(Serialize)]
struct NewProfile {
    device: String,
    profile: String,
}

fn init(options: &Options, name: &str, cost: PassphraseCost, output: &Output) -> Result<()> {
    let folder = profile::folder(options)?;
    Client::create_profile(&folder, name, &profile::unlock_new(options, cost)?)?;
    let made = NewProfile {
        device: name.to_owned(),
        profile: folder.display().to_string(),
    };
    output.give(&made, |made| {
        format!(
            "This device is now “{}”. Its profile is {}.",
            made.device, made.profile
        )
    })
}

fn list(options: &Options, what: &ListArguments, output: &Output) -> Result<()> {
    let stretch = &what.stretch;
    let client = profile::open(options)?;
    let found = client.list(
        &stretch.from,
        &stretch.to,
        stretch.zone.as_deref(),
        what.calendar.as_deref(),
    )?;
    output.give(&found, |found| listing::of_events(found))
}
