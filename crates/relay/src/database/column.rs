//! Between the types of the protocol and the columns of SQLite.

use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};

use crate::reject::Reject;

/// The id in a BLOB column; any other length is damage.
pub(super) fn id<T>(
    row: &Row<'_>,
    index: usize,
    from_slice: impl Fn(&[u8]) -> Option<T>,
) -> rusqlite::Result<T> {
    let bytes = row.get_ref(index)?.as_blob()?;
    from_slice(bytes).ok_or_else(|| {
        let size = FromSqlError::InvalidBlobSize {
            expected_size: 0,
            blob_size: bytes.len(),
        };
        rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(size))
    })
}

/// The number in an INTEGER column that is never negative.
pub(super) fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}

/// A number as SQLite holds it. Beyond 2⁶³ nothing is stored: no honest counter gets there.
pub(crate) fn integer(value: u64) -> Result<i64, Reject> {
    i64::try_from(value).map_err(|_| Reject::Malformed)
}
