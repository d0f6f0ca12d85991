//! Sending: sealed envelopes leave in order, a few batches at a time, and wait for the relay's word.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a relay's refusals only some have a way on"
)]

use std::collections::{BTreeMap, BTreeSet};

use almanac_protocol::ids::CalendarId;
use almanac_protocol::message::{Nack, Reason};
use almanac_store::{OutboxPlace, Sent};

use crate::error::{Error, ErrorCode, Result};
use crate::replica::echo::Echoes;
use crate::replica::{incarnation, seal};
use crate::sync::catch_up::stream;
use crate::sync::exchange::Exchange;

/// Bytes of envelopes in one batch: a message has room for them and its framing.
const BATCH_BYTES_MAX: usize = 900 * 1024;
/// Envelopes in one batch.
const BATCH_ENVELOPES_MAX: usize = 128;

/// What is on its way on one connection.
#[derive(Debug, Default)]
pub(super) struct Upload {
    batches: BTreeMap<u64, Vec<OutboxPlace>>,
    in_flight: BTreeSet<OutboxPlace>,
    acknowledged: BTreeMap<CalendarId, u64>,
    /// Places that the relay has once refused: a second time needs another way on.
    disputed: BTreeSet<OutboxPlace>,
    stopped: BTreeSet<CalendarId>,
    left: BTreeSet<CalendarId>,
    /// What is expected to come back.
    pub(super) echoes: Echoes,
}

impl Upload {
    /// Sends nothing more of a calendar on this connection.
    pub(super) fn stop(&mut self, calendar: CalendarId) {
        self.stopped.insert(calendar);
    }

    /// Sends nothing of a calendar of which this account is no member, until it is one again.
    pub(super) fn leave(&mut self, calendar: CalendarId) {
        self.left.insert(calendar);
    }

    /// Sends of a calendar again that was left.
    pub(super) fn come_back(&mut self, calendar: CalendarId) {
        self.left.remove(&calendar);
    }

    pub(super) fn is_stopped(&self, calendar: CalendarId) -> bool {
        self.stopped.contains(&calendar) || self.left.contains(&calendar)
    }

    /// Whether answers are awaited.
    pub(super) fn is_busy(&self) -> bool {
        !self.batches.is_empty()
    }

    /// The highest number under which the relay has stored something of ours: what comes back
    /// shows that it is really there.
    pub(super) fn acknowledged_to(&self, calendar: CalendarId) -> u64 {
        self.acknowledged
            .get(&calendar)
            .copied()
            .unwrap_or_default()
    }

    /// Drops what is on its way of a calendar that is read from its beginning.
    pub(super) fn forget(&mut self, calendar: CalendarId) {
        self.batches
            .retain(|_, batch| batch.iter().all(|place| place.calendar != calendar));
        self.in_flight.retain(|place| place.calendar != calendar);
        self.acknowledged.remove(&calendar);
    }

    fn note_acknowledged(&mut self, calendar: CalendarId, rseqs: &[u64]) {
        if let Some(last) = rseqs.iter().max() {
            let to = self.acknowledged.entry(calendar).or_default();
            *to = (*to).max(*last);
        }
    }

    fn finish(&mut self, request: u64) -> Option<Vec<OutboxPlace>> {
        let batch = self.batches.remove(&request)?;
        self.in_flight.retain(|place| !batch.contains(place));
        Some(batch)
    }
}

impl Exchange<'_> {
    /// Sends what waits in every stream that has been read to its end.
    pub(super) fn send_waiting(&mut self) -> Result<()> {
        for calendar in self.caught_up() {
            let waits = self.client.read(|tx| Ok(tx.has_unsent(calendar)?))?;
            if waits && !self.upload.is_stopped(calendar) {
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
        let places = self.client.read(|tx| Ok(tx.outbox(calendar)?))?;
        let mut places = places
            .into_iter()
            .filter(|place| !self.upload.in_flight.contains(place))
            .peekable();
        let mut batches = Vec::new();
        while places.peek().is_some()
            && self
                .connection
                .session
                .may_push_beside(stream(calendar), batches.len())
        {
            let (mut batch, mut envelopes, mut bytes) = (Vec::new(), Vec::new(), 0);
            while let Some(place) = places.peek() {
                let Some(envelope) = self.client.read(|tx| Ok(tx.envelope(place)?))? else {
                    places.next();
                    continue;
                };
                bytes += envelope.len();
                if !batch.is_empty()
                    && (bytes > BATCH_BYTES_MAX || batch.len() == BATCH_ENVELOPES_MAX)
                {
                    break;
                }
                let echoes = &mut self.upload.echoes;
                self.client
                    .read(|tx| echoes.expect(tx, identity, *place, &envelope))?;
                batch.push(*place);
                envelopes.push(envelope);
                places.next();
            }
            batches.push((batch, envelopes));
        }
        for (batch, envelopes) in batches {
            self.upload.in_flight.extend(&batch);
            let request = self.connection.session.push(stream(calendar), envelopes);
            self.upload.batches.insert(request, batch);
        }
        Ok(())
    }

    pub(super) fn acknowledged(&mut self, request: u64, rseqs: &[u64]) -> Result<()> {
        if self.free_busy_acknowledged(request, rseqs)? {
            return Ok(());
        }
        let Some(batch) = self.upload.finish(request) else {
            if let Some(calendar) = self.settling.carried(request) {
                self.upload.note_acknowledged(calendar, rseqs);
                self.note_news();
            }
            return Ok(());
        };
        let Some(calendar) = batch.first().map(|place| place.calendar) else {
            return Ok(());
        };
        let is_last = !self.upload.is_busy();
        let noted = self.client.store(|tx| {
            for place in &batch {
                let seqs = place.first_seq..=place.last_seq;
                tx.mark_frames(calendar, place.incarnation, seqs, Sent::Told)?;
            }
            tx.settle_outbox(calendar)?;
            if is_last {
                self.client.note_anchor(tx)
            } else {
                Ok(None)
            }
        })?;
        self.client.keep_anchor(noted);
        self.upload.note_acknowledged(calendar, rseqs);
        self.note_news();
        self.client.announce_status();
        Ok(())
    }

    pub(super) fn refused(&mut self, nack: &Nack) -> Result<()> {
        if self.free_busy_refused(nack)? {
            return Ok(());
        }
        let Some(batch) = self.upload.finish(nack.request) else {
            return self.carried_refused(nack);
        };
        let Some(first) = batch.first().copied() else {
            return Ok(());
        };
        let is_again = batch
            .iter()
            .any(|place| self.upload.disputed.contains(place));
        self.upload.disputed.extend(&batch);
        match nack.reason {
            // Sealed for an epoch that is over, or with other random bytes than what stands there:
            // the log is read again, and so is the stream, which shows what is already durable.
            Reason::EpochOld | Reason::Taken if !is_again => {
                self.handle(almanac_protocol::session::client::Event::LogGrew {
                    log: first.calendar.into(),
                    count: 0,
                })?;
                self.start_over(first.calendar)
            }
            // What stands in our place cannot be read: it goes on under another name.
            Reason::Taken => {
                let identity = self.client.identity();
                let seq = first.first_seq;
                self.client.store(|tx| {
                    incarnation::renew(tx, identity, first.calendar, first.incarnation, seq)
                })?;
                self.note_news();
                Ok(())
            }
            Reason::Busy | Reason::Rate => Err(refusal(nack.reason)),
            reason => {
                self.upload.stop(first.calendar);
                self.client.now_failed(&refusal(reason));
                self.note_news();
                Ok(())
            }
        }
    }
}

pub(super) fn refusal(reason: Reason) -> Error {
    let message = match reason {
        Reason::Quota => {
            "The relay has no more room for this account. Everything is saved on this device; what \
             other devices sent still arrives. Ask whoever runs the relay for more room."
                .to_owned()
        }
        Reason::Forbidden => {
            "The relay does not let this account write to one of its calendars. Everything is \
             saved on this device. Ask the owner of the calendar."
                .to_owned()
        }
        Reason::Busy | Reason::Rate => {
            "The relay cannot take changes at the moment. Everything is saved on this device and \
             will be sent later."
                .to_owned()
        }
        reason => format!(
            "The relay did not take a change ({reason:?}). Everything is saved on this device and \
             will be offered again."
        ),
    };
    Error::new(ErrorCode::RelayRefused, message)
}
