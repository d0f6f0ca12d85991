//! A profile whose database lies on a disk of ours, and the client on it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use almanac_client::simulation::{Dialling, Surroundings, surround};
use almanac_client::{Client, CreateEvent, Unlock, WhenView};
use almanac_disk::{Dice, Disk, Promise};
use tempfile::TempDir;

use crate::database::FILE;

/// A profile folder: its slot on the real disk, its database on ours.
pub(crate) struct Profile {
    pub(crate) folder: TempDir,
    pub(crate) disk: Rc<Disk>,
}

/// What surrounds the clients of these tests: a clock and randomness that are the same in every run,
/// a keychain in memory, and no network.
#[derive(Debug)]
struct Room {
    dice: RefCell<Dice>,
    keychain: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Surroundings for Room {
    fn now_ms(&self) -> u64 {
        1_795_600_000_000
    }

    fn fill(&self, buffer: &mut [u8]) {
        self.dice.borrow_mut().fill(buffer);
    }

    fn dial(&self, _origin: &str) -> Dialling {
        unreachable!("no relay is set up")
    }

    fn secret(&self, name: &str) -> Option<Vec<u8>> {
        self.keychain.borrow().get(name).cloned()
    }

    fn keep_secret(&self, name: &str, secret: &[u8]) {
        self.keychain
            .borrow_mut()
            .insert(name.to_owned(), secret.to_vec());
    }
}

impl Profile {
    /// A new profile, and its client.
    pub(crate) fn create(promise: Promise) -> (Self, Client) {
        let place = Self::place(promise);
        let client = place.make().unwrap();
        let names = place.disk.names();
        assert!(names.iter().any(|name| name == FILE), "it lies on the disk");
        (place, client)
    }

    /// A folder on a disk, without a profile yet.
    pub(crate) fn place(promise: Promise) -> Self {
        surround(Some(Rc::new(Room {
            dice: RefCell::new(Dice::new(1)),
            keychain: RefCell::default(),
        })));
        let folder = tempfile::tempdir().unwrap();
        let disk = Rc::new(Disk::new(promise));
        disk.mount(folder.path());
        Self { folder, disk }
    }

    /// The same folder on an empty disk.
    pub(crate) fn with_empty_disk(self) -> Self {
        let disk = Rc::new(Disk::new(Promise::PowersafeOverwrite));
        disk.mount(self.folder.path());
        Self { disk, ..self }
    }

    /// Makes the profile.
    pub(crate) fn make(&self) -> almanac_client::Result<Client> {
        Client::create_profile(self.folder.path(), "ada laptop", &Unlock::Keychain)
    }

    pub(crate) fn open(&self) -> almanac_client::Result<Client> {
        Client::open(self.folder.path(), &Unlock::Keychain)
    }

    /// The key of its database, as SQLCipher was told it.
    pub(crate) fn key(&self) -> String {
        self.disk.key().expect("the database was opened")
    }
}

/// An event of an hour.
pub(crate) fn event(title: &str, start: &str) -> CreateEvent {
    let (day, hour) = start.split_once('T').unwrap();
    let hour: u8 = hour[..2].parse().unwrap();
    CreateEvent {
        calendar: "Personal".into(),
        title: title.into(),
        when: WhenView::Timed {
            start: start.into(),
            end: format!("{day}T{:02}:00", hour + 1),
            zone: "Europe/Zurich".into(),
        },
        place: String::new(),
        notes: String::new(),
        rule: None,
        details: almanac_client::EventDetails::default(),
    }
}

/// Titles of all events, in order.
pub(crate) fn titles(client: &Client) -> almanac_client::Result<Vec<String>> {
    let mut titles: Vec<String> = client
        .export(None)?
        .lines()
        .filter_map(|line| line.strip_prefix("SUMMARY:"))
        .map(str::to_owned)
        .collect();
    titles.sort();
    Ok(titles)
}
