//! Linking, and someone in between.

use almanac_protocol::codes::RoutingCode;
use almanac_protocol::membership::Appended;

use super::*;
use crate::keys::DeviceKeys;
use crate::testing::{Ada, SeededRng};

fn routing() -> RoutingCode {
    RoutingCode::from_random([1, 2, 3, 4, 5])
}

fn bundle(ada: &Ada) -> AccountBundle {
    AccountBundle {
        account: ada.account.id(),
        device: ada.keys.device_id(),
        view: ada.account.view(),
        origin: "https://relay.example".to_owned(),
    }
}

fn old(ada: &Ada) -> OldDevice {
    OldDevice::new(bundle(ada), routing())
}

fn new(seed: u8) -> (NewDevice, SeededRng) {
    let mut rng = SeededRng::new(seed);
    (
        NewDevice::new(DeviceKeys::generate(&mut rng), routing()),
        rng,
    )
}

#[test]
fn a_device_is_added_when_its_digits_are_typed() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (device, step1) = device.promise(&mut rng);
    let (asked, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let (device, step3) = device.reveal(&step2).unwrap();
    let asked = asked.ask(&step3).unwrap();
    assert_eq!(device.account(), &bundle(&ada));
    let added = asked.confirm(&device.code().to_string()).unwrap();
    let before = bundle(&ada);
    let link = ada
        .account
        .add_device(&ada.keys, &added.bundle, &added.possession, 5)
        .unwrap();
    assert_eq!(ada.account.append(&link), Ok(Appended::New));
    let (result, keys, account) = device.finish(&PairingResult::Added.to_step()).unwrap();
    assert_eq!((result, account), (PairingResult::Added, before));
    assert!(ada.account.device(&keys.device_id()).is_some());
}

#[test]
fn other_digits_end_it() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (device, step1) = device.promise(&mut rng);
    let (asked, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let (device, step3) = device.reveal(&step2).unwrap();
    let mut digits = device.code().to_string().into_bytes();
    digits[0] = if digits[0] == b'9' {
        b'0'
    } else {
        digits[0] + 1
    };
    let typed = String::from_utf8(digits).unwrap();
    assert_eq!(
        asked.ask(&step3).unwrap().confirm(&typed),
        Err(PairingError::Code)
    );
    let (result, _, _) = device
        .finish(&PairingResult::WrongDigits.to_step())
        .unwrap();
    assert_eq!(result, PairingResult::WrongDigits);
}

#[test]
fn keys_cannot_change_after_the_promise() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (mallory, mut mallory_rng) = new(3);
    let (_, step1) = device.promise(&mut rng);
    let (mallory, _) = mallory.promise(&mut mallory_rng);
    let (asked, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let (_, forged) = mallory.reveal(&step2).unwrap();
    assert_eq!(asked.ask(&forged).err(), Some(PairingError::Promise));
}

#[test]
fn someone_in_between_gets_other_digits() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (mallory, mut mallory_rng) = new(3);
    let (device, _) = device.promise(&mut rng);
    let (mallory, forged1) = mallory.promise(&mut mallory_rng);
    let (asked, step2) = old(&ada).reveal(&mut ada.rng, &forged1).unwrap();
    let (_, forged3) = mallory.reveal(&step2).unwrap();
    let (device, _) = device.reveal(&step2).unwrap();
    let asked = asked.ask(&forged3).unwrap();
    assert_eq!(
        asked.confirm(&device.code().to_string()),
        Err(PairingError::Code)
    );
}

#[test]
fn every_byte_of_the_exchange_is_in_the_digits() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (_, step1) = device.promise(&mut rng);
    let (_, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let show = |step2: &[u8]| {
        let (device, mut rng) = new(2);
        let (device, _) = device.promise(&mut rng);
        device
            .reveal(step2)
            .map(|(device, _)| device.code().to_string())
    };
    let honest = show(&step2).unwrap();
    let text = 1 + 32 + 32 + 8 + 32;
    for at in (1..text).chain(text + 2..step2.len()) {
        let mut bent = step2.clone();
        bent[at] ^= 1;
        assert_ne!(show(&bent).as_ref(), Ok(&honest), "byte {at}");
    }
}

#[test]
fn the_new_device_proves_its_keys_for_this_account() {
    let mut ada = Ada::new(1);
    let (device, mut rng) = new(2);
    let (device, step1) = device.promise(&mut rng);
    let (asked, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let mut elsewhere = step2;
    elsewhere[1] ^= 1;
    let (_, step3) = device.reveal(&elsewhere).unwrap();
    assert_eq!(asked.ask(&step3).err(), Some(PairingError::Possession));
}

#[test]
fn steps_come_in_order_and_whole() {
    let mut ada = Ada::new(1);
    let wrong = old(&ada).reveal(&mut ada.rng, &[2; 33]).err();
    assert_eq!(
        wrong,
        Some(PairingError::Step {
            expected: 1,
            found: 2
        })
    );
    let short = old(&ada).reveal(&mut ada.rng, &[1; 32]).err();
    assert!(matches!(short, Some(PairingError::Length(_))));
    let long = old(&ada).reveal(&mut ada.rng, &[1; 34]).err();
    assert!(matches!(long, Some(PairingError::Length(_))));
    assert_eq!(PairingResult::parse(&[4, 9]), Err(PairingError::Result(9)));
}

#[test]
fn digits_are_typed_with_or_without_spaces() {
    let (device, mut rng) = new(2);
    let mut ada = Ada::new(1);
    let (device, step1) = device.promise(&mut rng);
    let (_, step2) = old(&ada).reveal(&mut ada.rng, &step1).unwrap();
    let (device, _) = device.reveal(&step2).unwrap();
    let shown = device.code().to_string();
    assert_eq!(shown.len(), 11);
    assert!(device.code().matches(&shown.replace(' ', "")));
    assert!(device.code().matches(&shown.replace(' ', "-")));
    assert!(!device.code().matches(""));
    assert!(!device.code().matches(&format!("{shown}0")));
    assert!(!format!("{:?}", device.code()).contains(&shown));
}
