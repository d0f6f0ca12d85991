//! The trash: what was deleted, and how it comes back.
//!
//! Deleting never stands in the way of adding the same again: an import whose UID lies in the
//! trash takes that event out and brings it up to date, so there is one event and one history.
//! What lies in the trash while an event of its UID is elsewhere (it was moved, say) stays there,
//! or there would be two of a name that must be one.

use almanac_calendar::document;
use almanac_protocol::ids::CalendarId;
use almanac_store::{EventRow, Transaction};
use automerge::Automerge;
use serde::Serialize;
use ts_rs::TS;

use crate::authors::Authors;
use crate::client::Client;
use crate::command::Done;
use crate::error::{Error, ErrorCode, Result};
use crate::events::{find, key_of, times, write};
use crate::history;
use crate::replica::documents;
use crate::undo::Verb;
use crate::view::WhenView;

/// An event in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TrashedEvent {
    /// Id of the event.
    pub event: String,
    /// Name of the calendar it was in.
    pub calendar: String,
    /// Title; may be empty.
    pub title: String,
    /// When it would take place; of a series, the first time.
    pub when: WhenView,
    /// Whether it repeats.
    pub repeats: bool,
    /// Id of the event that stands for it elsewhere, as after a move.
    pub lives_as: Option<String>,
    /// When it was deleted, RFC 3339 in UTC.
    pub time: Option<String>,
    /// Name of the device that deleted it; none where the device is not known here.
    pub device: Option<String>,
}

impl Client {
    /// What lies in the trash, in all calendars or in one, what was deleted last first.
    pub fn trash(&self, calendar: Option<&str>) -> Result<Vec<TrashedEvent>> {
        let wanted = calendar.map(|name| self.find_calendar(name)).transpose()?;
        let mut found = Vec::new();
        for view in self.calendars()? {
            let id: CalendarId = view.id.parse().map_err(Error::internal)?;
            if wanted.is_some_and(|wanted| wanted != id) {
                continue;
            }
            let trashed = self.read(|tx| {
                let authors = Authors::of(tx, self.identity(), id)?;
                let rows = tx.trashed_events(id)?;
                let shown = rows.iter().map(|row| shown(tx, row, &view.name, &authors));
                shown.collect::<Result<Vec<_>>>()
            })?;
            found.extend(trashed);
        }
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        Ok(found.into_iter().map(|(_, event)| event).collect())
    }

    /// Whether an event lies in the trash.
    pub fn is_in_trash(&self, event: &str) -> Result<bool> {
        self.read(|tx| Ok(find::any(tx, event)?.trashed))
    }

    /// Takes an event out of the trash.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::AlreadyExists`] where an event of the same UID is here by now.
    pub fn restore(&self, event: &str) -> Result<Done> {
        let row = self.read(|tx| find::in_trash(tx, event))?;
        let (_, undo) = self.act(Verb::Restore, |work| {
            check_alone(work.tx(), &row)?;
            write::edit(work, key_of(&row), |event| {
                event.trashed = false;
                Ok(())
            })
        })?;
        Ok(self.done(row.document, undo))
    }
}

/// An event of the trash, with the second by which it is ordered.
fn shown(
    tx: &Transaction<'_>,
    row: &EventRow,
    calendar: &str,
    authors: &Authors,
) -> Result<(i64, TrashedEvent)> {
    let event = documents::event_of(row)?;
    let doc = documents::load(tx, row.calendar, row.document)?;
    let deletion = doc.as_ref().and_then(deletion);
    let (time_s, actor) = deletion.unwrap_or_default();
    let view = TrashedEvent {
        event: row.document.to_string(),
        calendar: calendar.to_owned(),
        when: times::to_view(&event.when),
        repeats: event.is_series(),
        lives_as: namesake(tx, row)?.map(|live| live.document.to_string()),
        title: event.title,
        time: history::time(time_s),
        device: authors.device(&actor).map(|device| device.name.clone()),
    };
    Ok((time_s, view))
}

/// When and by whom an event was deleted last.
fn deletion(doc: &Automerge) -> Option<(i64, [u8; 16])> {
    let edits = document::history(doc).into_iter().rev();
    let mut deletions = edits.filter(|edit| {
        let mut fields = edit.fields.iter();
        fields.any(|change| change.field == "trashed" && change.new.as_deref() == Some("true"))
    });
    deletions.next().map(|edit| (edit.time, edit.actor))
}

/// The event of the same UID that is not in the trash.
fn namesake(tx: &Transaction<'_>, row: &EventRow) -> Result<Option<EventRow>> {
    for calendar in tx.calendars()? {
        let rows = tx.events_with_uid(calendar.id, &row.uid)?;
        if let Some(live) = rows.into_iter().find(|other| !other.trashed) {
            return Ok(Some(live));
        }
    }
    Ok(None)
}

/// Whether an event of the trash may come back: two of one UID must not be here.
pub(crate) fn check_alone(tx: &Transaction<'_>, row: &EventRow) -> Result<()> {
    match namesake(tx, row)? {
        Some(live) => Err(already_here(&live.document.to_string())),
        None => Ok(()),
    }
}

fn already_here(live: &str) -> Error {
    let short: String = live.chars().take(8).collect();
    Error::new(
        ErrorCode::AlreadyExists,
        format!(
            "This event is here already, as {short}: it was moved to another calendar, or came \
             back with a file. Nothing was changed. Delete that one first to bring this one back."
        ),
    )
}
