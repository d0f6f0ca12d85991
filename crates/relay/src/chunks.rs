//! Chunks of packs over plain HTTP: read from any byte on, left from where the last upload stopped.
//!
//! ```text
//! GET  /v1/pack/<name>             Range: bytes=N-   →  200, 206
//! HEAD /v1/pack/<name>                               →  200, Upload-Offset: bytes that are here
//! PUT  /v1/pack/<name>?offset=N    more bytes        →  204 or 409, Upload-Offset: as above
//! ```
//!
//! Apart from the mailbox: what comes here is large, and an edit of a person must not wait for it.
//! Leaves alone: what the chunks are for, which PACK_PUT says.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use almanac_protocol::ids::BlobName;
use almanac_protocol::limits::PACK_CHUNK_BYTES;
use almanac_protocol::message::Stream;
use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, State};
use axum::http::header::{ACCEPT_RANGES, AUTHORIZATION, CONTENT_RANGE, ORIGIN, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use rusqlite::{Connection, TransactionBehavior};

use crate::database::access::{self, Caller};
use crate::database::pack_chunk::{self, Left};
use crate::database::{self, DatabaseError, pack};
use crate::reject::{Refusal, Reject};
use crate::tickets::Tickets;

const UPLOAD_OFFSET: &str = "upload-offset";

/// What the routes of chunks share.
#[derive(Debug)]
pub(crate) struct Chunks {
    tickets: Arc<Tickets>,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl Chunks {
    pub(crate) fn open(path: &Path, tickets: Arc<Tickets>) -> Result<Self, DatabaseError> {
        Ok(Self {
            tickets,
            writer: Mutex::new(database::open_existing(path)?),
            reader: Mutex::new(database::open_reader(path)?),
        })
    }

    fn holder(&self, headers: &HeaderMap) -> Result<(Caller, Stream), Reject> {
        if headers.contains_key(ORIGIN) {
            return Err(Reject::WebPage);
        }
        let ticket = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.strip_prefix("Bearer "))
            .and_then(|text| text.parse::<BlobName>().ok());
        ticket
            .and_then(|ticket| self.tickets.holder(ticket.as_bytes()))
            .ok_or(Reject::AuthFailed)
    }

    fn read(
        &self,
        (caller, stream): (Caller, Stream),
        name: &BlobName,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        access::read_stream(&connection, &caller, stream)?;
        match pack::manifest(&connection, &stream.calendar, name)? {
            Some(manifest) => Ok(Some(manifest)),
            None => pack_chunk::whole(&connection, &stream.calendar, name),
        }
    }

    fn received(
        &self,
        (caller, stream): (Caller, Stream),
        name: &BlobName,
    ) -> Result<usize, Refusal> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        access::read_stream(&connection, &caller, stream)?;
        pack_chunk::received(&connection, &stream.calendar, name)
    }

    fn leave(
        &self,
        (caller, stream): (Caller, Stream),
        name: &BlobName,
        offset: usize,
        bytes: &[u8],
    ) -> Result<Left, Refusal> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        access::write_stream(&transaction, &caller, &stream.calendar)?;
        let left = pack_chunk::leave(&transaction, &stream.calendar, name, offset, bytes)?;
        transaction.commit()?;
        Ok(left)
    }
}

pub(crate) async fn get(
    State(chunks): State<Arc<Chunks>>,
    UrlPath(name): UrlPath<String>,
    headers: HeaderMap,
) -> Response {
    let found = asked(&chunks, &headers, &name);
    let (holder, name) = match found {
        Ok(found) => found,
        Err(reject) => return reject.into_response(),
    };
    match off_thread(move || chunks.read(holder, &name)).await {
        Ok(Some(bytes)) => part_of(bytes, headers.get(RANGE)),
        Ok(None) => Reject::Unknown.into_response(),
        Err(reject) => reject.into_response(),
    }
}

pub(crate) async fn head(
    State(chunks): State<Arc<Chunks>>,
    UrlPath(name): UrlPath<String>,
    headers: HeaderMap,
) -> Response {
    let (holder, name) = match asked(&chunks, &headers, &name) {
        Ok(found) => found,
        Err(reject) => return reject.into_response(),
    };
    match off_thread(move || chunks.received(holder, &name)).await {
        Ok(here) => (StatusCode::OK, [(UPLOAD_OFFSET, here.to_string())]).into_response(),
        Err(reject) => reject.into_response(),
    }
}

pub(crate) async fn put(
    State(chunks): State<Arc<Chunks>>,
    UrlPath(name): UrlPath<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (holder, name) = match asked(&chunks, &headers, &name) {
        Ok(found) => found,
        Err(reject) => return reject.into_response(),
    };
    let Some(offset) = offset_of(&uri) else {
        return Reject::Malformed.into_response();
    };
    // In a task of its own: when the connection breaks, what came is stored all the same.
    let left = tokio::spawn(async move {
        let bytes = what_came(body).await?;
        off_thread(move || chunks.leave(holder, &name, offset, &bytes)).await
    });
    let (status, here) = match left.await {
        Ok(Ok(Left::Taken(here))) => (StatusCode::NO_CONTENT, here),
        Ok(Ok(Left::Elsewhere(here))) => (StatusCode::CONFLICT, here),
        Ok(Err(reject)) => return reject.into_response(),
        Err(_) => return Reject::Busy.into_response(),
    };
    (status, [(UPLOAD_OFFSET, here.to_string())]).into_response()
}

fn asked(
    chunks: &Chunks,
    headers: &HeaderMap,
    name: &str,
) -> Result<((Caller, Stream), BlobName), Reject> {
    let holder = chunks.holder(headers)?;
    let name = name.parse().map_err(|_| Reject::Unknown)?;
    Ok((holder, name))
}

fn offset_of(uri: &Uri) -> Option<usize> {
    uri.query()?.strip_prefix("offset=")?.parse().ok()
}

/// The bytes of a body, also of one that broke off: what came need not come again.
async fn what_came(body: Body) -> Result<Vec<u8>, Reject> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(Ok(part)) = stream.next().await {
        let part: Bytes = part;
        if bytes.len() + part.len() > PACK_CHUNK_BYTES {
            return Err(Reject::TooLarge);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// All of the bytes, or those that a range from some byte on asks for.
fn part_of(bytes: Vec<u8>, range: Option<&HeaderValue>) -> Response {
    let length = bytes.len();
    let accepts = (ACCEPT_RANGES, "bytes".to_owned());
    let Some((first, last)) = range.and_then(|range| range_of(range, length)) else {
        return ([accepts], bytes).into_response();
    };
    let Some(part) = bytes.get(first..=last).filter(|part| !part.is_empty()) else {
        let said = (CONTENT_RANGE, format!("bytes */{length}"));
        return (StatusCode::RANGE_NOT_SATISFIABLE, [said]).into_response();
    };
    let said = (CONTENT_RANGE, format!("bytes {first}-{last}/{length}"));
    (StatusCode::PARTIAL_CONTENT, [accepts, said], part.to_vec()).into_response()
}

/// First and last byte of a single range that names its first (RFC 9110, section 14.1.2); any
/// other is passed over, which that document allows.
fn range_of(range: &HeaderValue, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    let first = first.parse().ok()?;
    let end = length.saturating_sub(1);
    let last = if last.is_empty() {
        end
    } else {
        last.parse::<usize>().ok()?.min(end)
    };
    Some((first, last))
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Reject> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Refusal::Reject(reject))) => Err(reject),
        Ok(Err(Refusal::Database(error))) => {
            tracing::warn!(error = %error, "chunks.database_failed");
            Err(Reject::Busy)
        }
        Err(_) => Err(Reject::Busy),
    }
}
