//! Table `trail`: the running hash after each of the newest envelopes of a stream.

use almanac_protocol::ids::{CalendarId, StreamHash};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Envelopes whose running hash is kept: what other devices quote is mostly newer.
const TRAIL_MAX: u64 = 10_000;
/// After so many more the oldest are let go, so that it is not done for every envelope.
const TRAIL_STEP: u64 = 256;

impl Transaction<'_> {
    /// Notes the running hash after an envelope.
    pub fn put_trail(
        &self,
        calendar: CalendarId,
        rseq: u64,
        hash: StreamHash,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO trail (calendar, rseq, hash) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                rseq,
                hash.as_bytes().as_slice()
            ])?;
        if rseq > TRAIL_MAX && rseq.is_multiple_of(TRAIL_STEP) {
            self.sql
                .prepare_cached("DELETE FROM trail WHERE calendar = ?1 AND rseq <= ?2")?
                .execute(params![calendar.as_bytes().as_slice(), rseq - TRAIL_MAX])?;
        }
        Ok(())
    }

    /// The running hash after an envelope, if it is still known.
    pub fn trail(&self, calendar: CalendarId, rseq: u64) -> Result<Option<StreamHash>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT hash FROM trail WHERE calendar = ?1 AND rseq = ?2")?;
        let key = params![calendar.as_bytes().as_slice(), rseq];
        let found = statement.query_row(key, |row| Ok(StreamHash::from_bytes(row.get(0)?)));
        Ok(found.optional()?)
    }

    /// Forgets the trail of a stream that is read from its beginning.
    pub fn forget_trail(&self, calendar: CalendarId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM trail WHERE calendar = ?1")?
            .execute([calendar.as_bytes().as_slice()])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn the_newest_part_is_kept() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let hash = StreamHash::from_bytes([2; 32]);
        let end = TRAIL_MAX + TRAIL_STEP;
        let found: Result<_, StoreError> = store.write(|tx| {
            for rseq in [1, 2, TRAIL_STEP, TRAIL_STEP + 1, end - end % TRAIL_STEP] {
                tx.put_trail(calendar, rseq, hash)?;
            }
            Ok([1, 2, TRAIL_STEP + 1].map(|rseq| tx.trail(calendar, rseq).unwrap()))
        });
        assert_eq!(found.unwrap(), [None, None, Some(hash)]);
    }
}
