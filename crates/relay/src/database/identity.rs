//! Table `relay`: what this database is.

use almanac_protocol::ids::{RelayEpoch, VerifyKey};
use ed25519_dalek::SigningKey;
use rusqlite::{Connection, params};

use super::{DatabaseError, column};
use crate::{clock, entropy};

/// What a database is.
pub(crate) struct Identity {
    /// This life of it.
    pub(crate) epoch: RelayEpoch,
    /// The public half of the relay's own key.
    pub(crate) relay_key: VerifyKey,
}

pub(super) fn create(connection: &Connection) -> Result<(), DatabaseError> {
    let (epoch, seed) = (entropy::bytes::<16>(), entropy::bytes::<32>());
    connection.execute(
        "INSERT INTO relay (id, epoch, key_seed, created_ms) VALUES (1, ?1, ?2, ?3)",
        params![epoch, seed, clock::now_ms()],
    )?;
    Ok(())
}

pub(crate) fn read(connection: &Connection) -> Result<Identity, DatabaseError> {
    let (epoch, seed) = connection.query_row(
        "SELECT epoch, key_seed FROM relay WHERE id = 1",
        (),
        |row| {
            Ok((
                column::id(row, 0, RelayEpoch::from_slice)?,
                row.get::<_, [u8; 32]>(1)?,
            ))
        },
    )?;
    let key = SigningKey::from_bytes(&seed).verifying_key();
    Ok(Identity {
        epoch,
        relay_key: VerifyKey::from_bytes(key.to_bytes()),
    })
}
