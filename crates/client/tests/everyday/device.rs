//! A device with a profile of its own.

use almanac_client::{
    Client, CreateEvent, EditEvent, ImportFile, ImportReport, ListedOccurrence, Unlock, WhenView,
};
use tempfile::TempDir;

/// The zone of every test.
pub(crate) const ZONE: &str = "Europe/Berlin";

/// A client and the folder it keeps everything in.
pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
}

impl Device {
    /// A new account with the calendars “Home” and “Work”.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let client =
            Client::create_profile(&folder.path().join("profile"), "Ada's laptop", &unlock())
                .unwrap();
        client.add_calendar("Home", None).unwrap();
        client.add_calendar("Work", Some("teal")).unwrap();
        Self { client, folder }
    }

    /// The same profile, opened again.
    pub(crate) fn again(self) -> Self {
        let Self { client, folder } = self;
        drop(client);
        let client = Client::open(&folder.path().join("profile"), &unlock()).unwrap();
        Self { client, folder }
    }

    /// A second program on the same profile.
    pub(crate) fn other_program(&self) -> Client {
        Client::open(&self.folder.path().join("profile"), &unlock()).unwrap()
    }

    /// Adds an event to “Home” and gives its id.
    pub(crate) fn add(&self, title: &str, start: &str, end: &str) -> String {
        self.client
            .create(event(title, timed(start, end)))
            .unwrap()
            .event
            .unwrap()
    }

    pub(crate) fn import(&self, text: &str) -> ImportReport {
        let file = ImportFile {
            calendar: "Home".into(),
            name: "test.ics".into(),
            bytes: text.as_bytes().to_vec(),
        };
        self.client.import(file).unwrap()
    }

    /// `start title` of everything in November 2026.
    pub(crate) fn november(&self) -> Vec<String> {
        let found = self
            .client
            .list("2026-11-01", "2026-12-01", Some(ZONE), None)
            .unwrap();
        found.iter().map(line).collect()
    }
}

pub(crate) fn line(one: &ListedOccurrence) -> String {
    let start = one.start.trim_end_matches(":00+01:00");
    format!("{start} {}", one.summary)
}

pub(crate) fn event(title: &str, when: WhenView) -> CreateEvent {
    CreateEvent {
        calendar: "Home".into(),
        title: title.into(),
        when,
        place: String::new(),
        notes: String::new(),
        rule: None,
        details: almanac_client::EventDetails::default(),
    }
}

pub(crate) fn timed(start: &str, end: &str) -> WhenView {
    WhenView::Timed {
        start: start.into(),
        end: end.into(),
        zone: ZONE.into(),
    }
}

pub(crate) fn edit(event: &str) -> EditEvent {
    EditEvent {
        event: event.into(),
        ..EditEvent::default()
    }
}

/// The cheapest passphrase there may be.
fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery").with_memory_mib(64)
}
