//! The content of a backup, from one state of the database, a few frames at a time.

use almanac_crypto::seal::seal_puk_box;
use almanac_protocol::backup::{Counted, Item, Start, StateDigest, Tally};
use almanac_protocol::frame::FrameType;
use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use almanac_store::{FrameRow, Setting, Transaction};

use super::file::Writing;
use crate::client::Identity;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::{heads, keys, logs};

/// Frames that are read from the database at once.
const FRAMES_AT_ONCE: u32 = 128;

/// What went into a backup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) calendars: u64,
    pub(super) events: u64,
    pub(super) frames: u64,
    pub(super) changes: u64,
}

/// Writes everything of this account that is here.
pub(super) fn write(
    tx: &Transaction<'_>,
    identity: &Identity,
    made_ms: u64,
    out: &mut Writing,
) -> Result<Written> {
    out.put(&Item::Start(start(tx, identity, made_ms)?))?;
    let calendars = tx.calendars()?;
    write_logs(tx, identity, out)?;
    let mut written = Written::default();
    for row in calendars {
        out.put(&Item::Calendar(row.id))?;
        let frames = write_calendar(tx, row.id, out)?;
        let (changes, digest) = state(tx, row.id)?;
        out.put(&Item::CalendarEnd(Tally {
            frames: frames.frames,
            changes: frames.changes,
            digest,
        }))?;
        written.calendars += 1;
        written.events += tx.event_count(row.id)?;
        written.frames += frames.frames;
        written.changes += changes;
    }
    out.put(&Item::End { items: out.items() })?;
    Ok(written)
}

/// How many changes a calendar holds, and which of them count.
pub(super) fn state(tx: &Transaction<'_>, calendar: CalendarId) -> Result<(u64, [u8; 32])> {
    let mut digest = StateDigest::new();
    let mut changes = 0;
    tx.each_change(calendar, |document, hash, counting| {
        let counted = if counting.counts() {
            Counted::Yes
        } else {
            Counted::No
        };
        digest.add(&document, &hash, counted);
        changes += 1;
    })?;
    Ok((changes, digest.finish()))
}

fn start(tx: &Transaction<'_>, identity: &Identity, made_ms: u64) -> Result<Start> {
    let text = |setting| -> Result<String> {
        let bytes = tx.setting(setting)?.unwrap_or_default();
        Ok(String::from_utf8(bytes).unwrap_or_default())
    };
    Ok(Start {
        account: identity.account,
        device: identity.device,
        private: identity.private,
        made_ms,
        device_name: text(Setting::DeviceName)?,
        relay: text(Setting::Relay)?,
    })
}

/// Logs of accounts first, which judging those of calendars needs; then sealed keys, if there is a
/// recovery kit that leads to them.
fn write_logs(tx: &Transaction<'_>, identity: &Identity, out: &mut Writing) -> Result<()> {
    let mut calendars = Vec::new();
    for log in tx.logs()? {
        let account = AccountId::from_bytes(*log.as_bytes());
        if is_account(tx, log)? {
            logs::of_account(tx, identity, account)?;
            write_log(tx, log, out)?;
        } else {
            calendars.push(log);
        }
    }
    for log in &calendars {
        write_log(tx, *log, out)?;
    }
    let account = logs::account(tx, identity)?;
    let Some(kit) = account.recovery() else {
        return Ok(());
    };
    let puk = keys::puk(tx, identity)?;
    let record =
        seal_puk_box(&mut SystemEntropy, &account, &kit.id, &puk).map_err(Error::internal)?;
    out.put(&Item::Box {
        log: identity.account.into(),
        record,
    })?;
    for row in tx.calendars()? {
        let log = logs::calendar(tx, identity, row.id)?;
        if let Some(record) = keys::seal_newest(tx, identity, &log)? {
            out.put(&Item::Box {
                log: row.id.into(),
                record,
            })?;
        }
    }
    Ok(())
}

fn is_account(tx: &Transaction<'_>, log: LogId) -> Result<bool> {
    let links = tx.links(log)?;
    let first = links
        .first()
        .ok_or_else(|| Error::internal("an empty log"))?;
    super::filling::is_account(first)
}

fn write_log(tx: &Transaction<'_>, log: LogId, out: &mut Writing) -> Result<()> {
    for bytes in tx.links(log)? {
        out.put(&Item::Link { log, bytes })?;
    }
    Ok(())
}

/// The frames of every author in order, then those that contradict them.
fn write_calendar(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    out: &mut Writing,
) -> Result<Written> {
    let mut written = Written::default();
    let authors = tx.authors(calendar)?;
    for (device, life) in &authors {
        let mut seq = 0;
        loop {
            let rows = tx.frames_after(calendar, *device, *life, seq, FRAMES_AT_ONCE)?;
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            for row in &rows {
                write_frame(tx, row, &mut written, out)?;
            }
        }
    }
    for (device, life) in authors {
        for row in tx.rivals(calendar, device, life)? {
            write_frame(tx, &row, &mut written, out)?;
        }
    }
    Ok(written)
}

fn write_frame(
    tx: &Transaction<'_>,
    row: &FrameRow,
    written: &mut Written,
    out: &mut Writing,
) -> Result<()> {
    let frame = heads::parsed(row)?;
    let mut changes = Vec::new();
    if frame.frame_type == FrameType::Changes {
        for listed in frame.changes().unwrap_or_default() {
            match tx.change(row.calendar, listed.document, listed.hash)? {
                Some(bytes) => changes.push(bytes),
                None => {
                    // Its author spoilt them: the frame stands in its chain without.
                    changes.clear();
                    break;
                }
            }
        }
    }
    out.put(&Item::Frame {
        changes: u16::try_from(changes.len()).map_err(Error::internal)?,
        bytes: row.bytes.clone(),
    })?;
    written.frames += 1;
    written.changes += changes.len() as u64;
    for change in changes {
        out.put(&Item::Change(change))?;
    }
    Ok(())
}
