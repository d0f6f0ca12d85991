//! Table `rival`: signed frames whose number another frame of their author has.
//!
//! Everybody has to come to the same about who signed twice, so both frames have to be at the relay: a
//! rival that the relay does not show again is put back like any frame of somebody else.

use almanac_protocol::ids::{CalendarId, DeviceId, FrameHash, Incarnation};
use rusqlite::params;

use crate::error::StoreError;
use crate::frame::{FrameRow, Sent};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// Keeps a rival, and notes whether the relay has it: [`Sent::Lost`] or anything else. One that the
    /// relay has shown is not lost because it is found here once more.
    pub fn put_rival(&self, frame: &FrameRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO rival (calendar, device, incarnation, seq, hash, bytes, is_lost)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET is_lost = min(is_lost, excluded.is_lost)",
            )?
            .execute(params![
                frame.calendar.as_bytes().as_slice(),
                frame.device.as_bytes().as_slice(),
                frame.incarnation.as_bytes().as_slice(),
                frame.seq,
                frame.hash.as_bytes().as_slice(),
                frame.bytes,
                frame.sent == Sent::Lost
            ])?;
        Ok(())
    }

    /// The relay has shown a frame again that was a rival here.
    pub fn rival_shown(&self, calendar: CalendarId, hash: FrameHash) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE rival INDEXED BY rival_lost SET is_lost = 0
                 WHERE calendar = ?1 AND is_lost = 1 AND hash = ?2",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                hash.as_bytes().as_slice()
            ])?;
        Ok(())
    }

    /// The rivals in a life of an author, in order.
    pub fn rivals(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT seq, hash, bytes FROM rival
             WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 ORDER BY seq, hash",
        )?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice()
        ];
        let rows = statement.query_map(key, |row| {
            Ok(FrameRow {
                calendar,
                device,
                incarnation,
                seq: row.get(0)?,
                hash: FrameHash::from_bytes(row.get(1)?),
                bytes: row.get(2)?,
                sent: Sent::AtRelay,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The relay's stream is read anew.
    pub(crate) fn doubt_rivals(&self, calendar: CalendarId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE rival SET is_lost = 1 WHERE calendar = ?1")?
            .execute([calendar.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Rivals that the relay has lost, each author's in order, at most `count`.
    pub(crate) fn lost_rivals(
        &self,
        calendar: CalendarId,
        count: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT device, incarnation, seq, hash, bytes FROM rival INDEXED BY rival_lost
             WHERE calendar = ?1 AND is_lost = 1 ORDER BY device, incarnation, seq LIMIT ?2",
        )?;
        let rows = statement.query_map(params![calendar.as_bytes().as_slice(), count], |row| {
            Ok(FrameRow {
                calendar,
                device: DeviceId::from_bytes(row.get(0)?),
                incarnation: Incarnation::from_bytes(row.get(1)?),
                seq: row.get(2)?,
                hash: FrameHash::from_bytes(row.get(3)?),
                bytes: row.get(4)?,
                sent: Sent::Lost,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_rival_is_lost_with_the_relays_place_until_it_is_shown_again() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let (own, other) = (DeviceId::from_bytes([2; 32]), DeviceId::from_bytes([3; 32]));
        let row = |device: DeviceId, hash: u8| FrameRow {
            calendar,
            device,
            incarnation: Incarnation::from_bytes([4; 8]),
            seq: 7,
            hash: FrameHash::from_bytes([hash; 32]),
            bytes: vec![hash],
            sent: Sent::AtRelay,
        };
        let lost: Result<_, StoreError> = store.write(|tx| {
            for frame in [row(own, 1), row(other, 2), row(other, 3)] {
                tx.put_rival(&frame)?;
            }
            let before = tx.has_lost_frames(calendar)?;
            tx.doubt_frames(calendar, own)?;
            let all = tx.lost_frames(calendar, 9)?.len();
            tx.rival_shown(calendar, FrameHash::from_bytes([1; 32]))?;
            for sent in [Sent::AtRelay, Sent::Lost] {
                tx.put_rival(&FrameRow {
                    sent,
                    ..row(other, 3)
                })?;
            }
            let left = tx.lost_frames(calendar, 9)?;
            Ok((before, all, left))
        });
        let lost_row = FrameRow {
            sent: Sent::Lost,
            ..row(other, 2)
        };
        assert_eq!(lost.unwrap(), (false, 3, vec![lost_row]));
    }
}
