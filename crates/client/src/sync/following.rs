//! Which logs and streams a connection follows, from where, and when it stops.

use almanac_protocol::ids::{AccountId, CalendarId, LogId};
use almanac_protocol::message::Position;

use crate::error::{Error, ErrorCode, Result};
use crate::keeper;
use crate::replica::membership;
use crate::sync::catch_up::{self, origin};
use crate::sync::exchange::{Exchange, Reading};

impl Exchange<'_> {
    pub(super) async fn follow_log(&mut self, log: LogId) -> Result<()> {
        let identity = self.client.identity();
        if self
            .client
            .read(|tx| membership::is_other_account(tx, identity, log))?
        {
            return self
                .follow_account(AccountId::from_bytes(*log.as_bytes()))
                .await;
        }
        // Links of a calendar quote the account's log: that one is read first.
        self.sync_log(self.client.identity().account.into()).await?;
        if log == LogId::from(self.client.identity().account) {
            self.client.announce_status();
            return Ok(());
        }
        let calendar = CalendarId::from_bytes(*log.as_bytes());
        let is_known = self.client.read(|tx| Ok(tx.calendar(calendar)?))?.is_some();
        if is_known && self.client.keeper_of(calendar)? != *self.keeper() {
            // Another relay keeps it, whatever this one says.
            return Ok(());
        }
        let followed = if is_known {
            self.sync_log(log).await
        } else {
            self.discover(calendar).await
        };
        self.stop_if_contradicted(calendar, followed)?;
        if is_known && self.is_member(calendar)? {
            self.upload.come_back(calendar);
            if self.sees_no_more(calendar)? {
                self.follow_no_more(calendar);
            }
        } else if is_known {
            self.upload.leave(calendar);
            self.follow_no_more(calendar);
        }
        Ok(())
    }

    /// Follows calendars that are not followed yet, after their logs and keys are at the relay.
    pub(super) async fn follow_all(&mut self) -> Result<()> {
        for row in self
            .client
            .read(|tx| keeper::calendars(tx, self.keeper()))?
        {
            let is_followed =
                self.streams.contains_key(&row.id) || self.free_busy.sees_no_more(row.id);
            if is_followed || self.upload.is_stopped(row.id) {
                continue;
            }
            let synced = self.sync_log(row.id.into()).await;
            self.stop_if_contradicted(row.id, synced)?;
            if !self.is_member(row.id)? {
                self.upload.leave(row.id);
            }
            // Who sees busy times alone is not let into the stream of events.
            if !self.upload.is_stopped(row.id) && !self.sees_no_more(row.id)? {
                let at = self.after_packs(&row).await?;
                self.follow(at);
            }
        }
        Ok(())
    }

    /// The relay no longer stands where it stood. Of a stream that it was not asked for that means nothing.
    pub(super) fn reset(&mut self, calendar: CalendarId) -> Result<()> {
        if !self.streams.contains_key(&calendar) {
            return Ok(());
        }
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        self.client
            .store(|tx| catch_up::lost_its_place(tx, identity, calendar, epoch))?;
        self.start_over(calendar)
    }

    /// Reads a stream from its beginning: this relay does not know our place in it.
    pub(super) fn start_over(&mut self, calendar: CalendarId) -> Result<()> {
        tracing::info!("sync.stream_reset");
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        self.client
            .store(|tx| catch_up::start_stream_over(tx, identity, calendar, epoch))?;
        self.upload.forget(calendar);
        // Its sealed keys are to be offered again.
        self.grown.insert(calendar.into());
        self.read_again(calendar);
        Ok(())
    }

    pub(super) fn read_again(&mut self, calendar: CalendarId) {
        self.settling.forget(calendar);
        self.held
            .retain(|delivery| delivery.end.stream.calendar != calendar);
        self.follow(origin(calendar));
        self.has_news = true;
    }

    pub(super) fn follow(&mut self, at: Position) {
        self.expect(at);
        self.asked.push_back(at.stream);
        self.connection.session.subscribe(&[at]);
    }

    /// Calendars of which the relay has said nothing: by the time it has answered for the log, a reset
    /// has come, or it has become clear that this account is no member any more, or is not let in.
    pub(super) async fn look_after_unanswered(&mut self) -> Result<()> {
        while let Some(calendar) = self.unanswered.first().copied() {
            let synced = self.sync_log(calendar.into()).await;
            self.stop_if_contradicted(calendar, synced)?;
            if !self.unanswered.remove(&calendar) {
                continue;
            }
            if !self.is_member(calendar)? {
                self.upload.leave(calendar);
            } else if !self.upload.is_stopped(calendar) {
                self.shut_out(calendar);
            }
            self.follow_no_more(calendar);
        }
        Ok(())
    }

    /// The relay does not let this account read a calendar: perhaps it has lost its log.
    pub(super) fn shut_out(&mut self, calendar: CalendarId) {
        tracing::warn!("sync.shut_out");
        self.upload.stop(calendar);
        self.client.now_failed(&Error::new(
            ErrorCode::RelayRefused,
            "The relay does not show one of your shared calendars any more. What you have of it is \
             safe on this device. Ask its owner whether you are still a member.",
        ));
        self.has_news = true;
    }

    /// Takes what comes of a stream after a position.
    pub(super) fn expect(&mut self, at: Position) {
        let reading = Reading {
            read_to: at.rseq,
            arrived: at.hash,
            goal: None,
            is_compared: false,
        };
        self.settling.stir(at.stream.calendar);
        self.streams.insert(at.stream.calendar, reading);
    }

    /// The relay has said where a stream ends.
    pub(super) fn read_up_to(&mut self, head: &Position) {
        if let Some(stream) = self.streams.get_mut(&head.stream.calendar) {
            stream.goal = Some(head.rseq);
        }
        self.has_news = true;
    }

    /// Takes nothing more of a stream.
    pub(super) fn follow_no_more(&mut self, calendar: CalendarId) {
        self.settling.drop_calendar(calendar);
        if self.streams.remove(&calendar).is_some() {
            self.held
                .retain(|delivery| delivery.end.stream.calendar != calendar);
            let stream = catch_up::stream(calendar);
            self.connection.session.unsubscribe(&[stream]);
        }
    }
}
