//! BOX_PUT: a sealed key beside a log.
//!
//! Anyone who holds a secret may supply it again, so nobody can make a member wait for a box; and
//! nobody can replace what another has supplied. A log grows before its boxes arrive, so a new box
//! tells its recipient once more that the log grew.

use almanac_protocol::boxes::{AnyBox, EpochBoxAddress, PukBoxAddress};
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::message::{BoxPut, Missing, MissingGet};
use almanac_protocol::session::relay::{LogGrown, Packet};
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::logs::Logs;
use super::writer::News;
use super::{done, packets};
use crate::database::access::{self, Caller};
use crate::database::key_box::{self, BoxKey, Stored};
use crate::database::{device, guest, link};
use crate::reject::{Refusal, Reject};

pub(super) fn put(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    request: &BoxPut,
) -> Result<(Vec<Packet>, Option<News>), Refusal> {
    let record = AnyBox::parse(&request.record).map_err(|_| Reject::Malformed)?;
    if record.log() != request.log {
        return Err(Reject::Malformed.into());
    }
    let (account, (generation, recipient)) = match &record {
        AnyBox::Epoch(epoch) => (
            epoch.address.account,
            for_member(connection, known, caller, &epoch.address)?,
        ),
        AnyBox::Puk(puk) => (
            puk.address.account,
            for_device(connection, known, caller, &puk.address)?,
        ),
    };
    let key = BoxKey {
        log: request.log,
        generation,
        recipient,
        supplier: caller.account,
    };
    let stored = key_box::put(connection, &key, &request.record)?;
    let news = match stored {
        Stored::Known => None,
        Stored::New => {
            let head = link::head(connection, &request.log)?.ok_or(Reject::Forbidden)?;
            let grown = LogGrown {
                log: request.log,
                count: head.seq.saturating_add(1),
            };
            Some(News::Supplied(grown, account))
        }
    };
    Ok((done(request.request), news))
}

/// For whom a box of the newest secret is missing, who should have one: whoever holds it can supply.
pub(super) fn missing(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    request: &MissingGet,
) -> Result<Vec<Packet>, Refusal> {
    let (generation, wanted) = if request.log == caller.account.into() {
        if !device::may_write(connection, &caller.account, &caller.device)? {
            return Err(Reject::Forbidden.into());
        }
        let log = known
            .account(connection, &caller.account)?
            .ok_or(Reject::Forbidden)?;
        let devices = log.in_force().map(|device| *device.id.as_bytes());
        (log.puk_now().generation, devices.collect::<Vec<_>>())
    } else {
        let id = CalendarId::from_bytes(*request.log.as_bytes());
        access::own(connection, caller, &id)?;
        let log = known.calendar(connection, &id)?.ok_or(Reject::Forbidden)?;
        let epoch = log.epoch_now();
        let members = epoch.addressees().iter().map(|member| member.account);
        let members = members.filter(|account| log.role(account).is_some());
        let members = members.map(|account| *account.as_bytes());
        (epoch.section.epoch, members.collect())
    };
    let supplied = key_box::recipients(connection, &request.log, generation)?;
    let missing = wanted.into_iter().filter(|id| !supplied.contains(id));
    Ok(packets([Missing {
        request: request.request,
        log: request.log,
        generation,
        recipients: missing.map(|id| ByteVec::from(id.to_vec())).collect(),
    }
    .into()]))
}

/// From a member, for a member, of an epoch that was sealed for it: in that role and under that
/// generation of its key.
fn for_member(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    address: &EpochBoxAddress,
) -> Result<(u32, [u8; 32]), Refusal> {
    access::role(connection, caller, &address.calendar)?;
    let log = known
        .calendar(connection, &address.calendar)?
        .ok_or(Reject::Forbidden)?;
    if log.role(&address.account).is_none() {
        return Err(Reject::Forbidden.into());
    }
    let epoch = log.epoch(address.epoch).ok_or(Reject::Unknown)?;
    let is_addressee = epoch.addressee(&address.account).is_some_and(|member| {
        (member.role, member.puk_generation) == (address.role, address.puk_generation)
    });
    if is_addressee {
        Ok((address.epoch, *address.account.as_bytes()))
    } else {
        Err(Reject::Forbidden.into())
    }
}

/// From a device of the account, for a device of the account, of a generation that has begun.
fn for_device(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    address: &PukBoxAddress,
) -> Result<(u32, [u8; 32]), Refusal> {
    let account: AccountId = address.account;
    let is_own = account == caller.account
        && !guest::is_one(connection, &account)?
        && access::is_active(connection, caller)?
        && device::key(connection, &account, &address.device)?.is_some();
    if !is_own {
        return Err(Reject::Forbidden.into());
    }
    let log = known
        .account(connection, &account)?
        .ok_or(Reject::Forbidden)?;
    if !(1..=log.puk_now().generation).contains(&address.puk_generation) {
        return Err(Reject::Unknown.into());
    }
    Ok((address.puk_generation, *address.device.as_bytes()))
}
