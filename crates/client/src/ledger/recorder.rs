//! What one connection says and hears, until it is written down.
//!
//! That a connection begins is stored before anything leaves. The messages follow while it goes on
//! and when it ends, so that what a person types never waits for the ledger.

use std::time::{Duration, Instant};

use almanac_protocol::message::Message;
use almanac_store::{LedgerRoom, TrafficRow, Transaction};

use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::error::Result;
use crate::ledger::meaning::HTTP;

/// Bytes of a message that can be looked into: what a person does is far smaller.
const KEPT_BYTES_MAX: usize = 64 * 1024;
/// Bytes that wait in memory to be written down; what comes beyond is counted only.
const WAITING_BYTES_MAX: usize = 512 * 1024;
/// Messages that wait.
const WAITING_MAX: usize = 1_000;
/// How long they wait.
const WAIT: Duration = Duration::from_secs(30);
/// Codes of the second factor, and what its authenticator knows: shown once and kept nowhere.
const SECRET_KINDS: [u8; 2] = [46, 47];

/// What is kept of all of it.
const KEPT_MS: u64 = 90 * 24 * 60 * 60 * 1000;
const KEPT_REQUESTS: u64 = 10_000;
const KEPT_MESSAGES: u64 = 10_000;
const KEPT_BYTES: u64 = 4 * 1024 * 1024;

/// The record of one connection. What it has not written down it writes when it is dropped.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Where it is written down; `None` before the device has a profile.
    page: Option<Page>,
    host: String,
    reason: ContactReason,
    begun_ms: u64,
    waiting: Waiting,
    written: Instant,
}

#[derive(Debug)]
struct Page {
    client: Client,
    request: i64,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: Vec<TrafficRow>,
    bytes: usize,
    sent: u64,
    received: u64,
}

impl Recorder {
    /// Notes that a connection begins.
    pub(crate) fn begin(client: &Client, host: String, reason: ContactReason) -> Result<Self> {
        let mut recorder = Self::without_profile(host, reason);
        let request = client.store(|tx| {
            Ok(tx.begin_request(recorder.begun_ms, &recorder.host, reason.word())?)
        })?;
        recorder.page = Some(Page {
            client: client.clone(),
            request,
        });
        Ok(recorder)
    }

    /// For a device that has no profile yet: see [`Recorder::write_into`].
    pub(crate) fn without_profile(host: String, reason: ContactReason) -> Self {
        Self {
            page: None,
            host,
            reason,
            begun_ms: clock::now_ms(),
            waiting: Waiting::default(),
            written: clock::elapsed(),
        }
    }

    /// Notes a message that goes.
    pub(crate) fn sent(&mut self, message: &[u8]) {
        self.waiting.sent += message.len() as u64;
        self.waiting
            .note(true, kind(message), message.len(), message);
    }

    /// Notes a request by HTTP: its line, and the bytes of all of it.
    pub(crate) fn sent_by_http(&mut self, line: &str, size: usize) {
        self.waiting.sent += size as u64;
        self.waiting.note(true, HTTP, size, line.as_bytes());
    }

    /// Notes the answer to it, by its size: the pieces are too large to keep.
    pub(crate) fn received_by_http(&mut self, size: usize) {
        self.waiting.received += size as u64;
        self.waiting.note(false, HTTP, size, &[]);
    }

    /// Notes a message that came.
    pub(crate) fn received(&mut self, message: &[u8]) {
        self.waiting.received += message.len() as u64;
        self.waiting
            .note(false, kind(message), message.len(), message);
    }

    /// Writes down what has waited long enough. A ledger that cannot be written now keeps it.
    pub(crate) fn write_if_due(&mut self) {
        let is_due = clock::elapsed().duration_since(self.written) >= WAIT
            || self.waiting.messages.len() >= WAITING_MAX;
        if let Some(page) = self.page.as_ref().filter(|_| is_due) {
            self.written = clock::elapsed();
            let (waiting, request) = (&self.waiting, page.request);
            if page.client.store(|tx| waiting.write(tx, request)).is_ok() {
                self.waiting = Waiting::default();
            }
        }
    }

    /// Writes all of it into a profile that was made meanwhile.
    pub(crate) fn write_into(&self, tx: &Transaction<'_>) -> Result<()> {
        let request = tx.begin_request(self.begun_ms, &self.host, self.reason.word())?;
        self.waiting.write(tx, request)?;
        Ok(tx.end_request(request, clock::now_ms())?)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let Some(Page { client, request }) = self.page.take() else {
            return;
        };
        let now_ms = clock::now_ms();
        let room = LedgerRoom {
            from_ms: now_ms.saturating_sub(KEPT_MS),
            requests: KEPT_REQUESTS,
            messages: KEPT_MESSAGES,
            bytes: KEPT_BYTES,
        };
        // A disk that is full now has no room for the ledger either: that the connection was
        // made stands there already.
        let _ = client.store(|tx| {
            self.waiting.write(tx, request)?;
            tx.end_request(request, now_ms)?;
            Ok(tx.trim_ledger(room)?)
        });
    }
}

impl Waiting {
    fn note(&mut self, is_sent: bool, kind: u8, size: usize, message: &[u8]) {
        if is_sign_of_life(message) {
            return;
        }
        let is_secret = SECRET_KINDS.contains(&kind);
        let has_room = !is_secret
            && message.len() <= KEPT_BYTES_MAX
            && self.bytes + message.len() <= WAITING_BYTES_MAX;
        let bytes = if has_room { message } else { &[] };
        self.bytes += bytes.len();
        self.messages.push(TrafficRow {
            id: 0,
            time_ms: clock::now_ms(),
            is_sent,
            size: size as u64,
            kind,
            bytes: bytes.to_vec(),
        });
    }

    fn write(&self, tx: &Transaction<'_>, request: i64) -> Result<()> {
        Ok(tx.note_traffic(request, &self.messages, self.sent, self.received)?)
    }
}

fn kind(message: &[u8]) -> u8 {
    message.first().copied().unwrap_or_default()
}

/// Signs of life are counted, and not listed one by one.
fn is_sign_of_life(message: &[u8]) -> bool {
    message.len() < 16
        && matches!(
            Message::decode(message),
            Ok(Message::Ping(_) | Message::Pong(_))
        )
}
