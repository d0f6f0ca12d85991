//! A relay that lies. It stands at the address that everyone uses; behind it stand real relays, whose
//! words it passes on, or bends.
//!
//! Two ways to lie, which go together:
//! - **Views**: someone is shown another relay than the rest, one with an older state or with a state that
//!   was made up ([`Company::show`](super::company::Company::show)). So it forks, freezes, withholds and
//!   rolls back, and each story it tells is of one piece.
//! - **Rules**: every message that passes is handed to a closure, which says what is passed on instead, to
//!   whom ([`EvilRelay::obeys`]). So it drops, doubles, reorders, swaps, bends and delays.
//!
//! It overhears everything. It holds no key of anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use almanac_protocol::ids::DeviceId;
use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use almanac_protocol::message::Message;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config, client_async_with_config};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    Relay,
    Device,
}

/// Where a message passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passing {
    /// Number of the connection, in the order in which they were made.
    pub(crate) connection: usize,
    /// Who called, as HELLO says; nobody where a device is being linked.
    pub(crate) device: Option<DeviceId>,
    pub(crate) towards: Towards,
}

/// What is said instead of a message, and to whom.
pub(crate) type Said = Vec<(Towards, Message)>;

/// What the relay makes of every message that passes.
type Rule = Box<dyn FnMut(&Passing, Message) -> Said + Send>;

/// A message that has come to the relay, or from it, before it was bent.
#[derive(Debug, Clone)]
pub(crate) struct Overheard {
    pub(crate) passing: Passing,
    pub(crate) bytes: Vec<u8>,
}

/// The relay at the address that everyone uses.
pub(crate) struct EvilRelay {
    mind: Arc<Mutex<Mind>>,
    listening: JoinHandle<()>,
}

struct Mind {
    /// Port of the relay that everybody is shown who is shown no other.
    honest: u16,
    shown: BTreeMap<DeviceId, u16>,
    rule: Option<Rule>,
    overheard: Vec<Overheard>,
    connections: usize,
    /// At which relay a ticket opens chunks.
    tickets: BTreeMap<String, u16>,
}

impl Passing {
    /// The message goes on as it is.
    pub(crate) fn on(&self, message: impl Into<Message>) -> Said {
        vec![(self.towards, message.into())]
    }

    /// Who sent it is answered at once, and nobody else hears of it.
    pub(crate) fn back(&self, message: impl Into<Message>) -> Said {
        let towards = match self.towards {
            Towards::Relay => Towards::Device,
            Towards::Device => Towards::Relay,
        };
        vec![(towards, message.into())]
    }

    /// Whether it is on its way to this device.
    pub(crate) fn is_to(&self, device: DeviceId) -> bool {
        self.towards == Towards::Device && self.device == Some(device)
    }

    /// Whether it comes from this device.
    pub(crate) fn is_from(&self, device: DeviceId) -> bool {
        self.towards == Towards::Relay && self.device == Some(device)
    }
}

impl EvilRelay {
    /// Listens, and shows everyone the relay on port `honest`.
    pub(crate) async fn listen(port: u16, honest: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let mind = Arc::new(Mutex::new(Mind {
            honest,
            shown: BTreeMap::new(),
            rule: None,
            overheard: Vec::new(),
            connections: 0,
            tickets: BTreeMap::new(),
        }));
        let minds = Arc::clone(&mind);
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(serve(near, Arc::clone(&minds)));
            }
        });
        Self { mind, listening }
    }

    /// Shows a device the relay on another port, from its next connection on.
    pub(crate) fn shows(&self, device: DeviceId, port: u16) {
        lock(&self.mind).shown.insert(device, port);
    }

    /// Shows a device again what everyone is shown.
    pub(crate) fn shows_honestly(&self, device: DeviceId) {
        lock(&self.mind).shown.remove(&device);
    }

    /// Bends every message from now on.
    pub(crate) fn obeys(&self, rule: impl FnMut(&Passing, Message) -> Said + Send + 'static) {
        lock(&self.mind).rule = Some(Box::new(rule));
    }

    /// Passes everything on as it comes.
    pub(crate) fn is_honest(&self) {
        lock(&self.mind).rule = None;
    }

    /// What has passed since this was last asked.
    pub(crate) fn overheard(&self) -> Vec<Overheard> {
        std::mem::take(&mut lock(&self.mind).overheard)
    }
}

impl Drop for EvilRelay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Mind {
    /// Where a device is served.
    fn port_for(&self, device: Option<DeviceId>) -> u16 {
        let shown = device.and_then(|device| self.shown.get(&device));
        shown.copied().unwrap_or(self.honest)
    }

    /// What is said instead of these bytes.
    fn bend(&mut self, passing: &Passing, port: u16, bytes: Vec<u8>) -> Vec<(Towards, Vec<u8>)> {
        let heard = Overheard {
            passing: *passing,
            bytes: bytes.clone(),
        };
        self.overheard.push(heard);
        let message = Message::decode(&bytes).unwrap();
        if let Message::Packs(packs) = &message {
            let digits = packs.ticket.iter().map(|byte| format!("{byte:02x}"));
            self.tickets.insert(digits.collect(), port);
        }
        let Some(rule) = &mut self.rule else {
            return vec![(passing.towards, bytes)];
        };
        let said = rule(passing, message).into_iter();
        said.map(|(towards, message)| (towards, message.encode()))
            .collect()
    }
}

fn lock(mind: &Mutex<Mind>) -> MutexGuard<'_, Mind> {
    mind.lock().expect("no rule panicked")
}

/// Serves one connection until either side ends it.
async fn serve(near: TcpStream, mind: Arc<Mutex<Mind>>) {
    let head = head_of(&near).await;
    if head.starts_with("GET /v1/socket") {
        // Whoever ends a connection in the middle has its reasons.
        let _ = converse(near, &mind).await;
    } else {
        chunks(near, &head, &mind).await;
    }
}

/// The head of the first request, which stays to be read.
async fn head_of(near: &TcpStream) -> String {
    let mut head = vec![0; 4096];
    loop {
        let length = near.peek(&mut head).await.unwrap_or(0);
        let text = String::from_utf8_lossy(&head[..length]).into_owned();
        if length == 0 || text.contains("\r\n\r\n") {
            return text;
        }
        tokio::task::yield_now().await;
    }
}

/// Passes requests for chunks on to the relay that gave out their ticket.
async fn chunks(mut near: TcpStream, head: &str, mind: &Mutex<Mind>) {
    let port = {
        let mind = lock(mind);
        let ticket = head.split("Bearer ").nth(1).and_then(|rest| rest.get(..64));
        let port = ticket.and_then(|ticket| mind.tickets.get(ticket));
        port.copied().unwrap_or(mind.honest)
    };
    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
        // Either side may end it.
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// The next message; nothing once the connection is over.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Vec<u8>> {
    loop {
        match socket.next().await?.ok()? {
            Frame::Binary(bytes) => return Some(bytes.into()),
            Frame::Close(_) => return None,
            Frame::Text(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
        }
    }
}

/// Stands between a device and a relay.
async fn converse(near: TcpStream, mind: &Mutex<Mind>) -> Option<()> {
    near.set_nodelay(true).ok()?;
    let mut near = accept_async_with_config(near, Some(config())).await.ok()?;
    let hello = next(&mut near).await?;
    let Ok(Message::Hello(called)) = Message::decode(&hello) else {
        return None;
    };
    let device = called.device;
    let (port, connection) = {
        let mut mind = lock(mind);
        mind.connections += 1;
        (mind.port_for(device), mind.connections)
    };
    let far = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    far.set_nodelay(true).ok()?;
    let url = format!("ws://127.0.0.1:{port}/v1/socket");
    let (mut far, _) = client_async_with_config(url, far, Some(config()))
        .await
        .ok()?;
    let mut heard = (Towards::Relay, hello);
    loop {
        let (towards, bytes) = heard;
        let passing = Passing {
            connection,
            device,
            towards,
        };
        let said = lock(mind).bend(&passing, port, bytes);
        for (towards, bytes) in said {
            let socket = match towards {
                Towards::Relay => &mut far,
                Towards::Device => &mut near,
            };
            socket.send(Frame::Binary(bytes.into())).await.ok()?;
        }
        heard = tokio::select! {
            bytes = next(&mut near) => (Towards::Relay, bytes?),
            bytes = next(&mut far) => (Towards::Device, bytes?),
        };
    }
}
