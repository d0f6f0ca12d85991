//! Backups: everything of the account that is here, in one encrypted file that opens with a passphrase
//! or the words of the recovery kit; and the proof, by a trial, that it comes back.
//!
//! ```text
//! database ── one state ──▶ items ──▶ sealed chunks ──▶ NAME.part ── read back ──▶ NAME
//! NAME ── scratch database ──▶ compared with what is here ──▶ “last proven”
//!      ── new profile ──▶ a new device, of the account (words) or of a new one (copies)
//! ```
//!
//! Invariant: no key of a device is in a backup, so whoever restores is a new device; a file is only
//! called a backup once it was written whole, reached the disk and was read back.

mod due;
mod file;
mod filling;
mod making;
mod proof;
mod restore;
mod rotation;
mod scratch;
mod terms;
mod writing;

use std::path::{Path, PathBuf};

use almanac_crypto::backup::{BackupUnlock, open};
use almanac_crypto::recovery::RecoveryKit;
use almanac_crypto::stream::StreamOpener;
use serde::Serialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::findings::instant;
use file::Found;

pub use making::Trial;
pub use restore::{RestoreKind, Restored, restore_backup};
pub use terms::{BackupTerms, EditBackups};

/// What opens a backup.
#[derive(Debug, Clone)]
pub enum BackupKey {
    /// Its passphrase, as typed.
    Passphrase(Zeroizing<String>),
    /// The words of the recovery kit, as typed.
    Words(Zeroizing<String>),
}

/// A backup in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupView {
    /// The file.
    pub path: String,
    /// When it was made, RFC 3339 in UTC.
    pub made: String,
    /// Its size.
    pub bytes: u64,
    /// Whether a passphrase opens it.
    pub passphrase: bool,
    /// Whether the words of a recovery kit open it.
    pub kit: bool,
    /// Whether it is of the account of this profile.
    pub own: bool,
    /// Whether it is the one that was last restored for a trial.
    pub proven: bool,
}

/// The backups of a folder, and what is to be said of them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupList {
    /// The folder.
    pub folder: String,
    /// The newest first.
    pub backups: Vec<BackupView>,
    /// That the last one that was made is not there any more, or is another file now.
    pub warning: Option<String>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupMade {
    /// The file.
    pub path: String,
    /// When it was made, RFC 3339 in UTC.
    pub made: String,
    /// Its size.
    pub bytes: u64,
    /// Calendars in it, the private one among them.
    pub calendars: u64,
    /// Events and tasks in it.
    pub events: u64,
    /// Older ones that were removed by the rule for keeping.
    pub removed: u64,
    /// What the trial showed, where there was one.
    pub proof: Option<BackupProof>,
}

/// What a trial showed: a backup was restored into a scratch database and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupProof {
    /// Of when the backup is, RFC 3339 in UTC.
    pub made: String,
    /// Whether everything came back as it was when the backup was made.
    pub complete: bool,
    /// Calendars that came back.
    pub calendars: u64,
    /// Events and tasks that came back.
    pub events: u64,
    /// Steps of their history.
    pub changes: u64,
    /// Steps that are here and newer than the backup.
    pub newer_here: u64,
    /// Steps that are in the backup and not here.
    pub missing_here: u64,
    /// Events that came back and say something else than here, although nothing was changed.
    pub differing: u64,
    /// What was found, in a few sentences.
    pub message: String,
}

impl Client {
    /// The backups in a folder; in that of this profile's backups if none is given.
    pub fn backups(&self, folder: Option<&Path>) -> Result<BackupList> {
        let stored = self.read(terms::stored)?;
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => terms::folder(&stored, &self.profile_folder()?),
        };
        let own = self.identity().account;
        let proven = stored.proven.as_ref().map(|proven| proven.id.as_str());
        let mut found = list(&folder);
        found.sort_by_key(|(_, found, _)| std::cmp::Reverse(found.label.created_ms));
        let is_last_there = stored.last.as_ref().is_none_or(|last| {
            last.path.parent() != Some(folder.as_path())
                || found
                    .iter()
                    .any(|(_, found, _)| digits(&found.label.id) == last.id)
        });
        let warning = (!is_last_there).then(|| {
            let made = stored.last.as_ref().map(|last| instant(last.made_ms));
            format!(
                "The backup of {} is not here any more, or an older file took its place. Your \
                 calendars are as they are; make a new one with `almanac backup now`.",
                made.unwrap_or_default()
            )
        });
        let backups = found.into_iter().map(|(path, found, bytes)| BackupView {
            path: path.display().to_string(),
            made: instant(found.label.created_ms),
            bytes,
            passphrase: found.ways.passphrase.is_some(),
            kit: found.ways.kit.is_some(),
            own: found.label.account == own,
            proven: proven == Some(digits(&found.label.id).as_str()),
        });
        Ok(BackupList {
            folder: folder.display().to_string(),
            backups: backups.collect(),
            warning,
        })
    }

    /// The folder of this profile.
    pub(crate) fn profile_folder(&self) -> Result<PathBuf> {
        let folder = self.database_path().parent().map(Path::to_path_buf);
        folder.ok_or_else(|| Error::internal("a database without a folder"))
    }
}

/// Every file of a folder that says it is a whole backup.
fn list(folder: &Path) -> Vec<(PathBuf, Found, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let named = paths.filter(|path| path.to_string_lossy().ends_with(file::SUFFIX));
    let found = named.filter_map(|path| {
        let bytes = std::fs::metadata(&path).ok()?.len();
        Some((path.clone(), Found::at(&path).ok()?, bytes))
    });
    found.collect()
}

/// Opens what was sealed, with what a person has typed.
fn opener(found: &Found, key: &BackupKey) -> Result<StreamOpener> {
    match key {
        BackupKey::Passphrase(text) => open(&found.header, BackupUnlock::Passphrase(text)),
        BackupKey::Words(words) => {
            let kit = kit(words)?;
            open(&found.header, BackupUnlock::Kit(&kit))
        }
    }
    .map_err(file::refused)
}

/// The kit whose words were typed.
fn kit(words: &str) -> Result<RecoveryKit> {
    RecoveryKit::from_words(words).map_err(|error| {
        Error::invalid(format!(
            "These are not the 24 words of a recovery kit: {error}. Nothing was changed."
        ))
    })
}

/// Bytes as digits, the short way by which a backup is remembered.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
