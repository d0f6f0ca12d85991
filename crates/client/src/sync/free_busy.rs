//! The free/busy streams of a connection: followed by who sees no more than that, and by who says there when
//! people are busy.
//!
//! ```text
//! both streams read to their end ─▶ what is said and is not so ─▶ said anew ─▶ sealed and sent
//! ```

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a relay's refusals only some have a way on"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use almanac_protocol::ids::{CalendarId, Incarnation};
use almanac_protocol::message::{Nack, Position, Reason};
use almanac_store::Setting;

use crate::clock;
use crate::entropy;
use crate::error::{Error, Result};
use crate::keeper;
use crate::replica::echo::Echoes;
use crate::replica::free_busy::receive::{self, Read, stream};
use crate::replica::free_busy::tell::{self, Which};
use crate::replica::free_busy::{self, Part};
use crate::replica::keys;
use crate::replica::receive::{Delivery, Strictness};
use crate::sync::Mode;
use crate::sync::exchange::{Exchange, Reading};
use crate::sync::upload::refusal;

/// How long a connected device waits for another one to tell of its own change, before it looks itself; and
/// as much again by chance, so that one of several is first.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is under way on one connection.
#[derive(Debug, Default)]
pub(super) struct FreeBusy {
    streams: BTreeMap<CalendarId, Reading>,
    /// Calendars of which this person sees no more.
    seen: BTreeSet<CalendarId>,
    /// Calendars of which the relay has not said where the stream ends.
    silent: BTreeSet<CalendarId>,
    /// Calendars whose stream is read on once their key has come.
    keyless: BTreeSet<CalendarId>,
    /// Pages that wait for a log, in order.
    held: VecDeque<Delivery>,
    /// What is on its way.
    batches: BTreeMap<u64, Batch>,
    /// The highest number under which the relay has stored something of ours.
    acknowledged: BTreeMap<CalendarId, u64>,
    /// Places that the relay has once refused.
    disputed: BTreeSet<Batch>,
    /// Calendars in whose stream the relay takes nothing of ours.
    stopped: BTreeSet<CalendarId>,
    /// When what others have changed is looked at.
    due: BTreeMap<CalendarId, Instant>,
}

/// Frames of one life on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Batch {
    calendar: CalendarId,
    incarnation: Incarnation,
    first_seq: u64,
    last_seq: u64,
}

impl FreeBusy {
    /// Whether this connection has begun something with the stream of a calendar.
    fn has_part(&self, calendar: CalendarId) -> bool {
        self.streams.contains_key(&calendar) || self.stopped.contains(&calendar)
    }

    /// Whether this person was found to see busy times alone in a calendar.
    pub(super) fn sees_no_more(&self, calendar: CalendarId) -> bool {
        self.seen.contains(&calendar)
    }

    /// The relay has not said where a stream ends.
    pub(super) fn was_silent(&mut self, calendar: CalendarId) {
        self.silent.insert(calendar);
    }

    /// The relay has said where a stream ends.
    pub(super) fn ends_at(&mut self, head: &Position) {
        if let Some(reading) = self.streams.get_mut(&head.stream.calendar) {
            reading.goal = Some(head.rseq);
        }
    }

    /// Whether there is something to look at now.
    pub(super) fn is_time(&self) -> bool {
        let now = clock::elapsed();
        self.due.values().any(|due| *due <= now)
    }

    /// Whether something is still to be read, or on its way.
    pub(super) fn is_busy(&self) -> bool {
        let is_open = |(calendar, reading): (&CalendarId, &Reading)| {
            let acknowledged = self.acknowledged.get(calendar).copied();
            !self.keyless.contains(calendar)
                && (!reading.is_caught_up() || acknowledged.unwrap_or_default() > reading.read_to)
        };
        !self.silent.is_empty()
            || !self.held.is_empty()
            || !self.batches.is_empty()
            || self.streams.iter().any(is_open)
    }

    /// Takes nothing more of a stream. Gives whether it was followed.
    fn forget(&mut self, calendar: CalendarId) -> bool {
        self.silent.remove(&calendar);
        self.keyless.remove(&calendar);
        self.due.remove(&calendar);
        self.acknowledged.remove(&calendar);
        self.batches.retain(|_, batch| batch.calendar != calendar);
        self.held
            .retain(|delivery| delivery.end.stream.calendar != calendar);
        self.streams.remove(&calendar).is_some()
    }
}

impl Exchange<'_> {
    /// Whether this person sees busy times alone in a calendar.
    pub(super) fn sees_no_more(&mut self, calendar: CalendarId) -> Result<bool> {
        let identity = self.client.identity();
        let sees_no_more = self
            .client
            .read(|tx| free_busy::sees_no_more(tx, identity, calendar))?;
        if sees_no_more {
            self.free_busy.seen.insert(calendar);
        } else {
            self.free_busy.seen.remove(&calendar);
        }
        Ok(sees_no_more)
    }

    /// Follows the streams that this device has a part in, reads what waited, and says what is to be said.
    pub(super) async fn tend_free_busy(&mut self) -> Result<()> {
        let identity = self.client.identity();
        let parts = self.client.read(|tx| {
            let mut parts = Vec::new();
            for row in keeper::calendars(tx, self.keeper())? {
                let part = free_busy::part(tx, identity, row.id)?;
                let stream = tx.busy_stream(row.id)?;
                let is_begun = stream.told.is_some() || self.free_busy.has_part(row.id);
                if part != Part::None || is_begun {
                    parts.push((row.id, part, tx.is_busy_shown(row.id)?));
                }
            }
            Ok(parts)
        })?;
        for (calendar, part, is_shown) in parts {
            self.follow_free_busy(calendar, part, is_shown)?;
        }
        while let Some(calendar) = self.free_busy.silent.first().copied() {
            // By the time the relay has answered for the log, a reset has come if one was to.
            let synced = self.sync_log(calendar.into()).await;
            self.stop_if_contradicted(calendar, synced)?;
            if self.free_busy.silent.contains(&calendar) {
                self.free_busy.forget(calendar);
                self.free_busy.stopped.insert(calendar);
            }
        }
        while let Some(Delivery { end, .. }) = self.free_busy.held.front() {
            let calendar = end.stream.calendar;
            self.sync_log(self.client.identity().account.into()).await?;
            let synced = self.sync_log(calendar.into()).await;
            self.stop_if_contradicted(calendar, synced)?;
            let synced = self.sync_people(calendar).await;
            self.stop_if_contradicted(calendar, synced)?;
            if let Some(delivery) = self.free_busy.held.pop_front() {
                self.read_free_busy(delivery, Strictness::Final)?;
            }
        }
        self.tell_free_busy()
    }

    /// Begins to follow a calendar's free/busy stream, or ceases to, as this device's part in it is now.
    fn follow_free_busy(&mut self, calendar: CalendarId, part: Part, is_shown: bool) -> Result<()> {
        let identity = self.client.identity();
        if part == Part::Sees && !is_shown {
            // This profile came out of a backup: its logs were not followed link by link.
            self.client
                .store(|tx| free_busy::follow_log(tx, identity, calendar))?;
        }
        let is_left = self.upload.is_stopped(calendar);
        if part == Part::None || is_left {
            self.free_busy.stopped.remove(&calendar);
            if self.free_busy.forget(calendar) {
                self.connection.session.unsubscribe(&[stream(calendar)]);
            }
            if !is_left {
                self.client
                    .store(|tx| tell::tell(tx, identity, calendar, Which::All))?;
            }
            return Ok(());
        }
        if self.free_busy.keyless.contains(&calendar) {
            let lacks = self
                .client
                .read(|tx| keys::lacks_epoch(tx, identity, calendar))?;
            if lacks {
                return Ok(());
            }
            self.free_busy.forget(calendar);
        }
        if self.free_busy.streams.contains_key(&calendar)
            || self.free_busy.stopped.contains(&calendar)
        {
            return Ok(());
        }
        let epoch = self.relay_epoch;
        let cursor = self.client.store(|tx| {
            let cursor = tx.busy_stream(calendar)?.cursor;
            if cursor.relay_epoch.is_some_and(|known| known != epoch) {
                free_busy::start_over(tx, identity, calendar)?;
            }
            Ok::<_, Error>(tx.busy_stream(calendar)?.cursor)
        })?;
        let at = Position {
            stream: stream(calendar),
            rseq: cursor.rseq,
            hash: cursor.hash,
        };
        let reading = Reading {
            read_to: at.rseq,
            arrived: at.hash,
            goal: None,
            is_compared: true,
        };
        self.free_busy.streams.insert(calendar, reading);
        self.asked.push_back(at.stream);
        self.connection.session.subscribe(&[at]);
        Ok(())
    }

    /// Something of a free/busy stream has come.
    pub(super) fn free_busy_came(&mut self, envelopes: Vec<Vec<u8>>, end: Position) -> Result<()> {
        let calendar = end.stream.calendar;
        let is_awaited = !self.free_busy.keyless.contains(&calendar);
        let Some(reading) = self
            .free_busy
            .streams
            .get_mut(&calendar)
            .filter(|_| is_awaited)
        else {
            return Ok(());
        };
        let delivery = Delivery {
            envelopes,
            start: std::mem::replace(&mut reading.arrived, end.hash),
            end,
            echoes: Echoes::default(),
        };
        if self.free_busy.held.is_empty() {
            return self.read_free_busy(delivery, Strictness::MayFetch);
        }
        self.free_busy.held.push_back(delivery);
        Ok(())
    }

    fn read_free_busy(&mut self, delivery: Delivery, strictness: Strictness) -> Result<()> {
        let (identity, epoch) = (self.client.identity(), self.relay_epoch);
        let read = self
            .client
            .store(|tx| receive::receive(tx, identity, &delivery, epoch, strictness))?;
        let calendar = delivery.end.stream.calendar;
        self.note_news();
        match read {
            Read::Stored { changed } => {
                if let Some(reading) = self.free_busy.streams.get_mut(&calendar) {
                    reading.read_to = delivery.end.rseq;
                }
                if changed {
                    self.client.announce(&BTreeSet::from([calendar]));
                }
            }
            Read::Fetch => self.free_busy.held.push_front(delivery),
            Read::Keyless => {
                // Read again from where the cursor stands, once the key is here.
                self.free_busy
                    .held
                    .retain(|other| other.end.stream.calendar != calendar);
                self.free_busy.keyless.insert(calendar);
                self.connection.session.unsubscribe(&[stream(calendar)]);
                self.grown.insert(calendar.into());
            }
        }
        Ok(())
    }

    /// The relay does not know our place in a free/busy stream.
    pub(super) fn free_busy_starts_over(&mut self, calendar: CalendarId) -> Result<()> {
        tracing::info!("sync.stream_reset");
        let identity = self.client.identity();
        self.client
            .store(|tx| free_busy::start_over(tx, identity, calendar))?;
        self.free_busy.forget(calendar);
        self.note_news();
        Ok(())
    }

    /// Says what is to be said of calendars whose streams were both read to their ends, and sends it.
    fn tell_free_busy(&mut self) -> Result<()> {
        let identity = self.client.identity();
        for calendar in self.caught_up() {
            let is_read = self
                .free_busy
                .streams
                .get(&calendar)
                .is_some_and(Reading::is_caught_up);
            if !is_read || self.free_busy.stopped.contains(&calendar) {
                continue;
            }
            let which = self.which(calendar)?;
            self.client
                .store(|tx| tell::tell(tx, identity, calendar, which))?;
            self.send_free_busy(calendar)?;
        }
        Ok(())
    }

    /// Which changes are told now: those of others have time while this device stays connected.
    fn which(&mut self, calendar: CalendarId) -> Result<Which> {
        if self.mode == Mode::Once {
            return Ok(Which::All);
        }
        let (_, is_remote) = self.client.read(|tx| tell::waits(tx, calendar))?;
        if !is_remote {
            self.free_busy.due.remove(&calendar);
            return Ok(Which::Own);
        }
        let [jitter] = entropy::bytes();
        let now = clock::elapsed();
        let wait = PATIENCE + PATIENCE * u32::from(jitter) / 255;
        let due = *self.free_busy.due.entry(calendar).or_insert(now + wait);
        if due <= now {
            self.free_busy.due.remove(&calendar);
            return Ok(Which::All);
        }
        Ok(Which::Own)
    }

    fn send_free_busy(&mut self, calendar: CalendarId) -> Result<()> {
        let identity = self.client.identity();
        let mut on_its_way = self.free_busy.batches.values();
        if on_its_way.any(|batch| batch.calendar == calendar) {
            return Ok(());
        }
        let sealed = self.client.read(|tx| {
            if keys::lacks_epoch(tx, identity, calendar)? {
                return Ok(Vec::new());
            }
            tell::seal_waiting(tx, identity, calendar)
        })?;
        for one in sealed {
            let session = &mut self.connection.session;
            if !session.may_push(stream(calendar)) {
                break;
            }
            let request = session.push(stream(calendar), vec![one.envelope]);
            let batch = Batch {
                calendar,
                incarnation: one.incarnation,
                first_seq: one.first_seq,
                last_seq: one.last_seq,
            };
            self.free_busy.batches.insert(request, batch);
        }
        Ok(())
    }

    /// Gives whether it was about a free/busy stream.
    pub(super) fn free_busy_acknowledged(&mut self, request: u64, rseqs: &[u64]) -> Result<bool> {
        let Some(batch) = self.free_busy.batches.remove(&request) else {
            return Ok(false);
        };
        self.client.store(|tx| {
            let seqs = batch.first_seq..=batch.last_seq;
            Ok::<_, Error>(tx.busy_frames_sent(batch.calendar, batch.incarnation, seqs)?)
        })?;
        if let Some(last) = rseqs.iter().max() {
            let to = self.free_busy.acknowledged.entry(batch.calendar);
            let to = to.or_default();
            *to = (*to).max(*last);
        }
        self.note_news();
        Ok(true)
    }

    /// Gives whether it was about a free/busy stream.
    pub(super) fn free_busy_refused(&mut self, nack: &Nack) -> Result<bool> {
        let Some(batch) = self.free_busy.batches.remove(&nack.request) else {
            return Ok(false);
        };
        let calendar = batch.calendar;
        let is_again = !self.free_busy.disputed.insert(batch);
        self.note_news();
        match nack.reason {
            // Sealed for an epoch that is over: the log is read, and it is sealed anew.
            Reason::EpochOld | Reason::Unknown if !is_again => {
                self.grown.insert(calendar.into());
            }
            // Another program on this profile was faster, as reading on from here shows.
            Reason::Taken if !is_again => {
                if self.free_busy.forget(calendar) {
                    self.connection.session.unsubscribe(&[stream(calendar)]);
                }
                self.client
                    .store(|tx| free_busy::start_over(tx, self.client.identity(), calendar))?;
            }
            // What stands in our place is not ours: it is said again in another life.
            Reason::Taken => {
                let identity = self.client.identity();
                self.client.store(|tx| {
                    tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
                    tx.remove_waiting_busy_frames(calendar, batch.incarnation, batch.first_seq)?;
                    free_busy::start_over(tx, identity, calendar)
                })?;
            }
            Reason::Busy | Reason::Rate => return Err(refusal(nack.reason)),
            reason => {
                tracing::warn!(?reason, "sync.free_busy_refused");
                self.free_busy.stopped.insert(calendar);
            }
        }
        Ok(true)
    }
}
