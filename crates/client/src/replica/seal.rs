//! Sealing: frames that wait become envelopes, which are sent as they are until acknowledged.

use almanac_crypto::envelope;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{FrameType, ListedChange};
use almanac_protocol::ids::{CalendarId, Incarnation};
use almanac_store::{FrameRow, OutboxPlace, Sent, Transaction};

use crate::client::Identity;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::{heads, keys, logs};

/// Bytes of frames and changes in one envelope; padding adds at most an eighth.
pub(crate) const CONTENT_BYTES_MAX: usize = 640 * 1024;
/// What each item costs beside its bytes.
const ITEM_BYTES: usize = 5;

/// Seals every frame of a calendar that is in no envelope yet, as many to an envelope as fit.
pub(crate) fn seal_waiting(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    if keys::lacks_epoch(tx, identity, calendar)? {
        // What is written meanwhile is safe here, and leaves once the key has come.
        return Ok(());
    }
    let mut batch: Vec<FrameWithChanges> = Vec::new();
    let mut place: Option<(Incarnation, u64, u64)> = None;
    let mut bytes = 0;
    for row in tx.waiting_frames(calendar)? {
        let item = with_changes(tx, &row)?;
        let size = size(&item);
        let goes_on = place.is_some_and(|(incarnation, _, last)| {
            incarnation == row.incarnation && last + 1 == row.seq
        });
        if (!goes_on || bytes + size > CONTENT_BYTES_MAX)
            && let Some(place) = place.take()
        {
            seal(tx, identity, calendar, place, &std::mem::take(&mut batch))?;
            bytes = 0;
        }
        place = Some(place.map_or(
            (row.incarnation, row.seq, row.seq),
            |(incarnation, first, _)| (incarnation, first, row.seq),
        ));
        bytes += size;
        batch.push(item);
    }
    place.map_or(Ok(()), |place| seal(tx, identity, calendar, place, &batch))
}

/// Bytes that a frame and its changes take in an envelope.
pub(crate) fn size(item: &FrameWithChanges) -> usize {
    let parts = item.changes.iter().chain([&item.frame]);
    parts.map(|part| part.len() + ITEM_BYTES).sum()
}

fn seal(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    (incarnation, first_seq, last_seq): (Incarnation, u64, u64),
    frames: &[FrameWithChanges],
) -> Result<()> {
    let epoch = logs::calendar(tx, identity, calendar)?
        .epoch_now()
        .section
        .epoch;
    let address = EnvelopeAddress {
        kind: EnvelopeKind::Own,
        calendar,
        epoch,
        device: identity.device,
        incarnation,
        first_seq,
    };
    let keys = keys::epoch_keys(tx, identity, calendar)?;
    let bytes =
        envelope::seal(&mut SystemEntropy, &keys, &address, frames).map_err(Error::internal)?;
    tx.put_outbox(
        &OutboxPlace {
            calendar,
            incarnation,
            first_seq,
            last_seq,
        },
        &bytes,
    )?;
    tx.mark_frames(calendar, incarnation, first_seq..=last_seq, Sent::Sealed)?;
    Ok(())
}

/// A stored frame of ours with the changes it lists.
fn with_changes(tx: &Transaction<'_>, row: &FrameRow) -> Result<FrameWithChanges> {
    let changes = listed_changes(row)?
        .iter()
        .map(|change| {
            tx.change(row.calendar, change.document, change.hash)?
                .ok_or_else(|| Error::internal("a change is missing"))
        })
        .collect::<Result<_>>()?;
    Ok(FrameWithChanges {
        frame: row.bytes.clone(),
        changes,
    })
}

/// The changes that a stored frame lists; none where it is of another type.
pub(crate) fn listed_changes(row: &FrameRow) -> Result<Vec<ListedChange>> {
    let frame = heads::parsed(row)?;
    if frame.frame_type == FrameType::Changes {
        frame.changes().map_err(Error::internal)
    } else {
        Ok(Vec::new())
    }
}
