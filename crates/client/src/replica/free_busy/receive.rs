//! Reading the free/busy stream: frames are stored when they are signed by a device that the calendar's log
//! names, whatever comes before them. Which of them count is judged later.

use almanac_crypto::envelope::{self, OpenError};
use almanac_protocol::frame::{Frame, STREAM_FREE_BUSY};
use almanac_protocol::ids::{CalendarId, RelayEpoch, StreamHash};
use almanac_protocol::membership::LinkError;
use almanac_protocol::message::Stream;
use almanac_protocol::relay_chain::envelope_hash;
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::{Cursor, FrameRow, QuarantineReason, Sent, Setting, Transaction};

use super::{blocks, stale};
use crate::client::{Identity, incarnation};
use crate::clock;
use crate::entropy;
use crate::error::Result;
use crate::replica::receive::{Delivery, Strictness};
use crate::replica::{keys, logs};

/// Before the first envelope.
pub(crate) const START: Cursor = Cursor {
    rseq: 0,
    hash: StreamHash::from_bytes([0; 32]),
    relay_epoch: None,
};

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// It is stored, and so is the cursor after it.
    Stored {
        /// Whether something else is shown than before.
        changed: bool,
    },
    /// The logs must be fetched first; the cursor stands before the page.
    Fetch,
    /// The key has not come; the cursor stands before the page.
    Keyless,
}

/// Why something is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// A newer log may allow it.
    NeedsLog,
    /// It is sealed for an epoch of the log whose key is not here.
    NeedsKey,
    /// It never will be, for this reason.
    For(QuarantineReason),
}

/// The free/busy stream of a calendar.
pub(crate) const fn stream(calendar: CalendarId) -> Stream {
    Stream {
        calendar,
        kind: STREAM_FREE_BUSY,
    }
}

/// Stores a page of consecutive envelopes and the cursor after it.
pub(crate) fn receive(
    tx: &Transaction<'_>,
    identity: &Identity,
    delivery: &Delivery,
    relay_epoch: RelayEpoch,
    strictness: Strictness,
) -> Result<Read> {
    let end = delivery.end;
    let calendar = end.stream.calendar;
    for envelope in &delivery.envelopes {
        match accept(tx, identity, calendar, envelope)? {
            Ok(()) => {}
            Err(Refusal::NeedsLog) if strictness == Strictness::MayFetch => return Ok(Read::Fetch),
            Err(Refusal::NeedsLog) => set_aside(tx, calendar, QuarantineReason::Log, envelope)?,
            Err(Refusal::NeedsKey) => return Ok(Read::Keyless),
            Err(Refusal::For(reason)) => set_aside(tx, calendar, reason, envelope)?,
        }
    }
    // Another process on this profile may be further already, or have begun to read anew.
    let begin = end.rseq.saturating_sub(delivery.envelopes.len() as u64);
    let stands = tx.busy_stream(calendar)?.cursor;
    if stands.relay_epoch != Some(relay_epoch) || (begin..end.rseq).contains(&stands.rseq) {
        tx.set_busy_cursor(
            calendar,
            &Cursor {
                rseq: end.rseq,
                hash: end.hash,
                relay_epoch: Some(relay_epoch),
            },
        )?;
    }
    let changed = blocks::show(tx, identity, calendar)?;
    Ok(Read::Stored { changed })
}

/// Tries what was set aside of a calendar's free/busy stream once more, for newer logs. Gives whether
/// something else is shown than before.
pub(crate) fn retry(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    for reason in [QuarantineReason::Log, QuarantineReason::Fork] {
        for found in tx.quarantined(calendar, reason)? {
            let is_ours = is_of_free_busy(&found.bytes);
            if is_ours && accept(tx, identity, calendar, &found.bytes)?.is_ok() {
                tx.release(found.id)?;
            }
        }
    }
    blocks::show(tx, identity, calendar)
}

/// Whether what was set aside is an envelope of a free/busy stream.
pub(crate) fn is_of_free_busy(envelope: &[u8]) -> bool {
    let header = almanac_protocol::envelope::EnvelopeHeader::parse(envelope);
    header.is_ok_and(|(header, _)| header.address.stream().kind == STREAM_FREE_BUSY)
}

fn set_aside(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    reason: QuarantineReason,
    envelope: &[u8],
) -> Result<()> {
    tracing::warn!(reason = reason.word(), "sync.quarantined");
    let (hash, now_ms) = (envelope_hash(envelope), clock::now_ms());
    Ok(tx.quarantine(calendar, reason, &hash, envelope, now_ms)?)
}

fn accept(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    sealed: &[u8],
) -> Result<std::result::Result<(), Refusal>> {
    let log = logs::calendar(tx, identity, calendar)?;
    let Some(keys) = keys::epoch_keys_here(tx, identity, calendar)? else {
        return Ok(Err(Refusal::NeedsKey));
    };
    let frames = match envelope::open(&keys, stream(calendar), sealed) {
        Ok((_, frames)) => frames,
        Err(OpenError::Epoch(epoch)) if epoch > log.epoch_now().section.epoch => {
            return Ok(Err(Refusal::NeedsLog));
        }
        Err(OpenError::Epoch(epoch)) if epoch > keys.newest() => {
            return Ok(Err(Refusal::NeedsKey));
        }
        Err(_) => return Ok(Err(Refusal::For(QuarantineReason::Sealed))),
    };
    for item in frames {
        let frame = match verify(tx, identity, calendar, &item.frame)? {
            Ok(frame) => frame,
            Err(refusal) => return Ok(Err(refusal)),
        };
        store(tx, identity, calendar, &frame)?;
    }
    Ok(Ok(()))
}

/// The frame, if a device of someone whom the calendar's log names has signed it for this stream, and what
/// it had seen agrees with what is here.
fn verify(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    bytes: &[u8],
) -> Result<std::result::Result<Verified<Frame>, Refusal>> {
    const UNAUTHORISED: Refusal = Refusal::For(QuarantineReason::Unauthorised);
    let (log, people) = logs::judged(tx, identity, calendar)?;
    let Ok(signed) = Signed::<Frame>::parse(bytes) else {
        return Ok(Err(UNAUTHORISED));
    };
    let Some((account, device)) = people.device(&signed.signer()) else {
        return Ok(Err(Refusal::NeedsLog));
    };
    let Ok(frame) = signed.verify(&device.bundle.sign_key) else {
        return Ok(Err(UNAUTHORISED));
    };
    if frame.body().stream != stream(calendar) {
        return Ok(Err(UNAUTHORISED));
    }
    let seen = account
        .consistent(frame.body().account_view)
        .and_then(|()| log.consistent(frame.body().calendar_view));
    Ok(match seen {
        Ok(()) => Ok(frame),
        Err(LinkError::Seq { .. }) => Err(Refusal::NeedsLog),
        Err(_) => Err(Refusal::For(QuarantineReason::Fork)),
    })
}

fn store(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    frame: &Verified<Frame>,
) -> Result<()> {
    let body = frame.body();
    let is_new = tx.put_busy_frame(&FrameRow {
        calendar,
        device: body.author,
        incarnation: body.incarnation,
        seq: body.seq,
        hash: frame.hash(),
        bytes: frame.bytes().to_vec(),
        sent: Sent::AtRelay,
    })?;
    if !is_new || body.author != identity.device {
        return Ok(());
    }
    // Something of ours that is not here: this profile was copied or set back. What stood in its place
    // and nobody has is said again in a life of its own.
    if body.incarnation == incarnation(tx)? {
        tracing::warn!("sync.profile_was_copied");
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
    }
    tx.remove_waiting_busy_frames(calendar, body.incarnation, body.seq)?;
    match tx.busy_stream(calendar)?.told {
        Some((first, last)) => Ok(tx.put_busy_stale(calendar, &stale(first, last))?),
        None => Ok(()),
    }
}
