//! Tables `device` and `former_device`: the devices of the accounts and those that were revoked, as
//! their logs name them.

use almanac_protocol::ids::{AccountId, DeviceId, VerifyKey};
use almanac_protocol::membership::{AccountLog, DeviceClass};
use rusqlite::{Connection, OptionalExtension, params};

use super::column;
use crate::reject::Refusal;

/// The key of a device that counts, or `None`.
pub(crate) fn key(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
) -> Result<Option<VerifyKey>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT verify_key FROM device WHERE account = ?1 AND device = ?2")?;
    let key = statement.query_row(params![account.as_bytes(), device.as_bytes()], |row| {
        column::id(row, 0, VerifyKey::from_slice)
    });
    Ok(key.optional()?)
}

/// The key of a device that was revoked, or `None`.
pub(crate) fn former_key(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
) -> Result<Option<VerifyKey>, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT verify_key FROM former_device WHERE account = ?1 AND device = ?2",
    )?;
    let key = statement.query_row(params![account.as_bytes(), device.as_bytes()], |row| {
        column::id(row, 0, VerifyKey::from_slice)
    });
    Ok(key.optional()?)
}

/// The number of the link that revoked a device, if it was.
pub(crate) fn left(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
) -> Result<Option<u64>, Refusal> {
    let mut statement = connection
        .prepare_cached("SELECT left_seq FROM former_device WHERE account = ?1 AND device = ?2")?;
    let row = params![account.as_bytes(), device.as_bytes()];
    Ok(statement
        .query_row(row, |row| column::number(row, 0))
        .optional()?)
}

/// The class of a device that counts.
pub(crate) fn class(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
) -> Result<Option<DeviceClass>, Refusal> {
    let mut statement =
        connection.prepare_cached("SELECT class FROM device WHERE account = ?1 AND device = ?2")?;
    let row = params![account.as_bytes(), device.as_bytes()];
    let number: Option<u8> = statement.query_row(row, |row| row.get(0)).optional()?;
    Ok(number.and_then(|number| DeviceClass::from_number(number).ok()))
}

/// Whether the device counts and may write content.
pub(crate) fn may_write(
    connection: &Connection,
    account: &AccountId,
    device: &DeviceId,
) -> Result<bool, Refusal> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM device WHERE account = ?1 AND device = ?2 AND class = ?3)",
    )?;
    let row = params![
        account.as_bytes(),
        device.as_bytes(),
        DeviceClass::Full.number()
    ];
    Ok(statement.query_row(row, |row| row.get(0))?)
}

/// Makes the rows of an account say what its log says.
pub(crate) fn replace(connection: &Connection, log: &AccountLog) -> Result<(), Refusal> {
    let account = log.id();
    connection.execute(
        "DELETE FROM device WHERE account = ?1",
        [account.as_bytes()],
    )?;
    for device in log.in_force() {
        connection.execute(
            "INSERT INTO device (account, device, verify_key, class) VALUES (?1, ?2, ?3, ?4)",
            params![
                account.as_bytes(),
                device.id.as_bytes(),
                device.bundle.sign_key.as_bytes(),
                device.bundle.class.number(),
            ],
        )?;
    }
    connection.execute(
        "DELETE FROM former_device WHERE account = ?1",
        [account.as_bytes()],
    )?;
    for device in log.former_devices() {
        connection.execute(
            "INSERT INTO former_device (account, device, verify_key, left_seq)
             VALUES (?1, ?2, ?3, ?4)",
            params![
                account.as_bytes(),
                device.id.as_bytes(),
                device.bundle.sign_key.as_bytes(),
                column::integer(device.until_seq.unwrap_or_default())?,
            ],
        )?;
    }
    Ok(())
}
