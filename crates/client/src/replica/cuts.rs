//! Two frames under one number: what still counts then, and how the honest device goes on.
//!
//! A life of an author that signed two frames with one number is cut before it (security.md §2.6): no
//! change of it from there on counts, except those that something counted depends on. That is a
//! function of the stored set, so every device comes to the same. Both frames are kept as evidence,
//! and nothing is thrown away: what does not count stays beside its document.

use std::collections::{BTreeMap, BTreeSet};

use almanac_crypto::gate;
use almanac_protocol::chain::Author;
use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation};
use almanac_store::{ChangeRow, CountedChange, FindingKind, FindingRow, HeadsDue, Transaction};

use crate::client::Identity;
use crate::error::Result;
use crate::replica::author::{self, DocumentChange};
use crate::replica::{documents, heads, incarnation as lives};

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
    recount(tx, calendar, &touched)?;
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
            tx.leave_out(calendar, change.document, change.hash)?;
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
        tx.leave_out(calendar, *document, hash)?;
        touched.insert(*document);
    }
    Ok(touched)
}

/// Lets back in what something counted depends on.
pub(crate) fn recount(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    documents: &BTreeSet<DocumentId>,
) -> Result<()> {
    for document in documents {
        let all = tx.counted_changes(calendar, *document)?;
        if !all.iter().any(|change| change.is_cut) {
            continue;
        }
        let base = all.iter().filter(|change| !change.is_cut);
        let needed = closure(&all, base.map(|change| change.hash));
        for change in all.iter().filter(|change| change.is_cut) {
            if needed.contains(&change.hash) {
                tx.let_in(calendar, *document, change.hash)?;
            }
        }
    }
    Ok(())
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
    let before = own_documents(tx, identity, calendar, life, seq)?;
    let author = Author {
        device: identity.device,
        incarnation: life,
    };
    let touched = equivocated(tx, calendar, author, seq, evidence, now_ms)?;
    for document in &touched {
        let with = before.get(document).cloned().unwrap_or_default();
        say(tx, identity, calendar, *document, &with)?;
    }
    moved.extend(touched);
    Ok(moved)
}

/// What another copy of this device wrote in a place that is cut is written once more too.
pub(crate) fn write_theirs_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    frame: &Frame,
    changes: &[Vec<u8>],
) -> Result<BTreeSet<DocumentId>> {
    let touched = keep_beside(tx, calendar, frame, changes)?;
    for document in &touched {
        let all = tx.counted_changes(calendar, *document)?;
        let theirs = frame.changes().unwrap_or_default();
        let theirs = theirs.iter().filter(|change| change.document == *document);
        let wanted = closure(&all, theirs.map(|change| change.hash));
        let with: Vec<Vec<u8>> = all
            .into_iter()
            .filter(|change| !change.is_cut || wanted.contains(&change.hash))
            .map(|change| change.bytes)
            .collect();
        say(tx, identity, calendar, *document, &with)?;
    }
    Ok(touched)
}

/// The documents that own frames from a number on name, as they count now.
fn own_documents(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    life: Incarnation,
    seq: u64,
) -> Result<BTreeMap<DocumentId, Vec<Vec<u8>>>> {
    let mut found = BTreeMap::new();
    for row in tx.frames_from(calendar, identity.device, life, seq)? {
        for change in heads::parsed(&row)?.changes().unwrap_or_default() {
            found.insert(change.document, tx.changes(calendar, change.document)?);
        }
    }
    Ok(found)
}

/// Writes what makes a document say what it says with these changes.
fn say(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    document: DocumentId,
    with: &[Vec<u8>],
) -> Result<()> {
    let without = tx.changes(calendar, document)?;
    let bytes = lives::write_again(tx, identity, calendar, document, with, &without)?;
    let Some(bytes) = bytes else {
        return Ok(());
    };
    let change = DocumentChange {
        document,
        bytes,
        result: None,
    };
    author::author(tx, identity, calendar, vec![change])
}

/// These changes and everything they depend on.
fn closure(all: &[CountedChange], from: impl Iterator<Item = ChangeHash>) -> BTreeSet<ChangeHash> {
    let by_hash: BTreeMap<ChangeHash, &CountedChange> =
        all.iter().map(|change| (change.hash, change)).collect();
    let mut waiting: Vec<ChangeHash> = from.collect();
    let mut found = BTreeSet::new();
    while let Some(hash) = waiting.pop() {
        if !found.insert(hash) {
            continue;
        }
        let decoded = by_hash
            .get(&hash)
            .and_then(|change| gate::decode(&change.bytes).ok());
        if let Some(change) = decoded {
            waiting.extend(
                change
                    .deps()
                    .iter()
                    .map(|dep| ChangeHash::from_bytes(dep.0)),
            );
        }
    }
    found
}

/// Brings the rows of documents up to date after changes were taken out of them.
pub(crate) fn show(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    touched: &BTreeSet<DocumentId>,
) -> Result<()> {
    documents::refresh_all(tx, calendar, touched)
}
