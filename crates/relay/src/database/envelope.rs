//! Table `envelope`: the streams' envelopes, numbered without a gap.

use almanac_protocol::ids::StreamHash;
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use super::stream::StreamRow;
use crate::clock;
use crate::reject::Refusal;

/// Where an envelope is looked for: unique within its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Short name of the author.
    pub(crate) author: i64,
    /// Kind of envelope.
    pub(crate) kind: u8,
    /// Number of the first frame inside.
    pub(crate) first_seq: i64,
}

/// Number and bytes of what stands at a place.
pub(crate) fn at(
    connection: &Connection,
    stream: &StreamRow,
    place: Place,
) -> Result<Option<(u64, Vec<u8>)>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT rseq, bytes FROM envelope
         WHERE stream = ?1 AND author = ?2 AND kind = ?3 AND first_seq = ?4",
    )?;
    let found = statement.query_row(
        params![stream.id, place.author, place.kind, place.first_seq],
        |row| Ok((column::number(row, 0)?, row.get(1)?)),
    );
    Ok(found.optional()?)
}

/// Stores an envelope at the head of its stream, which already counts it.
pub(crate) fn insert(
    connection: &Connection,
    stream: &StreamRow,
    place: Place,
    bytes: &[u8],
) -> Result<(), Refusal> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO envelope (stream, rseq, author, kind, first_seq, arrived_ms, hash, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    statement.execute(params![
        stream.id,
        column::integer(stream.head.rseq)?,
        place.author,
        place.kind,
        place.first_seq,
        clock::now_ms(),
        stream.head.hash.as_bytes(),
        bytes,
    ])?;
    Ok(())
}

/// The running hash after an envelope.
pub(crate) fn hash_after(
    connection: &Connection,
    stream: i64,
    rseq: u64,
) -> Result<Option<StreamHash>, Refusal> {
    let Ok(rseq) = column::integer(rseq) else {
        return Ok(None);
    };
    let mut statement =
        connection.prepare_cached("SELECT hash FROM envelope WHERE stream = ?1 AND rseq = ?2")?;
    let found = statement.query_row(params![stream, rseq], |row| {
        column::id(row, 0, StreamHash::from_slice)
    });
    Ok(found.optional()?)
}

/// Consecutive envelopes from a number on, as many as asked for and as fit; one always fits.
pub(crate) fn page(
    connection: &Connection,
    stream: i64,
    first_rseq: u64,
    count_max: usize,
    bytes_max: usize,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let Ok(first_rseq) = column::integer(first_rseq) else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM envelope WHERE stream = ?1 AND rseq >= ?2 ORDER BY rseq",
    )?;
    let mut rows = statement.query(params![stream, first_rseq])?;
    let (mut envelopes, mut bytes) = (Vec::new(), 0);
    while envelopes.len() < count_max
        && let Some(row) = rows.next()?
    {
        let envelope = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        bytes += envelope.len() + FRAMING_BYTES;
        if bytes > bytes_max && !envelopes.is_empty() {
            break;
        }
        envelopes.push(envelope.to_vec());
    }
    Ok(envelopes)
}

/// Bytes that CBOR puts before an envelope in a list.
pub(crate) const FRAMING_BYTES: usize = 9;
