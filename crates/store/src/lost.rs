//! Table `frame`, seen as what a relay has lost and this device still has.

use almanac_protocol::ids::{CalendarId, DeviceId, Incarnation};
use rusqlite::params;

use crate::error::StoreError;
use crate::frame::{self, FrameRow};
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// The relay's stream is read anew: what it does not show again of other authors is lost there.
    pub fn doubt_frames(&self, calendar: CalendarId, own: DeviceId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE frame SET sent = 3 WHERE calendar = ?1 AND device <> ?2")?
            .execute(params![
                calendar.as_bytes().as_slice(),
                own.as_bytes().as_slice()
            ])?;
        self.doubt_rivals(calendar)?;
        self.doubt_quarantined(calendar)
    }

    /// The relay has shown a frame of another author again.
    pub fn frame_shown(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        seq: u64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "UPDATE frame SET sent = 2 WHERE calendar = ?1 AND device = ?2
                 AND incarnation = ?3 AND seq = ?4 AND sent = 3",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                device.as_bytes().as_slice(),
                incarnation.as_bytes().as_slice(),
                seq
            ])?;
        Ok(())
    }

    /// Frames of others that the relay has lost, each author's in order, at most `count`; then rivals.
    pub fn lost_frames(
        &self,
        calendar: CalendarId,
        count: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{} INDEXED BY frame_lost WHERE calendar = ?1 AND sent = 3
             ORDER BY device, incarnation, seq LIMIT ?2",
            frame::COLUMNS
        ))?;
        let rows =
            statement.query_map(params![calendar.as_bytes().as_slice(), count], frame::read)?;
        let mut found = rows.collect::<Result<Vec<_>, _>>()?;
        let room = count.saturating_sub(u32::try_from(found.len()).unwrap_or(count));
        found.extend(self.lost_rivals(calendar, room)?);
        Ok(found)
    }

    /// Whether the relay has lost frames of others, or rivals, in a calendar.
    pub fn has_lost_frames(&self, calendar: CalendarId) -> Result<bool, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM frame INDEXED BY frame_lost
             WHERE calendar = ?1 AND sent = 3)
             OR EXISTS (SELECT 1 FROM rival INDEXED BY rival_lost
             WHERE calendar = ?1 AND is_lost = 1)",
        )?;
        Ok(statement.query_row([calendar.as_bytes().as_slice()], |row| row.get(0))?)
    }

    /// Frames of an author's life from a number on, in order.
    pub fn frames_from(
        &self,
        calendar: CalendarId,
        device: DeviceId,
        incarnation: Incarnation,
        first_seq: u64,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "{} WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 AND seq >= ?4
             ORDER BY seq",
            frame::COLUMNS
        ))?;
        let key = params![
            calendar.as_bytes().as_slice(),
            device.as_bytes().as_slice(),
            incarnation.as_bytes().as_slice(),
            first_seq
        ];
        let rows = statement.query_map(key, frame::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::ids::FrameHash;

    use super::*;
    use crate::frame::Sent;
    use crate::transaction::tests::scratch;

    #[test]
    fn what_is_not_shown_again_is_lost() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let life = Incarnation::from_bytes([3; 8]);
        let row = |device: u8, seq| FrameRow {
            calendar,
            device: DeviceId::from_bytes([device; 32]),
            incarnation: life,
            seq,
            hash: FrameHash::from_bytes([0; 32]),
            bytes: vec![],
            sent: Sent::AtRelay,
        };
        let lost: Result<_, StoreError> = store.write(|tx| {
            for frame in [row(1, 1), row(2, 1), row(2, 2), row(2, 3)] {
                tx.put_frame(&frame)?;
            }
            tx.doubt_frames(calendar, DeviceId::from_bytes([1; 32]))?;
            tx.frame_shown(calendar, DeviceId::from_bytes([2; 32]), life, 1)?;
            assert!(tx.has_lost_frames(calendar)?);
            tx.lost_frames(calendar, 1)
        });
        let expected = FrameRow {
            sent: Sent::Lost,
            ..row(2, 2)
        };
        assert_eq!(lost.unwrap(), [expected]);
        let from: Result<_, StoreError> =
            store.read(|tx| tx.frames_from(calendar, DeviceId::from_bytes([2; 32]), life, 2));
        assert_eq!(from.unwrap().len(), 2);
    }
}
