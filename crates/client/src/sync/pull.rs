//! Reading part of a stream once more: frames that are missing here, although the stream was read to
//! its end, are looked for backwards from there.
//!
//! Each part is twice as long as the one before, so that what went missing lately costs little and
//! nothing costs more than reading all of it.

use almanac_protocol::ids::CalendarId;

use crate::error::Result;
use crate::replica::{held_against, receive};
use crate::sync::catch_up::stream;
use crate::sync::exchange::{Answer, Exchange};

/// Envelopes that are looked at first.
const FIRST_PART: u64 = 32;
/// Parts of one search, which makes half a million envelopes.
const PARTS_MAX: u32 = 14;

impl Exchange<'_> {
    /// Looks for what is missing in calendars that were read to their end.
    pub(super) async fn look_for_missing(&mut self) -> Result<()> {
        while let Some(calendar) = self.settling.next_missing() {
            let mut end = self.read_to(calendar);
            for part in 0..PARTS_MAX {
                let first = end.saturating_sub(FIRST_PART << part) + 1;
                if end == 0 || !self.client.read(|tx| held_against::lacks(tx, calendar))? {
                    break;
                }
                if !self.pull(calendar, first, end).await? {
                    let kept = self
                        .packs(calendar)
                        .await?
                        .map_or(0, |packs| packs.dropped_to)
                        + 1;
                    if kept > first && kept <= end {
                        self.pull(calendar, kept, end).await?;
                    }
                    break;
                }
                end = first - 1;
            }
            self.settling.stir(calendar);
            self.note_news();
        }
        Ok(())
    }

    /// Reads a range again, page by page; false where the relay does not have all of it.
    async fn pull(&mut self, calendar: CalendarId, mut first: u64, last: u64) -> Result<bool> {
        while first <= last {
            let count = last - first + 1;
            self.settling.pulled = 0;
            let request = self.connection.session.pull(stream(calendar), first, count);
            let is_served = matches!(self.answer(request).await?, Answer::Done);
            let pulled = std::mem::take(&mut self.settling.pulled);
            tracing::info!(first, pulled, "sync.pulled");
            if !is_served || pulled == 0 {
                return Ok(false);
            }
            first += pulled;
        }
        Ok(true)
    }

    /// Envelopes of a range that was asked for again.
    pub(super) fn take_pulled(
        &mut self,
        calendar: CalendarId,
        envelopes: &[Vec<u8>],
    ) -> Result<()> {
        self.settling.pulled = envelopes.len() as u64;
        let identity = self.client.identity();
        let changed = self
            .client
            .store(|tx| receive::receive_again(tx, identity, stream(calendar), envelopes))?;
        if changed {
            self.client
                .announce(&std::collections::BTreeSet::from([calendar]));
        }
        Ok(())
    }
}
