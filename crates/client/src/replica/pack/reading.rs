//! Reading a pack, chunk by chunk: changes come out at once, frames once they can be put together
//! again from the changes they list. Touches no database.

use std::collections::{BTreeMap, BTreeSet};

use almanac_crypto::envelope;
use almanac_crypto::epoch::EpochKeys;
use almanac_crypto::gate;
use almanac_crypto::pack::open;
use almanac_protocol::chain::CHAIN_START;
use almanac_protocol::envelope::FrameWithChanges;
use almanac_protocol::frame::{Frame, FrameType, ListedChange, changes_body, frame_hash};
use almanac_protocol::ids::{ChangeHash, DeviceId, DocumentId, FrameHash, Incarnation};
use almanac_protocol::membership::{AccountLog, Role};
use almanac_protocol::message::ChainHead;
use almanac_protocol::pack::{Block, ContentReader, Manifest, PackedBody, PackedFrame, Start};
use almanac_protocol::signed::{Signed, SignedBody as _};
use almanac_store::{ChangeRow, Transaction};

use crate::client::Identity;
use crate::error::Result;
use crate::replica::pack::BadPack;
use crate::replica::{keys, logs};

/// Changes that are worth a thread.
const CHANGES_PER_THREAD: usize = 64;

/// A pack that is being read.
pub(crate) struct Reading {
    /// What it consists of.
    pub(crate) manifest: Manifest,
    keys: EpochKeys,
    content: ContentReader,
    next_chunk: usize,
    start: Start,
    changes: Vec<Found>,
    /// The chains as far as they have been put together.
    heads: Vec<ChainHead>,
    actors: Vec<[u8; 16]>,
    /// Frames whose author spoilt the changes.
    excused: BTreeSet<FrameHash>,
    set_aside: Vec<Vec<u8>>,
}

/// A change of the pack. All of them are in memory until the last frame has come, so that they are
/// kept small.
struct Found {
    document: DocumentId,
    hash: ChangeHash,
    /// Not the actor of any author where it has another length.
    actor: Option<[u8; 16]>,
    bytes: Box<[u8]>,
    is_listed: bool,
}

/// What a chunk brings.
#[derive(Default)]
pub(crate) struct Piece {
    /// Changes that concern now. Nothing is known of them but that they can be read.
    pub(crate) near: Vec<ChangeRow>,
    /// Frames in the order of their chains, with the changes they list; no signature has been
    /// looked at.
    pub(crate) frames: Vec<FrameWithChanges>,
}

/// What is left when a pack has been read.
pub(crate) struct Remains {
    /// Where each author ends.
    pub(crate) heads: BTreeMap<(DeviceId, Incarnation), ChainHead>,
    /// Envelopes that its maker had set aside.
    pub(crate) set_aside: Vec<Vec<u8>>,
}

impl Reading {
    /// The pack of this manifest, if it is by a device that may write.
    pub(crate) fn begin(
        tx: &Transaction<'_>,
        identity: &Identity,
        manifest: &[u8],
    ) -> Result<std::result::Result<Self, BadPack>> {
        let Ok(signed) = Signed::<Manifest>::parse(manifest) else {
            return Ok(Err(BadPack::Manifest));
        };
        let calendar = signed.address().position.stream.calendar;
        let (log, people) = logs::judged(tx, identity, calendar)?;
        let maker = people.device(&signed.signer());
        let may_write = |account: &AccountLog| log.role(&account.id()).is_some_and(Role::can_write);
        let Some((_, device)) = maker.filter(|(account, _)| may_write(account)) else {
            return Ok(Err(BadPack::Manifest));
        };
        let Ok(manifest) = signed.verify(&device.bundle.sign_key) else {
            return Ok(Err(BadPack::Manifest));
        };
        let keys = keys::epoch_keys(tx, identity, calendar)?;
        Ok(Ok(Self::new(manifest.into_body(), keys)))
    }

    fn new(manifest: Manifest, keys: EpochKeys) -> Self {
        Self {
            manifest,
            keys,
            content: ContentReader::default(),
            next_chunk: 0,
            start: Start::default(),
            changes: Vec::new(),
            heads: Vec::new(),
            actors: Vec::new(),
            excused: BTreeSet::new(),
            set_aside: Vec::new(),
        }
    }

    /// Reads the next chunk.
    pub(crate) fn take(&mut self, chunk: &[u8]) -> std::result::Result<Piece, BadPack> {
        let content = open(&self.keys, &self.manifest, self.next_chunk, chunk)?;
        self.next_chunk += 1;
        let mut piece = Piece::default();
        for block in self.content.feed(&content)? {
            match block {
                Block::Start(start) => self.take_start(start),
                Block::Changes(changes) => {
                    for found in restore_all(&changes) {
                        piece.near.extend(self.take_change(found?));
                    }
                }
                Block::SetAside(envelopes) => self.take_set_aside(envelopes),
                Block::Frames(frames) => {
                    for frame in frames {
                        piece.frames.push(self.take_frame(frame)?);
                    }
                }
            }
        }
        Ok(piece)
    }

    /// Checks that nothing is missing and nothing too much.
    pub(crate) fn finish(self) -> std::result::Result<Remains, BadPack> {
        self.content.finish()?;
        if u32::try_from(self.changes.len()) != Ok(self.start.changes) {
            return Err(BadPack::Count);
        }
        if !self.changes.iter().all(|change| change.is_listed) {
            return Err(BadPack::Invented);
        }
        let authors = self.start.authors;
        if authors.iter().map(|(_, _, head)| head).ne(&self.heads) {
            return Err(BadPack::Chain);
        }
        let heads = authors
            .into_iter()
            .map(|(device, incarnation, head)| ((device, incarnation), head));
        Ok(Remains {
            heads: heads.collect(),
            set_aside: self.set_aside,
        })
    }

    fn take_start(&mut self, start: Start) {
        let calendar = self.manifest.address.position.stream.calendar;
        self.heads = vec![CHAIN_START; start.authors.len()];
        let actor = |(device, incarnation, _): &(DeviceId, Incarnation, ChainHead)| {
            almanac_protocol::actor::actor(&calendar, device, incarnation)
        };
        self.actors = start.authors.iter().map(actor).collect();
        self.start = start;
    }

    /// Keeps a change, and gives it where it concerns now.
    fn take_change(&mut self, found: Found) -> Option<ChangeRow> {
        let is_near = u32::try_from(self.changes.len()).is_ok_and(|place| place < self.start.near);
        let row = is_near.then(|| ChangeRow {
            calendar: self.manifest.address.position.stream.calendar,
            document: found.document,
            hash: found.hash,
            bytes: found.bytes.to_vec(),
        });
        self.changes.push(found);
        row
    }

    /// An envelope that was set aside may explain why the changes of a frame are missing.
    fn take_set_aside(&mut self, envelopes: Vec<Vec<u8>>) {
        let stream = self.manifest.address.position.stream;
        for sealed in &envelopes {
            let Ok((_, frames)) = envelope::open(&self.keys, stream, sealed) else {
                continue;
            };
            for item in frames {
                let body = item.frame.len().checked_sub(64);
                let frame = body.and_then(|length| Frame::parse(item.frame.get(..length)?).ok());
                if frame.is_some_and(|frame| gate::check_all(&frame, &item.changes).is_err()) {
                    self.excused.insert(frame_hash(&item.frame));
                }
            }
        }
        self.set_aside.extend(envelopes);
    }

    /// The frame as it was signed, if it can be put together.
    fn take_frame(
        &mut self,
        packed: PackedFrame,
    ) -> std::result::Result<FrameWithChanges, BadPack> {
        let author = packed.author;
        let head = *self.heads.get(author).ok_or(BadPack::Frame)?;
        let (device, incarnation, _) = *self.start.authors.get(author).ok_or(BadPack::Frame)?;
        let is_raw = matches!(packed.body, PackedBody::Raw(_));
        let (body, changes) = match packed.body {
            PackedBody::Raw(body) => (body, Vec::new()),
            PackedBody::Changes(places) => self.list(author, &places)?,
        };
        let frame = Frame {
            frame_type: FrameType::from_number(packed.frame_type),
            stream: self.manifest.address.position.stream,
            author: device,
            incarnation,
            seq: head.seq + 1,
            prev: head.hash,
            calendar_view: packed.calendar_view,
            account_view: packed.account_view,
            body,
        };
        let mut bytes = frame.to_bytes();
        bytes.extend_from_slice(packed.signature.as_bytes());
        let hash = frame_hash(&bytes);
        let is_list = frame.frame_type == FrameType::Changes;
        if is_list == is_raw && !(is_raw && self.excused.contains(&hash)) {
            return Err(BadPack::Omitted);
        }
        if let Some(head) = self.heads.get_mut(author) {
            *head = ChainHead {
                seq: frame.seq,
                hash,
            };
        }
        Ok(FrameWithChanges {
            frame: bytes,
            changes,
        })
    }

    /// The body that lists these changes, and the changes.
    fn list(
        &mut self,
        author: usize,
        places: &[u32],
    ) -> std::result::Result<(Vec<u8>, Vec<Vec<u8>>), BadPack> {
        let actor = *self.actors.get(author).ok_or(BadPack::Frame)?;
        let mut listed = Vec::with_capacity(places.len());
        let mut changes = Vec::with_capacity(places.len());
        for place in places {
            let place = usize::try_from(*place).map_err(|_| BadPack::Frame)?;
            let change = self.changes.get_mut(place).ok_or(BadPack::Omitted)?;
            if change.actor != Some(actor) {
                return Err(BadPack::Actor);
            }
            change.is_listed = true;
            listed.push(ListedChange {
                document: change.document,
                hash: change.hash,
            });
            changes.push(change.bytes.to_vec());
        }
        let body = changes_body(&listed).map_err(|_| BadPack::Frame)?;
        Ok((body, changes))
    }
}

/// Changes whose hashes are computed, on all processors: that is most of what reading a pack costs.
fn restore_all(
    changes: &[(DocumentId, Vec<u8>)],
) -> Vec<std::result::Result<Found, gate::GateError>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = changes.len().div_ceil(threads).max(CHANGES_PER_THREAD);
    std::thread::scope(|scope| {
        let work: Vec<_> = changes
            .chunks(at_once)
            .map(|part| scope.spawn(|| part.iter().map(Found::restore).collect::<Vec<_>>()))
            .collect();
        let done = work.into_iter().map(|part| {
            part.join()
                .unwrap_or_else(|_| vec![Err(gate::GateError::Chunk)])
        });
        done.flatten().collect()
    })
}

impl Found {
    fn restore(
        (document, rest): &(DocumentId, Vec<u8>),
    ) -> std::result::Result<Self, gate::GateError> {
        let (bytes, change) = gate::restore(rest)?;
        Ok(Self {
            document: *document,
            hash: ChangeHash::from_bytes(change.hash().0),
            actor: change.actor_id().to_bytes().try_into().ok(),
            bytes: bytes.into(),
            is_listed: false,
        })
    }
}

#[cfg(test)]
mod tests;
