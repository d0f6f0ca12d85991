//! Where and how often backups are made, what opens them, and what became of the last ones: in the
//! profile's database.

use std::path::{Path, PathBuf};

use almanac_crypto::backup::StretchedPassphrase;
use almanac_crypto::slot::Cost;
use almanac_store::{Setting, Transaction};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::file;
use crate::client::{Client, Identity};
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::instant;
use crate::replica::logs;
use crate::strength;

/// Name under which what opens backups rests in the database.
const WAY: &str = "backup passphrase";
/// Hours between two backups unless told otherwise.
const HOURS: u32 = 24;
/// Folder of the backups in that of the profile unless told otherwise.
const FOLDER: &str = "backups";

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    #[serde(default)]
    pub(super) folder: Option<PathBuf>,
    /// 0: never by itself.
    pub(super) hours: u32,
    #[serde(default)]
    pub(super) last: Option<Made>,
    #[serde(default)]
    pub(super) proven: Option<Proven>,
    /// When one was last tried in vain, and why.
    #[serde(default)]
    pub(super) failed: Option<(u64, String)>,
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            folder: None,
            hours: HOURS,
            last: None,
            proven: None,
            failed: None,
        }
    }
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) made_ms: u64,
    pub(super) path: PathBuf,
}

/// A backup that was restored into a scratch database and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proven {
    pub(super) id: String,
    pub(super) made_ms: u64,
    pub(super) proven_ms: u64,
    pub(super) events: u64,
}

/// Where and how often backups are made, what opens them, and what became of the last ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupTerms {
    /// The folder they are in.
    pub folder: String,
    /// Hours between two of them; 0: none by itself.
    pub hours: u32,
    /// Whether a passphrase opens them.
    pub passphrase: bool,
    /// Whether the words of the recovery kit open them.
    pub kit: bool,
    /// When the last one was made, RFC 3339 in UTC.
    pub last_made: Option<String>,
    /// When one was last restored for a trial and compared, RFC 3339 in UTC.
    pub last_proven: Option<String>,
    /// Of when the backup was that was proven then.
    pub proven_of: Option<String>,
    /// Why the last attempt failed, if it did: a finished sentence.
    pub failure: Option<String>,
}

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct EditBackups {
    /// Another folder.
    pub folder: Option<PathBuf>,
    /// Other hours; 0: none by itself.
    pub hours: Option<u32>,
    /// Another passphrase.
    pub passphrase: Option<zeroize::Zeroizing<String>>,
    /// Mebibytes that one guess at it costs.
    pub memory_mib: Option<u32>,
}

impl Client {
    /// Where and how often backups are made.
    pub fn backup_terms(&self) -> Result<BackupTerms> {
        let identity = self.identity();
        let folder = self.profile_folder()?;
        self.read(|tx| view(tx, identity, &folder))
    }

    /// Changes where and how often backups are made, and what opens those that come.
    pub fn edit_backups(&self, edit: EditBackups) -> Result<BackupTerms> {
        if let Some(hours) = edit.hours
            && hours > 24 * 31
        {
            return Err(Error::invalid(
                "Backups are made at least once a month. Nothing was changed.",
            ));
        }
        let stretched = edit
            .passphrase
            .map(|text| {
                strength::check(&text)?;
                let memory_mib = edit.memory_mib.unwrap_or(crate::Unlock::MEMORY_MIB);
                let cost = Cost {
                    memory_kib: memory_mib.saturating_mul(1024),
                    ..Cost::USUAL
                };
                StretchedPassphrase::new(&mut SystemEntropy, &text, cost).map_err(file::refused)
            })
            .transpose()?;
        if let Some(folder) = &edit.folder {
            std::fs::create_dir_all(folder).map_err(|error| file::unwritable(folder, &error))?;
        }
        let identity = self.identity();
        self.store(|tx| {
            if let Some(way) = &stretched {
                let sealed = identity.keep.wrap(&mut SystemEntropy, WAY, &way.to_bytes());
                tx.put_secret(WAY, &sealed)?;
            }
            change(tx, |stored| {
                stored.folder = edit.folder.clone().or(stored.folder.take());
                stored.hours = edit.hours.unwrap_or(stored.hours);
            })
        })?;
        self.backup_terms()
    }
}

/// What is stored.
pub(super) fn stored(tx: &Transaction<'_>) -> Result<Stored> {
    let bytes = tx.setting(Setting::Backups)?;
    Ok(bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default())
}

/// Changes what is stored.
pub(super) fn change(tx: &Transaction<'_>, edit: impl FnOnce(&mut Stored)) -> Result<()> {
    let mut stored = stored(tx)?;
    edit(&mut stored);
    let bytes = serde_json::to_vec(&stored).map_err(Error::internal)?;
    Ok(tx.set(Setting::Backups, &bytes)?)
}

/// The folder of backups of a profile.
pub(super) fn folder(stored: &Stored, profile: &Path) -> PathBuf {
    let chosen = stored.folder.clone();
    chosen.unwrap_or_else(|| profile.join(FOLDER))
}

/// What was made of the passphrase of backups, if there is one.
pub(super) fn way(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<Option<StretchedPassphrase>> {
    let Some(sealed) = tx.secret(WAY)? else {
        return Ok(None);
    };
    let bytes = identity
        .keep
        .unwrap(WAY, &sealed)
        .map_err(Error::internal)?;
    StretchedPassphrase::from_bytes(&bytes)
        .map(Some)
        .map_err(Error::internal)
}

/// That nothing could open a backup yet.
pub(super) fn nothing_opens() -> Error {
    Error::new(
        ErrorCode::InvalidInput,
        "No backup was made: nothing could open it yet. Choose a passphrase for your backups with \
         `almanac backup schedule --backup-passphrase-file FILE`, or make a recovery kit.",
    )
}

fn view(tx: &Transaction<'_>, identity: &Identity, profile: &Path) -> Result<BackupTerms> {
    let stored = stored(tx)?;
    let kit = logs::account(tx, identity)?.recovery().is_some();
    Ok(BackupTerms {
        folder: folder(&stored, profile).display().to_string(),
        hours: stored.hours,
        passphrase: way(tx, identity)?.is_some(),
        kit,
        last_made: stored.last.map(|made| instant(made.made_ms)),
        last_proven: stored
            .proven
            .as_ref()
            .map(|proven| instant(proven.proven_ms)),
        proven_of: stored.proven.map(|proven| instant(proven.made_ms)),
        failure: stored.failed.map(|(_, message)| message),
    })
}
