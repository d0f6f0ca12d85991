//! A relay and two linked devices that stay connected.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use almanac_client::{
    Client, CreateEvent, EditEvent, EventDetails, Mode, Notice, SyncState, Unlock, WhenView,
    link_device,
};
use almanac_relay::{Options, Relay};
use anyhow::{Context, Result, ensure};

use crate::control::Control;

/// Edits that are measured, after some that are not.
const EDITS: usize = 500;
const WARM_UP: usize = 50;
/// Events that are edited in turn: each gets about a dozen edits, as in life.
const EVENTS: usize = 50;
/// How long an edit may take before the run counts as broken.
const WAIT: Duration = Duration::from_secs(10);

/// A relay and two devices of one account.
pub(crate) struct Pair {
    _relay: Relay,
    pub(crate) writer: Client,
    pub(crate) reader: Client,
}

impl Pair {
    /// Starts everything below `folder` and waits until both devices are up to date.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let relay = start_relay(&folder.join("relay")).await?;
        let url = format!("http://{}", relay.addr());
        let invite = relay
            .owner_invite()
            .context("a new relay has an invite")?
            .to_owned();
        let pair = Self::at(folder, relay, &url, &invite).await?;
        Ok(pair)
    }

    /// The same, reaching the relay at `url`.
    pub(crate) async fn at(folder: &Path, relay: Relay, url: &str, invite: &str) -> Result<Self> {
        let unlock = Unlock::passphrase("correct horse battery staple").with_memory_mib(64);
        let writer = Client::create_profile(&folder.join("writer"), "writer", &unlock)?;
        writer.use_relay(url, invite).await?;
        writer.sync(Mode::Once).await?;
        let reader = link(&writer, &folder.join("reader"), url, &unlock).await?;
        for device in [&writer, &reader] {
            let device = device.clone();
            tokio::spawn(async move { device.sync(Mode::Watch).await });
        }
        for device in [&writer, &reader] {
            let start = Instant::now();
            while device.status()?.state != SyncState::UpToDate || !device.status()?.connected {
                ensure!(start.elapsed() < WAIT, "a device does not connect");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(Self {
            _relay: relay,
            writer,
            reader,
        })
    }

    /// Times from an edit on one device to its showing on the other, and the control after each.
    pub(crate) fn edits_beside(
        &self,
        control: &mut Control,
    ) -> Result<(Vec<Duration>, Vec<Duration>)> {
        let (seen, arrivals) = channel();
        self.reader.listen(move |notice| {
            if matches!(notice, Notice::Changed { .. }) {
                // The receiver goes when the measuring is over.
                let _ = seen.send(Instant::now());
            }
        });
        let mut events = Vec::new();
        for n in 0..EVENTS {
            events.push(self.create(&format!("measured {n}"))?);
            arrival(&arrivals)?;
        }
        let (mut edits, mut controls) = (Vec::new(), Vec::new());
        for (turn, event) in events.iter().cycle().take(WARM_UP + EDITS).enumerate() {
            let start = Instant::now();
            self.writer.edit(EditEvent {
                event: event.clone(),
                title: Some(format!("edited {turn}")),
                ..EditEvent::default()
            })?;
            let took = arrival(&arrivals)?.duration_since(start);
            let beside = control.measure()?;
            if turn >= WARM_UP {
                edits.push(took);
                controls.push(beside);
            }
        }
        Ok((edits, controls))
    }

    /// Creates an event on the writing device and gives its id.
    pub(crate) fn create(&self, title: &str) -> Result<String> {
        let done = self.writer.create(CreateEvent {
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
}

/// A relay on a free port of loopback.
pub(crate) async fn start_relay(folder: &Path) -> Result<Relay> {
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    Ok(Relay::start(Options {
        data_dir: folder.to_owned(),
        listen,
        origins: vec![],
    })
    .await?)
}

async fn link(old: &Client, folder: &Path, url: &str, unlock: &Unlock) -> Result<Client> {
    let linking = old.open_linking().await?;
    let routing = linking.routing();
    let (show, digits) = tokio::sync::oneshot::channel();
    let show = move |code: &str| {
        // The old device waits for exactly these digits.
        let _ = show.send(code.to_owned());
    };
    let old_side = async {
        let typed = async {
            digits
                .await
                .map_err(|_| almanac_client::Error::invalid("no digits were shown"))
        };
        linking.joined().await?.confirm(typed).await
    };
    let new_side = link_device(folder, url, &routing, "reader", unlock, show);
    let (added, linked) = tokio::join!(old_side, new_side);
    added?;
    Ok(linked?)
}

fn arrival(arrivals: &Receiver<Instant>) -> Result<Instant> {
    arrivals.recv_timeout(WAIT).context("the edit never showed")
}
