//! Table `frame`: the signed frames of every author, chained and numbered.

use almanac_protocol::ids::{CalendarId, DeviceId, FrameHash, Incarnation};
use almanac_protocol::message::ChainHead;
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// How far a frame has come on its way to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Only here.
    Waits,
    /// Sealed in the outbox.
    Sealed,
    /// It was read back from the relay, or came from there.
    AtRelay,
    /// Of another author: the relay has not shown it again since it lost its place.
    Lost,
    /// The relay has said that it is durable, and has not shown it yet.
    Told,
}

/// One signed frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// The author.
    pub device: DeviceId,
    /// The author's life.
    pub incarnation: Incarnation,
    /// Its number in that life.
    pub seq: u64,
    /// Its hash.
    pub hash: FrameHash,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// How far it has come.
    pub sent: Sent,
}

pub(crate) const COLUMNS: &str =
    "SELECT calendar, device, incarnation, seq, hash, bytes, sent FROM frame";

impl Transaction<'_> {
    /// Stores a frame that was accepted.
    pub fn put_frame(&self, frame: &FrameRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO frame (calendar, device, incarnation, seq, hash, bytes, sent)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                frame.calendar.as_bytes().as_slice(),
                frame.device.as_bytes().as_slice(),
                frame.incarnation.as_bytes().as_slice(),
                frame.seq,
                frame.hash.as_bytes().as_slice(),
                frame.bytes,
                number(frame.sent),
            ])?;
        Ok(())
    }

    /// The newest frame of an author's life in a calendar; number 0 when there is none.
    pub fn chain_head(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<ChainHead, StoreError> {
        self.head(calendar, device, incarnation, "")
    }

    /// The newest of them that the relay has shown.
    pub fn shown_head(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<ChainHead, StoreError> {
        let is_shown = format!("AND sent = {}", number(Sent::AtRelay));
        self.head(calendar, device, incarnation, &is_shown)
    }

    fn head(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        condition: &str,
    ) -> Result<ChainHead, StoreError> {
        let head = self
            .sql
            .prepare_cached(&format!(
                "SELECT seq, hash FROM frame WHERE calendar = ?1 AND device = ?2
                 AND incarnation = ?3 {condition} ORDER BY seq DESC LIMIT 1"
            ))?
            .query_row(
                params![
                    calendar.as_bytes().as_slice(),
                    device.as_bytes().as_slice(),
                    incarnation.as_bytes().as_slice()
                ],
                |row| {
                    Ok(ChainHead {
                        seq: row.get(0)?,
                        hash: FrameHash::from_bytes(row.get(1)?),
                    })
                },
            )
            .optional()?;
        Ok(head.unwrap_or(ChainHead {
            seq: 0,
            hash: FrameHash::from_bytes([0; 32]),
        }))
    }

    /// One frame.
    pub fn frame(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        seq: u64,
    ) -> Result<Option<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 AND seq = ?4"
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice(),
            seq
        ];
        Ok(statement.query_row(key, read).optional()?)
    }

    /// The first frame of a life of a device in which these bytes stand, such as the hash of a change.
    pub fn frame_with(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        bytes: &[u8],
    ) -> Result<Option<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3
                         AND instr(bytes, ?4) > 0
             ORDER BY seq LIMIT 1"
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice(),
            bytes
        ];
        Ok(statement.query_row(key, read).optional()?)
    }

    /// Own frames that no envelope holds yet, of all lives, in order.
    pub fn waiting_frames(&self, calendar: CalendarId) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND sent = 0 ORDER BY incarnation, seq"
        ))?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Frames of one life of this device that the relay has not confirmed, in order.
    pub fn unsent_frames(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{COLUMNS} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 AND sent < 2
             ORDER BY seq"
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Removes a frame that nobody else has, and the envelopes that hold frames of its life: what
    /// remains of them is sealed anew.
    pub fn remove_frame(&self, frame: &FrameRow) -> Result<(), StoreError> {
        let life = params![
            frame.calendar.as_bytes().as_slice(),
            frame.incarnation.as_bytes().as_slice()
        ];
        self.sql
            .prepare_cached("DELETE FROM outbox WHERE calendar = ?1 AND incarnation = ?2")?
            .execute(life)?;
        self.sql
            .prepare_cached(
                "UPDATE frame SET sent = 0 WHERE calendar = ?1 AND incarnation = ?2 AND sent = 1",
            )?
            .execute(life)?;
        self.sql
            .prepare_cached(
                "DELETE FROM frame WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3
                 AND seq = ?4 AND sent < 2",
            )?
            .execute(params![
                frame.calendar.as_bytes().as_slice(),
                frame.device.as_bytes().as_slice(),
                frame.incarnation.as_bytes().as_slice(),
                frame.seq
            ])?;
        Ok(())
    }

    /// Marks a range of own frames that were not at the relay before.
    pub fn mark_frames(
        &self,
        calendar: CalendarId,
        incarnation: Incarnation,
        seqs: std::ops::RangeInclusive<u64>,
        sent: Sent,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE frame SET sent = ?5 WHERE calendar = ?1 AND incarnation = ?2
                 AND seq BETWEEN ?3 AND ?4 AND sent < 2",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                seqs.start(),
                seqs.end(),
                number(sent)
            ])?;
        Ok(())
    }

    /// Notes that own frames were read back from the relay.
    pub fn frames_read_back(
        &self,
        calendar: CalendarId,
        incarnation: Incarnation,
        seqs: std::ops::RangeInclusive<u64>,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE frame INDEXED BY frame_told SET sent = 2 WHERE calendar = ?1
                 AND incarnation = ?2 AND seq BETWEEN ?3 AND ?4 AND sent = 4",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                seqs.start(),
                seqs.end()
            ])?;
        self.mark_frames(calendar, incarnation, seqs, Sent::AtRelay)
    }

    /// Offers again what a relay has said to be durable and this one, read to its end, does not
    /// have. Gives how many frames that are.
    pub fn offer_told_again(&self, calendar: CalendarId) -> Result<usize, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "UPDATE frame INDEXED BY frame_told SET sent = 0 WHERE calendar = ?1 AND sent = 4",
        )?;
        Ok(statement.execute([calendar.as_bytes().as_slice()])?)
    }

    /// Number of own frames that the relay has not confirmed, over all calendars.
    pub fn unsent_count(&self) -> Result<u64, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT count(*) FROM frame WHERE sent < 2")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Whether frames of this calendar wait for the relay.
    pub fn has_unsent(&self, calendar: CalendarId) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM frame WHERE calendar = ?1 AND sent < 2)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }

    /// Whether frames of this calendar are in no envelope yet.
    pub fn has_unsealed(&self, calendar: CalendarId) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM frame WHERE calendar = ?1 AND sent < 2 AND sent = 0)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }

    /// Forgets that the relay has the frames of one author: they wait again, in no envelope.
    pub fn resend_frames(&self, calendar: CalendarId, device: DeviceId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE frame SET sent = 0 WHERE calendar = ?1 AND device = ?2")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                device.as_bytes().as_slice()
            ])?;
        self.sql
            .prepare_cached("DELETE FROM outbox WHERE calendar = ?1")?
            .execute([calendar.as_bytes().as_slice()])?;
        Ok(())
    }
}

const fn number(sent: Sent) -> i64 {
    match sent {
        Sent::Waits => 0,
        Sent::Sealed => 1,
        Sent::AtRelay => 2,
        Sent::Lost => 3,
        Sent::Told => 4,
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<FrameRow> {
    let sent: i64 = row.get(6)?;
    Ok(FrameRow {
        calendar: CalendarId::from_bytes(row.get(0)?),
        device: DeviceId::from_bytes(row.get(1)?),
        incarnation: Incarnation::from_bytes(row.get(2)?),
        seq: row.get(3)?,
        hash: FrameHash::from_bytes(row.get(4)?),
        bytes: row.get(5)?,
        sent: match sent {
            0 => Sent::Waits,
            1 => Sent::Sealed,
            2 => Sent::AtRelay,
            3 => Sent::Lost,
            _ => Sent::Told,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn frames_wait_until_the_relay_has_them() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let device = DeviceId::from_bytes([2; 32]);
        let incarnation = Incarnation::from_bytes([3; 8]);
        let frame = |seq: u8| FrameRow {
            calendar,
            device,
            incarnation,
            seq: seq.into(),
            hash: FrameHash::from_bytes([seq; 32]),
            bytes: vec![seq],
            sent: Sent::Waits,
        };
        store
            .write(|tx| (1..=3).try_for_each(|seq| tx.put_frame(&frame(seq))))
            .unwrap();
        let head = store
            .read(|tx| tx.chain_head(calendar, device, incarnation))
            .unwrap();
        assert_eq!(
            head,
            ChainHead {
                seq: 3,
                hash: FrameHash::from_bytes([3; 32])
            }
        );
        store
            .write(|tx| tx.mark_frames(calendar, incarnation, 1..=2, Sent::AtRelay))
            .unwrap();
        assert_eq!(store.read(|tx| tx.unsent_count()).unwrap(), 1);
        assert_eq!(
            store.read(|tx| tx.waiting_frames(calendar)).unwrap(),
            [frame(3)]
        );
        assert!(
            store.write(|tx| tx.put_frame(&frame(3))).is_err(),
            "a number is used once"
        );
    }
}
