//! Writing an event into a document: all of it at first, then only what differs.
//!
//! The first change is put together without a document, which is the dear part of making one. It
//! makes the texts, also those that are empty: were they made later, two devices could each make
//! one, and what was written into the losing one would be gone.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, AutomergeError, Change, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc};

use super::flat::{Flat, TEXTS};

/// The change that makes the document of an event.
pub(super) fn first_change(flat: &Flat, actor: [u8; 16], time: i64) -> Change {
    let actor = ActorId::from(actor);
    let mut operations = Vec::new();
    for (name, value) in flat.said() {
        let value = OpType::Put(value.as_str().into());
        operations.push(op(value, ObjectId::Root, Key::Map(name.into())));
    }
    for (name, text) in TEXTS.iter().zip(&flat.texts) {
        let make = OpType::Make(ObjType::Text);
        operations.push(op(make, ObjectId::Root, Key::Map((*name).into())));
        let object = ObjectId::Id(id_of(&operations, &actor));
        let mut before = ElementId::Head;
        let mut letter = [0; 4];
        for one in text.chars() {
            let put = OpType::Put((&*one.encode_utf8(&mut letter)).into());
            let mut insert = op(put, object.clone(), Key::Seq(before));
            insert.insert = true;
            operations.push(insert);
            before = ElementId::Id(id_of(&operations, &actor));
        }
    }
    Change::from(ExpandedChange {
        operations,
        actor_id: actor,
        author: None,
        hash: None,
        seq: 1,
        start_op: NonZeroU64::MIN,
        time,
        message: None,
        deps: Vec::new(),
        extra_bytes: Vec::new(),
    })
}

/// The id of the last operation.
fn id_of(operations: &[Op], actor: &ActorId) -> OpId {
    OpId::new(operations.len() as u64, actor)
}

fn op(action: OpType, obj: ObjectId, key: Key) -> Op {
    Op {
        action,
        obj,
        key,
        pred: SortedVec::new(),
        insert: false,
    }
}

/// Writes what differs.
pub(super) fn difference(
    tx: &mut Transaction<'_>,
    before: &Flat,
    after: &Flat,
) -> Result<(), AutomergeError> {
    entries(tx, &ROOT, &before.entries, &after.entries)?;
    let texts = before.texts.iter().zip(&after.texts);
    for (name, (old, new)) in TEXTS.iter().zip(texts) {
        if old != new {
            text(tx, name, new)?;
        }
    }
    Ok(())
}

/// Makes a text say something else; what both have in common stays, letter by letter.
pub(super) fn text(tx: &mut Transaction<'_>, name: &str, new: &str) -> Result<(), AutomergeError> {
    let id = match tx.get(ROOT, name)? {
        Some((value, id)) if value.is_object() => id,
        Some(_) | None => tx.put_object(ROOT, name, ObjType::Text)?,
    };
    tx.update_text(&id, new)
}

/// Writes the entries of a map that differ. Those of `old` that are gone are removed; those
/// that neither names are left alone.
pub(super) fn entries(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), AutomergeError> {
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        tx.delete(map, key.as_str())?;
    }
    for (key, value) in new {
        if old.get(key) != Some(value) {
            entry(tx, map, key, value)?;
        }
    }
    Ok(())
}

/// Writes one entry, also where it stands there already.
pub(super) fn entry(
    tx: &mut Transaction<'_>,
    map: &ObjId,
    key: &str,
    value: &str,
) -> Result<(), AutomergeError> {
    // Automerge drops a write of what stands there; but a deletion that an edit outlived must be
    // able to happen again.
    let there = tx.get(map, key)?;
    if there.is_some_and(|(was, _)| was.as_str() == Some(value)) {
        tx.delete(map, key)?;
    }
    tx.put(map, key, value)
}
