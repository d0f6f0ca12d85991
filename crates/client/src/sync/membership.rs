//! Logs and sealed keys: sending ours, fetching what grew, and taking up calendars of the account.

use std::collections::BTreeSet;

use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use almanac_protocol::membership::{Link, LinkType, link_hash};
use almanac_protocol::message::Reason;
use almanac_protocol::signed::Signed;
use almanac_store::Transaction;

use crate::client::Identity;
use crate::error::{Error, ErrorCode, Result};
use crate::keeper::{self, Keeper};
use crate::replica::membership::{self, Grown, judged};
use crate::replica::{documents, free_busy, keys, logs, receive};
use crate::sync::exchange::{Answer, Exchange};

pub(super) use crate::replica::membership::contradicts;

impl Exchange<'_> {
    /// Offers our links and boxes of a log and takes the relay's.
    pub(super) async fn sync_log(&mut self, log: LogId) -> Result<()> {
        let has_grown = self.fetch_links(log).await?;
        let id = CalendarId::from_bytes(*log.as_bytes());
        let is_own = log == LogId::from(self.client.identity().account);
        if is_own && !self.keeper().is_own() {
            // Its links and keys are between this device and the account's own relay.
            return if has_grown {
                self.account_has_grown()
            } else {
                Ok(())
            };
        }
        if is_own && has_grown {
            self.account_has_grown()?;
        } else if has_grown {
            // Who is in it, and what they may do, is on show somewhere.
            self.client.announce(&BTreeSet::from([id]));
        }
        if !is_own && !self.is_member(id)? {
            // What stands there is all that is shown; nothing of ours is taken any more.
            return if has_grown {
                self.judge_again()
            } else {
                Ok(())
            };
        }
        self.offer_links(log).await?;
        if self.upload.is_stopped(id) {
            return Ok(());
        }
        let records = self.client.read(|tx| Ok(tx.waiting_boxes(log)?))?;
        for record in records {
            let request = self.connection.session.put_box(log, record.clone());
            match self.answer(request).await? {
                Answer::Done => self.client.store(|tx| Ok(tx.box_sent(log, &record)?))?,
                // For someone who has left since, or who may do something else now: nobody waits for
                // it. A relay that loses the log is offered it again.
                Answer::Refused(nack) if nack.reason == Reason::Forbidden => {
                    self.client.store(|tx| Ok(tx.box_sent(log, &record)?))?;
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Links { .. }
                | Answer::Boxes(_)
                | Answer::Missing(_)
                | Answer::Packs(_)
                | Answer::Resumed(_)
                | Answer::Vouched(_) => {
                    return Err(out_of_turn());
                }
            }
        }
        let has_come = if is_own {
            self.fetch_account_key().await?
        } else {
            self.fetch_key(log).await?
        };
        if has_grown || has_come {
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
                if receive::retry(tx, identity, aside.calendar)?
                    | free_busy::receive::retry(tx, identity, aside.calendar)?
                {
                    changed.insert(aside.calendar);
                }
            }
            Ok(changed)
        })?;
        self.client.announce(&changed);
        Ok(())
    }

    /// Fetches the secret of an epoch that the log has begun and this device cannot open yet. Gives
    /// whether it has come.
    async fn fetch_key(&mut self, log: LogId) -> Result<bool> {
        let identity = self.client.identity();
        let id = CalendarId::from_bytes(*log.as_bytes());
        let lacks = self
            .client
            .read(|tx| Ok(tx.calendar(id)?.is_some() && keys::lacks_epoch(tx, identity, id)?))?;
        if !lacks {
            return Ok(false);
        }
        let request = self.connection.session.get_boxes(log);
        let Answer::Boxes(records) = self.answer(request).await? else {
            return Err(out_of_turn());
        };
        let has_come = self.client.store(|tx| {
            let log = logs::calendar(tx, identity, id)?;
            let has_come = keys::accept_boxes(tx, identity, &log, &records)?;
            keys::note_epoch(tx, identity, id)?;
            Ok(has_come)
        })?;
        if has_come {
            self.note_news();
        } else {
            self.wait_for_key();
        }
        Ok(has_come)
    }

    /// Takes up a calendar that the relay says this account is a member of, if a device of the account
    /// made it or a person here asked to be admitted: nobody is put into a calendar unasked.
    pub(super) async fn discover(&mut self, id: CalendarId) -> Result<()> {
        let identity = self.client.identity();
        if self.client.read(|tx| Ok(tx.calendar(id)?))?.is_some() {
            return Ok(());
        }
        let links = self.links_from(id.into(), 0).await?;
        let is_wanted = match links.first() {
            Some(genesis) => {
                let keeper = self.keeper();
                self.client
                    .read(|tx| wants(tx, identity, (id, keeper), genesis))?
            }
            None => false,
        };
        if !is_wanted {
            self.unlisted.insert(id.into());
            return Ok(());
        }
        for account in logs::named(&links)? {
            self.fetch_account(account).await?;
        }
        let request = self.connection.session.get_boxes(id.into());
        let Answer::Boxes(records) = self.answer(request).await? else {
            return Err(out_of_turn());
        };
        let keeper = self.keeper();
        let taken =
            self.needing_accounts(|tx| take_up(tx, identity, (id, keeper), (&links, &records)));
        if taken.await? == Grown::Keyless {
            // The device that made it has not left its key yet; the relay tells when it has.
            tracing::info!("sync.calendar_waits_for_its_key");
        } else {
            self.client.announce(&BTreeSet::from([id]));
        }
        Ok(())
    }

    /// The links of a log that are not here yet.
    async fn new_links(&mut self, log: LogId) -> Result<Vec<Vec<u8>>> {
        let known = self.client.read(|tx| Ok(tx.last_link(log)?))?;
        self.links_from(log, known.map_or(0, |(seq, _)| seq + 1))
            .await
    }

    /// Gives whether the log has grown.
    async fn fetch_links(&mut self, log: LogId) -> Result<bool> {
        let identity = self.client.identity();
        if log == LogId::from(identity.account) {
            return self.fetch_account(identity.account).await;
        }
        let links = self.new_links(log).await?;
        if links.is_empty() {
            return Ok(false);
        }
        let id = CalendarId::from_bytes(*log.as_bytes());
        self.needing_accounts(|tx| membership::append_calendar(tx, identity, id, &links))
            .await?;
        Ok(true)
    }

    /// Fetches what is new of an account's log. Gives whether it has grown.
    pub(super) async fn fetch_account(&mut self, account: AccountId) -> Result<bool> {
        let (identity, log) = (self.client.identity(), LogId::from(account));
        let links = self.new_links(log).await?;
        if links.is_empty() {
            return Ok(false);
        }
        self.client
            .store(|tx| membership::append_account(tx, identity, account, &links))?;
        Ok(true)
    }

    /// Does what needs more of an account's log, once that has been fetched.
    async fn needing_accounts(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> Result<Grown>,
    ) -> Result<Grown> {
        loop {
            match self.client.store(&work)? {
                Grown::Needs(account) => {
                    if !self.fetch_account(account).await? {
                        return Err(contradicts("a link quotes what is not there"));
                    }
                }
                done @ (Grown::Stored | Grown::Keyless) => return Ok(done),
            }
        }
    }

    /// The log of someone else has grown: what they wrote is judged by it, and where one of their
    /// devices has left, the calendars they share with this account get a new key.
    pub(super) async fn follow_account(&mut self, account: AccountId) -> Result<()> {
        if !self.fetch_account(account).await? {
            return Ok(());
        }
        let identity = self.client.identity();
        let calendars = self.client.store(|tx| {
            let calendars = membership::calendars_of(tx, identity, account)?;
            for id in &calendars {
                membership::settle(tx, identity, *id)?;
            }
            Ok::<_, Error>(calendars)
        })?;
        self.client.announce(&calendars.iter().copied().collect());
        self.judge_again()?;
        for id in calendars {
            if self.client.keeper_of(id)? == *self.keeper() {
                self.renew(id).await?;
            }
        }
        Ok(())
    }

    /// Fetches what is new of the logs of all who are or were in a calendar.
    pub(super) async fn sync_people(&mut self, id: CalendarId) -> Result<()> {
        let identity = self.client.identity();
        let links = self.client.read(|tx| Ok(tx.links(id.into())?))?;
        for account in logs::named(&links)? {
            if account != identity.account {
                self.follow_account(account).await?;
            }
        }
        Ok(())
    }

    /// Whether this account may read a calendar, as far as its log here says.
    pub(super) fn is_member(&self, id: CalendarId) -> Result<bool> {
        let identity = self.client.identity();
        let role = self.client.read(|tx| logs::own_role(tx, identity, id))?;
        Ok(role.is_some())
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
                // A relay that lost so much of a log that it does not know us as a member: others who
                // are have to bring it back first.
                Answer::Refused(nack)
                    if nack.reason == Reason::Forbidden
                        && membership::signer(&link.bytes)? != self.client.identity().device =>
                {
                    return Ok(());
                }
                // It lacks the log of someone else, who alone can bring it back. What needs no more than
                // the other logs goes on.
                Answer::Refused(nack) if nack.reason == Reason::Unknown => {
                    self.upload.stop(CalendarId::from_bytes(*log.as_bytes()));
                    self.client.now_failed(&log_refused(nack.reason));
                    return Ok(());
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Links { .. }
                | Answer::Boxes(_)
                | Answer::Missing(_)
                | Answer::Packs(_)
                | Answer::Resumed(_)
                | Answer::Vouched(_) => {
                    return Err(out_of_turn());
                }
            }
            self.client.store(|tx| Ok(tx.links_sent(log, link.seq)?))?;
        }
        Ok(())
    }

    /// Whether what this relay lacks of a log is for this device to bring: of an account, the own relay has
    /// to be told, and of a calendar the one that keeps it.
    fn is_offered_here(&self, log: LogId) -> Result<bool> {
        let id = CalendarId::from_bytes(*log.as_bytes());
        self.client.read(|tx| {
            Ok(match tx.calendar(id)? {
                Some(_) => keeper::of(tx, id)? == *self.keeper(),
                None => self.keeper().is_own(),
            })
        })
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
                        if first > count && self.is_offered_here(log)? {
                            self.client.store(|tx| Ok(tx.links_lost(log, count)?))?;
                        }
                        return Ok(all);
                    }
                }
                // A log it does not have and one it may not show look alike: ours to offer.
                Answer::Refused(nack)
                    if matches!(nack.reason, Reason::Unknown | Reason::Forbidden) =>
                {
                    if first > 0 && self.is_offered_here(log)? {
                        self.client.store(|tx| Ok(tx.links_lost(log, 0)?))?;
                    }
                    return Ok(all);
                }
                Answer::Refused(nack) => return Err(log_refused(nack.reason)),
                Answer::Done
                | Answer::Boxes(_)
                | Answer::Missing(_)
                | Answer::Packs(_)
                | Answer::Resumed(_)
                | Answer::Vouched(_) => {
                    return Err(out_of_turn());
                }
            }
        }
    }
}

/// Takes up a calendar that this relay keeps.
fn take_up(
    tx: &Transaction<'_>,
    identity: &Identity,
    (id, keeper): (CalendarId, &Keeper),
    (links, records): (&[Vec<u8>], &[Vec<u8>]),
) -> Result<Grown> {
    let grown = membership::take_up(tx, identity, id, links, records)?;
    if let (Grown::Stored, Keeper::Other(origin)) = (grown, keeper) {
        tx.set_calendar_relay(id, origin)?;
    }
    Ok(grown)
}

/// Whether a calendar that the relay names is one of this person's: made by a device of the account,
/// or listed because someone here asked to be admitted.
fn wants(
    tx: &Transaction<'_>,
    identity: &Identity,
    (id, keeper): (CalendarId, &Keeper),
    genesis: &[u8],
) -> Result<bool> {
    let genesis = Signed::<Link>::parse(genesis).map_err(judged)?;
    if genesis.link_type() != LinkType::CalendarGenesis {
        return Ok(false);
    }
    if keeper::expected(tx, identity, id)? != *keeper {
        return Ok(false);
    }
    let listed = documents::private(tx, identity.private)?.calendars;
    Ok(genesis.signer_account() == identity.account || listed.contains_key(&id.to_string()))
}

pub(super) fn log_refused(reason: Reason) -> Error {
    if matches!(reason, Reason::SecondFactor | Reason::Held) {
        return Error::new(
            ErrorCode::SecondFactorDue,
            "The relay has lost a part of your account's list of devices and asks for a code of your \
             second factor before it takes it back, or for the words of your recovery kit where these \
             were used. Everything is saved on this device. Run `almanac sync --code CODE`.",
        );
    }
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
