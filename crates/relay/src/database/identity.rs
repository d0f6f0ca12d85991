//! Table `relay`: what this database is.

use almanac_protocol::ids::{RelayEpoch, VerifyKey};
use almanac_protocol::label::Purpose;
use almanac_protocol::signed::signature_body;
use ed25519_dalek::{Signer as _, SigningKey};
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

/// What the relay says it has erased, with its signature.
pub(crate) fn sign_erased(
    connection: &Connection,
    receipt: Vec<u8>,
) -> Result<Vec<u8>, DatabaseError> {
    sign(connection, Purpose::Erased, receipt)
}

/// Where the relay says that an account's log ends, with its signature.
pub(crate) fn sign_voucher(
    connection: &Connection,
    voucher: Vec<u8>,
) -> Result<Vec<u8>, DatabaseError> {
    sign(connection, Purpose::Voucher, voucher)
}

fn sign(
    connection: &Connection,
    purpose: Purpose,
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>, DatabaseError> {
    let seed: [u8; 32] =
        connection.query_row("SELECT key_seed FROM relay WHERE id = 1", (), |row| {
            row.get(0)
        })?;
    let body = signature_body(purpose, &bytes);
    let signature = SigningKey::from_bytes(&seed).sign(&body);
    bytes.extend(signature.to_bytes());
    Ok(bytes)
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
