//! Our bytes beside those of Automerge's own encoder.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ExpandedChange, ObjType};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::{document, ics};

/// The same change as Automerge puts it together.
fn of_automerge(flat: &Flat, actor: [u8; 16], time: i64) -> Change {
    change_of(operations_of(flat, actor), actor, time)
}

fn operations_of(flat: &Flat, actor: [u8; 16]) -> Vec<Op> {
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
    operations
}

fn change_of(operations: Vec<Op>, actor: [u8; 16], time: i64) -> Change {
    Change::from(ExpandedChange {
        operations,
        actor_id: ActorId::from(actor),
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
    let said = flat.said().map(|(name, text)| (name.clone(), text.clone()));
    let said = Flat {
        entries: said.collect(),
        texts: flat.texts.clone(),
    };
    let is_plain = TEXTS.iter().all(|name| !said.entries.contains_key(*name));
    assert_eq!(flat_of(&ours.bytes), is_plain.then_some(said), "{flat:?}");
}

/// What is read without a document is what the document says.
fn check_reading(bytes: &[u8]) -> bool {
    let Some(event) = document::read_first(bytes) else {
        return false;
    };
    let doc = document::load([bytes]).unwrap();
    assert_eq!(event, document::read(&doc).unwrap());
    true
}

/// Something that Automerge takes and no program of ours would write first.
fn meddle(operations: &mut Vec<Op>, how: u8, at: prop::sample::Index) {
    let at = at.index(operations.len());
    let other = operations[(at + 1) % operations.len()].clone();
    let one = &mut operations[at];
    match how {
        0 => one.action = OpType::Put(7.into()),
        1 => one.action = OpType::Put("\"other\"".into()),
        2 => one.action = OpType::Make(ObjType::Map),
        3 => one.key = other.key,
        4 => one.obj = other.obj,
        5 => one.insert = !one.insert,
        6 => one.action = OpType::Put("two letters".into()),
        7 => drop(operations.remove(at)),
        8 => operations.insert(at, other),
        _ => operations.push(other),
    }
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
        assert!(check_reading(&document::first_change(event, [1; 16], 7)));
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

    #[test]
    fn what_is_read_without_a_document_is_what_the_document_says(
        meddling in vec((0_u8..10, any::<prop::sample::Index>()), 0..3),
        has_rule: bool,
    ) {
        let (mut events, _) = ics::read(include_bytes!("../../../../../tests/corpus/demo.ics"));
        let event = events.pop().unwrap();
        let mut operations = operations_of(&Flat::of(&event), [3; 16]);
        if !has_rule {
            operations.truncate(9);
        }
        for (how, at) in &meddling {
            meddle(&mut operations, *how, *at);
        }
        let bytes = std::panic::catch_unwind(|| change_of(operations, [3; 16], 9).raw_bytes().to_vec());
        if let Ok(bytes) = bytes {
            let is_read = check_reading(&bytes);
            prop_assert!(is_read || !meddling.is_empty() || !has_rule);
        }
    }
}
