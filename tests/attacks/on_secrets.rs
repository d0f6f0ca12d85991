//! A relay that supplies keys, and everyone who would like to sign for someone else.

use std::collections::{BTreeMap, BTreeSet};

use almanac_crypto::envelope::seal;
use almanac_crypto::epoch::{EpochKeys, free_busy_secret, next_epoch};
use almanac_crypto::seal::{EpochGrant, SealError, open_epoch_box, seal_epoch_box};
use almanac_crypto::secret::{DatabaseKey, EpochSecret};
use almanac_crypto::slot::{Cost, Unlock as SlotUnlock, slot_guard, write_slot};
use almanac_protocol::auth::auth_body;
use almanac_protocol::boxes::{ENCAPSULATED_BYTES, EpochBox, EpochBoxAddress, Sealed};
use almanac_protocol::envelope::{EnvelopeHeader, FrameWithChanges};
use almanac_protocol::frame::Frame;
use almanac_protocol::ids::{ChangeHash, Signature, VerifyKey};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{Link, LinkError, MemberChange, Role};
use almanac_protocol::signed::{Signed, Signer, verify};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeS, Serializable};

use super::cast::{Ada, TestRng};

/// A box that anyone can make: HPKE's base mode has no sender.
fn forge(rng: &mut TestRng, ada: &Ada, address: EpochBoxAddress, secret: &[u8; 32]) -> Vec<u8> {
    let info = [&b"almanac/box/epoch/v1"[..], &address.to_bytes()].concat();
    let key = ada.account.puk_now().seal_key.as_bytes();
    let key = <XWing as Kem>::PublicKey::from_bytes(key).unwrap();
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<
        ChaCha20Poly1305,
        HkdfSha256,
        XWing,
    >(&OpModeS::Base, &key, &info, secret, b"", rng)
    .unwrap();
    let encapsulated: [u8; ENCAPSULATED_BYTES] =
        encapsulated.to_bytes().as_slice().try_into().unwrap();
    let ciphertext = ciphertext.try_into().unwrap();
    EpochBox {
        address,
        sealed: Sealed {
            encapsulated: Box::new(encapsulated),
            ciphertext,
        },
    }
    .to_bytes()
}

#[test]
fn attack_13_overwriting_a_key() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let id = ada.account.id();
    let genuine = ada.epoch_box(&calendar);
    assert!(open_epoch_box(&calendar.log, 1, &id, &ada.puk, &genuine).is_ok());
    let address = EpochBox::parse(&genuine).unwrap().address;
    let mut rng = TestRng::new(66);
    // The forgery opens as well as the genuine box, up to the commitment.
    let same = forge(&mut rng, &ada, address, calendar.secret.expose());
    assert!(open_epoch_box(&calendar.log, 1, &id, &ada.puk, &same).is_ok());
    let forged = forge(&mut rng, &ada, address, &[0x66; 32]);
    let opened = open_epoch_box(&calendar.log, 1, &id, &ada.puk, &forged);
    assert_eq!(opened, Err(SealError::Commitment));
}

#[test]
fn attack_15_retargeting_a_box() {
    let mut ada = Ada::new(1);
    let (here, there) = (ada.calendar(1), ada.calendar(2));
    let id = ada.account.id();
    let record = ada.epoch_box(&here);
    assert!(open_epoch_box(&there.log, 1, &id, &ada.puk, &record).is_err());
    let found = EpochBox::parse(&record).unwrap();
    let targets = [
        EpochBoxAddress {
            calendar: there.log.id(),
            ..found.address
        },
        EpochBoxAddress {
            epoch: 2,
            ..found.address
        },
        EpochBoxAddress {
            account: Ada::new(2).account.id(),
            ..found.address
        },
        EpochBoxAddress {
            puk_generation: 2,
            ..found.address
        },
        EpochBoxAddress {
            role: Role::Viewer,
            ..found.address
        },
    ];
    for address in targets {
        let moved = EpochBox {
            address,
            sealed: found.sealed.clone(),
        }
        .to_bytes();
        for log in [&here.log, &there.log] {
            for epoch in [1, 2] {
                assert!(
                    open_epoch_box(log, epoch, &id, &ada.puk, &moved).is_err(),
                    "{address:?}"
                );
            }
        }
    }
    // A box sealed for another place, its record rewritten to the place asked for.
    let mut rng = TestRng::new(66);
    let elsewhere = forge(&mut rng, &ada, targets[1], here.secret.expose());
    let sealed = EpochBox::parse(&elsewhere).unwrap().sealed;
    let moved = EpochBox {
        address: found.address,
        sealed,
    }
    .to_bytes();
    let opened = open_epoch_box(&here.log, 1, &id, &ada.puk, &moved);
    assert_eq!(opened, Err(SealError::Cipher));
}

#[test]
fn attack_22_reusing_a_nonce() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    ada.rng = TestRng::Dead;
    let mut nonces = BTreeSet::new();
    for i in 0..1000_u32 {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&i.to_be_bytes());
        let frame = ada.frame(&calendar, 1, &[ChangeHash::from_bytes(hash)]);
        let frame = frame.sign(&ada.keys).unwrap();
        let content = [FrameWithChanges {
            frame,
            changes: vec![],
        }];
        let address = ada.address(&calendar, 1);
        let envelope = seal(&mut ada.rng, &calendar.keys, &address, &content).unwrap();
        let (header, _) = EnvelopeHeader::parse(&envelope).unwrap();
        assert!(nonces.insert(header.nonce), "content {i}");
    }
}

#[test]
fn attack_23_reading_a_signature_for_another_purpose() {
    let ada = Ada::new(1);
    let key = ada.keys.verify_key();
    for made_for in Purpose::ALL {
        let signature = ada.keys.sign(made_for, b"body");
        for read_as in Purpose::ALL {
            let is_taken = verify(read_as, &key, b"body", &signature).is_ok();
            assert_eq!(is_taken, made_for == read_as, "{made_for:?} as {read_as:?}");
        }
    }
}

/// The eight points whose order divides eight, and two other encodings of the first ones.
const SMALL_ORDER: [&str; 10] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// The order of the base point, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn attack_24_weak_keys_and_second_signatures() {
    let mut lax = [0; 64];
    lax[0] = 1;
    for key in SMALL_ORDER {
        let key: VerifyKey = key.parse().unwrap();
        for r in SMALL_ORDER {
            let r: VerifyKey = r.parse().unwrap();
            lax[..32].copy_from_slice(r.as_bytes());
            let signature = Signature::from_bytes(lax);
            assert!(
                verify(Purpose::Frame, &key, b"anything", &signature).is_err(),
                "{key}"
            );
        }
    }
    // A second signature made of the first: S plus the order is the same number to a lax reader.
    let ada = Ada::new(1);
    let key = ada.keys.verify_key();
    let genuine = ada.keys.sign(Purpose::Frame, b"body");
    assert!(verify(Purpose::Frame, &key, b"body", &genuine).is_ok());
    let order: VerifyKey = ORDER.parse().unwrap();
    let mut bytes = *genuine.as_bytes();
    let mut carry = 0;
    for (byte, part) in bytes[32..].iter_mut().zip(order.as_bytes()) {
        let sum = u16::from(*byte) + u16::from(*part) + carry;
        *byte = (sum & 0xFF) as u8;
        carry = sum >> 8;
    }
    assert!(verify(Purpose::Frame, &key, b"body", &Signature::from_bytes(bytes)).is_err());
}

/// Row 18: a slot that was made to ask for less work. Row 19: one that asks for more than a machine has.
#[test]
fn attack_19_asking_for_more_memory_than_there_is() {
    let phrase = SlotUnlock::Passphrase("correct horse");
    let key = DatabaseKey::random(&mut TestRng::new(1));
    let slot = write_slot(&mut TestRng::new(2), &key, &phrase, Cost::LEAST).unwrap();
    assert!(slot_guard(&slot).is_ok());
    // Memory in KiB, then passes.
    for (at, value) in [(7, 8), (7, u32::MAX), (11, 1), (11, u32::MAX)] {
        let mut bent = slot.clone();
        bent[at..at + 4].copy_from_slice(&u32::to_be_bytes(value));
        assert!(slot_guard(&bent).is_err(), "{value} at {at}");
    }
}

/// Row 33, by the keys alone: what was sealed before is no way to what is sealed after.
#[test]
fn attack_33_a_former_member_s_secret_opens_nothing_new() {
    let mut ada = Ada::new(1);
    let mut calendar = ada.calendar(1);
    let member = ada.member();
    let (_, section) =
        next_epoch(&mut ada.rng, &calendar.log, &calendar.secret, vec![member]).unwrap();
    let link = calendar.log.rotate(&ada.keys, &ada.account, &section, 3);
    calendar.log.append(&link.unwrap(), &ada.account).unwrap();
    let kept = EpochGrant::Full(calendar.secret.clone());
    assert!(EpochKeys::open(&calendar.log, 2, kept).is_err());
}

/// Row 34, by the keys alone.
#[test]
fn attack_34_the_secret_of_busy_times_is_not_that_of_the_rest() {
    let calendar = Ada::new(1).calendar(1);
    let busy = free_busy_secret(&calendar.secret);
    let taken = EpochGrant::Full(EpochSecret::from_bytes(*busy.expose()));
    assert!(EpochKeys::open(&calendar.log, 1, taken).is_err());
}

/// Row 11, where it is an editor that helps the relay: owners alone say who is a member.
#[test]
fn attack_11_an_editor_adds_a_member() {
    let (mut ada, bob, eve) = (Ada::new(1), Ada::new(2), Ada::new(3));
    let mut log = ada.calendar(1).log;
    let people = [&ada, &bob, &eve].map(|one| (one.account.id(), one.account.clone()));
    let accounts: BTreeMap<_, _> = people.into();
    let change = |one: &Ada, role| MemberChange {
        account: one.account.id(),
        role: Some(role),
        view: one.account.view(),
        invite: None,
        cuts: Vec::new(),
        rotation: None,
    };
    let adds_bob = change(&bob, Role::Editor);
    let link = log.change_member(&ada.keys, &ada.account, &adds_bob, 3);
    log.append(&link.unwrap(), &accounts).unwrap();
    let adds_eve = change(&eve, Role::Viewer);
    let link = log.change_member(&bob.keys, &bob.account, &adds_eve, 4);
    let refused = link.and_then(|link| log.append(&link, &accounts));
    assert_eq!(refused, Err(LinkError::Role));
    assert_eq!(log.role(&eve.account.id()), None);
}

/// Row 16: an owner gives one member another secret than it has signed for all.
#[test]
fn attack_16_an_owner_with_two_faces() {
    let (mut ada, bob) = (Ada::new(1), Ada::new(2));
    let mut calendar = ada.calendar(1);
    let people = [&ada, &bob].map(|one| (one.account.id(), one.account.clone()));
    let accounts: BTreeMap<_, _> = people.into();
    for role in [Role::FreeBusy, Role::Viewer] {
        let admits = MemberChange {
            account: bob.account.id(),
            role: Some(role),
            view: bob.account.view(),
            invite: None,
            cuts: Vec::new(),
            rotation: None,
        };
        let link = calendar
            .log
            .change_member(&ada.keys, &ada.account, &admits, 3);
        calendar.log.append(&link.unwrap(), &accounts).unwrap();
        let (log, id) = (&calendar.log, bob.account.id());
        let key = bob.account.puk_now().seal_key.clone();
        let honest = seal_epoch_box(&mut ada.rng, log, 1, &id, &key, &calendar.secret).unwrap();
        assert!(open_epoch_box(log, 1, &id, &bob.puk, &honest).is_ok());
        let address = EpochBox::parse(&honest).unwrap().address;
        let other = forge(&mut ada.rng, &bob, address, &[0x66; 32]);
        let opened = open_epoch_box(log, 1, &id, &bob.puk, &other);
        assert_eq!(opened, Err(SealError::Commitment), "{role:?}");
    }
}

/// Row 20: there is no older form to fall back to, and a later one is not guessed at.
#[test]
fn attack_20_asking_for_another_version() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let envelope = ada.envelope(&calendar, 1, &[b"change".to_vec()]);
    let frame = ada.frame(&calendar, 1, &[]).sign(&ada.keys).unwrap();
    let record = ada.epoch_box(&calendar);
    let phrase = SlotUnlock::Passphrase("correct horse");
    let key = DatabaseKey::random(&mut TestRng::new(1));
    let slot = write_slot(&mut TestRng::new(2), &key, &phrase, Cost::LEAST).unwrap();
    for version in (0..=255).filter(|version| *version != 1) {
        let with_version = |bytes: &[u8], at: usize| {
            let mut bent = bytes.to_vec();
            bent[at] = version;
            bent
        };
        // Version, then suite.
        for at in [0, 1] {
            assert!(EnvelopeHeader::parse(&with_version(&envelope, at)).is_err());
            assert!(EpochBox::parse(&with_version(&record, at)).is_err());
        }
        assert!(Signed::<Frame>::parse(&with_version(&frame, 0)).is_err());
        // Behind the magic: version, and suite after two kinds.
        for at in [4, 7] {
            assert!(Signed::<Link>::parse(&with_version(&ada.genesis, at)).is_err());
        }
        assert!(slot_guard(&with_version(&slot, 4)).is_err(), "{version}");
    }
}

/// Row 54: what a device answers one relay with is worth nothing at another one, or another time.
#[test]
fn attack_54_passing_on_a_proof_of_who_calls() {
    let (ada, bob) = (Ada::new(1), Ada::new(2));
    let (id, device) = (ada.account.id(), ada.keys.device_id());
    let body = |origin: &str, nonces: [u8; 2], account, device| {
        let [ours, theirs] = nonces.map(|byte| [byte; 32]);
        auth_body(origin, &ours, &theirs, account, device).unwrap()
    };
    let told = body("https://evil.example", [1, 2], &id, &device);
    let proof = ada.keys.sign(Purpose::RelayAuth, &told);
    let accepts = |body: &[u8]| verify(Purpose::RelayAuth, &ada.keys.verify_key(), body, &proof);
    assert!(accepts(&told).is_ok());
    for other in [
        body("https://relay.example", [1, 2], &id, &device),
        body("https://evil.example", [1, 3], &id, &device),
        body("https://evil.example", [3, 2], &id, &device),
        body("https://evil.example", [1, 2], &bob.account.id(), &device),
        body("https://evil.example", [1, 2], &id, &bob.keys.device_id()),
    ] {
        assert!(accepts(&other).is_err());
    }
}
