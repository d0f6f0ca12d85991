//! Keys that are looked after on every connection: renewed where someone who has left may know them,
//! fetched where they have not come, begun anew where nobody has them any more.
//!
//! The relay has no say in this: what is due follows from the logs as they stand here.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an answer that fits no question is one case"
)]

use std::time::Duration;

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::message::Reason;

use crate::client::Client;
use crate::clock;
use crate::error::Result;
use crate::keeper;
use crate::replica::{devices, keys, logs, membership, supply};
use crate::sync::exchange::{Answer, Exchange};
use crate::sync::membership::out_of_turn;

/// How long a key is waited for that someone has begun, before another is begun in its place.
pub(crate) const KEY_PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Times that one connection looks through all keys anew because the logs have grown.
const AUDITS_MAX: u32 = 64;

/// What one connection knows of the state of keys.
#[derive(Debug)]
pub(super) struct Audit {
    /// Whether it was looked which keys are due, since the account's log has last grown.
    is_done: bool,
    left: u32,
    /// When a key that has not come is given up.
    patience_over: Option<std::time::Instant>,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            is_done: false,
            left: AUDITS_MAX,
            patience_over: None,
        }
    }
}

impl Audit {
    /// Looks once more.
    fn again(&mut self) {
        self.is_done = false;
    }

    /// Whether a key has been waited for long enough.
    pub(super) fn is_time(&mut self) -> bool {
        let now = clock::elapsed();
        let is_over = self.patience_over.is_some_and(|over| over <= now);
        if is_over {
            self.patience_over = None;
            self.again();
        }
        is_over
    }

    fn begins(&mut self) -> bool {
        if std::mem::replace(&mut self.is_done, true) || self.left == 0 {
            return false;
        }
        self.left -= 1;
        true
    }
}

impl Client {
    /// Sets how long a key is waited for that another device has begun.
    pub fn set_key_patience(&self, patience: Duration) {
        self.live().key_patience = patience;
    }

    fn key_patience(&self) -> Duration {
        self.live().key_patience
    }
}

impl Exchange<'_> {
    /// Looks whether keys are due, once all logs have been read and whenever the account's own has
    /// grown.
    pub(super) async fn audit(&mut self) -> Result<()> {
        while self.audit.begins() {
            if self.keeper().is_own() {
                self.renew_account_key().await?;
                self.supply(self.client.identity().account.into()).await?;
            }
            for row in self
                .client
                .read(|tx| keeper::calendars(tx, self.keeper()))?
            {
                if !self.upload.is_stopped(row.id) {
                    self.renew(row.id).await?;
                    self.supply(row.id.into()).await?;
                }
            }
        }
        Ok(())
    }

    /// Asks once for every new secret whether all have been given it, and seals it for whom whoever made
    /// it has left out: it may have died half-way.
    async fn supply(&mut self, log: LogId) -> Result<()> {
        let identity = self.client.identity();
        if !self.client.read(|tx| supply::is_due(tx, identity, log))? {
            return Ok(());
        }
        let request = self.connection.session.get_missing(log);
        let missing = match self.answer(request).await? {
            Answer::Missing(missing) => missing,
            // A role that has changed meanwhile, or a relay that lost this log.
            Answer::Refused(_) => return Ok(()),
            _ => return Err(out_of_turn()),
        };
        let records = self
            .client
            .read(|tx| supply::seal_for(tx, identity, log, &missing))?;
        for record in records {
            let request = self.connection.session.put_box(log, record);
            if let Answer::Refused(nack) = self.answer(request).await? {
                tracing::info!(reason = ?nack.reason, "sync.key_not_supplied");
            }
        }
        self.client
            .store(|tx| supply::note(tx, identity, log, missing.generation))
    }

    /// The account's log has grown: a device has come or left. One that has left ends here if it is
    /// this one; else every calendar is looked at.
    pub(super) fn account_has_grown(&mut self) -> Result<()> {
        let identity = self.client.identity();
        if self.client.read(|tx| devices::is_revoked(tx, identity))? {
            return Err(devices::revoked());
        }
        let calendars = self.client.read(|tx| Ok(tx.calendars()?))?;
        self.client
            .announce(&calendars.iter().map(|row| row.id).collect());
        self.audit.again();
        self.note_news();
        Ok(())
    }

    /// Fetches the account's key where another device has renewed it. Gives whether it has come.
    pub(super) async fn fetch_account_key(&mut self) -> Result<bool> {
        let identity = self.client.identity();
        if !self.client.read(|tx| keys::lacks_puk(tx, identity))? {
            return Ok(false);
        }
        let request = self.connection.session.get_boxes(identity.account.into());
        let Answer::Boxes(records) = self.answer(request).await? else {
            return Err(out_of_turn());
        };
        let (has_come, calendars) = self.client.store(|tx| {
            let has_come = devices::accept_boxes(tx, identity, &records)?;
            keys::note_puk(tx, identity)?;
            Ok((has_come, keeper::calendars(tx, self.keeper())?))
        })?;
        if has_come {
            // What was sealed to it can be opened now, and what could not be renewed is.
            self.grown
                .extend(calendars.iter().map(|row| LogId::from(row.id)));
            self.audit.again();
            self.note_news();
            self.client.wake();
        } else {
            self.wait_for_key();
        }
        Ok(has_come)
    }

    /// A key has not come: it is given up after a while.
    pub(super) fn wait_for_key(&mut self) {
        let patience = self.client.key_patience();
        self.audit
            .patience_over
            .get_or_insert_with(|| clock::elapsed() + patience);
    }

    /// Gives the account a new key where a device that has left made the one in force.
    async fn renew_account_key(&mut self) -> Result<()> {
        let (identity, patience_ms) = (self.client.identity(), self.patience_ms());
        let made = self.client.store(|tx| {
            let head = logs::view(tx, identity.account.into())?.head;
            Ok(devices::renewal(tx, identity, patience_ms)?.map(|link| (head, link)))
        })?;
        let Some((head, link)) = made else {
            return Ok(());
        };
        self.offer_renewal(identity.account.into(), head, link)
            .await?;
        self.sync_log(identity.account.into()).await
    }

    /// Begins a new epoch where a device that was revoked may know this one, or nobody does. Another
    /// writer may be faster: then there is nothing left to do.
    pub(super) async fn renew(&mut self, id: CalendarId) -> Result<()> {
        let (identity, patience_ms) = (self.client.identity(), self.patience_ms());
        let is_due = self
            .client
            .read(|tx| membership::is_renewal_due(tx, identity, id, patience_ms))?;
        if !is_due {
            return Ok(());
        }
        let made = self.client.store(|tx| {
            let head = logs::view(tx, id.into())?.head;
            Ok(membership::renewal(tx, identity, id, patience_ms)?.map(|link| (head, link)))
        })?;
        let Some((head, link)) = made else {
            return Ok(());
        };
        self.offer_renewal(id.into(), head, link).await?;
        self.grown.insert(id.into());
        self.note_news();
        Ok(())
    }

    async fn offer_renewal(
        &mut self,
        log: LogId,
        head: almanac_protocol::ids::LinkHash,
        link: Vec<u8>,
    ) -> Result<()> {
        let session = &mut self.connection.session;
        let request = session.put_link(log, Some(head), link);
        match self.answer(request).await? {
            Answer::Done => tracing::info!("sync.key_renewed"),
            Answer::Refused(nack) => {
                tracing::info!(reason = ?nack.reason, "sync.key_kept");
                if nack.reason == Reason::Conflict {
                    // Another link came first; it may have been about something else.
                    self.audit.again();
                }
            }
            Answer::Links { .. }
            | Answer::Boxes(_)
            | Answer::Missing(_)
            | Answer::Packs(_)
            | Answer::Resumed(_)
            | Answer::Vouched(_) => {
                return Err(out_of_turn());
            }
        }
        Ok(())
    }

    fn patience_ms(&self) -> u64 {
        u64::try_from(self.client.key_patience().as_millis()).unwrap_or(u64::MAX)
    }
}
