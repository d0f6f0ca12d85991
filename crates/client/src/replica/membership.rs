//! Membership logs as they grow here: links are judged, stored, and what follows from them is done in the
//! same transaction, so that nothing is forgotten when the program ends.
//!
//! ```text
//! links ─▶ judged ─▶ stored ─▶ boxes for whom this device admitted, the secret it had prepared
//!                           ─▶ what counts, where a right was taken away
//! ```

use almanac_crypto::epoch::{next_epoch, next_epoch_over_gap};
use almanac_crypto::seal::{seal_epoch_box, seal_epoch_boxes};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId};
use almanac_protocol::membership::{
    AccountLog, Accounts as _, Appended, CalendarLog, Link, LinkError, LinkType,
};
use almanac_protocol::signed::Signed;
use almanac_store::{CalendarRow, Purpose, Transaction};

use crate::accounts::calendar::read_purpose;
use crate::client::Identity;
use crate::clock;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::logs::People;
use crate::replica::{devices, free_busy, keys, logs, rights};

/// What became of links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grown {
    /// They are stored.
    Stored,
    /// None is: more of this account's log is needed to judge them.
    Needs(AccountId),
    /// None is: the key of the calendar is not here yet.
    Keyless,
}

/// Stores the links that go on where the log of an account ends, or begin it; what is there already
/// is left alone.
pub(crate) fn append_account(
    tx: &Transaction<'_>,
    identity: &Identity,
    account: AccountId,
    links: &[Vec<u8>],
) -> Result<()> {
    let log = LogId::from(account);
    if let Some(known) = logs::of_account(tx, identity, account)? {
        let mut known = AccountLog::clone(&known);
        let mut has_grown = false;
        for link in links {
            if known.append(link).map_err(judged)? == Appended::New {
                tx.put_link(log, known.view().seq, link, true)?;
                has_grown = true;
            }
        }
        if has_grown && account == identity.account {
            devices::follow(tx, identity)?;
        }
        return Ok(());
    }
    let begun = AccountLog::from_links(links).map_err(judged)?;
    if begun.id() != account {
        return Err(contradicts("the log of another account"));
    }
    put_all(tx, log, links)
}

/// Stores the links that go on where the log of a calendar ends, and does what follows from them.
pub(crate) fn append_calendar(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    links: &[Vec<u8>],
) -> Result<Grown> {
    let (known, _) = logs::judged(tx, identity, id)?;
    let mut named = logs::named(&tx.links(id.into())?)?;
    named.extend(logs::named(links)?);
    let people = logs::people(tx, identity, &named)?;
    let mut log = CalendarLog::clone(&known);
    let mut fresh = Vec::new();
    for link in links {
        match log.append(link, &people) {
            Ok(Appended::New) => fresh.push((log.view().seq, link)),
            Ok(Appended::Known) => {}
            Err(error) => return needs(error),
        }
    }
    for (seq, link) in &fresh {
        tx.put_link(id.into(), *seq, link, true)?;
    }
    for (_, link) in &fresh {
        follow_link(tx, identity, &log, &people, link)?;
    }
    settle(tx, identity, id)?;
    Ok(Grown::Stored)
}

/// Takes up a calendar: its log must verify, and one of the boxes hold the key that it commits to.
pub(crate) fn take_up(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    links: &[Vec<u8>],
    records: &[Vec<u8>],
) -> Result<Grown> {
    if tx.calendar(id)?.is_some() {
        return Ok(Grown::Stored);
    }
    let people = logs::people(tx, identity, &logs::named(links)?)?;
    let log = match CalendarLog::from_links(links, &people) {
        Ok(log) => log,
        Err(error) => return needs(error),
    };
    if log.id() != id || log.role(&identity.account).is_none() {
        return Err(contradicts("a calendar of someone else"));
    }
    if !keys::accept_boxes(tx, identity, &log, records)? {
        return Ok(Grown::Keyless);
    }
    tx.add_calendar(id, read_purpose(log.purpose()))?;
    put_all(tx, id.into(), links)?;
    free_busy::follow_log(tx, identity, id)?;
    Ok(Grown::Stored)
}

/// Whoever this device has admitted or raised is given the key, and what was prepared for an epoch
/// that has begun is taken into use.
fn follow_link(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
    people: &People,
    link: &[u8],
) -> Result<()> {
    let link = Signed::<Link>::parse(link).map_err(Error::internal)?;
    if link.signer() != identity.device {
        return Ok(());
    }
    if keys::adopt_prepared(tx, identity, log)? {
        let secret = keys::secret_now(tx, identity, log)?
            .ok_or_else(|| Error::internal("the key of an epoch"))?;
        let records = seal_epoch_boxes(&mut SystemEntropy, log, people, &secret);
        for record in records.map_err(Error::internal)? {
            tx.put_box(log.id().into(), &record, false)?;
        }
        return Ok(());
    }
    let secret = keys::secret_now(tx, identity, log)?;
    if link.link_type() == LinkType::Member
        && let (Some(account), Some(secret)) = (link.accounts_named().last(), secret)
    {
        give_key(tx, log, people, *account, &secret)?;
    }
    Ok(())
}

/// Seals the key of the epoch in force for a member, if it is one.
fn give_key(
    tx: &Transaction<'_>,
    log: &CalendarLog,
    people: &People,
    account: AccountId,
    secret: &almanac_crypto::secret::EpochSecret,
) -> Result<()> {
    let epoch = log.epoch_now();
    let generation = epoch.addressee(&account).map(|to| to.puk_generation);
    let key = people
        .account(&account)
        .zip(generation)
        .and_then(|(account, generation)| account.puk_generation(generation));
    let Some(key) = key.filter(|_| log.role(&account).is_some()) else {
        return Ok(());
    };
    let record = seal_epoch_box(
        &mut SystemEntropy,
        log,
        epoch.section.epoch,
        &account,
        &key.seal_key,
        secret,
    )
    .map_err(Error::internal)?;
    Ok(tx.put_box(log.id().into(), &record, false)?)
}

/// What follows for the content of a calendar when a log has grown.
pub(crate) fn settle(tx: &Transaction<'_>, identity: &Identity, id: CalendarId) -> Result<()> {
    let mark = tx.newest_busy_stale()?;
    rights::judge_all(tx, identity, id)?;
    tx.busy_stale_is_remote(mark)?;
    rights::begin_again(tx, identity, id)?;
    free_busy::follow_log(tx, identity, id)
}

/// Whether the epoch in force may be known to a device that was revoked, so that whoever may write
/// begins another: asked whenever logs have been read.
pub(crate) fn is_stale(tx: &Transaction<'_>, identity: &Identity, id: CalendarId) -> Result<bool> {
    let (log, people) = logs::judged(tx, identity, id)?;
    Ok(logs::may_write(tx, identity, id)? && !log.stale_members(&*people).is_empty())
}

/// Whether a new epoch is due: the one in force may be known to who has left, or to nobody.
pub(crate) fn is_renewal_due(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    patience_ms: u64,
) -> Result<bool> {
    let is_lost = keys::is_epoch_given_up(tx, identity, id, patience_ms)?;
    Ok(is_stale(tx, identity, id)? || (is_lost && logs::may_write(tx, identity, id)?))
}

/// The link that begins a new epoch, if that is due.
pub(crate) fn renewal(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    patience_ms: u64,
) -> Result<Option<Vec<u8>>> {
    // Who seals for oneself must be able to open: the account's key comes first.
    if !is_renewal_due(tx, identity, id, patience_ms)? || keys::lacks_puk(tx, identity)? {
        return Ok(None);
    }
    let (log, people) = logs::judged(tx, identity, id)?;
    let members = log.next_members(None, &*people).map_err(Error::internal)?;
    let next = match keys::secret_now(tx, identity, &log)? {
        Some(newest) => next_epoch(&mut SystemEntropy, &log, &newest, members),
        None if keys::is_epoch_given_up(tx, identity, id, patience_ms)? => {
            let held = keys::secret_held(tx, identity, id)?.ok_or_else(keyless)?;
            next_epoch_over_gap(&mut SystemEntropy, &log, &held, members)
        }
        None => return Ok(None),
    };
    let (secret, section) = next.map_err(Error::internal)?;
    let account = logs::account(tx, identity)?;
    let link = log
        .rotate(&identity.keys, &account, &section, clock::now_ms())
        .map_err(Error::internal)?;
    keys::prepare_epoch(tx, identity, &section, &secret)?;
    Ok(Some(link))
}

fn keyless() -> Error {
    Error::internal("a calendar's key is missing")
}

/// Calendars in which an account is or was.
pub(crate) fn calendars_of(
    tx: &Transaction<'_>,
    identity: &Identity,
    account: AccountId,
) -> Result<Vec<CalendarId>> {
    let mut found = Vec::new();
    for row in tx.calendars()? {
        let (_, people) = logs::judged(tx, identity, row.id)?;
        if people.account(&account).is_some() {
            found.push(row.id);
        }
    }
    Ok(found)
}

/// Everyone else in these calendars, whose logs matter to this account.
pub(crate) fn others(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendars: &[CalendarRow],
) -> Result<Vec<AccountId>> {
    let mut others = std::collections::BTreeSet::new();
    for row in calendars {
        if row.purpose == Purpose::Calendar {
            let (log, _) = logs::judged(tx, identity, row.id)?;
            if log.role(&identity.account).is_some() {
                others.extend(log.members().iter().map(|(account, _)| *account));
            }
        }
    }
    others.remove(&identity.account);
    Ok(others.into_iter().collect())
}

/// Whether a log is that of an account other than this one.
pub(crate) fn is_other_account(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: LogId,
) -> Result<bool> {
    let is_calendar = tx
        .calendar(CalendarId::from_bytes(*log.as_bytes()))?
        .is_some();
    let is_own = log == LogId::from(identity.account);
    Ok(!is_calendar && !is_own && tx.last_link(log)?.is_some())
}

/// Who signed a link.
pub(crate) fn signer(link: &[u8]) -> Result<DeviceId> {
    let link = Signed::<Link>::parse(link).map_err(Error::internal)?;
    Ok(link.signer())
}

fn put_all(tx: &Transaction<'_>, log: LogId, links: &[Vec<u8>]) -> Result<()> {
    for (seq, link) in (0_u64..).zip(links) {
        tx.put_link(log, seq, link, true)?;
    }
    Ok(())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whichever rule is broken, the relay has shown what it should not"
)]
fn needs(error: LinkError) -> Result<Grown> {
    match error {
        LinkError::AccountUnknown(account) | LinkError::AccountBehind { account, .. } => {
            Ok(Grown::Needs(account))
        }
        error => Err(judged(error)),
    }
}

pub(crate) fn judged(error: LinkError) -> Error {
    if error.is_update_needed() {
        return Error::new(
            ErrorCode::TooNew,
            "One of your calendars was changed by a newer version of Almanac. Nothing of that was \
             taken over, and everything is saved on this device. Update this program.",
        );
    }
    contradicts(error)
}

pub(crate) fn contradicts(what: impl std::fmt::Display) -> Error {
    tracing::warn!(%what, "sync.relay_contradicts");
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay shows a history that contradicts what this device has seen. Nothing of it was \
         accepted, and everything is saved on this device. Do not link devices or trust new \
         members until whoever runs the relay has explained it.",
    )
}
