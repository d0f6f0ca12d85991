//! The app lock: a passphrase on top of the keychain, and a program that lets go of its keys while
//! nobody is there.
//!
//! ```text
//! open ── asked, or idle ──▶ locked: connection ended, database closed, keys wiped
//!      ◀── passphrase ──────
//! ```
//!
//! Turning it on or off writes another slot and nothing else: the database keeps its key, so a program
//! that runs meanwhile is not disturbed.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use almanac_store::Setting;
use serde::Serialize;
use ts_rs::TS;

use crate::client::Client;
use crate::clock;
use crate::error::{Error, ErrorCode, Result};
use crate::profile::{self, Unlock};
use crate::strength;
use crate::view::Notice;

/// Name of the file by which programs on a profile are told to lock: when, in ms since 1970.
const ASKED_FILE: &str = "lock-asked";
/// How often a running program looks whether it is to lock.
const LOOK: Duration = Duration::from_millis(500);
/// How long a program waits for its own tasks to let go of the keys.
const LET_GO_LOOKS: u32 = 200;
const LET_GO_LOOK: Duration = Duration::from_millis(25);
const MINUTE_MS: u64 = 60_000;
/// Minutes without a sign of a person after which a program locks, unless told otherwise.
pub const IDLE_MINUTES: u32 = 15;
/// The longest that may be chosen: a day.
const IDLE_MINUTES_MAX: u32 = 24 * 60;

/// How a profile is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LockStatus {
    /// Whether it opens with a passphrase.
    pub on: bool,
    /// Whether the system's keychain is needed too.
    pub keychain: bool,
    /// Mebibytes that one guess at the passphrase costs; 0 without one.
    pub memory_mib: u32,
    /// Minutes without a sign of a person after which a running program locks; 0: never. Only known
    /// while it is open.
    pub idle_minutes: Option<u32>,
}

/// When a person was last there.
#[derive(Debug, Default)]
pub struct Presence(AtomicU64);

impl Presence {
    /// A person is there now.
    pub fn seen(&self) {
        self.0.store(clock::now_ms(), Ordering::Relaxed);
    }

    /// By the clock of the wall, so that time asleep counts; one that was set back counts as nothing.
    fn idle_ms(&self) -> u64 {
        clock::now_ms().saturating_sub(self.0.load(Ordering::Relaxed))
    }
}

/// How the profile in a folder is locked. Needs nothing to open it.
pub fn lock_status(folder: &Path) -> Result<LockStatus> {
    let (has_passphrase, keychain, memory_mib) = profile::guard(folder)?;
    Ok(LockStatus {
        on: has_passphrase,
        keychain,
        memory_mib,
        idle_minutes: None,
    })
}

/// Sets the passphrase of the profile in a folder, or another one; `current` opens it now.
pub fn set_lock(folder: &Path, current: &Unlock, next: &Unlock) -> Result<LockStatus> {
    if let Unlock::Passphrase { passphrase, .. } = next {
        strength::check(passphrase)?;
    }
    profile::rewrap(folder, current, next)?;
    lock_status(folder)
}

/// Refuses a passphrase that could be guessed, with a sentence that says what would be better.
pub fn check_passphrase(passphrase: &str) -> Result<()> {
    strength::check(passphrase)
}

/// Tells every program that has the profile in a folder open to lock.
pub fn ask_to_lock(folder: &Path) -> Result<()> {
    if !lock_status(folder)?.on {
        return Err(no_passphrase());
    }
    let path = folder.join(ASKED_FILE);
    fs::write(&path, clock::now_ms().to_string()).map_err(|error| {
        Error::new(
            ErrorCode::DiskFull,
            format!(
                "{} cannot be written ({error}). Nothing was locked: close the program instead.",
                path.display()
            ),
        )
    })
}

impl Client {
    /// How this profile is locked.
    pub fn lock_status(&self) -> Result<LockStatus> {
        let status = lock_status(&self.profile_folder()?)?;
        Ok(LockStatus {
            idle_minutes: Some(self.idle_minutes()?),
            ..status
        })
    }

    /// Sets after how many minutes without a sign of a person a running program locks; 0: never.
    pub fn set_idle_minutes(&self, minutes: u32) -> Result<()> {
        if minutes > IDLE_MINUTES_MAX {
            return Err(Error::invalid(format!(
                "A program locks after at most {IDLE_MINUTES_MAX} minutes, or with 0 never by \
                 itself. Nothing was changed."
            )));
        }
        self.store(|tx| Ok(tx.set(Setting::LockIdle, minutes.to_string().as_bytes())?))
    }

    fn idle_minutes(&self) -> Result<u32> {
        let stored = self.read(|tx| Ok(tx.setting(Setting::LockIdle)?))?;
        let text = stored.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text
            .and_then(|text| text.parse().ok())
            .unwrap_or(IDLE_MINUTES))
    }

    /// Resolves when this program has to lock: it was told to, or nobody was there for as long as
    /// the person chose. Without a passphrase it never does. A program that nobody sits before gives
    /// no presence.
    pub async fn lock_due(&self, presence: Option<&Presence>) {
        let since_ms = clock::now_ms();
        loop {
            tokio::time::sleep(LOOK).await;
            match self.must_lock(presence, since_ms) {
                Ok(true) => return,
                Ok(false) => {}
                // Somebody else locked it.
                Err(error) if error.code == ErrorCode::Locked => return,
                Err(error) => tracing::debug!(code = ?error.code, "lock.look"),
            }
        }
    }

    fn must_lock(&self, presence: Option<&Presence>, since_ms: u64) -> Result<bool> {
        let folder = self.profile_folder()?;
        let asked = fs::read_to_string(folder.join(ASKED_FILE)).unwrap_or_default();
        let asked_ms: u64 = asked.trim().parse().unwrap_or_default();
        let is_idle = match presence {
            Some(presence) => {
                let minutes = self.idle_minutes()?;
                minutes > 0 && presence.idle_ms() >= u64::from(minutes) * MINUTE_MS
            }
            None => false,
        };
        if asked_ms <= since_ms && !is_idle {
            return Ok(false);
        }
        // Without a passphrase whoever is there could open it at once.
        Ok(lock_status(&folder)?.on)
    }

    /// Locks: every request is refused from now on, the connection ends, the database is closed, and
    /// the keys are wiped once nothing uses them any more. Gives whether that came to pass; what
    /// still holds on to them then is refused everything all the same.
    pub async fn lock(self) -> bool {
        self.tell(&Notice::Locked);
        self.close();
        for _ in 0..LET_GO_LOOKS {
            if self.is_alone() {
                return true;
            }
            tokio::time::sleep(LET_GO_LOOK).await;
        }
        tracing::warn!("lock.still_in_use");
        false
    }
}

/// What every request gets while the program is locked.
pub(crate) fn locked() -> Error {
    Error::new(
        ErrorCode::Locked,
        "Almanac is locked. Everything is saved. Give the passphrase to go on.",
    )
}

fn no_passphrase() -> Error {
    Error::invalid(
        "This profile has no passphrase, so anybody could open it again at once. Nothing was \
         locked. Set one with `almanac lock on --new-passphrase-file FILE`.",
    )
}

#[cfg(test)]
mod tests;
