//! A relay, and devices of one account that are linked and stay connected.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use almanac_client::{
    Client, CreateEvent, EditEvent, EventDetails, ImportFile, ImportReport, Linking, Mode, Notice,
    SyncState, Unlock, WhenView, join_account,
};
use almanac_relay::{Options, Relay};
use anyhow::{Context, Result, ensure};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::commits::Commits;

/// Edits before those that are measured.
const WARM_UP: usize = 50;
/// Events that are edited in turn: each gets about a dozen edits, as in life.
const EVENTS: usize = 50;
/// How long an edit may take before the run counts as broken.
const WAIT: Duration = Duration::from_secs(20);

/// What opens a profile; the least that is allowed, since its cost is not what is measured.
#[must_use]
pub fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery staple").with_memory_mib(64)
}

/// Two devices of one account.
#[derive(Debug)]
pub struct Pair {
    /// The one that edits.
    pub writer: Client,
    /// The one that shows it.
    pub reader: Client,
    runs: Vec<JoinHandle<()>>,
}

impl Pair {
    /// Makes both below `folder`, each reaching the relay at a URL of its own, and waits until
    /// both are connected and up to date.
    pub async fn start(folder: &Path, urls: [&str; 2], invite: &str) -> Result<Self> {
        let mut pair = Self::apart(folder, urls, invite).await?;
        pair.connect().await?;
        Ok(pair)
    }

    /// The same, not connected.
    pub async fn apart(folder: &Path, urls: [&str; 2], invite: &str) -> Result<Self> {
        let [near, far] = urls;
        let writer = first_device(&folder.join("writer"), near, invite).await?;
        let linking = writer.open_linking().await?;
        let routing = linking.routing();
        let (show, digits) = oneshot::channel();
        let show = move |code: &str| {
            // The old device waits for exactly these digits.
            let _ = show.send(code.to_owned());
        };
        let folder = folder.join("reader");
        let unlock = unlock();
        let joining = join_account(&folder, far, &routing, "reader", &unlock, show);
        let (added, joined) = tokio::join!(let_in(linking, digits), joining);
        added?;
        let reader = joined?;
        reader.sync(Mode::Once).await?;
        Ok(Self {
            writer,
            reader,
            runs: Vec::new(),
        })
    }

    /// Connects both and waits until they are up to date.
    pub async fn connect(&mut self) -> Result<()> {
        self.go_on();
        for device in [&self.writer, &self.reader] {
            settle(device).await?;
        }
        Ok(())
    }

    /// Has both connect, and stay so.
    pub fn go_on(&mut self) {
        for device in [&self.writer, &self.reader] {
            let device = device.clone();
            self.runs.push(tokio::spawn(async move {
                // Ends when it is stopped, or with the program.
                let _ = device.sync(Mode::Watch).await;
            }));
        }
    }

    /// Breaks both connections; what is edited then waits for the next.
    pub async fn part(&mut self) -> Result<()> {
        for run in self.runs.drain(..) {
            run.abort();
            // It was stopped, and says so.
            let _ = run.await;
        }
        for device in [&self.writer, &self.reader] {
            device.sync(Mode::Once).await?;
        }
        Ok(())
    }

    /// Times from an edit on one device to its showing on the other, and the control after each.
    pub fn edits_beside(
        &self,
        control: &mut Commits,
        edits: usize,
    ) -> Result<(Vec<Duration>, Vec<Duration>)> {
        let arrivals = self.arrivals();
        let mut events = Vec::new();
        for n in 0..EVENTS {
            events.push(create(&self.writer, &format!("measured {n}"))?);
            arrival(&arrivals)?;
        }
        let (mut times, mut controls) = (Vec::new(), Vec::new());
        for (turn, event) in events.iter().cycle().take(WARM_UP + edits).enumerate() {
            let start = Instant::now();
            self.writer.edit(EditEvent {
                event: event.clone(),
                title: Some(format!("edited {turn}")),
                ..EditEvent::default()
            })?;
            let took = arrival(&arrivals)?.duration_since(start);
            let beside = control.measure()?;
            if turn >= WARM_UP {
                times.push(took);
                controls.push(beside);
            }
        }
        Ok((times, controls))
    }

    /// When something showed on the reader.
    #[must_use]
    pub fn arrivals(&self) -> Receiver<Instant> {
        let (seen, arrivals) = channel();
        self.reader.listen(move |notice| {
            if matches!(notice, Notice::Changed { .. }) {
                // The receiver goes when the measuring is over.
                let _ = seen.send(Instant::now());
            }
        });
        arrivals
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for run in &self.runs {
            run.abort();
        }
    }
}

/// The first device of a new account.
pub async fn first_device(folder: &Path, url: &str, invite: &str) -> Result<Client> {
    let writer = Client::create_profile(folder, "writer", &unlock())?;
    writer.use_relay(url, invite).await?;
    writer.sync(Mode::Once).await?;
    Ok(writer)
}

/// The old device's side of linking; the digits come from the new one.
pub async fn let_in(linking: Linking, digits: oneshot::Receiver<String>) -> Result<()> {
    let typed = async {
        digits
            .await
            .map_err(|_| almanac_client::Error::invalid("no digits were shown"))
    };
    Ok(linking.joined().await?.confirm(typed).await?)
}

/// Waits until a device is connected and nothing of it is unsent.
pub async fn settle(device: &Client) -> Result<()> {
    let start = Instant::now();
    loop {
        let status = device.status()?;
        if status.outbox == 0 && status.connected && status.state == SyncState::UpToDate {
            return Ok(());
        }
        ensure!(start.elapsed() < WAIT, "a device does not get up to date");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Creates an event of an hour and gives its id.
pub fn create(device: &Client, title: &str) -> Result<String> {
    let done = device.create(CreateEvent {
        calendar: "Personal".to_owned(),
        title: title.to_owned(),
        when: WhenView::Timed {
            start: "2026-11-20T10:00".to_owned(),
            end: "2026-11-20T11:00".to_owned(),
            zone: "Europe/Berlin".to_owned(),
        },
        place: String::new(),
        notes: String::new(),
        rule: None,
        details: EventDetails::default(),
    })?;
    done.event.context("a new event has an id")
}

/// Imports a file into the first calendar.
pub fn import(device: &Client, bytes: Vec<u8>) -> Result<ImportReport> {
    Ok(device.import(ImportFile {
        calendar: "Personal".to_owned(),
        name: "measured.ics".to_owned(),
        bytes,
    })?)
}

/// A relay in this process, on a free port of loopback.
pub async fn start_relay(folder: &Path) -> Result<Relay> {
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    Ok(Relay::start(Options {
        data_dir: folder.to_owned(),
        listen,
        origins: vec![],
    })
    .await?)
}

/// Waits for the next of them.
pub fn arrival(arrivals: &Receiver<Instant>) -> Result<Instant> {
    arrivals.recv_timeout(WAIT).context("the edit never showed")
}
