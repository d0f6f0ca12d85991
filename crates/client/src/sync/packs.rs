//! Packs at the relay: taken by a device that comes late, made when the tail has grown long,
//! confirmed by whoever else has everything that should be in them.
//!
//! Who makes one: the most senior device whenever the tail is long, every other one only when the
//! tail has grown longer still, which it does while the senior ones are away. Two packs at once do
//! no harm.

use std::collections::{BTreeMap, BTreeSet};

use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::ids::{BlobName, CalendarId};
use almanac_protocol::limits::{PACK_CHUNK_BYTES, PACK_DROP_WAIT_MS};
use almanac_protocol::message::{Pack, Packs, Position};
use almanac_protocol::pack::{ControlOrder, MANIFEST_BYTES_MAX, Order, blob_name};
use almanac_store::{CalendarRow, Cursor, QuarantineReason};

use crate::client::Client;
use crate::clock;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::pack::reading::{Reading, Remains};
use crate::replica::pack::{BadPack, making};
use crate::replica::{documents, logs, pack, receive};
use crate::sync::Mode;
use crate::sync::catch_up::{position, stream};
use crate::sync::exchange::{Answer, Exchange};
use crate::sync::http::Http;

/// Envelopes that must have come before it is worth asking again.
const ASK_AGAIN_ENVELOPES: u64 = 8;
/// Frames that are judged in one transaction, and changes of them from which on no other frame joins:
/// the rows of all of them are in memory together.
const FRAMES_AT_ONCE: usize = 256;
const CHANGES_AT_ONCE: usize = 1_024;

/// When packs are made and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackTerms {
    /// Envelopes that no pack covers, from which on one is made.
    pub tail_envelopes: u64,
    /// Bytes of them, from which on one is made.
    pub tail_bytes: u64,
    /// Envelopes that a pack must spare a device for it to be taken.
    pub spared_envelopes: u64,
}

impl Default for PackTerms {
    fn default() -> Self {
        Self {
            tail_envelopes: 2_000,
            tail_bytes: 4 * 1024 * 1024,
            spared_envelopes: 8,
        }
    }
}

/// What one connection knows of packs.
#[derive(Debug, Default)]
pub(super) struct Packing {
    /// Calendars whose next envelopes the relay has dropped.
    behind: BTreeSet<CalendarId>,
    /// How far calendars had been read when their packs were last looked at, on this connection.
    looked_at: BTreeMap<CalendarId, u64>,
}

/// How reading a pack ended.
enum Outcome {
    Taken,
    Refused(BadPack),
    Gone,
}

impl Client {
    /// Sets when packs are made and taken.
    pub fn set_pack_terms(&self, terms: PackTerms) {
        self.live().pack_terms = terms;
    }
}

impl Exchange<'_> {
    /// The relay has dropped what follows our place.
    pub(super) fn fell_behind(&mut self, calendar: CalendarId) {
        self.packing.behind.insert(calendar);
        self.note_news();
    }

    /// Where a calendar is read on from: after a pack, if this device comes late.
    pub(super) async fn after_packs(&mut self, row: &CalendarRow) -> Result<Position> {
        let calendar = row.id;
        let is_behind = self.packing.behind.remove(&calendar);
        let in_reading = self.client.read(|tx| Ok(tx.pack_in_reading(calendar)?))?;
        if row.cursor.rseq > 0 && in_reading.is_none() && !is_behind {
            return Ok(position(row));
        }
        let Some(packs) = self.packs(calendar).await? else {
            return Ok(position(row));
        };
        let spared = if is_behind {
            1
        } else {
            self.client.live().pack_terms.spared_envelopes
        };
        let mut taken = false;
        for found in &packs.packs {
            let name = *found.name.as_bytes();
            let refused = self
                .client
                .read(|tx| Ok(tx.is_set_aside(calendar, &name)?))?;
            if refused || found.rseq < row.cursor.rseq.saturating_add(spared) {
                continue;
            }
            match self.read_pack(calendar, found, &packs.ticket).await? {
                Outcome::Taken => {
                    taken = true;
                    break;
                }
                Outcome::Refused(bad) => self.refuse(calendar, &found.name, bad)?,
                Outcome::Gone => {}
            }
        }
        let in_reading = self.client.read(|tx| Ok(tx.pack_in_reading(calendar)?))?;
        if !taken && in_reading.is_some() {
            self.client.store(|tx| pack::undo(tx, calendar))?;
        }
        let row = self.client.read(|tx| Ok(tx.calendar(calendar)?))?;
        let row = row.ok_or_else(|| Error::internal("a calendar is missing"))?;
        if row.cursor.rseq < packs.dropped_to {
            self.upload.stop(calendar);
            self.client.now_failed(&nothing_left());
        }
        Ok(position(&row))
    }

    /// Looks after the packs of calendars that are read to their end and have nothing to send.
    pub(super) async fn tend_packs(&mut self) -> Result<()> {
        let mut asked = Vec::new();
        for calendar in self.caught_up() {
            let row = self.client.read(|tx| Ok(tx.calendar(calendar)?))?;
            let is_idle = !self.client.read(|tx| Ok(tx.has_unsent(calendar)?))?;
            let Some(row) = row.filter(|_| is_idle && self.is_echoed(calendar)) else {
                continue;
            };
            if self.is_worth_a_look(calendar, row.cursor.rseq) {
                asked.push((self.connection.session.get_packs(stream(calendar)), row));
            }
        }
        let requests: Vec<u64> = asked.iter().map(|(request, _)| *request).collect();
        let mut answers = self.answers(&requests).await?;
        for (request, row) in asked {
            if let Some(Answer::Packs(packs)) = answers.remove(&request) {
                self.confirm_newest(&row, &packs).await?;
                self.make_pack(&row, &packs).await?;
            }
        }
        Ok(())
    }

    /// Whether packs of a calendar may have to be made or confirmed. Asked once for each run that
    /// ends, and else only after more has come: a connection that breaks often asks no more often.
    fn is_worth_a_look(&mut self, calendar: CalendarId, rseq: u64) -> bool {
        let mut live = self.client.live();
        let looked_at = match self.mode {
            Mode::Once => self.packing.looked_at.get(&calendar),
            Mode::Watch => live.packs_looked_at.get(&calendar),
        };
        let is_worth = rseq >= looked_at.copied().unwrap_or_default() + ASK_AGAIN_ENVELOPES;
        if is_worth {
            live.packs_looked_at.insert(calendar, rseq);
            self.packing.looked_at.insert(calendar, rseq);
        }
        is_worth
    }

    /// The packs of a calendar; `None` where the relay names none.
    pub(super) async fn packs(&mut self, calendar: CalendarId) -> Result<Option<Packs>> {
        let request = self.connection.session.get_packs(stream(calendar));
        let answer = self.answer(request).await?;
        Ok(if let Answer::Packs(packs) = answer {
            Some(packs)
        } else {
            None
        })
    }

    async fn read_pack(
        &mut self,
        calendar: CalendarId,
        found: &Pack,
        ticket: &[u8],
    ) -> Result<Outcome> {
        let relay = self.relay.clone();
        let mut http = Http::new(self.client, &relay, ticket)?;
        let Some(manifest) = self
            .beside(http.get(&found.name, MANIFEST_BYTES_MAX))
            .await?
        else {
            return Ok(Outcome::Gone);
        };
        let (client, identity) = (self.client, self.client.identity());
        let begun = client.read(|tx| Reading::begin(tx, identity, &manifest))?;
        let mut reading = match begun {
            Ok(reading) if is_as_named(&reading, calendar, found, &manifest) => reading,
            Ok(_) => return Ok(Outcome::Refused(BadPack::Manifest)),
            Err(bad) => return Ok(Outcome::Refused(bad)),
        };
        if reading.manifest.address.relay_epoch != self.relay_epoch {
            return Ok(Outcome::Gone);
        }
        client.store(|tx| Ok(tx.begin_pack(calendar, &manifest)?))?;
        client.announce_status();
        for name in reading.manifest.chunks.clone() {
            let stored = client.read(|tx| Ok(tx.pack_chunk(calendar, &name)?))?;
            let chunk = match stored {
                Some(chunk) => chunk,
                None => match self.beside(http.get(&name, PACK_CHUNK_BYTES)).await? {
                    Some(chunk) => chunk,
                    None => return Ok(Outcome::Gone),
                },
            };
            let piece = match reading.take(&chunk) {
                Ok(piece) => piece,
                Err(bad) => return Ok(Outcome::Refused(bad)),
            };
            client.store(|tx| {
                tx.put_pack_chunk(calendar, &name, &chunk)?;
                for change in &piece.near {
                    tx.put_change(change)?;
                }
                let shown = piece.near.iter().map(|change| change.document).collect();
                documents::refresh_all(tx, calendar, &shown)
            })?;
            if !piece.near.is_empty() {
                client.announce(&BTreeSet::from([calendar]));
            }
            let mut frames = &piece.frames[..];
            while !frames.is_empty() {
                let (now, later) = frames.split_at(how_many_at_once(frames));
                frames = later;
                let accepted = client
                    .store(|tx| receive::receive_frames(tx, identity, stream(calendar), now))?;
                if !accepted {
                    return Ok(Outcome::Refused(BadPack::Frame));
                }
                // Events of the connection wait no longer than one part takes.
                tokio::task::yield_now().await;
            }
        }
        self.end_pack(calendar, reading)
    }

    /// The lists are verified: what the pack covers counts as read.
    fn end_pack(&mut self, calendar: CalendarId, reading: Reading) -> Result<Outcome> {
        let at = reading.manifest.address.position;
        let Remains { set_aside, .. } = match reading.finish() {
            Ok(remains) => remains,
            Err(bad) => return Ok(Outcome::Refused(bad)),
        };
        let (identity, relay_epoch) = (self.client.identity(), self.relay_epoch);
        self.client.store(|tx| {
            receive::receive_set_aside(tx, identity, stream(calendar), &set_aside)?;
            tx.end_pack(calendar)?;
            let cursor = Cursor {
                rseq: at.rseq,
                hash: at.hash,
                relay_epoch: Some(relay_epoch),
            };
            Ok(tx.set_cursor(calendar, &cursor)?)
        })?;
        tracing::info!(rseq = at.rseq, "pack.taken");
        self.client.announce(&BTreeSet::from([calendar]));
        self.client.announce_status();
        Ok(Outcome::Taken)
    }

    /// Takes back what a bad pack has brought, and remembers it.
    fn refuse(&mut self, calendar: CalendarId, name: &BlobName, bad: BadPack) -> Result<()> {
        tracing::warn!(reason = %bad, "pack.refused");
        self.client.store(|tx| {
            let manifest = tx.pack_in_reading(calendar)?.unwrap_or_default();
            tx.quarantine(
                calendar,
                QuarantineReason::Pack,
                name.as_bytes(),
                &manifest,
                clock::now_ms(),
            )?;
            pack::undo(tx, calendar)
        })?;
        self.client.announce(&BTreeSet::from([calendar]));
        self.client.announce_status();
        Ok(())
    }

    async fn make_pack(&mut self, row: &CalendarRow, packs: &Packs) -> Result<()> {
        let (client, identity) = (self.client, self.client.identity());
        let terms = client.live().pack_terms;
        if !client.read(|tx| logs::may_write(tx, identity, row.id))? {
            return Ok(());
        }
        let devices = client.read(|tx| logs::devices(tx, identity, row.id))?;
        let senior = devices.iter().position(|device| *device == identity.device);
        let patience = u64::try_from(senior.unwrap_or_default()).unwrap_or_default();
        let waits = |limit: u64| limit.saturating_add(limit.saturating_mul(patience) / 4);
        if packs.tail_envelopes < waits(terms.tail_envelopes)
            && packs.tail_bytes < waits(terms.tail_bytes)
        {
            return Ok(());
        }
        let now_s = i64::try_from(clock::now_ms() / 1_000).unwrap_or_default();
        let Some(made) = making::make(client, row.id, now_s)? else {
            return Ok(());
        };
        let relay = self.relay.clone();
        let mut http = Http::new(self.client, &relay, &packs.ticket)?;
        for chunk in &made.chunks {
            if !self.beside(http.put(&blob_name(chunk), chunk)).await? {
                // Nobody waits for a pack: it is made again another time.
                tracing::info!("pack.upload_broke_off");
                return Ok(());
            }
        }
        let name = blob_name(&made.manifest);
        let request = self.connection.session.put_pack(made.manifest);
        if matches!(self.answer(request).await?, Answer::Done) {
            tracing::info!(chunks = made.chunks.len(), "pack.made");
            if let Some(packs) = self.packs(row.id).await? {
                let made = packs.packs.iter().find(|pack| pack.name == name);
                if devices.len() == 1
                    && let Some(made) = made
                {
                    self.confirm(row, made, &packs.ticket).await?;
                }
            }
        }
        Ok(())
    }

    /// Confirms the newest pack if it is another device's and complete, and lets the relay drop
    /// what it covers once it may.
    async fn confirm_newest(&mut self, row: &CalendarRow, packs: &Packs) -> Result<()> {
        let (client, identity) = (self.client, self.client.identity());
        let Some(newest) = packs.packs.first() else {
            return Ok(());
        };
        if !client.read(|tx| logs::may_write(tx, identity, row.id))? {
            return Ok(());
        }
        let is_alone = client.read(|tx| logs::devices(tx, identity, row.id))?.len() == 1;
        if newest.confirmed_ms == 0 && (newest.device != identity.device || is_alone) {
            return self.confirm(row, newest, &packs.ticket).await;
        }
        let is_old = newest.confirmed_ms > 0
            && newest.confirmed_ms.saturating_add(PACK_DROP_WAIT_MS) <= clock::now_ms();
        if is_old && packs.dropped_to < newest.rseq {
            let order = self.order(row.id, Order::Drop, newest.name);
            let request = self.connection.session.drop_packed(order);
            // The relay's clock may be behind: then it is asked again another day.
            self.answer(request).await?;
        }
        Ok(())
    }

    async fn confirm(&mut self, row: &CalendarRow, pack: &Pack, ticket: &[u8]) -> Result<()> {
        let is_refused = self
            .client
            .read(|tx| Ok(tx.is_set_aside(row.id, pack.name.as_bytes())?))?;
        if is_refused || row.cursor.rseq < pack.rseq {
            return Ok(());
        }
        match self.check_pack(row.id, pack, ticket).await? {
            Outcome::Taken => {
                let order = self.order(row.id, Order::Confirm, pack.name);
                let request = self.connection.session.confirm_pack(order);
                self.answer(request).await?;
                tracing::info!(rseq = pack.rseq, "pack.confirmed");
                Ok(())
            }
            Outcome::Refused(bad) => {
                tracing::warn!(reason = %bad, "pack.not_confirmed");
                let (calendar, name) = (row.id, pack.name.as_bytes());
                self.client.store(|tx| {
                    Ok(tx.quarantine(
                        calendar,
                        QuarantineReason::Pack,
                        name,
                        b"",
                        clock::now_ms(),
                    )?)
                })
            }
            Outcome::Gone => Ok(()),
        }
    }

    /// Reads a pack back and compares it with what is here: every frame that had come before it
    /// must be in it.
    async fn check_pack(
        &mut self,
        calendar: CalendarId,
        pack: &Pack,
        ticket: &[u8],
    ) -> Result<Outcome> {
        let relay = self.relay.clone();
        let mut http = Http::new(self.client, &relay, ticket)?;
        let manifest = self
            .beside(http.get(&pack.name, MANIFEST_BYTES_MAX))
            .await?;
        let Some(manifest) = manifest else {
            return Ok(Outcome::Gone);
        };
        let (client, identity) = (self.client, self.client.identity());
        let mut reading = match client.read(|tx| Reading::begin(tx, identity, &manifest))? {
            Ok(reading) if is_as_named(&reading, calendar, pack, &manifest) => reading,
            Ok(_) => return Ok(Outcome::Refused(BadPack::Manifest)),
            Err(bad) => return Ok(Outcome::Refused(bad)),
        };
        for name in reading.manifest.chunks.clone() {
            let Some(chunk) = self.beside(http.get(&name, PACK_CHUNK_BYTES)).await? else {
                return Ok(Outcome::Gone);
            };
            if let Err(bad) = reading.take(&chunk) {
                return Ok(Outcome::Refused(bad));
            }
        }
        let remains = match reading.finish() {
            Ok(remains) => remains,
            Err(bad) => return Ok(Outcome::Refused(bad)),
        };
        let is_complete = client.read(|tx| holds_all(tx, calendar, pack, &remains))?;
        Ok(if is_complete {
            Outcome::Taken
        } else {
            Outcome::Refused(BadPack::Incomplete)
        })
    }

    fn order(&self, calendar: CalendarId, order: Order, pack: BlobName) -> Vec<u8> {
        let identity = self.client.identity();
        ControlOrder {
            order,
            relay_epoch: self.relay_epoch,
            stream: stream(calendar),
            device: identity.device,
            pack,
        }
        .sign(&identity.keys)
    }

    /// Waits for HTTP; the connection goes on meanwhile.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                event = self.connection.next_event() => self.handle(event?)?,
            }
        }
    }
}

/// How many of these frames are judged together, one at least.
fn how_many_at_once(frames: &[FrameWithChanges]) -> usize {
    let mut changes = 0;
    let fits = frames.iter().take(FRAMES_AT_ONCE).take_while(|frame| {
        let is_room = changes < CHANGES_AT_ONCE;
        changes += frame.changes.len();
        is_room
    });
    fits.count()
}

/// Whether a pack is of this calendar and goes as far as the relay says.
fn is_as_named(reading: &Reading, calendar: CalendarId, named: &Pack, manifest: &[u8]) -> bool {
    let at = reading.manifest.address.position;
    at.stream == stream(calendar) && at.rseq == named.rseq && blob_name(manifest) == named.name
}

/// Whether every chain that is here is in the pack, or goes on after it without a gap.
fn holds_all(
    tx: &almanac_store::Transaction<'_>,
    calendar: CalendarId,
    pack: &Pack,
    remains: &Remains,
) -> Result<bool> {
    for (device, incarnation) in tx.authors(calendar)? {
        let here = tx.chain_head(calendar, device, incarnation)?;
        let packed = remains.heads.get(&(device, incarnation));
        let packed_to = packed.map_or(0, |head| head.seq);
        let goes_on = pack.tail.iter().any(|author| {
            (author.device, author.incarnation) == (device, incarnation)
                && author.first_seq <= packed_to + 1
        });
        let is_same = match packed {
            Some(head) if head.seq <= here.seq => {
                let row = tx.frame(calendar, device, incarnation, head.seq)?;
                row.is_some_and(|row| row.hash == head.hash)
            }
            _ => true,
        };
        if !is_same || (here.seq > packed_to && !goes_on) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn nothing_left() -> Error {
    Error::new(
        ErrorCode::RelayContradicts,
        "This device was away for so long that the relay no longer has everything in between, and \
         the summary it offers instead is not in order. Everything on this device is safe. Open \
         Almanac on another of your devices while it is connected: it makes a new summary.",
    )
}
