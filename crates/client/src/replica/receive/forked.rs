//! Two signed frames under one number, and logs with two histories: what is kept of them.

use almanac_protocol::chain::Author;
use almanac_protocol::frame::Frame;
use almanac_protocol::ids::DeviceId;
use almanac_protocol::signed::Verified;
use almanac_store::FindingKind;

use super::page::Page;
use crate::clock;
use crate::error::Result;
use crate::replica::{cuts, incarnation};

impl Page<'_> {
    pub(super) fn renew(&mut self, frame: &Verified<Frame>, from_seq: u64) -> Result<()> {
        let life = frame.body().incarnation;
        let moved = incarnation::renew(self.tx, self.identity, self.calendar(), life, from_seq)?;
        self.touched.extend(moved);
        Ok(())
    }

    pub(super) fn log_forked(&self, device: DeviceId, frame: &[u8]) -> Result<()> {
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

    /// A frame that cannot stand in its chain, which the relay has shown.
    fn put_rival(&self, frame: &Verified<Frame>) -> Result<()> {
        Ok(self.tx.put_rival(&self.row(frame))?)
    }

    /// The first number under which an author has signed two frames, as far as one that cannot stand in
    /// the chain shows it: it names the one before it, which may be another than the one that is here.
    pub(super) fn contested(&self, frame: &Frame) -> Result<u64> {
        let (author, before) = (Author::of(frame), frame.seq.saturating_sub(1));
        let stored = self
            .tx
            .frame(self.calendar(), author.device, author.incarnation, before)?;
        let is_other = stored.is_some_and(|row| row.hash != frame.prev);
        Ok(if is_other { before } else { frame.seq })
    }

    /// Two signed frames stand under one number.
    pub(super) fn forked(&mut self, frame: &Verified<Frame>, changes: &[Vec<u8>]) -> Result<()> {
        self.put_rival(frame)?;
        let seq = self.contested(frame.body())?;
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
            touched.extend(cuts::owe_theirs(tx, calendar, body, changes)?);
            touched
        } else {
            let author = Author::of(body);
            let mut touched = cuts::equivocated(
                self.tx,
                self.identity,
                calendar,
                author,
                seq,
                evidence,
                now_ms,
            )?;
            touched.extend(cuts::keep_beside(self.tx, calendar, body, changes)?);
            touched
        };
        self.touched.extend(touched);
        Ok(())
    }

    /// A frame of a life that was cut may never find its place in the chain. Others may have built
    /// upon it all the same: its changes are kept beside their documents.
    pub(super) fn keep_beside(
        &mut self,
        frame: &Verified<Frame>,
        changes: &[Vec<u8>],
    ) -> Result<()> {
        let (calendar, body) = (self.calendar(), frame.body());
        let cut = self.tx.cut_at(calendar, body.author, body.incarnation)?;
        if cut.is_some_and(|cut| cut <= body.seq) {
            self.put_rival(frame)?;
            let touched = if self.is_own(frame) {
                cuts::owe_theirs(self.tx, calendar, body, changes)?
            } else {
                cuts::keep_beside(self.tx, calendar, body, changes)?
            };
            self.touched.extend(touched);
        }
        Ok(())
    }
}
