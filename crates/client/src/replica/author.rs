//! Writing: the changes of one action become signed frames of this device's chain.

use almanac_calendar::document::FirstChange;
use almanac_crypto::gate::{self, GateError};
use almanac_protocol::envelope::ENVELOPE_HEADER_BYTES;
use almanac_protocol::frame::{
    FRAME_HEADER_BYTES, Frame, FrameType, ListedChange, STREAM_MAIN, changes_body, frame_hash,
};
use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use almanac_protocol::limits::{FRAME_BODY_BYTES_MAX, OPERATIONS_PER_CHANGE_MAX};
use almanac_protocol::message::Stream;
use almanac_store::{ChangeRow, FrameRow, SearchRow, Sent, Transaction};
use automerge::Automerge;

use crate::client::{Identity, incarnation};
use crate::error::{Error, ErrorCode, Result};
use crate::replica::rows::Rows;
use crate::replica::{devices, documents, logs};

/// Bytes of changes in one frame: frame and changes fit one envelope with room for its padding.
const CHANGE_BYTES_MAX: usize = 600 * 1024;
/// Changes in one frame: its list stays a small part of the envelope.
const CHANGES_MAX: usize = 2_000;
/// What an item costs beside its bytes.
const ITEM_BYTES: usize = 5 + ENVELOPE_HEADER_BYTES + FRAME_HEADER_BYTES;

/// A change of one document, made by this device's actor.
#[derive(Debug, Clone)]
pub(crate) struct DocumentChange {
    pub(crate) document: DocumentId,
    /// One uncompressed Automerge change.
    pub(crate) bytes: Vec<u8>,
    /// The document with the change in it, where it is at hand; read from the changes otherwise.
    pub(crate) result: Option<Automerge>,
}

/// A change, and what the store is to show once it is there.
#[derive(Debug)]
pub(crate) struct Authored {
    document: DocumentId,
    bytes: Vec<u8>,
    /// Its hash, where it is known.
    hash: Option<ChangeHash>,
    after: After,
}

/// What a document looks like with the change in it.
#[derive(Debug)]
enum After {
    /// As this document says.
    Document(Box<Automerge>),
    /// As these rows say; there was nothing before.
    New(Box<Rows>),
    /// As the stored changes say.
    Stored,
}

impl From<DocumentChange> for Authored {
    fn from(change: DocumentChange) -> Self {
        Self {
            document: change.document,
            bytes: change.bytes,
            hash: None,
            after: change
                .result
                .map_or(After::Stored, |doc| After::Document(Box::new(doc))),
        }
    }
}

impl Authored {
    /// The first change of a new document, its hash, and the rows of the document.
    pub(crate) fn first(bytes: Vec<u8>, hash: ChangeHash, rows: Rows) -> Self {
        Self {
            document: rows.event.document,
            bytes,
            hash: Some(hash),
            after: After::New(Box::new(rows)),
        }
    }
}

/// Whether other devices will take a change: what they would refuse must not be written.
pub(crate) fn check(bytes: &[u8]) -> Result<ChangeHash> {
    match gate::decode(bytes) {
        Ok(change) => Ok(ChangeHash::from_bytes(change.hash().0)),
        Err(GateError::Operations(_) | GateError::TooLarge(_)) => Err(too_large()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The same of a change that this program has just put together, which needs no reading.
pub(crate) fn check_own(change: &FirstChange) -> Result<()> {
    let is_small = change.bytes.len() <= FRAME_BODY_BYTES_MAX
        && change.operations <= OPERATIONS_PER_CHANGE_MAX;
    if is_small { Ok(()) } else { Err(too_large()) }
}

fn read_only() -> Error {
    Error::new(
        ErrorCode::NotAllowed,
        "You can look at this calendar and not change it. Nothing was changed. Ask one of its \
         owners to let you edit, or put the event into a calendar of your own.",
    )
}

fn too_large() -> Error {
    Error::invalid(
        "This event is too large to be shared with other devices: all its texts together may have \
         about a hundred thousand characters. Nothing was changed. Shorten the notes.",
    )
}

/// Signs `changes` as one frame, or as few as fit, and stores frames, changes and rows.
pub(crate) fn author(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    changes: Vec<impl Into<Authored>>,
) -> Result<()> {
    let mut authoring = Authoring::new(calendar);
    for change in changes {
        authoring.add(tx, identity, change.into())?;
    }
    authoring.finish(tx, identity)
}

/// Changes of one calendar as they come. Whenever a frame is full it is signed and stored with
/// its changes and their rows, so that no more than a frame waits in memory.
///
/// Nothing that was added counts before [`Authoring::finish`].
#[derive(Debug)]
pub(crate) struct Authoring {
    calendar: CalendarId,
    /// What the next frame holds so far.
    part: Vec<Authored>,
    part_bytes: usize,
    /// New events that are stored and that search does not know yet.
    unknown: Vec<SearchRow>,
}

impl Authoring {
    /// Begins to change documents of a calendar.
    pub(crate) const fn new(calendar: CalendarId) -> Self {
        Self {
            calendar,
            part: Vec::new(),
            part_bytes: 0,
            unknown: Vec::new(),
        }
    }

    /// Adds a change.
    pub(crate) fn add(
        &mut self,
        tx: &Transaction<'_>,
        identity: &Identity,
        change: Authored,
    ) -> Result<()> {
        let bytes = change.bytes.len() + ITEM_BYTES;
        if self.part_bytes + bytes > CHANGE_BYTES_MAX || self.part.len() == CHANGES_MAX {
            self.sign(tx, identity)?;
        }
        self.part_bytes += bytes;
        self.part.push(change);
        Ok(())
    }

    /// Signs what is left, and lets search know all new events at once: that is one part of its
    /// index, however many frames they are.
    pub(crate) fn finish(mut self, tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
        if !self.part.is_empty() {
            self.sign(tx, identity)?;
        }
        Ok(tx.make_known(&self.unknown)?)
    }

    fn sign(&mut self, tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
        let calendar = self.calendar;
        if devices::is_revoked(tx, identity)? {
            return Err(devices::revoked());
        }
        if !logs::may_write(tx, identity, calendar)? {
            return Err(read_only());
        }
        self.part_bytes = 0;
        let changes = std::mem::take(&mut self.part);
        let mut rows = Vec::with_capacity(changes.len());
        let mut shown = Vec::with_capacity(changes.len());
        for change in changes {
            rows.push(ChangeRow {
                calendar,
                document: change.document,
                hash: change.hash.map_or_else(|| check(&change.bytes), Ok)?,
                bytes: change.bytes,
            });
            shown.push((change.document, change.after));
        }
        let listed = rows.iter().map(|row| ListedChange {
            document: row.document,
            hash: row.hash,
        });
        let body = changes_body(&listed.collect::<Vec<_>>()).map_err(Error::internal)?;
        put_frame(tx, identity, calendar, FrameType::Changes, body)?;
        for row in &rows {
            tx.put_change(row)?;
        }
        for (document, after) in shown {
            match after {
                After::Document(doc) => documents::show(tx, calendar, document, &doc)?,
                After::New(rows) => {
                    let (event, shown, search) = rows.into_parts();
                    self.unknown.push(tx.add_event(&event, &shown, search)?);
                }
                After::Stored => documents::refresh(tx, calendar, document)?,
            }
        }
        Ok(())
    }
}

/// Signs the next frame of this device and stores it.
pub(crate) fn put_frame(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    frame_type: FrameType,
    body: Vec<u8>,
) -> Result<Frame> {
    let incarnation = incarnation(tx)?;
    let head = tx.chain_head(calendar, identity.device, incarnation)?;
    let frame = Frame {
        frame_type,
        stream: Stream {
            calendar,
            kind: STREAM_MAIN,
        },
        author: identity.device,
        incarnation,
        seq: head.seq + 1,
        prev: head.hash,
        calendar_view: logs::view(tx, calendar.into())?,
        account_view: logs::view(tx, identity.account.into())?,
        body,
    };
    let bytes = frame.sign(&identity.keys).map_err(Error::internal)?;
    tx.put_frame(&FrameRow {
        calendar,
        device: identity.device,
        incarnation,
        seq: frame.seq,
        hash: frame_hash(&bytes),
        bytes,
        sent: Sent::Waits,
    })?;
    Ok(frame)
}
