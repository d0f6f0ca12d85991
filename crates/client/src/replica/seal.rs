//! Sealing: frames that wait become envelopes, which are sent as they are until acknowledged.

use almanac_crypto::envelope;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{Frame, ListedChange};
use almanac_protocol::ids::{CalendarId, Incarnation};
use almanac_protocol::signed::{Signed, Signer};
use almanac_store::{FrameRow, OutboxPlace, Sent, Transaction};

use crate::client::Identity;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::{keys, logs};

/// Bytes of frames and changes in one envelope; padding adds at most an eighth.
const CONTENT_BYTES_MAX: usize = 640 * 1024;
/// What each item costs beside its bytes.
const ITEM_BYTES: usize = 5;

/// Seals every frame of a calendar that is in no envelope yet, as many to an envelope as fit.
pub(crate) fn seal_waiting(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let mut batch: Vec<FrameWithChanges> = Vec::new();
    let mut place: Option<(Incarnation, u64, u64)> = None;
    let mut bytes = 0;
    for row in tx.waiting_frames(calendar)? {
        let item = with_changes(tx, identity, &row)?;
        let size = item
            .changes
            .iter()
            .chain([&item.frame])
            .map(|part| part.len() + ITEM_BYTES);
        let size: usize = size.sum();
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
fn with_changes(
    tx: &Transaction<'_>,
    identity: &Identity,
    row: &FrameRow,
) -> Result<FrameWithChanges> {
    let changes = listed_changes(identity, row)?
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

/// The changes that a stored frame of ours lists.
pub(crate) fn listed_changes(identity: &Identity, row: &FrameRow) -> Result<Vec<ListedChange>> {
    let signed = Signed::<Frame>::parse(&row.bytes).map_err(Error::internal)?;
    let frame = signed
        .verify(&identity.keys.verify_key())
        .map_err(Error::internal)?;
    frame.body().changes().map_err(Error::internal)
}
