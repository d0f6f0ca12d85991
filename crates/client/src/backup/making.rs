//! Making a backup: one state of the database, written beside whoever works meanwhile, read back from
//! the disk before it is called a backup; then those that the rule does not keep are removed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use almanac_crypto::backup::{BackupLabel, BackupLock, NewBackup, StretchedPassphrase, begin_new};
use almanac_protocol::membership::DeviceBundle;
use almanac_store::Store;
use jiff::Timestamp;

use super::file::{self, Found, PART, SUFFIX, Writing};
use super::terms::{self, Made};
use super::{BackupMade, digits, proof, rotation, writing};
use crate::client::Client;
use crate::clock;
use crate::entropy::{self, SystemEntropy};
use crate::error::{Error, ErrorCode, Result};
use crate::findings::instant;
use crate::replica::logs;

/// Whether a backup is restored for a trial once it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// It is.
    Now,
    /// It is not.
    Later,
}

impl Client {
    /// Makes a backup in a folder, or in that of this profile's backups.
    ///
    /// Blocks for as long as it takes to read and write everything; nobody else waits for it.
    pub fn back_up(&self, folder: Option<&Path>, trial: Trial) -> Result<BackupMade> {
        let made = self.try_back_up(folder, trial);
        // That nothing could open one yet is no failure that has to rest.
        if let Err(error) = &made
            && error.code != ErrorCode::InvalidInput
        {
            let failed = (clock::now_ms(), error.message.clone());
            self.store(|tx| terms::change(tx, |stored| stored.failed = Some(failed)))?;
        }
        made
    }

    fn try_back_up(&self, folder: Option<&Path>, trial: Trial) -> Result<BackupMade> {
        let identity = self.identity();
        let profile = self.profile_folder()?;
        let (stored, way, kit) = self.read(|tx| {
            let account = logs::account(tx, identity)?;
            let kit = account.recovery().map(|kit| kit.bundle.clone());
            Ok((terms::stored(tx)?, terms::way(tx, identity)?, kit))
        })?;
        let lock = lock(way.as_ref(), kit.as_ref()).ok_or_else(terms::nothing_opens)?;
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => terms::folder(&stored, &profile),
        };
        fs::create_dir_all(&folder).map_err(|error| file::unwritable(&folder, &error))?;
        let _alone = alone(&folder)?;
        let own = digits(identity.device.as_bytes().get(..4).unwrap_or_default());
        remove_unfinished(&folder, &own);
        let made_ms = clock::now_ms();
        let label = BackupLabel {
            id: entropy::bytes(),
            created_ms: made_ms,
            account: identity.account,
        };
        let mut new = begin_new(&mut SystemEntropy, &label, lock).map_err(file::refused)?;
        let path = folder.join(name(made_ms, &own, &label.id));
        let mut out = Writing::begin(&path, &mut new)?;
        let mut beside = self.beside()?;
        let written = beside.read(|tx| writing::write(tx, identity, made_ms, &mut out))?;
        drop::<Store>(beside);
        let part = out.finish()?;
        let bytes = part.bytes;
        read_back(part.path(), &new)?;
        part.commit(&path)?;
        let id = digits(&label.id);
        self.store(|tx| {
            terms::change(tx, |stored| {
                stored.last = Some(Made {
                    id: id.clone(),
                    made_ms,
                    path: path.clone(),
                });
                stored.failed = None;
            })
        })?;
        let proof = match trial {
            Trial::Now => Some(proof::prove(self, Found::at(&path)?, new.opener())?),
            Trial::Later => None,
        };
        Ok(BackupMade {
            path: path.display().to_string(),
            made: instant(made_ms),
            bytes,
            calendars: written.calendars,
            events: written.events,
            removed: self.rotate(&folder, &own)?,
            proof,
        })
    }

    /// Removes those of this device's backups that the rule does not keep.
    fn rotate(&self, folder: &Path, own: &str) -> Result<u64> {
        let proven = self.read(terms::stored)?.proven;
        let is_own = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.split('-').rev().nth(2).is_some_and(|part| part == own)
        };
        let mut found = super::list(folder);
        found.retain(|(path, found, _)| {
            is_own(path) && found.label.account == self.identity().account
        });
        let made: Vec<u64> = found
            .iter()
            .map(|(_, found, _)| found.label.created_ms)
            .collect();
        let proven = found.iter().position(|(_, found, _)| {
            let id = digits(&found.label.id);
            proven.as_ref().is_some_and(|proven| proven.id == id)
        });
        let kept = rotation::kept(&made, proven);
        let mut removed = 0;
        for (place, (path, _, _)) in found.iter().enumerate() {
            if !kept.contains(&place) && fs::remove_file(path).is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn lock<'a>(
    way: Option<&'a StretchedPassphrase>,
    kit: Option<&'a DeviceBundle>,
) -> Option<BackupLock<'a>> {
    match (way, kit) {
        (Some(way), kit) => Some(BackupLock::Stretched(way, kit)),
        (None, Some(kit)) => Some(BackupLock::Kit(kit)),
        (None, None) => None,
    }
}

/// `almanac-20261122T203005Z-DEVICE-ID.almanac-backup`.
fn name(made_ms: u64, own: &str, id: &[u8; 16]) -> String {
    let ms = i64::try_from(made_ms).unwrap_or_default();
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    let id = digits(id.get(..4).unwrap_or_default());
    format!(
        "almanac-{}-{own}-{id}{SUFFIX}",
        at.strftime("%Y%m%dT%H%M%SZ")
    )
}

/// Two programs on one profile do not make a backup at the same time.
fn alone(folder: &Path) -> Result<File> {
    let path = folder.join("backups.lock");
    let lock = File::create(&path).map_err(|error| file::unwritable(&path, &error))?;
    lock.try_lock().map_err(|_| {
        Error::new(
            ErrorCode::Busy,
            "Another program is making a backup in this folder right now. Wait until it is done.",
        )
    })?;
    Ok(lock)
}

/// What this device has begun and not finished, when the program or the machine went down.
fn remove_unfinished(folder: &Path, own: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(PART) && name.contains(&format!("-{own}-")) {
            // It is no backup and stands in nobody's way; the next attempt tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether what lies on the disk is what was written, to its last byte.
fn read_back(path: &Path, new: &NewBackup) -> Result<()> {
    let mut content = Found::at(path)?.content(new.opener());
    while content.next()?.is_some() {}
    Ok(())
}
