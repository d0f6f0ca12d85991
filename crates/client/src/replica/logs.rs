//! The membership logs as stored, verified from their first link: once for each head.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::membership::{AccountLog, CalendarLog, LogView, link_hash};
use almanac_store::{Purpose, Transaction};

use crate::client::Identity;
use crate::error::{Error, Result};

/// Logs that this process has verified, by what their heads were then. A log that has grown has
/// another head, and a calendar's log is judged again when the account's has grown.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    account: Mutex<Option<(LogView, Arc<AccountLog>)>>,
    calendars: Mutex<BTreeMap<CalendarId, Judged>>,
}

#[derive(Debug)]
struct Judged {
    account: LogView,
    calendar: LogView,
    log: Arc<CalendarLog>,
}

/// The account's own log.
pub(crate) fn account(tx: &Transaction<'_>, identity: &Identity) -> Result<Arc<AccountLog>> {
    let head = view(tx, identity.account.into())?;
    let mut known = identity
        .verified
        .account
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some((at, log)) = &*known
        && *at == head
    {
        return Ok(Arc::clone(log));
    }
    let links = tx.links(identity.account.into())?;
    let log = Arc::new(AccountLog::from_links(links).map_err(Error::internal)?);
    *known = Some((head, Arc::clone(&log)));
    Ok(log)
}

/// A calendar's log.
pub(crate) fn calendar(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<Arc<CalendarLog>> {
    let account_log = account(tx, identity)?;
    let (account, calendar) = (account_log.view(), view(tx, id.into())?);
    let mut known = identity
        .verified
        .calendars
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(judged) = known.get(&id)
        && (judged.account, judged.calendar) == (account, calendar)
    {
        return Ok(Arc::clone(&judged.log));
    }
    let links = tx.links(id.into())?;
    let log = Arc::new(CalendarLog::from_links(links, &*account_log).map_err(Error::internal)?);
    known.insert(
        id,
        Judged {
            account,
            calendar,
            log: Arc::clone(&log),
        },
    );
    Ok(log)
}

/// Number and hash of the last link.
pub(crate) fn view(tx: &Transaction<'_>, log: LogId) -> Result<LogView> {
    let (seq, link) = tx
        .last_link(log)?
        .ok_or_else(|| Error::internal("a log is missing"))?;
    Ok(LogView {
        seq,
        head: link_hash(&link),
    })
}

/// What a calendar is for.
pub(crate) fn calendar_purpose(tx: &Transaction<'_>, id: CalendarId) -> Result<Purpose> {
    let row = tx
        .calendar(id)?
        .ok_or_else(|| Error::internal("a calendar is missing"))?;
    Ok(row.purpose)
}
