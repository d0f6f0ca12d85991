//! Saying when the people of a calendar are busy: days are computed from the calendar as it stands, and those
//! that the stream says otherwise are said anew.
//!
//! A change of another device is told by that device; this one looks a while later whether what is said
//! is right, because of changes that were made at the same time neither may have said all.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::Event;
use almanac_calendar::free_busy::{BusyKind, BusyPeriod, busy};
use almanac_crypto::envelope;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{Frame, FrameType, STREAM_FREE_BUSY, frame_hash};
use almanac_protocol::free_busy::{BusyDay, BusySpan, BusyState, free_busy_body};
use almanac_protocol::ids::{CalendarId, Incarnation};
use almanac_protocol::message::Stream;
use almanac_store::{FrameRow, Sent, Setting, Transaction, Window};
use jiff::Timestamp;

use super::{DAY_S, Part, days, part, stale};
use crate::client::{Identity, incarnation};
use crate::clock;
use crate::entropy::{self, SystemEntropy};
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::replica::{documents, heads, keys, logs, seal};

/// Days ahead of today that are told: a year and a bit, so that they are added to about once a month.
const AHEAD_DAYS: i32 = 400;
const AHEAD_DAYS_MIN: i32 = 366;
/// Days before today that are still put right.
const BEHIND_DAYS: i32 = 31;
/// Days in one frame: were all of them as busy as can be, they still fit.
const DAYS_PER_FRAME: usize = 366;

/// Which changes are told now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that were made on this device.
    Own,
    /// Those of others, too.
    All,
}

/// Says anew what is said of a calendar and is not so. Gives whether something was written.
pub(crate) fn tell(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    which: Which,
) -> Result<bool> {
    if part(tx, identity, calendar)? != Part::Tells {
        return stop(tx, calendar).map(|()| false);
    }
    if keys::lacks_epoch(tx, identity, calendar)? {
        // Said once it can be sealed.
        return Ok(false);
    }
    let (first, last) = look_ahead(tx, calendar)?;
    let due = tx.busy_stale(calendar)?.into_iter();
    let due: Vec<_> = due
        .filter(|stale| which == Which::All || !stale.is_remote)
        .collect();
    let mut asked = BTreeSet::new();
    for stale in &due {
        // Whole days and floating times may lie up to a day beside where they are in UTC.
        let from = day_of(stale.first_s).saturating_sub(1).max(first);
        let to = day_of(stale.last_s).saturating_add(1).min(last);
        asked.extend(from..=to);
    }
    let wrong = wrong_days(tx, identity, calendar, &asked)?;
    for part in wrong.chunks(DAYS_PER_FRAME) {
        let body = free_busy_body(part).map_err(Error::internal)?;
        put_frame(tx, identity, calendar, body)?;
    }
    for stale in due {
        tx.remove_busy_stale(stale.id)?;
    }
    Ok(!wrong.is_empty())
}

/// Whether changes wait to be told: those of this device, and those of others.
pub(crate) fn waits(tx: &Transaction<'_>, calendar: CalendarId) -> Result<(bool, bool)> {
    let stale = tx.busy_stale(calendar)?;
    Ok((
        stale.iter().any(|one| !one.is_remote),
        stale.iter().any(|one| one.is_remote),
    ))
}

/// Nobody asks for busy times any more, or this device has no say in them.
fn stop(tx: &Transaction<'_>, calendar: CalendarId) -> Result<()> {
    if tx.busy_stream(calendar)?.told.is_none() {
        return Ok(());
    }
    tx.set_busy_told(calendar, None)?;
    for stale in tx.busy_stale(calendar)? {
        tx.remove_busy_stale(stale.id)?;
    }
    Ok(())
}

/// The days of which is told today; what is new among them is to be told.
fn look_ahead(tx: &Transaction<'_>, calendar: CalendarId) -> Result<(i32, i32)> {
    let today = day_of(clock::now().as_second());
    let (told, new) = window(today, tx.busy_stream(calendar)?.told);
    if let Some((first, last)) = new {
        tx.set_busy_told(calendar, Some(told))?;
        tx.put_busy_stale(calendar, &stale(first, last))?;
    }
    Ok((told.0.max(today.saturating_sub(BEHIND_DAYS)), told.1))
}

/// The days that are told on a day, and those among them that are new.
fn window(today: i32, told: Option<(i32, i32)>) -> ((i32, i32), Option<(i32, i32)>) {
    let ahead = today.saturating_add(AHEAD_DAYS);
    let behind = today.saturating_sub(BEHIND_DAYS);
    match told {
        // By a clock that went wrong: what lies elsewhere is of no use.
        Some((first, last)) if first > behind || last > ahead.saturating_add(BEHIND_DAYS) => {
            ((behind, ahead), Some((behind, ahead)))
        }
        Some(told) if told.1 >= today.saturating_add(AHEAD_DAYS_MIN) => (told, None),
        Some((first, last)) => ((first, ahead), Some((last, ahead))),
        None => ((behind, ahead), Some((behind, ahead))),
    }
}

/// Those of the days of which something else is said than is so, as they are, in order.
fn wrong_days(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    asked: &BTreeSet<i32>,
) -> Result<Vec<BusyDay>> {
    let (Some(first), Some(last)) = (asked.first(), asked.last()) else {
        return Ok(Vec::new());
    };
    let said = days(tx, identity, calendar)?;
    let is = spans(&taken(tx, calendar, *first, *last)?);
    let mut wrong = Vec::new();
    for day in asked {
        let (said, none) = (said.get(day), Vec::new());
        let version = said.map_or(0, |said| said.version).saturating_add(1);
        let is = BusyDay::new(*day, version, is.get(day).unwrap_or(&none));
        if said.map_or(&none, |said| &said.spans) != &is.spans {
            wrong.push(is);
        }
    }
    Ok(wrong)
}

/// When a calendar's people are busy, from the beginning of one day to the end of another. Whole days and
/// floating times are those of the calendar's zone, so that all devices come to the same.
fn taken(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    first: i32,
    last: i32,
) -> Result<Vec<BusyPeriod>> {
    let zone = match documents::facts(tx, calendar)?.zone {
        Some(zone) => zone,
        None => zone_or_system(None)?,
    };
    let at = |day: i64| Timestamp::from_second(day.saturating_mul(DAY_S)).map_err(Error::internal);
    let (from, to) = (at(first.into())?, at(i64::from(last) + 1)?);
    let window = Window {
        from_s: from.as_second().saturating_sub(DAY_S),
        to_s: to.as_second().saturating_add(DAY_S),
    };
    let mut events: Vec<Event> = Vec::new();
    for row in tx.events_in(calendar, window)? {
        events.push(documents::event_of(&row)?);
    }
    Ok(busy(&events, from..to, &zone))
}

/// Periods of time, cut at midnight in UTC.
fn spans(periods: &[BusyPeriod]) -> BTreeMap<i32, Vec<BusySpan>> {
    let mut days: BTreeMap<i32, Vec<BusySpan>> = BTreeMap::new();
    for period in periods {
        let state = match period.kind {
            BusyKind::Tentative => BusyState::Tentative,
            BusyKind::Busy => BusyState::Busy,
            BusyKind::Unavailable => BusyState::Away,
        };
        let (from, to) = (period.span.start.as_second(), period.span.end.as_second());
        for day in day_of(from)..=day_of(to.saturating_sub(1).max(from)) {
            let midnight = i64::from(day) * DAY_S;
            let start = (from.max(midnight) - midnight).div_euclid(60);
            let end = (to.min(midnight + DAY_S) - midnight + 59).div_euclid(60);
            if let (Ok(start), Ok(end)) = (u16::try_from(start), u16::try_from(end)) {
                let span = BusySpan { start, end, state };
                days.entry(day).or_default().push(span);
            }
        }
    }
    days
}

/// The day in UTC of a moment, counted from 1970.
fn day_of(second: i64) -> i32 {
    let day = second.div_euclid(DAY_S);
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// Signs the next frame of this device in the free/busy stream and stores it.
fn put_frame(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    body: Vec<u8>,
) -> Result<()> {
    let incarnation = own_life(tx, identity, calendar)?;
    let head = tx.busy_head(calendar, identity.device, incarnation)?;
    let frame = Frame {
        frame_type: FrameType::FreeBusy,
        stream: Stream {
            calendar,
            kind: STREAM_FREE_BUSY,
        },
        author: identity.device,
        incarnation,
        seq: head.seq + 1,
        prev: head.hash,
        calendar_view: logs::view(tx, calendar.into())?,
        account_view: logs::view(tx, identity.account.into())?,
        body,
    };
    let bytes = frame.sign(&identity.keys).map_err(Error::internal)?;
    tx.put_busy_frame(&FrameRow {
        calendar,
        device: identity.device,
        incarnation,
        seq: frame.seq,
        hash: frame_hash(&bytes),
        bytes,
        sent: Sent::Waits,
    })?;
    Ok(())
}

/// The life in which this device writes: another one where it lost the right after this one began, because
/// nothing of that would count.
fn own_life(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Incarnation> {
    let life = incarnation(tx)?;
    let Some(first) = tx.first_busy_frame(calendar, identity.device, life)? else {
        return Ok(life);
    };
    let began = heads::parsed(&first)?.calendar_view.seq;
    let log = logs::calendar(tx, identity, calendar)?;
    let mut lowerings = log.lowerings().iter();
    if lowerings.any(|lowering| lowering.account == identity.account && lowering.seq > began) {
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
        return incarnation(tx);
    }
    Ok(life)
}

/// An envelope on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) incarnation: Incarnation,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    pub(crate) envelope: Vec<u8>,
}

/// Seals what waits for the relay, as many frames to an envelope as fit.
pub(crate) fn seal_waiting(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Vec<Outgoing>> {
    let mut sealed = Vec::new();
    let mut batch: Vec<FrameWithChanges> = Vec::new();
    let mut place: Option<(Incarnation, u64, u64)> = None;
    let mut bytes = 0;
    for row in tx.waiting_busy_frames(calendar)? {
        let item = FrameWithChanges {
            frame: row.bytes,
            changes: Vec::new(),
        };
        let size = seal::size(&item);
        let goes_on = place.is_some_and(|(life, _, last)| {
            life == row.incarnation
                && last + 1 == row.seq
                && bytes + size <= seal::CONTENT_BYTES_MAX
        });
        if let Some(place) = place.take_if(|_| !goes_on) {
            let batch = std::mem::take(&mut batch);
            sealed.push(sealed_as(tx, identity, calendar, place, &batch)?);
            bytes = 0;
        }
        let (life, first, _) = place.unwrap_or((row.incarnation, row.seq, row.seq));
        place = Some((life, first, row.seq));
        bytes += size;
        batch.push(item);
    }
    if let Some(place) = place {
        sealed.push(sealed_as(tx, identity, calendar, place, &batch)?);
    }
    Ok(sealed)
}

fn sealed_as(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    (incarnation, first_seq, last_seq): (Incarnation, u64, u64),
    frames: &[FrameWithChanges],
) -> Result<Outgoing> {
    let log = logs::calendar(tx, identity, calendar)?;
    let address = EnvelopeAddress {
        kind: EnvelopeKind::FreeBusy,
        calendar,
        epoch: log.epoch_now().section.epoch,
        device: identity.device,
        incarnation,
        first_seq,
    };
    let keys = keys::epoch_keys(tx, identity, calendar)?;
    let envelope =
        envelope::seal(&mut SystemEntropy, &keys, &address, frames).map_err(Error::internal)?;
    Ok(Outgoing {
        incarnation,
        first_seq,
        last_seq,
        envelope,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str, kind: BusyKind) -> BusyPeriod {
        BusyPeriod {
            span: from.parse().unwrap()..to.parse().unwrap(),
            kind,
        }
    }

    #[test]
    fn a_period_is_cut_at_midnight_and_covers_every_minute_it_touches() {
        let found = spans(&[
            period(
                "1970-01-02T22:00:30Z",
                "1970-01-04T00:00:00Z",
                BusyKind::Busy,
            ),
            period(
                "1969-12-31T23:59:00Z",
                "1969-12-31T23:59:10Z",
                BusyKind::Tentative,
            ),
        ]);
        let span = |start, end, state| BusySpan { start, end, state };
        let expected = BTreeMap::from([
            (-1, vec![span(1_439, 1_440, BusyState::Tentative)]),
            (1, vec![span(1_320, 1_440, BusyState::Busy)]),
            (2, vec![span(0, 1_440, BusyState::Busy)]),
        ]);
        assert_eq!(found, expected);
    }

    #[test]
    fn days_are_added_once_a_month_and_a_wrong_clock_is_forgotten() {
        let (told, new) = window(1_000, None);
        assert_eq!((told, new), ((969, 1_400), Some((969, 1_400))));
        assert_eq!(window(1_034, Some(told)), (told, None));
        let (later, new) = window(1_035, Some(told));
        assert_eq!((later, new), ((969, 1_435), Some((1_400, 1_435))));
        // A clock that was set back by a week changes nothing, one that was in another century does.
        assert_eq!(window(1_028, Some(later)).0, later);
        for wrong in [30_000, -9_000] {
            let (astray, _) = window(wrong, None);
            assert_eq!(window(1_000, Some(astray)).0.1, 1_400);
            assert!(window(1_000, Some(astray)).0.0 <= 969);
        }
    }

    #[test]
    fn a_frame_has_room_for_days_that_are_as_busy_as_can_be() {
        let quarters = |day| {
            let spans = (0..96).map(|quarter| BusySpan {
                start: quarter * 15,
                end: quarter * 15 + 15,
                state: if quarter % 2 == 0 {
                    BusyState::Busy
                } else {
                    BusyState::Away
                },
            });
            BusyDay::new(day, u64::MAX, &spans.collect::<Vec<_>>())
        };
        let days: Vec<_> = (0..366).map(quarters).collect();
        assert_eq!(days.len(), DAYS_PER_FRAME);
        assert!(free_busy_body(&days).is_ok());
    }
}
