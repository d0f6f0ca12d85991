//! Our bytes beside those of Automerge's own encoder.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ExpandedChange, ObjType};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::ics;

/// The same change as Automerge puts it together.
fn of_automerge(flat: &Flat, actor: [u8; 16], time: i64) -> Change {
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
        for one in text.chars() {
            let put = OpType::Put(one.to_string().as_str().into());
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

fn check(flat: &Flat, actor: [u8; 16], time: i64) {
    let (ours, theirs) = (
        first_change(flat, actor, time),
        of_automerge(flat, actor, time),
    );
    assert_eq!(ours.bytes, theirs.raw_bytes(), "{flat:?}");
    assert_eq!(ours.hash, theirs.hash().0, "{flat:?}");
    assert_eq!(ours.operations, theirs.len(), "{flat:?}");
}

fn texts(title: &str, notes: &str, place: &str) -> Flat {
    Flat {
        texts: [title, notes, place].map(str::to_owned),
        ..Flat::default()
    }
}

#[test]
fn texts_of_every_length_are_what_automerge_writes() {
    for title in ["", "a", "ab", "aab", "ä€🎂ab"] {
        for notes in ["", "x", "xy"] {
            for place in ["", "z", "zzzz"] {
                check(&texts(title, notes, place), [7; 16], 0);
            }
        }
    }
    check(&texts("", &"long ".repeat(5_000), "z"), [7; 16], i64::MAX);
}

#[test]
fn events_of_files_are_what_automerge_writes() {
    let (events, _) = ics::read(include_bytes!("../../../../../tests/corpus/demo.ics"));
    assert!(events.len() > 2);
    for event in &events {
        check(&Flat::of(event), [0xff; 16], 1_795_172_400);
    }
}

proptest! {
    #[test]
    fn whatever_is_said_is_what_automerge_writes(
        entries in btree_map("[a-z]{1,12}(/[^\"]{0,20})?", "(\"|[{]|.){0,300}", 0..40),
        texts in vec("(a|.|\n){0,200}", 3),
        actor: [u8; 16],
        time: i64,
    ) {
        let texts = texts.try_into().unwrap();
        check(&Flat { entries, texts }, actor, time);
    }
}
