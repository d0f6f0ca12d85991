//! Chunks of packs over plain HTTP: one connection, one request after the other.
//!
//! As much of HTTP as a relay and the proxies before it speak (RFC 9112): bodies with a length, in
//! chunks, or up to the end of the connection. What came before a connection broke is not asked for
//! again; whether it is right, its name tells.

mod body;

use almanac_protocol::ids::BlobName;
use almanac_protocol::pack::blob_name;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use self::body::{Body, Ended, Incoming};
use crate::client::Client;
use crate::contacts::ContactReason;
use crate::error::Result;
use crate::ledger::recorder::Recorder;
use crate::sync::address::RelayAddress;
use crate::sync::socket;

/// How long one request may take, and one part of its answer.
const WAIT: std::time::Duration = std::time::Duration::from_secs(15);
/// How often a request is tried on a connection of its own.
const TRIES: usize = 3;
/// Lines in the head of an answer.
const HEADERS_MAX: usize = 100;
/// Bytes of the answer to a PUT, which says nothing more.
const WORDS_BYTES_MAX: usize = 64 * 1024;

/// Requests with one ticket.
pub(super) struct Http<'a> {
    relay: &'a RelayAddress,
    ticket: String,
    open: Option<Incoming>,
    recorder: Recorder,
}

/// An answer whose body has not been read.
struct Head {
    status: u16,
    body: Body,
    offset: Option<usize>,
}

impl<'a> Http<'a> {
    pub(super) fn new(client: &Client, relay: &'a RelayAddress, ticket: &[u8]) -> Result<Self> {
        let recorder = Recorder::begin(client, relay.origin(), ContactReason::Packs)?;
        Ok(Self::with(relay, ticket, recorder))
    }

    fn with(relay: &'a RelayAddress, ticket: &[u8], recorder: Recorder) -> Self {
        Self {
            relay,
            ticket: ticket.iter().map(|byte| format!("{byte:02x}")).collect(),
            open: None,
            recorder,
        }
    }

    /// The bytes under a name, at most `bytes_max`; `None` where the relay has none, or more, or
    /// where something on the way does not let them through as they are.
    pub(super) async fn get(&mut self, name: &BlobName, bytes_max: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for _ in 0..TRIES {
            let range = match bytes.len() {
                0 => String::new(),
                here => format!("Range: bytes={here}-\r\n"),
            };
            let line = format!("GET /v1/pack/{name}");
            let Some(head) = self.ask(&line, &range, &[]).await else {
                continue;
            };
            match head.status {
                200 if bytes.is_empty() => {}
                206 if !bytes.is_empty() => {}
                503 => continue,
                _ => {
                    self.open = None;
                    return None;
                }
            }
            match self.read_body(head.body, &mut bytes, bytes_max).await {
                Ended::Whole if blob_name(&bytes) == *name => return Some(bytes),
                Ended::Whole => {
                    // Changed on the way, or a page of somebody in between.
                    bytes.clear();
                    self.open = None;
                }
                Ended::Broken => {}
                Ended::TooMuch => return None,
            }
        }
        None
    }

    /// Leaves a chunk, going on where an earlier attempt stopped; says whether all of it is there.
    pub(super) async fn put(&mut self, name: &BlobName, bytes: &[u8]) -> bool {
        let mut offset = 0;
        for _ in 0..TRIES {
            let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) else {
                return true;
            };
            let line = format!("PUT /v1/pack/{name}?offset={offset}");
            let Some(head) = self.ask(&line, "", rest).await else {
                offset = self.received(name).await.unwrap_or(offset);
                continue;
            };
            let (status, here) = (head.status, head.offset);
            let mut words = Vec::new();
            self.read_body(head.body, &mut words, WORDS_BYTES_MAX).await;
            match (status, here) {
                (204 | 409, Some(here)) => offset = here,
                (503, _) => {}
                _ => return false,
            }
            if offset == bytes.len() {
                return true;
            }
        }
        false
    }

    async fn received(&mut self, name: &BlobName) -> Option<usize> {
        let line = format!("HEAD /v1/pack/{name}");
        let head = self.ask(&line, "", &[]).await?;
        head.offset.filter(|_| head.status == 200)
    }

    /// Sends a request and reads the head of its answer; `None` when the connection broke.
    async fn ask(&mut self, line: &str, headers: &str, body: &[u8]) -> Option<Head> {
        let (host, length, ticket) = (self.relay.authority(), body.len(), &self.ticket);
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {ticket}\r\n{headers}\
             Content-Length: {length}\r\n\r\n"
        );
        let mut incoming = match self.open.take() {
            Some(incoming) => incoming,
            None => {
                let socket = timeout(WAIT, socket::reach(self.relay)).await.ok()?.ok()?;
                Incoming::from(socket)
            }
        };
        let exchange = async {
            self.recorder.sent_by_http(line, request.len() + body.len());
            incoming.socket.write_all(request.as_bytes()).await.ok()?;
            incoming.socket.write_all(body).await.ok()?;
            incoming.socket.flush().await.ok()?;
            read_head(&mut incoming).await
        };
        let head = timeout(WAIT, exchange).await.ok()??;
        let has_body = !line.starts_with("HEAD") && head.status != 204;
        self.open = Some(incoming);
        Some(Head {
            body: if has_body { head.body } else { Body::Length(0) },
            ..head
        })
    }

    /// Appends the body to `bytes`, which grow to `bytes_max` at most. Only a connection whose
    /// answer came whole is used again.
    async fn read_body(&mut self, body: Body, bytes: &mut Vec<u8>, bytes_max: usize) -> Ended {
        let Some(mut incoming) = self.open.take() else {
            return Ended::Broken;
        };
        let before = bytes.len();
        let ended = incoming.read(body, bytes, bytes_max).await;
        if ended == Ended::Whole && body != Body::UntilClosed {
            self.open = Some(incoming);
        }
        self.recorder
            .received_by_http(bytes.len().saturating_sub(before));
        ended
    }
}

async fn read_head(incoming: &mut Incoming) -> Option<Head> {
    let line = incoming.line().await?;
    let status = line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let (mut body, mut offset) = (Body::UntilClosed, None);
    for _ in 0..HEADERS_MAX {
        let line = incoming.line().await?;
        if line.is_empty() {
            return Some(Head {
                status,
                body,
                offset,
            });
        }
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") && body != Body::Chunked {
            body = Body::Length(value.parse().ok()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            // Nothing else was asked for.
            body = value
                .eq_ignore_ascii_case("chunked")
                .then_some(Body::Chunked)?;
        } else if name.eq_ignore_ascii_case("upload-offset") {
            offset = Some(value.parse().ok()?);
        }
    }
    None
}

#[cfg(test)]
mod tests;
