//! Table `stream`: where each stream stands.

use almanac_protocol::ids::StreamHash;
use almanac_protocol::message::{Position, Stream};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::Refusal;

/// A stream's place in this database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamRow {
    /// Its short name.
    pub(crate) id: i64,
    /// Its head.
    pub(crate) head: Position,
    /// Envelopes up to this number are here without their bytes.
    pub(crate) dropped_to: u64,
}

/// The position before the first envelope.
pub(crate) const fn start(stream: Stream) -> Position {
    Position {
        stream,
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

/// The stream, or `None` before its first envelope.
pub(crate) fn find(connection: &Connection, stream: Stream) -> Result<Option<StreamRow>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT id, rseq, hash, dropped_to FROM stream WHERE calendar = ?1 AND kind = ?2",
    )?;
    let row = statement.query_row(params![stream.calendar.as_bytes(), stream.kind], |row| {
        let rseq = column::number(row, 1)?;
        let hash = column::id(row, 2, StreamHash::from_slice)?;
        Ok(StreamRow {
            id: row.get(0)?,
            head: Position { stream, rseq, hash },
            dropped_to: column::number(row, 3)?,
        })
    });
    Ok(row.optional()?)
}

/// The stream, made if there is none.
pub(crate) fn find_or_create(
    connection: &Connection,
    stream: Stream,
) -> Result<StreamRow, Refusal> {
    if let Some(row) = find(connection, stream)? {
        return Ok(row);
    }
    let head = start(stream);
    connection.execute(
        "INSERT INTO stream (calendar, kind, rseq, hash) VALUES (?1, ?2, 0, ?3)",
        params![
            stream.calendar.as_bytes(),
            stream.kind,
            head.hash.as_bytes()
        ],
    )?;
    Ok(StreamRow {
        id: connection.last_insert_rowid(),
        head,
        dropped_to: 0,
    })
}

/// Moves the head of a stream.
pub(crate) fn advance(connection: &Connection, row: &StreamRow) -> Result<(), Refusal> {
    let mut statement =
        connection.prepare_cached("UPDATE stream SET rseq = ?2, hash = ?3 WHERE id = ?1")?;
    let rseq = column::integer(row.head.rseq)?;
    statement.execute(params![row.id, rseq, row.head.hash.as_bytes()])?;
    Ok(())
}
