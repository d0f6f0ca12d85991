//! Tables `link` and `box`: membership logs, and the sealed keys that belong to them.

use almanac_protocol::ids::{CalendarId, LogId};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// A link that no relay has yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLink {
    /// The log.
    pub log: LogId,
    /// Its number.
    pub seq: u64,
    /// The signed link.
    pub bytes: Vec<u8>,
}

impl Transaction<'_> {
    /// The links of a log, genesis first.
    pub fn links(&self, log: LogId) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT bytes FROM link WHERE log = ?1 ORDER BY seq")?;
        let rows = statement.query_map([log.as_bytes().as_slice()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last link of a log and its number.
    pub fn last_link(&self, log: LogId) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT seq, bytes FROM link WHERE log = ?1 ORDER BY seq DESC LIMIT 1",
        )?;
        let row = statement.query_row([log.as_bytes().as_slice()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        Ok(row.optional()?)
    }

    /// Appends a link that was verified. A number that is there already is refused by the key.
    pub fn put_link(
        &self,
        log: LogId,
        seq: u64,
        bytes: &[u8],
        sent: bool,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT INTO link (log, seq, bytes, sent) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![log.as_bytes().as_slice(), seq, bytes, sent])?;
        Ok(())
    }

    /// Links that no relay has yet, oldest log entries first.
    pub fn waiting_links(&self, log: LogId) -> Result<Vec<WaitingLink>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT seq, bytes FROM link WHERE log = ?1 AND sent = 0 ORDER BY seq",
        )?;
        let rows = statement.query_map([log.as_bytes().as_slice()], |row| {
            Ok(WaitingLink {
                log,
                seq: row.get(0)?,
                bytes: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The relay has the links of this log up to and including `seq`.
    pub fn links_sent(&self, log: LogId, seq: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE link SET sent = 1 WHERE log = ?1 AND seq <= ?2")?
            .execute(params![log.as_bytes().as_slice(), seq])?;
        Ok(())
    }

    /// The relay has only the first `count` links of this log: the others wait again.
    pub fn links_lost(&self, log: LogId, count: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE link SET sent = 0 WHERE log = ?1 AND seq >= ?2")?
            .execute(params![log.as_bytes().as_slice(), count])?;
        self.boxes_lost(log)
    }

    /// The relay may have none of this log's boxes: all of them are offered again.
    pub fn boxes_lost(&self, log: LogId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE box SET sent = 0 WHERE log = ?1")?
            .execute([log.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Keeps a box record; one that no relay has is offered until it does.
    pub fn put_box(&self, log: LogId, record: &[u8], sent: bool) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO box (log, record, sent) VALUES (?1, ?2, ?3)")?
            .execute(params![log.as_bytes().as_slice(), record, sent])?;
        Ok(())
    }

    /// Box records of a log that no relay has yet.
    pub fn waiting_boxes(&self, log: LogId) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT record FROM box WHERE log = ?1 AND sent = 0")?;
        let rows = statement.query_map([log.as_bytes().as_slice()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The relay has this box record.
    pub fn box_sent(&self, log: LogId, record: &[u8]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE box SET sent = 1 WHERE log = ?1 AND record = ?2")?
            .execute(params![log.as_bytes().as_slice(), record])?;
        Ok(())
    }

    /// Every log of which there is a link.
    pub fn logs(&self) -> Result<Vec<LogId>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT log FROM link WHERE seq = 0 ORDER BY log")?;
        let rows = statement.query_map([], |row| Ok(LogId::from_bytes(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Marks the logs of accounts as unsent: another relay, or one that lost its database, has none of
    /// them.
    pub fn forget_account_logs_sent(&self) -> Result<(), StoreError> {
        self.sql.execute_batch(
            "UPDATE link SET sent = 0 WHERE log NOT IN (SELECT id FROM calendar);
             UPDATE box SET sent = 0 WHERE log NOT IN (SELECT id FROM calendar);",
        )?;
        Ok(())
    }

    /// The same of one calendar, and of where its streams were read to.
    pub fn forget_calendar_sent(&self, id: CalendarId) -> Result<(), StoreError> {
        for sql in [
            "UPDATE link SET sent = 0 WHERE log = ?1",
            "UPDATE box SET sent = 0 WHERE log = ?1",
            "UPDATE calendar SET rseq = 0, stream_hash = x'', relay_epoch = x'' WHERE id = ?1",
            "UPDATE busy_stream SET rseq = 0, stream_hash = x'', relay_epoch = x'' WHERE calendar = ?1",
        ] {
            self.sql
                .prepare_cached(sql)?
                .execute([id.as_bytes().as_slice()])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_log_is_read_in_order_and_never_rewritten() {
        let (_folder, mut store) = scratch();
        let log = LogId::from_bytes([1; 32]);
        store
            .write(|tx| {
                tx.put_link(log, 1, b"second", false)?;
                tx.put_link(log, 0, b"first", true)
            })
            .unwrap();
        let links = store.read(|tx| tx.links(log)).unwrap();
        assert_eq!(links, [b"first".to_vec(), b"second".to_vec()]);
        assert_eq!(store.read(|tx| tx.waiting_links(log)).unwrap().len(), 1);
        assert!(
            store
                .write(|tx| tx.put_link(log, 1, b"other", false))
                .is_err()
        );
    }
}
