//! The recovery kit: who may put it in force, and what it may sign.

use super::*;

fn kit(seed: u8) -> DeviceBundle {
    DeviceBundle {
        class: DeviceClass::Recovery,
        ..bundle(seed)
    }
}

fn replace(log: &AccountLog, kit_seed: u8, second: Option<u8>) -> ReplaceRecovery {
    let bundle = kit(kit_seed);
    let body = possession_of_added_device(&log.id(), log.count(), &bundle);
    let possession = TestSigner::new(kit_seed).sign(Purpose::DevicePossession, &body);
    let devices = log.devices().iter().map(|device| device.id);
    let devices = devices.chain([bundle.device_id()]).collect();
    let consent = second.map(|seed| {
        let body = co_sign_body(&log.id(), log.count(), &log.view().head, &bundle);
        let signature = TestSigner::new(seed).sign(Purpose::CoSign, &body);
        (super::bundle(seed).device_id(), signature)
    });
    ReplaceRecovery {
        bundle,
        possession,
        consent,
        rotation: puk_section(log, devices),
    }
}

fn replacing(log: &AccountLog, by: u8, kit_seed: u8, second: Option<u8>) -> Vec<u8> {
    let replace = replace(log, kit_seed, second);
    log.replace_recovery(&TestSigner::new(by), &replace, 7)
        .unwrap()
}

/// An account of one device and a kit, and a second device if asked for.
fn with_kit() -> AccountLog {
    let mut log = account(1);
    log.append(&replacing(&log, 1, 50, None)).unwrap();
    log
}

#[test]
fn the_only_device_makes_the_kit() {
    let log = with_kit();
    assert_eq!(log.recovery().map(|kit| kit.id), Some(kit(50).device_id()));
    assert_eq!(log.devices().len(), 1);
    assert_eq!(log.puk_now().generation, 2);
}

#[test]
fn one_device_of_two_needs_the_other() {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    let alone = replacing(&log, 1, 50, None);
    assert_eq!(log.append(&alone), Err(LinkError::Consent));
    let with_itself = replacing(&log, 1, 50, Some(1));
    assert_eq!(log.append(&with_itself), Err(LinkError::Consent));
    let stranger = replacing(&log, 1, 50, Some(3));
    assert_eq!(log.append(&stranger), Err(LinkError::Consent));
    let both = replacing(&log, 2, 50, Some(1));
    assert_eq!(log.append(&both), Ok(Appended::New));
}

/// Whoever has taken a junior device adds one of its own, and the two agree: that makes no kit, which
/// would revoke those who were there before.
#[test]
fn two_junior_devices_do_not_make_a_kit() {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    log.append(&adding(&log, 2, 3)).unwrap();
    for (by, second) in [(2, 3), (3, 2)] {
        let link = replacing(&log, by, 50, Some(second));
        assert_eq!(log.append(&link), Err(LinkError::Consent));
    }
    for (by, second) in [(1, 3), (3, 1)] {
        let link = replacing(&log, by, 50, Some(second));
        assert_eq!(log.clone().append(&link), Ok(Appended::New));
    }
}

#[test]
fn consent_is_to_one_kit_at_one_place() {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    let consent = replace(&log, 50, Some(2)).consent;
    let other_kit = ReplaceRecovery {
        consent,
        ..replace(&log, 51, None)
    };
    let offer = |log: &AccountLog, replace: &ReplaceRecovery| {
        log.replace_recovery(&TestSigner::new(1), replace, 7)
            .unwrap()
    };
    let link = offer(&log, &other_kit);
    assert_eq!(log.append(&link), Err(LinkError::Consent));
    log.append(&renewing(&log, 1)).unwrap();
    let later = ReplaceRecovery {
        consent,
        ..replace(&log, 50, None)
    };
    let link = offer(&log, &later);
    assert_eq!(log.append(&link), Err(LinkError::Consent));
}

#[test]
fn the_old_kit_makes_way_for_the_new() {
    let mut log = with_kit();
    log.append(&adding(&log, 1, 2)).unwrap();
    let link = replacing(&log, 50, 51, None);
    assert_eq!(log.append(&link), Ok(Appended::New));
    assert_eq!(log.recovery().map(|kit| kit.id), Some(kit(51).device_id()));
    let old = kit(50).device_id();
    assert_eq!(log.device_at(&old, log.view().seq), None);
    let back = replacing(&log, 51, 50, None);
    assert_eq!(log.append(&back), Err(LinkError::DeviceKnown(old)));
    let late = resigned(&adding(&log, 1, 3), 50, |link| link.device = old);
    assert_eq!(log.append(&late), Err(LinkError::Signer(old)));
}

#[test]
fn the_words_win_over_any_device() {
    let mut log = with_kit();
    log.append(&adding(&log, 1, 2)).unwrap();
    log.append(&adding(&log, 50, 3)).unwrap();
    for target in [1, 2] {
        let device = bundle(target).device_id();
        let revoke = Revoke {
            device,
            reason: RevokeReason::Stolen,
            cuts: Vec::new(),
            rotation: puk_section(&log, remaining(&log, Some(device))),
        };
        let link = log.revoke(&TestSigner::new(50), &revoke, 8).unwrap();
        assert_eq!(log.append(&link), Ok(Appended::New));
    }
    assert_eq!(log.devices()[0].id, bundle(3).device_id());
}

#[test]
fn a_kit_is_replaced_and_never_revoked() {
    let mut log = with_kit();
    let device = kit(50).device_id();
    let revoke = Revoke {
        device,
        reason: RevokeReason::Stolen,
        cuts: Vec::new(),
        rotation: puk_section(&log, remaining(&log, Some(device))),
    };
    let link = log.revoke(&TestSigner::new(1), &revoke, 8).unwrap();
    assert_eq!(log.append(&link), Err(LinkError::Signer(device)));
}

#[test]
fn a_kit_signs_no_calendar() {
    let log = with_kit();
    let genesis = CalendarGenesis {
        rotation: RotationSection {
            members: vec![Member {
                account: log.id(),
                puk_generation: 2,
                role: Role::Owner,
            }],
            ..rotation(&log, 1)
        },
        ..calendar_genesis(&log)
    };
    let by_kit = genesis.build(&TestSigner::new(50), &log, 3).unwrap();
    let refused = Err(LinkError::Signer(kit(50).device_id()));
    assert_eq!(CalendarLog::begin(&by_kit, &log).map(|_| ()), refused);
    let by_device = genesis.build(&TestSigner::new(1), &log, 3).unwrap();
    assert!(CalendarLog::begin(&by_device, &log).is_ok());
}

/// Row 26: the id of a device of one class never stands for one of another.
#[test]
fn classes_are_not_confused() {
    let mut log = account(1);
    let mut as_device = replace(&log, 50, None);
    as_device.bundle = bundle(50);
    let body = possession_of_added_device(&log.id(), log.count(), &as_device.bundle);
    as_device.possession = TestSigner::new(50).sign(Purpose::DevicePossession, &body);
    let link = log
        .replace_recovery(&TestSigner::new(1), &as_device, 7)
        .unwrap();
    assert_eq!(log.append(&link), Err(LinkError::DeviceClass(1)));
    let bundle = kit(50);
    let body = possession_of_added_device(&log.id(), log.count(), &bundle);
    let possession = TestSigner::new(50).sign(Purpose::DevicePossession, &body);
    let link = log
        .add_device(&TestSigner::new(1), &bundle, &possession, 2)
        .unwrap();
    assert_eq!(log.append(&link), Err(LinkError::DeviceClass(3)));
    log.append(&replacing(&log, 1, 50, None)).unwrap();
    let twice = adding(&log, 1, 50);
    let known = super::bundle(50).device_id();
    assert_eq!(log.append(&twice), Err(LinkError::DeviceKnown(known)));
}

#[test]
fn a_kits_payload_survives_its_bytes_and_no_other_length() {
    let mut log = account(1);
    log.append(&adding(&log, 1, 2)).unwrap();
    for second in [None, Some(2)] {
        let good = replace(&log, 50, second);
        let bytes = good.to_bytes();
        assert_eq!(ReplaceRecovery::parse(&bytes), Ok(good));
        assert!(ReplaceRecovery::parse(&bytes[..bytes.len() - 1]).is_err());
        assert!(ReplaceRecovery::parse(&[&bytes[..], &[0]].concat()).is_err());
    }
    let mut half = replace(&log, 50, None).to_bytes();
    half[DeviceBundle::LEN + 64 + 32] = 1;
    assert_eq!(ReplaceRecovery::parse(&half), Err(LinkError::Consent));
}
