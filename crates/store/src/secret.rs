//! Table `secret`: keys, sealed before they come here. Names say what a secret opens.

use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// The sealed secret of this name.
    pub fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT sealed FROM secret WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Forgets a secret.
    pub fn remove_secret(&self, name: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM secret WHERE name = ?1")?
            .execute([name])?;
        Ok(())
    }

    /// Stores a sealed secret; one of the same name is replaced.
    pub fn put_secret(&self, name: &str, sealed: &[u8]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO secret (name, sealed) VALUES (?1, ?2)")?
            .execute(params![name, sealed])?;
        Ok(())
    }
}
