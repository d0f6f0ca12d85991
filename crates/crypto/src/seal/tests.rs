//! Boxes: forged, re-targeted, two-faced, bent.

use almanac_protocol::boxes::{EPOCH_BOX_BYTES, PUK_BOX_BYTES};
use almanac_protocol::membership::{CalendarGenesis, CalendarPurpose, Role};

use super::*;
use crate::epoch::first_epoch;
use crate::testing::Ada;

fn epoch_box(ada: &mut Ada) -> Vec<u8> {
    let (id, key) = (ada.account.id(), ada.account.puk_now().seal_key.clone());
    seal_epoch_box(&mut ada.rng, &ada.calendar, 1, &id, &key, &ada.secret).unwrap()
}

#[test]
fn a_member_opens_its_box() {
    let mut ada = Ada::new(1);
    let record = epoch_box(&mut ada);
    assert_eq!(record.len(), EPOCH_BOX_BYTES);
    let grant = open_epoch_box(&ada.calendar, 1, &ada.account.id(), &ada.puk, &record);
    assert_eq!(grant, Ok(EpochGrant::Full(ada.secret.clone())));
    let other = Ada::new(2);
    let grant = open_epoch_box(&ada.calendar, 1, &ada.account.id(), &other.puk, &record);
    assert_eq!(grant, Err(SealError::Cipher));
    let grant = open_epoch_box(&ada.calendar, 1, &other.account.id(), &ada.puk, &record);
    assert_eq!(grant, Err(SealError::NotAddressed));
    let grant = open_epoch_box(&ada.calendar, 2, &ada.account.id(), &ada.puk, &record);
    assert_eq!(grant, Err(SealError::NotAddressed));
}

#[test]
fn whoever_can_seal_can_not_forge_an_epoch() {
    let mut ada = Ada::new(1);
    let address = epoch_box_address(&ada.calendar, 1, &ada.account.id()).unwrap();
    let info = [EPOCH_INFO, &address.to_bytes()].concat();
    let key = ada.account.puk_now().seal_key.clone();
    let sealed = seal(&mut ada.rng, &key, &info, &[0x66; 32]).unwrap();
    let forged = EpochBox { address, sealed }.to_bytes();
    let grant = open_epoch_box(&ada.calendar, 1, &ada.account.id(), &ada.puk, &forged);
    assert_eq!(grant, Err(SealError::Commitment));
    let wrong = EpochSecret::from_bytes([0x66; 32]);
    let made = seal_epoch_box(
        &mut ada.rng,
        &ada.calendar,
        1,
        &address.account,
        &key,
        &wrong,
    );
    assert_eq!(made, Err(SealError::Commitment));
}

#[test]
fn a_box_opens_nowhere_else() {
    let mut ada = Ada::new(1);
    let found = EpochBox::parse(&epoch_box(&mut ada)).unwrap();
    let address = found.address;
    let elsewhere = [
        EpochBoxAddress {
            calendar: Ada::new(2).calendar.id(),
            ..address
        },
        EpochBoxAddress {
            epoch: 2,
            ..address
        },
        EpochBoxAddress {
            account: Ada::new(2).account.id(),
            ..address
        },
        EpochBoxAddress {
            puk_generation: 2,
            ..address
        },
        EpochBoxAddress {
            role: Role::Editor,
            ..address
        },
    ];
    for other in elsewhere {
        let moved = EpochBox {
            address: other,
            sealed: found.sealed.clone(),
        }
        .to_bytes();
        let grant = open_epoch_box(&ada.calendar, 1, &address.account, &ada.puk, &moved);
        assert_eq!(grant, Err(SealError::OtherAddress), "{other:?}");
        let info = [EPOCH_INFO, &other.to_bytes()].concat();
        assert_eq!(
            open(ada.puk.expose(), &info, &found.sealed),
            Err(SealError::Cipher)
        );
    }
}

#[test]
fn a_bent_box_does_not_open() {
    let mut ada = Ada::new(1);
    let record = epoch_box(&mut ada);
    for at in [75, 700, 1194, 1195, 1242] {
        let mut bent = record.clone();
        bent[at] ^= 1;
        let grant = open_epoch_box(&ada.calendar, 1, &ada.account.id(), &ada.puk, &bent);
        assert_eq!(grant, Err(SealError::Cipher), "byte {at}");
    }
    let grant = open_epoch_box(&ada.calendar, 1, &ada.account.id(), &ada.puk, &record[1..]);
    assert!(matches!(grant, Err(SealError::Record(_))));
}

#[test]
fn an_owner_with_two_faces_is_seen() {
    let mut ada = Ada::new(1);
    let (salt, member) = ([9; 32], ada.member());
    let (secret, mut rotation) = first_epoch(&mut ada.rng, &salt, member);
    let (_, other) = first_epoch(&mut ada.rng, &salt, member);
    rotation.commit_free_busy = other.commit_free_busy;
    let genesis = CalendarGenesis {
        salt,
        purpose: CalendarPurpose::Calendar,
        rotation,
    };
    let link = genesis.build(&ada.keys, &ada.account, 3).unwrap();
    let log = CalendarLog::begin(&link, &ada.account).unwrap();
    let address = epoch_box_address(&log, 1, &ada.account.id()).unwrap();
    let info = [EPOCH_INFO, &address.to_bytes()].concat();
    let key = ada.account.puk_now().seal_key.clone();
    let sealed = seal(&mut ada.rng, &key, &info, secret.expose()).unwrap();
    let record = EpochBox { address, sealed }.to_bytes();
    let grant = open_epoch_box(&log, 1, &ada.account.id(), &ada.puk, &record);
    assert_eq!(grant, Err(SealError::Commitment));
}

#[test]
fn a_device_opens_its_accounts_key() {
    let mut ada = Ada::new(1);
    let device = ada.keys.device_id();
    let record = seal_puk_box(&mut ada.rng, &ada.account, &device, &ada.puk).unwrap();
    assert_eq!(record.len(), PUK_BOX_BYTES);
    assert_eq!(
        open_puk_box(&ada.account, &ada.keys, &record),
        Ok(ada.puk.clone())
    );
    let other = Ada::new(2);
    assert_eq!(
        open_puk_box(&ada.account, &other.keys, &record),
        Err(SealError::NotAddressed)
    );
    let made = seal_puk_box(&mut ada.rng, &ada.account, &device, &other.puk);
    assert_eq!(made, Err(SealError::Commitment));
    let address = puk_box_address(&ada.account, &device).unwrap();
    let info = [PUK_INFO, &address.to_bytes()].concat();
    let sealed = seal(&mut ada.rng, ada.keys.seal_key(), &info, other.puk.expose()).unwrap();
    let forged = PukBox { address, sealed }.to_bytes();
    assert_eq!(
        open_puk_box(&ada.account, &ada.keys, &forged),
        Err(SealError::Commitment)
    );
}
