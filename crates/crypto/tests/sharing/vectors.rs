//! Golden vectors of sharing, devices and recovery: what is written to
//! `tests/corpus/vectors/sharing.txt` is what every later version must read and write.
//!
//! Made from fixed seeds. With `ALMANAC_WRITE_VECTORS` set the file is written instead of compared:
//! only for a new version of a layout.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use almanac_crypto::backup::{BACKUP_HEADER_BYTES, BackupLock, BackupUnlock, open};
use almanac_crypto::passphrase::Cost;
use almanac_crypto::puk::next_puk;
use almanac_crypto::recovery::{NewKit, RecoveryKit};
use almanac_protocol::free_busy::{BusyDay, BusySpan, BusyState, free_busy_body};
use almanac_protocol::ids::{FrameHash, Incarnation, VerifyKey};
use almanac_protocol::join::SignedAcceptance;
use almanac_protocol::membership::{
    AccountCut, AccountLog, CalendarCut, CalendarLog, InviteTerms, MemberChange, Revoke,
    RevokeReason, Role, cut_tag,
};
use almanac_protocol::message::ChainHead;
use almanac_protocol::profile::Profile;
use almanac_protocol::safety_number::SafetyNumber;
use almanac_protocol::second_factor::{FactorTerms, OneTimeCode, SecondFactor, TotpSecret};
use almanac_protocol::signed::{Signed, Signer};

use super::backups::{PHRASE, file};
use super::joining::Scene;
use super::kits::{kit, put_in_force};
use super::people::{Person, SeededRng, Shared};

/// Names and bytes, in the order of the file.
#[derive(Default)]
pub(crate) struct Vectors(Vec<(String, Vec<u8>)>);

impl Vectors {
    pub(crate) fn add(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        self.0.push((name.to_owned(), bytes.as_ref().to_vec()));
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# Golden vectors of sharing, devices and recovery, version 1: name and bytes, as\n\
             # docs/protocol.md lays them out. Written by crates/crypto/tests/sharing from fixed seeds.\n",
        );
        for (name, bytes) in &self.0 {
            let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
                write!(digits, "{byte:02x}").unwrap();
                digits
            });
            writeln!(text, "{name} {digits}").unwrap();
        }
        text
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/vectors/sharing.txt")
}

fn golden() -> BTreeMap<String, Vec<u8>> {
    let text = std::fs::read_to_string(path()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (name, digits) = line.split_once(' ').unwrap();
        let digits: Vec<_> = digits.chars().map(|c| c.to_digit(16).unwrap()).collect();
        let bytes = digits
            .chunks(2)
            .map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap());
        (name.to_owned(), bytes.collect())
    };
    lines.map(read).collect()
}

/// Ada, Bob, and a calendar they share.
struct Cast {
    ada: Person,
    bob: Person,
    shared: Shared,
}

fn head(byte: u8) -> ChainHead {
    ChainHead {
        seq: u64::from(byte),
        hash: FrameHash::from_bytes([byte; 32]),
    }
}

/// Ada renews her key and revokes a device.
fn account_links(vectors: &mut Vectors) -> (Person, Shared) {
    let mut ada = Person::new("ada");
    let shared = Shared::new(&ada);
    let lost = ada.add_device();
    let here = vec![ada.keys.device_id(), lost.device_id()];
    let (seed, section) = next_puk(&mut ada.rng, &ada.log, &ada.puk, here).unwrap();
    let link = ada.log.rotate_puk(&ada.keys, &section, 11).unwrap();
    ada.take(link);
    ada.puk = seed;
    let here = vec![ada.keys.device_id()];
    let (seed, rotation) = next_puk(&mut ada.rng, &ada.log, &ada.puk, here).unwrap();
    let tag = cut_tag(&shared.log.id(), &lost.device_id());
    vectors.add("cut-tag", tag.as_bytes());
    let revoke = Revoke {
        device: lost.device_id(),
        reason: RevokeReason::Lost,
        cuts: vec![AccountCut {
            tag,
            incarnation: Incarnation::from_bytes(*b"one life"),
            head: head(3),
        }],
        rotation,
    };
    let link = ada.log.revoke(&ada.keys, &revoke, 12).unwrap();
    ada.take(link);
    ada.puk = seed;
    (ada, shared)
}

/// Ada invites, admits Bob, and lowers him; the invite of a third person is taken back.
fn calendar_links(vectors: &mut Vectors) -> Cast {
    let (ada, mut shared) = account_links(vectors);
    let bob = Person::new("bob");
    shared.meet(&ada);
    shared.meet(&bob);
    for (byte, role) in [(0xA1, Role::Editor), (0xA2, Role::FreeBusy)] {
        let terms = InviteTerms {
            key: VerifyKey::from_bytes([byte; 32]),
            role,
            expires_ms: 1_700_000_600_000,
        };
        let link = shared.log.open_invite(&ada.keys, &ada.log, &terms, 13);
        shared.take(link.unwrap());
    }
    let ended = VerifyKey::from_bytes([0xA2; 32]);
    let link = shared.log.end_invite(&ada.keys, &ada.log, &ended, 14);
    shared.take(link.unwrap());
    let change = MemberChange {
        account: bob.id(),
        role: Some(Role::Editor),
        view: bob.log.view(),
        invite: Some(VerifyKey::from_bytes([0xA1; 32])),
        cuts: Vec::new(),
        rotation: None,
    };
    let link = shared.log.change_member(&ada.keys, &ada.log, &change, 15);
    shared.take(link.unwrap());
    let (secret, section) = shared.next(Some((bob.id(), Some(Role::Viewer))));
    let lowered = MemberChange {
        role: Some(Role::Viewer),
        invite: None,
        cuts: vec![CalendarCut {
            device: bob.keys.device_id(),
            incarnation: Incarnation::from_bytes(*b"one life"),
            head: head(7),
        }],
        rotation: Some(section),
        ..change
    };
    let link = shared.log.change_member(&ada.keys, &ada.log, &lowered, 16);
    shared.take(link.unwrap());
    shared.secrets.push(secret);
    let link = shared.log.set_policy(&ada.keys, &ada.log, 1, 17);
    shared.take(link.unwrap());
    Cast { ada, bob, shared }
}

const ADA: [&str; 4] = [
    "ada-genesis",
    "ada-add-device",
    "ada-rotate-puk",
    "ada-revoke",
];
const CALENDAR: [&str; 7] = [
    "shared-genesis",
    "shared-invite",
    "shared-invite-2",
    "shared-invite-end",
    "shared-member-added",
    "shared-member-lowered",
    "shared-policy",
];

fn made() -> (Vectors, Cast) {
    let mut vectors = Vectors::default();
    let mut cast = calendar_links(&mut vectors);
    for (name, link) in ADA.iter().zip(&cast.ada.links) {
        vectors.add(name, link);
    }
    vectors.add("bob-genesis", &cast.bob.links[0]);
    for (name, link) in CALENDAR.iter().zip(&cast.shared.links) {
        vectors.add(name, link);
    }
    for (epoch, secret) in (1..).zip(&cast.shared.secrets) {
        vectors.add(&format!("shared-epoch-{epoch}-secret"), secret.expose());
    }
    for (member, record) in (1..).zip(cast.shared.boxes()) {
        vectors.add(&format!("shared-epoch-box-{member}"), record);
    }
    people(&mut vectors);
    (vectors, cast)
}

/// Invite, acceptance, profile, safety number, kit, second factor, busy times and backup.
fn people(vectors: &mut Vectors) {
    let scene = Scene::new();
    vectors.add("invite-text", scene.invite.to_text().as_bytes());
    vectors.add("invite-key", scene.invite.key().verify_key().as_bytes());
    vectors.add("acceptance", scene.acceptance());
    let profile = Profile {
        calendar: scene.shared.log.id(),
        account: scene.ada.id(),
        device: scene.ada.keys.device_id(),
        view: scene.ada.log.view(),
        counter: 2,
        colour: [0x33, 0x66, 0x99],
        name: "Ada Lovelace".to_owned(),
    };
    vectors.add("profile", profile.sign(&scene.ada.keys).unwrap());
    let safety = SafetyNumber::of(&scene.ada.id(), &scene.bob.id());
    vectors.add("safety-number", safety.to_string());
    let busy = BusySpan {
        start: 9 * 60 + 5,
        end: 10 * 60,
        state: BusyState::Busy,
    };
    let days = [
        BusyDay::new(20_000, 1, &[]),
        BusyDay::new(20_001, 3, &[busy]),
    ];
    vectors.add("free-busy-body", free_busy_body(&days).unwrap());
    let words = NewKit::generate(&mut SeededRng::new("kit")).words();
    vectors.add("kit-words", words.as_bytes());
    let kit = kit("kit");
    vectors.add("kit-bundle", kit.keys().bundle().to_bytes());
    let mut grace = Person::new("grace");
    vectors.add("grace-genesis", &grace.links[0]);
    put_in_force(&mut grace, &kit);
    vectors.add("grace-replace-recovery", &grace.links[1]);
    let code = |byte| OneTimeCode::from_random([byte; 8]);
    vectors.add("one-time-code", code(1).to_string());
    let codes = std::array::from_fn(|n| code(u8::try_from(n).unwrap()).hash(&grace.id()));
    let terms = FactorTerms {
        secret: TotpSecret::from_bytes(*b"12345678901234567890"),
        codes,
    };
    vectors.add("factor-terms", terms.to_bytes());
    let mut factor = SecondFactor::new(terms);
    factor.check(&grace.id(), &code(1).to_string(), 59_000);
    factor.check(&grace.id(), "287082", 59_000);
    factor.check(&grace.id(), "000000", 59_000);
    vectors.add("factor-stored", factor.to_bytes());
    let lock = BackupLock::Either(PHRASE, Cost::LEAST, kit.keys().bundle());
    vectors.add("backup-file", file(lock));
}

#[test]
fn the_golden_bytes_of_sharing_are_made_again() {
    let (vectors, _) = made();
    if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
        std::fs::write(path(), vectors.text()).unwrap();
    }
    let text = std::fs::read_to_string(path()).unwrap();
    for (found, expected) in text.lines().zip(vectors.text().lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(text, vectors.text());
}

#[test]
fn the_golden_bytes_of_sharing_are_read() {
    let (_, cast) = made();
    let golden = golden();
    let ada = AccountLog::from_links(ADA.map(|name| &golden[name])).unwrap();
    assert_eq!(ada, cast.ada.log);
    let bob = AccountLog::from_links([&golden["bob-genesis"]]).unwrap();
    let accounts = BTreeMap::from([(ada.id(), ada), (bob.id(), bob)]);
    let log = CalendarLog::from_links(CALENDAR.map(|name| &golden[name]), &accounts);
    assert_eq!(log, Ok(cast.shared.log));
    let text = String::from_utf8(golden["invite-text"].clone()).unwrap();
    assert_eq!(text.parse(), Ok(Scene::new().invite));
    assert!(SignedAcceptance::parse(&golden["acceptance"]).is_ok());
    assert!(Signed::<Profile>::parse(&golden["profile"]).is_ok());
    let grace = [&golden["grace-genesis"], &golden["grace-replace-recovery"]];
    let grace = AccountLog::from_links(grace).unwrap();
    let words = String::from_utf8(golden["kit-words"].clone()).unwrap();
    let kit = RecoveryKit::from_words(&words).unwrap();
    assert_eq!(
        grace.recovery().map(|kit| kit.id),
        Some(kit.keys().device_id())
    );
    let factor = SecondFactor::parse(&golden["factor-stored"]).unwrap();
    assert_eq!(factor.codes_left(), 9);
    let header = &golden["backup-file"][..BACKUP_HEADER_BYTES];
    for unlock in [BackupUnlock::Passphrase(PHRASE), BackupUnlock::Kit(&kit)] {
        assert!(open(header, unlock).is_ok());
    }
}
