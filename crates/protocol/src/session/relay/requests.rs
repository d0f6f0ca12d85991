//! The requests that a connection has open, and what they may cost before it is read no further.

use std::collections::BTreeMap;

use crate::limits::{BATCHES_IN_FLIGHT_MAX, MESSAGE_BYTES_MAX};
use crate::message::Stream;

/// Requests that one connection may have open: enough for a reconnect in one breath.
const REQUESTS_OPEN_MAX: usize = 64;
/// Bytes that open requests hold or may be answered with: bounds the memory of one connection.
const REQUEST_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

#[derive(Debug)]
struct Open {
    cost_bytes: usize,
    batch_of: Option<Stream>,
}

#[derive(Debug, Default)]
pub(super) struct Requests {
    open: BTreeMap<u64, Open>,
    batches: BTreeMap<Stream, usize>,
    cost_bytes: usize,
    tickets: u64,
}

impl Requests {
    /// Whether another request may be read from the socket.
    pub(super) fn have_room(&self) -> bool {
        self.open.len() < REQUESTS_OPEN_MAX && self.cost_bytes < REQUEST_BYTES_MAX
    }

    /// Whether all have been answered.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// A ticket for a request that holds `cost_bytes`.
    pub(super) fn open(&mut self, cost_bytes: usize) -> u64 {
        self.insert(Open {
            cost_bytes,
            batch_of: None,
        })
    }

    /// A ticket for a batch, or `None` when as many of its stream are in flight as may be.
    pub(super) fn open_batch(&mut self, stream: Stream, cost_bytes: usize) -> Option<u64> {
        let batches = self.batches.entry(stream).or_default();
        if *batches >= BATCHES_IN_FLIGHT_MAX {
            return None;
        }
        *batches += 1;
        Some(self.insert(Open {
            cost_bytes,
            batch_of: Some(stream),
        }))
    }

    /// Closes a ticket; false for one that is not open.
    pub(super) fn close(&mut self, ticket: u64) -> bool {
        let Some(open) = self.open.remove(&ticket) else {
            return false;
        };
        self.cost_bytes -= open.cost_bytes;
        if let Some(stream) = open.batch_of
            && let Some(batches) = self.batches.get_mut(&stream)
        {
            *batches -= 1;
            if *batches == 0 {
                self.batches.remove(&stream);
            }
        }
        true
    }

    fn insert(&mut self, open: Open) -> u64 {
        self.tickets += 1;
        self.cost_bytes += open.cost_bytes;
        self.open.insert(self.tickets, open);
        self.tickets
    }
}
