//! `almanac backup`: encrypted copies of everything, and the proof that they come back.

use std::fs;
use std::path::{Path, PathBuf};

use almanac_client::{
    BackupKey, BackupList, BackupMade, BackupProof, BackupTerms, EditBackups, Error, Restored,
    Result, Trial, restore_backup,
};
use clap::{Args, Subcommand, ValueEnum};

use crate::arguments::{Options, PassphraseCost};
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Make a backup now
    Now {
        /// Folder to write it to; that of the schedule when absent
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Restore it for a trial at once and compare
        #[arg(long)]
        verify: bool,
    },
    /// List the backups there are
    List {
        /// Folder to look in; that of the schedule when absent
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Restore a backup for a trial, into a database that is thrown away, and compare it with what
    /// is here
    Verify {
        /// The backup; the newest when absent
        file: Option<PathBuf>,
        #[command(flatten)]
        key: KeyArguments,
    },
    /// Make a profile on this computer out of a backup: it becomes a new device
    Restore {
        /// The backup
        file: PathBuf,
        /// Name of this device, as your other devices will show it
        #[arg(long)]
        name: String,
        #[command(flatten)]
        key: KeyArguments,
        #[command(flatten)]
        cost: PassphraseCost,
    },
    /// Show or change when backups are made, where they go and what opens them
    Schedule(ScheduleArguments),
}

/// What opens a backup.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// File whose first line is the passphrase of the backups
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    /// File with the 24 words of the recovery kit
    #[arg(long, value_name = "FILE", conflicts_with = "backup_passphrase_file")]
    words_file: Option<PathBuf>,
}

/// Arguments of `backup schedule`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleArguments {
    /// How often a running program makes one
    #[arg(long)]
    every: Option<Every>,
    /// Folder to write them to: one on another disk survives this one
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// File whose first line is the passphrase that opens the backups from now on
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    /// Mebibytes of memory that one guess at that passphrase takes: 64 to 1024
    #[arg(long, value_name = "MIB", requires = "backup_passphrase_file")]
    backup_passphrase_memory: Option<u32>,
}

/// How often backups are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Every {
    /// Every hour
    Hour,
    /// Every day
    Day,
    /// Every week
    Week,
    /// Only by `backup now`
    Never,
}

impl Every {
    const fn hours(self) -> u32 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 24 * 7,
            Self::Never => 0,
        }
    }
}

pub(super) fn run(options: &Options, command: BackupCommand, output: &Output) -> Result<()> {
    match command {
        BackupCommand::Now { to, verify } => {
            let trial = if verify { Trial::Now } else { Trial::Later };
            let made = profile::open(options)?.back_up(to.as_deref(), trial)?;
            output.give(&made, text_of_made)
        }
        BackupCommand::List { from } => {
            let list = profile::open(options)?.backups(from.as_deref())?;
            output.give(&list, text_of_list)
        }
        BackupCommand::Verify { file, key } => {
            let client = profile::open(options)?;
            let file = match file {
                Some(file) => file,
                None => newest(&client.backups(None)?)?,
            };
            let proof = client.prove_backup(&file, key.read()?.as_ref())?;
            let complete = proof.complete;
            output.give(&proof, text_of_proof)?;
            if complete {
                Ok(())
            } else {
                Err(Error::new(
                    almanac_client::ErrorCode::BackupRefused,
                    "The trial failed.",
                ))
            }
        }
        BackupCommand::Restore {
            file,
            name,
            key,
            cost,
        } => {
            let key = key.read()?.ok_or_else(no_key)?;
            let folder = profile::folder(options)?;
            let unlock = profile::unlock_new(options, cost)?;
            let restored = restore_backup(&folder, &file, &key, &name, &unlock)?;
            output.give(&restored, text_of_restored)
        }
        BackupCommand::Schedule(what) => schedule(options, what, output),
    }
}

fn schedule(options: &Options, what: ScheduleArguments, output: &Output) -> Result<()> {
    let passphrase = what
        .backup_passphrase_file
        .map(|path| profile::first_line(&path))
        .transpose()?;
    let folder = what
        .to
        .map(|path| std::path::absolute(&path).map_err(Error::internal))
        .transpose()?;
    let client = profile::open(options)?;
    let terms = client.edit_backups(EditBackups {
        folder,
        hours: what.every.map(Every::hours),
        passphrase,
        memory_mib: what.backup_passphrase_memory,
    })?;
    output.give(&terms, text_of_terms)
}

impl KeyArguments {
    fn read(&self) -> Result<Option<BackupKey>> {
        if let Some(path) = &self.backup_passphrase_file {
            return profile::first_line(path)
                .map(BackupKey::Passphrase)
                .map(Some);
        }
        let Some(path) = &self.words_file else {
            return Ok(None);
        };
        let words = fs::read_to_string(path).map_err(|error| {
            Error::not_found(format!(
                "The file {} cannot be read: {error}.",
                path.display()
            ))
        })?;
        Ok(Some(BackupKey::Words(words.into())))
    }
}

fn newest(list: &BackupList) -> Result<PathBuf> {
    let own = list.backups.iter().find(|backup| backup.own);
    let own = own.ok_or_else(|| {
        Error::not_found(format!(
            "There is no backup of this account in {}. Make one with `almanac backup now`.",
            list.folder
        ))
    })?;
    Ok(Path::new(&own.path).to_owned())
}

fn no_key() -> Error {
    Error::invalid(
        "Say what opens the backup: --words-file FILE with the words of your recovery kit, which \
         brings the whole account back, or --backup-passphrase-file FILE, which brings copies of \
         your events. Nothing was changed.",
    )
}

fn text_of_made(made: &BackupMade) -> String {
    let mut text = format!(
        "Made {}: {} in {}, {} bytes. It was read back and is whole.",
        made.path,
        count(made.events, "event or task", "events and tasks"),
        count(made.calendars.saturating_sub(1), "calendar", "calendars"),
        made.bytes
    );
    if made.removed > 0 {
        let count = made.removed;
        push_line(
            &mut text,
            format_args!("Older ones that the rule does not keep were removed: {count}."),
        );
    }
    match &made.proof {
        Some(proof) => push_line(&mut text, format_args!("{}", text_of_proof(proof))),
        None => push_line(
            &mut text,
            format_args!("Whether it comes back shows `almanac backup verify`."),
        ),
    }
    text
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn text_of_list(list: &BackupList) -> String {
    let mut text = String::new();
    if list.backups.is_empty() {
        push_line(&mut text, format_args!("No backups in {}.", list.folder));
    }
    for one in &list.backups {
        let opens = match (one.passphrase, one.kit) {
            (true, true) => "passphrase or words",
            (true, false) => "passphrase",
            (false, _) => "words",
        };
        let whose = if one.own { "" } else { "  (another account)" };
        let proven = if one.proven { "  proven" } else { "" };
        push_line(
            &mut text,
            format_args!(
                "{}  {:>12} bytes  opens with {opens}{proven}{whose}\n  {}",
                instant_words(&one.made),
                one.bytes,
                plain(&one.path)
            ),
        );
    }
    if let Some(warning) = &list.warning {
        push_line(&mut text, format_args!("\n{warning}"));
    }
    text
}

fn text_of_proof(proof: &BackupProof) -> String {
    let made = instant_words(&proof.made);
    let verdict = if proof.complete { "Proven" } else { "FAILED" };
    format!("{verdict}: the backup of {made}. {}", proof.message)
}

fn text_of_restored(restored: &Restored) -> String {
    format!(
        "Restored the backup that “{}” made on {}: {} in {}.\n{}",
        plain(&restored.from),
        instant_words(&restored.made),
        count(restored.events, "event or task", "events and tasks"),
        count(restored.calendars, "calendar", "calendars"),
        restored.message
    )
}

fn text_of_terms(terms: &BackupTerms) -> String {
    let every = match terms.hours {
        0 => "only by `almanac backup now`".to_owned(),
        1 => "every hour while the program runs".to_owned(),
        24 => "every day while the program runs".to_owned(),
        168 => "every week while the program runs".to_owned(),
        hours => format!("every {hours} hours while the program runs"),
    };
    let opens = match (terms.passphrase, terms.kit) {
        (true, true) => "the passphrase of your backups, or the words of your recovery kit",
        (true, false) => {
            "the passphrase of your backups: it brings copies of your events. The words of a \
             recovery kit would bring the account itself; you have none"
        }
        (false, true) => "the words of your recovery kit",
        (false, false) => {
            "nothing yet, so none is made: give --backup-passphrase-file FILE, or make a recovery \
             kit"
        }
    };
    let at = |time: &Option<String>| {
        time.as_deref()
            .map_or_else(|| "never".to_owned(), instant_words)
    };
    let mut text = String::new();
    push_line(&mut text, format_args!("Made         {every}"));
    push_line(
        &mut text,
        format_args!("In           {}", plain(&terms.folder)),
    );
    push_line(&mut text, format_args!("Opens with   {opens}"));
    push_line(
        &mut text,
        format_args!("Last made    {}", at(&terms.last_made)),
    );
    push_line(
        &mut text,
        format_args!("Last proven  {}", at(&terms.last_proven)),
    );
    push_line(
        &mut text,
        format_args!(
            "Kept         the newest of 7 days, of 4 weeks and of 12 months, and the one proven last"
        ),
    );
    if let Some(failure) = &terms.failure {
        push_line(
            &mut text,
            format_args!("The last attempt failed: {failure}"),
        );
    }
    text
}
