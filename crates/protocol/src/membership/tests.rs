//! The rules of both logs, each with the link that breaks it.

use super::*;
use crate::ids::{AccountId, DeviceId, LinkHash, LogId, Signature};
use crate::label::Purpose;
use crate::signed::testing::TestSigner;
use crate::signed::{Signed, Signer};

mod hostile;
mod households;
mod invites;
mod members;
mod recovery;
mod revoking;
mod sizes;
mod states;

fn bundle(seed: u8) -> DeviceBundle {
    DeviceBundle {
        class: DeviceClass::Full,
        sign_key: TestSigner::new(seed).verify_key(),
        seal_key: SealKey::from_bytes([seed; 1216]),
    }
}

fn puk() -> PukGeneration {
    PukGeneration {
        generation: 1,
        seal_key: SealKey::from_bytes([70; 1216]),
        commit: [71; 32],
    }
}

fn account_genesis(seed: u8) -> AccountGenesis {
    let (salt, bundle) = ([seed; 32], bundle(seed));
    let body = possession_of_first_device(&salt, &bundle);
    let possession = TestSigner::new(seed).sign(Purpose::DevicePossession, &body);
    AccountGenesis {
        salt,
        bundle,
        possession,
        puk: puk(),
    }
}

fn account(seed: u8) -> AccountLog {
    let link = account_genesis(seed).build(&TestSigner::new(seed), 1);
    AccountLog::begin(&link).unwrap()
}

fn adding(log: &AccountLog, by: u8, added: u8) -> Vec<u8> {
    let bundle = bundle(added);
    let body = possession_of_added_device(&log.id(), log.count(), &bundle);
    let possession = TestSigner::new(added).sign(Purpose::DevicePossession, &body);
    log.add_device(&TestSigner::new(by), &bundle, &possession, 2)
        .unwrap()
}

/// A new key for these devices.
fn puk_section(log: &AccountLog, devices: Vec<DeviceId>) -> PukSection {
    let generation = log.puk_now().generation + 1;
    let byte = u8::try_from(generation).unwrap();
    PukSection {
        puk: PukGeneration {
            generation,
            seal_key: SealKey::from_bytes([100 + byte; 1216]),
            commit: [100 + byte; 32],
        },
        history: HistoryWrap::from_bytes([9; 72]),
        devices,
    }
}

fn remaining(log: &AccountLog, without: Option<DeviceId>) -> Vec<DeviceId> {
    let ids = log.in_force().map(|device| device.id);
    ids.filter(|id| Some(*id) != without).collect()
}

fn renewing(log: &AccountLog, by: u8) -> Vec<u8> {
    let section = puk_section(log, remaining(log, None));
    log.rotate_puk(&TestSigner::new(by), &section, 5).unwrap()
}

fn rotation(owner: &AccountLog, epoch: u32) -> RotationSection {
    let history = if epoch == 1 {
        HistoryWrap::NONE
    } else {
        HistoryWrap::from_bytes([9; 72])
    };
    let member = Member {
        account: owner.id(),
        puk_generation: 1,
        role: Role::Owner,
    };
    RotationSection {
        epoch,
        commit_main: [1; 32],
        commit_free_busy: [2; 32],
        history_main: history,
        history_free_busy: history,
        members: vec![member],
    }
}

fn calendar_genesis(owner: &AccountLog) -> CalendarGenesis {
    let purpose = CalendarPurpose::Calendar;
    CalendarGenesis {
        salt: [50; 32],
        purpose,
        rotation: rotation(owner, 1),
    }
}

fn calendar(owner: &AccountLog) -> CalendarLog {
    let link = calendar_genesis(owner)
        .build(&TestSigner::new(1), owner, 3)
        .unwrap();
    CalendarLog::begin(&link, owner).unwrap()
}

/// A link changed after the fact and signed again by the device of `seed`.
fn resigned(bytes: &[u8], seed: u8, change: impl FnOnce(&mut Link)) -> Vec<u8> {
    let mut link = Signed::<Link>::parse(bytes).unwrap().unverified().clone();
    change(&mut link);
    link.sign(&TestSigner::new(seed))
}

#[test]
fn an_account_is_its_first_link() {
    let log = account(1);
    assert_eq!(log.devices().len(), 1);
    assert_eq!(log.devices()[0].id, bundle(1).device_id());
    assert_eq!(log.puk(), &[puk()]);
    assert_ne!(log.id(), account(2).id());
    assert_eq!(log.count(), 1);
}

#[test]
fn a_first_link_that_is_not_whole_begins_nothing() {
    let good = account_genesis(1).build(&TestSigner::new(1), 1);
    let begin = |bytes: &[u8]| AccountLog::begin(bytes).map(|_| ());
    assert_eq!(
        begin(&account_genesis(1).build(&TestSigner::new(2), 1)),
        Err(LinkError::Signature)
    );
    let stolen = AccountGenesis {
        bundle: bundle(1),
        ..account_genesis(2)
    };
    let stolen = stolen.build(&TestSigner::new(1), 1);
    assert_eq!(begin(&stolen), Err(LinkError::Possession));
    let claimed = resigned(&good, 1, |link| {
        link.account = AccountId::from_bytes([1; 32])
    });
    assert_eq!(begin(&claimed), Err(LinkError::Genesis));
    let later = resigned(&good, 1, |link| link.seq = 1);
    assert_eq!(begin(&later), Err(LinkError::Genesis));
    let generation = AccountGenesis {
        puk: PukGeneration {
            generation: 2,
            ..puk()
        },
        ..account_genesis(1)
    };
    let wrong = LinkError::PukGeneration {
        expected: 1,
        found: 2,
    };
    assert_eq!(begin(&generation.build(&TestSigner::new(1), 1)), Err(wrong));
    let longer = resigned(&good, 1, |link| link.payload.push(0));
    assert!(matches!(begin(&longer), Err(LinkError::Length(_))));
}

#[test]
fn devices_add_devices() {
    let mut log = account(1);
    let second = adding(&log, 1, 2);
    assert_eq!(log.append(&second), Ok(Appended::New));
    assert_eq!(log.append(&second), Ok(Appended::Known));
    let third = adding(&log, 2, 3);
    assert_eq!(log.append(&third), Ok(Appended::New));
    assert_eq!(log.devices().len(), 3);
    let id = bundle(3).device_id();
    assert_eq!(log.device_at(&id, 1), None);
    assert!(log.device_at(&id, 2).is_some());
    assert!(log.device(&bundle(9).device_id()).is_none());
}

#[test]
fn nobody_else_adds_a_device() {
    let mut log = account(1);
    let good = adding(&log, 1, 2);
    let forged = resigned(&good, 3, |_| {});
    assert_eq!(log.append(&forged), Err(LinkError::Signature));
    let stranger = resigned(&good, 3, |link| link.device = bundle(3).device_id());
    assert_eq!(
        log.append(&stranger),
        Err(LinkError::Signer(bundle(3).device_id()))
    );
    let mut bytes = good.clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(log.append(&bytes), Err(LinkError::Signature));
    assert_eq!(log.count(), 1);
}

#[test]
fn an_added_device_proves_its_keys_for_this_place() {
    let mut log = account(1);
    let bundle = bundle(2);
    let elsewhere = possession_of_added_device(&log.id(), 7, &bundle);
    let proof = TestSigner::new(2).sign(Purpose::DevicePossession, &elsewhere);
    let link = log
        .add_device(&TestSigner::new(1), &bundle, &proof, 2)
        .unwrap();
    assert_eq!(log.append(&link), Err(LinkError::Possession));
    let nothing = Signature::from_bytes([0; 64]);
    let link = log
        .add_device(&TestSigner::new(1), &bundle, &nothing, 2)
        .unwrap();
    assert_eq!(log.append(&link), Err(LinkError::Possession));
}

#[test]
fn a_device_is_added_once() {
    let mut log = account(1);
    let again = adding(&log, 1, 1);
    assert_eq!(
        log.append(&again),
        Err(LinkError::DeviceKnown(bundle(1).device_id()))
    );
}

#[test]
fn a_link_stands_at_its_place() {
    let mut log = account(1);
    let second = adding(&log, 1, 2);
    let mut ahead = log.clone();
    ahead.append(&second).unwrap();
    let third = adding(&ahead, 1, 3);
    assert_eq!(
        log.append(&third),
        Err(LinkError::Seq {
            expected: 1,
            found: 2
        })
    );
    let moved = resigned(&second, 1, |link| link.log = LogId::from_bytes([5; 32]));
    assert_eq!(log.append(&moved), Err(LinkError::Log));
    let elsewhere = resigned(&second, 1, |link| {
        link.prev = LinkHash::from_bytes([5; 32]);
        link.view.head = link.prev;
    });
    assert_eq!(log.append(&elsewhere), Err(LinkError::Prev));
    let older = resigned(&second, 1, |link| link.view = LogView::NONE);
    assert_eq!(
        log.append(&older),
        Err(LinkError::Signer(bundle(1).device_id()))
    );
    let genesis = account_genesis(2).build(&TestSigner::new(2), 1);
    assert_eq!(log.append(&genesis), Err(LinkError::Genesis));
}

#[test]
fn two_signed_links_under_one_number_are_a_fork() {
    let mut log = account(1);
    let (one, other) = (adding(&log, 1, 2), adding(&log, 1, 3));
    let before = log.clone();
    log.append(&one).unwrap();
    assert_eq!(log.append(&other), Err(LinkError::Fork { seq: 1 }));
    let unsigned = resigned(&other, 9, |_| {});
    assert_eq!(log.append(&unsigned), Err(LinkError::Signature));
    let mut forked = before.clone();
    forked.append(&other).unwrap();
    assert_eq!(log.reload_ok(&forked), Err(LinkError::Fork { seq: 1 }));
    assert_eq!(
        log.reload_ok(&before),
        Err(LinkError::Rollback { seen: 1, found: 0 })
    );
    assert_eq!(before.reload_ok(&log), Ok(()));
    assert_eq!(
        before.extends(log.view()),
        Err(LinkError::Rollback { seen: 1, found: 0 })
    );
    assert_eq!(forked.extends(log.view()), Err(LinkError::Fork { seq: 1 }));
    assert_eq!(log.extends(before.view()), Ok(()));
    assert_eq!(
        log.consistent(forked.view()),
        Err(LinkError::Fork { seq: 1 })
    );
    assert_eq!(
        before.consistent(log.view()),
        Err(LinkError::Seq {
            expected: 1,
            found: 1
        })
    );
}

#[test]
fn links_of_a_later_version_ask_for_an_update() {
    let mut log = account(1);
    let good = adding(&log, 1, 2);
    for (at, value) in [
        (4, 0),
        (4, 2),
        (7, 0),
        (7, 2),
        (6, 0x09),
        (6, 0x06),
        (6, 0x17),
    ] {
        let mut bytes = good.clone();
        bytes[at] = value;
        assert!(
            log.append(&bytes).unwrap_err().is_update_needed(),
            "byte {at} = {value}"
        );
    }
    let mut bytes = good;
    bytes[6] = 0x13;
    assert_eq!(log.append(&bytes), Err(LinkError::Kind));
}

#[test]
fn a_calendar_belongs_to_whoever_signs_its_first_link() {
    let (ada, bob) = (account(1), account(2));
    let log = calendar(&ada);
    assert_eq!(log.members(), vec![(ada.id(), Role::Owner)]);
    assert_eq!(log.role(&bob.id()), None);
    assert_eq!(log.epoch_now().section.epoch, 1);
    let accounts = std::collections::BTreeMap::from([(ada.id(), ada.clone()), (bob.id(), bob)]);
    let genesis = calendar_genesis(&ada)
        .build(&TestSigner::new(1), &ada, 3)
        .unwrap();
    let for_bob = resigned(&genesis, 2, |link| {
        let bob = &accounts[&account(2).id()];
        (link.device, link.account, link.view) = (bundle(2).device_id(), bob.id(), bob.view());
    });
    let begin = |bytes: &[u8]| CalendarLog::begin(bytes, &accounts).map(|_| ());
    assert_eq!(begin(&for_bob), Err(LinkError::Role));
    let nobody = CalendarLog::begin(&genesis, &account(3)).map(|_| ());
    assert_eq!(nobody, Err(LinkError::AccountUnknown(ada.id())));
}

#[test]
fn the_first_epoch_is_sealed_for_the_owner_alone() {
    let ada = account(1);
    let begin = |change: fn(&mut RotationSection)| {
        let mut genesis = calendar_genesis(&ada);
        change(&mut genesis.rotation);
        let link = genesis.build(&TestSigner::new(1), &ada, 3).unwrap();
        CalendarLog::begin(&link, &ada).map(|_| ())
    };
    assert_eq!(
        begin(|r| r.epoch = 2),
        Err(LinkError::Epoch {
            expected: 1,
            found: 2
        })
    );
    assert_eq!(
        begin(|r| r.history_main = HistoryWrap::from_bytes([1; 72])),
        Err(LinkError::History)
    );
    assert_eq!(begin(|r| r.members.clear()), Err(LinkError::Members));
    assert_eq!(
        begin(|r| r.members[0].role = Role::Editor),
        Err(LinkError::Members)
    );
    assert_eq!(
        begin(|r| r.members.push(r.members[0])),
        Err(LinkError::Members)
    );
    let generation = LinkError::PukGeneration {
        expected: 1,
        found: 2,
    };
    assert_eq!(begin(|r| r.members[0].puk_generation = 2), Err(generation));
}

#[test]
fn epochs_follow_one_another() {
    let ada = account(1);
    let mut log = calendar(&ada);
    let rotate = |log: &CalendarLog, section: &RotationSection| {
        log.rotate(&TestSigner::new(1), &ada, section, 4).unwrap()
    };
    let second = rotate(&log, &rotation(&ada, 2));
    assert_eq!(log.append(&second, &ada), Ok(Appended::New));
    assert_eq!(log.append(&second, &ada), Ok(Appended::Known));
    assert_eq!(log.epochs().len(), 2);
    assert_eq!(log.epoch(2).map(|epoch| epoch.seq), Some(1));
    assert_eq!((log.epoch(0), log.epoch(3)), (None, None));
    let skipped = rotate(&log, &rotation(&ada, 4));
    assert_eq!(
        log.append(&skipped, &ada),
        Err(LinkError::Epoch {
            expected: 3,
            found: 4
        })
    );
    let bare = RotationSection {
        history_main: HistoryWrap::NONE,
        ..rotation(&ada, 3)
    };
    assert_eq!(
        log.append(&rotate(&log, &bare), &ada),
        Err(LinkError::History)
    );
}

#[test]
fn only_members_write_in_a_calendars_log() {
    let (ada, bob) = (account(1), account(2));
    let mut log = calendar(&ada);
    let link = log
        .rotate(&TestSigner::new(2), &bob, &rotation(&ada, 2), 4)
        .unwrap();
    assert_eq!(log.append(&link, &bob), Err(LinkError::Role));
    assert_eq!(
        log.append(&link, &ada),
        Err(LinkError::AccountUnknown(bob.id()))
    );
}

#[test]
fn a_signer_quotes_its_account_as_it_is_and_never_an_older_end() {
    let before = account(1);
    let mut ada = before.clone();
    let second = adding(&ada, 1, 2);
    ada.append(&second).unwrap();
    let mut log = calendar(&ada);
    let section = rotation(&ada, 2);
    let older = log
        .rotate(&TestSigner::new(1), &before, &section, 4)
        .unwrap();
    assert_eq!(log.append(&older, &ada), Err(LinkError::ViewOlder));
    let good = log.rotate(&TestSigner::new(2), &ada, &section, 4).unwrap();
    let behind = LinkError::AccountBehind {
        account: ada.id(),
        seq: 1,
    };
    assert_eq!(log.append(&good, &before), Err(behind));
    let mut other = before.clone();
    other.append(&adding(&before, 1, 3)).unwrap();
    let fork = LinkError::AccountFork {
        account: ada.id(),
        seq: 1,
    };
    assert_eq!(log.append(&good, &other), Err(fork));
    let early = resigned(&good, 2, |link| link.view = before.view());
    assert_eq!(
        log.append(&early, &ada),
        Err(LinkError::Signer(bundle(2).device_id()))
    );
    assert_eq!(log.append(&good, &ada), Ok(Appended::New));
    assert_eq!(behind.is_fetch_needed(), !fork.is_fetch_needed());
}

#[test]
fn calendars_roll_back_and_fork_like_accounts() {
    let ada = account(1);
    let before = calendar(&ada);
    let mut log = before.clone();
    let rotate = |section| {
        before
            .rotate(&TestSigner::new(1), &ada, &section, 4)
            .unwrap()
    };
    let one = rotate(rotation(&ada, 2));
    let other = rotate(RotationSection {
        commit_main: [7; 32],
        ..rotation(&ada, 2)
    });
    log.append(&one, &ada).unwrap();
    assert_eq!(log.append(&other, &ada), Err(LinkError::Fork { seq: 1 }));
    let mut forked = before.clone();
    forked.append(&other, &ada).unwrap();
    assert_eq!(log.reload_ok(&forked), Err(LinkError::Fork { seq: 1 }));
    assert_eq!(
        log.reload_ok(&before),
        Err(LinkError::Rollback { seen: 1, found: 0 })
    );
    assert_eq!(before.reload_ok(&log), Ok(()));
    assert_eq!(
        log.consistent(forked.view()),
        Err(LinkError::Fork { seq: 1 })
    );
}
