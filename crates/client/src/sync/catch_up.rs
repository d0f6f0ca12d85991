//! Where this device stands in the relay's streams, and what a relay of another life means.

use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::ids::{CalendarId, RelayEpoch, StreamHash};
use almanac_protocol::message::{Position, Stream};
use almanac_store::{CalendarRow, Cursor, Transaction};

use crate::client::Identity;
use crate::error::Result;

/// The main stream of a calendar.
pub(crate) const fn stream(calendar: CalendarId) -> Stream {
    Stream {
        calendar,
        kind: STREAM_MAIN,
    }
}

/// Before the first envelope of a stream.
pub(crate) const fn origin(calendar: CalendarId) -> Position {
    Position {
        stream: stream(calendar),
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

/// Where this device stands in a calendar's stream.
pub(crate) const fn position(row: &CalendarRow) -> Position {
    Position {
        stream: stream(row.id),
        rseq: row.cursor.rseq,
        hash: row.cursor.hash,
    }
}

/// Notes in which life of the relay's database the cursors count. A life other than the one they
/// were counted in has none of them: everything is read, and everything of ours offered, anew.
pub(crate) fn adopt_relay(
    tx: &Transaction<'_>,
    identity: &Identity,
    epoch: RelayEpoch,
) -> Result<()> {
    let calendars = tx.calendars()?;
    let is_other = |row: &CalendarRow| row.cursor.relay_epoch.is_some_and(|known| known != epoch);
    if calendars.iter().any(is_other) {
        tracing::info!("sync.relay_restarted");
        start_over(tx, identity)?;
    }
    for row in tx.calendars()? {
        tx.set_cursor(
            row.id,
            &Cursor {
                relay_epoch: Some(epoch),
                ..row.cursor
            },
        )?;
    }
    Ok(())
}

/// Forgets what the relay has: another one may have none of it. What it does have is recognised
/// when it is read back, and not sent twice.
pub(crate) fn start_over(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    tx.forget_relay()?;
    for row in tx.calendars()? {
        tx.resend_frames(row.id, identity.device)?;
    }
    Ok(())
}

/// Forgets one stream at the relay, for a relay that does not know our place in it.
pub(crate) fn start_stream_over(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    epoch: RelayEpoch,
) -> Result<()> {
    let Position { rseq, hash, .. } = origin(calendar);
    tx.set_cursor(
        calendar,
        &Cursor {
            rseq,
            hash,
            relay_epoch: Some(epoch),
        },
    )?;
    tx.resend_frames(calendar, identity.device)?;
    Ok(())
}
