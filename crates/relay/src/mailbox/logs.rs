//! REGISTER and LINK_PUT: the membership logs grow, judged by the same code as at a client.

use std::collections::BTreeMap;

use almanac_protocol::codes::InviteCode;
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId, RelayEpoch, Signature};
use almanac_protocol::limits::LINK_BYTES_MAX;
use almanac_protocol::membership::{
    AccountLog, Appended, CalendarLog, Link, LinkError, LinkType, LogKind, LogView,
};
use almanac_protocol::message::{LinkPut, Welcome};
use almanac_protocol::session::relay::{LogGrown, Packet, Proof, Registration};
use almanac_protocol::signed::Signed;
use rusqlite::Connection;

use super::writer::News;
use super::{done, recovery, welcome};
use crate::database::access::{self, Caller};
use crate::database::{
    acceptance, account, calendar, calendar_invite, device, guest, invite, key_box, link, member,
    recovery as holds,
};
use crate::reject::{Refusal, Reject};

/// Logs of each kind that are kept in memory.
const LOGS_MAX: usize = 256;

/// Logs that have been read: the writing thread's memory of what the table `link` says.
#[derive(Debug, Default)]
pub(super) struct Logs {
    accounts: BTreeMap<AccountId, AccountLog>,
    calendars: BTreeMap<CalendarId, CalendarLog>,
}

impl Logs {
    /// Forgets everything: some of it may not have become durable.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Makes room. Only between letters: a judgement needs all logs that it has asked for.
    pub(super) fn trim(&mut self) {
        if self.accounts.len() > LOGS_MAX || self.calendars.len() > LOGS_MAX {
            self.forget();
        }
    }

    /// The log of an account, or `None` when there is none.
    pub(super) fn account(
        &mut self,
        connection: &Connection,
        id: &AccountId,
    ) -> Result<Option<&mut AccountLog>, Refusal> {
        if !self.accounts.contains_key(id) {
            let links = link::all(connection, &LogId::from(*id))?;
            if links.is_empty() {
                return Ok(None);
            }
            let log = AccountLog::from_links(links).map_err(stored)?;
            self.accounts.insert(*id, log);
        }
        Ok(self.accounts.get_mut(id))
    }

    /// The log of a calendar, or `None` when there is none. The logs of all accounts that it names
    /// are read too.
    pub(super) fn calendar(
        &mut self,
        connection: &Connection,
        id: &CalendarId,
    ) -> Result<Option<&CalendarLog>, Refusal> {
        if !self.calendars.contains_key(id) {
            let links = link::all(connection, &LogId::from(*id))?;
            if links.is_empty() {
                return Ok(None);
            }
            for bytes in &links {
                let link = Signed::<Link>::parse(bytes).map_err(stored)?;
                self.read_accounts(connection, &link)?;
            }
            let log = CalendarLog::from_links(links, &self.accounts).map_err(stored)?;
            self.calendars.insert(*id, log);
        }
        Ok(self.calendars.get(id))
    }

    /// The account logs that have been read.
    pub(super) const fn accounts(&self) -> &BTreeMap<AccountId, AccountLog> {
        &self.accounts
    }

    /// Reads the logs of the accounts that a link of a calendar names.
    fn read_accounts(
        &mut self,
        connection: &Connection,
        link: &Signed<Link>,
    ) -> Result<(), Refusal> {
        for account in link.accounts_named() {
            self.account(connection, &account)?;
        }
        Ok(())
    }
}

/// A link that stands in the table was judged before it got there.
pub(super) fn stored(error: LinkError) -> Refusal {
    tracing::error!(error = %error, "log.unreadable");
    Reject::Busy.into()
}

/// Creates an account with an invite. All that is wrong with the proof looks the same.
pub(super) fn register(
    connection: &Connection,
    epoch: RelayEpoch,
    known: &mut Logs,
    registration: &Registration,
) -> Result<Welcome, Refusal> {
    let Registration {
        proof,
        invite,
        links,
        signature,
    } = registration;
    let code: InviteCode = invite.parse().map_err(|_| Reject::InviteInvalid)?;
    if !invite::is_open(connection, &code)? {
        return Err(Reject::InviteInvalid.into());
    }
    // Whoever was a guest so far may come to live here.
    let is_guest = guest::is_one(connection, &proof.account)?;
    let is_known = !is_guest && account::used_bytes(connection, &proof.account)?.is_some();
    let log = AccountLog::from_links(links.iter().map(|link| link.as_slice()))
        .ok()
        .filter(|log| has_each_once(log, links.len()))
        .filter(|log| !is_known && is_proven(log, proof, signature))
        .ok_or(Reject::AuthFailed)?;
    if is_guest {
        guest::registered(connection, &proof.account)?;
    } else {
        account::create(connection, &proof.account)?;
    }
    // Of an account that was erased here, links may have stayed that others need.
    let here = link::all(connection, &proof.account.into())?;
    // A device that was revoked since does not come back by a log that ends before; and a guest's grows
    // on the word of its own relay alone.
    if links.len() < here.len() || (is_guest && links.len() > here.len()) {
        return Err(Reject::AuthFailed.into());
    }
    if !here
        .iter()
        .zip(links)
        .all(|(here, link)| here == link.as_slice())
    {
        return Err(Reject::AuthFailed.into());
    }
    for (seq, bytes) in (0_u64..).zip(links).skip(here.len()) {
        let link_type = Signed::<Link>::parse(bytes).map_err(stored)?.link_type();
        link::insert(connection, &proof.account.into(), seq, link_type, bytes)?;
    }
    device::replace(connection, &log)?;
    if !invite::take(connection, &code, &proof.account)? {
        return Err(Reject::InviteInvalid.into());
    }
    known.accounts.insert(proof.account, log);
    let caller = Caller {
        account: proof.account,
        device: proof.device,
    };
    welcome(connection, epoch, &caller)
}

/// Whether each of so many links is one of the log: a link that is said twice would be stored twice.
pub(super) fn has_each_once(log: &AccountLog, links: usize) -> bool {
    usize::try_from(log.count()) == Ok(links)
}

pub(super) fn is_proven(log: &AccountLog, proof: &Proof, signature: &Signature) -> bool {
    log.id() == proof.account
        && log
            .device_at(&proof.device, log.view().seq)
            .is_some_and(|device| proof.is_signed_by(&device.bundle.sign_key, signature))
}

/// Appends a link, if the head is the one that the caller built on. The same link again is fine.
/// `passed` is the second factor that the connection has passed.
pub(super) fn put(
    connection: &Connection,
    known: &mut Logs,
    (caller, passed): (&Caller, Option<u64>),
    request: &LinkPut,
) -> Result<(Vec<Packet>, Option<News>), Refusal> {
    if request.link.len() > LINK_BYTES_MAX {
        return Err(Reject::TooLarge.into());
    }
    let link = Signed::<Link>::parse(&request.link).map_err(refused)?;
    if link.log_id() != request.log {
        return Err(Reject::Malformed.into());
    }
    let head = link::head(connection, &request.log)?;
    // A log is begun by who signed its first link. What a relay has lost of one, any member may put
    // back: the link speaks for itself.
    let may_bring = link.signer_account() == caller.account || head.is_some();
    if !may_bring || !access::is_active(connection, caller)? {
        return Err(Reject::Forbidden.into());
    }
    let appended = match link.link_type().kind() {
        LogKind::Account => {
            let what = (&link.signer(), link.link_type());
            put_account(connection, known, caller, request, head, (what, passed))?
        }
        LogKind::Calendar => {
            known.read_accounts(connection, &link)?;
            put_calendar(connection, known, caller, request, head)?
        }
    };
    let answer = done(request.request);
    let Some((count, accounts)) = appended else {
        return Ok((answer, None));
    };
    let seq = count.checked_sub(1).ok_or(Reject::Malformed)?;
    link::insert(
        connection,
        &request.log,
        seq,
        link.link_type(),
        &request.link,
    )?;
    let grown = LogGrown {
        log: request.log,
        count,
    };
    Ok((answer, Some(News::Grown(grown, accounts))))
}

/// Number of links the log now has, and whom it concerns; `None` when the link stood there.
type Growth = Option<(u64, Vec<AccountId>)>;

fn put_account(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    request: &LinkPut,
    head: Option<LogView>,
    (what, passed): ((&DeviceId, LinkType), Option<u64>),
) -> Result<Growth, Refusal> {
    // A guest's log grows by what its own relay vouches for, and in no other way.
    let is_guest = guest::is_one(connection, &caller.account)?;
    if request.log != caller.account.into() || is_guest {
        return Err(Reject::Forbidden.into());
    }
    let log = known
        .account(connection, &caller.account)?
        .ok_or(Reject::Forbidden)?;
    if judge(log.append(&request.link), request, head)? == Appended::Known {
        return Ok(None);
    }
    // The link holds; whether it may stand here now is another question. When not, the savepoint and
    // what is known of the log are dropped.
    recovery::admit(connection, log, what, passed)?;
    let count = log.count();
    device::replace(connection, log)?;
    let kit = log.recovery().map(|kit| kit.id);
    holds::forget_other_kits(connection, &caller.account, kit.as_ref())?;
    Ok(Some((count, member::circle(connection, &caller.account)?)))
}

fn put_calendar(
    connection: &Connection,
    known: &mut Logs,
    caller: &Caller,
    request: &LinkPut,
    head: Option<LogView>,
) -> Result<Growth, Refusal> {
    known
        .account(connection, &caller.account)?
        .ok_or(Reject::Forbidden)?;
    let id = CalendarId::from_bytes(*request.log.as_bytes());
    let (log, before) = match known.calendar(connection, &id)?.cloned() {
        Some(mut log) => {
            access::role(connection, caller, &id)?;
            let verdict = log.append(&request.link, &known.accounts);
            if judge(verdict, request, head)? == Appended::Known {
                return Ok(None);
            }
            (log, member::accounts(connection, &id)?)
        }
        None if guest::is_one(connection, &caller.account)? => {
            return Err(Reject::Forbidden.into());
        }
        None => {
            let verdict = CalendarLog::begin(&request.link, &known.accounts);
            if request.head.is_some() {
                return Err(Reject::Conflict {
                    head: None,
                    seq: None,
                }
                .into());
            }
            (verdict.map_err(refused)?, Vec::new())
        }
    };
    show(connection, &log)?;
    let mut concerned = before;
    concerned.extend(member::accounts(connection, &id)?);
    concerned.sort_unstable();
    concerned.dedup();
    let count = log.count();
    known.calendars.insert(id, log);
    Ok(Some((count, concerned)))
}

/// Makes all rows of a calendar say what its log says, and forgets what is not kept any more.
fn show(connection: &Connection, log: &CalendarLog) -> Result<(), Refusal> {
    calendar::replace(connection, log)?;
    member::replace(connection, log)?;
    calendar_invite::replace(connection, log)?;
    key_box::forget_former(connection, &log.id())?;
    acceptance::forget_over(connection)
}

/// The verdict on a link, with compare-and-swap before it: whoever built on another head hears
/// of the head, unless this very link is what already stands there.
fn judge(
    verdict: Result<Appended, LinkError>,
    request: &LinkPut,
    head: Option<LogView>,
) -> Result<Appended, Refusal> {
    let is_head = request.head == head.map(|head| head.head);
    match verdict {
        Ok(Appended::Known) => Ok(Appended::Known),
        Ok(Appended::New) if is_head => Ok(Appended::New),
        Ok(Appended::New) | Err(LinkError::Prev | LinkError::Fork { .. }) => Err(conflict(head)),
        Err(_) if !is_head => Err(conflict(head)),
        Err(error) => Err(refused(error)),
    }
}

fn conflict(head: Option<LogView>) -> Refusal {
    let (hash, seq) = (
        head.map(|head| *head.head.as_bytes()),
        head.map(|head| head.seq),
    );
    Reject::Conflict { head: hash, seq }.into()
}

/// What the sender of a link hears: bytes that are none, logs to send first, or no.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whichever rule is broken, the sender hears the same"
)]
fn refused(error: LinkError) -> Refusal {
    let reject = match error {
        LinkError::TooLarge(_) => Reject::TooLarge,
        LinkError::Length(_)
        | LinkError::Magic
        | LinkError::Version(_)
        | LinkError::Suite(_)
        | LinkError::UpdateNeeded { .. }
        | LinkError::Kind
        | LinkError::Log
        | LinkError::Genesis => Reject::Malformed,
        LinkError::AccountUnknown(_) | LinkError::AccountBehind { .. } => Reject::Unknown,
        _ => Reject::Forbidden,
    };
    reject.into()
}
