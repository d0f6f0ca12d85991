//! Keys that are kept wrapped, bent bit by bit; and keys and ids that are shown as something else than
//! they are.

use std::fs;
use std::path::{Path, PathBuf};

use almanac_crypto::backup::{BackupLabel, BackupLock, BackupUnlock, begin, open};
use almanac_crypto::epoch::{EpochKeys, next_epoch};
use almanac_crypto::keep::Keep;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pairing::{AccountBundle, NewDevice, OldDevice, PairingError};
use almanac_crypto::passphrase::Cost;
use almanac_crypto::recovery::NewKit;
use almanac_crypto::seal::{EpochGrant, open_epoch_box, open_puk_box, seal_puk_box};
use almanac_crypto::secret::{DatabaseKey, KeychainSecret};
use almanac_crypto::slot::{Unlock, open_slot, write_slot};
use almanac_crypto::stream::ChunkPlace;
use almanac_protocol::codes::RoutingCode;
use almanac_protocol::ids::{AccountId, DeviceId, LinkHash};
use almanac_protocol::label::{Context, Purpose, hash};
use almanac_protocol::membership::{
    AccountLog, DeviceBundle, DeviceClass, HistoryWrap, LinkError, LogView,
    possession_of_added_device,
};
use almanac_protocol::signed::Signer as _;

use super::cast::{Ada, TestRng};

/// Bends a wrap at one byte after the other, and cuts it there: nothing opens any more. Of the long middle,
/// where an encapsulated key stands, every sixteenth byte stands for the rest.
fn bend_each(what: &str, whole: &[u8], opens: impl Fn(&[u8]) -> bool) {
    assert!(opens(whole), "{what}");
    let edge = |at: usize| at < 100 || at + 100 > whole.len();
    for at in (0..whole.len()).filter(|at| edge(*at) || at % 16 == 0) {
        let mut bent = whole.to_vec();
        bent[at] ^= 1 << (at % 8);
        assert!(!opens(&bent), "{what}: byte {at}");
        assert!(!opens(&whole[..at]), "{what}: cut at {at}");
    }
}

/// Row 14: wrapped keys that can be bent give away, step by step, what is in them.
#[test]
fn attack_14_bending_wrapped_keys() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let (id, mut rng) = (ada.account.id(), TestRng::new(2));
    let sealed = ada.epoch_box(&calendar);
    bend_each("the key of a calendar", &sealed, |bent| {
        open_epoch_box(&calendar.log, 1, &id, &ada.puk, bent).is_ok()
    });
    let device = ada.keys.device_id();
    let sealed = seal_puk_box(&mut rng, &ada.account, &device, &ada.puk).unwrap();
    bend_each("the key of an account", &sealed, |bent| {
        open_puk_box(&ada.account, &ada.keys, bent).is_ok()
    });
    let (key, half) = (
        DatabaseKey::random(&mut rng),
        KeychainSecret::random(&mut rng),
    );
    let unlock = Unlock::Keychain(&half);
    let slot = write_slot(&mut rng, &key, &unlock, Cost::LEAST).unwrap();
    bend_each("the key of the database", &slot, |bent| {
        open_slot(bent, &unlock).is_ok()
    });
    let keep = Keep::new(&key);
    let kept = keep.wrap(&mut rng, "device keys", b"what a device signs with");
    bend_each("a stored secret", &kept, |bent| {
        keep.unwrap("device keys", bent).is_ok()
    });
    assert!(
        keep.unwrap("account key", &kept).is_err(),
        "under another name"
    );
}

/// Row 14: the same of the head of a backup, whichever of its two ways is used.
#[test]
fn attack_14_bending_the_head_of_a_backup() {
    let mut rng = TestRng::new(3);
    let kit = NewKit::generate(&mut rng);
    let kit = kit.confirm(&kit.words()).unwrap();
    let label = BackupLabel {
        id: [7; 16],
        created_ms: 9,
        account: AccountId::from_bytes([8; 32]),
    };
    let lock = BackupLock::Kit(kit.keys().bundle());
    let (head, mut sealer) = begin(&mut rng, &label, lock).unwrap();
    let chunk = sealer.seal(b"all of it", ChunkPlace::Last).unwrap();
    bend_each("the head of a backup", &head, |bent| {
        let opened = open(bent, BackupUnlock::Kit(&kit));
        opened.is_ok_and(|mut opener| opener.open(&chunk, ChunkPlace::Last).is_ok())
    });
}

/// Row 14: an owner signs a history that was bent; the signature is right, the secrets are not.
#[test]
fn attack_14_bending_the_way_back_to_older_keys() {
    let mut ada = Ada::new(1);
    let calendar = ada.calendar(1);
    let members = vec![ada.member()];
    let (secret, section) =
        next_epoch(&mut ada.rng, &calendar.log, &calendar.secret, members).unwrap();
    let wrap = *section.history_main.as_bytes();
    bend_each("the way back", &wrap, |bent| {
        let Ok(bent) = <[u8; 72]>::try_from(bent) else {
            return false;
        };
        let mut section = section.clone();
        section.history_main = HistoryWrap::from_bytes(bent);
        let mut log = calendar.log.clone();
        let link = log.rotate(&ada.keys, &ada.account, &section, 3).unwrap();
        log.append(&link, &ada.account).unwrap();
        let opened = EpochKeys::open(&log, 2, EpochGrant::Full(secret.clone()));
        opened.is_ok_and(|keys| keys.main(1).is_some())
    });
}

/// Where a secret leaves its type outside of the cryptography, and what becomes of it there.
const EXPOSED: &[(&str, &str)] = &[
    // The system's keychain keeps this half.
    ("client/src/profile.rs", "keychain::set(id, half.expose())"),
    // SQLCipher's own key.
    (
        "client/src/profile.rs",
        "DatabaseKey::new(key.expose(), database_salt(key))",
    ),
    (
        "client/src/backup/scratch.rs",
        "DatabaseKey::new(key.expose(), database_salt(&key))",
    ),
    // A person types it into an authenticator.
    (
        "client/src/accounts/recovery/factor.rs",
        "base32(self.secret.expose())",
    ),
    // The relay checks codes with it: it stops thieves, not the relay.
    (
        "protocol/src/second_factor.rs",
        ".bytes(self.secret.expose())",
    ),
];
/// Lines after one that exposes a secret, in which it has to be wrapped.
const NEAR: usize = 6;

/// Row 14: no key is stored but wrapped. Whoever takes a secret out of its type wraps it at once.
#[test]
fn attack_14_no_key_is_stored_bare() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let (mut bare, mut wrapped) = (Vec::new(), 0);
    for path in sources_below(&crates) {
        let name = path.strip_prefix(&crates).unwrap().display().to_string();
        if name.starts_with("crypto/") || name.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if !line.contains(".expose()") && !line.contains(".secret_bytes()") {
                continue;
            }
            let near = &lines[at..lines.len().min(at + NEAR)];
            let is_known = EXPOSED
                .iter()
                .any(|(file, what)| name == *file && line.contains(what));
            if near.iter().any(|line| line.contains(".wrap(")) {
                wrapped += 1;
            } else if !is_known {
                bare.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
    assert!(
        wrapped >= 6,
        "the search finds those that are there: {wrapped}"
    );
}

fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

const ROUTING: [u8; 5] = [26; 5];

fn told_of(ada: &Ada) -> AccountBundle {
    AccountBundle {
        account: ada.account.id(),
        device: ada.keys.device_id(),
        view: ada.account.view(),
        origin: "https://relay.example.org".into(),
    }
}

/// What an old device says to a new one that shows this bundle, signed by these keys.
fn shown(
    ada: &Ada,
    keys: &DeviceKeys,
    bundle: &DeviceBundle,
) -> Result<DeviceBundle, PairingError> {
    let random = [5; 32];
    let bytes = bundle.to_bytes();
    let promise = hash(Context::LINK_COMMIT, &[&bytes, &random]);
    let waiting = OldDevice::new(told_of(ada), RoutingCode::from_random(ROUTING));
    let step = [&[1][..], &promise].concat();
    let (waiting, _) = waiting.reveal(&mut TestRng::new(6), &step).unwrap();
    let seq = ada.account.view().seq + 1;
    let body = possession_of_added_device(&ada.account.id(), seq, bundle);
    let possession = keys.sign(Purpose::DevicePossession, &body);
    let step = [&[3][..], &bytes, possession.as_bytes(), &random].concat();
    let asked = waiting.ask(&step)?;
    // The digits do not matter here: what is not refused before them would be added.
    drop(asked);
    Ok(bundle.clone())
}

/// Row 26: keys of another class, or made of two devices, where a device shows its own.
#[test]
fn attack_26_keys_of_another_class_in_a_linking() {
    let (ada, eve) = (Ada::new(1), DeviceKeys::generate(&mut TestRng::new(66)));
    let honest = eve.bundle().clone();
    assert_eq!(shown(&ada, &eve, &honest), Ok(honest.clone()));
    let kit = DeviceBundle {
        class: DeviceClass::Recovery,
        ..honest.clone()
    };
    let refused = Err(PairingError::Keys(LinkError::DeviceClass(3)));
    assert_eq!(shown(&ada, &eve, &kit), refused);
    // Ada's key to sign with, and a key of the relay's to be sealed to.
    let grafted = DeviceBundle {
        sign_key: ada.keys.bundle().sign_key,
        ..honest.clone()
    };
    assert_eq!(shown(&ada, &eve, &grafted), Err(PairingError::Possession));
    assert_ne!(
        grafted.device_id(),
        ada.keys.device_id(),
        "an id is of both keys"
    );
    assert_ne!(grafted.device_id(), honest.device_id());
}

/// Row 26: the same at the log, for whoever gets past the old device: no key stands in it twice.
#[test]
fn attack_26_keys_that_a_log_knows_as_something_else() {
    let mut ada = Ada::new(1);
    let eve = DeviceKeys::generate(&mut TestRng::new(66));
    let seal_key = ada.keys.bundle().seal_key.clone();
    let attempts = [
        (DeviceClass::Recovery, eve.bundle().seal_key.clone()),
        (DeviceClass::Full, seal_key),
    ];
    for (class, seal_key) in attempts {
        let bundle = DeviceBundle {
            class,
            seal_key,
            ..eve.bundle().clone()
        };
        let seq = ada.account.view().seq + 1;
        let body = possession_of_added_device(&ada.account.id(), seq, &bundle);
        let possession = eve.sign(Purpose::DevicePossession, &body);
        // Even Ada's own device signs it: it was deceived, or is a thief's.
        let link = ada.account.add_device(&ada.keys, &bundle, &possession, 4);
        let is_taken = link.is_ok_and(|link| ada.account.append(&link).is_ok());
        assert!(!is_taken, "{class:?}");
    }
    let read = AccountLog::from_links([&ada.genesis]).unwrap();
    assert_eq!(read.devices().len(), ada.account.devices().len());
}

/// Row 26: an id stands where another belongs in what the old device says: the digits are others.
#[test]
fn attack_26_ids_of_another_class_in_a_linking() {
    let ada = Ada::new(1);
    let honest = told_of(&ada);
    let (account, device) = (*honest.account.as_bytes(), *honest.device.as_bytes());
    let view = honest.view;
    let told = [
        AccountBundle {
            account: AccountId::from_bytes(device),
            device: DeviceId::from_bytes(account),
            ..honest.clone()
        },
        AccountBundle {
            account: AccountId::from_bytes(device),
            ..honest.clone()
        },
        AccountBundle {
            device: DeviceId::from_bytes(account),
            ..honest.clone()
        },
        AccountBundle {
            view: LogView {
                head: LinkHash::from_bytes(account),
                ..view
            },
            ..honest.clone()
        },
        AccountBundle {
            view: LogView {
                seq: view.seq + 1,
                ..view
            },
            ..honest.clone()
        },
        AccountBundle {
            origin: "https://relay.example.com".into(),
            ..honest.clone()
        },
    ];
    let routing = RoutingCode::from_random(ROUTING);
    for (at, told) in told.into_iter().enumerate() {
        let mut rng = TestRng::new(7);
        let keys = DeviceKeys::generate(&mut rng);
        let (new, promise) = NewDevice::new(keys, routing).promise(&mut rng);
        let waiting = OldDevice::new(honest.clone(), routing);
        let (old, _) = waiting.reveal(&mut TestRng::new(8), &promise).unwrap();
        // The relay knows the old device's random number, and says the rest otherwise.
        let other = OldDevice::new(told, routing);
        let (_, bent) = other.reveal(&mut TestRng::new(8), &promise).unwrap();
        let (shows, step) = new.reveal(&bent).unwrap();
        let typed = shows.code().to_string();
        let ended = old.ask(&step).and_then(|asked| asked.confirm(&typed));
        assert!(
            matches!(ended, Err(PairingError::Code | PairingError::Possession)),
            "{at}: {ended:?}"
        );
    }
}
