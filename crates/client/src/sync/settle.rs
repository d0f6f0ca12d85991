//! What is done once a stream has been read to its end: frames of others that the relay has lost are
//! put back, what other devices have seen is held against what is here, and this device says what
//! it has seen.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a relay's refusals only some have a way on"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use almanac_protocol::ids::{CalendarId, FrameHash};
use almanac_protocol::message::{Nack, Reason};

use crate::clock;
use crate::entropy;
use crate::error::Result;
use crate::replica::carry::{self, Carried};
use crate::replica::{heads, held_against};
use crate::sync::Mode;
use crate::sync::catch_up::stream;
use crate::sync::exchange::Exchange;
use crate::sync::upload::refusal;

/// How long a connected device may wait before it carries: another one may be faster, and what came
/// meanwhile is left out.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is under way on one connection.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// Calendars of which something has come since they were last looked at.
    stirred: BTreeSet<CalendarId>,
    /// Calendars whose logs were asked for because another device has seen more of them.
    asked_logs: BTreeSet<CalendarId>,
    /// When a calendar's lost frames are put back.
    due: BTreeMap<CalendarId, Instant>,
    /// Carried envelopes that wait for the relay's word, each with its first frame.
    requests: BTreeMap<u64, (CalendarId, FrameHash)>,
    /// The first frame of what was last carried and taken.
    taken: BTreeMap<CalendarId, FrameHash>,
    /// Calendars in which the relay takes nothing that is carried, or does not show what it took.
    refused: BTreeSet<CalendarId>,
    /// Whether this device has just said what it has seen.
    has_told: bool,
    /// Calendars in which frames are missing that the relay may have after all.
    missing: BTreeSet<CalendarId>,
    /// How many envelopes the last part brought that was read once more.
    pub(super) pulled: u64,
    /// Numbers of ours that turned out to be taken: the next is so far beyond.
    beyond: BTreeMap<CalendarId, u32>,
}

impl Settling {
    /// Whether something is still to be put back.
    pub(super) fn is_busy(&self) -> bool {
        !self.requests.is_empty() || !self.stirred.is_empty() || !self.missing.is_empty()
    }

    /// Whether there is a word of this device to send, asked once.
    pub(super) fn has_told(&mut self) -> bool {
        std::mem::take(&mut self.has_told)
    }

    /// Whether there is something to look at now.
    pub(super) fn is_time(&self) -> bool {
        let now = clock::elapsed();
        let mut stirred = self.stirred.iter();
        stirred.any(|calendar| self.due.get(calendar).is_none_or(|due| *due <= now))
    }

    /// Something of a calendar has come, or is about to.
    pub(super) fn stir(&mut self, calendar: CalendarId) {
        self.stirred.insert(calendar);
    }

    /// Frames of a calendar are missing that the relay may have.
    pub(super) fn miss(&mut self, calendar: CalendarId) {
        self.missing.insert(calendar);
    }

    /// A calendar in which frames are missing, asked once.
    pub(super) fn next_missing(&mut self) -> Option<CalendarId> {
        self.missing.pop_first()
    }

    /// The calendar of a carried envelope that is durable now.
    pub(super) fn carried(&mut self, request: u64) -> Option<CalendarId> {
        let (calendar, first) = self.requests.remove(&request)?;
        self.taken.insert(calendar, first);
        Some(calendar)
    }

    /// The calendar of a carried envelope that the relay refused.
    fn not_carried(&mut self, request: u64) -> Option<CalendarId> {
        self.requests.remove(&request).map(|(calendar, _)| calendar)
    }

    /// Drops what is under way of a stream that is read from its beginning.
    pub(super) fn forget(&mut self, calendar: CalendarId) {
        self.due.remove(&calendar);
        self.taken.remove(&calendar);
        self.requests.retain(|_, (of, _)| *of != calendar);
    }

    /// Nothing of a calendar is looked at any more on this connection.
    pub(super) fn drop_calendar(&mut self, calendar: CalendarId) {
        self.forget(calendar);
        self.stirred.remove(&calendar);
        self.missing.remove(&calendar);
    }

    /// Whether the time has come to put back a calendar's lost frames; begins to wait for it.
    fn may_carry(&mut self, calendar: CalendarId, mode: Mode) -> bool {
        let [jitter] = entropy::bytes();
        let now = clock::elapsed();
        let due = self.due.entry(calendar).or_insert(match mode {
            Mode::Once => now,
            Mode::Watch => now + PATIENCE * u32::from(jitter) / 255,
        });
        *due <= now
    }
}

impl Exchange<'_> {
    pub(super) fn settle(&mut self) -> Result<()> {
        for calendar in self.caught_up() {
            let mut under_way = self.settling.requests.values();
            let is_under_way = under_way.any(|(of, _)| *of == calendar);
            if is_under_way
                || !self.settling.stirred.contains(&calendar)
                || !self.is_echoed(calendar)
            {
                continue;
            }
            if self.upload.is_stopped(calendar) {
                self.settling.stirred.remove(&calendar);
            } else if self.client.read(|tx| Ok(tx.has_lost_frames(calendar)?))?
                && !self.settling.refused.contains(&calendar)
            {
                self.carry(calendar)?;
            } else {
                self.settling.due.remove(&calendar);
                self.settling.stirred.remove(&calendar);
                self.compare(calendar)?;
            }
        }
        Ok(())
    }

    /// Puts back one envelope of what the relay has lost; the next follows when it has come back.
    fn carry(&mut self, calendar: CalendarId) -> Result<()> {
        let may_push = self.connection.session.may_push(stream(calendar));
        if !self.settling.may_carry(calendar, self.mode) || !may_push {
            return Ok(());
        }
        let identity = self.client.identity();
        let beyond = self.settling.beyond.remove(&calendar).unwrap_or_default();
        let sealed = self
            .client
            .store(|tx| carry::seal_lost(tx, identity, calendar, beyond))?;
        if let Some(Carried { first, envelope }) = sealed {
            if self.settling.taken.get(&calendar) == Some(&first) {
                // It took this frame, and what it showed since is something else: on this connection it
                // is offered no more, or the two would go on for ever.
                tracing::warn!("sync.carried_in_vain");
                self.settling.refused.insert(calendar);
                self.note_news();
                return Ok(());
            }
            tracing::info!(bytes = envelope.len(), "sync.carried");
            let session = &mut self.connection.session;
            let request = session.push(stream(calendar), vec![envelope]);
            self.settling.requests.insert(request, (calendar, first));
        } else {
            // The key has not come: once it has, the stream is looked at again.
            self.settling.stirred.remove(&calendar);
        }
        Ok(())
    }

    /// Holds what others have seen against what is here, and says what this device has seen.
    fn compare(&mut self, calendar: CalendarId) -> Result<()> {
        let (identity, now_ms) = (self.client.identity(), clock::now_ms());
        let (wanted, has_told) = self.client.store(|tx| {
            let wanted = held_against::hold(tx, identity, calendar, now_ms)?;
            let tells = !wanted.stream && heads::is_due(tx, identity, calendar, now_ms)?;
            if tells {
                heads::tell(tx, identity, calendar, now_ms)?;
            }
            Ok((wanted, tells))
        })?;
        self.settling.has_told |= has_told || wanted.changed;
        if wanted.changed {
            self.client.announce(&BTreeSet::from([calendar]));
        }
        if wanted.logs && self.settling.asked_logs.insert(calendar) {
            self.grown.insert(calendar.into());
            self.note_news();
        }
        if wanted.stream {
            self.settling.miss(calendar);
        }
        Ok(())
    }

    /// The relay did not take what was carried.
    pub(super) fn carried_refused(&mut self, nack: &Nack) -> Result<()> {
        let Some(calendar) = self.settling.not_carried(nack.request) else {
            return Ok(());
        };
        self.settling.stir(calendar);
        self.note_news();
        match nack.reason {
            // This number was used before this database was set back.
            Reason::Taken => {
                let far = u16::from_le_bytes(entropy::bytes());
                self.settling.beyond.insert(calendar, u32::from(far) + 1);
            }
            Reason::EpochOld => {
                self.grown.insert(calendar.into());
            }
            Reason::Busy | Reason::Rate => return Err(refusal(nack.reason)),
            reason => {
                self.settling.refused.insert(calendar);
                self.client.now_failed(&refusal(reason));
            }
        }
        Ok(())
    }
}
