//! The stage: one relay, and devices of one account.

use std::path::{Path, PathBuf};
use std::time::Duration;

use almanac_client::{
    Client, CreateEvent, EventDetails, Finding, FindingKindView, Mode, Unlock, WhenView,
    link_device,
};
use almanac_relay::{Inventory, Options, Relay, inspect};
use almanac_scenarios::steady_port;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};

/// How long a change may take to show on a device that is connected.
const SHOW_WAIT: Duration = Duration::from_secs(60);

/// A relay on a port that stays the same, and a folder for everything.
pub(crate) struct Stage {
    folder: TempDir,
    relay: Option<Relay>,
    port: u16,
    invite: String,
}

/// A device and where its profile lies.
pub(crate) struct Device {
    pub(crate) client: Client,
    folder: PathBuf,
}

fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery").with_memory_mib(64)
}

/// Copies a folder of files.
pub(crate) fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let mut stage = Self {
            folder: tempfile::tempdir().unwrap(),
            relay: None,
            port: steady_port(),
            invite: String::new(),
        };
        stage.start_relay().await;
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn relay_folder(&self) -> PathBuf {
        self.path("relay")
    }

    /// The relay's database, while the relay is stopped.
    pub(crate) fn database(&self) -> PathBuf {
        self.relay_folder().join("relay.db")
    }

    pub(crate) async fn start_relay(&mut self) {
        let options = Options {
            data_dir: self.relay_folder(),
            listen: ([127, 0, 0, 1], self.port).into(),
            origins: Vec::new(),
        };
        let relay = Relay::start(options).await.unwrap();
        if let Some(invite) = relay.owner_invite() {
            invite.clone_into(&mut self.invite);
        }
        self.relay = Some(relay);
    }

    pub(crate) async fn stop_relay(&mut self) {
        if let Some(relay) = self.relay.take() {
            relay.shutdown().await;
        }
    }

    /// Keeps the relay's state under a name.
    pub(crate) async fn save_relay(&mut self, name: &str) {
        self.stop_relay().await;
        copy(&self.relay_folder(), &self.path(name));
        self.start_relay().await;
    }

    /// Puts a state of the relay back that was kept.
    pub(crate) async fn put_relay_back(&mut self, name: &str) {
        self.stop_relay().await;
        copy(&self.path(name), &self.relay_folder());
        self.start_relay().await;
    }

    /// Another relay with an empty database at the same address.
    pub(crate) async fn wipe_relay(&mut self) {
        self.stop_relay().await;
        std::fs::remove_dir_all(self.relay_folder()).unwrap();
        self.start_relay().await;
    }

    /// Changes the relay's database behind its back.
    pub(crate) async fn tamper(&mut self, with: impl FnOnce(&Path)) {
        self.stop_relay().await;
        with(&self.database());
        self.start_relay().await;
    }

    /// What the relay stores.
    pub(crate) fn inventory(&self) -> Inventory {
        inspect(&self.relay_folder()).unwrap()
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The first device of an account, at the relay.
    pub(crate) async fn first(&self, name: &str) -> Device {
        let folder = self.path(name);
        let client = Client::create_profile(&folder, name, &unlock()).unwrap();
        let device = Device { client, folder };
        self.join(&device).await;
        device.sync().await;
        device
    }

    /// Joins the relay with its newest invite.
    pub(crate) async fn join(&self, device: &Device) {
        device
            .client
            .use_relay(&self.url(), &self.invite)
            .await
            .unwrap();
    }

    /// One more device of the account, that has fetched what there is.
    pub(crate) async fn link(&self, old: &Device, name: &str) -> Device {
        let device = self.link_only(old, name).await;
        device.sync().await;
        device
    }

    /// One more device of the account, that has fetched nothing yet.
    pub(crate) async fn link_only(&self, old: &Device, name: &str) -> Device {
        let linking = old.client.open_linking().await.unwrap();
        let routing = linking.routing();
        let (show, shown) = oneshot::channel();
        let (folder, url) = (self.path(name), self.url());
        let unlock = unlock();
        let joining = link_device(&folder, &url, &routing, name, &unlock, |digits| {
            show.send(digits.to_owned()).unwrap();
        });
        let adding = async {
            let confirming = linking.joined().await.unwrap();
            confirming.confirm(async { Ok(shown.await.unwrap()) }).await
        };
        let (client, added) = tokio::join!(joining, adding);
        added.unwrap();
        Device {
            client: client.unwrap(),
            folder,
        }
    }
}

impl Device {
    /// A copy of the profile as it is now, under another name; the device is closed meanwhile.
    pub(crate) fn save(self, stage: &Stage, name: &str) -> Self {
        let Self { client, folder } = self;
        drop(client);
        copy(&folder, &stage.path(name));
        Self::open(folder)
    }

    /// Puts a copy of the profile back in its place.
    pub(crate) fn put_back(self, stage: &Stage, name: &str) -> Self {
        let Self { client, folder } = self;
        drop(client);
        copy(&stage.path(name), &folder);
        Self::open(folder)
    }

    /// The profile in a folder.
    pub(crate) fn open(folder: PathBuf) -> Self {
        Self {
            client: Client::open(&folder, &unlock()).unwrap(),
            folder,
        }
    }

    /// The same device after its program was started anew.
    pub(crate) fn reopen(self) -> Self {
        let Self { client, folder } = self;
        drop(client);
        Self::open(folder)
    }

    pub(crate) async fn sync(&self) {
        let status = self.client.sync(Mode::Once).await.unwrap();
        assert_eq!(status.outbox, 0, "everything has left");
    }

    pub(crate) fn add(&self, title: &str) {
        let event = CreateEvent {
            calendar: "Personal".into(),
            title: title.into(),
            when: WhenView::Timed {
                start: "2026-11-20T10:00".into(),
                end: "2026-11-20T11:00".into(),
                zone: "Europe/Berlin".into(),
            },
            place: String::new(),
            notes: String::new(),
            rule: None,
            details: EventDetails::default(),
        };
        self.client.create(event).unwrap();
    }

    pub(crate) async fn add_and_sync(&self, title: &str) {
        self.add(title);
        self.sync().await;
    }

    /// The titles it shows, sorted.
    pub(crate) fn titles(&self) -> Vec<String> {
        let listed = self
            .client
            .list("2026-11-01", "2026-12-01", Some("UTC"), None)
            .unwrap();
        let mut titles: Vec<String> = listed.into_iter().map(|one| one.summary).collect();
        titles.sort();
        titles
    }

    /// Waits until the titles it shows are these.
    pub(crate) async fn comes_to_show(&self, titles: &[&str]) {
        let (told, mut hears) = watch::channel(());
        self.client.listen(move |_| {
            // Nobody listens any more once the titles are there.
            let _ = told.send(());
        });
        let shown = async {
            while self.titles() != titles {
                hears.changed().await.unwrap();
            }
        };
        tokio::time::timeout(SHOW_WAIT, shown)
            .await
            .unwrap_or_else(|_| panic!("shows {:?}", self.titles()));
    }

    /// Its id.
    pub(crate) fn id(&self) -> String {
        let devices = self.client.devices().unwrap();
        devices
            .into_iter()
            .find(|one| one.device.this)
            .unwrap()
            .device
            .id
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.client.findings().unwrap()
    }

    pub(crate) fn has_found(&self, kind: FindingKindView) -> bool {
        self.findings().iter().any(|one| one.kind == kind)
    }

    /// Nothing is set aside, and nobody has signed two frames with one number.
    pub(crate) fn sees_no_contradiction(&self) {
        assert_eq!(self.client.set_aside().unwrap(), []);
        assert!(!self.has_found(FindingKindView::Equivocation));
    }
}

/// All of them show the same, which is this.
pub(crate) fn all_show(devices: &[&Device], titles: &[&str]) {
    for device in devices {
        assert_eq!(device.titles(), titles, "{}", device.folder.display());
    }
}
