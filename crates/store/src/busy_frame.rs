//! Table `busy_frame`: signed frames of the free/busy streams.

use almanac_protocol::ids::{CalendarId, DeviceId, FrameHash, Incarnation};
use almanac_protocol::message::ChainHead;
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::frame::{FrameRow, Sent};
use crate::transaction::Transaction;

const COLUMNS: &str =
    "SELECT calendar, device, incarnation, seq, hash, bytes, sent FROM busy_frame";

impl Transaction<'_> {
    /// Stores a frame. Gives whether it was not here before; of one that was, the relay now has it if this
    /// one says so.
    pub fn put_busy_frame(&self, frame: &FrameRow) -> Result<bool, StoreError> {
        let (calendar, device) = (frame.calendar.as_bytes(), frame.device.as_bytes());
        let key = params![
            calendar.as_slice(),
            device.as_slice(),
            frame.incarnation.as_bytes().as_slice(),
            frame.seq,
            frame.hash.as_bytes().as_slice(),
            frame.bytes,
            number(frame.sent),
        ];
        let mut put = self.sql.prepare_cached(
            "INSERT OR IGNORE INTO busy_frame
                 (calendar, device, incarnation, seq, hash, bytes, sent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        if put.execute(key)? == 1 {
            return Ok(true);
        }
        if frame.sent == Sent::AtRelay {
            self.sql
                .prepare_cached(
                    "UPDATE busy_frame SET sent = 2 WHERE calendar = ?1 AND device = ?2
                     AND incarnation = ?3 AND seq = ?4 AND hash = ?5",
                )?
                .execute(params![
                    calendar.as_slice(),
                    device.as_slice(),
                    frame.incarnation.as_bytes().as_slice(),
                    frame.seq,
                    frame.hash.as_bytes().as_slice()
                ])?;
        }
        Ok(false)
    }

    /// All frames of a calendar's free/busy stream, by author and number.
    pub fn busy_frames(&self, calendar: CalendarId) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 ORDER BY device, incarnation, seq, hash"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The first frame of an author's life.
    pub fn first_busy_frame(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<Option<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3
             ORDER BY seq, hash LIMIT 1"
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        Ok(statement.query_row(key, read).optional()?)
    }

    /// The newest frame of an author's life; number 0 when there is none.
    pub fn busy_head(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<ChainHead, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT seq, hash FROM busy_frame WHERE calendar = ?1 AND device = ?2
             AND incarnation = ?3 ORDER BY seq DESC, hash LIMIT 1",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        let head = statement.query_row(key, |row| {
            Ok(ChainHead {
                seq: row.get(0)?,
                hash: FrameHash::from_bytes(row.get(1)?),
            })
        });
        Ok(head.optional()?.unwrap_or(ChainHead {
            seq: 0,
            hash: FrameHash::from_bytes([0; 32]),
        }))
    }

    /// Own frames that the relay does not have, of all lives, in order.
    pub fn waiting_busy_frames(&self, calendar: CalendarId) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND sent = 0 ORDER BY incarnation, seq"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The relay has these own frames.
    pub fn busy_frames_sent(
        &self,
        calendar: CalendarId,
        incarnation: Incarnation,
        seqs: std::ops::RangeInclusive<u64>,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE busy_frame SET sent = 2 WHERE calendar = ?1 AND incarnation = ?2
                 AND seq BETWEEN ?3 AND ?4 AND sent = 0",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                seqs.start(),
                seqs.end()
            ])?;
        Ok(())
    }

    /// Removes own frames of a life from a number on that nobody else has.
    pub fn remove_waiting_busy_frames(
        &self,
        calendar: CalendarId,
        incarnation: Incarnation,
        from_seq: u64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM busy_frame WHERE calendar = ?1 AND incarnation = ?2 AND seq >= ?3
                 AND sent = 0",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                from_seq
            ])?;
        Ok(())
    }

    /// Forgets that a relay has the frames of one author: they wait again.
    pub fn resend_busy_frames(
        &self,
        calendar: CalendarId,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE busy_frame SET sent = 0 WHERE calendar = ?1 AND device = ?2")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                device.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// Forgets the frames of everyone else: they are read from the relay again.
    pub fn forget_busy_frames_of_others(
        &self,
        calendar: CalendarId,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM busy_frame WHERE calendar = ?1 AND device <> ?2")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                device.as_bytes().as_slice()
            ])?;
        Ok(())
    }
}

const fn number(sent: Sent) -> i64 {
    match sent {
        Sent::AtRelay | Sent::Told => 2,
        Sent::Waits | Sent::Sealed | Sent::Lost => 0,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<FrameRow> {
    let sent: i64 = row.get(6)?;
    Ok(FrameRow {
        calendar: CalendarId::from_bytes(row.get(0)?),
        device: DeviceId::from_bytes(row.get(1)?),
        incarnation: Incarnation::from_bytes(row.get(2)?),
        seq: row.get(3)?,
        hash: FrameHash::from_bytes(row.get(4)?),
        bytes: row.get(5)?,
        sent: if sent == 2 {
            Sent::AtRelay
        } else {
            Sent::Waits
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    const CALENDAR: CalendarId = CalendarId::from_bytes([1; 32]);
    const LIFE: Incarnation = Incarnation::from_bytes([3; 8]);

    fn frame(device: u8, seq: u8, hash: u8) -> FrameRow {
        FrameRow {
            calendar: CALENDAR,
            device: DeviceId::from_bytes([device; 32]),
            incarnation: LIFE,
            seq: seq.into(),
            hash: FrameHash::from_bytes([hash; 32]),
            bytes: vec![seq],
            sent: Sent::Waits,
        }
    }

    #[test]
    fn two_frames_under_one_number_are_both_kept() {
        let (_folder, mut store) = scratch();
        let all: Result<_, StoreError> = store.write(|tx| {
            assert!(tx.put_busy_frame(&frame(2, 1, 7))?);
            assert!(!tx.put_busy_frame(&frame(2, 1, 7))?);
            assert!(tx.put_busy_frame(&frame(2, 1, 8))?);
            tx.busy_frames(CALENDAR)
        });
        assert_eq!(all.unwrap(), [frame(2, 1, 7), frame(2, 1, 8)]);
    }

    #[test]
    fn frames_wait_until_the_relay_has_them() {
        let (_folder, mut store) = scratch();
        let device = DeviceId::from_bytes([2; 32]);
        let waiting: Result<_, StoreError> = store.write(|tx| {
            for seq in 1..=3 {
                tx.put_busy_frame(&frame(2, seq, seq))?;
            }
            assert_eq!(tx.busy_head(CALENDAR, device, LIFE)?.seq, 3);
            tx.busy_frames_sent(CALENDAR, LIFE, 1..=2)?;
            let waiting = tx.waiting_busy_frames(CALENDAR)?;
            tx.remove_waiting_busy_frames(CALENDAR, LIFE, 2)?;
            assert_eq!(tx.busy_head(CALENDAR, device, LIFE)?.seq, 2);
            tx.resend_busy_frames(CALENDAR, device)?;
            Ok((waiting, tx.waiting_busy_frames(CALENDAR)?.len()))
        });
        assert_eq!(waiting.unwrap(), (vec![frame(2, 3, 3)], 2));
    }
}
