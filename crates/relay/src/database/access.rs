//! Who may do what, as the logs say. Asked for every request: nothing is remembered here.
//!
//! A calendar that is not there and one that is not the caller's look the same.

use almanac_protocol::frame::{STREAM_FREE_BUSY, STREAM_MAIN};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId};
use almanac_protocol::membership::{LogKind, LogView, Role};
use almanac_protocol::message::Stream;
use almanac_protocol::session::relay::Look;
use rusqlite::Connection;

use super::{acceptance, calendar_invite, device, link, member};
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
    if role(connection, caller, calendar)?.can_write() {
        Ok(())
    } else {
        Err(Reject::Forbidden.into())
    }
}

/// How much of a log a caller may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of it.
    Whole,
    /// Up to the link with this number, by which it left.
    UpTo(u64),
}

/// Allows reading a log. Of a calendar: to its members, to those who hold an open invite, and to
/// who left up to the link that says so. Of an account: to itself, and to whoever needs it to judge
/// the log of a calendar that they may read whole. A device that was revoked may read the link that
/// says so, and what came before it.
pub(crate) fn read_log(
    connection: &Connection,
    caller: &Caller,
    looks: &[Look],
    log: &LogId,
) -> Result<Reach, Refusal> {
    let forbidden = || Refusal::from(Reject::Forbidden);
    if !is_active(connection, caller)? {
        let left = if *log == caller.account.into() {
            device::left(connection, &caller.account, &caller.device)?
        } else {
            None
        };
        return left.map(Reach::UpTo).ok_or_else(forbidden);
    }
    match link::kind(connection, log)?.ok_or_else(forbidden)? {
        LogKind::Calendar => {
            let calendar = CalendarId::from_bytes(*log.as_bytes());
            let is_member = member::role(connection, &calendar, &caller.account)?.is_some();
            if is_member || may_look(connection, looks, |look| Ok(look.calendar == calendar))? {
                return Ok(Reach::Whole);
            }
            let left = member::left(connection, &calendar, &caller.account)?;
            left.map(Reach::UpTo).ok_or_else(forbidden)
        }
        LogKind::Account => {
            let account = AccountId::from_bytes(*log.as_bytes());
            let is_needed = account == caller.account
                || member::shares_a_log(connection, &caller.account, &account)?
                || acceptance::is_for(connection, &account, &caller.account)?
                || may_look(connection, looks, |look| {
                    member::was_member(connection, &look.calendar, &account)
                })?;
            if is_needed {
                Ok(Reach::Whole)
            } else {
                Err(forbidden())
            }
        }
    }
}

/// The end of the account's log, as far as the caller may read it.
pub(crate) fn end_of_account(
    connection: &Connection,
    caller: &Caller,
) -> Result<Option<LogView>, Refusal> {
    let log = LogId::from(caller.account);
    match read_log(connection, caller, &[], &log)? {
        Reach::Whole => link::head(connection, &log),
        Reach::UpTo(seq) => link::view_at(connection, &log, seq),
    }
}

/// Whether one of the invites that the connection holds is open and fits.
fn may_look(
    connection: &Connection,
    looks: &[Look],
    fits: impl Fn(&Look) -> Result<bool, Refusal>,
) -> Result<bool, Refusal> {
    for look in looks {
        if calendar_invite::is_open(connection, &look.calendar, &look.invite)? && fits(look)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// For whom the boxes of a log are that the caller may read: its device in its account's log, its
/// account in the log of a calendar of which it is a member.
pub(crate) fn box_recipient(
    connection: &Connection,
    caller: &Caller,
    log: &LogId,
) -> Result<[u8; 32], Refusal> {
    if *log == caller.account.into() {
        return if is_active(connection, caller)? {
            Ok(*caller.device.as_bytes())
        } else {
            Err(Reject::Forbidden.into())
        };
    }
    role(connection, caller, &CalendarId::from_bytes(*log.as_bytes()))?;
    Ok(*caller.account.as_bytes())
}

/// Allows what only owners of a calendar may ask.
pub(crate) fn own(
    connection: &Connection,
    caller: &Caller,
    calendar: &CalendarId,
) -> Result<(), Refusal> {
    match role(connection, caller, calendar)? {
        Role::Owner => Ok(()),
        Role::FreeBusy | Role::Viewer | Role::Editor => Err(Reject::Forbidden.into()),
    }
}

/// The role of a caller whose device counts. A recovery kit has none: no calendar is its business.
pub(crate) fn role(
    connection: &Connection,
    caller: &Caller,
    calendar: &CalendarId,
) -> Result<Role, Refusal> {
    if !device::may_write(connection, &caller.account, &caller.device)? {
        return Err(Reject::Forbidden.into());
    }
    member::role(connection, calendar, &caller.account)?.ok_or(Reject::Forbidden.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open;

    const CALENDAR: CalendarId = CalendarId::from_bytes([3; 32]);

    fn caller(role: u8) -> Caller {
        let account = AccountId::from_bytes([role; 32]);
        Caller {
            account,
            device: DeviceId::from_bytes([role; 32]),
        }
    }

    /// A calendar with one member of each role, and with account 5, which is none.
    fn calendar() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let (connection, _) = open(&folder.path().join("relay.db")).unwrap();
        let id = CALENDAR.as_bytes();
        connection
            .execute("INSERT INTO calendar VALUES (?1, ?1, 1, 1)", [id])
            .unwrap();
        for role in 1..=5_u8 {
            let account = [role; 32];
            let add = "INSERT INTO account (account, created_ms) VALUES (?1, 0)";
            connection.execute(add, [account]).unwrap();
            let add = "INSERT INTO device VALUES (?1, ?1, ?1, 1)";
            connection.execute(add, [account]).unwrap();
            if role < 5 {
                let add = "INSERT INTO member VALUES (?1, ?2, ?3)";
                connection.execute(add, (id, account, role)).unwrap();
            }
        }
        (folder, connection)
    }

    #[test]
    fn each_role_reaches_what_it_should() {
        let (_folder, connection) = calendar();
        let stream = |kind| Stream {
            calendar: CALENDAR,
            kind,
        };
        let may = |outcome: Result<(), Refusal>| match outcome {
            Ok(()) => true,
            Err(Refusal::Reject(Reject::Forbidden)) => false,
            Err(other) => panic!("{other:?}"),
        };
        // Role, main stream, free/busy stream, writing.
        let table = [
            (1, false, true, false),
            (2, true, true, false),
            (3, true, true, true),
            (4, true, true, true),
            (5, false, false, false),
        ];
        for (role, main, free_busy, writes) in table {
            let caller = caller(role);
            let reads = |kind| may(read_stream(&connection, &caller, stream(kind)));
            assert_eq!((reads(1), reads(2)), (main, free_busy), "role {role}");
            assert!(!reads(0) && !reads(3), "role {role}");
            let writing = may(write_stream(&connection, &caller, &CALENDAR));
            assert_eq!(writing, writes, "role {role}");
        }
    }

    #[test]
    fn a_device_that_does_not_count_reaches_nothing() {
        let (_folder, connection) = calendar();
        let owner = caller(4);
        let gone = Caller {
            device: DeviceId::from_bytes([9; 32]),
            ..owner
        };
        let stream = Stream {
            calendar: CALENDAR,
            kind: 1,
        };
        assert!(read_stream(&connection, &owner, stream).is_ok());
        assert!(read_stream(&connection, &gone, stream).is_err());
        assert!(write_stream(&connection, &gone, &CALENDAR).is_err());
        // The recovery kit signs links of its account and nothing else.
        connection
            .execute("UPDATE device SET class = 3", ())
            .unwrap();
        assert!(write_stream(&connection, &owner, &CALENDAR).is_err());
        assert!(read_stream(&connection, &owner, stream).is_err());
    }

    #[test]
    fn a_device_that_was_revoked_reads_the_link_that_says_so_and_no_more() {
        let (_folder, connection) = calendar();
        let gone = Caller {
            device: DeviceId::from_bytes([9; 32]),
            ..caller(4)
        };
        let own = LogId::from(gone.account);
        assert!(read_log(&connection, &gone, &[], &own).is_err());
        let add = "INSERT INTO former_device VALUES (?1, ?2, ?1, 7)";
        let row = (gone.account.as_bytes(), gone.device.as_bytes());
        connection.execute(add, row).unwrap();
        let reach = read_log(&connection, &gone, &[], &own);
        assert!(matches!(reach, Ok(Reach::UpTo(7))));
        let calendar = LogId::from(CALENDAR);
        assert!(read_log(&connection, &gone, &[], &calendar).is_err());
        assert!(box_recipient(&connection, &gone, &own).is_err());
    }
}
