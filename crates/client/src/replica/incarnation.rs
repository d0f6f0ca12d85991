//! A new life for this device's numbering, when another copy of it turns out to be at work.
//!
//! A profile that was copied or set back would use numbers again that its other copy has used. What
//! such a copy wrote and nobody has yet is written once more under a new incarnation: the same
//! edits, by the same device, in a chain of their own.

use std::collections::BTreeSet;

use almanac_calendar::document;
use almanac_protocol::frame::ListedChange;
use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId, Incarnation};
use almanac_store::{Counting, FrameRow, HeadsDue, Purpose, Sent, Setting, Transaction};

use crate::client::{Identity, incarnation};
use crate::entropy;
use crate::error::{Error, Result};
use crate::replica::author::{self, DocumentChange};
use crate::replica::counted::Dependencies;
use crate::replica::{cuts, documents, logs, seal};

/// Makes way for what another copy of this device wrote in `life` from number `from_seq` on: mints
/// a new incarnation, and writes what of ours stood there under that. Gives the documents touched.
pub(crate) fn renew(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    life: Incarnation,
    from_seq: u64,
) -> Result<BTreeSet<DocumentId>> {
    if incarnation(tx)? == life {
        tracing::warn!("sync.profile_was_copied");
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
    }
    let mut lost = BTreeSet::new();
    let ours = tx.unsent_frames(calendar, identity.device, life)?;
    let ours: Vec<_> = ours.into_iter().filter(|row| row.seq >= from_seq).collect();
    let mut listed = Vec::new();
    for row in &ours {
        listed.extend(seal::listed_changes(row)?);
    }
    lost.extend(listed.iter().map(|change| change.document));
    let needed = needed_by_others(tx, calendar, &lost, &listed)?;
    let wanted = said(tx, identity, calendar, &lost)?;
    let cut = tx.cut_at(calendar, identity.device, life)?;
    let mut is_needed_later = false;
    for row in ours.iter().rev() {
        let changes = seal::listed_changes(row)?;
        is_needed_later |= changes.iter().any(|change| needed.contains(&change.hash));
        // A relay that is gone may have shown it to others, who have it then.
        let was_seen = is_needed_later || cut.is_some_and(|cut| cut <= row.seq);
        for change in changes {
            let (document, hash) = (change.document, change.hash);
            if was_seen {
                tx.set_counting(calendar, document, hash, Counting::LeftOut)?;
            } else {
                tx.remove_change(calendar, document, hash)?;
            }
        }
        if was_seen {
            tx.put_rival(&FrameRow {
                sent: Sent::Lost,
                ..row.clone()
            })?;
        }
        tx.remove_frame(row)?;
    }
    cuts::recount(tx, identity, calendar, &lost)?;
    say_again(tx, identity, calendar, wanted)?;
    if !ours.is_empty() {
        // What this device had said of others may have stood there too.
        tx.heads_due(calendar, HeadsDue::Now)?;
    }
    Ok(lost)
}

/// Which of these changes something that is not among them depends on.
fn needed_by_others(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    documents: &BTreeSet<DocumentId>,
    listed: &[ListedChange],
) -> Result<BTreeSet<ChangeHash>> {
    let ours: BTreeSet<ChangeHash> = listed.iter().map(|change| change.hash).collect();
    let mut needed = BTreeSet::new();
    for document in documents {
        let all = tx.counted_changes(calendar, *document)?;
        let others = all.iter().map(|change| change.hash);
        let others = others.filter(|hash| !ours.contains(hash));
        needed.extend(Dependencies::of(&all).closure(others).intersection(&ours));
    }
    Ok(needed)
}

/// A document, and changes that make it say something.
pub(crate) type Said = (DocumentId, Vec<(ChangeHash, Vec<u8>)>);

/// What documents say now. They are judged anew first: in the middle of a page a document may still
/// lack what something in it depends on, and something of ours may have fallen unnoticed.
pub(crate) fn said(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    documents: &BTreeSet<DocumentId>,
) -> Result<Vec<Said>> {
    cuts::recount(tx, identity, calendar, documents)?;
    let counted = documents.iter().map(|document| {
        let all = tx.counted_changes(calendar, *document)?.into_iter();
        let counted = all.filter(|change| change.counting.counts());
        Ok((
            *document,
            counted.map(|change| (change.hash, change.bytes)).collect(),
        ))
    });
    counted.collect()
}

/// Writes once more what documents said with changes of which some count no longer: upon those of them
/// that do, so that it takes nothing back that others wrote, and merges with it.
pub(crate) fn say_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    wanted: Vec<Said>,
) -> Result<()> {
    if !logs::may_write(tx, identity, calendar)? {
        // Nobody would count it.
        return Ok(());
    }
    let mut sides = Vec::new();
    let mut is_beside_others = false;
    for (document, with) in wanted {
        let counted: BTreeSet<ChangeHash> =
            tx.change_hashes(calendar, document)?.into_iter().collect();
        let (still, gone): (Vec<_>, Vec<_>) = with
            .into_iter()
            .partition(|(hash, _)| counted.contains(hash));
        let without: Vec<Vec<u8>> = still.into_iter().map(|(_, bytes)| bytes).collect();
        is_beside_others |= without.len() < counted.len();
        // What counts comes first: where not all goes together, nothing of that is taken back.
        let gone = gone.into_iter().map(|(_, bytes)| bytes);
        let with: Vec<Vec<u8>> = without.iter().cloned().chain(gone).collect();
        if without.len() < with.len() {
            sides.push((document, with, without));
        }
    }
    if is_beside_others {
        // What it is written upon may lack changes of ours: their numbers are not used again.
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
    }
    let mut changes = Vec::new();
    for (document, with, without) in sides {
        let bytes = write_again(tx, identity, calendar, document, &with, &without)?;
        changes.extend(bytes.map(|bytes| DocumentChange {
            document,
            bytes,
            result: None,
        }));
    }
    author::author(tx, identity, calendar, changes)
}

/// The change that makes a document without some edits say what it says with them.
fn write_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    id: DocumentId,
    with_ours: &[Vec<u8>],
    without_ours: &[Vec<u8>],
) -> Result<Option<Vec<u8>>> {
    let actor = almanac_protocol::actor::actor(&calendar, &identity.device, &incarnation(tx)?);
    let is_private = logs::calendar_purpose(tx, calendar)? == Purpose::Private;
    if id == DocumentId::CALENDAR && is_private {
        let wanted = document::private::read(&documents::private_of(with_ours)?);
        let mut doc = documents::private_of(without_ours)?;
        return document::private::edit(&mut doc, actor, 0, &wanted).map_err(Error::internal);
    }
    let (with_ours, mut doc) = (documents::of(with_ours)?, documents::of(without_ours)?);
    if id == DocumentId::CALENDAR {
        let wanted = document::calendar::read(&with_ours);
        return document::calendar::edit(&mut doc, actor, 0, &wanted).map_err(Error::internal);
    }
    let Ok(wanted) = document::read(&with_ours) else {
        // Nothing of it was ever shown: what it rests on has not come.
        return Ok(None);
    };
    if document::read(&doc).is_err() {
        let (_, bytes) = document::create(&wanted, actor, 0).map_err(Error::internal)?;
        return Ok(Some(bytes));
    }
    document::edit(&mut doc, actor, 0, &wanted).map_err(Error::internal)
}
