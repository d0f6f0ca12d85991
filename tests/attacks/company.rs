//! A company: people with real devices at a real relay, whoever runs the relay, and one who does not
//! play by the rules.
//!
//! The relay's database is changed while it is stopped: whatever it then says, it says as the relay
//! that everyone uses. The cheat is made of keys alone and asks no program for leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use almanac_client::{
    Client, CreateEvent, EventDetails, FindingKindView, MemberRole, Mode, Unlock, WhenView,
    link_device,
};
use almanac_protocol::ids::DeviceId;
use almanac_relay::{Options, Relay, create_invite};
use almanac_scenarios::steady_port;
use rusqlite::Connection;
use tempfile::TempDir;

use super::evil_relay::EvilRelay;

/// A relay on a port that stays the same, and a folder for everything.
pub(crate) struct Company {
    folder: TempDir,
    relay: Option<Relay>,
    port: u16,
    /// Who stands at the address that everyone uses, if it is not that relay itself.
    evil: Option<(EvilRelay, u16)>,
    /// Other relays that some are shown, by the name of the state that they began with.
    views: BTreeMap<String, View>,
}

/// A relay that some are shown.
struct View {
    relay: Relay,
    to: Vec<DeviceId>,
}

/// Someone with one device.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Company {
    pub(crate) async fn new() -> Self {
        let mut company = Self {
            folder: tempfile::tempdir().unwrap(),
            relay: None,
            port: steady_port(),
            evil: None,
            views: BTreeMap::new(),
        };
        company.start_relay().await;
        company
    }

    /// A company whose relay stands behind one that lies.
    pub(crate) async fn deceived() -> Self {
        let mut company = Self::new().await;
        let port = steady_port();
        company.evil = Some((EvilRelay::listen(port, company.port).await, port));
        company
    }

    /// The relay that lies.
    pub(crate) fn evil(&self) -> &EvilRelay {
        let (evil, _) = self.evil.as_ref().unwrap();
        evil
    }

    pub(crate) fn url(&self) -> String {
        let port = self.evil.as_ref().map_or(self.port, |(_, port)| *port);
        format!("http://127.0.0.1:{port}")
    }

    /// Shows some the state that was kept under a name, as it goes on from there among them.
    pub(crate) async fn show(&mut self, name: &str, to: &[&Person]) {
        let to = to.iter().map(|person| person.device_id()).collect();
        self.start_view(name, to).await;
    }

    /// Shows them again what everyone is shown.
    pub(crate) fn show_honestly(&self, to: &[&Person]) {
        for person in to {
            self.evil().shows_honestly(person.device_id());
        }
    }

    /// What whoever runs the relay does to a state that was kept under a name, also while some are shown it.
    pub(crate) async fn forge<T>(&mut self, name: &str, with: impl FnOnce(&Connection) -> T) -> T {
        let view = self.views.remove(name);
        let to = match view {
            Some(View { relay, to }) => {
                relay.shutdown().await;
                to
            }
            None => Vec::new(),
        };
        let database = Connection::open(self.path(name).join("relay.db")).unwrap();
        let done = with(&database);
        database.close().unwrap();
        if !to.is_empty() {
            self.start_view(name, to).await;
        }
        done
    }

    async fn start_view(&mut self, name: &str, to: Vec<DeviceId>) {
        let options = Options {
            data_dir: self.path(name),
            listen: ([127, 0, 0, 1], 0).into(),
            origins: Vec::new(),
        };
        let relay = Relay::start(options).await.unwrap();
        for device in &to {
            self.evil().shows(*device, relay.addr().port());
        }
        self.views.insert(name.to_owned(), View { relay, to });
    }

    fn relay_folder(&self) -> PathBuf {
        self.folder.path().join("relay")
    }

    async fn start_relay(&mut self) {
        let options = Options {
            data_dir: self.relay_folder(),
            listen: ([127, 0, 0, 1], self.port).into(),
            origins: Vec::new(),
        };
        self.relay = Some(Relay::start(options).await.unwrap());
    }

    /// What whoever runs the relay does to its database.
    pub(crate) async fn tamper<T>(&mut self, with: impl FnOnce(&Connection) -> T) -> T {
        if let Some(relay) = self.relay.take() {
            relay.shutdown().await;
        }
        let database = Connection::open(self.relay_folder().join("relay.db")).unwrap();
        let done = with(&database);
        database.close().unwrap();
        self.start_relay().await;
        done
    }

    /// Every byte that the relay has on its disk.
    pub(crate) async fn disk(&mut self) -> Vec<u8> {
        let folder = self.relay_folder();
        self.tamper(|_| {
            let files = std::fs::read_dir(&folder).unwrap();
            files
                .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
                .collect()
        })
        .await
    }

    /// Keeps the relay's state under a name, or puts one back.
    pub(crate) async fn save(&mut self, name: &str) {
        let (from, to) = (self.relay_folder(), self.folder.path().join(name));
        self.tamper(|_| copy(&from, &to)).await;
    }

    pub(crate) async fn put_back(&mut self, name: &str) {
        let (from, to) = (self.folder.path().join(name), self.relay_folder());
        if let Some(relay) = self.relay.take() {
            relay.shutdown().await;
        }
        copy(&from, &to);
        self.start_relay().await;
    }

    /// Another relay with an empty database at the same address.
    pub(crate) async fn wipe(&mut self) {
        if let Some(relay) = self.relay.take() {
            relay.shutdown().await;
        }
        std::fs::remove_dir_all(self.relay_folder()).unwrap();
        self.start_relay().await;
    }

    /// Someone whom the relay has forgotten comes again.
    pub(crate) async fn register(&self, person: &Person) {
        let invite = create_invite(&self.relay_folder()).unwrap();
        person.client.use_relay(&self.url(), &invite).await.unwrap();
    }

    /// Someone new at this relay.
    pub(crate) async fn person(&self, name: &str) -> Person {
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let folder = self.folder.path().join(name);
        let client = Client::create_profile(&folder, name, &unlock).unwrap();
        let invite = create_invite(&self.relay_folder()).unwrap();
        client.use_relay(&self.url(), &invite).await.unwrap();
        client.sync(Mode::Once).await.unwrap();
        let name = name.to_owned();
        Person { client, name }
    }

    /// One more device of someone, that has fetched what there is.
    pub(crate) async fn link(&self, old: &Person, name: &str) -> Person {
        let linking = old.client.open_linking().await.unwrap();
        let routing = linking.routing();
        let (show, shown) = tokio::sync::oneshot::channel();
        let (folder, url) = (self.path(name), self.url());
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let joining = link_device(&folder, &url, &routing, name, &unlock, |digits| {
            show.send(digits.to_owned()).unwrap();
        });
        let adding = async {
            let confirming = linking.joined().await.unwrap();
            confirming.confirm(async { Ok(shown.await.unwrap()) }).await
        };
        let (client, added) = tokio::join!(joining, adding);
        added.unwrap();
        let (client, name) = (client.unwrap(), name.to_owned());
        let device = Person { client, name };
        device.sync().await;
        device
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An event of “Team”.
    pub(crate) fn event(title: &str) -> CreateEvent {
        CreateEvent {
            calendar: "Team".into(),
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
        }
    }

    /// Someone with a calendar “Team”.
    pub(crate) async fn owner(&self, name: &str) -> Person {
        let person = self.person(name).await;
        person.client.add_calendar("Team", None).unwrap();
        person.sync().await;
        person
    }
}

fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Person {
    pub(crate) async fn sync(&self) {
        self.client.sync(Mode::Once).await.unwrap();
    }

    /// The text with which someone can ask to join “Team”.
    pub(crate) async fn invite(&self, role: MemberRole) -> String {
        let invite = self.client.share("Team", role, Some(&self.name)).await;
        invite.unwrap().text
    }

    /// Admits everyone who asks; gives how many that were.
    pub(crate) async fn admit_all(&self) -> usize {
        let asking = self.client.asking("Team").await.unwrap();
        let count = asking.len();
        for one in asking {
            one.admit().await.unwrap();
        }
        count
    }

    /// Lets another person into “Team”.
    pub(crate) async fn share_with(&self, other: &Self, role: MemberRole) {
        let text = self.invite(role).await;
        let invitation = other.client.look_at_invite(&text).await.unwrap();
        invitation.ask(Some(&other.name)).await.unwrap();
        assert_eq!(self.admit_all().await, 1);
        other.sync().await;
    }

    pub(crate) async fn add(&self, title: &str) {
        self.client.create(Company::event(title)).unwrap();
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

    /// Id of the calendar “Team”.
    pub(crate) fn team(&self) -> String {
        self.calendar("Team")
    }

    /// Id of a calendar by its name.
    pub(crate) fn calendar(&self, name: &str) -> String {
        let all = self.client.calendars().unwrap();
        all.into_iter().find(|one| one.name == name).unwrap().id
    }

    /// Id of its device.
    pub(crate) fn id(&self) -> String {
        let devices = self.client.devices().unwrap();
        let this = devices.into_iter().find(|one| one.device.this);
        this.unwrap().device.id
    }

    pub(crate) fn device_id(&self) -> DeviceId {
        self.id().parse().unwrap()
    }

    /// Whether it has found this out about the relay.
    pub(crate) fn has_found(&self, kind: FindingKindView) -> bool {
        let found = self.client.findings().unwrap();
        found.iter().any(|one| one.kind == kind)
    }

    /// How many are members of “Team”.
    pub(crate) async fn member_count(&self) -> usize {
        self.client.members("Team").await.unwrap().members.len()
    }
}
