//! Logs and sealed keys: sending ours, fetching what grew, and taking up calendars of the account.

use std::collections::BTreeSet;

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::membership::{AccountLog, Appended, CalendarLog, LinkError, link_hash};
use almanac_protocol::message::Reason;
use almanac_store::Transaction;

use crate::accounts::calendar;
use crate::client::Identity;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{keys, logs, receive};
use crate::sync::exchange::{Answer, Exchange};

impl Exchange<'_> {
    /// Offers our links and boxes of a log and takes the relay's.
    pub(super) async fn sync_log(&mut self, log: LogId) -> Result<()> {
        let has_grown = self.fetch_links(log).await?;
        self.offer_links(log).await?;
        let records = self.client.read(|tx| Ok(tx.waiting_boxes(log)?))?;
        for record in records {
            let request = self.connection.session.put_box(log, record.clone());
            match self.answer(request).await? {
                Answer::Done => self.client.store(|tx| Ok(tx.box_sent(log, &record)?))?,
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Links { .. } | Answer::Boxes(_) | Answer::Packs(_) | Answer::Resumed(_) => {
                    return Err(out_of_turn());
                }
            }
        }
        self.fetch_key(log).await?;
        if has_grown {
            self.judge_again()?;
        }
        Ok(())
    }

    /// What was set aside for want of a log may be accepted now.
    fn judge_again(&self) -> Result<()> {
        let identity = self.client.identity();
        let changed = self.client.store(|tx| {
            let mut changed = BTreeSet::new();
            for aside in tx.set_aside()? {
                if receive::retry(tx, identity, aside.calendar)? {
                    changed.insert(aside.calendar);
                }
            }
            Ok(changed)
        })?;
        self.client.announce(&changed);
        Ok(())
    }

    /// Fetches the secret of an epoch that the log has begun and this device cannot open yet.
    async fn fetch_key(&mut self, log: LogId) -> Result<()> {
        let identity = self.client.identity();
        let id = CalendarId::from_bytes(*log.as_bytes());
        let lacks = self
            .client
            .read(|tx| Ok(tx.calendar(id)?.is_some() && keys::lacks_epoch(tx, identity, id)?))?;
        if !lacks {
            return Ok(());
        }
        let request = self.connection.session.get_boxes(log);
        let Answer::Boxes(records) = self.answer(request).await? else {
            return Err(out_of_turn());
        };
        self.client.store(|tx| {
            let log = logs::calendar(tx, identity, id)?;
            keys::accept_boxes(tx, identity, &log, &records)
        })?;
        Ok(())
    }

    /// Takes up a calendar that the relay says this account is a member of: its log must verify,
    /// and its sealed key must be the one the log commits to.
    pub(super) async fn discover(&mut self, id: CalendarId) -> Result<()> {
        if self.client.read(|tx| Ok(tx.calendar(id)?))?.is_some() {
            return Ok(());
        }
        let links = self.links_from(id.into(), 0).await?;
        if links.is_empty() {
            return Ok(());
        }
        let identity = self.client.identity();
        let account = self.client.read(|tx| logs::account(tx, identity))?;
        let log = CalendarLog::from_links(&links, &*account).map_err(judged)?;
        if log.id() != id || log.role(&identity.account).is_none() {
            return Err(contradicts("a calendar of someone else"));
        }
        let request = self.connection.session.get_boxes(id.into());
        let Answer::Boxes(records) = self.answer(request).await? else {
            return Err(out_of_turn());
        };
        let taken = self
            .client
            .store(|tx| calendar::take_up(tx, identity, &log, &links, &records))?;
        if !taken {
            // The device that made it has not left its key yet; the relay tells when it has.
            tracing::info!("sync.calendar_waits_for_its_key");
        }
        Ok(())
    }

    /// Gives whether the log has grown.
    async fn fetch_links(&mut self, log: LogId) -> Result<bool> {
        let known = self
            .client
            .read(|tx| Ok(tx.last_link(log)?))?
            .map_or(0, |(seq, _)| seq + 1);
        let links = self.links_from(log, known).await?;
        if links.is_empty() {
            return Ok(false);
        }
        let identity = self.client.identity();
        self.client.store(|tx| append(tx, identity, log, &links))?;
        Ok(true)
    }

    /// Appends what the relay lacks, which is also what a relay lost that was set back.
    async fn offer_links(&mut self, log: LogId) -> Result<()> {
        if log == LogId::from(self.client.identity().account) {
            // A relay that has let us in has our account's beginning: it came with the invite.
            self.client.store(|tx| Ok(tx.links_sent(log, 0)?))?;
        }
        let waiting = self.client.read(|tx| Ok(tx.waiting_links(log)?))?;
        for link in waiting {
            let links = self.client.read(|tx| Ok(tx.links(log)?))?;
            let place = usize::try_from(link.seq).map_err(Error::internal)?;
            let head = place
                .checked_sub(1)
                .and_then(|at| links.get(at))
                .map(|link| link_hash(link));
            let request = self
                .connection
                .session
                .put_link(log, head, link.bytes.clone());
            match self.answer(request).await? {
                Answer::Done => {}
                // The answer to an earlier attempt was lost: the link stands there already.
                Answer::Refused(nack) if nack.reason == Reason::Conflict => {
                    let stands = self.links_from(log, link.seq).await?;
                    if stands.first() != Some(&link.bytes) {
                        return Err(contradicts("another link in our place"));
                    }
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Links { .. } | Answer::Boxes(_) | Answer::Packs(_) | Answer::Resumed(_) => {
                    return Err(out_of_turn());
                }
            }
            self.client.store(|tx| Ok(tx.links_sent(log, link.seq)?))?;
        }
        Ok(())
    }

    /// All links of a log from a number on.
    async fn links_from(&mut self, log: LogId, first: u64) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        loop {
            let next = first + all.len() as u64;
            let request = self.connection.session.get_links(log, next);
            match self.answer(request).await? {
                Answer::Links { links, count } => {
                    let is_last = links.is_empty() || next + links.len() as u64 >= count;
                    all.extend(links);
                    if is_last {
                        if first > count {
                            self.client.store(|tx| Ok(tx.links_lost(log, count)?))?;
                        }
                        return Ok(all);
                    }
                }
                // A log it does not have and one it may not show look alike: ours to offer.
                Answer::Refused(nack)
                    if matches!(nack.reason, Reason::Unknown | Reason::Forbidden) =>
                {
                    if first > 0 {
                        self.client.store(|tx| Ok(tx.links_lost(log, 0)?))?;
                    }
                    return Ok(all);
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Done | Answer::Boxes(_) | Answer::Packs(_) | Answer::Resumed(_) => {
                    return Err(out_of_turn());
                }
            }
        }
    }
}

/// Stores the links that go on where a log ends; what is there already is left alone.
pub(crate) fn append(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: LogId,
    links: &[Vec<u8>],
) -> Result<()> {
    let mut account = AccountLog::clone(&*logs::account(tx, identity)?);
    if log == LogId::from(identity.account) {
        for link in links {
            if account.append(link).map_err(judged)? == Appended::New {
                tx.put_link(log, account.view().seq, link, true)?;
            }
        }
        return Ok(());
    }
    let id = CalendarId::from_bytes(*log.as_bytes());
    let mut known = CalendarLog::clone(&*logs::calendar(tx, identity, id)?);
    for link in links {
        if known.append(link, &account).map_err(judged)? == Appended::New {
            tx.put_link(log, known.view().seq, link, true)?;
        }
    }
    Ok(())
}

fn judged(error: LinkError) -> Error {
    if error.is_update_needed() {
        return Error::new(
            ErrorCode::TooNew,
            "One of your calendars was changed by a newer version of Almanac. Nothing of that was \
             taken over, and everything is saved on this device. Update this program.",
        );
    }
    contradicts(error)
}

pub(super) fn contradicts(what: impl std::fmt::Display) -> Error {
    tracing::warn!(%what, "sync.relay_contradicts");
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay shows a history that contradicts what this device has seen. Nothing of it was \
         accepted, and everything is saved on this device. Do not link devices or trust new \
         members until whoever runs the relay has explained it.",
    )
}

pub(super) fn log_refused(reason: Reason) -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        format!(
            "The relay did not take a membership record ({reason:?}). Everything is saved on this \
             device and will be offered again."
        ),
    )
}

pub(super) fn out_of_turn() -> Error {
    Error::new(
        ErrorCode::NotARelay,
        "The relay gave an answer that fits no question. Nothing was accepted from it, and \
         everything is saved on this device.",
    )
}
