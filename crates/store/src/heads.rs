//! Tables `heads` and `heads_told`: what other devices say they have seen, and when this one said.

use almanac_protocol::ids::{CalendarId, DeviceId, Incarnation};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// The newest heads of one device in one calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadsRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// Who says it.
    pub device: DeviceId,
    /// In which life: with the number, the frame that says it.
    pub incarnation: Incarnation,
    /// Number of that frame.
    pub seq: u64,
    /// When it was said, in Unix milliseconds.
    pub time_ms: u64,
    /// Whether the stream was read again for what these heads name and this device lacks.
    pub read_again: bool,
    /// Whether the relay still stands where it stood when they were said.
    pub is_placed: bool,
}

/// Whether it is time to tell what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeadsDue {
    /// Nothing has come that is worth a word.
    No,
    /// Something has come from another device.
    InTime,
    /// The relay lost something, or is another one.
    Now,
}

/// When this device last told what it has seen of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadsTold {
    /// Unix milliseconds; 0 when it never has.
    pub told_ms: u64,
    /// Hash of the ends of its logs then.
    pub logs: [u8; 32],
    /// What has come since.
    pub due: HeadsDue,
}

impl Transaction<'_> {
    /// Keeps the newest heads of a device.
    pub fn put_heads(&self, row: &HeadsRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO heads
                 (calendar, device, incarnation, seq, time_ms, read_again, is_placed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                row.calendar.as_bytes().as_slice(),
                row.device.as_bytes().as_slice(),
                row.incarnation.as_bytes().as_slice(),
                row.seq,
                row.time_ms,
                row.read_again,
                row.is_placed
            ])?;
        Ok(())
    }

    /// The newest heads of every device that has told any in a calendar.
    pub fn heads(&self, calendar: CalendarId) -> Result<Vec<HeadsRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT device, incarnation, seq, time_ms, read_again, is_placed FROM heads
             WHERE calendar = ?1 ORDER BY device",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(HeadsRow {
                calendar,
                device: DeviceId::from_bytes(row.get(0)?),
                incarnation: Incarnation::from_bytes(row.get(1)?),
                seq: row.get(2)?,
                time_ms: row.get(3)?,
                read_again: row.get(4)?,
                is_placed: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When this device last told its own.
    pub fn heads_told(&self, calendar: CalendarId) -> Result<HeadsTold, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT told_ms, logs, is_due FROM heads_told WHERE calendar = ?1")?;
        let found = statement.query_row([calendar.as_bytes().as_slice()], |row| {
            let (logs, due): (Vec<u8>, i64) = (row.get(1)?, row.get(2)?);
            Ok(HeadsTold {
                told_ms: row.get(0)?,
                logs: logs.try_into().unwrap_or([0; 32]),
                due: match due {
                    0 => HeadsDue::No,
                    1 => HeadsDue::InTime,
                    _ => HeadsDue::Now,
                },
            })
        });
        Ok(found.optional()?.unwrap_or(HeadsTold {
            told_ms: 0,
            logs: [0; 32],
            due: HeadsDue::No,
        }))
    }

    /// Notes when this device told its own.
    pub fn set_heads_told(&self, calendar: CalendarId, told: &HeadsTold) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO heads_told (calendar, told_ms, logs, is_due)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                told.told_ms,
                told.logs.as_slice(),
                number(told.due)
            ])?;
        Ok(())
    }

    /// Something worth telling has come; what was due before stays due.
    pub fn heads_due(&self, calendar: CalendarId, due: HeadsDue) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO heads_told (calendar, told_ms, logs, is_due)
                 VALUES (?1, 0, x'', ?2)
                 ON CONFLICT (calendar) DO UPDATE SET is_due = max(is_due, excluded.is_due)
                 WHERE is_due < excluded.is_due",
            )?
            .execute(params![calendar.as_bytes().as_slice(), number(due)])?;
        Ok(())
    }
}

const fn number(due: HeadsDue) -> i64 {
    match due {
        HeadsDue::No => 0,
        HeadsDue::InTime => 1,
        HeadsDue::Now => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    const CALENDAR: CalendarId = CalendarId::from_bytes([1; 32]);

    #[test]
    fn the_newest_heads_of_a_device_take_the_place_of_older_ones() {
        let (_folder, mut store) = scratch();
        let row = |seq| HeadsRow {
            calendar: CALENDAR,
            device: DeviceId::from_bytes([2; 32]),
            incarnation: Incarnation::from_bytes([3; 8]),
            seq,
            time_ms: 5,
            read_again: seq == 2,
            is_placed: seq == 1,
        };
        let put: Result<(), StoreError> =
            store.write(|tx| (1..=2).try_for_each(|seq| tx.put_heads(&row(seq))));
        put.unwrap();
        let found: Result<_, StoreError> = store.read(|tx| tx.heads(CALENDAR));
        assert_eq!(found.unwrap(), [row(2)]);
    }

    #[test]
    fn what_is_due_at_once_is_not_put_off_by_what_has_time() {
        let (_folder, mut store) = scratch();
        let dues: Result<_, StoreError> = store.write(|tx| {
            let mut seen = vec![tx.heads_told(CALENDAR)?.due];
            for due in [HeadsDue::InTime, HeadsDue::Now, HeadsDue::InTime] {
                tx.heads_due(CALENDAR, due)?;
                seen.push(tx.heads_told(CALENDAR)?.due);
            }
            let told = HeadsTold {
                told_ms: 7,
                logs: [4; 32],
                due: HeadsDue::No,
            };
            tx.set_heads_told(CALENDAR, &told)?;
            assert_eq!(tx.heads_told(CALENDAR)?, told);
            Ok(seen)
        });
        let expected = [HeadsDue::No, HeadsDue::InTime, HeadsDue::Now, HeadsDue::Now];
        assert_eq!(dues.unwrap(), expected);
    }
}
