//! Tables `second_factor` and `recovery_hold`: what stands before a link that adds a device or recovers
//! an account.

use almanac_protocol::ids::{AccountId, DeviceId, VerifyKey};
use almanac_protocol::membership::DeviceClass;
use almanac_protocol::second_factor::{Hold, SecondFactor};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::{Refusal, Reject};

/// The second factor of an account, and which one it is: whoever has passed an earlier one has not
/// passed this one.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    /// One more with every change; 0 before the first.
    pub(crate) version: u64,
    /// `None` where there is none, or none any more.
    pub(crate) factor: Option<SecondFactor>,
}

/// The second factor of an account.
pub(crate) fn factor(connection: &Connection, account: &AccountId) -> Result<Factor, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT version, record FROM second_factor WHERE account = ?1")?;
    let row: Option<(u64, Vec<u8>)> = statement
        .query_row([account.as_bytes()], |row| {
            Ok((column::number(row, 0)?, row.get(1)?))
        })
        .optional()?;
    let Some((version, record)) = row else {
        return Ok(Factor::default());
    };
    let factor = if record.is_empty() {
        None
    } else {
        let read = SecondFactor::parse(&record);
        Some(read.map_err(|error| {
            // What is there and cannot be read is no reason to ask for less.
            tracing::error!(error = %error, "factor.unreadable");
            Reject::Busy
        })?)
    };
    Ok(Factor { version, factor })
}

/// Stores the second factor of an account.
pub(crate) fn put_factor(
    connection: &Connection,
    account: &AccountId,
    factor: &Factor,
) -> Result<(), Refusal> {
    let record = factor.factor.as_ref().map(SecondFactor::to_bytes);
    connection.execute(
        "INSERT OR REPLACE INTO second_factor (account, version, record) VALUES (?1, ?2, ?3)",
        params![
            account.as_bytes(),
            column::integer(factor.version)?,
            record.unwrap_or_default(),
        ],
    )?;
    Ok(())
}

/// The account whose recovery kit this is, and its key.
pub(crate) fn kit(
    connection: &Connection,
    device: &DeviceId,
) -> Result<Option<(AccountId, VerifyKey)>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT account, verify_key FROM device WHERE device = ?1 AND class = ?2
         AND account NOT IN (SELECT account FROM guest)",
    )?;
    let key = params![device.as_bytes(), DeviceClass::Recovery.number()];
    let row = statement.query_row(key, |row| {
        Ok((
            column::id(row, 0, AccountId::from_slice)?,
            column::id(row, 1, VerifyKey::from_slice)?,
        ))
    });
    Ok(row.optional()?)
}

/// The recovery of an account that has begun, and by which kit.
pub(crate) fn hold(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<(DeviceId, Hold)>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT device, begun_ms, approved_ms FROM recovery_hold WHERE account = ?1",
    )?;
    let row = statement.query_row([account.as_bytes()], |row| {
        let approved_ms = column::number(row, 2)?;
        let hold = Hold {
            begun_ms: column::number(row, 1)?,
            approved_ms: (approved_ms > 0).then_some(approved_ms),
        };
        Ok((column::id(row, 0, DeviceId::from_slice)?, hold))
    });
    Ok(row.optional()?)
}

/// Stores the recovery that has begun.
pub(crate) fn put_hold(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
    hold: Hold,
) -> Result<(), Refusal> {
    connection.execute(
        "INSERT OR REPLACE INTO recovery_hold (account, device, begun_ms, approved_ms)
         VALUES (?1, ?2, ?3, ?4)",
        params![
            account.as_bytes(),
            device.as_bytes(),
            column::integer(hold.begun_ms)?,
            column::integer(hold.approved_ms.unwrap_or_default())?,
        ],
    )?;
    Ok(())
}

/// Forgets a recovery by another kit than the one in force.
pub(crate) fn forget_other_kits(
    connection: &Connection,
    account: &AccountId,
    kit: Option<&DeviceId>,
) -> Result<(), Refusal> {
    let kit = kit.map_or(&[][..], |kit| kit.as_bytes());
    connection.execute(
        "DELETE FROM recovery_hold WHERE account = ?1 AND device <> ?2",
        params![account.as_bytes(), kit],
    )?;
    Ok(())
}
