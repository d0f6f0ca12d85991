//! Which profile, and how its key is had.

use std::fs;
use std::path::{Path, PathBuf};

use almanac_client::{Client, Error, ErrorCode, Result, Unlock, check_passphrase};
use zeroize::Zeroizing;

use crate::arguments::{Options, PassphraseCost};

/// The folder of the profile.
pub(crate) fn folder(options: &Options) -> Result<PathBuf> {
    match &options.profile {
        Some(folder) => Ok(folder.clone()),
        None => almanac_client::default_profile(),
    }
}

/// How the profile is unlocked: by the first line of the passphrase file, or by the keychain.
pub(crate) fn unlock(options: &Options) -> Result<Unlock> {
    let Some(path) = &options.passphrase_file else {
        return Ok(Unlock::Keychain);
    };
    first_line(path).map(|line| Unlock::passphrase(&line))
}

/// The passphrase in the first line of a file.
pub(crate) fn first_line(path: &Path) -> Result<Zeroizing<String>> {
    let refused = |why: String| Error::new(ErrorCode::WrongPassphrase, why);
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| {
        refused(format!(
            "The passphrase file {} cannot be read: {error}.",
            path.display()
        ))
    })?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(refused(format!(
            "The first line of {} is empty; it should be the passphrase.",
            path.display()
        )));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// The same for a profile that is about to be made.
pub(crate) fn unlock_new(options: &Options, cost: PassphraseCost) -> Result<Unlock> {
    let unlock = unlock(options)?;
    if let Unlock::Passphrase { passphrase, .. } = &unlock {
        check_passphrase(passphrase)?;
    }
    Ok(unlock.with_memory_mib(cost.memory_mib))
}

/// The client of the profile.
pub(crate) fn open(options: &Options) -> Result<Client> {
    Client::open(&folder(options)?, &unlock(options)?)
}
