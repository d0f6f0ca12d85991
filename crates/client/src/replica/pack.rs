//! Packs: this device's calendars for those who come late, and theirs for this device.
//!
//! Invariant: what a pack brings counts only once every frame in it has been judged as if it had
//! come in an envelope, and every change stands in the list of one.

pub(crate) mod making;
pub(crate) mod reading;

use std::collections::HashSet;

use almanac_crypto::gate::GateError;
use almanac_crypto::pack::PackError;
use almanac_protocol::ids::CalendarId;
use almanac_protocol::pack::ContentError;
use almanac_store::Transaction;
use thiserror::Error;

use crate::error::{Error, Result};
use crate::replica::documents;

/// Why a pack is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum BadPack {
    /// The manifest is none, or not by a device that may write.
    #[error("the manifest is not by a device that may write")]
    Manifest,
    /// A chunk is not what the manifest names, or does not open.
    #[error(transparent)]
    Chunk(#[from] PackError),
    /// The content is not laid out as content is.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// A change cannot be read.
    #[error(transparent)]
    Change(#[from] GateError),
    /// There are more or fewer changes than the pack says.
    #[error("the number of changes is another")]
    Count,
    /// A change is in another name than that of the author who lists it.
    #[error("a change is in another name than its author's")]
    Actor,
    /// A change that no frame lists.
    #[error("a change that nobody signed")]
    Invented,
    /// A frame lists changes that are not there, and nothing explains it.
    #[error("changes that were signed are missing")]
    Omitted,
    /// A frame cannot be read, or is not accepted.
    #[error("a frame is not accepted")]
    Frame,
    /// The chain of an author ends elsewhere than the pack says.
    #[error("the frames of an author end elsewhere")]
    Chain,
    /// Frames that this device has are not in it.
    #[error("frames are missing")]
    Incomplete,
}

/// Takes back what a pack has brought that no stored frame lists, and builds the rows again.
pub(crate) fn undo(tx: &Transaction<'_>, calendar: CalendarId) -> Result<()> {
    let mut listed = HashSet::new();
    for (device, incarnation) in tx.authors(calendar)? {
        for row in tx.frames_of(calendar, device, incarnation)? {
            let changes = making::read_frame(&row)?.0.changes().unwrap_or_default();
            listed.extend(changes.iter().map(|change| (change.document, change.hash)));
        }
    }
    for (document, hash) in tx.change_names(calendar)? {
        if !listed.contains(&(document, hash)) {
            tx.remove_change(calendar, document, hash)?;
        }
    }
    tx.end_pack(calendar)?;
    documents::rebuild(tx)
}

impl From<BadPack> for Error {
    fn from(bad: BadPack) -> Self {
        Self::internal(bad)
    }
}
