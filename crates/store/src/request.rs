//! Tables `request` and `traffic`: the privacy ledger. Whom this program contacted, why, and the
//! messages as they went over the connection.

use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// One connection to another computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its number.
    pub id: i64,
    /// When it began, in Unix milliseconds.
    pub time_ms: u64,
    /// Scheme, name and port, as it was called.
    pub host: String,
    /// Why, in a word.
    pub reason: String,
    /// Bytes of messages that were sent.
    pub sent: u64,
    /// Bytes of messages that came.
    pub received: u64,
    /// When it ended; `None` while it goes on, or when the program was ended meanwhile.
    pub ended_ms: Option<u64>,
}

/// One message of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficRow {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// When it went, in Unix milliseconds.
    pub time_ms: u64,
    /// Whether it went from here, or came.
    pub is_sent: bool,
    /// Bytes of the message.
    pub size: u64,
    /// Its first byte, which says what it is; 0 for a line of HTTP.
    pub kind: u8,
    /// The message; empty when there was no room to keep it.
    pub bytes: Vec<u8>,
}

/// How much of the ledger is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerRoom {
    /// Connections that began earlier are forgotten, in Unix milliseconds.
    pub from_ms: u64,
    /// Connections that are listed; the newest.
    pub requests: u64,
    /// Messages that are listed; of the newest.
    pub messages: u64,
    /// Bytes of messages that can be looked into; of the newest.
    pub bytes: u64,
}

impl Transaction<'_> {
    /// Notes that a connection begins; gives its number.
    pub fn begin_request(&self, time_ms: u64, host: &str, reason: &str) -> Result<i64, StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO request (time_ms, host, reason, sent, received, ended_ms)
                 VALUES (?1, ?2, ?3, 0, 0, 0)",
            )?
            .execute(params![time_ms, host, reason])?;
        Ok(self.sql.last_insert_rowid())
    }

    /// Notes messages of a connection, and the bytes of all that went, listed or not.
    pub fn note_traffic(
        &self,
        request: i64,
        messages: &[TrafficRow],
        sent: u64,
        received: u64,
    ) -> Result<(), StoreError> {
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO traffic (request, time_ms, is_sent, size, kind, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for message in messages {
            insert.execute(params![
                request,
                message.time_ms,
                message.is_sent,
                message.size,
                message.kind,
                message.bytes
            ])?;
        }
        self.sql
            .prepare_cached(
                "UPDATE request SET sent = sent + ?2, received = received + ?3 WHERE id = ?1",
            )?
            .execute(params![request, sent, received])?;
        Ok(())
    }

    /// Notes that a connection has ended.
    pub fn end_request(&self, request: i64, time_ms: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE request SET ended_ms = ?2 WHERE id = ?1")?
            .execute(params![request, time_ms])?;
        Ok(())
    }

    /// The newest connections, the newest first.
    pub fn requests(&self, count: usize) -> Result<Vec<RequestRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, time_ms, host, reason, sent, received, ended_ms FROM request
             ORDER BY id DESC LIMIT ?1",
        )?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let rows = statement.query_map([count], request)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One connection.
    pub fn request(&self, id: i64) -> Result<Option<RequestRow>, StoreError> {
        Ok(self
            .sql
            .prepare_cached(
                "SELECT id, time_ms, host, reason, sent, received, ended_ms FROM request
                 WHERE id = ?1",
            )?
            .query_row([id], request)
            .optional()?)
    }

    /// The messages of a connection in the order they went.
    pub fn traffic(&self, request: i64) -> Result<Vec<TrafficRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, time_ms, is_sent, size, kind, bytes FROM traffic
             WHERE request = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([request], message)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One message.
    pub fn traffic_message(&self, id: i64) -> Result<Option<TrafficRow>, StoreError> {
        Ok(self
            .sql
            .prepare_cached(
                "SELECT id, time_ms, is_sent, size, kind, bytes FROM traffic WHERE id = ?1",
            )?
            .query_row([id], message)
            .optional()?)
    }

    /// Forgets what there is no room for.
    pub fn trim_ledger(&self, room: LedgerRoom) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM request WHERE time_ms < ?1")?
            .execute([room.from_ms])?;
        self.sql
            .prepare_cached(
                "DELETE FROM request WHERE id <=
                 (SELECT id FROM request ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            )?
            .execute([room.requests])?;
        self.sql
            .prepare_cached(
                "DELETE FROM traffic WHERE id <=
                 (SELECT id FROM traffic ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            )?
            .execute([room.messages])?;
        self.sql
            .prepare_cached(
                "UPDATE traffic SET bytes = x'' WHERE length(bytes) > 0 AND id <=
                 (SELECT max(id) FROM
                  (SELECT id, sum(length(bytes)) OVER (ORDER BY id DESC) AS held FROM traffic)
                  WHERE held > ?1)",
            )?
            .execute([room.bytes])?;
        Ok(())
    }
}

fn request(row: &Row<'_>) -> rusqlite::Result<RequestRow> {
    let ended_ms = row.get(6)?;
    Ok(RequestRow {
        id: row.get(0)?,
        time_ms: row.get(1)?,
        host: row.get(2)?,
        reason: row.get(3)?,
        sent: row.get(4)?,
        received: row.get(5)?,
        ended_ms: (ended_ms > 0).then_some(ended_ms),
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<TrafficRow> {
    Ok(TrafficRow {
        id: row.get(0)?,
        time_ms: row.get(1)?,
        is_sent: row.get(2)?,
        size: row.get(3)?,
        kind: row.get(4)?,
        bytes: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    fn line(is_sent: bool, bytes: &[u8]) -> TrafficRow {
        TrafficRow {
            id: 0,
            time_ms: 5,
            is_sent,
            size: bytes.len() as u64,
            kind: bytes[0],
            bytes: bytes.to_vec(),
        }
    }

    fn begun(tx: &Transaction<'_>, time_ms: u64, messages: &[TrafficRow]) -> i64 {
        let id = tx
            .begin_request(time_ms, "wss://relay.example:443", "sync")
            .unwrap();
        let total = |is_sent| {
            let those = messages.iter().filter(|row| row.is_sent == is_sent);
            those.map(|row| row.size).sum()
        };
        tx.note_traffic(id, messages, total(true), total(false))
            .unwrap();
        id
    }

    #[test]
    fn a_connection_is_listed_with_what_went_over_it() {
        let (_folder, mut store) = scratch();
        let (first, second) = store
            .write::<_, StoreError>(|tx| {
                let first = begun(tx, 1, &[line(true, b"\x01abc"), line(false, b"\x02z")]);
                tx.end_request(first, 9)?;
                Ok((first, begun(tx, 2, &[])))
            })
            .unwrap();
        store
            .read::<_, StoreError>(|tx| {
                let all = tx.requests(10)?;
                assert_eq!(
                    all.iter().map(|row| row.id).collect::<Vec<_>>(),
                    [second, first]
                );
                assert_eq!(tx.requests(1)?.len(), 1);
                let row = tx.request(first)?.unwrap();
                assert_eq!((row.sent, row.received, row.ended_ms), (4, 2, Some(9)));
                assert_eq!(tx.request(second)?.unwrap().ended_ms, None);
                let messages = tx.traffic(first)?;
                assert_eq!(messages.len(), 2);
                assert_eq!(tx.traffic_message(messages[1].id)?.unwrap().bytes, b"\x02z");
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn old_connections_are_forgotten_and_old_messages_keep_their_size() {
        let (_folder, mut store) = scratch();
        store
            .write::<_, StoreError>(|tx| {
                let old = begun(tx, 1, &[line(true, b"\x01old")]);
                let messages = [
                    line(true, b"\x01aa"),
                    line(true, b"\x02bb"),
                    line(true, b"\x03cc"),
                ];
                let new = begun(tx, 2, &messages);
                let room = LedgerRoom {
                    from_ms: 2,
                    requests: 1,
                    messages: 2,
                    bytes: 5,
                };
                tx.trim_ledger(room)?;
                assert_eq!(tx.request(old)?, None);
                assert!(tx.traffic(old)?.is_empty(), "its messages went with it");
                let left = tx.traffic(new)?;
                let kinds: Vec<_> = left.iter().map(|row| row.kind).collect();
                assert_eq!(kinds, [2, 3], "two of the newest are listed");
                assert_eq!((left[0].size, left[0].bytes.len()), (3, 0));
                assert_eq!(left[1].bytes, b"\x03cc", "which there is room for");
                assert_eq!(
                    tx.request(new)?.unwrap().sent,
                    9,
                    "what was counted stays counted"
                );
                Ok(())
            })
            .unwrap();
    }
}
