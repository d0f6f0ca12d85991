//! Reading: what the relay hands over becomes frames, changes and rows, or is set aside.
//!
//! Nothing the relay says is believed: the stream must be the one asked for, the seal must open
//! under an epoch of the log, the author must be a device that may write, its chain must go on where
//! it ended, and every change must be one the frame lists. What fails is kept with the reason and
//! never stands in the way of what follows.

mod aside;
mod forked;
mod page;
mod verify;

use std::collections::BTreeSet;

use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::ids::{CalendarId, DocumentId, RelayEpoch, StreamHash};
use almanac_protocol::message::{Position, Stream};
use almanac_store::{Cursor, QuarantineReason, Transaction};

use crate::client::Identity;
use crate::error::Result;
use crate::replica::echo::Echoes;
use crate::replica::trail;
use crate::sync::stream;
use page::{Gate, Page};
use verify::Refusal;

/// Whether a page may wait for logs that have grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Yes: nothing is judged that a newer log may allow.
    MayFetch,
    /// No: the logs at hand are the newest there are.
    Final,
}

/// Consecutive envelopes as the relay handed them over.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The envelopes.
    pub(crate) envelopes: Vec<Vec<u8>>,
    /// The stream's running hash before the first.
    pub(crate) start: StreamHash,
    /// The position after the last.
    pub(crate) end: Position,
    /// Those that this connection has sent.
    pub(crate) echoes: Echoes,
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is stored, and so is the cursor after it.
    Stored {
        /// Whether a document has changed.
        changed: bool,
        /// Whether something before what came is missing.
        has_gap: bool,
    },
    /// The logs must be fetched first; the cursor stands before the page.
    Fetch {
        /// Whether a document has changed all the same.
        changed: bool,
    },
}

/// Stores a page of consecutive envelopes and the cursor after it.
pub(crate) fn receive(
    tx: &Transaction<'_>,
    identity: &Identity,
    delivery: &Delivery,
    relay_epoch: RelayEpoch,
    strictness: Strictness,
) -> Result<Received> {
    let end = delivery.end;
    let calendar = end.stream.calendar;
    let mut page = Page::open(tx, identity, end.stream)?;
    let mut is_complete = true;
    let mut has_gap = false;
    for envelope in &delivery.envelopes {
        if delivery.echoes.take(tx, identity, envelope)? {
            continue;
        }
        match page.accept(envelope)? {
            Ok(()) => {}
            Err(Refusal::NeedsLog) if strictness == Strictness::MayFetch => {
                is_complete = false;
                break;
            }
            Err(refusal) => {
                has_gap |= refusal.reason() == QuarantineReason::Gap;
                page.set_aside(refusal.reason(), envelope)?;
            }
        }
    }
    page.retry_gaps()?;
    let has_gap = has_gap && !tx.quarantined(calendar, QuarantineReason::Gap)?.is_empty();
    let touched = page.finish()?;
    if !is_complete {
        return Ok(Received::Fetch {
            changed: !touched.is_empty(),
        });
    }
    let cursor = Cursor {
        rseq: end.rseq,
        hash: end.hash,
        relay_epoch: Some(relay_epoch),
    };
    trail::lay(tx, delivery)?;
    // Another process on this profile may be further already, or have begun to read anew: a cursor
    // only moves on from where it stands.
    let begin = end.rseq.saturating_sub(delivery.envelopes.len() as u64);
    let stands = tx.calendar(calendar)?.map(|row| row.cursor);
    let is_next =
        |at: Cursor| at.relay_epoch != cursor.relay_epoch || (begin..end.rseq).contains(&at.rseq);
    if stands.is_none_or(is_next) {
        tx.set_cursor(calendar, &cursor)?;
    }
    Ok(Received::Stored {
        changed: !touched.is_empty(),
        has_gap,
    })
}

/// Judges envelopes of a range that was read once more: the cursor stays where it is. Gives whether a
/// document has changed.
pub(crate) fn receive_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    envelopes: &[Vec<u8>],
) -> Result<bool> {
    judge_all(tx, identity, stream, envelopes).map(|touched| !touched.is_empty())
}

/// Stores frames that a pack brought, each judged as if it had come in an envelope. False when one
/// is not accepted; those before it count.
pub(crate) fn receive_frames(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    frames: &[FrameWithChanges],
) -> Result<bool> {
    let mut page = Page::open(tx, identity, stream)?;
    page.gate = Gate::Passed;
    let mut is_accepted = true;
    for item in frames {
        if page.accept_frame(item, &item.frame)?.is_err() {
            is_accepted = false;
            break;
        }
    }
    page.finish()?;
    Ok(is_accepted)
}

/// Stores frames that a backup brought, each judged as if it had come in an envelope. Gives how many
/// are not accepted; frames that contradict others are kept as such and are no refusal.
pub(crate) fn receive_restored(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    frames: &[FrameWithChanges],
) -> Result<u64> {
    let mut page = Page::open(tx, identity, stream)?;
    let mut refused = 0;
    for item in frames {
        match page.accept_frame(item, &item.frame)? {
            Ok(()) | Err(Refusal::For(QuarantineReason::Fork)) => {}
            Err(_) => refused += 1,
        }
    }
    page.finish()?;
    Ok(refused)
}

/// Judges envelopes that the maker of a pack had set aside.
pub(crate) fn receive_set_aside(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    envelopes: &[Vec<u8>],
) -> Result<()> {
    judge_all(tx, identity, stream, envelopes).map(|_| ())
}

fn judge_all(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    envelopes: &[Vec<u8>],
) -> Result<BTreeSet<DocumentId>> {
    let mut page = Page::open(tx, identity, stream)?;
    for envelope in envelopes {
        if let Err(refusal) = page.accept(envelope)? {
            page.set_aside(refusal.reason(), envelope)?;
        }
    }
    page.retry_gaps()?;
    page.finish()
}

/// Tries everything of a calendar that was set aside once more, for a newer program or newer logs.
/// Gives whether a document has changed.
pub(crate) fn retry(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    let mut page = Page::open(tx, identity, stream(calendar))?;
    for reason in QuarantineReason::ALL {
        // A refused pack is no envelope.
        if reason != QuarantineReason::Pack {
            page.retry(reason)?;
        }
    }
    page.retry_gaps()?;
    Ok(!page.finish()?.is_empty())
}
