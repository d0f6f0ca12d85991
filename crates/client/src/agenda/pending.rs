//! Which events have changes that the relay has not confirmed.

use std::collections::BTreeSet;

use almanac_protocol::frame::Frame;
use almanac_protocol::ids::{CalendarId, DocumentId, Signature};
use almanac_protocol::signed::SignedBody;
use almanac_store::{Sent, Setting, Transaction};

use crate::client::{Identity, incarnation};
use crate::error::Result;

/// The documents that own frames name which still wait; none while no relay is set up, since
/// nothing waits for anyone then.
pub(crate) fn pending_documents(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<BTreeSet<DocumentId>> {
    let mut documents = BTreeSet::new();
    if tx.setting(Setting::Relay)?.is_none() || !tx.has_unsent(calendar)? {
        return Ok(documents);
    }
    let incarnation = incarnation(tx)?;
    let mut seq = tx.chain_head(calendar, identity.device, incarnation)?.seq;
    // Frames are confirmed in their order: the first confirmed one from the end is the last.
    while let Some(frame) = tx.frame(calendar, identity.device, incarnation, seq)? {
        if matches!(frame.sent, Sent::AtRelay | Sent::Told) {
            break;
        }
        let body = frame.bytes.split_last_chunk::<{ Signature::LEN }>();
        if let Some(changes) = body
            .and_then(|(body, _)| Frame::parse(body).ok())
            .and_then(|frame| frame.changes().ok())
        {
            documents.extend(changes.into_iter().map(|change| change.document));
        }
        seq -= 1;
    }
    Ok(documents)
}
