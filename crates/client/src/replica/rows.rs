//! What the store shows of an event beside its changes. Pure work, so that it can be done on any
//! thread before the database is touched.

use almanac_calendar::Event;
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{EventRow, SearchRow, Shown, Transaction};

use crate::error::Result;
use crate::occurrences;
use crate::occurrences::once;
use crate::replica::row_json::row_json;
use crate::search::index;

/// The rows of one event.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) event: EventRow,
    shown: Shown,
    search: SearchRow,
}

impl Rows {
    /// The rows that show an event.
    pub(crate) fn of(calendar: CalendarId, document: DocumentId, event: &Event) -> Result<Self> {
        let (first_s, last_s) = occurrences::bounds(event);
        let shown = once::shown(event);
        Ok(Self {
            event: EventRow {
                calendar,
                document,
                uid: event.uid.clone(),
                first_s,
                last_s,
                trashed: event.trashed,
                event: row_json(event)?,
            },
            search: index::row(calendar, event, &shown, last_s),
            shown,
        })
    }

    /// Stores them; search hears of it before it is next asked.
    pub(crate) fn put(self, tx: &Transaction<'_>) -> Result<()> {
        tx.put_event(&self.event, &self.shown)?;
        Ok(())
    }

    /// The rows of a new document, apart.
    pub(crate) fn into_parts(self) -> (EventRow, Shown, SearchRow) {
        (self.event, self.shown, self.search)
    }
}
