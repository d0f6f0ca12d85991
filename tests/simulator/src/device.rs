//! One device of a world: a real client on a real encrypted database, and what can happen to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use almanac_client::{Client, CreateEvent, EditEvent, EventDetails, Mode, Unlock, WhenView};
use anyhow::{Context, Result, ensure};
use tokio::task::{JoinHandle, spawn_local};

use crate::around::{Around, Keychain};
use crate::ledger::Ledger;

/// The files of a profile, as a backup of the disk holds them.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// One device.
pub(crate) struct Device {
    pub(crate) number: usize,
    folder: PathBuf,
    around: Rc<Around>,
    client: Option<Client>,
    sync: Option<JoinHandle<()>>,
    ledger: Option<Ledger>,
    /// A copy of its disk, made some time ago.
    pub(crate) saved: Option<Files>,
}

impl Device {
    /// A device whose profile lies in `folder`, or will.
    pub(crate) fn new(folder: PathBuf, around: &Rc<Around>, keychain: Keychain) -> Self {
        Self {
            number: around.add_place(keychain),
            folder,
            around: around.clone(),
            client: None,
            sync: None,
            ledger: None,
            saved: None,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The open client.
    pub(crate) fn client(&mut self) -> Result<Client> {
        if self.client.is_none() {
            let opened = self.around.at(self.number, || {
                Client::open(&self.folder, &Unlock::Keychain)
            });
            self.client = Some(opened.map_err(anyhow::Error::msg)?);
        }
        self.client.clone().context("no client")
    }

    /// Takes a client that was made in its folder.
    pub(crate) fn adopt(&mut self, client: Client) {
        self.client = Some(client);
    }

    /// What stands in its database, seen from outside.
    pub(crate) fn ledger(&mut self) -> Result<&Ledger> {
        self.client()?;
        if self.ledger.is_none() {
            let keychain = self.around.keychain(self.number);
            self.ledger = Some(Ledger::open(&self.folder, &keychain)?);
        }
        self.ledger.as_ref().context("no ledger")
    }

    /// Does something as this device.
    pub(crate) fn act<T>(
        &mut self,
        work: impl FnOnce(&Client) -> almanac_client::Result<T>,
    ) -> Result<almanac_client::Result<T>> {
        let client = self.client()?;
        Ok(self.around.at(self.number, || work(&client)))
    }

    /// Connects for as long as it runs.
    pub(crate) fn connect(&mut self) -> Result<()> {
        if self.sync.is_some() {
            return Ok(());
        }
        let client = self.client()?;
        let watching = self.around.during(self.number, async move {
            // Only a profile without a relay ends this, and these all have one.
            let _ = client.sync(Mode::Watch).await;
        });
        self.sync = Some(spawn_local(watching));
        Ok(())
    }

    /// Whether it is connected, or tries to be.
    pub(crate) fn is_connected(&self) -> bool {
        self.sync.is_some()
    }

    /// Stops being connected, as a program does that is asked to end.
    pub(crate) async fn disconnect(&mut self) {
        if let Some(sync) = self.sync.take() {
            sync.abort();
            // An aborted task has nothing to say.
            let _ = sync.await;
        }
    }

    /// One sync to its end.
    pub(crate) async fn sync_once(&mut self) -> Result<almanac_client::Result<()>> {
        let client = self.client()?;
        let once = self
            .around
            .during(self.number, async move { client.sync(Mode::Once).await });
        Ok(once.await.map(|_| ()))
    }

    /// Joins a relay with an invite.
    pub(crate) async fn join_relay(&mut self, invite: &str) -> Result<almanac_client::Result<()>> {
        let (client, invite) = (self.client()?, invite.to_owned());
        let joining = self.around.during(self.number, async move {
            client.use_relay(crate::ORIGIN, &invite).await
        });
        Ok(joining.await)
    }

    /// Ends without warning: what was committed stands, nothing else does.
    pub(crate) async fn crash(&mut self) -> Result<()> {
        let files = self.files()?;
        self.close().await;
        self.put_files(&files)
    }

    /// Ends.
    pub(crate) async fn close(&mut self) {
        self.disconnect().await;
        self.ledger = None;
        self.client = None;
    }

    /// The files as they stand at this moment, the log of the database included.
    pub(crate) fn files(&self) -> Result<Files> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Other processes would map it anew.
            if !name.ends_with("-shm") {
                files.push((name, fs::read(entry.path())?));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Puts back what a disk held. The program must not run.
    pub(crate) fn put_files(&self, files: &Files) -> Result<()> {
        ensure!(self.client.is_none(), "the profile is open");
        put_files(&self.folder, files)
    }
}

/// Makes a folder hold these files and no others.
pub(crate) fn put_files(folder: &Path, files: &Files) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// A new event.
pub(crate) fn event(calendar: &str, title: &str, hour: u64) -> CreateEvent {
    CreateEvent {
        calendar: calendar.to_owned(),
        title: title.to_owned(),
        when: when(hour),
        place: String::new(),
        notes: String::new(),
        rule: None,
        details: EventDetails::default(),
    }
}

/// An hour of some day.
pub(crate) fn when(hour: u64) -> WhenView {
    let (day, hour) = (1 + hour / 24 % 28, hour % 23);
    WhenView::Timed {
        start: format!("2026-12-{day:02}T{hour:02}:00"),
        end: format!("2026-12-{day:02}T{:02}:00", hour + 1),
        zone: "Europe/Berlin".to_owned(),
    }
}

/// A change of an event that changes nothing yet.
pub(crate) fn edit(event: &str) -> EditEvent {
    EditEvent {
        event: event.to_owned(),
        ..EditEvent::default()
    }
}
