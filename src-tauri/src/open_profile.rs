//! The profile behind the window: opened when the page asks for it, made when there is none.
//!
//! Invariant: at most one client is open. Opening may fail (a locked keychain) and be tried again;
//! the page shows why in a sentence.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use almanac_client::{Client, Error, ErrorCode, Mode, Result, Unlock, default_profile, exists};
use tauri::{AppHandle, Emitter, Runtime};

use crate::MAIN;

/// How often a profile without a relay looks whether it was given one, or whether another program
/// has written to it.
const LOOK: Duration = Duration::from_secs(1);
/// Name under which the page hears of changes.
const NOTICE: &str = "notice";

/// The profile, once it is open.
#[derive(Debug)]
pub(crate) struct OpenProfile {
    folder: Option<PathBuf>,
    client: Mutex<Option<Client>>,
}

impl OpenProfile {
    /// Opens nothing yet; without a folder it is the default one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            client: Mutex::new(None),
        }
    }

    /// The open client.
    pub(crate) fn client(&self) -> Result<Client> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.clone().ok_or_else(|| {
            Error::new(
                ErrorCode::NoProfile,
                "The calendar is not open yet. Try again in a moment.",
            )
        })
    }

    /// Opens the profile, or makes one named after this computer. Asks the keychain: it may take
    /// as long as a person takes to unlock it.
    pub(crate) fn open<R: Runtime>(&self, app: &AppHandle<R>) -> Result<Client> {
        let mut open = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*open {
            return Ok(client.clone());
        }
        let folder = self.folder.clone().map_or_else(default_profile, Ok)?;
        let client = if exists(&folder) {
            Client::open(&folder, &Unlock::Keychain)?
        } else {
            Client::create_profile(&folder, &computer_name(), &Unlock::Keychain)?
        };
        let page = app.clone();
        client.listen(move |notice| {
            if let Err(error) = page.emit_to(MAIN, NOTICE, notice) {
                tracing::warn!(%error, "window.notice");
            }
        });
        tauri::async_runtime::spawn(keep_in_sync(client.clone()));
        let backed_up = client.clone();
        tauri::async_runtime::spawn(async move { backed_up.keep_backed_up().await });
        *open = Some(client.clone());
        Ok(client)
    }
}

/// Runs as long as the window. A profile may be given a relay by the command line meanwhile.
async fn keep_in_sync(client: Client) {
    loop {
        match client.sync(Mode::Watch).await {
            Ok(_) => return,
            Err(error) if error.code == ErrorCode::NoRelay => {}
            Err(error) => tracing::warn!(code = ?error.code, "sync.stopped"),
        }
        if let Err(error) = client.look_for_other_writes() {
            tracing::warn!(code = ?error.code, "profile.look");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What people call this computer.
fn computer_name() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = kernel.or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = named
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    name.unwrap_or("This computer").to_owned()
}
