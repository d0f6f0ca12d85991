//! A new life for this device's numbering, when another copy of it turns out to be at work.
//!
//! A profile that was copied or set back would use numbers again that its other copy has used. What
//! such a copy wrote and nobody has yet is written once more under a new incarnation: the same
//! edits, by the same device, in a chain of their own.

use std::collections::BTreeSet;

use almanac_calendar::document;
use almanac_protocol::frame::Frame;
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{Purpose, Setting, Transaction};
use automerge::Automerge;

use crate::client::{Identity, incarnation};
use crate::entropy;
use crate::error::{Error, Result};
use crate::replica::author::{self, DocumentChange};
use crate::replica::{logs, seal};

/// Makes way for `frame`, an own frame that another copy of this device wrote: mints a new
/// incarnation, and writes what of ours stood in its place under that. Gives the documents touched.
pub(crate) fn renew(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    frame: &Frame,
) -> Result<BTreeSet<DocumentId>> {
    if incarnation(tx)? == frame.incarnation {
        tracing::warn!("sync.profile_was_copied");
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
    }
    let mut lost = BTreeSet::new();
    let ours = tx.unsent_frames(calendar, identity.device, frame.incarnation)?;
    let ours: Vec<_> = ours
        .into_iter()
        .filter(|row| row.seq >= frame.seq)
        .collect();
    let mut listed = Vec::new();
    for row in &ours {
        listed.extend(seal::listed_changes(identity, row)?);
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
        }));
    }
    author::author(tx, identity, calendar, changes)?;
    Ok(lost)
}

/// The change that makes a document without our edits say what it said with them.
fn write_again(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    id: DocumentId,
    with_ours: &[Vec<u8>],
    without_ours: &[Vec<u8>],
) -> Result<Option<Vec<u8>>> {
    let actor = almanac_protocol::actor::actor(&calendar, &identity.device, &incarnation(tx)?);
    let load = |changes: &[Vec<u8>]| -> Result<Automerge> {
        document::load(changes.iter().map(Vec::as_slice)).map_err(Error::internal)
    };
    let is_private = logs::calendar_purpose(tx, calendar)? == Purpose::Private;
    if id == DocumentId::CALENDAR && is_private {
        let load = |changes: &[Vec<u8>]| {
            document::private::load(changes.iter().map(Vec::as_slice)).map_err(Error::internal)
        };
        let wanted = document::private::read(&load(with_ours)?);
        return document::private::edit(&mut load(without_ours)?, actor, 0, &wanted)
            .map_err(Error::internal);
    }
    if id == DocumentId::CALENDAR {
        let wanted = document::calendar::read(&load(with_ours)?);
        return document::calendar::edit(&mut load(without_ours)?, actor, 0, &wanted)
            .map_err(Error::internal);
    }
    let wanted = document::read(&load(with_ours)?).map_err(Error::internal)?;
    if without_ours.is_empty() {
        let (_, bytes) = document::create(&wanted, actor, 0).map_err(Error::internal)?;
        return Ok(Some(bytes));
    }
    document::edit(&mut load(without_ours)?, actor, 0, &wanted).map_err(Error::internal)
}
