//! The recovery kit: 24 words, typed back once, that give everything back.

use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::PukSeeds;
use almanac_crypto::recovery::{KitError, NewKit, RecoveryKit, co_sign};
use almanac_crypto::seal::{open_epoch_box, open_puk_box, seal_epoch_boxes, seal_puk_boxes};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    DeviceClass, LinkError, Revoke, RevokeReason, possession_of_added_device,
};
use almanac_protocol::signed::Signer;

use super::people::{Person, SeededRng, Shared};

pub(crate) fn kit(seed: &str) -> RecoveryKit {
    let new = NewKit::generate(&mut SeededRng::new(seed));
    let words = new.words();
    new.confirm(&words).unwrap()
}

/// The only device puts a kit in force.
pub(crate) fn put_in_force(person: &mut Person, kit: &RecoveryKit) {
    let (seed, replace) = kit
        .put_in_force(&mut person.rng, &person.log, &person.puk, None)
        .unwrap();
    let link = person
        .log
        .replace_recovery(&person.keys, &replace, 20)
        .unwrap();
    person.take(link);
    person.puk = seed;
}

#[test]
fn a_kit_is_its_words() {
    let new = NewKit::generate(&mut SeededRng::new("kit"));
    let words = new.words();
    assert_eq!(words.split(' ').count(), 24);
    let typed = format!("  {}\n", words.to_uppercase().replace(' ', "\n "));
    let kit = new.confirm(&typed).unwrap();
    assert_eq!(kit.keys().bundle().class, DeviceClass::Recovery);
    let again = RecoveryKit::from_words(&words).unwrap();
    assert_eq!(again.keys().bundle(), kit.keys().bundle());
    let debug = format!("{again:?}");
    assert!(
        !words
            .split(' ')
            .any(|word| word.len() > 4 && debug.contains(word))
    );
}

/// The words of 32 zero bytes are those of BIP-39's own vector.
#[test]
fn the_words_are_those_of_the_standard() {
    let words = format!("{}art", "abandon ".repeat(23));
    assert!(RecoveryKit::from_words(&words).is_ok());
}

#[test]
fn wrong_words_say_what_is_wrong_and_the_kit_waits() {
    let new = NewKit::generate(&mut SeededRng::new("kit"));
    let words = new.words().to_string();
    let list: Vec<&str> = words.split(' ').collect();
    let refused = |typed: &str| new.confirm(typed).map(|_| ()).unwrap_err();
    assert_eq!(refused(&list[..23].join(" ")), KitError::Count(23));
    let mut typo = list.clone();
    typo[4] = "almanach";
    assert_eq!(refused(&typo.join(" ")), KitError::Word(5));
    let mut turned = list.clone();
    turned.swap(0, 1);
    let error = refused(&turned.join(" "));
    assert!(matches!(error, KitError::Checksum | KitError::Other));
    let other = NewKit::generate(&mut SeededRng::new("other")).words();
    assert_eq!(refused(&other), KitError::Other);
    assert!(new.confirm(&words).is_ok());
}

#[test]
fn the_words_give_everything_back() {
    let mut ada = Person::new("ada");
    let mut shared = Shared::new(&ada);
    let kit = kit("kit");
    put_in_force(&mut ada, &kit);
    shared.rotate(&ada);
    let boxes = seal_puk_boxes(&mut ada.rng, &ada.log, &ada.puk).unwrap();
    let epochs = seal_epoch_boxes(&mut ada.rng, &shared.log, &shared.accounts, shared.newest());
    // Every device is gone; someone types the words on a new one.
    let words = NewKit::generate(&mut SeededRng::new("kit")).words();
    let found = RecoveryKit::from_words(&words).unwrap();
    let mut open = boxes
        .iter()
        .filter_map(|record| open_puk_box(&ada.log, found.keys(), record).ok());
    let seed = open.next().unwrap();
    assert_eq!(seed, ada.puk);
    let new = DeviceKeys::generate(&mut SeededRng::new("new laptop"));
    let body = possession_of_added_device(&ada.id(), ada.log.count(), new.bundle());
    let possession = new.sign(Purpose::DevicePossession, &body);
    let link = ada
        .log
        .add_device(found.keys(), new.bundle(), &possession, 30)
        .unwrap();
    ada.take(link);
    // The kit throws the lost laptop out, although that was there before.
    let remain = [new.device_id(), found.keys().device_id()].to_vec();
    let (newest, rotation) =
        almanac_crypto::puk::next_puk(&mut ada.rng, &ada.log, &seed, remain).unwrap();
    let revoke = Revoke {
        device: ada.keys.device_id(),
        reason: RevokeReason::Lost,
        cuts: Vec::new(),
        rotation,
    };
    let link = ada.log.revoke(found.keys(), &revoke, 31).unwrap();
    ada.take(link);
    let seeds = PukSeeds::open(&ada.log, newest).unwrap();
    let opened = epochs.unwrap().iter().any(|record| {
        let seed = seeds.generation(2).unwrap();
        open_epoch_box(&shared.log, 2, &ada.id(), seed, record).is_ok()
    });
    assert!(opened);
}

#[test]
fn two_devices_agree_on_a_kit() {
    let mut ada = Person::new("ada");
    let tablet = ada.add_device();
    let kit = kit("kit");
    let consent = co_sign(&ada.log, &tablet, kit.keys().bundle());
    let offer = |ada: &mut Person, consent| {
        let (_, replace) = kit
            .put_in_force(&mut ada.rng, &ada.log, &ada.puk, consent)
            .unwrap();
        let link = ada.log.replace_recovery(&ada.keys, &replace, 20).unwrap();
        ada.log.append(&link)
    };
    assert_eq!(offer(&mut ada, None), Err(LinkError::Consent));
    let forged = co_sign(&ada.log, &ada.keys, kit.keys().bundle());
    let forged = Some((tablet.device_id(), forged));
    assert_eq!(offer(&mut ada, forged), Err(LinkError::Consent));
    assert!(offer(&mut ada, Some((tablet.device_id(), consent))).is_ok());
}
