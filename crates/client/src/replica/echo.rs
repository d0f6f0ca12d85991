//! What this device has sent and the relay hands back: the same bytes need no second judgement.
//!
//! Invariant: frames count as read back only when the very envelope that was sealed from them has
//! come, and they still stand here as they were when it left.

use std::collections::BTreeMap;
use std::sync::Arc;

use almanac_protocol::ids::FrameHash;
use almanac_protocol::relay_chain::envelope_hash;
use almanac_store::{OutboxPlace, Transaction};

use crate::client::Identity;
use crate::error::Result;

/// Envelopes on their way, by what they are.
#[derive(Debug, Default, Clone)]
pub(crate) struct Echoes(Arc<BTreeMap<[u8; 32], Sent>>);

/// What an envelope was sealed from.
#[derive(Debug, Clone, Copy)]
struct Sent {
    place: OutboxPlace,
    /// Of the last frame inside; each frame names the one before it.
    last: FrameHash,
}

impl Echoes {
    /// Remembers an envelope that is about to be sent.
    pub(crate) fn expect(
        &mut self,
        tx: &Transaction<'_>,
        identity: &Identity,
        place: OutboxPlace,
        envelope: &[u8],
    ) -> Result<()> {
        let (calendar, life) = (place.calendar, place.incarnation);
        if let Some(row) = tx.frame(calendar, identity.device, life, place.last_seq)? {
            let sent = Sent {
                place,
                last: row.hash,
            };
            Arc::make_mut(&mut self.0).insert(envelope_hash(envelope), sent);
        }
        Ok(())
    }

    /// Forgets what has come back.
    pub(crate) fn came_back(&mut self, envelopes: &[Vec<u8>]) {
        if self.0.is_empty() {
            return;
        }
        let sent = Arc::make_mut(&mut self.0);
        for envelope in envelopes {
            sent.remove(&envelope_hash(envelope));
        }
    }

    /// Whether an envelope is one of them and its frames stand here unchanged, so that they count
    /// as read back.
    pub(crate) fn take(
        &self,
        tx: &Transaction<'_>,
        identity: &Identity,
        envelope: &[u8],
    ) -> Result<bool> {
        if self.0.is_empty() {
            return Ok(false);
        }
        let Some(Sent { place, last }) = self.0.get(&envelope_hash(envelope)) else {
            return Ok(false);
        };
        let (calendar, life) = (place.calendar, place.incarnation);
        let row = tx.frame(calendar, identity.device, life, place.last_seq)?;
        if row.is_none_or(|row| row.hash != *last) {
            return Ok(false);
        }
        tx.frames_read_back(calendar, life, place.first_seq..=place.last_seq)?;
        tx.settle_outbox(calendar)?;
        Ok(true)
    }
}
