//! Exporting events as one .ics file that any calendar reads.

use almanac_calendar::{Event, ics};

use crate::client::Client;
use crate::error::Result;
use crate::replica::documents;

impl Client {
    /// The events of one calendar, or of all, as the text of an .ics file.
    pub fn export(&self, calendar: Option<&str>) -> Result<String> {
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
                for row in tx.events(calendar)? {
                    events.push(documents::event_of(&row)?);
                }
            }
            Ok(events)
        })?;
        Ok(ics::write(&events, name.as_deref()))
    }
}
