//! Boxes: which secret a role is given, and what a member that was removed still opens.

use almanac_crypto::epoch::{EpochError, EpochKeys, free_busy_secret};
use almanac_crypto::puk::PukSeeds;
use almanac_crypto::seal::{
    EpochGrant, SealError, open_epoch_box, open_puk_box, seal_epoch_box, seal_puk_box,
    seal_puk_boxes,
};
use almanac_protocol::boxes::EpochBox;
use almanac_protocol::membership::Role;

use super::people::{Person, Shared};

/// What a person makes of the boxes of the epoch in force.
fn opened(shared: &Shared, person: &Person, boxes: &[Vec<u8>]) -> Option<EpochGrant> {
    let epoch = shared.log.epoch_now().section.epoch;
    boxes.iter().find_map(|record| {
        open_epoch_box(&shared.log, epoch, &person.id(), &person.puk, record).ok()
    })
}

#[test]
fn each_role_is_given_its_secret_and_its_history() {
    let (ada, bob, eve) = (Person::new("ada"), Person::new("bob"), Person::new("eve"));
    let (fay, stranger) = (Person::new("fay"), Person::new("stranger"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Editor));
    shared.give(&ada, &eve, Some(Role::Viewer));
    shared.rotate(&bob);
    shared.give(&ada, &fay, Some(Role::FreeBusy));
    let boxes = shared.boxes();
    assert_eq!(boxes.len(), 4);
    for reader in [&ada, &bob, &eve] {
        let grant = opened(&shared, reader, &boxes).unwrap();
        assert_eq!(grant, EpochGrant::Full(shared.newest().clone()));
        let keys = EpochKeys::open(&shared.log, 2, grant).unwrap();
        assert_eq!(keys.main(1), Some(&shared.secrets[0]));
    }
    let grant = opened(&shared, &fay, &boxes).unwrap();
    assert_eq!(
        grant,
        EpochGrant::FreeBusy(free_busy_secret(shared.newest()))
    );
    let keys = EpochKeys::open(&shared.log, 2, grant).unwrap();
    assert_eq!(
        keys.free_busy(1),
        Some(&free_busy_secret(&shared.secrets[0]))
    );
    assert_eq!((keys.main(1), keys.main(2)), (None, None));
    assert_eq!(opened(&shared, &stranger, &boxes), None);
}

/// Rows 33 and 34: who was removed or lowered opens nothing that came after.
#[test]
fn a_removed_member_reads_what_it_had_and_nothing_after() {
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    for role in [None, Some(Role::FreeBusy)] {
        let mut shared = Shared::new(&ada);
        shared.give(&ada, &bob, Some(Role::Editor));
        let before = shared.newest().clone();
        shared.give(&ada, &bob, role);
        let boxes = shared.boxes();
        let grant = opened(&shared, &bob, &boxes);
        let newest = shared.newest().clone();
        match role {
            None => assert_eq!(grant, None),
            Some(_) => {
                assert_eq!(grant, Some(EpochGrant::FreeBusy(free_busy_secret(&newest))));
            }
        }
        // What it still holds leads to what it could read, and to no newer epoch.
        let held = EpochKeys::open(&shared.log, 1, EpochGrant::Full(before.clone())).unwrap();
        assert_eq!(held.main(2), None);
        let up = EpochKeys::open(&shared.log, 2, EpochGrant::Full(before));
        assert_eq!(up.err(), Some(EpochError::Commitment(2)));
    }
}

/// A box for the role before is not one for the role after, and the other way round.
#[test]
fn a_raised_member_needs_a_box_for_its_new_role() {
    let (ada, fay) = (Person::new("ada"), Person::new("fay"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &fay, Some(Role::FreeBusy));
    let before = shared.boxes();
    shared.give(&ada, &fay, Some(Role::Viewer));
    assert_eq!(opened(&shared, &fay, &before), None);
    let after = shared.boxes();
    let full = EpochGrant::Full(shared.newest().clone());
    assert_eq!(opened(&shared, &fay, &after), Some(full));
    let wrong_role = before.iter().filter_map(|record| {
        let record = EpochBox::parse(record).unwrap();
        (record.address.account == fay.id()).then(|| record.to_bytes())
    });
    for record in wrong_role {
        let grant = open_epoch_box(&shared.log, 1, &fay.id(), &fay.puk, &record);
        assert_eq!(grant, Err(SealError::OtherAddress));
    }
}

/// Row 15: a member cannot pass its box on as another's, nor as one of another epoch.
#[test]
fn boxes_of_one_calendar_do_not_stand_in_for_each_other() {
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Editor));
    let first = shared.boxes();
    shared.rotate(&ada);
    let second = shared.boxes();
    for (record, epoch) in first.iter().zip([2, 2]).chain(second.iter().zip([1, 1])) {
        for person in [&ada, &bob] {
            let grant = open_epoch_box(&shared.log, epoch, &person.id(), &person.puk, record);
            assert_eq!(grant, Err(SealError::OtherAddress));
        }
    }
    for record in &second {
        let found = EpochBox::parse(record).unwrap();
        for person in [&ada, &bob] {
            let mut moved = found.clone();
            let is_theirs = moved.address.account == person.id();
            moved.address.account = person.id();
            moved.address.role = shared.log.role(&person.id()).unwrap();
            let bytes = moved.to_bytes();
            let grant = open_epoch_box(&shared.log, 2, &person.id(), &person.puk, &bytes);
            assert_eq!(grant.is_ok(), is_theirs);
        }
    }
}

/// Row 16: who seals two secrets to two members is seen by whoever the log does not agree with.
#[test]
fn two_members_cannot_be_given_two_secrets() {
    let (ada, bob) = (Person::new("ada"), Person::new("bob"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Editor));
    let other = almanac_crypto::secret::EpochSecret::from_bytes([7; 32]);
    let key = bob.log.puk_now().seal_key.clone();
    let made = seal_epoch_box(&mut shared.rng, &shared.log, 1, &bob.id(), &key, &other);
    assert_eq!(made, Err(SealError::Commitment));
}

/// Any member supplies a box that the relay or the one who rotated has lost.
#[test]
fn any_member_repairs_a_box() {
    let (ada, bob, eve) = (Person::new("ada"), Person::new("bob"), Person::new("eve"));
    let mut shared = Shared::new(&ada);
    shared.give(&ada, &bob, Some(Role::Editor));
    shared.give(&ada, &eve, Some(Role::Viewer));
    let boxes = shared.boxes();
    let Some(EpochGrant::Full(held)) = opened(&shared, &eve, &boxes) else {
        panic!("a viewer is given the main secret");
    };
    let key = bob.log.puk_now().seal_key.clone();
    let made = seal_epoch_box(&mut shared.rng, &shared.log, 1, &bob.id(), &key, &held).unwrap();
    assert_eq!(opened(&shared, &bob, &[made]), Some(EpochGrant::Full(held)));
}

/// Row 9: what is sealed after a revocation does not open for the device that was revoked.
#[test]
fn a_revoked_device_opens_no_newer_key() {
    let mut ada = Person::new("ada");
    let stolen = ada.add_device();
    let old = seal_puk_boxes(&mut ada.rng, &ada.log, &ada.puk).unwrap();
    assert!(
        old.iter()
            .any(|record| open_puk_box(&ada.log, &stolen, record).is_ok())
    );
    let mut shared = Shared::new(&ada);
    ada.revoke(&stolen);
    shared.meet(&ada);
    assert_eq!(shared.log.stale_members(&shared.accounts), vec![ada.id()]);
    let new = seal_puk_boxes(&mut ada.rng, &ada.log, &ada.puk).unwrap();
    assert_eq!(new.len(), 1);
    for record in old.iter().chain(&new) {
        let opened = open_puk_box(&ada.log, &stolen, record);
        assert_eq!(opened.err(), Some(SealError::NotAddressed));
    }
    let made = seal_puk_box(&mut ada.rng, &ada.log, &stolen.device_id(), &ada.puk);
    assert_eq!(made, Err(SealError::NotAddressed));
    shared.rotate(&ada);
    assert!(shared.log.stale_members(&shared.accounts).is_empty());
    let boxes = shared.boxes();
    let seeds = PukSeeds::open(&ada.log, ada.puk.clone()).unwrap();
    let old_seed = seeds.generation(1).unwrap();
    for record in &boxes {
        let grant = open_epoch_box(&shared.log, 2, &ada.id(), old_seed, record);
        assert_eq!(grant, Err(SealError::Cipher));
    }
    // Her own devices still open the epoch that was sealed under the key before.
    assert!(shared.log.epoch(1).is_some_and(|epoch| {
        let member = epoch.addressee(&ada.id()).unwrap();
        seeds.generation(member.puk_generation).is_some()
    }));
}
