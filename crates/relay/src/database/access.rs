//! Who may do what, as the logs say. Asked for every request: nothing is remembered here.
//!
//! A calendar that is not there and one that is not the caller's look the same.

use almanac_protocol::frame::{STREAM_FREE_BUSY, STREAM_MAIN};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId};
use almanac_protocol::membership::{LogKind, Role};
use almanac_protocol::message::Stream;
use rusqlite::Connection;

use super::{device, link, member};
use crate::reject::{Refusal, Reject};

/// A device that has proven its key on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Caller {
    /// Its account.
    pub(crate) account: AccountId,
    /// The device.
    pub(crate) device: DeviceId,
}

/// The caller's device still counts.
pub(crate) fn is_active(connection: &Connection, caller: &Caller) -> Result<bool, Refusal> {
    Ok(device::key(connection, &caller.account, &caller.device)?.is_some())
}

/// Allows reading a stream: members, and of the free/busy stream also those who see no more.
pub(crate) fn read_stream(
    connection: &Connection,
    caller: &Caller,
    stream: Stream,
) -> Result<(), Refusal> {
    let role = role(connection, caller, &stream.calendar)?;
    let is_allowed = match stream.kind {
        STREAM_MAIN => role.can_read(),
        STREAM_FREE_BUSY => true,
        _ => false,
    };
    if is_allowed {
        Ok(())
    } else {
        Err(Reject::Forbidden.into())
    }
}

/// Allows writing to a calendar's streams.
pub(crate) fn write_stream(
    connection: &Connection,
    caller: &Caller,
    calendar: &CalendarId,
) -> Result<(), Refusal> {
    let is_writer = device::may_write(connection, &caller.account, &caller.device)?
        && role(connection, caller, calendar)?.can_write();
    if is_writer {
        Ok(())
    } else {
        Err(Reject::Forbidden.into())
    }
}

/// Allows reading a log and says which kind it is: of a calendar to its members; of an account to
/// itself and to those who share a calendar with it.
pub(crate) fn read_log(
    connection: &Connection,
    caller: &Caller,
    log: &LogId,
) -> Result<LogKind, Refusal> {
    let forbidden = || Refusal::from(Reject::Forbidden);
    if !is_active(connection, caller)? {
        return Err(forbidden());
    }
    let kind = link::kind(connection, log)?.ok_or_else(forbidden)?;
    match kind {
        LogKind::Calendar => {
            role(connection, caller, &CalendarId::from_bytes(*log.as_bytes()))?;
        }
        LogKind::Account => {
            let account = AccountId::from_bytes(*log.as_bytes());
            let is_known = account == caller.account
                || member::circle(connection, &account)?.contains(&caller.account);
            if !is_known {
                return Err(forbidden());
            }
        }
    }
    Ok(kind)
}

/// The role of a caller whose device counts.
pub(crate) fn role(
    connection: &Connection,
    caller: &Caller,
    calendar: &CalendarId,
) -> Result<Role, Refusal> {
    if !is_active(connection, caller)? {
        return Err(Reject::Forbidden.into());
    }
    member::role(connection, calendar, &caller.account)?.ok_or(Reject::Forbidden.into())
}
