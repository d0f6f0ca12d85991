//! Tables `frame` and `change`, read from end to end a little at a time, for who copies all of them.

use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation};
use rusqlite::params;

use crate::cut::Counting;
use crate::error::StoreError;
use crate::frame::{self, FrameRow};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Frames of an author's life after a number, in order, at most `count`.
    pub fn frames_after(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        seq: u64,
        count: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 AND seq > ?4
             ORDER BY seq LIMIT ?5",
            frame::COLUMNS
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice(),
            seq,
            count
        ];
        let rows = statement.query_map(key, frame::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Shows every change of a calendar by its name, in the order of documents, then hashes, and
    /// whether it counts.
    pub fn each_change(
        &self,
        calendar: CalendarId,
        mut show: impl FnMut(DocumentId, ChangeHash, Counting),
    ) -> Result<(), StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT document, hash, cut FROM change WHERE calendar = ?1 ORDER BY document, hash",
        )?;
        let mut rows = statement.query([calendar.as_bytes().as_slice()])?;
        while let Some(row) = rows.next()? {
            show(
                DocumentId::from_bytes(row.get(0)?),
                ChangeHash::from_bytes(row.get(1)?),
                Counting::of(row.get(2)?),
            );
        }
        Ok(())
    }

    /// Number of frames of a calendar, those that contradict others among them.
    pub fn frame_count(&self, calendar: CalendarId) -> Result<u64, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT (SELECT count(*) FROM frame WHERE calendar = ?1)
             + (SELECT count(*) FROM rival WHERE calendar = ?1)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }

    /// Number of events and tasks of a calendar, those in the trash among them; none where busy times are
    /// shown in their place.
    pub fn event_count(&self, calendar: CalendarId) -> Result<u64, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT count(*) FROM event WHERE calendar = ?1 AND NOT EXISTS
                 (SELECT 1 FROM busy_stream WHERE calendar = ?1 AND is_shown = 1)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::ids::FrameHash;

    use super::*;
    use crate::change::ChangeRow;
    use crate::frame::Sent;
    use crate::transaction::tests::scratch;

    #[test]
    fn frames_come_a_little_at_a_time_and_changes_in_one_order() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let (device, life) = (
            DeviceId::from_bytes([2; 32]),
            Incarnation::from_bytes([3; 8]),
        );
        let done: Result<(), StoreError> = store.write(|tx| {
            for seq in 1..=5 {
                tx.put_frame(&FrameRow {
                    calendar,
                    device,
                    incarnation: life,
                    seq,
                    hash: FrameHash::from_bytes([0; 32]),
                    bytes: vec![],
                    sent: Sent::AtRelay,
                })?;
            }
            for (document, hash) in [(2, 1), (1, 9), (1, 3)] {
                tx.put_change(&ChangeRow {
                    calendar,
                    document: DocumentId::from_bytes([document; 16]),
                    hash: ChangeHash::from_bytes([hash; 32]),
                    bytes: vec![],
                })?;
            }
            Ok(())
        });
        done.unwrap();
        let (seqs, names): (Vec<u64>, Vec<u8>) = store
            .read(|tx| {
                let page = tx.frames_after(calendar, device, life, 2, 2)?;
                let mut names = Vec::new();
                tx.each_change(calendar, |_, hash, _| names.push(hash.as_bytes()[0]))?;
                assert_eq!(tx.frame_count(calendar)?, 5);
                Ok::<_, StoreError>((page.iter().map(|row| row.seq).collect(), names))
            })
            .unwrap();
        assert_eq!(seqs, [3, 4]);
        assert_eq!(names, [3, 9, 1]);
    }
}
