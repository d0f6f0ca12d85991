//! Table `pack`: the packs of the streams.

use almanac_protocol::ids::{BlobName, CalendarId, DeviceId, Incarnation};
use almanac_protocol::limits::PACK_DROP_WAIT_MS;
use almanac_protocol::membership::{DeviceClass, Role};
use almanac_protocol::message::{Pack, TailAuthor};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use super::stream::StreamRow;
use crate::clock;
use crate::reject::Refusal;

/// Packs newer than the newest confirmed one that are kept: enough for two at once.
const UNCONFIRMED_MAX: i64 = 2;
/// Authors that are named after a pack: beyond them nobody can tell whether it is complete.
const TAIL_AUTHORS_MAX: i64 = 1_000;

/// The packs of a stream that are kept, newest first.
pub(crate) fn list(connection: &Connection, stream: &StreamRow) -> Result<Vec<Pack>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT name, rseq, device, confirmed_ms FROM pack
         WHERE stream = ?1 AND manifest <> x'' ORDER BY rseq DESC, id DESC",
    )?;
    let packs = statement.query_map([stream.id], |row| {
        Ok(Pack {
            name: column::id(row, 0, BlobName::from_slice)?,
            rseq: column::number(row, 1)?,
            device: column::id(row, 2, DeviceId::from_slice)?,
            confirmed_ms: column::number(row, 3)?,
            tail: Vec::new(),
        })
    })?;
    let mut packs = packs.collect::<Result<Vec<_>, _>>()?;
    for pack in &mut packs {
        pack.tail = tail(connection, stream, pack.rseq)?;
    }
    Ok(packs)
}

/// Number and bytes of the envelopes after a number.
pub(crate) fn weigh_tail(
    connection: &Connection,
    stream: &StreamRow,
    after: u64,
) -> Result<(u64, u64), Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM envelope
         WHERE stream = ?1 AND rseq > ?2",
    )?;
    let row = params![stream.id, column::integer(after)?];
    Ok(statement.query_row(row, |row| {
        Ok((column::number(row, 0)?, column::number(row, 1)?))
    })?)
}

/// Whether a pack of this name was ever taken.
pub(crate) fn is_known(
    connection: &Connection,
    stream: &StreamRow,
    name: &BlobName,
) -> Result<bool, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM pack WHERE stream = ?1 AND name = ?2)")?;
    Ok(statement.query_row(params![stream.id, name.as_bytes()], |row| row.get(0))?)
}

/// The newest number that a confirmed pack covers, 0 when there is none.
pub(crate) fn confirmed_to(connection: &Connection, stream: &StreamRow) -> Result<u64, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(max(rseq), 0) FROM pack WHERE stream = ?1 AND confirmed_ms > 0",
    )?;
    Ok(statement.query_row([stream.id], |row| column::number(row, 0))?)
}

/// Takes a pack. Of those that nobody has confirmed only the newest stay.
pub(crate) fn insert(
    connection: &Connection,
    stream: &StreamRow,
    pack: &Pack,
    manifest: &[u8],
) -> Result<(), Refusal> {
    connection.execute(
        "INSERT INTO pack (stream, name, rseq, device, manifest) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            stream.id,
            pack.name.as_bytes(),
            column::integer(pack.rseq)?,
            pack.device.as_bytes(),
            manifest
        ],
    )?;
    connection.execute(
        "DELETE FROM pack WHERE stream = ?1 AND confirmed_ms = 0 AND id NOT IN (
             SELECT id FROM pack WHERE stream = ?1 AND confirmed_ms = 0
             ORDER BY rseq DESC, id DESC LIMIT ?2)",
        params![stream.id, UNCONFIRMED_MAX],
    )?;
    Ok(())
}

/// The manifest of a pack that is kept.
pub(crate) fn manifest(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
) -> Result<Option<Vec<u8>>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT manifest FROM pack JOIN stream ON stream.id = pack.stream
         WHERE stream.calendar = ?1 AND pack.name = ?2 AND manifest <> x''",
    )?;
    let key = params![calendar.as_bytes(), name.as_bytes()];
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

/// The manifests of all packs of a calendar that are kept.
pub(crate) fn manifests(
    connection: &Connection,
    calendar: &CalendarId,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT manifest FROM pack JOIN stream ON stream.id = pack.stream
         WHERE stream.calendar = ?1 AND manifest <> x''",
    )?;
    let rows = statement.query_map([calendar.as_bytes()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who made a pack that is kept, and how far it goes.
pub(crate) fn find(
    connection: &Connection,
    stream: &StreamRow,
    name: &BlobName,
) -> Result<Option<(DeviceId, u64)>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT device, rseq FROM pack WHERE stream = ?1 AND name = ?2 AND manifest <> x''",
    )?;
    let row = statement.query_row(params![stream.id, name.as_bytes()], |row| {
        Ok((
            column::id(row, 0, DeviceId::from_slice)?,
            column::number(row, 1)?,
        ))
    });
    Ok(row.optional()?)
}

/// Notes that a pack is complete; older ones make room for it, and what they were stays known.
pub(crate) fn confirm(
    connection: &Connection,
    stream: &StreamRow,
    name: &BlobName,
    rseq: u64,
) -> Result<(), Refusal> {
    connection.execute(
        "UPDATE pack SET confirmed_ms = ?3 WHERE stream = ?1 AND name = ?2 AND confirmed_ms = 0",
        params![stream.id, name.as_bytes(), clock::now_ms().max(1)],
    )?;
    let older = params![stream.id, name.as_bytes(), column::integer(rseq)?];
    connection.execute(
        "DELETE FROM pack WHERE stream = ?1 AND name <> ?2 AND rseq <= ?3 AND confirmed_ms = 0",
        older,
    )?;
    connection.execute(
        "UPDATE pack SET manifest = x'' WHERE stream = ?1 AND name <> ?2 AND rseq <= ?3",
        older,
    )?;
    Ok(())
}

/// The newest number that was confirmed long enough ago, 0 when there is none.
pub(crate) fn droppable_to(connection: &Connection, stream: &StreamRow) -> Result<u64, Refusal> {
    let wait = i64::try_from(PACK_DROP_WAIT_MS).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(max(rseq), 0) FROM pack
         WHERE stream = ?1 AND confirmed_ms > 0 AND confirmed_ms <= ?2",
    )?;
    let before = clock::now_ms().saturating_sub(wait);
    Ok(statement.query_row(params![stream.id, before], |row| column::number(row, 0))?)
}

/// Lets go of the bytes of all envelopes up to a number, and of the room they took.
pub(crate) fn drop_to(
    connection: &Connection,
    stream: &StreamRow,
    rseq: u64,
) -> Result<(), Refusal> {
    let range = params![
        stream.id,
        column::integer(stream.dropped_to)?,
        column::integer(rseq)?
    ];
    connection.execute(
        "UPDATE account SET used_bytes = max(0, used_bytes - freed.bytes) FROM (
             SELECT device.account AS account, sum(length(envelope.bytes)) AS bytes FROM envelope
             JOIN author ON author.id = envelope.author
             JOIN device ON device.device = author.device
             WHERE envelope.stream = ?1 AND envelope.rseq > ?2 AND envelope.rseq <= ?3
             GROUP BY device.account) AS freed
         WHERE account.account = freed.account",
        range,
    )?;
    connection.execute(
        "UPDATE envelope SET bytes = x'' WHERE stream = ?1 AND rseq > ?2 AND rseq <= ?3",
        range,
    )?;
    connection.execute(
        "UPDATE stream SET dropped_to = ?2 WHERE id = ?1",
        params![stream.id, column::integer(rseq)?],
    )?;
    Ok(())
}

/// Whether only one device may write to the calendar: nobody else can confirm its packs.
pub(crate) fn is_alone(connection: &Connection, calendar: &CalendarId) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM member JOIN device ON device.account = member.account
         WHERE calendar = ?1 AND role >= ?2 AND class = ?3",
    )?;
    let writers = params![
        calendar.as_bytes(),
        Role::Editor.number(),
        DeviceClass::Full.number()
    ];
    let devices: i64 = statement.query_row(writers, |row| row.get(0))?;
    Ok(devices == 1)
}

fn tail(
    connection: &Connection,
    stream: &StreamRow,
    after: u64,
) -> Result<Vec<TailAuthor>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT device, incarnation, min(first_seq) FROM envelope
         JOIN author ON author.id = envelope.author
         WHERE stream = ?1 AND rseq > ?2 AND kind = 1 GROUP BY envelope.author LIMIT ?3",
    )?;
    let row = params![stream.id, column::integer(after)?, TAIL_AUTHORS_MAX];
    let rows = statement.query_map(row, |row| {
        Ok(TailAuthor {
            device: column::id(row, 0, DeviceId::from_slice)?,
            incarnation: column::id(row, 1, Incarnation::from_slice)?,
            first_seq: column::number(row, 2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
