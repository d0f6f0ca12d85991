//! Making a pack of a calendar as it stands at this device.
//!
//! The database is asked for a few documents at a time, so that nobody waits; what was captured at
//! the beginning does not change meanwhile, because frames and the changes they list never do.

use std::collections::{BTreeSet, HashMap, HashSet};

use almanac_crypto::gate::ELIDED_BYTES;
use almanac_crypto::pack::{SealedPack, seal};
use almanac_protocol::frame::Frame;
use almanac_protocol::ids::{CalendarId, ChangeHash, DeviceId, DocumentId, Incarnation, Signature};
use almanac_protocol::message::ChainHead;
use almanac_protocol::pack::{ContentWriter, PackAddress, PackedBody, PackedFrame, Start};
use almanac_protocol::signed::SignedBody as _;
use almanac_store::{FrameRow, QuarantineReason, Transaction, Window};

use crate::client::{Client, Identity};
use crate::error::{Error, Result};
use crate::replica::{keys, logs};
use crate::sync::position;

/// What concerns now: this much before and after.
const NEAR_S: i64 = 45 * 24 * 60 * 60;
/// The same day makes the same pack.
const DAY_S: i64 = 24 * 60 * 60;
/// Documents that are read from the database at once.
const DOCUMENTS_AT_ONCE: usize = 256;

type Name = (DocumentId, ChangeHash);

/// What a pack is made of, as it stood at one moment.
struct Capture {
    address: PackAddress,
    authors: Vec<(DeviceId, Incarnation, ChainHead)>,
    frames: Vec<(usize, FrameRow)>,
    /// Documents in the order in which their changes are written.
    documents: Vec<DocumentId>,
    /// How many of them concern now.
    near: usize,
    /// How many of the changes are theirs.
    near_changes: usize,
    /// Changes that a frame lists and that are here.
    names: HashSet<Name>,
    set_aside: Vec<Vec<u8>>,
}

/// A pack of everything up to where this device has read; `None` while it cannot be made.
pub(crate) fn make(
    client: &Client,
    calendar: CalendarId,
    now_s: i64,
) -> Result<Option<SealedPack>> {
    let identity = client.identity();
    let captured = client.read(|tx| capture(tx, identity, calendar, now_s))?;
    let Some(capture) = captured else {
        return Ok(None);
    };
    let start = Start {
        authors: capture.authors.clone(),
        changes: u32::try_from(capture.names.len()).map_err(Error::internal)?,
        near: u32::try_from(capture.near_changes).map_err(Error::internal)?,
    };
    let mut content = ContentWriter::new(&start);
    let mut places = HashMap::with_capacity(capture.names.len());
    let (near, far) = capture.documents.split_at(capture.near);
    for part in [near, far] {
        for documents in part.chunks(DOCUMENTS_AT_ONCE) {
            let found = client.read(|tx| {
                let named = |document: &DocumentId| tx.named_changes(calendar, *document);
                documents
                    .iter()
                    .map(|document| Ok((*document, named(document)?)))
                    .collect::<Result<Vec<_>>>()
            })?;
            for (document, changes) in found {
                write_changes(&mut content, &capture.names, &mut places, document, changes)?;
            }
        }
        content.flush();
    }
    for envelope in &capture.set_aside {
        content.set_aside(envelope);
    }
    for (author, row) in &capture.frames {
        content.frame(&packed(*author, row, &places)?);
    }
    let keys = client.read(|tx| keys::epoch_keys(tx, identity, calendar))?;
    let pack = seal(&keys, &identity.keys, capture.address, &content.finish());
    Ok(Some(pack.map_err(Error::internal)?))
}

fn capture(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    now_s: i64,
) -> Result<Option<Capture>> {
    let Some(row) = tx.calendar(calendar)? else {
        return Ok(None);
    };
    let Some(relay_epoch) = row.cursor.relay_epoch else {
        return Ok(None);
    };
    if row.cursor.rseq == 0 || !tx.is_packable(calendar)? {
        return Ok(None);
    }
    let (mut authors, mut frames, mut listed) = (Vec::new(), Vec::new(), HashSet::new());
    for (place, (device, incarnation)) in tx.authors(calendar)?.into_iter().enumerate() {
        let rows = tx.frames_of(calendar, device, incarnation)?;
        let head = tx.chain_head(calendar, device, incarnation)?;
        authors.push((device, incarnation, head));
        for row in rows {
            let (frame, _) = read_frame(&row)?;
            if let Ok(changes) = frame.changes() {
                listed.extend(changes.iter().map(|change| (change.document, change.hash)));
            }
            frames.push((place, row));
        }
    }
    let mut names = HashSet::new();
    let mut all = BTreeSet::new();
    for name in tx.change_names(calendar)? {
        if listed.contains(&name) {
            all.insert(name.0);
            names.insert(name);
        }
    }
    let near = near(tx, calendar, now_s, &all)?;
    let far: Vec<DocumentId> = all.into_iter().filter(|id| !near.contains(id)).collect();
    let mut set_aside = Vec::new();
    for reason in QuarantineReason::ALL {
        if reason != QuarantineReason::Pack {
            let found = tx.quarantined(calendar, reason)?;
            set_aside.extend(found.into_iter().map(|found| found.bytes));
        }
    }
    let log = logs::calendar(tx, identity, calendar)?;
    Ok(Some(Capture {
        address: PackAddress {
            epoch: log.epoch_now().section.epoch,
            device: identity.device,
            relay_epoch,
            position: position(&row),
        },
        authors,
        frames,
        near: near.len(),
        near_changes: names.iter().filter(|name| near.contains(&name.0)).count(),
        documents: near.into_iter().chain(far).collect(),
        names,
        set_aside,
    }))
}

/// The documents that concern the days around now, the calendar's own among them: its id is the
/// lowest there is, so it comes first.
fn near(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    now_s: i64,
    all: &BTreeSet<DocumentId>,
) -> Result<BTreeSet<DocumentId>> {
    let today = now_s - now_s.rem_euclid(DAY_S);
    let window = Window {
        from_s: today - NEAR_S,
        to_s: today + NEAR_S,
    };
    let rows = tx.events_in(calendar, window)?;
    let near = rows.into_iter().map(|row| row.document);
    let near = near.chain([DocumentId::CALENDAR]);
    Ok(near.filter(|document| all.contains(document)).collect())
}

fn write_changes(
    content: &mut ContentWriter,
    names: &HashSet<Name>,
    places: &mut HashMap<Name, u32>,
    document: DocumentId,
    changes: Vec<(ChangeHash, Vec<u8>)>,
) -> Result<()> {
    for (hash, bytes) in changes {
        let name = (document, hash);
        if names.contains(&name) {
            let place = u32::try_from(places.len()).map_err(Error::internal)?;
            let rest = bytes.get(ELIDED_BYTES..);
            content.change(
                &document,
                rest.ok_or_else(|| Error::internal("a stored change"))?,
            );
            places.insert(name, place);
        }
    }
    Ok(())
}

fn packed(author: usize, row: &FrameRow, places: &HashMap<Name, u32>) -> Result<PackedFrame> {
    let (frame, signature) = read_frame(row)?;
    // Other types list nothing.
    let listed = frame.changes().ok().and_then(|changes| {
        let place = |document, hash| places.get(&(document, hash)).copied();
        changes
            .iter()
            .map(|change| place(change.document, change.hash))
            .collect::<Option<Vec<_>>>()
    });
    Ok(PackedFrame {
        author,
        frame_type: frame.frame_type.number(),
        calendar_view: frame.calendar_view,
        account_view: frame.account_view,
        body: listed.map_or(PackedBody::Raw(frame.body), PackedBody::Changes),
        signature,
    })
}

/// A stored frame and its signature: it was verified when it was stored.
pub(crate) fn read_frame(row: &FrameRow) -> Result<(Frame, Signature)> {
    let (body, signature) = row
        .bytes
        .split_last_chunk::<{ Signature::LEN }>()
        .ok_or_else(|| Error::internal("a stored frame"))?;
    let frame = Frame::parse(body).map_err(Error::internal)?;
    Ok((frame, Signature::from_bytes(*signature)))
}
