//! Attempts to open a profile with a wrong passphrase. The database is shut then, so they wait in a
//! file beside it until somebody opens it with the right one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use almanac_store::Transaction;

use crate::clock;
use crate::error::Result;

/// Bytes of the file: more than a thousand attempts. Whoever tries more often is known by then.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// Notes an attempt. That it cannot be noted must not keep anyone from trying again.
pub(crate) fn note(folder: &Path) {
    let path = path(folder);
    let length = fs::metadata(&path).map_or(0, |file| file.len());
    if length >= FILE_BYTES_MAX {
        return;
    }
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    let noted = file.and_then(|mut file| writeln!(file, "{}", clock::now_ms()));
    if noted.is_err() {
        tracing::warn!("unlock.failure_not_noted");
    }
}

/// Whether any wait.
pub(crate) fn wait(folder: &Path) -> bool {
    path(folder).exists()
}

/// Takes them into the database.
pub(crate) fn take_in(folder: &Path, tx: &Transaction<'_>) -> Result<()> {
    let text = fs::read_to_string(path(folder)).unwrap_or_default();
    for line in text.lines().filter_map(|line| line.parse().ok()) {
        tx.put_failed_unlock(line)?;
    }
    Ok(())
}

/// Lets go of the file, once what it says is stored.
pub(crate) fn forget(folder: &Path) {
    // A file that stays is taken in again, which changes nothing.
    let _ = fs::remove_file(path(folder));
}

fn path(folder: &Path) -> PathBuf {
    folder.join("failed-unlocks")
}
