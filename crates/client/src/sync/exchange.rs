//! The conversation with the relay after the handshake: logs, then streams, then whatever comes.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use almanac_protocol::ids::{CalendarId, Incarnation, LogId, RelayEpoch};
use almanac_protocol::message::{Nack, Position, Reason, Welcome};
use almanac_protocol::session::client::Event;
use almanac_store::{OutboxRow, Sent};

use crate::client::Client;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::receive::{self, Received, Strictness};
use crate::replica::seal;
use crate::sync::catch_up::{self, origin, position, stream};
use crate::sync::handshake::end_of;
use crate::sync::{Connection, Mode, OTHER_PROCESS_LOOK};

/// Bytes of envelopes in one batch: a message has room for them and its framing.
const BATCH_BYTES_MAX: usize = 900 * 1024;
/// Envelopes in one batch.
const BATCH_ENVELOPES_MAX: usize = 128;

type EnvelopePlace = (CalendarId, Incarnation, u64);

/// One proven connection at work.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    pub(super) connection: Connection,
    relay_epoch: RelayEpoch,
    /// Where each followed stream must be read to before anything of ours is sent.
    goals: BTreeMap<CalendarId, Option<u64>>,
    pushed: BTreeMap<u64, Vec<OutboxRow>>,
    in_flight: BTreeSet<EnvelopePlace>,
    held: VecDeque<(Vec<Vec<u8>>, Position)>,
    pub(super) grown: BTreeSet<LogId>,
    refused: BTreeSet<CalendarId>,
    other_writes: i64,
}

/// What answers a request.
#[derive(Debug)]
pub(super) enum Answer {
    Done,
    Refused(Nack),
    Links { links: Vec<Vec<u8>>, count: u64 },
    Boxes(Vec<Vec<u8>>),
}

impl<'a> Exchange<'a> {
    pub(super) fn new(client: &'a Client, connection: Connection) -> Self {
        Self {
            client,
            connection,
            relay_epoch: RelayEpoch::from_bytes([0; 16]),
            goals: BTreeMap::new(),
            pushed: BTreeMap::new(),
            in_flight: BTreeSet::new(),
            held: VecDeque::new(),
            grown: BTreeSet::new(),
            refused: BTreeSet::new(),
            other_writes: 0,
        }
    }

    /// Brings logs and sealed keys together and follows every stream.
    pub(super) async fn begin(&mut self, welcome: &Welcome) -> Result<()> {
        self.relay_epoch = welcome.relay_epoch;
        self.other_writes = self.client.data_version()?;
        let identity = self.client.identity();
        self.client
            .store(|tx| catch_up::adopt_relay(tx, identity, welcome.relay_epoch))?;
        self.sync_log(identity.account.into()).await?;
        for row in self.client.read(|tx| Ok(tx.calendars()?))? {
            self.sync_log(row.id.into()).await?;
        }
        for calendar in &welcome.calendars {
            self.discover(*calendar).await?;
        }
        self.follow_all()
    }

    /// Exchanges until nothing is left, or for ever.
    pub(super) async fn run(&mut self, mode: Mode) -> Result<()> {
        let mut look = tokio::time::interval(OTHER_PROCESS_LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.tend().await?;
            if mode == Mode::Once && self.is_done()? {
                return Ok(());
            }
            tokio::select! {
                event = self.connection.next_event() => self.handle(event?)?,
                () = self.client.woken() => {}
                _ = look.tick() => self.look_for_other_writes()?,
            }
        }
    }

    /// Ends the connection.
    pub(super) async fn close(self) {
        self.connection.close().await;
    }

    /// Waits for the answer to one request; everything else is handled meanwhile.
    pub(super) async fn answer(&mut self, request: u64) -> Result<Answer> {
        loop {
            match self.connection.next_event().await? {
                Event::Acked { request: of, .. } if of == request => return Ok(Answer::Done),
                Event::Nacked(nack) if nack.request == request => return Ok(Answer::Refused(nack)),
                Event::Links {
                    request: of,
                    links,
                    count,
                    ..
                } if of == request => {
                    return Ok(Answer::Links { links, count });
                }
                Event::Boxes {
                    request: of,
                    records,
                    ..
                } if of == request => {
                    return Ok(Answer::Boxes(records));
                }
                event => self.handle(event)?,
            }
        }
    }

    /// Does what events have left to do.
    async fn tend(&mut self) -> Result<()> {
        while let Some(log) = self.grown.pop_first() {
            self.follow_log(log).await?;
        }
        while let Some((envelopes, end)) = self.held.pop_front() {
            // What the page needs to be judged may stand in logs that have grown since.
            self.sync_log(self.client.identity().account.into()).await?;
            self.sync_log(end.stream.calendar.into()).await?;
            self.receive(&envelopes, end, Strictness::Final)?;
        }
        self.follow_all()?;
        if self.is_caught_up()? {
            self.client.now_uploading();
        }
        self.send_waiting()
    }

    async fn follow_log(&mut self, log: LogId) -> Result<()> {
        if log == LogId::from(self.client.identity().account) {
            self.sync_log(log).await?;
            self.client.announce_status();
            return Ok(());
        }
        let calendar = CalendarId::from_bytes(*log.as_bytes());
        if self.client.read(|tx| Ok(tx.calendar(calendar)?))?.is_some() {
            self.sync_log(log).await
        } else {
            self.discover(calendar).await
        }
    }

    fn handle(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Heads(positions) => {
                for position in positions {
                    self.goals
                        .insert(position.stream.calendar, Some(position.rseq));
                }
                Ok(())
            }
            Event::Envelopes { envelopes, end } if self.held.is_empty() => {
                self.receive(&envelopes, end, Strictness::MayFetch)
            }
            Event::Envelopes { envelopes, end } => {
                self.held.push_back((envelopes, end));
                Ok(())
            }
            Event::Acked { request, .. } => self.acknowledged(request),
            Event::Nacked(nack) => self.refused(&nack),
            Event::Reset(position) => self.start_over(position.stream.calendar),
            Event::LogGrew { log, .. } => {
                self.grown.insert(log);
                Ok(())
            }
            event => end_of(&event),
        }
    }

    fn receive(
        &mut self,
        envelopes: &[Vec<u8>],
        end: Position,
        strictness: Strictness,
    ) -> Result<()> {
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        let received = self
            .client
            .store(|tx| receive::receive(tx, identity, envelopes, end, epoch, strictness))?;
        match received {
            Received::Stored { changed } if changed => {
                self.client.announce(&BTreeSet::from([end.stream.calendar]));
            }
            Received::Stored { .. } => {}
            Received::Fetch => self.held.push_back((envelopes.to_vec(), end)),
        }
        Ok(())
    }

    fn follow_all(&mut self) -> Result<()> {
        let rows = self.client.read(|tx| Ok(tx.calendars()?))?;
        let fresh: Vec<Position> = rows
            .iter()
            .filter(|row| !self.goals.contains_key(&row.id) && !self.refused.contains(&row.id))
            .map(position)
            .collect();
        if !fresh.is_empty() {
            self.goals.extend(
                fresh
                    .iter()
                    .map(|position| (position.stream.calendar, None)),
            );
            self.connection.session.subscribe(&fresh);
        }
        Ok(())
    }

    fn start_over(&mut self, calendar: CalendarId) -> Result<()> {
        tracing::info!("sync.stream_reset");
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        self.client
            .store(|tx| catch_up::start_stream_over(tx, identity, calendar, epoch))?;
        self.in_flight.retain(|(of, _, _)| *of != calendar);
        self.goals.insert(calendar, None);
        self.connection.session.subscribe(&[origin(calendar)]);
        Ok(())
    }

    fn send_waiting(&mut self) -> Result<()> {
        let calendars: Vec<CalendarId> = self.goals.keys().copied().collect();
        for calendar in calendars {
            let waits = self.client.read(|tx| Ok(tx.has_unsent(calendar)?))?;
            if waits && !self.refused.contains(&calendar) && self.has_reached_goal(calendar)? {
                self.send_calendar(calendar)?;
            }
        }
        Ok(())
    }

    fn send_calendar(&mut self, calendar: CalendarId) -> Result<()> {
        let identity = self.client.identity();
        if self.client.read(|tx| Ok(tx.has_unsealed(calendar)?))? {
            self.client
                .store(|tx| seal::seal_waiting(tx, identity, calendar))?;
        }
        let mut rows: VecDeque<OutboxRow> = self.client.read(|tx| Ok(tx.outbox(calendar)?))?.into();
        rows.retain(|row| !self.in_flight.contains(&place(row)));
        while !rows.is_empty() && self.connection.session.may_push(stream(calendar)) {
            let mut batch: Vec<OutboxRow> = Vec::new();
            let mut bytes = 0;
            while let Some(row) = rows.front() {
                bytes += row.bytes.len();
                if !batch.is_empty()
                    && (bytes > BATCH_BYTES_MAX || batch.len() == BATCH_ENVELOPES_MAX)
                {
                    break;
                }
                batch.extend(rows.pop_front());
            }
            self.in_flight.extend(batch.iter().map(place));
            let envelopes = batch.iter().map(|row| row.bytes.clone()).collect();
            let request = self.connection.session.push(stream(calendar), envelopes);
            self.pushed.insert(request, batch);
        }
        Ok(())
    }

    fn acknowledged(&mut self, request: u64) -> Result<()> {
        let Some(batch) = self.pushed.remove(&request) else {
            return Ok(());
        };
        self.client.store(|tx| {
            for row in &batch {
                let seqs = row.first_seq..=row.last_seq;
                tx.mark_frames(row.calendar, row.incarnation, seqs, Sent::AtRelay)?;
                tx.remove_outbox(row.calendar, row.incarnation, row.first_seq)?;
            }
            Ok(())
        })?;
        self.in_flight
            .retain(|at| !batch.iter().any(|row| place(row) == *at));
        self.client.announce_status();
        Ok(())
    }

    fn refused(&mut self, nack: &Nack) -> Result<()> {
        let Some(batch) = self.pushed.remove(&nack.request) else {
            return Ok(());
        };
        let Some(calendar) = batch.first().map(|row| row.calendar) else {
            return Ok(());
        };
        self.in_flight
            .retain(|at| !batch.iter().any(|row| place(row) == *at));
        match nack.reason {
            // Sealed for an epoch that is over, or with other random bytes than what stands there:
            // the log is read again, and so is the stream, which shows what is already durable.
            Reason::EpochOld | Reason::Taken => {
                self.grown.insert(calendar.into());
                self.start_over(calendar)
            }
            reason => {
                self.refused.insert(calendar);
                let error = refusal(reason);
                self.client.now_failed(&error);
                Err(error)
            }
        }
    }

    fn look_for_other_writes(&mut self) -> Result<()> {
        let version = self.client.data_version()?;
        if version != self.other_writes {
            self.other_writes = version;
            let all = self.client.read(|tx| Ok(tx.calendars()?))?;
            self.client
                .announce(&all.iter().map(|row| row.id).collect());
        }
        Ok(())
    }

    fn is_done(&self) -> Result<bool> {
        let busy = !self.pushed.is_empty() || !self.held.is_empty() || !self.grown.is_empty();
        if busy || !self.is_caught_up()? {
            return Ok(false);
        }
        Ok(self.client.read(|tx| Ok(tx.unsent_count()?))? == 0)
    }

    fn is_caught_up(&self) -> Result<bool> {
        for calendar in self.goals.keys() {
            if !self.has_reached_goal(*calendar)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has_reached_goal(&self, calendar: CalendarId) -> Result<bool> {
        let Some(goal) = self.goals.get(&calendar).copied().flatten() else {
            return Ok(false);
        };
        let row = self.client.read(|tx| Ok(tx.calendar(calendar)?))?;
        Ok(row.is_some_and(|row| row.cursor.rseq >= goal))
    }
}

const fn place(row: &OutboxRow) -> EnvelopePlace {
    (row.calendar, row.incarnation, row.first_seq)
}

fn refusal(reason: Reason) -> Error {
    let message = match reason {
        Reason::Quota => {
            "The relay has no more room for this account. Everything is saved on this device; what \
             other devices sent still arrives. Ask whoever runs the relay for more room."
                .to_owned()
        }
        Reason::Forbidden => "The relay does not let this account write to one of its calendars. \
             Everything is saved on this device. Ask the owner of the calendar."
            .to_owned(),
        reason => format!(
            "The relay did not take a change ({reason:?}). Everything is saved on this device and \
             will be offered again."
        ),
    };
    Error::new(ErrorCode::RelayRefused, message)
}
