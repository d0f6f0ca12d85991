//! Table `quarantine`: what arrived and was not accepted. Kept as it came, with the reason.

use almanac_protocol::ids::CalendarId;
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// Why something is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuarantineReason {
    /// The envelope does not open: changed on the way, of another stream, or of an unknown epoch.
    Sealed,
    /// A frame inside is malformed or not signed by a device that may write.
    Unauthorised,
    /// A frame inside rests on a link of a log that the relay has not shown.
    Log,
    /// A frame is missing before this one.
    Gap,
    /// The author signed two frames with one number.
    Fork,
    /// A change is not what its frame lists, or cannot be read.
    Change,
    /// A pack that is not what it should be: its manifest.
    Pack,
}

impl QuarantineReason {
    /// Every reason there is.
    pub const ALL: [Self; 7] = [
        Self::Sealed,
        Self::Unauthorised,
        Self::Log,
        Self::Gap,
        Self::Fork,
        Self::Change,
        Self::Pack,
    ];

    /// The word that is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Unauthorised => "unauthorised",
            Self::Log => "log",
            Self::Gap => "gap",
            Self::Fork => "fork",
            Self::Change => "change",
            Self::Pack => "pack",
        }
    }
}

/// Something that is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number here.
    pub id: i64,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
    /// Whether the relay has lost its place since, and not shown it again.
    pub is_lost: bool,
}

/// How many things are set aside for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetAside {
    /// The calendar.
    pub calendar: CalendarId,
    /// The reason.
    pub reason: QuarantineReason,
    /// How many.
    pub count: u64,
    /// When the newest was set aside, in Unix milliseconds; 0 where that was not noted.
    pub newest_ms: u64,
}

impl Transaction<'_> {
    /// Sets something aside that the relay has just shown; the same bytes are kept once.
    pub fn quarantine(
        &self,
        calendar: CalendarId,
        reason: QuarantineReason,
        hash: &[u8; 32],
        bytes: &[u8],
        time_ms: u64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO quarantine (calendar, reason, hash, bytes, time_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET is_lost = 0",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                reason.word(),
                hash.as_slice(),
                bytes,
                time_ms
            ])?;
        Ok(())
    }

    /// The relay's stream is read anew: what it does not show again is lost there.
    pub(crate) fn doubt_quarantined(&self, calendar: CalendarId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE quarantine SET is_lost = 1 WHERE calendar = ?1")?
            .execute([calendar.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Notes of something set aside that the relay has not shown it since it lost its place.
    pub fn quarantined_is_lost(
        &self,
        calendar: CalendarId,
        hash: &[u8; 32],
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE quarantine SET is_lost = 1 WHERE calendar = ?1 AND hash = ?2")?
            .execute(params![calendar.as_bytes().as_slice(), hash.as_slice()])?;
        Ok(())
    }

    /// What is set aside for one reason, oldest first.
    pub fn quarantined(
        &self,
        calendar: CalendarId,
        reason: QuarantineReason,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, bytes, is_lost FROM quarantine WHERE calendar = ?1 AND reason = ?2 ORDER BY id",
        )?;
        let key = params![calendar.as_bytes().as_slice(), reason.word()];
        let rows = statement.query_map(key, |row| {
            Ok(Quarantined {
                id: row.get(0)?,
                bytes: row.get(1)?,
                is_lost: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets go of what was accepted after all.
    pub fn release(&self, id: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM quarantine WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// What is set aside, by calendar and reason.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT calendar, reason, count(*), max(time_ms) FROM quarantine
             GROUP BY 1, 2 ORDER BY 1, 2",
        )?;
        let rows = statement.query_map([], |row| {
            let word: String = row.get(1)?;
            let known = QuarantineReason::ALL
                .into_iter()
                .find(|reason| reason.word() == word);
            Ok(SetAside {
                calendar: CalendarId::from_bytes(row.get(0)?),
                // A reason of a newer program: its author is not what this one can judge.
                reason: known.unwrap_or(QuarantineReason::Unauthorised),
                count: row.get(2)?,
                newest_ms: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many things are set aside.
    pub fn quarantine_count(&self) -> Result<u64, StoreError> {
        let mut statement = self.sql.prepare_cached("SELECT count(*) FROM quarantine")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn the_same_find_is_kept_once_and_can_be_let_go() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        for _ in 0..2 {
            store
                .write(|tx| tx.quarantine(calendar, QuarantineReason::Gap, &[9; 32], b"frame", 4))
                .unwrap();
        }
        let found = store
            .read(|tx| tx.quarantined(calendar, QuarantineReason::Gap))
            .unwrap();
        assert_eq!(found.len(), 1);
        let lost: Result<_, StoreError> = store.write(|tx| {
            let is_lost = || {
                let found = tx.quarantined(calendar, QuarantineReason::Gap)?;
                Ok::<_, StoreError>(found[0].is_lost)
            };
            let mut lost = vec![is_lost()?];
            tx.doubt_quarantined(calendar)?;
            lost.push(is_lost()?);
            tx.quarantine(calendar, QuarantineReason::Gap, &[9; 32], b"frame", 5)?;
            lost.push(is_lost()?);
            tx.quarantined_is_lost(calendar, &[9; 32])?;
            lost.push(is_lost()?);
            Ok(lost)
        });
        assert_eq!(lost.unwrap(), [false, true, false, true]);
        store.write(|tx| tx.release(found[0].id)).unwrap();
        assert_eq!(store.read(|tx| tx.quarantine_count()).unwrap(), 0);
    }
}
