//! Frames of others that a relay has lost, sealed by this device to be put back.
//!
//! Each frame keeps its author's signature: whoever carries it can neither change nor invent one.

use almanac_crypto::envelope;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::ids::{CalendarId, FrameHash};
use almanac_store::{FrameRow, Transaction};

use crate::client::{Identity, incarnation};
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::{keys, logs, seal};

/// Frames that are looked at for one envelope.
const FRAMES_MAX: u32 = 512;

/// An envelope of frames that a relay has lost.
#[derive(Debug)]
pub(crate) struct Carried {
    /// The first of them: it is the first again until the relay has shown it.
    pub(crate) first: FrameHash,
    pub(crate) envelope: Vec<u8>,
}

/// The next envelope of frames that the relay has lost, or none. Its number is this device's own
/// counter; `beyond` leaves so many numbers out.
pub(crate) fn seal_lost(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    beyond: u32,
) -> Result<Option<Carried>> {
    if keys::lacks_epoch(tx, identity, calendar)? {
        return Ok(None);
    }
    let mut frames = Vec::new();
    let (mut bytes, mut first) = (0, None);
    for row in tx.lost_frames(calendar, FRAMES_MAX)? {
        let item = with_changes(tx, &row)?;
        bytes += seal::size(&item);
        if !frames.is_empty() && bytes > seal::CONTENT_BYTES_MAX {
            break;
        }
        frames.push(item);
        first.get_or_insert(row.hash);
    }
    let Some(first) = first else {
        return Ok(None);
    };
    let epoch = logs::calendar(tx, identity, calendar)?
        .epoch_now()
        .section
        .epoch;
    let address = EnvelopeAddress {
        kind: EnvelopeKind::Carried,
        calendar,
        epoch,
        device: identity.device,
        incarnation: incarnation(tx)?,
        first_seq: tx.next_carried(calendar, beyond)?,
    };
    let keys = keys::epoch_keys(tx, identity, calendar)?;
    let envelope = envelope::seal(&mut SystemEntropy, &keys, &address, &frames);
    let envelope = envelope.map_err(Error::internal)?;
    Ok(Some(Carried { first, envelope }))
}

/// A frame with those of its changes that could be accepted when it came.
fn with_changes(tx: &Transaction<'_>, row: &FrameRow) -> Result<FrameWithChanges> {
    let mut changes = Vec::new();
    for change in seal::listed_changes(row)? {
        changes.extend(tx.change(row.calendar, change.document, change.hash)?);
    }
    Ok(FrameWithChanges {
        frame: row.bytes.clone(),
        changes,
    })
}
