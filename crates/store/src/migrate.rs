//! Brings a database to the schema of this program; a released file is never edited.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

const MIGRATIONS: [&str; 14] = [
    include_str!("../../../migrations/client/0001_initial.sql"),
    include_str!("../../../migrations/client/0002_undo.sql"),
    include_str!("../../../migrations/client/0003_views.sql"),
    include_str!("../../../migrations/client/0004_heads.sql"),
    include_str!("../../../migrations/client/0005_packs.sql"),
    include_str!("../../../migrations/client/0006_told.sql"),
    include_str!("../../../migrations/client/0007_ledger.sql"),
    include_str!("../../../migrations/client/0008_activity.sql"),
    include_str!("../../../migrations/client/0009_rivals.sql"),
    include_str!("../../../migrations/client/0010_profiles.sql"),
    include_str!("../../../migrations/client/0011_keys.sql"),
    include_str!("../../../migrations/client/0012_free_busy.sql"),
    include_str!("../../../migrations/client/0013_told_apart.sql"),
    include_str!("../../../migrations/client/0014_guests.sql"),
];

/// Runs what is missing, all of it in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    if version(connection)? == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StoreError::Corrupt)?;
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut connection);
        assert!(matches!(refused, Err(StoreError::TooNew { found: 99, .. })));
    }
}
