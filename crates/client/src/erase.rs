//! Erasing: what this computer holds, and what a relay holds.
//!
//! Here, the half of the key that lies in the keychain goes first: from then on nothing of the database
//! can be read, even where a disk keeps what was deleted. Nothing outside the profile's folder is touched
//! but that half and the anchor beside it.

mod at_relay;

use std::fs;
use std::path::Path;

use serde::Serialize;
use ts_rs::TS;

use crate::client::Client;
use crate::error::{Error, ErrorCode, Result};
use crate::keychain;
use crate::profile::{self, Unlock};

pub use at_relay::ErasedAtRelay;

/// Files of a profile, besides the database and those that begin with a mark of ours.
const FILES: [&str; 7] = [
    "key.slot",
    "key.slot.new",
    "almanac.db",
    "almanac.db-wal",
    "almanac.db-shm",
    "failed-unlocks",
    "lock-asked",
];
/// The last one: it names the keychain's item, so that an interrupted erasure can be gone on with.
const ID_FILE: &str = "profile.id";
/// What the names of other files and folders of ours begin with.
const MARKS: [&str; 2] = ["left-", "scratch-"];
/// Where backups lie unless told otherwise.
const BACKUPS: &str = "backups";

/// What becomes of the backups in the profile's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backups {
    /// They stay.
    Keep,
    /// They go too.
    Erase,
}

/// What was erased here, and what is left elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Erased {
    /// What is gone: files, by name, and what the keychain held.
    pub gone: Vec<String>,
    /// What is still somewhere, and what to do about it: finished sentences.
    pub remains: Vec<String>,
}

/// Erases the profile in a folder. What opens it is only needed to tell what is left elsewhere: who can
/// remove files here could do so by hand.
pub fn erase_here(folder: &Path, unlock: &Unlock, backups: Backups) -> Result<Erased> {
    if !folder.join("almanac.db").exists() && !folder.join(ID_FILE).exists() {
        return Err(Error::new(
            ErrorCode::NoProfile,
            format!(
                "There is no profile in {}. Nothing was erased.",
                folder.display()
            ),
        ));
    }
    let mut remains = elsewhere(folder, unlock);
    let mut gone = Vec::new();
    erase_keys(folder, &mut gone, &mut remains)?;
    for name in FILES {
        remove(folder, name, &mut gone)?;
    }
    for entry in entries(folder)? {
        let is_ours = MARKS.iter().any(|mark| entry.starts_with(mark));
        let is_backup = entry == BACKUPS && backups == Backups::Erase;
        if is_ours || is_backup {
            remove(folder, &entry, &mut gone)?;
        }
    }
    remove(folder, ID_FILE, &mut gone)?;
    let left = entries(folder)?;
    if left.is_empty() {
        // An empty folder that stays says nothing.
        let _ = fs::remove_dir(folder);
    } else {
        remains.push(format!(
            "In {} there is still: {}.",
            folder.display(),
            left.join(", ")
        ));
    }
    Ok(Erased { gone, remains })
}

/// What is still elsewhere, as far as the profile can be opened to ask it.
fn elsewhere(folder: &Path, unlock: &Unlock) -> Vec<String> {
    let mut remains = Vec::new();
    match Client::open(folder, unlock).and_then(|client| told(&client)) {
        Ok(sentences) => remains.extend(sentences),
        Err(_) => remains.push(
            "The profile could not be opened to look: your other devices, your relay, people you \
             share with and backups elsewhere may still have what they had."
                .to_owned(),
        ),
    }
    remains
}

fn told(client: &Client) -> Result<Vec<String>> {
    let mut remains = Vec::new();
    let status = client.status()?;
    let devices = client.devices()?;
    let others = devices.iter().filter(|one| !one.device.this).count();
    if others > 0 {
        remains.push(format!(
            "{others} other devices of your account have all of it, and go on. Revoke this one there, \
             so that nobody can act with what was erased."
        ));
    }
    if status.outbox > 0 {
        remains.push(format!(
            "{} changes had not been sent to the relay yet. They are gone.",
            status.outbox
        ));
    }
    if let Some(relay) = status.relay {
        remains.push(format!(
            "{relay} still keeps the sealed copies. `almanac erase relay` removes them, from a \
             device that is still part of the account."
        ));
    }
    if client.shares()? {
        remains.push(
            "People you share calendars with keep what they have, and you stay on their list of \
             members until an owner removes you."
                .to_owned(),
        );
    }
    let terms = client.backup_terms()?;
    if terms.last_made.is_some() {
        remains.push(format!(
            "Encrypted backups in {} open with their passphrase or the words of your recovery kit.",
            terms.folder
        ));
    }
    Ok(remains)
}

impl Client {
    /// Whether anybody else is in a calendar of this person.
    pub(crate) fn shares(&self) -> Result<bool> {
        let identity = self.identity();
        self.read(|tx| {
            Ok(!crate::replica::membership::others(tx, identity, &tx.calendars()?)?.is_empty())
        })
    }
}

/// The half of the key that the keychain holds, and the anchor. Where neither a keychain nor its half
/// was ever needed, there is nothing.
fn erase_keys(folder: &Path, gone: &mut Vec<String>, remains: &mut Vec<String>) -> Result<()> {
    let id = fs::read_to_string(folder.join(ID_FILE)).unwrap_or_default();
    let id = id.trim();
    let needs_keychain = profile::guard(folder).is_ok_and(|(_, keychain, _)| keychain);
    if id.is_empty() {
        return Ok(());
    }
    for name in [id.to_owned(), format!("{id}/anchor")] {
        match keychain::remove(&name) {
            Ok(true) => gone.push("what the keychain held".to_owned()),
            Ok(false) => {}
            Err(error) if needs_keychain => return Err(error),
            Err(_) => {}
        }
    }
    if !needs_keychain {
        remains.push(
            "A disk may keep what was deleted for a while. Without the passphrase it cannot be read."
                .to_owned(),
        );
    }
    gone.dedup();
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<String>> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(stays(folder, &error)),
    };
    let names = read.flatten().map(|entry| entry.file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn remove(folder: &Path, name: &str, gone: &mut Vec<String>) -> Result<()> {
    let path = folder.join(name);
    let removed = if path.is_dir() {
        fs::remove_dir_all(&path)
    } else {
        fs::remove_file(&path)
    };
    match removed {
        Ok(()) => {
            gone.push(name.to_owned());
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(stays(&path, &error)),
    }
}

fn stays(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::DiskFull,
        format!(
            "{} could not be removed ({error}). What was erased before stays erased: close every \
             program that uses this profile and run the command again.",
            path.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_cannot_be_opened_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("p");
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let client = Client::create_profile(&profile, "Ada", &unlock).unwrap();
        drop(client);
        fs::write(profile.join("letter.txt"), "mine").unwrap();
        fs::create_dir(profile.join("backups")).unwrap();
        fs::write(profile.join("left-00-almanac.db"), "old").unwrap();
        let erased = erase_here(&profile, &unlock, Backups::Keep).unwrap();
        for name in ["key.slot", "almanac.db", "left-00-almanac.db", "profile.id"] {
            assert!(erased.gone.iter().any(|gone| gone == name), "{erased:?}");
            assert!(!profile.join(name).exists());
        }
        let left = erased.remains.last().unwrap();
        assert!(left.ends_with("still: backups, letter.txt."), "{left}");
        assert_eq!(
            Client::open(&profile, &unlock).unwrap_err().code,
            ErrorCode::NoProfile
        );
        let again = erase_here(&profile, &unlock, Backups::Erase).unwrap_err();
        assert_eq!(again.code, ErrorCode::NoProfile);
    }

    #[test]
    fn a_profile_whose_passphrase_is_lost_can_be_erased_too() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("p");
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        drop(Client::create_profile(&profile, "Ada", &unlock).unwrap());
        let lost = Unlock::passphrase("another");
        let erased = erase_here(&profile, &lost, Backups::Erase).unwrap();
        assert!(erased.remains[0].contains("could not be opened to look"));
        assert!(!profile.exists());
    }
}
