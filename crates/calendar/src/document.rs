//! An event as an Automerge document: what devices merge.
//!
//! ```text
//! root ─ uid when rule organizer status busy task color url …   registers: one JSON text each
//!      ─ title notes place                                       Automerge text
//!      ─ dates/… skipped/… guests/… reminders/… categories/… attachments/… unknown/…
//!                                                                one entry for each key
//!      ─ overrides/…/field splits/…/field                        fields merge one by one
//!      ─ names                                                   what … names occurrences by
//! ```
//!
//! Values that only make sense together are one register, so two edits never mix halves; rules say
//! which first time they are counted from, and follow it. Of two concurrent writes of one register Automerge's winner is shown, the same on every device, and
//! [`conflicts`] names both. What a later version wrote and we do not know stays untouched. What
//! was never said is not written; what is taken back is written as nothing, so that it conflicts
//! with another value instead of losing to it.
//!
//! Bytes: one edit is one change, written uncompressed. The actor and the time are arguments;
//! nothing here draws a random actor that could reach another device.
//!
//! A change comes from a member, but a member can be malicious, and Automerge panics on some
//! crafted changes. Changes are therefore tried on a copy, behind a guard; the document itself is
//! touched only when all went well.

pub mod calendar;
mod conflict;
mod counted;
mod first;
mod flat;
mod history;
mod names;
pub mod private;
mod stamp;
mod trash;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, Change};

use crate::event::Event;
use flat::Flat;
use names::Names;

pub use conflict::{Conflict, Written, conflicts, settle};
pub use first::FirstChange;
pub use history::{Edit, FieldChange, at, history};
pub use names::occurrence_of;
pub use stamp::Stamp;
pub use trash::{CameBack, Trash, came_back, trash};

/// Why a document or a change cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes are no uncompressed Automerge change.
    #[error("these bytes are no change of a document")]
    NotAChange,
    /// The change is well formed, but what it says tears the document apart.
    #[error("the change is made to do harm")]
    Hostile,
    /// The change contradicts what is there, such as a second change with one number.
    #[error("the change does not fit the document: {0}")]
    DoesNotFit(AutomergeError),
    /// It has no title, time or name: not an event, or its first change has not come yet.
    #[error("the document is not a whole event")]
    NotAnEvent,
    /// The document has no such change.
    #[error("the event has no such change")]
    NoSuchChange,
    /// There is no such field, or it cannot have that value.
    #[error("the event has no such field, or the field cannot have that value")]
    NoSuchField,
    /// Writing into the document failed.
    #[error("the document could not be written: {0}")]
    Write(AutomergeError),
}

/// The change that makes the document of a new event.
///
/// `time` is in Unix seconds; zero says nothing. Of equal arguments the bytes are equal.
#[must_use]
pub fn first_change(event: &Event, actor: [u8; 16], time: i64) -> Vec<u8> {
    first::first_change(&Flat::of(event), actor, time).bytes
}

/// A document for a new event, and the change that made it, as [`first_change`]. Where the
/// document itself is not needed, as in an import of thousands, that alone is several times faster.
///
/// # Errors
///
/// [`Fault::NotAChange`] and [`Fault::DoesNotFit`] where Automerge refuses, which it does for no
/// event.
pub fn create(event: &Event, actor: [u8; 16], time: i64) -> Result<(Automerge, Vec<u8>), Fault> {
    let bytes = first_change(event, actor, time);
    let mut doc = empty();
    doc.apply_changes([parse(&bytes)?])
        .map_err(Fault::DoesNotFit)?;
    Ok((doc, bytes))
}

/// The change that makes the document of a new event, and the event as that document says it,
/// without making the document: for many events at once.
///
/// # Errors
///
/// [`Fault::NotAnEvent`] where the event says nothing.
pub fn draft(event: &Event, actor: [u8; 16], time: i64) -> Result<(Event, FirstChange), Fault> {
    let flat = Flat::of(event);
    let change = first::first_change(&flat, actor, time);
    let mut read = flat.event().ok_or(Fault::NotAnEvent)?;
    read.trashed = event.trashed;
    Ok((read, change))
}

/// The event a document holds.
///
/// A value that cannot be read (from a later version) counts as unset.
///
/// # Errors
///
/// [`Fault::NotAnEvent`] where it has no name or no time.
pub fn read(doc: &Automerge) -> Result<Event, Fault> {
    let (event, names) = written(doc, &Flat::read(doc, None))?;
    Ok(match names {
        Some(names) => names.today(event),
        None => event,
    })
}

/// What a document says to whoever shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The event.
    pub event: Event,
    /// Whether something was written twice at the same time and waits for a person to choose.
    pub is_disputed: bool,
}

/// What a document says.
///
/// # Errors
///
/// As [`read`].
pub fn said(doc: &Automerge) -> Result<Said, Fault> {
    let event = read(doc)?;
    let of_fields = || {
        conflicts(doc)
            .iter()
            .any(|found| found.field != trash::TRASHED)
    };
    Ok(Said {
        event,
        is_disputed: trash(doc) == Trash::BackByEdit || of_fields(),
    })
}

/// What the document of these changes says, without keeping the document: for many of them at once.
///
/// # Errors
///
/// As [`load`] and [`read`].
pub fn said_by<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Said, Fault> {
    guarded(|| said(&with_applied(empty(), changes)?))
}

/// The event that a change says which makes a document, without making the document: for many events
/// at once. `None` where only the document itself can tell.
#[must_use]
pub fn read_first(change: &[u8]) -> Option<Event> {
    let flat = first::flat_of(change)?;
    let mut event = flat.event()?;
    event.trashed = flat
        .entries
        .get(trash::TRASHED)
        .is_some_and(|said| said == "true");
    Some(match Names::read(&flat) {
        Some(names) => names.today(event),
        None => event,
    })
}

/// The event as it is written, and what its occurrences are named by.
fn written(doc: &Automerge, flat: &Flat) -> Result<(Event, Option<Names>), Fault> {
    let mut event = flat.event().ok_or(Fault::NotAnEvent)?;
    event.trashed = trash::trash(doc) == Trash::In;
    Ok((event, Names::read(flat)))
}

/// Makes the document say what `event` says, and gives the change that did it; `None` where it
/// said so already. Only what differs is written, so everything else merges.
///
/// # Errors
///
/// [`Fault::NotAnEvent`] where the document is not a whole event.
pub fn edit(
    doc: &mut Automerge,
    actor: [u8; 16],
    time: i64,
    event: &Event,
) -> Result<Option<Vec<u8>>, Fault> {
    let standing = Flat::read(doc, None);
    let (before, names) = written(doc, &standing)?;
    let (event, names) = names::to_write(&before, names, event);
    let (mut before, mut after) = (Flat::of(&before), Flat::of(&event));
    counted::keep(&standing, &event, &mut before, &mut after);
    let names = names.and_then(|names| names.text());
    after
        .entries
        .extend(names.map(|text| (names::NAMES.to_owned(), text)));
    change(doc, actor, time, |tx| {
        write::difference(tx, &before, &after)
    })
}

/// A document from its changes, in any order.
///
/// # Errors
///
/// As [`apply`].
pub fn load<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Automerge, Fault> {
    with_changes(empty(), changes)
}

/// Applies one change. One that was applied before changes nothing; one whose predecessors are
/// missing waits for them ([`is_waiting`]).
///
/// # Errors
///
/// [`Fault::NotAChange`], [`Fault::DoesNotFit`] and [`Fault::Hostile`]; the document is as before.
pub fn apply(doc: &mut Automerge, change: &[u8]) -> Result<(), Fault> {
    apply_all(doc, [change])
}

/// Applies several changes, in any order: all of them or none.
///
/// # Errors
///
/// As [`apply`].
pub fn apply_all<'a>(
    doc: &mut Automerge,
    changes: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(), Fault> {
    *doc = with_changes(doc.clone(), changes)?;
    Ok(())
}

fn with_changes<'a>(
    doc: Automerge,
    changes: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Automerge, Fault> {
    guarded(|| {
        let doc = with_applied(doc, changes)?;
        // What cannot be read must not be kept.
        let _ = (read(&doc), conflicts(&doc), trash(&doc));
        Ok(doc)
    })
}

fn with_applied<'a>(
    mut doc: Automerge,
    changes: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Automerge, Fault> {
    let changes: Vec<_> = changes.into_iter().map(parse).collect::<Result<_, _>>()?;
    doc.apply_changes(changes).map_err(Fault::DoesNotFit)?;
    Ok(doc)
}

/// Runs work on bytes of others; a panic in it is their fault, not ours.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // Nothing the work touched is used again after a panic.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Fault::Hostile))
}

/// Whether changes wait for predecessors that have not come.
#[must_use]
pub fn is_waiting(doc: &Automerge) -> bool {
    use automerge::ReadDoc;
    !doc.get_missing_deps(&[]).is_empty()
}

/// An empty document; its actor is fixed and is replaced before anything is written.
fn empty() -> Automerge {
    Automerge::new().with_actor(ActorId::from([0; 16].as_slice()))
}

/// Where the byte that tells the kind of a chunk stands: after the magic and the checksum.
const KIND_AT: usize = 8;
/// A change, not compressed. Compressed ones are refused: few bytes would unfold to any size.
const KIND_CHANGE: u8 = 1;

/// Where the checksum stands: the first four bytes of the hash of what follows.
const CHECKSUM_AT: std::ops::Range<usize> = 4..8;

fn parse(bytes: &[u8]) -> Result<Change, Fault> {
    if bytes.get(KIND_AT) != Some(&KIND_CHANGE) {
        return Err(Fault::NotAChange);
    }
    let change = Change::from_bytes(bytes.to_vec()).map_err(|_| Fault::NotAChange)?;
    // Automerge does not look at it for a single change.
    let is_whole = bytes
        .get(CHECKSUM_AT)
        .is_some_and(|sum| change.hash().0.starts_with(sum));
    if is_whole {
        Ok(change)
    } else {
        Err(Fault::NotAChange)
    }
}

/// Runs one transaction as one change of `actor`.
fn change(
    doc: &mut Automerge,
    actor: [u8; 16],
    time: i64,
    write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
) -> Result<Option<Vec<u8>>, Fault> {
    use automerge::ReadDoc;
    let mut copy = doc.clone();
    let (copy, bytes) = guarded(|| {
        copy.set_actor(ActorId::from(actor.as_slice()));
        let mut tx = copy.transaction();
        if let Err(error) = write(&mut tx) {
            tx.rollback();
            return Err(Fault::Write(error));
        }
        if tx.pending_ops() == 0 {
            tx.rollback();
            return Ok((copy, None));
        }
        let (hash, _) = tx.commit_with(CommitOptions::default().with_time(time));
        let change = hash.and_then(|hash| copy.get_change_by_hash(&hash));
        let bytes = change.map(|change| change.raw_bytes().to_vec());
        Ok((copy, bytes))
    })?;
    *doc = copy;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
