//! Table `author`: devices in their incarnations, under short names.

use almanac_protocol::ids::{DeviceId, Incarnation};
use rusqlite::{Connection, OptionalExtension, params};

use crate::reject::Refusal;

/// The short name of an author, made if there is none.
pub(crate) fn find_or_create(
    connection: &Connection,
    device: &DeviceId,
    incarnation: &Incarnation,
) -> Result<i64, Refusal> {
    let key = params![device.as_bytes(), incarnation.as_bytes()];
    let mut statement = connection
        .prepare_cached("SELECT id FROM author WHERE device = ?1 AND incarnation = ?2")?;
    if let Some(id) = statement.query_row(key, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection.execute(
        "INSERT INTO author (device, incarnation) VALUES (?1, ?2)",
        key,
    )?;
    Ok(connection.last_insert_rowid())
}
