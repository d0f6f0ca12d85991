//! What carries messages to a client, and what waits to be written to it.
//!
//! Reading and writing happen side by side in one task, and either may be given up half-way
//! without losing a message: all state is here and in the transport.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use almanac_protocol::session::relay::Packet;
use axum::body::Bytes;

/// How long a connection that ends may take to read the last words.
const FINISH_MAX: Duration = Duration::from_secs(5);

/// Nothing more comes or goes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "simulation"),
    expect(unreachable_pub, reason = "a simulator brings its own")
)]
pub struct Broken;

/// What carries messages to a client and back, whole and in order.
#[cfg_attr(
    not(feature = "simulation"),
    expect(unreachable_pub, reason = "a simulator brings its own")
)]
pub trait Transport: Send {
    /// Whether it takes another message now.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Takes a message; only after it was ready.
    fn start_send(&mut self, packet: Packet) -> Result<(), Broken>;

    /// Sends what it has taken.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// The next message of the client.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, Broken>>;

    /// Says that nothing more will be sent.
    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>>;
}

/// What happened on the transport.
pub(super) enum Turn {
    /// A message came.
    Heard(Bytes),
    /// So many bytes of packets have left.
    Written(usize),
    /// It is closed or broken, or the client spoke text.
    Ended,
}

/// The transport and what waits to be written to it.
pub(super) struct Wire {
    transport: Box<dyn Transport>,
    waiting: VecDeque<Packet>,
    /// Bytes given to the transport and not yet known to have left.
    in_transport: usize,
}

impl Wire {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            waiting: VecDeque::new(),
            in_transport: 0,
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
                Poll::Ready(Err(Broken)) => return Poll::Ready(Turn::Ended),
            }
            if !may_read {
                return Poll::Pending;
            }
            self.transport
                .poll_receive(context)
                .map(|heard| match heard {
                    Ok(bytes) => Turn::Heard(bytes),
                    Err(Broken) => Turn::Ended,
                })
        })
        .await
    }

    /// Writes what waits and closes the transport, if the client takes it in time.
    pub(super) async fn finish(&mut self) {
        let last_words = async {
            while !self.waiting.is_empty() || self.in_transport > 0 {
                if matches!(self.turn(false).await, Turn::Ended) {
                    return;
                }
            }
            // The client may be gone already; there is nobody left to tell.
            let _ = poll_fn(|context| self.transport.poll_close(context)).await;
        };
        // Whoever does not read the last words misses them.
        let _ = tokio::time::timeout(FINISH_MAX, last_words).await;
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<usize, Broken>> {
        while !self.waiting.is_empty() {
            std::task::ready!(self.transport.poll_ready(context))?;
            if let Some(packet) = self.waiting.pop_front() {
                self.in_transport += packet.len();
                self.transport.start_send(packet)?;
            }
        }
        std::task::ready!(self.transport.poll_flush(context))?;
        Poll::Ready(Ok(std::mem::take(&mut self.in_transport)))
    }
}
