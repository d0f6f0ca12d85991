//! The free/busy stream of calendars: what devices that may write say there, and what a person sees who is
//! shown no more than that.
//!
//! ```text
//! an event changes ─▶ stale ─▶ days computed anew ─▶ a frame of days ─▶ relay
//! relay ─▶ frames, stored as they come ─▶ days that count ─▶ blocks, in place of events
//! ```
//!
//! The stream is filled only while somebody is a member who sees busy times alone: nobody else reads it.
//! What counts in it is judged from all its frames whenever it is asked for, and what a device says there
//! is computed from the calendar, so that nothing of it has to be merged or saved.

pub(crate) mod blocks;
pub(crate) mod receive;
pub(crate) mod tell;

use std::collections::BTreeMap;

use almanac_protocol::counted::{FrameNode, counted_free_busy};
use almanac_protocol::free_busy::{BusyDay, busy_days};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::Role;
use almanac_store::{BusyStale, Purpose, Transaction};

use crate::client::Identity;
use crate::error::Result;
use crate::replica::{heads, logs};

/// Seconds of a day in UTC.
const DAY_S: i64 = 86_400;

/// What this device has to do with the free/busy stream of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing: nobody reads it, or this person reads the events themselves.
    None,
    /// It says when people are busy.
    Tells,
    /// It shows nothing else.
    Sees,
}

/// What this device has to do with the free/busy stream of a calendar.
pub(crate) fn part(tx: &Transaction<'_>, identity: &Identity, id: CalendarId) -> Result<Part> {
    if logs::calendar_purpose(tx, id)? == Purpose::Private {
        return Ok(Part::None);
    }
    let log = logs::calendar(tx, identity, id)?;
    let mut members = log.members().into_iter();
    if log.role(&identity.account) == Some(Role::FreeBusy) {
        Ok(Part::Sees)
    } else if members.any(|(_, role)| role == Role::FreeBusy) && logs::may_write(tx, identity, id)?
    {
        Ok(Part::Tells)
    } else {
        Ok(Part::None)
    }
}

/// Whether this person is a member of a calendar and sees busy times alone.
pub(crate) fn sees_no_more(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<bool> {
    Ok(logs::own_role(tx, identity, id)? == Some(Role::FreeBusy))
}

/// Of every day what counts.
pub(crate) fn days(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<BTreeMap<i32, BusyDay>> {
    let (log, people) = logs::judged(tx, identity, calendar)?;
    let (mut nodes, mut frames) = (Vec::new(), Vec::new());
    for row in tx.busy_frames(calendar)? {
        let Some((account, _)) = people.device(&row.device) else {
            continue;
        };
        let frame = heads::parsed(&row)?;
        let account = account.id();
        nodes.push(FrameNode::stored(&frame, row.hash, account, Vec::new()));
        frames.push((row.hash, frame));
    }
    let counted = counted_free_busy(&log, &*people, &nodes);
    let counted = frames.iter().filter(|(hash, _)| counted.contains(hash));
    let listed = counted.flat_map(|(_, frame)| {
        let days = frame.free_busy().unwrap_or_default().into_iter();
        days.map(|day| (frame.author, day))
    });
    let days = busy_days(listed).into_iter();
    Ok(days.map(|(day, (_, busy))| (day, busy)).collect())
}

/// A log has grown: this person may see more now, or less, and what somebody has said who lost the right to
/// write is over.
pub(crate) fn follow_log(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let role = logs::own_role(tx, identity, calendar)?;
    match (role, tx.is_busy_shown(calendar)?) {
        (Some(Role::FreeBusy), false) => blocks::begin(tx, identity, calendar)?,
        // What somebody has said may count no more.
        (Some(Role::FreeBusy), true) => drop(blocks::show(tx, identity, calendar)?),
        (Some(_), true) => blocks::end(tx, calendar)?,
        (Some(_) | None, false) | (None, true) => {}
    }
    if let Some((first, last)) = tx.busy_stream(calendar)?.told {
        tx.put_busy_stale(calendar, &stale(first, last))?;
    }
    Ok(())
}

/// Days of which is to be told anew, once others had the time to.
fn stale(first: i32, last: i32) -> BusyStale {
    BusyStale {
        id: 0,
        first_s: i64::from(first) * DAY_S,
        last_s: (i64::from(last) + 1) * DAY_S - 1,
        is_remote: true,
    }
}

/// A relay that does not know this device's place in the stream may have none of it: what is ours is
/// offered again. Who tells forgets what others said, reads it again and says what is missing.
pub(crate) fn start_over(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let row = tx.busy_stream(calendar)?;
    if row.cursor == receive::START && row.told.is_none() {
        return Ok(());
    }
    tx.set_busy_cursor(calendar, &receive::START)?;
    tx.resend_busy_frames(calendar, identity.device)?;
    if let Some((first, last)) = row.told {
        tx.forget_busy_frames_of_others(calendar, identity.device)?;
        tx.put_busy_stale(calendar, &stale(first, last))?;
    }
    Ok(())
}
