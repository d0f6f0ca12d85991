//! A member that forges, poisons and inflates changes, and anyone who learns from lengths.

use std::collections::BTreeSet;

use almanac_crypto::gate::{self, GateError};
use almanac_protocol::envelope::padme;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ROOT, ReadDoc};

use super::cast::{Ada, change_hash, newest};

#[test]
fn attack_36_forging_the_actor_of_a_change() {
    let mut ada = Ada::new(1);
    let (here, there) = (ada.calendar(1), ada.calendar(2));
    let mut genuine = ada.document(&here);
    genuine.put(ROOT, "title", "lunch").unwrap();
    let genuine = newest(&mut genuine).raw_bytes().to_vec();
    let frame = ada.frame(&here, 1, &[change_hash(&genuine)]);
    assert_eq!(
        gate::check_all(&frame, &[genuine]).map(|changes| changes.len()),
        Ok(1)
    );
    // In the name of someone else, of another calendar, of another life of the device.
    let bob = Ada::new(2);
    let mut reborn = Ada::new(1);
    reborn.incarnation = almanac_protocol::ids::Incarnation::from_bytes([9; 8]);
    for mut forged in [
        bob.document(&here),
        ada.document(&there),
        reborn.document(&here),
    ] {
        forged.put(ROOT, "title", "lunch").unwrap();
        let forged = newest(&mut forged).raw_bytes().to_vec();
        let frame = ada.frame(&here, 1, &[change_hash(&forged)]);
        assert_eq!(
            gate::check_all(&frame, &[forged]).err(),
            Some(GateError::Actor)
        );
    }
    // Her own change, but not the one she signed here: a second one under the same operations.
    let mut other = ada.document(&here);
    other.put(ROOT, "title", "dinner").unwrap();
    let other = newest(&mut other).raw_bytes().to_vec();
    assert_eq!(
        gate::check_all(&frame, &[other]).err(),
        Some(GateError::NotListed)
    );
}

#[test]
fn attack_37_inflating_and_poisoning() {
    let mut document = AutoCommit::new().with_actor(ActorId::from([7_u8; 16]));
    document.put(ROOT, "title", "x".repeat(100_000)).unwrap();
    let mut change = newest(&mut document);
    let plain = change.raw_bytes().to_vec();
    assert!(gate::decode(&plain).is_ok());
    // A few hundred bytes that Automerge would inflate to a hundred thousand.
    let bomb = change.bytes().to_vec();
    assert!(bomb.len() < 1000 && Change::try_from(&bomb[..]).is_ok());
    assert_eq!(gate::decode(&bomb).err(), Some(GateError::Chunk));
    // A change that Automerge takes once and never loads again.
    let mut poison = plain;
    poison[5] ^= 1;
    assert!(Change::try_from(&poison[..]).is_ok() && AutoCommit::load(&poison).is_err());
    assert_eq!(gate::decode(&poison).err(), Some(GateError::Checksum));
    // Every bit of a small change: never a panic, never taken.
    let mut small = AutoCommit::new();
    small.put(ROOT, "title", "lunch").unwrap();
    let small = newest(&mut small).raw_bytes().to_vec();
    for at in 0..small.len() * 8 {
        let mut bent = small.clone();
        bent[at / 8] ^= 1 << (at % 8);
        let is_same = |taken: Change| change_hash(&small).as_bytes() == &taken.hash().0;
        assert!(!gate::decode(&bent).is_ok_and(is_same), "bit {at}");
    }
    // A change whose parents are missing waits; the document goes on.
    let mut ahead = AutoCommit::new();
    ahead.put(ROOT, "a", 1).unwrap();
    ahead.commit();
    ahead.put(ROOT, "b", 2).unwrap();
    let orphan = gate::decode(newest(&mut ahead).raw_bytes()).unwrap();
    let applied = gate::apply(&AutoCommit::new(), &[orphan]).unwrap();
    assert!(applied.get(ROOT, "b").unwrap().is_none());
}

#[test]
fn attack_38_guessing_a_secret_by_compression() {
    let secret = "merger with Contoso, room PIN 4829-1375-2264-9987 ".repeat(6);
    let guesses = ["PIN 4829-1375-2264-9987", "PIN 7051-8642-0193-3310"];
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let mut lengths = guesses.map(|guess| {
        let mut document = ada.document(&calendar);
        document.put(ROOT, "secret", secret.as_str()).unwrap();
        let first = newest(&mut document).raw_bytes().to_vec();
        document
            .put(ROOT, "invite", format!("spam spam {}", guess.repeat(6)))
            .unwrap();
        let second = newest(&mut document).raw_bytes().to_vec();
        let sealed = ada
            .envelope(&calendar, 1, &[first.clone(), second.clone()])
            .len();
        (document.save().len(), first.len() + second.len(), sealed)
    });
    lengths.sort_unstable();
    let [right, wrong] = lengths;
    assert!(
        right.0 < wrong.0,
        "what Automerge saves by default does tell them apart"
    );
    assert_eq!(
        (right.1, right.2),
        (wrong.1, wrong.2),
        "what is sent does not"
    );
}

#[test]
fn attack_39_reading_lengths() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let mut document = ada.document(&calendar);
    let mut lengths = BTreeSet::new();
    let mut seed = 7_u64;
    for edit in 1..=1000_u64 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let title = "m".repeat(usize::try_from(seed >> 33).unwrap() % 120);
        document.put(ROOT, "title", title).unwrap();
        if edit % 5 == 0 {
            document.put(ROOT, "place", "Café Central").unwrap();
            document
                .put(ROOT, "start", i64::try_from(edit).unwrap())
                .unwrap();
        }
        let change = newest(&mut document).raw_bytes().to_vec();
        lengths.insert(ada.envelope(&calendar, edit, &[change]).len());
    }
    assert!(lengths.len() <= 12, "{lengths:?}");
    assert!(
        lengths
            .iter()
            .all(|length| padme(length - 132) == length - 132)
    );
}
