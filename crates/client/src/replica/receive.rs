//! Reading: what the relay hands over becomes frames, changes and rows, or is set aside.
//!
//! Nothing the relay says is believed: the stream must be the one asked for, the seal must open
//! under an epoch of the log, the author must be a device that may write, its chain must go on where
//! it ended, and every change must be one the frame lists. What fails is kept with the reason and
//! never stands in the way of what follows.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the verdicts only a fork is looked at twice"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use almanac_crypto::envelope::{self, OpenError};
use almanac_crypto::gate;
use almanac_protocol::chain::{Author, Verdict, judge};
use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::frame::{Frame, FrameType, ListedChange, STREAM_MAIN};
use almanac_protocol::ids::{CalendarId, DeviceId, DocumentId, RelayEpoch, StreamHash};
use almanac_protocol::membership::{AccountLog, CalendarLog, LinkError};
use almanac_protocol::message::{Position, Stream};
use almanac_protocol::relay_chain::envelope_hash;
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::{
    ChangeRow, Cursor, FindingKind, FrameRow, HeadsDue, QuarantineReason, Sent, Transaction,
};

use crate::client::Identity;
use crate::clock;
use crate::error::Result;
use crate::replica::echo::Echoes;
use crate::replica::keys::EpochKeys;
use crate::replica::{cuts, heads, incarnation, keys, logs, trail};

/// Whether a page may wait for logs that have grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Yes: nothing is judged that a newer log may allow.
    MayFetch,
    /// No: the logs at hand are the newest there are.
    Final,
}

/// Consecutive envelopes as the relay handed them over.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The envelopes.
    pub(crate) envelopes: Vec<Vec<u8>>,
    /// The stream's running hash before the first.
    pub(crate) start: StreamHash,
    /// The position after the last.
    pub(crate) end: Position,
    /// Those that this connection has sent.
    pub(crate) echoes: Echoes,
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// It is stored, and so is the cursor after it.
    Stored {
        /// Whether a document has changed.
        changed: bool,
    },
    /// The logs must be fetched first; the cursor stands before the page.
    Fetch {
        /// Whether a document has changed all the same.
        changed: bool,
    },
}

/// Why something is not accepted.
enum Refusal {
    /// A newer log may allow it.
    NeedsLog,
    /// It never will be, for this reason.
    For(QuarantineReason),
    /// Its author has seen another history of a log than is here.
    Contradicts(DeviceId),
}

/// Stores a page of consecutive envelopes and the cursor after it.
pub(crate) fn receive(
    tx: &Transaction<'_>,
    identity: &Identity,
    delivery: &Delivery,
    relay_epoch: RelayEpoch,
    strictness: Strictness,
) -> Result<Received> {
    let end = delivery.end;
    let calendar = end.stream.calendar;
    let mut page = Page::open(tx, identity, end.stream)?;
    let mut is_complete = true;
    for envelope in &delivery.envelopes {
        if delivery.echoes.take(tx, identity, envelope)? {
            continue;
        }
        match page.accept(envelope)? {
            Ok(()) => {}
            Err(Refusal::NeedsLog) if strictness == Strictness::MayFetch => {
                is_complete = false;
                break;
            }
            Err(refusal) => page.set_aside(refusal.reason(), envelope)?,
        }
    }
    page.retry_gaps()?;
    let touched = page.finish()?;
    if !is_complete {
        return Ok(Received::Fetch {
            changed: !touched.is_empty(),
        });
    }
    let cursor = Cursor {
        rseq: end.rseq,
        hash: end.hash,
        relay_epoch: Some(relay_epoch),
    };
    trail::lay(tx, delivery)?;
    // Another process on this profile may be further already, or have begun to read anew: a cursor
    // only moves on from where it stands.
    let begin = end.rseq.saturating_sub(delivery.envelopes.len() as u64);
    let stands = tx.calendar(calendar)?.map(|row| row.cursor);
    let is_next =
        |at: Cursor| at.relay_epoch != cursor.relay_epoch || (begin..end.rseq).contains(&at.rseq);
    if stands.is_none_or(is_next) {
        tx.set_cursor(calendar, &cursor)?;
    }
    Ok(Received::Stored {
        changed: !touched.is_empty(),
    })
}

/// Stores frames that a pack brought, each judged as if it had come in an envelope. False when one
/// is not accepted; those before it count.
pub(crate) fn receive_frames(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    frames: &[FrameWithChanges],
) -> Result<bool> {
    let mut page = Page::open(tx, identity, stream)?;
    page.gate = Gate::Passed;
    let mut is_accepted = true;
    for item in frames {
        if page.accept_frame(item, &item.frame)?.is_err() {
            is_accepted = false;
            break;
        }
    }
    page.finish()?;
    Ok(is_accepted)
}

/// Judges envelopes that the maker of a pack had set aside.
pub(crate) fn receive_set_aside(
    tx: &Transaction<'_>,
    identity: &Identity,
    stream: Stream,
    envelopes: &[Vec<u8>],
) -> Result<()> {
    let mut page = Page::open(tx, identity, stream)?;
    for envelope in envelopes {
        if let Err(refusal) = page.accept(envelope)? {
            page.set_aside(refusal.reason(), envelope)?;
        }
    }
    page.retry_gaps()?;
    page.finish()?;
    Ok(())
}

/// Whether changes have still to be held against the frames that list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Ahead,
    /// They were restored from a pack, and its lists made from their hashes.
    Passed,
}

struct Page<'a> {
    tx: &'a Transaction<'a>,
    identity: &'a Identity,
    stream: Stream,
    account: Arc<AccountLog>,
    log: Arc<CalendarLog>,
    keys: EpochKeys,
    touched: BTreeSet<DocumentId>,
    gate: Gate,
    /// Whether another device has said something other than what it has seen.
    has_news: bool,
}

impl<'a> Page<'a> {
    fn open(tx: &'a Transaction<'a>, identity: &'a Identity, stream: Stream) -> Result<Self> {
        Ok(Self {
            tx,
            identity,
            stream,
            account: logs::account(tx, identity)?,
            log: logs::calendar(tx, identity, stream.calendar)?,
            keys: keys::epoch_keys(tx, identity, stream.calendar)?,
            touched: BTreeSet::new(),
            gate: Gate::Ahead,
            has_news: false,
        })
    }

    /// Brings the rows of what was touched up to date.
    fn finish(self) -> Result<BTreeSet<DocumentId>> {
        let calendar = self.calendar();
        cuts::recount(self.tx, calendar, &self.touched)?;
        cuts::show(self.tx, calendar, &self.touched)?;
        if self.has_news {
            self.tx.heads_due(calendar, HeadsDue::InTime)?;
        }
        Ok(self.touched)
    }

    fn calendar(&self) -> CalendarId {
        self.stream.calendar
    }

    fn accept(&mut self, sealed: &[u8]) -> Result<std::result::Result<(), Refusal>> {
        let frames = match envelope::open(&self.keys, self.stream, sealed) {
            Ok((_, frames)) => frames,
            Err(OpenError::Epoch(_)) => return Ok(Err(Refusal::NeedsLog)),
            Err(_) => return Ok(Err(Refusal::For(QuarantineReason::Sealed))),
        };
        for frame in frames {
            if let Err(refusal) = self.accept_frame(&frame, sealed)? {
                return Ok(Err(refusal));
            }
        }
        Ok(Ok(()))
    }

    fn accept_frame(
        &mut self,
        item: &FrameWithChanges,
        sealed: &[u8],
    ) -> Result<std::result::Result<(), Refusal>> {
        let frame = match self.verify(&item.frame) {
            Ok(frame) => frame,
            Err(Refusal::Contradicts(device)) => {
                self.log_forked(device, &item.frame)?;
                return Ok(Err(Refusal::For(QuarantineReason::Fork)));
            }
            Err(refusal) => return Ok(Err(refusal)),
        };
        let verdict = match self.judge(&frame)? {
            Verdict::Fork { .. } | Verdict::WrongPrev { .. } if self.is_own(&frame) => {
                // Two devices live under one name. What this one wrote in that place moves to a
                // new incarnation, and makes room for what the other one wrote.
                self.renew(&frame)?;
                self.judge(&frame)?
            }
            verdict => verdict,
        };
        match verdict {
            Verdict::New => self.store(&frame, &item.changes, sealed).map(Ok),
            Verdict::Duplicate => {
                self.confirm(frame.body())?;
                self.fill(&frame, &item.changes, sealed).map(Ok)
            }
            Verdict::Gap { .. } => Ok(Err(Refusal::For(QuarantineReason::Gap))),
            Verdict::Fork { seq, .. } => {
                self.forked(&frame, &item.changes, seq)?;
                Ok(Err(Refusal::For(QuarantineReason::Fork)))
            }
            Verdict::WrongPrev { .. } => {
                // The frame it builds on has the number of one that is here, and is another.
                self.forked(&frame, &item.changes, frame.body().seq.saturating_sub(1))?;
                Ok(Err(Refusal::For(QuarantineReason::Fork)))
            }
            Verdict::OtherStream => Ok(Err(Refusal::For(QuarantineReason::Unauthorised))),
        }
    }

    fn judge(&self, frame: &Verified<Frame>) -> Result<Verdict> {
        let body = frame.body();
        let head = self
            .tx
            .chain_head(self.calendar(), body.author, body.incarnation)?;
        let stored = self
            .tx
            .frame(self.calendar(), body.author, body.incarnation, body.seq)?;
        Ok(judge(head, frame, |_| stored.map(|row| row.hash)))
    }

    fn is_own(&self, frame: &Verified<Frame>) -> bool {
        frame.body().author == self.identity.device
    }

    fn renew(&mut self, frame: &Verified<Frame>) -> Result<()> {
        let (life, seq) = (frame.body().incarnation, frame.body().seq);
        let moved = incarnation::renew(self.tx, self.identity, self.calendar(), life, seq)?;
        self.touched.extend(moved);
        Ok(())
    }

    fn log_forked(&self, device: DeviceId, frame: &[u8]) -> Result<()> {
        let (kind, now_ms) = (FindingKind::LogForked, clock::now_ms());
        let evidence = [frame.to_vec(), Vec::new()];
        cuts::found(
            self.tx,
            kind,
            Some(self.calendar()),
            Some(device),
            0,
            evidence,
            now_ms,
        )
    }

    /// Two signed frames stand under one number.
    fn forked(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>], seq: u64) -> Result<()> {
        let (calendar, body, now_ms) = (self.calendar(), frame.body(), clock::now_ms());
        let known = self
            .tx
            .frame(calendar, body.author, body.incarnation, seq)?;
        let known = known.map(|row| row.bytes).unwrap_or_default();
        let evidence = [known, frame.bytes().to_vec()];
        let touched = if self.is_own(frame) {
            let (tx, identity, life) = (self.tx, self.identity, (body.incarnation, seq));
            let mut touched =
                cuts::write_own_again(tx, identity, calendar, life, evidence, now_ms)?;
            touched.extend(cuts::write_theirs_again(
                tx, identity, calendar, body, changes,
            )?);
            touched
        } else {
            let author = Author::of(body);
            let mut touched = cuts::equivocated(self.tx, calendar, author, seq, evidence, now_ms)?;
            touched.extend(cuts::keep_beside(self.tx, calendar, body, changes)?);
            touched
        };
        self.touched.extend(touched);
        Ok(())
    }

    /// The frame, if its author is a device that might write when it signed.
    fn verify(&self, bytes: &[u8]) -> std::result::Result<Verified<Frame>, Refusal> {
        const UNAUTHORISED: Refusal = Refusal::For(QuarantineReason::Unauthorised);
        let signed = Signed::<Frame>::parse(bytes).map_err(|_| UNAUTHORISED)?;
        let device = self
            .account
            .device(&signed.signer())
            .ok_or(Refusal::NeedsLog)?;
        let frame = signed
            .verify(&device.bundle.sign_key)
            .map_err(|_| UNAUTHORISED)?;
        let body = frame.body();
        if body.stream != self.stream {
            return Err(UNAUTHORISED);
        }
        let judged = |error: LinkError| {
            let fork = Refusal::Contradicts(body.author);
            if matches!(error, LinkError::Seq { .. }) {
                Refusal::NeedsLog
            } else {
                fork
            }
        };
        self.account.consistent(body.account_view).map_err(judged)?;
        self.log.consistent(body.calendar_view).map_err(judged)?;
        let was_device = self
            .account
            .device_at(&body.author, body.account_view.seq)
            .is_some();
        let role = self.log.role_at(&self.account.id(), body.calendar_view.seq);
        if was_device && role.is_some_and(|role| role.can_write()) {
            Ok(frame)
        } else {
            Err(UNAUTHORISED)
        }
    }

    /// Stores the next frame of a chain. A change that is not what the frame lists takes the
    /// frame's changes out of the documents, not the frame out of the chain.
    fn store(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>], sealed: &[u8]) -> Result<()> {
        if self.is_own(frame) {
            // Our own chain is ahead of us: this database was set back, or copied.
            self.renew(frame)?;
        }
        let body = frame.body();
        self.tx.put_frame(&FrameRow {
            calendar: self.calendar(),
            device: body.author,
            incarnation: body.incarnation,
            seq: body.seq,
            hash: frame.hash(),
            bytes: frame.bytes().to_vec(),
            sent: Sent::AtRelay,
        })?;
        match body.frame_type {
            FrameType::Changes => {
                self.has_news |= !self.is_own(frame);
                self.admit(frame, changes, sealed)?;
                let life = (self.calendar(), body.author, body.incarnation);
                let cut = self.tx.cut_at(life.0, life.1, life.2)?;
                if cut.is_some_and(|cut| cut <= body.seq) {
                    cuts::leave_out(self.tx, self.calendar(), body)?;
                }
                Ok(())
            }
            FrameType::Heads => match body.heads() {
                Ok(seen) => heads::note(self.tx, self.calendar(), body, &seen, clock::now_ms()),
                Err(_) => self.set_aside(QuarantineReason::Change, sealed),
            },
            _ => Ok(()),
        }
    }

    /// Puts the changes of a frame into their documents, if all of them are what it lists.
    fn admit(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>], sealed: &[u8]) -> Result<()> {
        let body = frame.body();
        let Some(admitted) = self.admitted(body, changes) else {
            return self.set_aside(QuarantineReason::Change, sealed);
        };
        for (listed, bytes) in admitted.iter().zip(changes) {
            self.tx.put_change(&ChangeRow {
                calendar: self.calendar(),
                document: listed.document,
                hash: listed.hash,
                bytes: bytes.clone(),
            })?;
            self.touched.insert(listed.document);
        }
        Ok(())
    }

    /// What the frame lists, if the changes are that.
    fn admitted(&self, frame: &Frame, changes: &[Vec<u8>]) -> Option<Vec<ListedChange>> {
        let is_right = match self.gate {
            Gate::Ahead => gate::check_all(frame, changes).is_ok(),
            Gate::Passed => true,
        };
        let listed = frame.changes().ok()?;
        (is_right && listed.len() == changes.len()).then_some(listed)
    }

    /// Changes that an older program could not take from a frame that stands in its chain.
    fn fill(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>], sealed: &[u8]) -> Result<()> {
        if self.is_own(frame) || frame.body().frame_type != FrameType::Changes {
            return Ok(());
        }
        for change in frame.body().changes().unwrap_or_default() {
            let stored = self
                .tx
                .change(self.calendar(), change.document, change.hash)?;
            if stored.is_none() {
                return self.admit(frame, changes, sealed);
            }
        }
        Ok(())
    }

    /// A frame we have: the relay has it too, whatever became of its answer.
    fn confirm(&self, frame: &Frame) -> Result<()> {
        if frame.author == self.identity.device {
            let seqs = frame.seq..=frame.seq;
            self.tx
                .frames_read_back(self.calendar(), frame.incarnation, seqs)?;
            self.tx.settle_outbox(self.calendar())?;
        } else {
            let (device, life) = (frame.author, frame.incarnation);
            self.tx
                .frame_shown(self.calendar(), device, life, frame.seq)?;
        }
        Ok(())
    }

    fn set_aside(&self, reason: QuarantineReason, bytes: &[u8]) -> Result<()> {
        tracing::warn!(reason = reason.word(), "sync.quarantined");
        Ok(self.tx.quarantine(
            self.calendar(),
            reason,
            &envelope_hash(bytes),
            bytes,
            clock::now_ms(),
        )?)
    }

    /// Tries again what waited for a missing frame.
    fn retry_gaps(&mut self) -> Result<()> {
        while self.retry(QuarantineReason::Gap)? > 0 {}
        Ok(())
    }

    /// Tries again what was set aside for a reason; gives how much was accepted.
    fn retry(&mut self, reason: QuarantineReason) -> Result<u64> {
        let mut accepted = 0;
        for found in self.tx.quarantined(self.calendar(), reason)? {
            self.tx.release(found.id)?;
            match self.accept(&found.bytes)? {
                Ok(()) => accepted += 1,
                Err(Refusal::NeedsLog) => self.set_aside(reason, &found.bytes)?,
                Err(refusal) => self.set_aside(refusal.reason(), &found.bytes)?,
            }
        }
        Ok(accepted)
    }
}

impl Refusal {
    /// Why something is set aside when nothing newer can be asked for.
    const fn reason(&self) -> QuarantineReason {
        match self {
            Self::NeedsLog => QuarantineReason::Unauthorised,
            Self::For(reason) => *reason,
            Self::Contradicts(_) => QuarantineReason::Fork,
        }
    }
}

/// Tries everything of a calendar that was set aside once more, for a newer program or newer logs.
/// Gives whether a document has changed.
pub(crate) fn retry(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    let stream = Stream {
        calendar,
        kind: STREAM_MAIN,
    };
    let mut page = Page::open(tx, identity, stream)?;
    for reason in QuarantineReason::ALL {
        // A refused pack is no envelope.
        if reason != QuarantineReason::Pack {
            page.retry(reason)?;
        }
    }
    page.retry_gaps()?;
    Ok(!page.finish()?.is_empty())
}
