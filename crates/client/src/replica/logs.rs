//! The membership logs as stored: verified again from their first link whenever they are used.

use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use almanac_protocol::membership::{AccountLog, CalendarLog, LogView, link_hash};
use almanac_store::{Purpose, Transaction};

use crate::client::Identity;
use crate::error::{Error, Result};

/// The account's own log.
pub(crate) fn account(tx: &Transaction<'_>, id: AccountId) -> Result<AccountLog> {
    AccountLog::from_links(tx.links(id.into())?).map_err(Error::internal)
}

/// A calendar's log.
pub(crate) fn calendar(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
) -> Result<CalendarLog> {
    let account = account(tx, identity.account)?;
    CalendarLog::from_links(tx.links(id.into())?, &account).map_err(Error::internal)
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
