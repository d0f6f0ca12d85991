//! Golden vectors: what is written to `tests/corpus/vectors/almanac.txt` is what every later
//! version must read and write.
//!
//! Made from fixed seeds through the injected random source. With `ALMANAC_WRITE_VECTORS` set the
//! file is written instead of compared: only for a new version of a layout.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use almanac_crypto::database::raw_key_text;
use almanac_crypto::envelope;
use almanac_crypto::epoch::{EpochKeys, first_epoch, next_epoch};
use almanac_crypto::keep::Keep;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pairing::{AccountBundle, NewDevice, OldDevice, PairingResult};
use almanac_crypto::puk::new_account;
use almanac_crypto::seal::{
    EpochGrant, open_epoch_box, open_puk_box, seal_epoch_box, seal_puk_box,
};
use almanac_crypto::secret::{BackupSecret, DatabaseKey, EpochSecret, KeychainSecret, PukSeed};
use almanac_crypto::slot::{Cost, Unlock, open_slot, write_slot};
use almanac_crypto::stream::seal_all;
use almanac_protocol::actor::actor;
use almanac_protocol::anchor::{Anchor, OwnEnd};
use almanac_protocol::auth::auth_body;
use almanac_protocol::chain::Author;
use almanac_protocol::codes::{InviteCode, RoutingCode};
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{
    Frame, FrameType, ListedChange, STREAM_MAIN, changes_body, frame_hash,
};
use almanac_protocol::heads::{Heads, SeenAt, SeenAuthor, SeenLog};
use almanac_protocol::ids::{
    ChangeHash, DeviceId, DocumentId, FrameHash, Incarnation, RelayEpoch, StreamHash,
};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role,
};
use almanac_protocol::message::{ChainHead, Stream};
use almanac_protocol::relay_chain;
use almanac_protocol::signed::{Signed, Signer};
use rand_core::{TryCryptoRng, TryRng};

/// BLAKE3's output stream of a seed.
struct SeededRng(blake3::OutputReader);

impl SeededRng {
    fn new(seed: &str) -> Self {
        Self(blake3::Hasher::new().update(seed.as_bytes()).finalize_xof())
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}

/// Names and bytes, in the order of the file.
#[derive(Default)]
struct Vectors(Vec<(String, Vec<u8>)>);

impl Vectors {
    fn add(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        self.0.push((name.to_owned(), bytes.as_ref().to_vec()));
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# Golden vectors of version 1: name and bytes, as docs/protocol.md lays them out.\n\
             # Written by crates/crypto/tests/vectors.rs from fixed seeds.\n",
        );
        for (name, bytes) in &self.0 {
            writeln!(text, "{name} {}", hex(bytes)).expect("a String takes every character");
        }
        text
    }
}

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/corpus/vectors")
        .join(name)
}

fn read(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let text = std::fs::read_to_string(path).expect("the vectors are in the repository");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, digits) = line.split_once(' ').expect("a name and its bytes");
            (name.to_owned(), unhex(digits))
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every character");
        text
    })
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).expect("a hexadecimal digit");
    let pair = |pair: &[u8]| pair.iter().fold(0, |byte, c| byte << 4 | digit(*c));
    let bytes = digits.as_bytes().chunks(2).map(pair);
    bytes
        .map(|byte| u8::try_from(byte).expect("two digits are a byte"))
        .collect()
}

#[cfg(test)]
mod cases {
    use hpke::aead::ChaCha20Poly1305;
    use hpke::kdf::HkdfSha256;
    use hpke::kem::XWing;
    use hpke::{Deserializable, Kem, OpModeR};

    use super::*;

    struct Cast {
        keys: DeviceKeys,
        puk: PukSeed,
        account: AccountLog,
        calendar: CalendarLog,
        secrets: Vec<EpochSecret>,
    }

    fn cast(vectors: &mut Vectors) -> Cast {
        let mut rng = SeededRng::new("cast");
        let keys = DeviceKeys::generate(&mut rng);
        let (puk, link) = new_account(&mut rng, &keys, 1_700_000_000_000);
        let account = AccountLog::begin(&link).unwrap();
        vectors.add("device-secret", &keys.secret_bytes()[..]);
        vectors.add("device-bundle", keys.bundle().to_bytes());
        vectors.add("device-id", keys.device_id().as_bytes());
        vectors.add("puk-seed", puk.expose());
        vectors.add("account-genesis", &link);
        vectors.add("account-id", account.id().as_bytes());

        let member = Member {
            account: account.id(),
            puk_generation: 1,
            role: Role::Owner,
        };
        let salt = [0x5A; 32];
        let (first, rotation) = first_epoch(&mut rng, &salt, member);
        let genesis = CalendarGenesis {
            salt,
            purpose: CalendarPurpose::Calendar,
            rotation,
        };
        let link = genesis.build(&keys, &account, 1_700_000_000_001).unwrap();
        let mut calendar = CalendarLog::begin(&link, &account).unwrap();
        vectors.add("epoch-1-secret", first.expose());
        vectors.add("calendar-genesis", &link);
        vectors.add("calendar-id", calendar.id().as_bytes());
        let (second, section) = next_epoch(&mut rng, &calendar, &first, vec![member]).unwrap();
        let link = calendar
            .rotate(&keys, &account, &section, 1_700_000_000_002)
            .unwrap();
        calendar.append(&link, &account).unwrap();
        vectors.add("epoch-2-secret", second.expose());
        vectors.add("rotate", &link);
        vectors.add("rotate-hash", calendar.view().head.as_bytes());
        Cast {
            keys,
            puk,
            account,
            calendar,
            secrets: vec![first, second],
        }
    }

    fn boxes(cast: &Cast, vectors: &mut Vectors) {
        let mut rng = SeededRng::new("boxes");
        let (log, id) = (&cast.calendar, cast.account.id());
        let key = &cast.account.puk_now().seal_key;
        let record = seal_epoch_box(&mut rng, log, 2, &id, key, &cast.secrets[1]).unwrap();
        vectors.add("epoch-box", record);
        let device = cast.keys.device_id();
        let record = seal_puk_box(&mut rng, &cast.account, &device, &cast.puk).unwrap();
        vectors.add("puk-box", record);
    }

    fn frame(cast: &Cast) -> Frame {
        let change = ListedChange {
            document: DocumentId::from_bytes([0xD0; 16]),
            hash: ChangeHash::from_bytes([0xC4; 32]),
        };
        Frame {
            frame_type: FrameType::Changes,
            stream: Stream {
                calendar: cast.calendar.id(),
                kind: STREAM_MAIN,
            },
            author: cast.keys.device_id(),
            incarnation: Incarnation::from_bytes(*b"incarnat"),
            seq: 1,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: cast.calendar.view(),
            account_view: cast.account.view(),
            body: changes_body(&[change]).unwrap(),
        }
    }

    fn envelopes(cast: &Cast, vectors: &mut Vectors) {
        let frame = frame(cast);
        let bytes = frame.sign(&cast.keys).unwrap();
        vectors.add("frame", &bytes);
        vectors.add("frame-hash", frame_hash(&bytes).as_bytes());
        let calendar = cast.calendar.id();
        vectors.add("actor", actor(&calendar, &frame.author, &frame.incarnation));
        let address = EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar,
            epoch: 2,
            device: frame.author,
            incarnation: frame.incarnation,
            first_seq: 1,
        };
        let content = [FrameWithChanges {
            frame: bytes,
            changes: vec![b"a change".to_vec()],
        }];
        let grant = EpochGrant::Full(cast.secrets[1].clone());
        let keys = EpochKeys::open(&cast.calendar, 2, grant).unwrap();
        let mut rng = SeededRng::new("envelope");
        let sealed = envelope::seal(&mut rng, &keys, &address, &content).unwrap();
        vectors.add("envelope", &sealed);
        let start = StreamHash::from_bytes([0; 32]);
        vectors.add(
            "relay-chain-1",
            relay_chain::next(&start, &sealed).as_bytes(),
        );
    }

    fn heads(cast: &Cast) -> Heads {
        let pin = |log, view| SeenLog { log, view };
        let mut logs = vec![
            pin(cast.account.id().into(), cast.account.view()),
            pin(cast.calendar.id().into(), cast.calendar.view()),
        ];
        logs.sort_by_key(|seen| seen.log);
        let author = Author {
            device: DeviceId::from_bytes([0xDE; 32]),
            incarnation: Incarnation::from_bytes(*b"onceseen"),
        };
        Heads {
            time_ms: 1_700_000_000_003,
            relay: SeenAt {
                relay_epoch: RelayEpoch::from_bytes([0xE9; 16]),
                rseq: 5,
                hash: StreamHash::from_bytes([0x55; 32]),
            },
            logs,
            authors: vec![SeenAuthor {
                author,
                kind: STREAM_MAIN,
                head: ChainHead {
                    seq: 3,
                    hash: FrameHash::from_bytes([0x33; 32]),
                },
            }],
        }
    }

    /// What a device says it has seen, what it carries for others, and what it keeps outside.
    fn detection(cast: &Cast, vectors: &mut Vectors) {
        let first = frame(cast);
        let bytes = first.sign(&cast.keys).unwrap();
        let seen = heads(cast);
        let body = seen.to_body().unwrap();
        vectors.add("heads-body", &body);
        let second = Frame {
            frame_type: FrameType::Heads,
            seq: 2,
            prev: frame_hash(&bytes),
            body,
            ..first.clone()
        };
        vectors.add("heads-frame", second.sign(&cast.keys).unwrap());
        let address = EnvelopeAddress {
            kind: EnvelopeKind::Carried,
            calendar: cast.calendar.id(),
            epoch: 2,
            device: first.author,
            incarnation: first.incarnation,
            first_seq: 1,
        };
        let content = [FrameWithChanges {
            frame: bytes.clone(),
            changes: vec![b"a change".to_vec()],
        }];
        let grant = EpochGrant::Full(cast.secrets[1].clone());
        let keys = EpochKeys::open(&cast.calendar, 2, grant).unwrap();
        let mut rng = SeededRng::new("carried");
        let sealed = envelope::seal(&mut rng, &keys, &address, &content).unwrap();
        vectors.add("carried-envelope", sealed);
        let own = OwnEnd {
            calendar: cast.calendar.id(),
            incarnation: first.incarnation,
            head: ChainHead {
                seq: 1,
                hash: frame_hash(&bytes),
            },
        };
        vectors.add("anchor", Anchor::of(9, &seen.logs, &[own]).to_bytes());
    }

    fn connection(cast: &Cast, vectors: &mut Vectors) {
        for purpose in Purpose::ALL {
            vectors.add(&format!("domain-of-{}", purpose.name()), purpose.domain());
        }
        let (account, device) = (cast.account.id(), cast.keys.device_id());
        let body = auth_body(
            "https://relay.example",
            &[1; 32],
            &[2; 32],
            &account,
            &device,
        );
        let body = body.unwrap();
        vectors.add("auth-body", &body);
        let signature = cast.keys.sign(Purpose::RelayAuth, &body);
        vectors.add("auth-signature", signature.as_bytes());
        let invite = InviteCode::from_random(*b"thirteen byte");
        vectors.add("invite-text", invite.to_string());
        vectors.add("invite-hash", invite.hash());
        let routing = RoutingCode::from_random(*b"route");
        vectors.add("routing-text", routing.to_string());
    }

    fn pairing(cast: &mut Cast, vectors: &mut Vectors) {
        let mut rng = SeededRng::new("pairing");
        let routing = RoutingCode::from_random(*b"route");
        let account = AccountBundle {
            account: cast.account.id(),
            device: cast.keys.device_id(),
            view: cast.account.view(),
            origin: "https://relay.example".to_owned(),
        };
        let new = NewDevice::new(DeviceKeys::generate(&mut rng), routing);
        let (new, step) = new.promise(&mut rng);
        vectors.add("pairing-1", &step);
        let (old, step) = OldDevice::new(account, routing)
            .reveal(&mut rng, &step)
            .unwrap();
        vectors.add("pairing-2", &step);
        let (new, step) = new.reveal(&step).unwrap();
        vectors.add("pairing-3", &step);
        vectors.add("pairing-4", PairingResult::Added.to_step());
        vectors.add("pairing-code", new.code().to_string());
        let added = old
            .ask(&step)
            .unwrap()
            .confirm(&new.code().to_string())
            .unwrap();
        let link = cast
            .account
            .add_device(&cast.keys, &added.bundle, &added.possession, 7);
        let link = link.unwrap();
        cast.account.append(&link).unwrap();
        vectors.add("add-device", &link);
    }

    fn device(vectors: &mut Vectors) {
        let mut rng = SeededRng::new("device");
        let key = DatabaseKey::from_bytes([0xDB; 32]);
        let keychain = KeychainSecret::from_bytes([0x4B; 32]);
        let plain = Unlock::Keychain(&keychain);
        vectors.add(
            "slot-1",
            write_slot(&mut rng, &key, &plain, Cost::LEAST).unwrap(),
        );
        let both = Unlock::KeychainAndPassphrase(&keychain, "correct horse");
        vectors.add(
            "slot-2",
            write_slot(&mut rng, &key, &both, Cost::LEAST).unwrap(),
        );
        let phrase = Unlock::Passphrase("correct horse");
        vectors.add(
            "slot-3",
            write_slot(&mut rng, &key, &phrase, Cost::LEAST).unwrap(),
        );
        vectors.add("database-key", raw_key_text(&key).as_bytes());
        vectors.add(
            "stored-secret",
            Keep::new(&key).wrap(&mut rng, "name", b"secret"),
        );
        let backup = BackupSecret::from_bytes([0xB4; 32]);
        vectors.add(
            "backup-stream",
            seal_all(&backup, b"header", b"content").unwrap(),
        );
    }

    fn made() -> (Vectors, Cast) {
        let mut vectors = Vectors::default();
        let mut cast = cast(&mut vectors);
        boxes(&cast, &mut vectors);
        envelopes(&cast, &mut vectors);
        detection(&cast, &mut vectors);
        connection(&cast, &mut vectors);
        pairing(&mut cast, &mut vectors);
        device(&mut vectors);
        (vectors, cast)
    }

    #[test]
    fn the_golden_bytes_are_made_again() {
        let (vectors, _) = made();
        let path = corpus("almanac.txt");
        if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
            std::fs::write(&path, vectors.text()).unwrap();
        }
        let golden = read(&path);
        assert_eq!(golden.len(), vectors.0.len());
        for (name, bytes) in &vectors.0 {
            assert_eq!(golden.get(name), Some(bytes), "{name}");
        }
    }

    #[test]
    fn the_golden_bytes_are_read() {
        let (_, cast) = made();
        let golden = read(&corpus("almanac.txt"));
        let account = AccountLog::from_links([&golden["account-genesis"], &golden["add-device"]]);
        let account = account.unwrap();
        assert_eq!(account, cast.account);
        let links = [&golden["calendar-genesis"], &golden["rotate"]];
        let calendar = CalendarLog::from_links(links, &account).unwrap();
        assert_eq!(calendar, cast.calendar);
        let puk = open_puk_box(&account, &cast.keys, &golden["puk-box"]).unwrap();
        assert_eq!(puk, cast.puk);
        let record = &golden["epoch-box"];
        let grant = open_epoch_box(&calendar, 2, &account.id(), &puk, record).unwrap();
        let keys = EpochKeys::open(&calendar, 2, grant).unwrap();
        assert_eq!(keys.main(1), Some(&cast.secrets[0]));
        let stream = Stream {
            calendar: calendar.id(),
            kind: STREAM_MAIN,
        };
        let (_, frames) = envelope::open(&keys, stream, &golden["envelope"]).unwrap();
        assert_eq!(frames[0].frame, golden["frame"]);
        let (_, frames) = envelope::open(&keys, stream, &golden["carried-envelope"]).unwrap();
        assert_eq!(frames[0].frame, golden["frame"]);
        let signed = Signed::<Frame>::parse(&golden["heads-frame"]).unwrap();
        let verified = signed.verify(&cast.keys.verify_key()).unwrap();
        let seen = verified.body().heads().unwrap();
        assert_eq!(seen.to_body().as_ref(), Ok(&golden["heads-body"]));
        assert_eq!(seen.authors, heads(&cast).authors);
        assert!(Anchor::parse(&golden["anchor"]).is_ok());
        let keychain = KeychainSecret::from_bytes([0x4B; 32]);
        let both = Unlock::KeychainAndPassphrase(&keychain, "correct horse");
        let key = open_slot(&golden["slot-2"], &both).unwrap();
        let stored = Keep::new(&key)
            .unwrap("name", &golden["stored-secret"])
            .unwrap();
        assert_eq!(stored.as_slice(), b"secret");
    }

    #[test]
    fn the_sealing_suite_is_that_of_age() {
        let age = read(&corpus("age.txt"));
        let seeds = [&[0; 32], &age["identity"][..]].concat();
        let keys = DeviceKeys::from_secret_bytes(seeds.as_slice().try_into().unwrap());
        assert_eq!(keys.seal_key().as_bytes()[..], age["recipient"][..]);
        let secret = <XWing as Kem>::PrivateKey::from_bytes(&age["identity"]).unwrap();
        let enc = <XWing as Kem>::EncappedKey::from_bytes(&age["encapsulated"]).unwrap();
        let info = b"age-encryption.org/mlkem768x25519";
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &secret,
            &enc,
            info,
            &age["body"],
            b"",
        );
        assert_eq!(opened.map(|file_key| file_key.len()), Ok(16));
    }
}
