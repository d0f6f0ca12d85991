//! Exporting events as one .ics file that any calendar reads.

use almanac_calendar::{Event, document, ics};
use almanac_protocol::ids::CalendarId;
use almanac_store::Transaction;

use crate::client::{Client, Identity};
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{counted, documents, rights};

impl Client {
    /// The events of one calendar, or of all, as the text of an .ics file.
    pub fn export(&self, calendar: Option<&str>) -> Result<String> {
        self.write_events(calendar, |tx, calendar| {
            let rows = tx.events(calendar)?;
            rows.iter().map(documents::event_of).collect()
        })
    }

    /// The events that edits of this device changed which came too late to count, as they would be with
    /// those edits.
    pub fn export_kept(&self, calendar: Option<&str>) -> Result<String> {
        let identity = self.identity();
        let mut count = 0;
        let text = self.write_events(calendar, |tx, calendar| {
            let kept = kept(tx, identity, calendar)?;
            count += kept.len();
            Ok(kept)
        })?;
        if count == 0 {
            return Err(Error::new(
                ErrorCode::NotFound,
                "No edit was kept back: everything that was written on this device counts.",
            ));
        }
        Ok(text)
    }

    fn write_events(
        &self,
        calendar: Option<&str>,
        mut events_of: impl FnMut(&Transaction<'_>, CalendarId) -> Result<Vec<Event>>,
    ) -> Result<String> {
        let calendars = match calendar {
            Some(calendar) => vec![self.find_calendar(calendar)?],
            None => self.calendar_ids()?,
        };
        // A file of one calendar says what it is called.
        let name = match (calendar, calendars.first()) {
            (Some(_), Some(id)) => Some(self.read(|tx| documents::facts(tx, *id))?.name),
            (_, _) => None,
        };
        let events = self.read(|tx| {
            let mut events: Vec<Event> = Vec::new();
            for calendar in calendars {
                events.extend(events_of(tx, calendar)?);
            }
            Ok(events)
        })?;
        Ok(ics::write(&events, name.as_deref()))
    }
}

/// Events with the edits that were kept back.
fn kept(tx: &Transaction<'_>, identity: &Identity, calendar: CalendarId) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    for (id, edits) in rights::kept(tx, identity, calendar)? {
        let all = tx.counted_changes(calendar, id)?;
        let changes = counted::with(&all, edits).into_iter();
        let doc = documents::of(&changes.map(|(_, bytes)| bytes).collect::<Vec<_>>())?;
        // The calendar's own name and colour are no event.
        events.extend(document::read(&doc));
    }
    Ok(events)
}
