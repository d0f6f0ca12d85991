//! VISIT and VOUCHER_GET: accounts that live at another relay and share calendars that live here.
//!
//! A guest's log is kept because those calendars are judged by it. It grows here only as far as the
//! account's own relay vouches for: that one takes its links one after the other, and asks for the
//! second factor. So who has taken a device and brings a link here that the own relay has refused, or has
//! never seen, is refused here too, and cannot get ahead of the link that revokes it.
//!
//! Invariant: all that is wrong with a visit looks the same, whether the account is known or not.

use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::limits::ACCEPTANCES_PER_INVITE_MAX;
use almanac_protocol::membership::{AccountLog, Link, Role};
use almanac_protocol::message::{Message, Vouched, VoucherGet, Welcome};
use almanac_protocol::session::relay::{LogGrown, Packet, Visitor};
use almanac_protocol::signed::Signed;
use almanac_protocol::voucher::Voucher;
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::logs::{Logs, has_each_once, is_proven, stored};
use super::writer::News;
use super::{bare_welcome, packets, recovery, welcome};
use crate::database::access::{self, Caller};
use crate::database::{account, calendar_invite, device, guest, identity, link, member};
use crate::reject::{Refusal, Reject};

/// Lets a guest in, and takes what is new of its log.
pub(super) fn visit(
    connection: &Connection,
    epoch: RelayEpoch,
    known: &mut Logs,
    visitor: &Visitor,
) -> Result<(Welcome, Option<News>), Refusal> {
    let caller = Caller {
        account: visitor.proof.account,
        device: visitor.proof.device,
    };
    if visitor.links.is_empty() {
        return Ok((enter(connection, epoch, &caller, visitor)?, None));
    }
    if guest::forget_over(connection)? {
        known.forget();
    }
    let log = AccountLog::from_links(visitor.links.iter().map(|link| link.as_slice()))
        .ok()
        .filter(|log| has_each_once(log, visitor.links.len()))
        .filter(|log| is_proven(log, &visitor.proof, &visitor.signature))
        .ok_or(Reject::AuthFailed)?;
    admit(connection, &caller, visitor, &log)?;
    let news = take_links(connection, known, visitor, log)?;
    // What counts is the log that is kept, which may be longer than the one that was brought.
    Ok((enter(connection, epoch, &caller, visitor)?, news))
}

/// A guest of whose log nothing is new. One that was revoked is shown nothing but why.
fn enter(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    visitor: &Visitor,
) -> Result<Welcome, Refusal> {
    let Caller { account, device } = caller;
    let is_full = device::may_write(connection, account, device)?;
    let key = if is_full {
        device::key(connection, account, device)?
    } else {
        device::former_key(connection, account, device)?
    };
    let key = key.ok_or(Reject::AuthFailed)?;
    if !visitor.proof.is_signed_by(&key, &visitor.signature) {
        return Err(Reject::AuthFailed.into());
    }
    if is_full {
        welcome(connection, epoch, caller)
    } else {
        Ok(bare_welcome(epoch))
    }
}

/// Whether this log may be kept here: on the word of the account's own relay, by an invite or because it
/// is kept already. Who has registered here needs neither.
fn admit(
    connection: &Connection,
    caller: &Caller,
    visitor: &Visitor,
    log: &AccountLog,
) -> Result<(), Refusal> {
    let home_key = guest::home_key(connection, &caller.account)?;
    let is_known = account::used_bytes(connection, &caller.account)?.is_some();
    if is_known && home_key.is_none() {
        return Ok(());
    }
    let voucher = Voucher::verify(&visitor.voucher).map_err(|_| Reject::AuthFailed)?;
    if voucher.account != caller.account || voucher.view != log.view() {
        return Err(Reject::AuthFailed.into());
    }
    let Some(look) = &visitor.look else {
        let is_vouched = home_key == Some(voucher.relay);
        return if is_vouched && guest::has_business(connection, &caller.account)? {
            Ok(())
        } else {
            Err(Reject::AuthFailed.into())
        };
    };
    if home_key.is_some_and(|home| home != voucher.relay) && !may_move(connection, caller, visitor)?
    {
        return Err(Reject::AuthFailed.into());
    }
    // Who invites has been asked outside the relay: so this is also how a guest says where it lives now.
    if !calendar_invite::is_open(connection, &look.calendar, &look.invite)? {
        return Err(Reject::InviteInvalid.into());
    }
    if guest::count_of_others(connection, look, &caller.account)? >= ACCEPTANCES_PER_INVITE_MAX {
        return Err(Reject::Quota.into());
    }
    guest::put(connection, &caller.account, &voucher.relay, look)
}

/// Whether a guest may say that it lives elsewhere now. Somebody who shares a calendar with it has to have
/// been asked: an invite of a stranger says nothing, and an owner could make one for itself.
fn may_move(connection: &Connection, caller: &Caller, visitor: &Visitor) -> Result<bool, Refusal> {
    if member::calendars(connection, &caller.account)?.is_empty() {
        return Ok(true);
    }
    let Some(look) = &visitor.look else {
        return Ok(false);
    };
    let role = member::role(connection, &look.calendar, &caller.account)?;
    Ok(role.is_some_and(|role| role < Role::Owner))
}

/// Stores the links that are not here yet; what is here must be how the log begins.
fn take_links(
    connection: &Connection,
    known: &mut Logs,
    visitor: &Visitor,
    log: AccountLog,
) -> Result<Option<News>, Refusal> {
    let account = visitor.proof.account;
    let here = link::all(connection, &account.into())?;
    let mut both = here.iter().zip(&visitor.links);
    if !both.all(|(here, link)| here == link.as_slice()) {
        return Err(Reject::AuthFailed.into());
    }
    if here.len() >= visitor.links.len() {
        return Ok(None);
    }
    let is_guest = guest::is_one(connection, &account)?;
    for (seq, bytes) in (0_u64..).zip(&visitor.links).skip(here.len()) {
        let parsed = Signed::<Link>::parse(bytes).map_err(stored)?;
        if !is_guest {
            // Its log is this relay's own business: what stands before a link stands here too.
            let what = (&parsed.signer(), parsed.link_type());
            recovery::admit(connection, &log, what, None)?;
        }
        link::insert(connection, &account.into(), seq, parsed.link_type(), bytes)?;
    }
    device::replace(connection, &log)?;
    let grown = LogGrown {
        log: account.into(),
        count: log.count(),
    };
    // Calendars are judged by it: what was known of them is asked anew.
    known.forget();
    let concerned = member::circle(connection, &account)?;
    Ok(Some(News::Grown(grown, concerned)))
}

/// This relay's word for where the log of an account ends that has registered here.
pub(super) fn vouch(
    connection: &Connection,
    caller: &Caller,
    request: &VoucherGet,
) -> Result<Vec<Packet>, Refusal> {
    let is_own = !guest::is_one(connection, &caller.account)?
        && device::may_write(connection, &caller.account, &caller.device)?;
    let view = access::end_of_account(connection, caller)?.filter(|_| is_own);
    let voucher = Voucher {
        account: caller.account,
        view: view.ok_or(Reject::Forbidden)?,
        relay: identity::read(connection)?.relay_key,
    };
    let signed = identity::sign_voucher(connection, voucher.to_bytes())?;
    Ok(packets([Message::from(Vouched {
        request: request.request,
        voucher: ByteVec::from(signed),
    })]))
}
