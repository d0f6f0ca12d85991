//! Tickets: what a proven connection takes along to plain HTTP.
//!
//! Invariant: a ticket opens the chunks of one calendar for one device, for a while; whether that
//! device may still read or write there is asked anew for every request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use almanac_protocol::limits::PACK_TICKET_MS;
use almanac_protocol::message::Stream;

use crate::clock;
use crate::database::access::Caller;
use crate::entropy;

/// Tickets that are remembered; beyond them the oldest go.
const TICKETS_MAX: usize = 100_000;

#[derive(Debug, Clone, Copy)]
struct Ticket {
    caller: Caller,
    stream: Stream,
    issued: Instant,
}

/// The tickets of this process.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    issued: Mutex<HashMap<[u8; 32], Ticket>>,
}

impl Tickets {
    /// A new ticket.
    pub(crate) fn issue(&self, caller: Caller, stream: Stream) -> [u8; 32] {
        let ticket = Ticket {
            caller,
            stream,
            issued: clock::elapsed(),
        };
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.len() >= TICKETS_MAX {
            issued.retain(|_, ticket| !ticket.is_over());
        }
        if issued.len() >= TICKETS_MAX {
            let oldest = issued.iter().min_by_key(|(_, ticket)| ticket.issued);
            if let Some(oldest) = oldest.map(|(ticket, _)| *ticket) {
                issued.remove(&oldest);
            }
        }
        let secret = entropy::bytes();
        issued.insert(secret, ticket);
        secret
    }

    /// Who holds the ticket, and for which stream.
    pub(crate) fn holder(&self, secret: &[u8; 32]) -> Option<(Caller, Stream)> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = issued.get(secret).filter(|ticket| !ticket.is_over())?;
        Some((ticket.caller, ticket.stream))
    }
}

impl Ticket {
    fn is_over(&self) -> bool {
        clock::elapsed().saturating_duration_since(self.issued)
            > Duration::from_millis(PACK_TICKET_MS)
    }
}
