//! Two frames under one number: what still counts then, and how the honest device goes on.
//!
//! A life of an author that signed two frames with one number is cut before it (security.md §2.6): no
//! change of it from there on counts, except those that something counted depends on. That is a
//! function of the stored set, so every device comes to the same. Both frames are kept as evidence,
//! and nothing is thrown away: what does not count stays beside its document.

use std::collections::BTreeSet;

use almanac_crypto::gate;
use almanac_protocol::actor::actor;
use almanac_protocol::chain::Author;
use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation};
use almanac_store::{
    ChangeRow, CountedChange, Counting, FindingKind, FindingRow, HeadsDue, Transaction,
};

use crate::client::Identity;
use crate::error::Result;
use crate::replica::counted::Dependencies;
use crate::replica::{documents, heads, incarnation as lives, logs};

/// Notes something that a person should know.
pub(crate) fn found(
    tx: &Transaction<'_>,
    kind: FindingKind,
    calendar: Option<CalendarId>,
    device: Option<DeviceId>,
    number: u64,
    evidence: [Vec<u8>; 2],
    now_ms: u64,
) -> Result<()> {
    Ok(tx.find(&FindingRow {
        kind,
        calendar,
        device,
        number,
        first_ms: now_ms,
        last_ms: now_ms,
        evidence,
    })?)
}

/// Cuts an author that signed two frames under a number, and takes out of the documents what no
/// longer counts. Gives the documents touched.
pub(crate) fn equivocated(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    author: Author,
    seq: u64,
    evidence: [Vec<u8>; 2],
    now_ms: u64,
) -> Result<BTreeSet<DocumentId>> {
    let (device, life) = (author.device, author.incarnation);
    if tx
        .cut_at(calendar, device, life)?
        .is_some_and(|cut| cut <= seq)
    {
        return Ok(BTreeSet::new());
    }
    tracing::warn!("sync.author_forked");
    let kind = FindingKind::Equivocation;
    found(
        tx,
        kind,
        Some(calendar),
        Some(device),
        seq,
        evidence,
        now_ms,
    )?;
    tx.cut(calendar, device, life, seq)?;
    // Others may have only one of the two: they learn of it from what this device has seen.
    tx.heads_due(calendar, HeadsDue::Now)?;
    let mut touched = BTreeSet::new();
    for row in tx.frames_from(calendar, device, life, seq)? {
        touched.extend(leave_out(tx, calendar, &heads::parsed(&row)?)?);
    }
    recount(tx, identity, calendar, &touched)?;
    Ok(touched)
}

/// Takes the changes that a frame lists out of their documents, where they are in them.
pub(crate) fn leave_out(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    frame: &Frame,
) -> Result<BTreeSet<DocumentId>> {
    let mut touched = BTreeSet::new();
    if frame.frame_type == FrameType::Changes {
        for change in frame.changes().map_err(crate::error::Error::internal)? {
            tx.set_counting(calendar, change.document, change.hash, Counting::LeftOut)?;
            touched.insert(change.document);
        }
    }
    Ok(touched)
}

/// Keeps the changes of a frame that cannot stand in its chain, beside their documents.
pub(crate) fn keep_beside(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    frame: &Frame,
    changes: &[Vec<u8>],
) -> Result<BTreeSet<DocumentId>> {
    let mut touched = BTreeSet::new();
    let Ok(admitted) = gate::check_all(frame, changes) else {
        return Ok(touched);
    };
    for ((document, change), bytes) in admitted.iter().zip(changes) {
        let hash = ChangeHash::from_bytes(change.hash().0);
        if tx.change(calendar, *document, hash)?.is_some() {
            continue;
        }
        tx.put_change(&ChangeRow {
            calendar,
            document: *document,
            hash,
            bytes: bytes.clone(),
        })?;
        tx.set_counting(calendar, *document, hash, Counting::LeftOut)?;
        touched.insert(*document);
    }
    Ok(touched)
}

/// Judges anew which changes of documents count, where some may not. What this device wrote and what
/// does not count any more, because it is or rests on the wrong one of two frames or because nothing
/// depends on it any more that counts, it writes once more.
pub(crate) fn recount(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    documents: &BTreeSet<DocumentId>,
) -> Result<()> {
    for document in documents {
        let all = tx.counted_changes(calendar, *document)?;
        if all.iter().all(|change| change.counting == Counting::Base) {
            continue;
        }
        let ledger = Dependencies::of(&all);
        let judged = ledger.judge();
        let own = own_actors(tx, identity, calendar)?;
        let mut lost = BTreeSet::new();
        for change in &all {
            let Some(now) = judged.get(&change.hash).copied() else {
                continue;
            };
            if now == change.counting {
                continue;
            }
            tx.set_counting(calendar, *document, change.hash, now)?;
            let is_own = ledger
                .actor(change.hash)
                .is_some_and(|actor| own.iter().any(|own| own == actor));
            let counts_no_more = change.counting.counts() && !now.counts();
            if counts_no_more && is_own {
                lost.insert(change.hash);
            }
        }
        for newest in &lost {
            let rests_on_it =
                |other: &ChangeHash| other != newest && ledger.closure([*other]).contains(newest);
            if !lost.iter().any(rests_on_it) {
                let said = (*document, these(&all, &ledger.closure([*newest])));
                lives::say_again(tx, identity, calendar, vec![said])?;
            }
        }
    }
    Ok(())
}

/// The actors of this device in all its lives.
fn own_actors(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Vec<[u8; 16]>> {
    let authors = tx.authors(calendar)?.into_iter();
    let own = authors.filter(|(device, _)| *device == identity.device);
    Ok(own
        .map(|(device, life)| actor(&calendar, &device, &life))
        .collect())
}

/// Those of the changes that are wanted.
fn these(all: &[CountedChange], wanted: &BTreeSet<ChangeHash>) -> Vec<(ChangeHash, Vec<u8>)> {
    let found = all.iter().filter(|change| wanted.contains(&change.hash));
    found
        .map(|change| (change.hash, change.bytes.clone()))
        .collect()
}

/// This device's own life turns out to have two frames under a number, and others have one of them:
/// what it wrote from there on is written once more under a new incarnation. Gives the documents
/// touched.
pub(crate) fn write_own_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    (life, seq): (Incarnation, u64),
    evidence: [Vec<u8>; 2],
    now_ms: u64,
) -> Result<BTreeSet<DocumentId>> {
    // What nobody has yet moves to a new incarnation first.
    let mut moved = lives::renew(tx, identity, calendar, life, seq)?;
    let documents = own_documents(tx, identity, calendar, life, seq)?;
    let before = lives::said(tx, identity, calendar, &documents)?;
    let author = Author {
        device: identity.device,
        incarnation: life,
    };
    let touched = equivocated(tx, identity, calendar, author, seq, evidence, now_ms)?;
    if !touched.is_empty() {
        lives::say_again(tx, identity, calendar, before)?;
    }
    moved.extend(touched);
    Ok(moved)
}

/// What another copy of this device wrote in a place that is cut is to be written once more too, unless
/// something that counts depends on it: then it counts where it stands.
pub(crate) fn owe_theirs(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    frame: &Frame,
    changes: &[Vec<u8>],
) -> Result<BTreeSet<DocumentId>> {
    let touched = keep_beside(tx, calendar, frame, changes)?;
    for change in frame.changes().unwrap_or_default() {
        if touched.contains(&change.document) {
            tx.owe(calendar, change.document, change.hash)?;
        }
    }
    Ok(touched)
}

/// Writes once more what is owed, where everything has come that it rests upon.
pub(crate) fn write_owed(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let owed = tx.owed(calendar)?;
    if owed.is_empty() || !logs::may_write(tx, identity, calendar)? {
        // It stays owed for the time when it would count.
        return Ok(());
    }
    for (document, hash) in owed {
        let all = tx.counted_changes(calendar, document)?;
        let wanted = Dependencies::of(&all).closure([hash]);
        let said = these(&all, &wanted);
        if said.len() == wanted.len() {
            tx.owe_no_more(calendar, document, hash)?;
            lives::say_again(tx, identity, calendar, vec![(document, said)])?;
        }
    }
    Ok(())
}

/// The documents that own frames from a number on name.
fn own_documents(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    life: Incarnation,
    seq: u64,
) -> Result<BTreeSet<DocumentId>> {
    let mut found = BTreeSet::new();
    for row in tx.frames_from(calendar, identity.device, life, seq)? {
        let changes = heads::parsed(&row)?.changes().unwrap_or_default();
        found.extend(changes.iter().map(|change| change.document));
    }
    Ok(found)
}

/// Brings the rows of documents up to date after changes were taken out of them.
pub(crate) fn show(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    touched: &BTreeSet<DocumentId>,
) -> Result<()> {
    documents::refresh_all(tx, calendar, touched)
}
