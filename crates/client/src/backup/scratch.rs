//! A database beside the real one, under a key that nobody keeps, to see what a backup gives. It is
//! gone when the value is, or when the next one is made.

use std::fs;
use std::path::{Path, PathBuf};

use almanac_crypto::database::database_salt;
use almanac_crypto::keep::Keep;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::secret::DatabaseKey;
use almanac_store::{Room, Store, Transaction};

use super::file::{Content, unwritable};
use super::filling::{self, Database, Filled, Head, Work};
use crate::client::Identity;
use crate::entropy::{self, SystemEntropy};
use crate::error::Result;
use crate::replica::documents;
use crate::replica::logs::Verified;

/// What the names of scratch folders begin with.
const PREFIX: &str = "scratch-";

/// A database that holds what a backup holds.
pub(super) struct Scratch {
    store: Store,
    identity: Identity,
    pub(super) filled: Filled,
    // After the store: what is open is not removed everywhere.
    _folder: Folder,
}

impl Scratch {
    /// Fills one in a folder of its own below `beside`.
    pub(super) fn fill(beside: &Path, content: &mut Content, head: &Head) -> Result<Self> {
        let folder = Folder::new(beside)?;
        let key = DatabaseKey::random(&mut SystemEntropy);
        let store_key = almanac_store::DatabaseKey::new(key.expose(), database_salt(&key));
        let store = Store::open(&folder.0.join("almanac.db"), &store_key)?;
        // Somebody who is no device of the account: who reads, and in whose name nothing is written.
        let keys = DeviceKeys::generate(&mut SystemEntropy);
        let identity = Identity {
            account: head.start.account,
            device: keys.device_id(),
            private: head.start.private,
            keys,
            keep: Keep::new(&key),
            verified: Verified::default(),
        };
        let mut scratch = Self {
            store,
            identity,
            filled: Filled::default(),
            _folder: folder,
        };
        head.account()?;
        scratch.with(&mut |tx, identity| {
            documents::rebuild(tx)?;
            tx.set(almanac_store::Setting::Incarnation, &entropy::bytes::<8>())?;
            head.put_logs(tx, identity)
        })?;
        scratch.store.set_room(Room::Large)?;
        scratch.filled = filling::fill(content, head, &mut scratch)?;
        Ok(scratch)
    }

    /// Who reads in it.
    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Reads one state of it.
    pub(super) fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.store.read(work)
    }
}

impl Database for Scratch {
    fn with(&mut self, work: &mut Work<'_>) -> Result<()> {
        let identity = &self.identity;
        self.store.write(|tx| work(tx, identity))
    }
}

/// A folder that goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new(beside: &Path) -> Result<Self> {
        sweep(beside);
        let mark: String = entropy::bytes::<4>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = beside.join(format!("{PREFIX}{mark}"));
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is unreadable, and swept by the next one.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what a program that was ended has left: nobody has its key.
pub(super) fn sweep(beside: &Path) {
    let Ok(entries) = fs::read_dir(beside) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
