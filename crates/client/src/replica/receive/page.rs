//! A page of envelopes at work: each is opened, and each frame in it judged and stored.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the verdicts only a fork is looked at twice"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use almanac_crypto::envelope::{self, OpenError};
use almanac_crypto::gate;
use almanac_protocol::chain::{Author, Verdict, judge};
use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::frame::{Frame, FrameType, ListedChange};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_protocol::membership::CalendarLog;
use almanac_protocol::message::Stream;
use almanac_protocol::signed::Verified;
use almanac_store::{ChangeRow, FrameRow, HeadsDue, QuarantineReason, Sent, Transaction};

use super::verify::Refusal;
use crate::client::Identity;
use crate::clock;
use crate::error::Result;
use crate::replica::keys::EpochKeys;
use crate::replica::logs::People;
use crate::replica::{cuts, heads, keys, logs, profiles, rights};

/// Whether changes have still to be held against the frames that list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Ahead,
    /// They were restored from a pack, and its lists made from their hashes.
    Passed,
}

/// What is known while a page is read, and what it has touched so far.
pub(super) struct Page<'a> {
    pub(super) tx: &'a Transaction<'a>,
    pub(super) identity: &'a Identity,
    pub(super) stream: Stream,
    pub(super) log: Arc<CalendarLog>,
    pub(super) people: Arc<People>,
    /// What opens envelopes; not there in a scratch database, which has frames only.
    pub(super) keys: Option<EpochKeys>,
    pub(super) touched: BTreeSet<DocumentId>,
    pub(super) gate: Gate,
    /// [`Sent::Lost`] while something is judged that the relay has not shown since it lost its place.
    pub(super) shown: Sent,
    /// Whether another device has said something other than what it has seen.
    pub(super) has_news: bool,
    /// With which number of the calendar's log lives began.
    began: BTreeMap<Author, u64>,
    /// Lives that have to be judged as a whole.
    doubted: BTreeSet<Author>,
}

impl<'a> Page<'a> {
    pub(super) fn open(
        tx: &'a Transaction<'a>,
        identity: &'a Identity,
        stream: Stream,
    ) -> Result<Self> {
        let (log, people) = logs::judged(tx, identity, stream.calendar)?;
        Ok(Self {
            tx,
            identity,
            stream,
            log,
            people,
            keys: keys::epoch_keys_here(tx, identity, stream.calendar)?,
            touched: BTreeSet::new(),
            gate: Gate::Ahead,
            shown: Sent::AtRelay,
            has_news: false,
            began: BTreeMap::new(),
            doubted: BTreeSet::new(),
        })
    }

    /// Brings the rows of what was touched up to date.
    pub(super) fn finish(mut self) -> Result<BTreeSet<DocumentId>> {
        let calendar = self.calendar();
        let judged = rights::judge(self.tx, self.identity, calendar, &self.doubted)?;
        self.touched.extend(judged.touched);
        cuts::recount(self.tx, self.identity, calendar, &self.touched)?;
        cuts::write_owed(self.tx, self.identity, calendar)?;
        rights::save(self.tx, self.identity, calendar, judged.fallen)?;
        cuts::show(self.tx, calendar, &self.touched)?;
        if self.has_news {
            self.tx.heads_due(calendar, HeadsDue::InTime)?;
        }
        Ok(self.touched)
    }

    pub(super) fn calendar(&self) -> CalendarId {
        self.stream.calendar
    }

    pub(super) fn accept(&mut self, sealed: &[u8]) -> Result<std::result::Result<(), Refusal>> {
        let Some(keys) = &self.keys else {
            return Ok(Err(Refusal::NeedsLog));
        };
        let frames = match envelope::open(keys, self.stream, sealed) {
            Ok((_, frames)) => frames,
            Err(OpenError::Epoch(_)) => return Ok(Err(Refusal::NeedsLog)),
            Err(_) => return Ok(Err(Refusal::For(QuarantineReason::Sealed))),
        };
        let mut refused = Ok(());
        for frame in frames {
            match self.accept_frame(&frame, sealed)? {
                Ok(()) => {}
                // What follows in the chain is refused too; its changes may have to be kept.
                Err(refusal @ Refusal::For(QuarantineReason::Fork | QuarantineReason::Gap)) => {
                    refused = refused.and(Err(refusal));
                }
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(refused)
    }

    pub(super) fn accept_frame(
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
                let contested = self.contested(frame.body())?;
                self.renew(&frame, contested)?;
                self.judge(&frame)?
            }
            verdict => verdict,
        };
        match verdict {
            Verdict::New => self.store(&frame, &item.changes, sealed).map(Ok),
            Verdict::Duplicate => {
                if self.shown == Sent::AtRelay {
                    self.confirm(frame.body())?;
                    self.tx.rival_shown(self.calendar(), frame.hash())?;
                }
                self.fill(&frame, &item.changes, sealed).map(Ok)
            }
            Verdict::Gap { .. } => {
                self.keep_beside(&frame, &item.changes)?;
                Ok(Err(Refusal::For(QuarantineReason::Gap)))
            }
            Verdict::Fork { .. } | Verdict::WrongPrev { .. } => {
                self.forked(&frame, &item.changes)?;
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

    pub(super) fn is_own(&self, frame: &Verified<Frame>) -> bool {
        frame.body().author == self.identity.device
    }

    /// A frame as it is stored.
    pub(super) fn row(&self, frame: &Verified<Frame>) -> FrameRow {
        let body = frame.body();
        FrameRow {
            calendar: self.calendar(),
            device: body.author,
            incarnation: body.incarnation,
            seq: body.seq,
            hash: frame.hash(),
            bytes: frame.bytes().to_vec(),
            sent: self.shown,
        }
    }

    /// Stores the next frame of a chain. A change that is not what the frame lists takes the
    /// frame's changes out of the documents, not the frame out of the chain.
    fn store(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>], sealed: &[u8]) -> Result<()> {
        if self.is_own(frame) {
            // Our own chain is ahead of us: this database was set back, or copied.
            self.renew(frame, frame.body().seq)?;
        }
        let body = frame.body();
        self.tx.put_frame(&self.row(frame))?;
        let has_right = self.has_right(body)?;
        match body.frame_type {
            FrameType::Changes => {
                self.has_news |= !self.is_own(frame);
                self.admit(frame, changes, sealed)?;
                let life = (self.calendar(), body.author, body.incarnation);
                let cut = self.tx.cut_at(life.0, life.1, life.2)?;
                if !has_right || cut.is_some_and(|cut| cut <= body.seq) {
                    cuts::leave_out(self.tx, self.calendar(), body)?;
                }
                Ok(())
            }
            // Whoever may not write has nothing to say of others either.
            _ if !has_right => Ok(()),
            FrameType::Profile => profiles::take(self.tx, &self.people, body),
            FrameType::Heads => match body.heads() {
                Ok(seen) => heads::note(self.tx, self.calendar(), body, &seen, clock::now_ms()),
                Err(_) => self.set_aside(QuarantineReason::Change, sealed),
            },
            _ => Ok(()),
        }
    }

    /// Whether a frame counts, as far as it says so by itself; where something was taken from its
    /// author, the whole life is judged at the end of the page.
    fn has_right(&mut self, frame: &Frame) -> Result<bool> {
        let author = Author::of(frame);
        let Some((account, _)) = self.people.device(&author.device) else {
            return Ok(false);
        };
        if rights::was_lowered(&self.log, account, &author) {
            self.doubted.insert(author);
        }
        let began = match self.began.get(&author) {
            Some(began) => *began,
            None => {
                let began = rights::began(self.tx, self.calendar(), author)?;
                let began = began.unwrap_or(frame.calendar_view.seq);
                self.began.insert(author, began);
                began
            }
        };
        Ok(rights::has_right(&self.log, account, frame, began))
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
}
