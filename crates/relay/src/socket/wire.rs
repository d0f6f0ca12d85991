//! The socket and what waits to be written to it.
//!
//! Reading and writing happen side by side in one task, and either may be given up half-way
//! without losing a message: all state is here and in the socket.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use almanac_protocol::session::relay::Packet;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures_util::{Sink, SinkExt, Stream};

/// How long a connection that ends may take to read the last words.
const FINISH_MAX: Duration = Duration::from_secs(5);

/// What happened on the socket.
pub(super) enum Turn {
    /// A message came.
    Heard(Bytes),
    /// So many bytes of packets have left.
    Written(usize),
    /// The socket is closed or broken, or the client spoke text.
    Ended,
}

/// The socket and what waits to be written to it.
pub(super) struct Wire {
    socket: WebSocket,
    waiting: VecDeque<Packet>,
    /// Bytes given to the socket and not yet known to have left.
    in_socket: usize,
}

impl Wire {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self {
            socket,
            waiting: VecDeque::new(),
            in_socket: 0,
        }
    }

    /// Queues a packet. The session bounds how much.
    pub(super) fn queue(&mut self, packet: Packet) {
        self.waiting.push_back(packet);
    }

    /// Writes what waits and, if it may, reads; returns at the first thing that happens.
    pub(super) async fn turn(&mut self, may_read: bool) -> Turn {
        poll_fn(|context| {
            match self.poll_write(context) {
                Poll::Ready(Ok(0)) | Poll::Pending => {}
                Poll::Ready(Ok(bytes)) => return Poll::Ready(Turn::Written(bytes)),
                Poll::Ready(Err(_)) => return Poll::Ready(Turn::Ended),
            }
            if may_read {
                self.poll_read(context)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Writes what waits and closes the socket, if the client takes it in time.
    pub(super) async fn finish(&mut self) {
        let last_words = async {
            while !self.waiting.is_empty() || self.in_socket > 0 {
                if matches!(self.turn(false).await, Turn::Ended) {
                    return;
                }
            }
            // The client may be gone already; there is nobody left to tell.
            let _ = self.socket.close().await;
        };
        // Whoever does not read the last words misses them.
        let _ = tokio::time::timeout(FINISH_MAX, last_words).await;
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<usize, axum::Error>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.waiting.is_empty() {
            std::task::ready!(socket.as_mut().poll_ready(context))?;
            if let Some(packet) = self.waiting.pop_front() {
                self.in_socket += packet.len();
                let bytes = match packet {
                    Packet::Own(bytes) => Bytes::from(bytes),
                    Packet::Shared(bytes) => Bytes::from_owner(bytes),
                };
                socket.as_mut().start_send(Message::Binary(bytes))?;
            }
        }
        std::task::ready!(socket.poll_flush(context))?;
        Poll::Ready(Ok(std::mem::take(&mut self.in_socket)))
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Turn> {
        loop {
            match std::task::ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Turn::Heard(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_) | Message::Close(_)) | Err(_)) | None => {
                    return Poll::Ready(Turn::Ended);
                }
            }
        }
    }
}
