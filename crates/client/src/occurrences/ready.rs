//! Events read and made ready for expansion, kept for the next view and the next keystroke.
//!
//! An entry counts for one write of one row, and no two writes have the same number: what another
//! process has changed is never shown as it was. Bounded by the text of the events in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use almanac_calendar::Event;
use almanac_calendar::expand::Prepared;
use almanac_store::{EventVersion, Transaction};

use crate::error::{Error, Result};

/// Bytes of JSON whose events are kept; in memory they take about three times that.
const BYTES_MAX: usize = 6 << 20;

/// An event made ready.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) event: Event,
    pub(crate) prepared: Prepared,
}

/// The events that were asked for lately.
#[derive(Debug, Default)]
pub(crate) struct ReadyEvents {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<EventVersion, Entry>,
    bytes: usize,
    turn: u64,
}

#[derive(Debug)]
struct Entry {
    ready: Arc<Ready>,
    bytes: usize,
    last_turn: u64,
}

impl ReadyEvents {
    /// The event of a row as of one write; `None` where the row is gone.
    pub(crate) fn get(
        &self,
        tx: &Transaction<'_>,
        version: EventVersion,
    ) -> Result<Option<Arc<Ready>>> {
        if let Some(ready) = self.lock().touch(version) {
            return Ok(Some(ready));
        }
        let Some(json) = tx.event_json(version.id)? else {
            return Ok(None);
        };
        let mut event: Event =
            serde_json::from_str(&json).map_err(|_| Error::internal("the row of an event"))?;
        // In the trash nothing happens; but whoever finds it there asks when it did.
        let trashed = std::mem::replace(&mut event.trashed, false);
        let prepared = Prepared::new(&event);
        event.trashed = trashed;
        let ready = Arc::new(Ready { event, prepared });
        self.lock().keep(version, Arc::clone(&ready), json.len());
        Ok(Some(ready))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn touch(&mut self, version: EventVersion) -> Option<Arc<Ready>> {
        self.turn += 1;
        let entry = self.entries.get_mut(&version)?;
        entry.last_turn = self.turn;
        Some(Arc::clone(&entry.ready))
    }

    fn keep(&mut self, version: EventVersion, ready: Arc<Ready>, bytes: usize) {
        if bytes > BYTES_MAX / 8 {
            return;
        }
        while self.bytes + bytes > BYTES_MAX {
            self.forget_half();
        }
        let last_turn = self.turn;
        let entry = Entry {
            ready,
            bytes,
            last_turn,
        };
        self.bytes += bytes;
        if let Some(old) = self.entries.insert(version, entry) {
            self.bytes -= old.bytes;
        }
    }

    /// Lets go of the half that was not asked for the longest.
    fn forget_half(&mut self) {
        let mut turns: Vec<u64> = self.entries.values().map(|entry| entry.last_turn).collect();
        let half = turns.len() / 2;
        if half == 0 {
            self.entries.clear();
        } else {
            let (_, middle, _) = turns.select_nth_unstable(half);
            let middle = *middle;
            self.entries.retain(|_, entry| entry.last_turn > middle);
        }
        self.bytes = self.entries.values().map(|entry| entry.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::When;

    use super::*;

    fn ready() -> Arc<Ready> {
        let event = Event::new(
            "a@x",
            "",
            When::from_people("2026-11-20", None, None).unwrap(),
        );
        let prepared = Prepared::new(&event);
        Arc::new(Ready { event, prepared })
    }

    fn version(id: i64) -> EventVersion {
        EventVersion { id, version: 7 }
    }

    #[test]
    fn what_was_used_last_stays_and_memory_is_bounded() {
        let mut kept = Kept::default();
        for id in 0..100 {
            kept.keep(version(id), ready(), BYTES_MAX / 10);
            assert!(kept.touch(version(id)).is_some());
            assert!(kept.bytes <= BYTES_MAX);
            assert!(id < 1 || kept.touch(version(id - 1)).is_some(), "{id}");
        }
        assert!(kept.touch(version(1)).is_none());
        kept.keep(version(1), ready(), BYTES_MAX);
        assert!(kept.touch(version(1)).is_none());
    }

    #[test]
    fn another_write_of_a_row_is_another_event() {
        let mut kept = Kept::default();
        kept.keep(version(1), ready(), 1);
        let later = EventVersion { id: 1, version: 8 };
        assert!(kept.touch(later).is_none());
    }
}
