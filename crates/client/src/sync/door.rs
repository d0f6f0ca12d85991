//! What goes on at the door between two relays: the own one vouches for the account's log, the one whose
//! guest the account is hears of it.
//!
//! ```text
//! own relay ──voucher──▶ this device ──VISIT, on another connection──▶ the other relay
//! ```

use almanac_protocol::ids::LogId;
use almanac_protocol::message::LogEnd;

use crate::error::Result;
use crate::keeper;
use crate::replica::{keys, logs};
use crate::sync::exchange::{Answer, Exchange};
use crate::sync::interrupted;
use crate::sync::membership::out_of_turn;
use crate::sync::visiting::voucher;

/// What one connection knows of the door.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// How many links of the account's log the other relay has.
    heard: u64,
    /// Whether there is more for it to hear, which takes another connection.
    has_more: bool,
    /// Whether something else on this profile has happened since it was last looked.
    was_woken: bool,
}

impl Exchange<'_> {
    /// Whether this connection has ended so that the relay hears more of the account's log at the next.
    pub(super) const fn has_more_to_tell(&self) -> bool {
        self.door.has_more
    }

    /// Something was written on this profile.
    pub(super) fn was_woken(&mut self) -> Result<()> {
        self.has_news = true;
        self.door.was_woken = true;
        Ok(())
    }

    /// The relay of a guest has said where its copy of the account's log ends, if that is not where ours
    /// does. Gives whether it has more than this device.
    pub(super) fn other_relay_has_heard(&mut self, end: Option<LogEnd>) -> Result<bool> {
        let account = LogId::from(self.client.identity().account);
        let links = self.client.read(|tx| logs::view(tx, account))?.seq + 1;
        self.door.heard = end.map_or(links, |end| end.links);
        self.look_for_more()?;
        Ok(self.door.heard > links)
    }

    /// Ends the connection where the own relay vouches for more than the other one has heard.
    fn look_for_more(&mut self) -> Result<()> {
        let identity = self.client.identity();
        let kept = self.client.read(|tx| voucher(tx, identity))?;
        let links = kept.map_or(0, |(voucher, _)| voucher.view.seq + 1);
        if links > self.door.heard {
            self.door.has_more = true;
            return Err(interrupted());
        }
        Ok(())
    }

    /// At the own relay: has it vouch for the account's log, where others have to hear of that. At any
    /// other: does what has become possible by what happened elsewhere on this profile.
    pub(super) async fn tend_door(&mut self) -> Result<()> {
        let was_woken = std::mem::take(&mut self.door.was_woken);
        if self.keeper().is_own() {
            return self.ask_to_vouch().await;
        }
        if !was_woken {
            return Ok(());
        }
        if !self.client.is_kept_there()? {
            // The last of its calendars was taken out of the list.
            return Err(interrupted());
        }
        self.look_for_more()?;
        let identity = self.client.identity();
        let kept = self
            .client
            .read(|tx| keeper::calendars(tx, self.keeper()))?;
        for row in kept {
            // The account's key may have come, with which this one's is opened.
            if self
                .client
                .read(|tx| keys::lacks_epoch(tx, identity, row.id))?
            {
                self.grown.insert(row.id.into());
            }
        }
        // It may be listed by now.
        self.grown.append(&mut self.unlisted);
        Ok(())
    }

    async fn ask_to_vouch(&mut self) -> Result<()> {
        let identity = self.client.identity();
        let is_due = self.client.read(|tx| {
            if keeper::others(tx, identity)?.is_empty() {
                return Ok(false);
            }
            let account = LogId::from(identity.account);
            let kept = voucher(tx, identity)?.map(|(voucher, _)| voucher.view);
            let is_sent = tx.waiting_links(account)?.is_empty();
            Ok(is_sent && kept != Some(logs::view(tx, account)?))
        })?;
        if !is_due {
            return Ok(());
        }
        let request = self.connection.session.get_voucher();
        match self.answer(request).await? {
            Answer::Vouched(voucher) => {
                self.client.keep_voucher(&voucher)?;
                self.client.wake();
                Ok(())
            }
            // Asked again on the next connection.
            Answer::Refused(nack) => {
                tracing::info!(reason = ?nack.reason, "sync.not_vouched_for");
                Ok(())
            }
            Answer::Done
            | Answer::Links { .. }
            | Answer::Boxes(_)
            | Answer::Missing(_)
            | Answer::Packs(_)
            | Answer::Resumed(_) => Err(out_of_turn()),
        }
    }
}
