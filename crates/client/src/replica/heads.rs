//! Saying what this device has seen, and keeping what others say.
//!
//! Heads are told when a stream has been read to its end and nothing is left to put back: after a log
//! has grown, after the relay lost something, and otherwise at most once a day and only if something
//! other than heads has come from another device. So heads never answer heads, and calendars that
//! rest stay silent.

use almanac_protocol::anchor::Anchor;
use almanac_protocol::chain::Author;
use almanac_protocol::frame::{Frame, FrameType, STREAM_MAIN};
use almanac_protocol::heads::{Heads, SeenAt, SeenAuthor, SeenLog};
use almanac_protocol::ids::{CalendarId, LogId, RelayEpoch, Signature};
use almanac_protocol::signed::SignedBody;
use almanac_store::{FrameRow, HeadsDue, HeadsRow, HeadsTold, Transaction};

use crate::client::{Identity, incarnation};
use crate::error::{Error, Result};
use crate::replica::{author, logs};

/// Milliseconds after which heads are told again because something has come.
const TOLD_EVERY_MS: u64 = 24 * 60 * 60 * 1000;
/// Authors that are named; far more than people have devices.
const AUTHORS_MAX: usize = 4_000;

/// Whether it is time to tell what was seen of a calendar.
pub(crate) fn is_due(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    now_ms: u64,
) -> Result<bool> {
    // A device that is alone has nobody to tell, and who may not write tells nobody.
    let is_alone = logs::devices(tx, identity, calendar)?.len() < 2;
    if is_alone || !logs::may_write(tx, identity, calendar)? {
        return Ok(false);
    }
    let told = tx.heads_told(calendar)?;
    let has_grown = told.logs != digest(&pins(tx, identity, calendar)?);
    Ok(has_grown
        || match told.due {
            HeadsDue::No => false,
            // A clock that was set back counts as a day that has passed.
            HeadsDue::InTime => now_ms.abs_diff(told.told_ms) >= TOLD_EVERY_MS,
            HeadsDue::Now => true,
        })
}

/// Signs what was seen of a calendar as the next frame of this device.
pub(crate) fn tell(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    now_ms: u64,
) -> Result<()> {
    let row = tx
        .calendar(calendar)?
        .ok_or_else(|| Error::internal("a calendar is missing"))?;
    let this = Author {
        device: identity.device,
        incarnation: incarnation(tx)?,
    };
    let mut authors = Vec::new();
    for (device, incarnation) in tx.authors(calendar)?.into_iter().take(AUTHORS_MAX) {
        let author = Author {
            device,
            incarnation,
        };
        // What this device wrote in an earlier life and the relay has not shown may yet move.
        let head = if device == identity.device {
            tx.shown_head(calendar, device, incarnation)?
        } else {
            tx.chain_head(calendar, device, incarnation)?
        };
        if author != this && head.seq > 0 {
            authors.push(SeenAuthor {
                author,
                kind: STREAM_MAIN,
                head,
            });
        }
    }
    let logs = pins(tx, identity, calendar)?;
    let told = HeadsTold {
        told_ms: now_ms,
        logs: digest(&logs),
        due: HeadsDue::No,
    };
    let seen = Heads {
        time_ms: now_ms,
        relay: SeenAt {
            relay_epoch: row
                .cursor
                .relay_epoch
                .unwrap_or(RelayEpoch::from_bytes([0; 16])),
            rseq: row.cursor.rseq,
            hash: row.cursor.hash,
        },
        logs,
        authors,
    };
    let body = seen.to_body().map_err(Error::internal)?;
    author::put_frame(tx, identity, calendar, FrameType::Heads, body)?;
    Ok(tx.set_heads_told(calendar, &told)?)
}

/// Keeps what another device says it has seen, unless it has said something newer.
pub(crate) fn note(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    frame: &Frame,
    seen: &Heads,
    now_ms: u64,
) -> Result<()> {
    let row = HeadsRow {
        calendar,
        device: frame.author,
        incarnation: frame.incarnation,
        seq: frame.seq,
        time_ms: seen.time_ms.min(now_ms),
        read_again: false,
        is_placed: true,
    };
    let known = tx.heads(calendar)?;
    let known = known.iter().find(|known| known.device == row.device);
    let is_older = known.is_some_and(|known| {
        if known.incarnation == row.incarnation {
            row.seq <= known.seq
        } else {
            row.time_ms < known.time_ms
        }
    });
    if !is_older {
        tx.put_heads(&row)?;
    }
    Ok(())
}

/// What a kept frame says was seen; `None` if it is no longer there.
pub(crate) fn read(tx: &Transaction<'_>, row: &HeadsRow) -> Result<Option<(Vec<u8>, Heads)>> {
    let stored = tx.frame(row.calendar, row.device, row.incarnation, row.seq)?;
    let Some(stored) = stored else {
        return Ok(None);
    };
    let heads = parsed(&stored)?.heads().map_err(Error::internal)?;
    Ok(Some((stored.bytes, heads)))
}

/// A frame as it is stored, which was verified when it came.
pub(crate) fn parsed(row: &FrameRow) -> Result<Frame> {
    let (body, _) = row
        .bytes
        .split_last_chunk::<{ Signature::LEN }>()
        .ok_or_else(|| Error::internal("a stored frame"))?;
    Frame::parse(body).map_err(Error::internal)
}

/// The logs that matter for a calendar, as they are pinned here.
fn pins(tx: &Transaction<'_>, identity: &Identity, calendar: CalendarId) -> Result<Vec<SeenLog>> {
    let mut pins = Vec::new();
    for log in [LogId::from(identity.account), LogId::from(calendar)] {
        pins.push(SeenLog {
            log,
            view: logs::view(tx, log)?,
        });
    }
    pins.sort_by_key(|pin| pin.log);
    Ok(pins)
}

fn digest(pins: &[SeenLog]) -> [u8; 32] {
    Anchor::of(0, pins, &[]).digest
}
