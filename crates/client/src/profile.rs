//! A profile folder: the slot that guards the database key, and the database.
//!
//! ```text
//! FOLDER/profile.id    names the keychain item; not secret
//! FOLDER/key.slot      the database key, wrapped; its presence makes the folder a profile
//! FOLDER/almanac.db    SQLCipher
//! ```
//!
//! Invariant: the slot is written last, whole, and never over another, so a folder either is a
//! profile that opens or is none.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a slot's errors only some have words of their own"
)]

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use almanac_crypto::database::database_salt;
use almanac_crypto::keep::Keep;
use almanac_crypto::secret::{DatabaseKey, KeychainSecret};
use almanac_crypto::slot::{
    self, Cost, SlotError, SlotMode, open_slot, slot_guard, slot_mode, write_slot,
};
use almanac_store::Store;
use zeroize::Zeroizing;

use crate::anchor::Mooring;
use crate::entropy::{self, SystemEntropy};
use crate::error::{Error, ErrorCode, Result};
use crate::failed_unlocks;
use crate::keychain;

const ID_FILE: &str = "profile.id";
const SLOT_FILE: &str = "key.slot";
const DATABASE_FILE: &str = "almanac.db";

/// What opens a profile.
#[derive(Debug, Clone)]
pub enum Unlock {
    /// The system's keychain.
    Keychain,
    /// A passphrase, and the keychain too where there was one when the profile was made.
    Passphrase {
        /// As typed.
        passphrase: Zeroizing<String>,
        /// Mebibytes that one guess at a new profile's passphrase costs.
        memory_mib: u32,
    },
}

impl Unlock {
    /// Mebibytes that one guess costs unless told otherwise: about a second on a laptop.
    pub const MEMORY_MIB: u32 = 256;

    /// A passphrase at the usual cost.
    #[must_use]
    pub fn passphrase(text: &str) -> Self {
        Self::Passphrase {
            passphrase: Zeroizing::new(text.to_owned()),
            memory_mib: Self::MEMORY_MIB,
        }
    }

    /// The same, at another cost for whoever guesses and for whoever opens.
    #[must_use]
    pub fn with_memory_mib(self, memory_mib: u32) -> Self {
        match self {
            Self::Passphrase { passphrase, .. } => Self::Passphrase {
                passphrase,
                memory_mib,
            },
            Self::Keychain => Self::Keychain,
        }
    }
}

/// An open profile.
pub(crate) struct Profile {
    pub(crate) store: Store,
    pub(crate) keep: Keep,
    pub(crate) slot: PendingSlot,
    /// Where there is a keychain: the anchor it keeps.
    pub(crate) mooring: Option<Mooring>,
}

/// The slot of a new profile, until its first records are stored.
pub(crate) struct PendingSlot {
    folder: PathBuf,
    bytes: Option<Vec<u8>>,
}

impl PendingSlot {
    /// Makes the folder a profile.
    pub(crate) fn commit(self) -> Result<()> {
        let Some(bytes) = self.bytes else {
            return Ok(());
        };
        let path = self.folder.join(SLOT_FILE);
        let next = self.folder.join("key.slot.new");
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&next)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            // Unlike a rename this fails where another program made a profile meanwhile.
            fs::hard_link(&next, &path)?;
            fs::remove_file(&next)?;
            fs::File::open(&self.folder)?.sync_all()
        };
        write().map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => already_exists(&self.folder),
            _ => unwritable(&self.folder, &error),
        })
    }
}

/// Whether a folder is a profile.
pub fn exists(folder: &Path) -> bool {
    folder.join(SLOT_FILE).exists()
}

/// Makes the key, the slot and the empty database of a new profile.
pub(crate) fn create(folder: &Path, unlock: &Unlock) -> Result<Profile> {
    if exists(folder) {
        return Err(already_exists(folder));
    }
    make_folder(folder)?;
    let database = folder.join(DATABASE_FILE);
    set_aside_leftover(folder)?;
    let id = new_id(folder)?;
    let key = DatabaseKey::random(&mut SystemEntropy);
    let slot = wrap(&id, unlock, &key)?;
    let mooring = mooring(&slot, &id)?;
    let store = open_store(&database, &key)?;
    let slot = PendingSlot {
        folder: folder.to_owned(),
        bytes: Some(slot),
    };
    Ok(Profile {
        store,
        keep: Keep::new(&key),
        slot,
        mooring,
    })
}

/// Opens the profile in a folder.
pub(crate) fn open(folder: &Path, unlock: &Unlock) -> Result<Profile> {
    let bytes = slot_of(folder)?;
    let key = unwrap(folder, unlock, &bytes)?;
    // Before the database is read: another program on it may be at work, and writes it first.
    let id = fs::read_to_string(folder.join(ID_FILE)).unwrap_or_default();
    let mooring = mooring(&bytes, id.trim())?;
    let database = folder.join(DATABASE_FILE);
    if !database.exists() {
        return Err(almanac_store::StoreError::Corrupt.into());
    }
    let store = open_store(&database, &key)?;
    let slot = PendingSlot {
        folder: folder.to_owned(),
        bytes: None,
    };
    Ok(Profile {
        store,
        keep: Keep::new(&key),
        slot,
        mooring,
    })
}

fn slot_of(folder: &Path) -> Result<Vec<u8>> {
    match fs::read(folder.join(SLOT_FILE)) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::new(
            ErrorCode::NoProfile,
            format!(
                "There is no profile in {} yet. Make one with `almanac init --name NAME`, or \
                 link this device to one you have with `almanac device link`.",
                folder.display()
            ),
        )),
        Err(error) => Err(unreadable(folder, &error)),
    }
}

/// Whether a passphrase guards the profile in a folder, whether the keychain does, and how many
/// mebibytes one guess costs.
pub(crate) fn guard(folder: &Path) -> Result<(bool, bool, u32)> {
    let bytes = slot_of(folder)?;
    let (mode, cost) = slot_guard(&bytes).map_err(damaged_slot)?;
    Ok((
        mode != SlotMode::Keychain,
        mode != SlotMode::Passphrase,
        cost.map_or(0, |cost| cost.memory_kib / 1024),
    ))
}

/// Has `next` open the profile in a folder instead of `current`. The slot is replaced whole, so at
/// any moment one of the two opens it.
pub(crate) fn rewrap(folder: &Path, current: &Unlock, next: &Unlock) -> Result<()> {
    let bytes = slot_of(folder)?;
    let mode = slot_mode(&bytes).map_err(damaged_slot)?;
    let key = unwrap(folder, current, &bytes)?;
    let half = if mode == SlotMode::Passphrase {
        None
    } else {
        Some(keychain_half(folder)?)
    };
    let (opens, cost) = match (next, &half) {
        (Unlock::Keychain, Some(half)) => (slot::Unlock::Keychain(half), Cost::USUAL),
        (Unlock::Keychain, None) => {
            return Err(Error::new(
                ErrorCode::Keychain,
                "This profile was made where no keychain could be reached: without its passphrase \
                 nothing would protect it. Nothing was changed.",
            ));
        }
        (
            Unlock::Passphrase {
                passphrase,
                memory_mib,
            },
            half,
        ) => {
            let cost = cost_of(*memory_mib);
            match half {
                Some(half) => (slot::Unlock::KeychainAndPassphrase(half, passphrase), cost),
                None => (slot::Unlock::Passphrase(passphrase), cost),
            }
        }
    };
    let slot = write_slot(&mut SystemEntropy, &key, &opens, cost).map_err(unguarded)?;
    // What is written is what opens: a slot that does not would shut its person out.
    open_slot(&slot, &opens).map_err(Error::internal)?;
    replace(folder, &slot).map_err(|error| unwritable(folder, &error))
}

/// The key of the database in a folder.
#[cfg(test)]
pub(crate) fn unlocked(folder: &Path, unlock: &Unlock) -> Result<DatabaseKey> {
    unwrap(folder, unlock, &slot_of(folder)?)
}

fn replace(folder: &Path, slot: &[u8]) -> std::io::Result<()> {
    let next = folder.join("key.slot.new");
    let mut file = fs::File::create(&next)?;
    file.write_all(slot)?;
    file.sync_all()?;
    fs::rename(&next, folder.join(SLOT_FILE))?;
    fs::File::open(folder)?.sync_all()
}

/// Where a profile keeps its anchor; nowhere without a keychain.
fn mooring(slot: &[u8], id: &str) -> Result<Option<Mooring>> {
    let mode = slot_mode(slot).map_err(damaged_slot)?;
    let has_keychain = mode != SlotMode::Passphrase && !id.is_empty();
    Ok(has_keychain.then(|| Mooring::of(id)))
}

fn wrap(id: &str, unlock: &Unlock, key: &DatabaseKey) -> Result<Vec<u8>> {
    let half = KeychainSecret::random(&mut SystemEntropy);
    let kept = keychain::set(id, half.expose());
    let (opens, cost) = match (unlock, kept) {
        (Unlock::Keychain, kept) => {
            kept?;
            (slot::Unlock::Keychain(&half), Cost::USUAL)
        }
        (
            Unlock::Passphrase {
                passphrase,
                memory_mib,
            },
            kept,
        ) => {
            if passphrase.is_empty() {
                return Err(Error::invalid(
                    "The passphrase is empty. Nothing was changed.",
                ));
            }
            let cost = cost_of(*memory_mib);
            let opens = if kept.is_ok() {
                slot::Unlock::KeychainAndPassphrase(&half, passphrase)
            } else {
                slot::Unlock::Passphrase(passphrase)
            };
            (opens, cost)
        }
    };
    write_slot(&mut SystemEntropy, key, &opens, cost).map_err(unguarded)
}

const fn cost_of(memory_mib: u32) -> Cost {
    Cost {
        memory_kib: memory_mib.saturating_mul(1024),
        ..Cost::USUAL
    }
}

fn unguarded(error: SlotError) -> Error {
    match error {
        SlotError::Cost => Error::invalid(
            "A guess at the passphrase must cost between 64 and 1024 MiB of memory. Nothing was \
             changed.",
        ),
        error => Error::internal(error),
    }
}

fn unwrap(folder: &Path, unlock: &Unlock, bytes: &[u8]) -> Result<DatabaseKey> {
    let mode = slot_mode(bytes).map_err(damaged_slot)?;
    let half = match mode {
        SlotMode::Passphrase => None,
        SlotMode::Keychain | SlotMode::KeychainAndPassphrase => Some(keychain_half(folder)?),
    };
    let opens = match (mode, unlock, &half) {
        (SlotMode::Keychain, _, Some(half)) => slot::Unlock::Keychain(half),
        (SlotMode::KeychainAndPassphrase, Unlock::Passphrase { passphrase, .. }, Some(half)) => {
            slot::Unlock::KeychainAndPassphrase(half, passphrase)
        }
        (SlotMode::Passphrase, Unlock::Passphrase { passphrase, .. }, _) => {
            slot::Unlock::Passphrase(passphrase)
        }
        _ => {
            return Err(Error::new(
                ErrorCode::Locked,
                "This profile is protected by a passphrase. Nothing was changed. Give it with \
                 --passphrase-file FILE.",
            ));
        }
    };
    open_slot(bytes, &opens).map_err(|error| match (error, mode) {
        (SlotError::Refused, SlotMode::Keychain) => Error::new(
            ErrorCode::Keychain,
            "The system's keychain holds another key than this profile was made with. Nothing was \
             changed. Unlock the keychain of the person who made it.",
        ),
        (SlotError::Refused, _) => {
            failed_unlocks::note(folder);
            Error::new(
                ErrorCode::WrongPassphrase,
                "The passphrase is not the one of this profile. Nothing was changed. Try again; \
             capitals and spaces count.",
            )
        }
        (error, _) => damaged_slot(error),
    })
}

fn keychain_half(folder: &Path) -> Result<KeychainSecret> {
    let missing = || {
        Error::new(
            ErrorCode::Keychain,
            "The system's keychain does not hold the key of this profile. Nothing was changed. \
             Unlock the keychain of the person who made it; without that key only another device \
             can bring the calendars back.",
        )
    };
    let id = fs::read_to_string(folder.join(ID_FILE)).map_err(|_| missing())?;
    let secret = keychain::get(id.trim())?.ok_or_else(missing)?;
    let secret: [u8; 32] = secret.as_slice().try_into().map_err(|_| missing())?;
    Ok(KeychainSecret::from_bytes(secret))
}

/// A database without a slot is what an interrupted attempt left, or what a person may yet put a
/// slot beside: it is kept under another name.
fn set_aside_leftover(folder: &Path) -> Result<()> {
    if !folder.join(DATABASE_FILE).exists() {
        return Ok(());
    }
    let mark: String = entropy::bytes::<4>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for suffix in ["", "-wal", "-shm"] {
        let left = folder.join(format!("{DATABASE_FILE}{suffix}"));
        let aside = folder.join(format!("left-{mark}-{DATABASE_FILE}{suffix}"));
        match fs::rename(left, aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unwritable(folder, &error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn open_store(path: &Path, key: &DatabaseKey) -> Result<Store> {
    let key = almanac_store::DatabaseKey::new(key.expose(), database_salt(key));
    Ok(Store::open(path, &key)?)
}

fn new_id(folder: &Path) -> Result<String> {
    let id: String = entropy::bytes::<16>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(folder.join(ID_FILE))?;
        file.write_all(id.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| unwritable(folder, &error))?;
    Ok(id)
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let only_the_owner = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, only_the_owner).map_err(|error| unwritable(folder, &error))?;
    }
    Ok(())
}

pub(crate) fn already_exists(folder: &Path) -> Error {
    Error::new(
        ErrorCode::AlreadyExists,
        format!(
            "There is a profile in {} already. It was left as it is. Choose another folder with \
             --profile, or go on with this one.",
            folder.display()
        ),
    )
}

fn damaged_slot(error: SlotError) -> Error {
    match error {
        SlotError::Version(_) | SlotError::Suite(_) | SlotError::Mode(_) => Error::new(
            ErrorCode::TooNew,
            "This profile was made by a newer version of Almanac. Nothing was changed. Update \
             this program to open it.",
        ),
        _ => Error::new(
            ErrorCode::DatabaseDamaged,
            "The file key.slot of this profile is damaged and was left as it is. What other \
             devices and the relay hold is safe: put the file back from a copy, or link this \
             computer again as a new device.",
        ),
    }
}

fn unwritable(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::DiskFull,
        format!(
            "The folder {} cannot be written ({error}). Nothing was changed. Choose another with \
             --profile, or make room.",
            folder.display()
        ),
    )
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::NotFound,
        format!(
            "The folder {} cannot be read ({error}). Nothing was changed.",
            folder.display()
        ),
    )
}
