//! What a person sees of a calendar who is shown busy times alone: blocks without a title of their own, among
//! the rows that views read. Nobody can change one, because nothing of the calendar is here to change.

use std::collections::BTreeSet;

use almanac_calendar::event::Status;
use almanac_calendar::{End, Event, When, Zone};
use almanac_protocol::free_busy::{BusyDay, BusyState};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{BusyBlockRow, Transaction};
use jiff::Timestamp;

use crate::client::Identity;
use crate::error::Result;
use crate::replica::documents;
use crate::replica::free_busy::days;
use crate::replica::rows::Rows;

const DAY_MIN: i64 = 24 * 60;

/// From now on blocks are shown in place of events. What was read before stays here and is not shown.
pub(super) fn begin(tx: &Transaction<'_>, identity: &Identity, calendar: CalendarId) -> Result<()> {
    tx.empty_caches_of(calendar)?;
    tx.set_busy_shown(calendar, true)?;
    show(tx, identity, calendar).map(drop)
}

/// From now on events are shown again.
pub(super) fn end(tx: &Transaction<'_>, calendar: CalendarId) -> Result<()> {
    tx.empty_caches_of(calendar)?;
    tx.set_busy_shown(calendar, false)?;
    let all = tx.documents()?.into_iter();
    let documents = all.filter(|(of, _)| *of == calendar).map(|(_, id)| id);
    documents::refresh_all(tx, calendar, &documents.collect())
}

/// Shows what counts now, where blocks are shown. Gives whether that is something else than before.
pub(super) fn show(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    if !tx.is_busy_shown(calendar)? {
        return Ok(false);
    }
    let wanted = blocks(days(tx, identity, calendar)?.values());
    let shown: BTreeSet<BusyBlockRow> = tx.busy_blocks(calendar)?.into_iter().collect();
    for gone in shown.difference(&wanted) {
        tx.remove_busy_block(calendar, *gone)?;
        tx.remove_wordless_event(calendar, document(gone))?;
    }
    for new in wanted.difference(&shown) {
        tx.put_busy_block(calendar, *new)?;
        put(tx, calendar, new)?;
    }
    Ok(shown != wanted)
}

/// Puts all blocks back among the rows that views read, after these were built anew.
pub(crate) fn put_back(tx: &Transaction<'_>) -> Result<()> {
    for row in tx.calendars()? {
        for block in tx.busy_blocks(row.id)? {
            put(tx, row.id, &block)?;
        }
    }
    Ok(())
}

fn put(tx: &Transaction<'_>, calendar: CalendarId, block: &BusyBlockRow) -> Result<()> {
    let Some(event) = event(block) else {
        return Ok(());
    };
    let (row, shown, _) = Rows::of(calendar, document(block), &event)?.into_parts();
    Ok(tx.put_wordless_event(&row, &shown)?)
}

/// The stretches of time that days speak of; midnight in UTC parts none.
fn blocks<'a>(days: impl Iterator<Item = &'a BusyDay>) -> BTreeSet<BusyBlockRow> {
    let mut merged: Vec<BusyBlockRow> = Vec::new();
    for day in days {
        let start = i64::from(day.day) * DAY_MIN;
        for span in &day.spans {
            let block = BusyBlockRow {
                first_min: start + i64::from(span.start),
                end_min: start + i64::from(span.end),
                state: span.state.number(),
            };
            match merged.last_mut() {
                Some(last) if last.end_min == block.first_min && last.state == block.state => {
                    last.end_min = block.end_min;
                }
                Some(_) | None => merged.push(block),
            }
        }
    }
    merged.into_iter().collect()
}

/// What a view draws of a block; none for days that no calendar reaches.
fn event(block: &BusyBlockRow) -> Option<Event> {
    let utc = Zone::utc();
    let at = |minute: i64| {
        let moment = Timestamp::from_second(minute.checked_mul(60)?).ok()?;
        Some(utc.wall_clock(moment))
    };
    let when = When::Zoned {
        start: at(block.first_min)?,
        zone: utc.clone(),
        end: End::At {
            at: at(block.end_min)?,
            zone: None,
        },
    };
    let (title, status) = match BusyState::from_number(block.state) {
        Ok(BusyState::Tentative) => ("Tentative", Status::Tentative),
        Ok(BusyState::Away) => ("Away", Status::Confirmed),
        Ok(BusyState::Busy) | Err(_) => ("Busy", Status::Confirmed),
    };
    let uid = format!("busy-{}-{}", block.first_min, block.end_min);
    Some(Event {
        status,
        ..Event::new(uid, title, when)
    })
}

/// A name for a block among documents: what it says, so that another block has another, and the beginning
/// first, by which people tell ids apart.
fn document(block: &BusyBlockRow) -> DocumentId {
    let mut id = [0; DocumentId::LEN];
    let fields = [
        low(block.first_min),
        low(block.end_min),
        vec![block.state],
        b"busy".to_vec(),
    ];
    for (place, byte) in id.iter_mut().zip(fields.concat()) {
        *place = byte;
    }
    DocumentId::from_bytes(id)
}

/// The last four bytes: minutes of a bit over eight thousand years.
fn low(minute: i64) -> Vec<u8> {
    minute.to_be_bytes().iter().skip(4).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use almanac_protocol::free_busy::BusySpan;

    fn day(day: i32, spans: &[(u16, u16, BusyState)]) -> BusyDay {
        let span = |(start, end, state): &(u16, u16, BusyState)| BusySpan {
            start: *start,
            end: *end,
            state: *state,
        };
        BusyDay::new(day, 1, &spans.iter().map(span).collect::<Vec<_>>())
    }

    #[test]
    fn midnight_parts_no_block_and_another_state_does() {
        let (busy, perhaps) = (BusyState::Busy, BusyState::Tentative);
        let days = [
            day(1, &[(1_380, 1_440, busy)]),
            day(2, &[(0, 60, busy), (60, 90, perhaps)]),
            day(4, &[(0, 60, busy)]),
        ];
        let found: Vec<_> = blocks(days.iter()).into_iter().collect();
        let block = |first_min, end_min, state: BusyState| BusyBlockRow {
            first_min,
            end_min,
            state: state.number(),
        };
        let expected = [
            block(2_820, 2_940, busy),
            block(2_940, 2_970, perhaps),
            block(5_760, 5_820, busy),
        ];
        assert_eq!(found, expected);
        let names: BTreeSet<_> = found.iter().map(document).collect();
        assert_eq!(names.len(), 3);
        let shown = event(&expected[1]).unwrap();
        assert_eq!(
            (shown.title.as_str(), shown.status),
            ("Tentative", Status::Tentative)
        );
    }

    #[test]
    fn a_day_that_no_calendar_reaches_is_not_drawn() {
        let far = day(i32::MAX, &[(0, 60, BusyState::Busy)]);
        let found = blocks([far].iter());
        assert!(found.iter().all(|block| event(block).is_none()));
        assert_eq!(found.len(), 1);
    }
}
