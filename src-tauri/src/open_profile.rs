//! The profile behind the window: opened when the page asks for it, made when there is none.
//!
//! Invariant: at most one client is open. Opening may fail (a locked keychain, a passphrase that is asked
//! for) and be tried again; the page shows why in a sentence. While it is locked nothing here holds a key.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use almanac_client::{
    Client, Error, ErrorCode, Mode, Notice, Presence, Result, Unlock, default_profile, exists,
    link_aside,
};
use tauri::async_runtime::{JoinHandle, spawn};
use tauri::{AppHandle, Emitter, Manager, Runtime};

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
    open: Mutex<Option<Running>>,
    /// When a person was last there.
    presence: Arc<Presence>,
}

/// An open client and what runs with it, which ends when it is locked.
#[derive(Debug)]
struct Running {
    client: Client,
    tasks: Vec<JoinHandle<()>>,
    /// What locks it when that is due.
    locking: JoinHandle<()>,
}

impl Running {
    /// Ends what runs with the client.
    fn end(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl OpenProfile {
    /// Opens nothing yet; without a folder it is the default one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            open: Mutex::new(None),
            presence: Arc::default(),
        }
    }

    /// The open client.
    pub(crate) fn client(&self) -> Result<Client> {
        let open = self.running();
        open.as_ref().map(|open| open.client.clone()).ok_or_else(|| {
            Error::new(
                ErrorCode::Locked,
                "Almanac is not open. Everything is saved. Give the passphrase, or try again in a \
                 moment.",
            )
        })
    }

    /// A person is there: the window was used.
    pub(crate) fn seen(&self) {
        self.presence.seen();
    }

    /// Opens the profile, or makes one named after this computer. Asks the keychain: it may take
    /// as long as a person takes to unlock it. A profile with a passphrase opens with that.
    pub(crate) fn open<R: Runtime>(&self, app: &AppHandle<R>, unlock: &Unlock) -> Result<Client> {
        let mut open = self.running();
        self.presence.seen();
        if let Some(open) = &*open {
            return Ok(open.client.clone());
        }
        let folder = self.folder()?;
        let client = if exists(&folder) {
            Client::open(&folder, unlock)?
        } else {
            Client::create_profile(&folder, &computer_name(), &Unlock::Keychain)?
        };
        let page = app.clone();
        client.listen(move |notice| {
            if let Err(error) = page.emit_to(MAIN, NOTICE, notice) {
                tracing::warn!(%error, "window.notice");
            }
        });
        let backed_up = client.clone();
        let tasks = vec![
            spawn(keep_in_sync(client.clone())),
            spawn(async move { backed_up.keep_backed_up().await }),
        ];
        let locking = spawn(lock_when_due(
            app.clone(),
            client.clone(),
            Arc::clone(&self.presence),
        ));
        *open = Some(Running {
            client: client.clone(),
            tasks,
            locking,
        });
        Ok(client)
    }

    /// Makes this computer a device of another account, in place of a profile that nobody has used. The
    /// page is told the nine digits meanwhile, and shows the new account afterwards.
    pub(crate) async fn link<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        line: &str,
        name: &str,
    ) -> Result<Client> {
        let folder = self.folder()?;
        let before = self.client()?;
        before.check_untouched()?;
        let page = app.clone();
        let show = move |digits: &str| {
            let digits = digits.to_owned();
            if let Err(error) = page.emit_to(MAIN, NOTICE, Notice::Digits { digits }) {
                tracing::warn!(%error, "window.notice");
            }
        };
        let linked = link_aside(&folder, line, name, &Unlock::Keychain, show).await?;
        if let Some(running) = self.running().take() {
            running.end();
            running.locking.abort();
        }
        let taken = linked.take_the_place_of(&before, &Unlock::Keychain);
        let client = self.open(app, &Unlock::Keychain)?;
        taken?;
        Ok(client)
    }

    fn folder(&self) -> Result<PathBuf> {
        self.folder.clone().map_or_else(default_profile, Ok)
    }

    /// Lets go of the open profile, so that nothing here holds its keys.
    fn close(&self) {
        if let Some(open) = self.running().take() {
            open.end();
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locks the program when it is told to, or when nobody was there for long enough. The page hears of
/// it and shows nothing of the calendar any more.
async fn lock_when_due<R: Runtime>(app: AppHandle<R>, client: Client, presence: Arc<Presence>) {
    client.lock_due(Some(&presence)).await;
    app.state::<OpenProfile>().close();
    client.lock().await;
}

/// Runs as long as the window. A profile may be given a relay by the command line meanwhile.
async fn keep_in_sync(client: Client) {
    loop {
        match client.sync(Mode::Watch).await {
            Ok(_) => return,
            Err(error) if error.code == ErrorCode::NoRelay => {}
            Err(error) if error.code == ErrorCode::Locked => return,
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
