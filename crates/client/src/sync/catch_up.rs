//! Where this device stands in the relay's streams, and what a relay of another life means.

use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::ids::{CalendarId, RelayEpoch, StreamHash};
use almanac_protocol::message::{Position, Stream};
use almanac_store::{CalendarRow, Cursor, FindingKind, HeadsDue, HeadsRow, Setting, Transaction};

use crate::client::Identity;
use crate::clock;
use crate::error::Result;
use crate::keeper::{self, Keeper};
use crate::replica::{cuts, free_busy};

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
    keeper: &Keeper,
    epoch: RelayEpoch,
) -> Result<()> {
    let calendars = keeper::calendars(tx, keeper)?;
    let is_other = |row: &CalendarRow| row.cursor.relay_epoch.is_some_and(|known| known != epoch);
    if calendars.iter().any(is_other) {
        tracing::info!("sync.relay_restarted");
        let (kind, evidence) = (FindingKind::Replaced, [Vec::new(), Vec::new()]);
        cuts::found(tx, kind, None, None, 0, evidence, clock::now_ms())?;
        start_over(tx, identity, keeper)?;
    }
    for row in keeper::calendars(tx, keeper)? {
        if row.cursor.relay_epoch != Some(epoch) {
            let cursor = Cursor {
                relay_epoch: Some(epoch),
                ..row.cursor
            };
            tx.set_cursor(row.id, &cursor)?;
        }
    }
    Ok(())
}

/// Forgets what the relay has: another one may have none of it. What it does have is recognised
/// when it is read back, and not sent twice.
pub(crate) fn start_over(tx: &Transaction<'_>, identity: &Identity, keeper: &Keeper) -> Result<()> {
    if keeper.is_own() {
        tx.forget_account_logs_sent()?;
        // A relay that let this device in has at least the account's first link, which only
        // REGISTER brings.
        tx.links_sent(identity.account.into(), 0)?;
    }
    for row in keeper::calendars(tx, keeper)? {
        start_calendar_over(tx, identity, row.id)?;
    }
    read_anew(tx)
}

/// The same of one calendar.
pub(crate) fn start_calendar_over(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    tx.forget_calendar_sent(calendar)?;
    doubt(tx, identity, calendar)?;
    free_busy::start_over(tx, identity, calendar)
}

/// The same at every relay that keeps something of this account.
pub(crate) fn start_everything_over(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    keeper::settle(tx, identity)?;
    start_over(tx, identity, &Keeper::Own)?;
    for row in tx.calendars()? {
        if !keeper::of(tx, row.id)?.is_own() {
            start_calendar_over(tx, identity, row.id)?;
        }
    }
    Ok(())
}

pub(crate) fn read_anew(tx: &Transaction<'_>) -> Result<()> {
    let next = reading(tx)?.saturating_add(1);
    Ok(tx.set(Setting::Reading, next.to_string().as_bytes())?)
}

/// Which reading of all streams this is: grows whenever all of them are to be read anew.
pub(super) fn reading(tx: &Transaction<'_>) -> Result<u64> {
    let stored = tx.setting(Setting::Reading)?;
    let text = stored.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Whatever stood in a stream may be gone: our frames wait again, and those of others are lost unless
/// they are read back. Nothing shows which sealed keys a relay has, so all of them are offered again.
fn doubt(tx: &Transaction<'_>, identity: &Identity, calendar: CalendarId) -> Result<()> {
    tx.resend_frames(calendar, identity.device)?;
    tx.doubt_frames(calendar, identity.device)?;
    tx.boxes_lost(calendar.into())?;
    tx.forget_trail(calendar)?;
    Ok(tx.heads_due(calendar, HeadsDue::Now)?)
}

/// Notes that the relay no longer stands where it stood, and starts its stream over. What others
/// were shown before says nothing about it any more.
pub(crate) fn lost_its_place(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    epoch: RelayEpoch,
) -> Result<()> {
    let (kind, evidence) = (FindingKind::RolledBack, [Vec::new(), Vec::new()]);
    let stood = tx.calendar(calendar)?.map_or(0, |row| row.cursor.rseq);
    cuts::found(
        tx,
        kind,
        Some(calendar),
        None,
        stood,
        evidence,
        clock::now_ms(),
    )?;
    for said in tx.heads(calendar)? {
        tx.put_heads(&HeadsRow {
            is_placed: false,
            ..said
        })?;
    }
    start_stream_over(tx, identity, calendar, epoch)
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
    doubt(tx, identity, calendar)
}
