//! Finding an event by its id, or by a start of it that no other event shares.

use almanac_protocol::ids::DocumentId;
use almanac_store::{EventRow, Transaction};

use crate::error::{Error, ErrorCode, Result};

/// Digits that are enough to name an event, when no other begins with them.
const DIGITS_MIN: usize = 4;

/// The event that `id` names.
pub(crate) fn event(tx: &Transaction<'_>, id: &str) -> Result<EventRow> {
    let (id, rows) = rows(tx, id)?;
    let is_known = !rows.is_empty();
    only(&id, rows.into_iter().filter(|row| !row.trashed))?.ok_or_else(|| {
        Error::not_found(if is_known {
            format!(
                "The event “{id}” is in the trash. Take it out with `almanac trash restore {id}`."
            )
        } else {
            format!("There is no event “{id}”.")
        })
    })
}

/// The event in the trash that `id` names.
pub(crate) fn in_trash(tx: &Transaction<'_>, id: &str) -> Result<EventRow> {
    let (id, rows) = rows(tx, id)?;
    let is_known = !rows.is_empty();
    only(&id, rows.into_iter().filter(|row| row.trashed))?.ok_or_else(|| {
        Error::not_found(if is_known {
            format!("The event “{id}” is not in the trash.")
        } else {
            format!("There is no event “{id}”.")
        })
    })
}

/// The event that `id` names, in the trash or not.
pub(crate) fn any(tx: &Transaction<'_>, id: &str) -> Result<EventRow> {
    match event(tx, id) {
        Err(error) if error.code == ErrorCode::NotFound => in_trash(tx, id).map_err(|_| error),
        found => found,
    }
}

/// The id as it is compared, and the events that it may name.
fn rows(tx: &Transaction<'_>, id: &str) -> Result<(String, Vec<EventRow>)> {
    let id = id.trim().to_ascii_lowercase();
    let rows = match id.parse::<DocumentId>() {
        Ok(document) => in_any_calendar(tx, document)?,
        Err(_) => starting_with(tx, &id)?,
    };
    Ok((id, rows))
}

fn only(id: &str, mut rows: impl Iterator<Item = EventRow>) -> Result<Option<EventRow>> {
    match (rows.next(), rows.next()) {
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "More than one event begins with “{id}”. Write more of its id."
        ))),
        (only, _) => Ok(only),
    }
}

fn in_any_calendar(tx: &Transaction<'_>, document: DocumentId) -> Result<Vec<EventRow>> {
    let mut found = Vec::new();
    for calendar in tx.calendars()? {
        found.extend(tx.event(calendar.id, document)?);
    }
    Ok(found)
}

fn starting_with(tx: &Transaction<'_>, id: &str) -> Result<Vec<EventRow>> {
    let digits: Option<Vec<u8>> = id
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| (DIGITS_MIN..=2 * DocumentId::LEN).contains(&digits.len()));
    let Some(digits) = digits else {
        return Err(Error::not_found(format!(
            "There is no event “{id}”. An event is named by its id, or by the first {DIGITS_MIN} \
             digits of it or more."
        )));
    };
    let (pairs, half) = digits.as_chunks::<2>();
    let whole: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    let [high] = half else {
        return Ok(tx.events_by_document(&whole)?);
    };
    let mut found = Vec::new();
    for low in 0..16 {
        let prefix: Vec<u8> = whole.iter().copied().chain([high << 4 | low]).collect();
        found.extend(tx.events_by_document(&prefix)?);
    }
    Ok(found)
}
