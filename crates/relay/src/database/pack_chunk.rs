//! Table `pack_chunk`: the sealed chunks of packs, and what has come of those on their way.

use std::collections::BTreeSet;

use almanac_protocol::ids::{BlobName, CalendarId};
use almanac_protocol::limits::{PACK_CHUNK_BYTES, PACK_CHUNKS_MAX};
use almanac_protocol::pack::{Manifest, blob_name};
use almanac_protocol::signed::{Signed, SignedBody as _};
use rusqlite::{Connection, OptionalExtension, params};

use super::{column, pack};
use crate::clock;
use crate::reject::{Refusal, Reject};

/// Chunks that a calendar may have here: the packs that are kept and one on its way.
const CHUNKS_MAX: usize = 4 * PACK_CHUNKS_MAX;
/// How long a chunk waits for the pack it belongs to.
const ORPHAN_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// What came of bytes that were left for a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// So many bytes are here now.
    Taken(usize),
    /// They do not go on where the last ones stopped; so many are here.
    Elsewhere(usize),
}

/// How many bytes of a chunk are here.
pub(crate) fn received(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
) -> Result<usize, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT length(bytes) FROM pack_chunk WHERE calendar = ?1 AND name = ?2")?;
    let key = params![calendar.as_bytes(), name.as_bytes()];
    let length = statement
        .query_row(key, |row| column::number(row, 0))
        .optional()?;
    Ok(length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX)))
}

/// A chunk that is whole.
pub(crate) fn whole(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
) -> Result<Option<Vec<u8>>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM pack_chunk WHERE calendar = ?1 AND name = ?2 AND is_whole = 1",
    )?;
    let key = params![calendar.as_bytes(), name.as_bytes()];
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

/// Whether a chunk is here as a whole.
pub(crate) fn is_whole(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM pack_chunk
         WHERE calendar = ?1 AND name = ?2 AND is_whole = 1)",
    )?;
    let key = params![calendar.as_bytes(), name.as_bytes()];
    Ok(statement.query_row(key, |row| row.get(0))?)
}

/// Takes bytes of a chunk that go on where the last ones stopped. Bytes that turn out not to be
/// the chunk are forgotten.
pub(crate) fn leave(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
    offset: usize,
    bytes: &[u8],
) -> Result<Left, Refusal> {
    let here = received(connection, calendar, name)?;
    if offset != here {
        return Ok(Left::Elsewhere(here));
    }
    let length = here.saturating_add(bytes.len());
    if length > PACK_CHUNK_BYTES {
        return Err(Reject::TooLarge.into());
    }
    if here == 0 {
        make_room(connection, calendar)?;
    }
    connection
        .prepare_cached(
            "INSERT INTO pack_chunk (calendar, name, touched_ms, is_whole, bytes)
             VALUES (?1, ?2, ?3, 0, ?4)
             ON CONFLICT (calendar, name) DO UPDATE SET
             touched_ms = excluded.touched_ms, bytes = CAST(bytes || excluded.bytes AS BLOB)",
        )?
        .execute(params![
            calendar.as_bytes(),
            name.as_bytes(),
            clock::now_ms(),
            bytes
        ])?;
    if length == PACK_CHUNK_BYTES {
        return close(connection, calendar, name).map(Left::Taken);
    }
    Ok(Left::Taken(length))
}

/// Forgets the chunks that no pack of the calendar names, if they have waited for one for long.
pub(crate) fn forget_orphans(
    connection: &Connection,
    calendar: &CalendarId,
    wait_ms: i64,
) -> Result<(), Refusal> {
    let mut named = BTreeSet::new();
    for manifest in pack::manifests(connection, calendar)? {
        let body = manifest
            .len()
            .checked_sub(64)
            .and_then(|length| manifest.get(..length));
        let manifest = Manifest::parse(body.unwrap_or_default());
        named.extend(manifest.map_err(|_| Reject::Malformed)?.chunks);
    }
    let mut statement = connection.prepare_cached(
        "SELECT id, name FROM pack_chunk WHERE calendar = ?1 AND touched_ms <= ?2",
    )?;
    let before = clock::now_ms().saturating_sub(wait_ms);
    let rows = statement.query_map(params![calendar.as_bytes(), before], |row| {
        Ok((row.get(0)?, column::id(row, 1, BlobName::from_slice)?))
    })?;
    let rows: Vec<(i64, BlobName)> = rows.collect::<Result<_, _>>()?;
    for (id, _) in rows.iter().filter(|(_, name)| !named.contains(name)) {
        connection.execute("DELETE FROM pack_chunk WHERE id = ?1", [id])?;
    }
    Ok(())
}

/// The signed manifest in these bytes.
pub(crate) fn read_manifest(bytes: &[u8]) -> Result<Signed<Manifest>, Reject> {
    Signed::<Manifest>::parse(bytes).map_err(|_| Reject::Malformed)
}

/// The last bytes have come: they are the chunk, or all of it is forgotten.
fn close(
    connection: &Connection,
    calendar: &CalendarId,
    name: &BlobName,
) -> Result<usize, Refusal> {
    let key = params![calendar.as_bytes(), name.as_bytes()];
    let bytes: Vec<u8> = connection
        .prepare_cached("SELECT bytes FROM pack_chunk WHERE calendar = ?1 AND name = ?2")?
        .query_row(key, |row| row.get(0))?;
    if blob_name(&bytes) == *name {
        connection
            .prepare_cached("UPDATE pack_chunk SET is_whole = 1 WHERE calendar = ?1 AND name = ?2")?
            .execute(key)?;
        Ok(bytes.len())
    } else {
        connection
            .prepare_cached("DELETE FROM pack_chunk WHERE calendar = ?1 AND name = ?2")?
            .execute(key)?;
        Ok(0)
    }
}

fn make_room(connection: &Connection, calendar: &CalendarId) -> Result<(), Refusal> {
    forget_orphans(connection, calendar, ORPHAN_MS_MAX)?;
    let mut statement =
        connection.prepare_cached("SELECT count(*) FROM pack_chunk WHERE calendar = ?1")?;
    let count = statement.query_row([calendar.as_bytes()], |row| column::number(row, 0))?;
    if usize::try_from(count).is_ok_and(|count| count < CHUNKS_MAX) {
        Ok(())
    } else {
        Err(Reject::TooLarge.into())
    }
}
