//! What is not accepted: kept as it came, and tried again when what it waited for may have come.

use almanac_protocol::relay_chain::envelope_hash;
use almanac_store::{QuarantineReason, Sent};

use super::page::Page;
use super::verify::Refusal;
use crate::clock;
use crate::error::Result;
use crate::replica::free_busy::receive::is_of_free_busy;

impl Page<'_> {
    pub(super) fn set_aside(&self, reason: QuarantineReason, bytes: &[u8]) -> Result<()> {
        tracing::warn!(reason = reason.word(), "sync.quarantined");
        let (hash, now_ms) = (envelope_hash(bytes), clock::now_ms());
        let (tx, calendar) = (self.tx, self.calendar());
        tx.quarantine(calendar, reason, &hash, bytes, now_ms)?;
        if self.shown == Sent::Lost {
            tx.quarantined_is_lost(calendar, &hash)?;
        }
        Ok(())
    }

    /// Tries again what waited for a missing frame.
    pub(super) fn retry_gaps(&mut self) -> Result<()> {
        while self.retry(QuarantineReason::Gap)? > 0 {}
        Ok(())
    }

    /// Tries again what was set aside for a reason; gives how much was accepted.
    pub(super) fn retry(&mut self, reason: QuarantineReason) -> Result<u64> {
        let mut accepted = 0;
        for found in self.tx.quarantined(self.calendar(), reason)? {
            if is_of_free_busy(&found.bytes) {
                // Judged where its stream is read.
                continue;
            }
            self.tx.release(found.id)?;
            if found.is_lost {
                self.shown = Sent::Lost;
            }
            match self.accept(&found.bytes)? {
                Ok(()) => accepted += 1,
                Err(Refusal::NeedsLog) => self.set_aside(reason, &found.bytes)?,
                Err(refusal) => self.set_aside(refusal.reason(), &found.bytes)?,
            }
            self.shown = Sent::AtRelay;
        }
        Ok(accepted)
    }
}
