//! Table `failed_unlock`: when somebody tried to open this profile with a wrong passphrase.

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Notes an attempt, in Unix milliseconds.
    pub fn put_failed_unlock(&self, time_ms: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO failed_unlock (time_ms) VALUES (?1)")?
            .execute([time_ms])?;
        Ok(())
    }

    /// The newest attempts, the newest first.
    pub fn failed_unlocks(&self, count: usize) -> Result<Vec<u64>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT time_ms FROM failed_unlock ORDER BY time_ms DESC LIMIT ?1")?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let rows = statement.query_map([count], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn attempts_are_listed_newest_first() {
        let (_folder, mut store) = scratch();
        let newest: Result<_, StoreError> = store.write(|tx| {
            for time_ms in [5, 9, 7, 9] {
                tx.put_failed_unlock(time_ms)?;
            }
            tx.failed_unlocks(2)
        });
        assert_eq!(newest.unwrap(), [9, 7]);
    }
}
