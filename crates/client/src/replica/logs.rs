//! The membership logs as stored, verified from their first link: once for each head.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId};
use almanac_protocol::membership::{
    AccountLog, Accounts, CalendarLog, Device, Link, LogView, Role, link_hash,
};
use almanac_protocol::signed::Signed;
use almanac_store::{Purpose, Transaction};

use crate::client::Identity;
use crate::error::{Error, Result};

/// Logs that this process has verified, by what their heads were then. A log that has grown has
/// another head, and a calendar's log is judged again when that of an account in it has grown.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    accounts: Mutex<BTreeMap<AccountId, (LogView, Arc<AccountLog>)>>,
    calendars: Mutex<BTreeMap<CalendarId, Judged>>,
}

#[derive(Debug)]
struct Judged {
    head: LogView,
    /// The heads of the accounts that the log names, as far as they were here.
    views: BTreeMap<AccountId, Option<LogView>>,
    log: Arc<CalendarLog>,
    people: Arc<People>,
}

/// The accounts that the log of a calendar names, now or once, as far as their logs are here.
#[derive(Debug, Clone, Default)]
pub(crate) struct People(BTreeMap<AccountId, Arc<AccountLog>>);

impl Accounts for People {
    fn account(&self, id: &AccountId) -> Option<&AccountLog> {
        self.0.get(id).map(|log| &**log)
    }
}

impl People {
    /// A device of one of them, also one that has left, and whose it is.
    pub(crate) fn device(&self, id: &DeviceId) -> Option<(&AccountLog, &Device)> {
        let found = |log: &'_ Arc<AccountLog>| log.device(id).is_some();
        let log = self.0.values().find(|log| found(log))?;
        log.device(id).map(|device| (&**log, device))
    }
}

/// The account's own log.
pub(crate) fn account(tx: &Transaction<'_>, identity: &Identity) -> Result<Arc<AccountLog>> {
    of_account(tx, identity, identity.account)?.ok_or_else(missing)
}

/// The log of an account, if it is here.
pub(crate) fn of_account(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: AccountId,
) -> Result<Option<Arc<AccountLog>>> {
    let Some(head) = head(tx, id.into())? else {
        return Ok(None);
    };
    let mut known = identity
        .verified
        .accounts
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some((at, log)) = known.get(&id)
        && *at == head
    {
        return Ok(Some(Arc::clone(log)));
    }
    let log = AccountLog::from_links(tx.links(id.into())?).map_err(Error::internal)?;
    let log = Arc::new(log);
    known.insert(id, (head, Arc::clone(&log)));
    Ok(Some(log))
}

/// A calendar's log.
pub(crate) fn calendar(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<Arc<CalendarLog>> {
    judged(tx, identity, id).map(|(log, _)| log)
}

/// A calendar's log, and the accounts that it names.
pub(crate) fn judged(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<(Arc<CalendarLog>, Arc<People>)> {
    let end = view(tx, id.into())?;
    let mut known = identity
        .verified
        .calendars
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(judged) = known.get(&id)
        && judged.head == end
        && is_unchanged(tx, &judged.views)?
    {
        return Ok((Arc::clone(&judged.log), Arc::clone(&judged.people)));
    }
    let links = tx.links(id.into())?;
    let people = Arc::new(people(tx, identity, &named(&links)?)?);
    let mut views = BTreeMap::new();
    for account in named(&links)? {
        views.insert(account, head(tx, account.into())?);
    }
    let log = CalendarLog::from_links(links, &*people).map_err(Error::internal)?;
    let judged = Judged {
        head: end,
        views,
        log: Arc::new(log),
        people,
    };
    let found = (Arc::clone(&judged.log), Arc::clone(&judged.people));
    known.insert(id, judged);
    Ok(found)
}

fn is_unchanged(
    tx: &Transaction<'_>,
    views: &BTreeMap<AccountId, Option<LogView>>,
) -> Result<bool> {
    for (account, view) in views {
        if head(tx, (*account).into())? != *view {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The logs of these accounts, as far as they are here.
pub(crate) fn people(
    tx: &Transaction<'_>,
    identity: &Identity,
    accounts: &BTreeSet<AccountId>,
) -> Result<People> {
    let mut people = People::default();
    for account in accounts {
        if let Some(log) = of_account(tx, identity, *account)? {
            people.0.insert(*account, log);
        }
    }
    Ok(people)
}

/// The accounts whose logs are needed to judge these links of a calendar.
pub(crate) fn named(links: &[Vec<u8>]) -> Result<BTreeSet<AccountId>> {
    let mut accounts = BTreeSet::new();
    for link in links {
        let link = Signed::<Link>::parse(link).map_err(Error::internal)?;
        accounts.extend(link.accounts_named());
    }
    Ok(accounts)
}

/// What this account may do in a calendar; `None` where it is no member any more.
pub(crate) fn own_role(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<Option<Role>> {
    Ok(calendar(tx, identity, id)?.role(&identity.account))
}

/// Whether this device may write to a calendar.
pub(crate) fn may_write(tx: &Transaction<'_>, identity: &Identity, id: CalendarId) -> Result<bool> {
    let is_in_force = account(tx, identity)?
        .revocation(&identity.device)
        .is_none();
    Ok(is_in_force && own_role(tx, identity, id)?.is_some_and(Role::can_write))
}

/// The devices in force of all members of a calendar, this account's before the others'.
pub(crate) fn devices(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<Vec<DeviceId>> {
    let (log, people) = judged(tx, identity, id)?;
    let mut members: Vec<AccountId> = log.members().iter().map(|(id, _)| *id).collect();
    members.sort_by_key(|account| *account != identity.account);
    let logs = members.iter().filter_map(|account| people.account(account));
    Ok(logs
        .flat_map(|log| log.devices().iter().map(|device| device.id))
        .collect())
}

/// Number and hash of the last link.
pub(crate) fn view(tx: &Transaction<'_>, log: LogId) -> Result<LogView> {
    head(tx, log)?.ok_or_else(missing)
}

fn head(tx: &Transaction<'_>, log: LogId) -> Result<Option<LogView>> {
    let last = tx.last_link(log)?;
    Ok(last.map(|(seq, link)| LogView {
        seq,
        head: link_hash(&link),
    }))
}

fn missing() -> Error {
    Error::internal("a log is missing")
}

/// What a calendar is for.
pub(crate) fn calendar_purpose(tx: &Transaction<'_>, id: CalendarId) -> Result<Purpose> {
    let row = tx
        .calendar(id)?
        .ok_or_else(|| Error::internal("a calendar is missing"))?;
    Ok(row.purpose)
}
