//! The relay's running hash after each envelope that came: what the quotes of other devices, and
//! what the relay itself shows later, are held against.

use almanac_protocol::relay_chain;
use almanac_store::{FindingKind, Transaction};

use crate::clock;
use crate::error::Result;
use crate::replica::cuts;
use crate::replica::receive::Delivery;

/// Notes the running hashes of a page. A number that had another hash in this life of the relay
/// shows that the relay has changed what it had handed out.
pub(super) fn lay(tx: &Transaction<'_>, delivery: &Delivery) -> Result<()> {
    let calendar = delivery.end.stream.calendar;
    let count = delivery.envelopes.len() as u64;
    let mut rseq = delivery.end.rseq.saturating_sub(count);
    let mut hash = delivery.start;
    for envelope in &delivery.envelopes {
        rseq += 1;
        hash = relay_chain::next(&hash, envelope);
        match tx.trail(calendar, rseq)? {
            Some(known) if known == hash => {}
            Some(_) => {
                let kind = FindingKind::Forked;
                let (calendar, evidence) = (Some(calendar), [Vec::new(), Vec::new()]);
                return cuts::found(tx, kind, calendar, None, rseq, evidence, clock::now_ms());
            }
            None => tx.put_trail(calendar, rseq, hash)?,
        }
    }
    Ok(())
}
