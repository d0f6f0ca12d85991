//! Revoking a device, and the key that goes with it.

use super::*;
use crate::ids::{CalendarId, FrameHash, Incarnation};
use crate::message::ChainHead;

/// An account of three devices, the first the most senior.
fn three() -> AccountLog {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    log.append(&adding(&log, 2, 3)).unwrap();
    log
}

fn revoke(log: &AccountLog, target: u8) -> Revoke {
    let device = bundle(target).device_id();
    Revoke {
        device,
        reason: RevokeReason::Lost,
        cuts: Vec::new(),
        rotation: puk_section(log, remaining(log, Some(device))),
    }
}

fn revoking(log: &AccountLog, by: u8, target: u8) -> Vec<u8> {
    log.revoke(&TestSigner::new(by), &revoke(log, target), 6)
        .unwrap()
}

#[test]
fn a_revoked_device_counts_until_its_link_and_no_longer() {
    let mut log = three();
    let link = revoking(&log, 1, 2);
    assert_eq!(log.append(&link), Ok(Appended::New));
    assert_eq!(log.append(&link), Ok(Appended::Known));
    let id = bundle(2).device_id();
    assert_eq!(log.devices().len(), 2);
    assert!(log.device(&id).is_some());
    assert!(log.device_at(&id, 2).is_some());
    assert_eq!(log.device_at(&id, 3), None);
    assert_eq!(
        log.revocation(&id).map(|r| (r.seq, r.reason)),
        Some((3, RevokeReason::Lost))
    );
    assert_eq!(log.puk_now().generation, 2);
    assert_eq!((log.puk_at(2).generation, log.puk_at(3).generation), (1, 2));
    let again = adding(&log, 1, 2);
    assert_eq!(log.append(&again), Err(LinkError::DeviceKnown(id)));
    let forged = resigned(&adding(&log, 1, 4), 2, |link| link.device = id);
    assert_eq!(log.append(&forged), Err(LinkError::Signer(id)));
}

#[test]
fn a_device_revokes_itself_and_those_after_it() {
    for (by, target, expected) in [
        (1, 2, Ok(Appended::New)),
        (1, 3, Ok(Appended::New)),
        (2, 3, Ok(Appended::New)),
        (3, 3, Ok(Appended::New)),
        (2, 1, Err(LinkError::Seniority(bundle(1).device_id()))),
        (3, 1, Err(LinkError::Seniority(bundle(1).device_id()))),
        (3, 2, Err(LinkError::Seniority(bundle(2).device_id()))),
    ] {
        let mut log = three();
        let link = revoking(&log, by, target);
        assert_eq!(log.append(&link), expected, "{by} revokes {target}");
    }
}

#[test]
fn an_account_keeps_a_device() {
    let mut log = account(1);
    let link = revoking(&log, 1, 1);
    assert_eq!(log.append(&link), Err(LinkError::LastDevice));
}

#[test]
fn a_key_made_by_a_device_that_left_is_renewed() {
    let mut log = three();
    log.append(&revoking(&log, 3, 3)).unwrap();
    assert!(log.is_puk_stale());
    log.append(&renewing(&log, 1)).unwrap();
    assert!(!log.is_puk_stale());
    assert_eq!(log.puk().len(), 3);
    assert!(
        log.puk_history(3)
            .is_some_and(|wrap| *wrap != HistoryWrap::NONE)
    );
    assert_eq!((log.puk_history(0), log.puk_history(4)), (None, None));
}

#[test]
fn a_new_key_is_for_exactly_those_who_remain() {
    let mut log = three();
    let good = revoke(&log, 2);
    let offer = |log: &mut AccountLog, change: &dyn Fn(&mut Revoke)| {
        let mut revoke = good.clone();
        change(&mut revoke);
        let link = log.revoke(&TestSigner::new(1), &revoke, 6).unwrap();
        log.append(&link)
    };
    let devices = Err(LinkError::Devices);
    assert_eq!(offer(&mut log, &|r| r.rotation.devices.clear()), devices);
    assert_eq!(offer(&mut log, &|r| r.rotation.devices.reverse()), devices);
    assert_eq!(
        offer(&mut log, &|r| r.rotation.devices.push(r.device)),
        devices
    );
    let none = |r: &mut Revoke| r.rotation.history = HistoryWrap::NONE;
    assert_eq!(offer(&mut log, &none), Err(LinkError::History));
    let old = |r: &mut Revoke| r.rotation.puk.seal_key = puk().seal_key;
    assert_eq!(offer(&mut log, &old), Err(LinkError::KeyKnown));
    let old = |r: &mut Revoke| r.rotation.puk.commit = puk().commit;
    assert_eq!(offer(&mut log, &old), Err(LinkError::KeyKnown));
    let skipped = LinkError::PukGeneration {
        expected: 2,
        found: 3,
    };
    assert_eq!(
        offer(&mut log, &|r| r.rotation.puk.generation = 3),
        Err(skipped)
    );
    let unknown = bundle(9).device_id();
    assert_eq!(
        offer(&mut log, &|r| r.device = unknown),
        Err(LinkError::Signer(unknown))
    );
    assert_eq!(log.count(), 3);
    assert_eq!(offer(&mut log, &|_| {}), Ok(Appended::New));
}

#[test]
fn cuts_are_in_order_and_say_something() {
    let mut log = three();
    let calendar = CalendarId::from_bytes([4; 32]);
    let cut = |life: u8, seq: u64| AccountCut {
        tag: cut_tag(&calendar, &bundle(2).device_id()),
        incarnation: Incarnation::from_bytes([life; 8]),
        head: ChainHead {
            seq,
            hash: FrameHash::from_bytes([5; 32]),
        },
    };
    let offer = |log: &mut AccountLog, cuts: Vec<AccountCut>| {
        let revoke = Revoke {
            cuts,
            ..revoke(log, 2)
        };
        let link = log.revoke(&TestSigner::new(1), &revoke, 6).unwrap();
        log.append(&link)
    };
    let wrong = Err(LinkError::Cuts);
    assert_eq!(offer(&mut log, vec![cut(1, 0)]), wrong);
    assert_eq!(offer(&mut log, vec![cut(2, 1), cut(1, 1)]), wrong);
    assert_eq!(offer(&mut log, vec![cut(1, 1), cut(1, 2)]), wrong);
    let good = vec![cut(1, 1), cut(2, 7)];
    assert_eq!(offer(&mut log, good.clone()), Ok(Appended::New));
    assert_eq!(log.revocation(&bundle(2).device_id()).unwrap().cuts, good);
}

#[test]
fn a_tag_says_nothing_to_who_does_not_know_both() {
    let (calendar, device) = (
        CalendarId::from_bytes([1; 32]),
        DeviceId::from_bytes([2; 32]),
    );
    let tag = cut_tag(&calendar, &device);
    assert_ne!(tag, cut_tag(&CalendarId::from_bytes([3; 32]), &device));
    assert_ne!(tag, cut_tag(&calendar, &DeviceId::from_bytes([3; 32])));
}

#[test]
fn payloads_survive_their_bytes_and_no_other_length() {
    let log = three();
    let good = Revoke {
        reason: RevokeReason::Other(77),
        ..revoke(&log, 2)
    };
    let bytes = good.to_bytes();
    assert_eq!(Revoke::parse(&bytes), Ok(good));
    for end in 0..bytes.len() {
        assert!(Revoke::parse(&bytes[..end]).is_err(), "{end}");
    }
    assert!(Revoke::parse(&[&bytes[..], &[0]].concat()).is_err());
}
