//! Chunks of packs over plain HTTP: one connection, one request after the other.
//!
//! No more of HTTP than a relay speaks (RFC 9112): answers with a length. What came before a
//! connection broke is not asked for again; whether it is right, its name tells.

use almanac_protocol::ids::BlobName;
use almanac_protocol::pack::blob_name;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::client::Client;
use crate::contacts::ContactReason;
use crate::error::Result;
use crate::ledger::recorder::Recorder;
use crate::sync::address::RelayAddress;
use crate::sync::socket::{self, Socket};

/// How long one request may take.
const WAIT: std::time::Duration = std::time::Duration::from_secs(15);
/// How often a request is tried on a connection of its own.
const TRIES: usize = 3;
/// Bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Requests with one ticket.
pub(super) struct Http<'a> {
    relay: &'a RelayAddress,
    ticket: String,
    open: Option<Box<dyn Socket>>,
    recorder: Recorder,
}

/// An answer whose body has not been read.
struct Head {
    status: u16,
    length: usize,
    offset: Option<usize>,
    /// Beginning of the body.
    rest: Vec<u8>,
}

impl<'a> Http<'a> {
    pub(super) fn new(client: &Client, relay: &'a RelayAddress, ticket: &[u8]) -> Result<Self> {
        Ok(Self {
            recorder: Recorder::begin(client, relay.origin(), ContactReason::Packs)?,
            relay,
            ticket: ticket.iter().map(|byte| format!("{byte:02x}")).collect(),
            open: None,
        })
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
            if bytes.len() + head.length > bytes_max {
                self.open = None;
                return None;
            }
            if self.read_body(head, &mut bytes).await {
                if blob_name(&bytes) == *name {
                    return Some(bytes);
                }
                // Changed on the way, or a page of somebody in between.
                bytes.clear();
                self.open = None;
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
            let mut body = Vec::new();
            if !self.read_body(head, &mut body).await {
                self.open = None;
            }
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
        let mut socket = match self.open.take() {
            Some(socket) => socket,
            None => timeout(WAIT, socket::reach(self.relay)).await.ok()?.ok()?,
        };
        let exchange = async {
            self.recorder.sent_by_http(line, request.len() + body.len());
            socket.write_all(request.as_bytes()).await.ok()?;
            socket.write_all(body).await.ok()?;
            socket.flush().await.ok()?;
            read_head(&mut socket).await
        };
        let head = timeout(WAIT, exchange).await.ok()??;
        let has_body = !line.starts_with("HEAD") && head.status != 204;
        self.open = Some(socket);
        Some(Head {
            length: if has_body { head.length } else { 0 },
            ..head
        })
    }

    /// Appends the body to `bytes`; false when it broke off.
    async fn read_body(&mut self, head: Head, bytes: &mut Vec<u8>) -> bool {
        let Some(mut socket) = self.open.take() else {
            return false;
        };
        let mut left = head.length.saturating_sub(head.rest.len());
        bytes.extend(head.rest.iter().take(head.length));
        let mut part = vec![0; 64 * 1024];
        while left > 0 {
            let wanted = left.min(part.len());
            let Some(room) = part.get_mut(..wanted) else {
                return false;
            };
            let Ok(Ok(read @ 1..)) = timeout(WAIT, socket.read(room)).await else {
                return false;
            };
            bytes.extend(part.iter().take(read));
            left -= read;
        }
        self.recorder.received_by_http(head.length);
        self.open = Some(socket);
        true
    }
}

async fn read_head(socket: &mut Box<dyn Socket>) -> Option<Head> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > HEAD_BYTES_MAX {
            return None;
        }
        let read = socket.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend(part.iter().take(read));
    };
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    let (mut length, mut offset) = (None, None);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().ok()?);
        } else if name.eq_ignore_ascii_case("upload-offset") {
            offset = Some(value.trim().parse().ok()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return None;
        }
    }
    Some(Head {
        status: status.parse().ok()?,
        length: length.unwrap_or_default(),
        offset,
        rest: bytes.get(end + 4..)?.to_vec(),
    })
}
