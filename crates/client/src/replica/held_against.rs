//! What other devices say they have seen, held against what is here and what the relay shows.
//!
//! It is judged from what is stored, not as frames arrive: the order in which a relay hands things
//! over decides nothing, and a finding goes by itself when it no longer holds.

use std::collections::BTreeSet;

use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::heads::{Heads, SeenAuthor, SeenLog};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, Incarnation, LogId};
use almanac_protocol::membership::{Accounts as _, LinkError};
use almanac_store::{CalendarRow, FindingKind, HeadsRow, QuarantineReason, Setting, Transaction};

use crate::client::{Identity, incarnation};
use crate::entropy;
use crate::error::{Error, Result};
use crate::replica::{cuts, documents, heads, incarnation as lives, logs};

/// What must be asked of the relay.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Envelopes of the stream once more: frames are named that are not here.
    pub(crate) stream: bool,
    /// The logs.
    pub(crate) logs: bool,
    /// Nothing, but documents have changed here.
    pub(crate) changed: bool,
}

/// Judges the newest heads of every other device in a calendar whose stream was read to its end.
pub(crate) fn hold(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    now_ms: u64,
) -> Result<Wanted> {
    let row = tx
        .calendar(calendar)?
        .ok_or_else(|| Error::internal("a calendar is missing"))?;
    let mut court = Court {
        tx,
        identity,
        row,
        now_ms,
        wanted: Wanted::default(),
        standing: BTreeSet::new(),
    };
    for said in tx.heads(calendar)? {
        if said.device == identity.device {
            continue;
        }
        if let Some((frame, seen)) = heads::read(tx, &said)? {
            court.judge(&said, &frame, &seen)?;
        }
    }
    if !tx.quarantined(calendar, QuarantineReason::Log)?.is_empty() {
        // Every log was asked for before this: what these rest on is not shown.
        court.find(FindingKind::LinkWithheld, None, 0, [&[], &[]])?;
    }
    court.close()?;
    Ok(court.wanted)
}

/// Whether frames are missing that another device has seen, or that came before others that are here.
pub(crate) fn lacks(tx: &Transaction<'_>, calendar: CalendarId) -> Result<bool> {
    if !tx.quarantined(calendar, QuarantineReason::Gap)?.is_empty() {
        return Ok(true);
    }
    for said in tx.heads(calendar)? {
        let Some((_, seen)) = heads::read(tx, &said)? else {
            continue;
        };
        for SeenAuthor { author, kind, head } in seen.authors {
            let here = tx.chain_head(calendar, author.device, author.incarnation)?;
            if kind == STREAM_MAIN && head.seq > here.seq {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

struct Court<'a> {
    tx: &'a Transaction<'a>,
    identity: &'a Identity,
    row: CalendarRow,
    now_ms: u64,
    wanted: Wanted,
    /// What stands now, of the kinds that go by themselves.
    standing: BTreeSet<(FindingKind, Option<DeviceId>)>,
}

/// Kinds that no longer stand once nothing speaks for them.
const PASSING: [FindingKind; 4] = [
    FindingKind::Withheld,
    FindingKind::LinkWithheld,
    FindingKind::RolledBack,
    FindingKind::Forked,
];

impl Court<'_> {
    fn judge(&mut self, said: &HeadsRow, frame: &[u8], seen: &Heads) -> Result<()> {
        let mut lacks_log = false;
        for log in &seen.logs {
            lacks_log |= self.judge_log(said, frame, log)?;
        }
        let is_this_life = self.row.cursor.relay_epoch == Some(seen.relay.relay_epoch);
        if is_this_life && said.is_placed {
            self.judge_relay(said, frame, seen)?;
        }
        let mut lacking = BTreeSet::new();
        for author in seen.authors.iter().filter(|seen| seen.kind == STREAM_MAIN) {
            if self.judge_author(author)? {
                lacking.insert((author.author.device, author.head.seq));
            }
        }
        if lacking.is_empty() && !lacks_log {
            return Ok(());
        }
        if !said.read_again {
            // What is named may have been lost on the way to us: asked for once more first.
            self.wanted.stream = !lacking.is_empty();
            self.wanted.logs |= lacks_log;
            self.tx.put_heads(&HeadsRow {
                read_again: true,
                ..*said
            })?;
            return Ok(());
        }
        if lacks_log {
            self.find(
                FindingKind::LinkWithheld,
                Some(said.device),
                0,
                [frame, &[]],
            )?;
        }
        if is_this_life && said.is_placed {
            for (device, seq) in lacking {
                self.find(FindingKind::Withheld, Some(device), seq, [frame, &[]])?;
            }
        }
        Ok(())
    }

    /// The relay showed another device something else than it shows here.
    fn judge_relay(&mut self, said: &HeadsRow, frame: &[u8], seen: &Heads) -> Result<()> {
        let (at, here) = (seen.relay, self.row.cursor);
        if at.rseq > here.rseq {
            return self.find(
                FindingKind::RolledBack,
                Some(said.device),
                at.rseq,
                [frame, &[]],
            );
        }
        let shown = self.tx.trail(self.row.id, at.rseq)?;
        if shown.is_some_and(|shown| shown != at.hash) {
            return self.find(
                FindingKind::Forked,
                Some(said.device),
                at.rseq,
                [frame, &[]],
            );
        }
        Ok(())
    }

    /// Gives whether frames are named that are not here.
    fn judge_author(&mut self, named: &SeenAuthor) -> Result<bool> {
        let (author, head) = (named.author, named.head);
        let here = self
            .tx
            .chain_head(self.row.id, author.device, author.incarnation)?;
        if head.seq > here.seq {
            if author.device == self.identity.device {
                self.was_set_back(author.incarnation)?;
            }
            return Ok(true);
        }
        let ours = self
            .tx
            .frame(self.row.id, author.device, author.incarnation, head.seq)?;
        if ours.is_none_or(|ours| ours.hash == head.hash) {
            return Ok(false);
        }
        // Its author has signed two frames under this number, or this is not true: only the frame
        // itself proves it, and whoever has that puts it at the relay.
        if author.device == self.identity.device {
            // It is this device that is at work twice: its numbers are not used again.
            let (tx, calendar) = (self.tx, self.row.id);
            let moved = lives::renew(tx, self.identity, calendar, author.incarnation, head.seq)?;
            documents::refresh_all(tx, calendar, &moved)?;
            self.wanted.changed |= !moved.is_empty();
        }
        Ok(true)
    }

    /// Another device has more of this one than is here: this database was set back. Its numbers are
    /// not used again, whatever becomes of the frames that are missing.
    fn was_set_back(&self, life: Incarnation) -> Result<()> {
        if incarnation(self.tx)? != life {
            return Ok(());
        }
        self.tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
        let (kind, evidence) = (FindingKind::Restored, [Vec::new(), Vec::new()]);
        cuts::found(self.tx, kind, None, None, 0, evidence, self.now_ms)
    }

    /// Gives whether links are named that are not here.
    fn judge_log(&mut self, said: &HeadsRow, frame: &[u8], seen: &SeenLog) -> Result<bool> {
        let (log, people) = logs::judged(self.tx, self.identity, self.row.id)?;
        let account = AccountId::from_bytes(*seen.log.as_bytes());
        let fits = if seen.log == LogId::from(self.row.id) {
            log.consistent(seen.view)
        } else if let Some(account) = people.account(&account) {
            account.consistent(seen.view)
        } else {
            return Ok(false);
        };
        match fits {
            Ok(()) => Ok(false),
            Err(LinkError::Seq { .. }) => Ok(true),
            Err(_) => {
                let (kind, number) = (FindingKind::LogForked, seen.view.seq);
                self.find(kind, Some(said.device), number, [frame, &[]])?;
                Ok(false)
            }
        }
    }

    fn find(
        &mut self,
        kind: FindingKind,
        device: Option<DeviceId>,
        number: u64,
        [one, other]: [&[u8]; 2],
    ) -> Result<()> {
        self.standing.insert((kind, device));
        tracing::warn!(kind = kind.word(), "sync.finding");
        let evidence = [one.to_vec(), other.to_vec()];
        cuts::found(
            self.tx,
            kind,
            Some(self.row.id),
            device,
            number,
            evidence,
            self.now_ms,
        )
    }

    /// What nothing speaks for any more is resolved.
    fn close(&self) -> Result<()> {
        for finding in self.tx.findings()? {
            let (kind, device) = (finding.kind, finding.device);
            let stands = match device {
                Some(_) => self.standing.contains(&(kind, device)),
                // About the relay itself, and resolved with whatever a device says of it.
                None => {
                    kind != FindingKind::LinkWithheld
                        || self.standing.iter().any(|(standing, _)| *standing == kind)
                }
            };
            if finding.calendar == Some(self.row.id) && PASSING.contains(&kind) && !stands {
                self.tx
                    .resolve(kind, finding.calendar, device, self.now_ms)?;
            }
        }
        Ok(())
    }
}
