//! Table `frame`, seen as the list of who wrote in a calendar.

use almanac_protocol::ids::{CalendarId, DeviceId, Incarnation};
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

impl Transaction<'_> {
    /// The devices that wrote in a calendar, each in every life in which it did.
    ///
    /// Costs one search for each of them, however many frames there are.
    pub fn authors(
        &self,
        calendar: CalendarId,
    ) -> Result<Vec<(DeviceId, Incarnation)>, StoreError> {
        let mut next = self.sql.prepare_cached(
            "SELECT device, incarnation FROM frame
             WHERE calendar = ?1 AND (device, incarnation) > (?2, ?3)
             ORDER BY device, incarnation LIMIT 1",
        )?;
        let mut found = Vec::new();
        let (mut device, mut incarnation) = (Vec::new(), Vec::new());
        loop {
            let after = params![calendar.as_bytes().as_slice(), device, incarnation];
            let author: Option<([u8; DeviceId::LEN], [u8; Incarnation::LEN])> = next
                .query_row(after, |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((next_device, next_incarnation)) = author else {
                return Ok(found);
            };
            found.push((
                DeviceId::from_bytes(next_device),
                Incarnation::from_bytes(next_incarnation),
            ));
            (device, incarnation) = (next_device.to_vec(), next_incarnation.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::ids::FrameHash;

    use super::*;
    use crate::frame::{FrameRow, Sent};
    use crate::transaction::tests::scratch;

    #[test]
    fn every_life_of_a_device_is_an_author_once() {
        let (_folder, mut store) = scratch();
        let row = |calendar: u8, device: u8, life: u8, seq| FrameRow {
            calendar: CalendarId::from_bytes([calendar; 32]),
            device: DeviceId::from_bytes([device; 32]),
            incarnation: Incarnation::from_bytes([life; 8]),
            seq,
            hash: FrameHash::from_bytes([0; 32]),
            bytes: vec![],
            sent: Sent::Waits,
        };
        let frames = [
            row(1, 1, 1, 1),
            row(1, 1, 1, 2),
            row(1, 1, 2, 1),
            row(1, 2, 1, 1),
            row(2, 3, 1, 1),
        ];
        let put: Result<(), StoreError> =
            store.write(|tx| frames.iter().try_for_each(|frame| tx.put_frame(frame)));
        put.unwrap();
        let found: Result<_, StoreError> =
            store.read(|tx| tx.authors(CalendarId::from_bytes([1; 32])));
        let expected = [&frames[0], &frames[2], &frames[3]];
        assert_eq!(
            found.unwrap(),
            expected.map(|frame| (frame.device, frame.incarnation))
        );
    }
}
