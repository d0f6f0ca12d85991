//! Tables `pack` and `pack_chunk`: packs that are being read; and all that a pack is made of.

use almanac_protocol::ids::{BlobName, CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::frame::{self, FrameRow};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Notes that a pack is being read: what it shows is not verified until [`Self::end_pack`].
    pub fn begin_pack(&self, calendar: CalendarId, manifest: &[u8]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO pack (calendar, manifest) VALUES (?1, ?2)
                 ON CONFLICT (calendar) DO UPDATE SET manifest = excluded.manifest",
            )?
            .execute(params![calendar.as_bytes().as_slice(), manifest])?;
        Ok(())
    }

    /// The manifest of the pack that is being read.
    pub fn pack_in_reading(&self, calendar: CalendarId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT manifest FROM pack WHERE calendar = ?1")?;
        let key = [calendar.as_bytes().as_slice()];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// How many packs are being read.
    pub fn packs_in_reading(&self) -> Result<u64, StoreError> {
        let mut statement = self.sql.prepare_cached("SELECT count(*) FROM pack")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Lets go of the pack that was being read, and of its chunks.
    pub fn end_pack(&self, calendar: CalendarId) -> Result<(), StoreError> {
        for table in ["pack", "pack_chunk"] {
            self.sql
                .prepare_cached(&format!("DELETE FROM {table} WHERE calendar = ?1"))?
                .execute([calendar.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    /// Keeps a chunk until its pack has been read.
    pub fn put_pack_chunk(
        &self,
        calendar: CalendarId,
        name: &BlobName,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO pack_chunk (calendar, name, bytes) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                name.as_bytes().as_slice(),
                bytes
            ])?;
        Ok(())
    }

    /// A chunk that has come.
    pub fn pack_chunk(
        &self,
        calendar: CalendarId,
        name: &BlobName,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT bytes FROM pack_chunk WHERE calendar = ?1 AND name = ?2")?;
        let key = params![calendar.as_bytes().as_slice(), name.as_bytes().as_slice()];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// Whether the relay has every frame of a calendar, and no author contradicts itself there:
    /// only then can all of it stand in a pack.
    pub fn is_packable(&self, calendar: CalendarId) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM frame WHERE calendar = ?1 AND sent < 2)
             AND NOT EXISTS (SELECT 1 FROM frame WHERE calendar = ?1 AND sent = 3)
             AND NOT EXISTS (SELECT 1 FROM frame WHERE calendar = ?1 AND sent = 4)
             AND NOT EXISTS (SELECT 1 FROM cut WHERE calendar = ?1)
             AND NOT EXISTS (SELECT 1 FROM pack WHERE calendar = ?1)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }

    /// The frames of one life of an author, in order.
    pub fn frames_of(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let columns = frame::COLUMNS;
        let mut statement = self.sql.prepare_cached(&format!(
            "{columns} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 ORDER BY seq"
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, frame::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The names of all changes of a calendar, by document.
    pub fn change_names(
        &self,
        calendar: CalendarId,
    ) -> Result<Vec<(DocumentId, ChangeHash)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT document, hash FROM change WHERE calendar = ?1 ORDER BY document, hash",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok((
                DocumentId::from_bytes(row.get(0)?),
                ChangeHash::from_bytes(row.get(1)?),
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The changes of a document with their names, in the order of their arrival.
    pub fn named_changes(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Vec<(ChangeHash, Vec<u8>)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT hash, bytes FROM change WHERE calendar = ?1 AND document = ?2 ORDER BY id",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, |row| {
            Ok((ChangeHash::from_bytes(row.get(0)?), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether bytes with this hash were set aside.
    pub fn is_set_aside(&self, calendar: CalendarId, hash: &[u8; 32]) -> Result<bool, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT 1 FROM quarantine WHERE calendar = ?1 AND hash = ?2")?;
        let key = params![calendar.as_bytes().as_slice(), hash.as_slice()];
        Ok(statement.exists(key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn chunks_stay_until_their_pack_has_been_read() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let name = BlobName::from_bytes([2; 32]);
        store
            .write(|tx| {
                tx.begin_pack(calendar, b"manifest")?;
                tx.put_pack_chunk(calendar, &name, b"chunk")?;
                tx.put_pack_chunk(calendar, &name, b"chunk")
            })
            .unwrap();
        let found: Result<_, StoreError> = store.read(|tx| {
            let chunk = tx.pack_chunk(calendar, &name)?;
            Ok((tx.pack_in_reading(calendar)?, chunk, tx.packs_in_reading()?))
        });
        let expected = (Some(b"manifest".to_vec()), Some(b"chunk".to_vec()), 1);
        assert_eq!(found.unwrap(), expected);
        store.write(|tx| tx.end_pack(calendar)).unwrap();
        let found: Result<_, StoreError> = store.read(|tx| {
            let chunk = tx.pack_chunk(calendar, &name)?;
            Ok((tx.pack_in_reading(calendar)?, chunk, tx.packs_in_reading()?))
        });
        assert_eq!(found.unwrap(), (None, None, 0));
    }
}
