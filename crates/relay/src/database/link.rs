//! Table `link`: the membership logs, link by link.

use almanac_protocol::ids::{LinkHash, LogId};
use almanac_protocol::membership::{LinkType, LogKind, LogView, link_hash};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::{Refusal, Reject};

/// The newest link of a log, or `None` when there is no log.
pub(crate) fn head(connection: &Connection, log: &LogId) -> Result<Option<LogView>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT seq, hash FROM link WHERE log = ?1 ORDER BY seq DESC LIMIT 1")?;
    let head = statement.query_row([log.as_bytes()], |row| {
        Ok(LogView {
            seq: column::number(row, 0)?,
            head: column::id(row, 1, LinkHash::from_slice)?,
        })
    });
    Ok(head.optional()?)
}

/// The link of a log with this number.
pub(crate) fn view_at(
    connection: &Connection,
    log: &LogId,
    seq: u64,
) -> Result<Option<LogView>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT hash FROM link WHERE log = ?1 AND seq = ?2")?;
    let key = params![log.as_bytes(), column::integer(seq)?];
    let view = statement.query_row(key, |row| {
        Ok(LogView {
            seq,
            head: column::id(row, 0, LinkHash::from_slice)?,
        })
    });
    Ok(view.optional()?)
}

/// Links from a number on, as many as asked for and as fit.
pub(crate) fn page(
    connection: &Connection,
    log: &LogId,
    first_seq: u64,
    count_max: usize,
    bytes_max: usize,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let Ok(first_seq) = column::integer(first_seq) else {
        return Ok(Vec::new());
    };
    let mut statement = connection
        .prepare_cached("SELECT bytes FROM link WHERE log = ?1 AND seq >= ?2 ORDER BY seq")?;
    let mut rows = statement.query(params![log.as_bytes(), first_seq])?;
    let (mut links, mut bytes) = (Vec::new(), 0);
    while links.len() < count_max
        && let Some(row) = rows.next()?
    {
        let link: Vec<u8> = row.get(0)?;
        bytes += link.len();
        if bytes > bytes_max {
            break;
        }
        links.push(link);
    }
    Ok(links)
}

/// All links of a log.
pub(crate) fn all(connection: &Connection, log: &LogId) -> Result<Vec<Vec<u8>>, Refusal> {
    page(connection, log, 0, usize::MAX, usize::MAX)
}

/// Stores the link with this number.
pub(crate) fn insert(
    connection: &Connection,
    log: &LogId,
    seq: u64,
    link_type: LinkType,
    bytes: &[u8],
) -> Result<(), Refusal> {
    let kind = match link_type.kind() {
        LogKind::Account => 1,
        LogKind::Calendar => 2,
    };
    connection.execute(
        "INSERT INTO link (log, seq, kind, type, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            log.as_bytes(),
            column::integer(seq)?,
            kind,
            link_type.number(),
            link_hash(bytes).as_bytes(),
            bytes,
        ],
    )?;
    Ok(())
}

/// What a log is a log of, or `None` when there is no log.
pub(crate) fn kind(connection: &Connection, log: &LogId) -> Result<Option<LogKind>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT kind FROM link WHERE log = ?1 AND seq = 0")?;
    let number: Option<u8> = statement
        .query_row([log.as_bytes()], |row| row.get(0))
        .optional()?;
    match number {
        None => Ok(None),
        Some(1) => Ok(Some(LogKind::Account)),
        Some(2) => Ok(Some(LogKind::Calendar)),
        Some(_) => Err(Reject::Unknown.into()),
    }
}
