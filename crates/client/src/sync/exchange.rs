//! The conversation with the relay after the handshake: logs, then streams, then whatever comes.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use almanac_protocol::frame::STREAM_FREE_BUSY;
use almanac_protocol::ids::{CalendarId, LogId, RelayEpoch, StreamHash};
use almanac_protocol::message::{
    Missing, Nack, Packs, Position, Reason, RecoveryBegun, Resumed, Stream, Welcome,
};
use almanac_protocol::session::client::Event;
use tokio::sync::watch;

use crate::accounts::recovery;
use crate::client::Client;
use crate::error::{Error, ErrorCode, Result};
use crate::keeper::{self, Keeper};
use crate::replica::membership;
use crate::replica::receive::{self, Delivery, Received, Strictness};
use crate::sync::audit::Audit;
use crate::sync::catch_up;
use crate::sync::door::Door;
use crate::sync::free_busy::FreeBusy;
use crate::sync::handshake::end_of;
use crate::sync::packs::Packing;
use crate::sync::settle::Settling;
use crate::sync::upload::Upload;
use crate::sync::{Connection, Mode, OTHER_PROCESS_LOOK, RelayAddress, interrupted};
use crate::view::Notice;

/// One proven connection at work.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    pub(super) connection: Connection,
    pub(super) upload: Upload,
    pub(super) settling: Settling,
    pub(super) mode: Mode,
    pub(super) packing: Packing,
    pub(super) relay: &'a RelayAddress,
    pub(super) relay_epoch: RelayEpoch,
    /// Which reading of all streams this connection began with.
    reading: u64,
    pub(super) streams: BTreeMap<CalendarId, Reading>,
    /// The same of the free/busy streams, and all else about them.
    pub(super) free_busy: FreeBusy,
    /// Pages that wait for a log, in order; each stays here until it is stored.
    pub(super) held: VecDeque<Delivery>,
    /// Streams that were asked for, until the relay says where they end.
    pub(super) asked: VecDeque<Stream>,
    /// Calendars of which the relay has not said where they end.
    pub(super) unanswered: BTreeSet<CalendarId>,
    /// Logs of calendars that the relay names and nobody of the account has asked for.
    pub(super) unlisted: BTreeSet<LogId>,
    /// Which keys were looked after.
    pub(super) audit: Audit,
    pub(super) grown: BTreeSet<LogId>,
    pub(super) has_news: bool,
    is_turned_away: bool,
    /// What others on this profile have done.
    wakes: watch::Receiver<u64>,
    /// What the relay of a guest has heard of its account.
    pub(super) door: Door,
}

/// How far one stream is read on this connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) read_to: u64,
    /// Running hash after the last envelope that was handed over, stored or not.
    pub(super) arrived: StreamHash,
    /// Where the stream ended when it was followed; unknown until the relay has said so.
    pub(super) goal: Option<u64>,
    /// Whether what an earlier connection was told was compared with what stands here.
    pub(super) is_compared: bool,
}

/// What answers a request.
#[derive(Debug)]
pub(super) enum Answer {
    Done,
    Refused(Nack),
    Links { links: Vec<Vec<u8>>, count: u64 },
    Boxes(Vec<Vec<u8>>),
    Missing(Missing),
    Packs(Packs),
    Resumed(Resumed),
    Vouched(Vec<u8>),
}

impl<'a> Exchange<'a> {
    pub(super) fn new(client: &'a Client, connection: Connection, relay: &'a RelayAddress) -> Self {
        Self {
            client,
            connection,
            upload: Upload::default(),
            settling: Settling::default(),
            mode: Mode::Once,
            packing: Packing::default(),
            relay,
            relay_epoch: RelayEpoch::from_bytes([0; 16]),
            reading: 0,
            streams: BTreeMap::new(),
            free_busy: FreeBusy::default(),
            held: VecDeque::new(),
            asked: VecDeque::new(),
            unanswered: BTreeSet::new(),
            unlisted: BTreeSet::new(),
            audit: Audit::default(),
            grown: BTreeSet::new(),
            has_news: true,
            is_turned_away: false,
            wakes: client.wakes(),
            door: Door::default(),
        }
    }

    /// The relay at the other end.
    pub(super) fn keeper(&self) -> &'a Keeper {
        self.client.keeper()
    }

    /// Exchanges until nothing is left, or for ever.
    pub(super) async fn run(&mut self, welcome: &Welcome, mode: Mode) -> Result<()> {
        self.mode = mode;
        self.begin(welcome).await?;
        let mut look = tokio::time::interval(OTHER_PROCESS_LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if std::mem::take(&mut self.has_news) {
                if self.client.read(catch_up::reading)? != self.reading {
                    // A person has it all read anew: where this connection stands counts no more.
                    return match mode {
                        Mode::Once => Err(interrupted()),
                        Mode::Watch => Ok(()),
                    };
                }
                self.tend().await?;
            }
            if mode == Mode::Once && self.is_done()? {
                return Ok(());
            }
            tokio::select! {
                // In this order the rare ones are never kept waiting by the frequent one.
                biased;
                _ = self.wakes.changed() => self.was_woken()?,
                _ = look.tick() => self.look_for_other_writes()?,
                event = self.connection.next_event() => self.handle(event?)?,
            }
        }
    }

    /// Whether something durable came of this connection: a relay that refuses everything is not
    /// asked again at once.
    pub(super) fn got_through(&self) -> bool {
        self.client.is_uploading()
    }

    /// Whether the relay has ended the connection because of who this is.
    pub(super) const fn is_turned_away(&self) -> bool {
        self.is_turned_away
    }

    /// Ends the connection.
    pub(super) async fn close(self) {
        self.connection.close().await;
    }

    /// Waits for the answer to one request; everything else is handled meanwhile.
    pub(super) async fn answer(&mut self, request: u64) -> Result<Answer> {
        let mut answers = self.answers(&[request]).await?;
        answers.remove(&request).ok_or_else(interrupted)
    }

    /// Waits for the answers to requests, in whatever order they come.
    pub(super) async fn answers(&mut self, requests: &[u64]) -> Result<BTreeMap<u64, Answer>> {
        let mut answers = BTreeMap::new();
        while answers.len() < requests.len() {
            let event = self.connection.next_event().await?;
            match request_of(&event).filter(|request| requests.contains(request)) {
                Some(request) => answers.extend(answer_of(event).map(|answer| (request, answer))),
                None => self.handle(event)?,
            }
        }
        Ok(answers)
    }

    async fn begin(&mut self, welcome: &Welcome) -> Result<()> {
        self.relay_epoch = welcome.relay_epoch;
        let identity = self.client.identity();
        self.client
            .store(|tx| catch_up::adopt_relay(tx, identity, self.keeper(), welcome.relay_epoch))?;
        self.reading = self.client.read(catch_up::reading)?;
        self.resume(welcome).await?;
        // What others did to their accounts concerns the calendars that are shared with them.
        let kept = self
            .client
            .read(|tx| keeper::calendars(tx, self.keeper()))?;
        let others = self
            .client
            .read(|tx| membership::others(tx, identity, &kept))?;
        self.grown.extend(others.into_iter().map(LogId::from));
        Ok(())
    }

    /// Does what events have left to do.
    async fn tend(&mut self) -> Result<()> {
        self.tend_door().await?;
        self.follow_all().await?;
        while let Some(log) = self.grown.pop_first() {
            self.follow_log(log).await?;
        }
        self.follow_all().await?;
        self.look_after_unanswered().await?;
        self.audit().await?;
        while let Some(Delivery { end, .. }) = self.held.front() {
            // What the page needs to be judged may stand in logs that have grown since.
            let calendar = end.stream.calendar;
            self.sync_log(self.client.identity().account.into()).await?;
            let synced = self.sync_log(calendar.into()).await;
            self.stop_if_contradicted(calendar, synced)?;
            let synced = self.sync_people(calendar).await;
            self.stop_if_contradicted(calendar, synced)?;
            if let Some(delivery) = self.held.pop_front() {
                self.receive(delivery, Strictness::Final)?;
            }
        }
        self.compare_told()?;
        if self.streams.values().all(Reading::is_caught_up) && !self.client.has_trouble() {
            self.client.now_uploading();
        }
        self.send_waiting()?;
        self.settle()?;
        self.look_for_missing().await?;
        if self.settling.has_told() {
            self.send_waiting()?;
        }
        self.tend_free_busy().await?;
        self.tend_packs().await
    }

    /// A relay that contradicts itself about one calendar stops that calendar, not the others.
    pub(super) fn stop_if_contradicted(
        &mut self,
        calendar: CalendarId,
        result: Result<()>,
    ) -> Result<()> {
        match result {
            Err(error) if matches!(error.code, ErrorCode::RelayContradicts | ErrorCode::TooNew) => {
                self.upload.stop(calendar);
                self.follow_no_more(calendar);
                self.client.now_failed(&error);
                Ok(())
            }
            result => result,
        }
    }

    fn recovery_begun(&self, begun: &RecoveryBegun) -> Result<()> {
        let identity = self.client.identity();
        let is_ours = self
            .client
            .store(|tx| recovery::note_begun(tx, identity, begun))?;
        if is_ours {
            self.client.announce_status();
        }
        Ok(())
    }

    pub(super) fn handle(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Heads(positions) => {
                self.ends_were_told(&positions);
                Ok(())
            }
            Event::Envelopes { envelopes, end } if end.stream.kind == STREAM_FREE_BUSY => {
                self.free_busy_came(envelopes, end)
            }
            Event::Dropped(position) | Event::Reset(position)
                if position.stream.kind == STREAM_FREE_BUSY =>
            {
                self.free_busy_starts_over(position.stream.calendar)
            }
            Event::Envelopes { envelopes, end } => self.came(envelopes, end),
            Event::Pulled { stream, envelopes } => self.take_pulled(stream.calendar, &envelopes),
            Event::Acked { request, rseqs } => self.acknowledged(request, &rseqs),
            Event::Nacked(nack) => self.refused(&nack),
            Event::Dropped(position) => {
                self.unanswered.remove(&position.stream.calendar);
                self.streams.remove(&position.stream.calendar);
                self.fell_behind(position.stream.calendar);
                Ok(())
            }
            Event::Reset(position) => {
                self.unanswered.remove(&position.stream.calendar);
                self.reset(position.stream.calendar)
            }
            Event::LogGrew { log, .. } => {
                self.grown.insert(log);
                self.has_news = true;
                Ok(())
            }
            Event::Joins { calendar, .. } => {
                let calendar = calendar.to_string();
                self.client.tell(&Notice::Asked { calendar });
                Ok(())
            }
            // Only the own relay lets a recovery kit in.
            Event::RecoveryBegun(_) if !self.keeper().is_own() => Ok(()),
            Event::RecoveryBegun(begun) => self.recovery_begun(&begun),
            event => {
                self.is_turned_away |= matches!(
                    event,
                    Event::Closing {
                        reason: Reason::Forbidden,
                        ..
                    }
                );
                end_of(&event)
            }
        }
    }

    /// One answer for each stream that was asked for. One that names none is followed by a reset, or that
    /// stream is not to be read here.
    fn ends_were_told(&mut self, positions: &[Position]) {
        self.has_news = true;
        if positions.is_empty() {
            match self.asked.pop_front() {
                Some(stream) if stream.kind == STREAM_FREE_BUSY => {
                    self.free_busy.was_silent(stream.calendar);
                }
                asked => self.unanswered.extend(asked.map(|stream| stream.calendar)),
            }
        }
        for head in positions {
            let mut asked = self.asked.iter();
            if let Some(at) = asked.position(|stream| *stream == head.stream) {
                self.asked.remove(at);
            }
            if head.stream.kind == STREAM_FREE_BUSY {
                self.free_busy.ends_at(head);
            } else {
                self.read_up_to(head);
            }
        }
    }

    /// Something of a calendar's main stream has come.
    fn came(&mut self, envelopes: Vec<Vec<u8>>, end: Position) -> Result<()> {
        let Some(stream) = self.streams.get_mut(&end.stream.calendar) else {
            return Ok(());
        };
        let delivery = Delivery {
            envelopes,
            start: std::mem::replace(&mut stream.arrived, end.hash),
            end,
            echoes: self.upload.echoes.clone(),
        };
        if self.held.is_empty() {
            return self.receive(delivery, Strictness::MayFetch);
        }
        self.held.push_back(delivery);
        Ok(())
    }

    fn receive(&mut self, delivery: Delivery, strictness: Strictness) -> Result<()> {
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        let received = self.client.store(|tx| {
            let mark = tx.newest_busy_stale()?;
            let received = receive::receive(tx, identity, &delivery, epoch, strictness)?;
            tx.busy_stale_is_remote(mark)?;
            Ok::<_, Error>(received)
        })?;
        let end = delivery.end;
        let calendar = end.stream.calendar;
        let (Received::Stored { changed, .. } | Received::Fetch { changed }) = received;
        if changed {
            self.client.announce(&BTreeSet::from([calendar]));
            if calendar == identity.private {
                // It may list a calendar by now that nobody here had asked for.
                self.grown.append(&mut self.unlisted);
            }
        }
        match received {
            Received::Stored { has_gap, .. } => {
                let Delivery {
                    envelopes, echoes, ..
                } = delivery;
                drop(echoes);
                self.upload.echoes.came_back(&envelopes);
                if has_gap {
                    self.settling.miss(calendar);
                }
                if let Some(stream) = self.streams.get_mut(&calendar) {
                    let was_caught_up = stream.is_caught_up();
                    stream.read_to = end.rseq;
                    let is_read = was_caught_up != stream.is_caught_up();
                    self.has_news |= is_read || self.mode == Mode::Once;
                }
                self.settling.stir(calendar);
            }
            Received::Fetch { .. } => {
                self.held.push_back(delivery);
                self.has_news = true;
            }
        }
        Ok(())
    }

    /// How far a stream has been read.
    pub(super) fn read_to(&self, calendar: CalendarId) -> u64 {
        let stream = self.streams.get(&calendar);
        stream.map_or(0, |stream| stream.read_to)
    }

    /// Whether everything that the relay has taken from us has come back.
    pub(super) fn is_echoed(&self, calendar: CalendarId) -> bool {
        self.upload.acknowledged_to(calendar) <= self.read_to(calendar)
    }

    /// What a relay has called durable and this one does not have is offered to it: it may have
    /// been another one that said so, or have lost it since.
    fn compare_told(&mut self) -> Result<()> {
        for (calendar, stream) in &mut self.streams {
            if stream.is_caught_up() && !std::mem::replace(&mut stream.is_compared, true) {
                let count = self
                    .client
                    .store(|tx| Ok::<_, Error>(tx.offer_told_again(*calendar)?))?;
                if count > 0 {
                    tracing::warn!(count, "sync.told_and_lost");
                }
            }
        }
        Ok(())
    }

    /// Calendars whose streams have been read to their end, own chains included.
    pub(super) fn caught_up(&self) -> Vec<CalendarId> {
        let ready = self
            .streams
            .iter()
            .filter(|(_, stream)| stream.is_caught_up());
        ready.map(|(calendar, _)| *calendar).collect()
    }

    pub(super) fn note_news(&mut self) {
        self.has_news = true;
    }

    fn look_for_other_writes(&mut self) -> Result<()> {
        self.has_news |= self.settling.is_time() | self.audit.is_time() | self.free_busy.is_time();
        if self.client.look_for_other_writes()? {
            self.has_news = true;
            if self.client.has_others() {
                // Only one connection finds out by itself.
                self.client.wake();
            }
            if self.client.address_of(self.keeper())? != *self.relay {
                return Err(interrupted());
            }
        }
        Ok(())
    }

    fn is_done(&self) -> Result<bool> {
        let waits = self.has_news || !self.held.is_empty() || !self.grown.is_empty();
        let is_read = self.streams.iter().all(|(calendar, stream)| {
            stream.is_caught_up() && self.upload.acknowledged_to(*calendar) <= stream.read_to
        });
        let is_busy = self.upload.is_busy() || self.settling.is_busy() || self.free_busy.is_busy();
        if waits || !is_read || is_busy {
            return Ok(false);
        }
        let unsent = self.client.read(|tx| {
            let calendars = keeper::calendars(tx, self.keeper())?;
            let counts = calendars
                .iter()
                .filter(|row| !self.upload.is_stopped(row.id))
                .filter(|row| !self.free_busy.sees_no_more(row.id));
            let mut unsent = false;
            for row in counts {
                // What waits for a key is safe here, and nothing of it can leave before.
                let waits = tx.keyless_since(row.id)? > 0 && tx.outbox(row.id)?.is_empty();
                unsent |= !waits && tx.has_unsent(row.id)?;
            }
            Ok::<_, Error>(unsent)
        })?;
        Ok(!unsent)
    }
}

/// The request that an event answers.
const fn request_of(event: &Event) -> Option<u64> {
    match event {
        Event::Acked { request, .. }
        | Event::Links { request, .. }
        | Event::Boxes { request, .. }
        | Event::Vouched { request, .. } => Some(*request),
        Event::Nacked(nack) => Some(nack.request),
        Event::Missing(missing) => Some(missing.request),
        Event::Packs(packs) => Some(packs.request),
        Event::Resumed(resumed) => Some(resumed.request),
        _ => None,
    }
}

fn answer_of(event: Event) -> Option<Answer> {
    match event {
        Event::Acked { .. } => Some(Answer::Done),
        Event::Nacked(nack) => Some(Answer::Refused(nack)),
        Event::Links { links, count, .. } => Some(Answer::Links { links, count }),
        Event::Boxes { records, .. } => Some(Answer::Boxes(records)),
        Event::Vouched { voucher, .. } => Some(Answer::Vouched(voucher)),
        Event::Missing(missing) => Some(Answer::Missing(missing)),
        Event::Packs(packs) => Some(Answer::Packs(packs)),
        Event::Resumed(resumed) => Some(Answer::Resumed(resumed)),
        _ => None,
    }
}

impl Reading {
    pub(super) fn is_caught_up(&self) -> bool {
        self.goal.is_some_and(|goal| self.read_to >= goal)
    }
}
