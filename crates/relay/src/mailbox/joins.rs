//! INVITE_LOOK, JOIN and JOIN_GET: someone who holds an invite looks, asks, and is shown to the owners.
//!
//! The relay sees two account ids and an invite's key. How the joiner is called is sealed, and that an
//! owner admits is a link like any other.

use almanac_protocol::ids::CalendarId;
use almanac_protocol::join::{JoinError, SignedAcceptance};
use almanac_protocol::limits::ACCEPTANCES_PER_INVITE_MAX;
use almanac_protocol::message::{InviteLook, Join, JoinGet, Joins, Message};
use almanac_protocol::session::relay::Packet;
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::logs::Logs;
use super::writer::News;
use super::{done, packets};
use crate::clock;
use crate::database::access::{self, Caller};
use crate::database::{acceptance, calendar_invite, member};
use crate::reject::{Refusal, Reject};

/// Whether the invite, whose key has signed, is open: links are given from now on.
pub(super) fn look(connection: &Connection, look: &InviteLook) -> Result<Vec<Packet>, Refusal> {
    if calendar_invite::is_open(connection, &look.calendar, &look.invite)? {
        Ok(done(look.request))
    } else {
        Err(Reject::InviteInvalid.into())
    }
}

/// Keeps an acceptance of the caller's own account while its invite is open, and tells the owners.
pub(super) fn put(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    join: &Join,
) -> Result<(Vec<Packet>, Option<News>), Refusal> {
    let signed = SignedAcceptance::parse(&join.acceptance).map_err(refused)?;
    let fields = signed.fields();
    if fields.account != caller.account || !access::is_active(connection, caller)? {
        return Err(Reject::Forbidden.into());
    }
    known.account(connection, &caller.account)?;
    let log = known
        .calendar(connection, &fields.calendar)?
        .cloned()
        .ok_or(Reject::InviteInvalid)?;
    let now_ms = u64::try_from(clock::now_ms()).unwrap_or(0);
    signed
        .judge(&log, known.accounts(), now_ms)
        .map_err(refused)?;
    acceptance::forget_over(connection)?;
    if acceptance::count_of_others(connection, fields)? >= ACCEPTANCES_PER_INVITE_MAX {
        return Err(Reject::Quota.into());
    }
    acceptance::put(connection, fields, &join.acceptance)?;
    let joins = joins(connection, 0, fields.calendar)?;
    let owners = member::owners(connection, &fields.calendar)?;
    let news = News::Asked(fields.calendar, Packet::from(joins), owners);
    Ok((done(join.request), Some(news)))
}

/// Who asks to be admitted to a calendar of the caller's.
pub(super) fn get(
    connection: &Connection,
    caller: &Caller,
    get: &JoinGet,
) -> Result<Vec<Packet>, Refusal> {
    access::own(connection, caller, &get.calendar)?;
    Ok(packets([joins(connection, get.request, get.calendar)?]))
}

fn joins(connection: &Connection, request: u64, calendar: CalendarId) -> Result<Message, Refusal> {
    let found = acceptance::of_calendar(connection, &calendar)?;
    Ok(Joins {
        request,
        calendar,
        acceptances: found.into_iter().map(ByteVec::from).collect(),
    }
    .into())
}

/// What the joiner hears: bytes that are none, an invite that admits nobody any more, or no.
fn refused(error: JoinError) -> Refusal {
    match error {
        JoinError::Length(_) | JoinError::Version(_) | JoinError::Suite(_) => Reject::Malformed,
        JoinError::OtherCalendar
        | JoinError::NotOpen
        | JoinError::Expired
        | JoinError::Inviter
        | JoinError::Signature => Reject::InviteInvalid,
        JoinError::AccountMissing => Reject::Unknown,
        JoinError::Member | JoinError::AccountFork => Reject::Forbidden,
    }
    .into()
}
