//! The addresses that the relay answers: `/v1/socket`, `/v1/pack/…` and `/livez`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::ORIGIN;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::chunks::{self, Chunks};
use crate::fanout::ConnectionId;
use crate::reject::Reject;
use crate::socket::{self, Shared};

/// Bytes of a connection's read buffer: the default costs thirty times as much while it is idle.
const READ_BUFFER_BYTES: usize = 4 * 1024;

#[derive(Debug, Clone)]
struct Served {
    shared: Arc<Shared>,
    connections: Arc<AtomicU64>,
}

/// The relay's routes.
pub(crate) fn router(shared: Arc<Shared>, chunks: Arc<Chunks>) -> Router {
    let chunk = get(chunks::get).head(chunks::head).put(chunks::put);
    let packs = Router::new()
        .route("/v1/pack/{name}", chunk)
        .with_state(chunks);
    let served = Served {
        shared,
        connections: Arc::default(),
    };
    Router::new()
        .route("/v1/socket", get(open_socket))
        .route("/livez", get(|| async { "ok" }))
        .merge(packs)
        .fallback(|| async { Reject::Unknown })
        .with_state(served)
}

async fn open_socket(State(served): State<Served>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    // Only a browser names the page it acts for; no page is a client of ours.
    if parts.headers.contains_key(ORIGIN) {
        return Reject::WebPage.into_response();
    }
    match WebSocketUpgrade::from_request_parts(&mut parts, &served).await {
        Ok(upgrade) => {
            let id = ConnectionId(served.connections.fetch_add(1, Ordering::Relaxed));
            let shared = served.shared;
            upgrade
                .read_buffer_size(READ_BUFFER_BYTES)
                .write_buffer_size(0)
                .max_write_buffer_size(2 * MESSAGE_BYTES_MAX)
                .max_message_size(MESSAGE_BYTES_MAX)
                .max_frame_size(MESSAGE_BYTES_MAX)
                .on_upgrade(move |socket| socket::serve(Box::new(socket), id, shared))
        }
        Err(refused) => refused.into_response(),
    }
}
