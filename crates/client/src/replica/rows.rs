//! What the store shows of an event beside its changes. Pure work, so that it can be done on any
//! thread before the database is touched.

use almanac_calendar::Event;
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{EventRow, SearchRow, Shown, Transaction};

use crate::error::{Error, Result};
use crate::occurrences;
use crate::occurrences::once;
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
                event: serde_json::to_string(event).map_err(Error::internal)?,
            },
            search: index::row(calendar, event, &shown, last_s),
            shown,
        })
    }

    /// Stores them; search is told by whoever passes on what this gives.
    pub(crate) fn put(self, tx: &Transaction<'_>) -> Result<SearchRow> {
        let id = tx.put_event(&self.event, &self.shown)?;
        Ok(SearchRow { id, ..self.search })
    }
}
