//! A new life for this device's numbering, when another copy of it turns out to be at work.
//!
//! A profile that was copied or set back would use numbers again that its other copy has used. What
//! such a copy wrote and nobody has yet is written once more under a new incarnation: the same
//! edits, by the same device, in a chain of their own.

use std::collections::BTreeSet;

use almanac_calendar::document;
use almanac_protocol::ids::{CalendarId, DocumentId, Incarnation};
use almanac_store::{HeadsDue, Purpose, Setting, Transaction};

use crate::client::{Identity, incarnation};
use crate::entropy;
use crate::error::{Error, Result};
use crate::replica::author::{self, DocumentChange};
use crate::replica::{documents, logs, seal};

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
    let wanted = lost
        .iter()
        .map(|document| Ok((*document, tx.changes(calendar, *document)?)))
        .collect::<Result<Vec<_>>>()?;
    for change in &listed {
        tx.remove_change(calendar, change.document, change.hash)?;
    }
    for row in &ours {
        tx.remove_frame(row)?;
    }
    let mut changes = Vec::new();
    for (id, with_ours) in wanted {
        let without_ours = tx.changes(calendar, id)?;
        let bytes = write_again(tx, identity, calendar, id, &with_ours, &without_ours)?;
        changes.extend(bytes.map(|bytes| DocumentChange {
            document: id,
            bytes,
            result: None,
        }));
    }
    author::author(tx, identity, calendar, changes)?;
    if !ours.is_empty() {
        // What this device had said of others may have stood there too.
        tx.heads_due(calendar, HeadsDue::Now)?;
    }
    Ok(lost)
}

/// The change that makes a document without some edits say what it says with them.
pub(crate) fn write_again(
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
    let wanted = document::read(&with_ours).map_err(Error::internal)?;
    if without_ours.is_empty() {
        let (_, bytes) = document::create(&wanted, actor, 0).map_err(Error::internal)?;
        return Ok(Some(bytes));
    }
    document::edit(&mut doc, actor, 0, &wanted).map_err(Error::internal)
}
