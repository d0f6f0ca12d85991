//! Table `cut`, and the changes that do not count because of it.

use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Whether a change counts in its document, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// It counts.
    Base,
    /// Of a life that was cut: it is left out.
    LeftOut,
    /// Of a life that was cut, and something that counts depends on it: it counts.
    LetIn,
    /// It depends on one of two changes under one number, and the other one counts: it is left out.
    Lost,
}

impl Counting {
    const ALL: [Self; 4] = [Self::Base, Self::LeftOut, Self::LetIn, Self::Lost];

    /// Whether it is in its document.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Base | Self::LetIn)
    }

    /// Whether it was signed where its author had not been cut.
    #[must_use]
    pub const fn is_base(self) -> bool {
        matches!(self, Self::Base | Self::Lost)
    }

    pub(crate) fn of(number: i64) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|counting| counting.number() == number)
            .unwrap_or(Self::LeftOut)
    }

    const fn number(self) -> i64 {
        match self {
            Self::Base => 0,
            Self::LeftOut => 1,
            Self::LetIn => 2,
            Self::Lost => 3,
        }
    }
}

/// A change of a document, and whether it counts there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it counts.
    pub counting: Counting,
}

impl Transaction<'_> {
    /// Cuts a life of an author before a number; an earlier cut stays.
    pub fn cut(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        seq: u64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO cut (calendar, device, incarnation, seq) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (calendar, device, incarnation)
                 DO UPDATE SET seq = min(seq, excluded.seq)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                device.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                seq
            ])?;
        Ok(())
    }

    /// The first number of an author's life that does not count, if it was cut.
    pub fn cut_at(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<Option<u64>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT seq FROM cut WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// All changes of a document, those that are left out among them.
    pub fn counted_changes(
        &self,
        calendar: CalendarId,
        document: DocumentId,
    ) -> Result<Vec<CountedChange>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT hash, bytes, cut FROM change WHERE calendar = ?1 AND document = ?2 ORDER BY id",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, |row| {
            Ok(CountedChange {
                hash: ChangeHash::from_bytes(row.get(0)?),
                bytes: row.get(1)?,
                counting: Counting::of(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a change counts, if it is here.
    pub fn counting(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<Option<Counting>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT cut FROM change WHERE calendar = ?1 AND document = ?2 AND hash = ?3",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            document.as_bytes().as_slice(),
            hash.as_bytes().as_slice()
        ];
        let number = statement.query_row(key, |row| row.get::<_, i64>(0));
        Ok(number.optional()?.map(Counting::of))
    }

    /// Takes a change out of its document, or puts it back in.
    pub fn set_counting(
        &self,
        calendar: CalendarId,
        document: DocumentId,
        hash: ChangeHash,
        counting: Counting,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE change SET cut = ?4 WHERE calendar = ?1 AND document = ?2 AND hash = ?3",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                document.as_bytes().as_slice(),
                hash.as_bytes().as_slice(),
                counting.number()
            ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::ChangeRow;
    use crate::transaction::tests::scratch;

    const CALENDAR: CalendarId = CalendarId::from_bytes([1; 32]);

    #[test]
    fn an_earlier_cut_stays() {
        let (_folder, mut store) = scratch();
        let (device, life) = (
            DeviceId::from_bytes([2; 32]),
            Incarnation::from_bytes([3; 8]),
        );
        let cuts: Result<_, StoreError> = store.write(|tx| {
            let mut cuts = vec![tx.cut_at(CALENDAR, device, life)?];
            for seq in [5, 3, 9] {
                tx.cut(CALENDAR, device, life, seq)?;
                cuts.push(tx.cut_at(CALENDAR, device, life)?);
            }
            Ok(cuts)
        });
        assert_eq!(cuts.unwrap(), [None, Some(5), Some(3), Some(3)]);
    }

    #[test]
    fn what_is_left_out_is_kept_and_can_come_back() {
        let (_folder, mut store) = scratch();
        let change = ChangeRow {
            calendar: CALENDAR,
            document: DocumentId::from_bytes([4; 16]),
            hash: ChangeHash::from_bytes([5; 32]),
            bytes: vec![1],
        };
        let counts: Result<_, StoreError> = store.write(|tx| {
            tx.put_change(&change)?;
            let mut counts = Vec::new();
            for counting in Counting::ALL {
                tx.set_counting(CALENDAR, change.document, change.hash, counting)?;
                let kept = tx.counted_changes(CALENDAR, change.document)?;
                assert!(kept[0].counting == counting && kept[0].bytes == [1]);
                counts.push(tx.changes(CALENDAR, change.document)?.len());
                assert_eq!(counts.last(), Some(&usize::from(counting.counts())));
            }
            Ok(counts)
        });
        assert_eq!(counts.unwrap(), [1, 0, 1, 0]);
    }
}
