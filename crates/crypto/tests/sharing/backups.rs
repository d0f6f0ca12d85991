//! Backup files: which secrets open them, and that nothing else does. Rows 4, 18 and 19.

use std::time::Instant;

use almanac_crypto::backup::{
    BACKUP_HEADER_BYTES, BackupError, BackupLabel, BackupLock, BackupUnlock, begin, look, open,
};
use almanac_crypto::passphrase::Cost;
use almanac_crypto::stream::{ChunkPlace, StreamError};

use super::kits::kit;
use super::people::{Person, SeededRng};

pub(crate) const PHRASE: &str = "correct horse";

pub(crate) fn label() -> BackupLabel {
    BackupLabel {
        id: [0xBA; 16],
        created_ms: 1_700_000_000_000,
        account: Person::new("ada").id(),
    }
}

/// A file of one chunk.
pub(crate) fn file(lock: BackupLock<'_>) -> Vec<u8> {
    let mut rng = SeededRng::new("backup");
    let (header, mut sealer) = begin(&mut rng, &label(), lock).unwrap();
    let chunk = sealer.seal(b"everything", ChunkPlace::Last).unwrap();
    [header, chunk].concat()
}

/// Its content.
fn read(file: &[u8], unlock: BackupUnlock<'_>) -> Result<Vec<u8>, BackupError> {
    let (header, chunk) = file.split_at(BACKUP_HEADER_BYTES);
    let mut opener = open(header, unlock)?;
    match opener.open(chunk, ChunkPlace::Last) {
        Ok(content) => Ok(content.to_vec()),
        Err(error) => {
            assert_eq!(error, StreamError::Refused);
            Err(BackupError::Refused)
        }
    }
}

#[test]
fn either_secret_opens_a_backup_and_no_other() {
    let (ours, other) = (kit("kit"), kit("other"));
    let either = file(BackupLock::Either(
        PHRASE,
        Cost::LEAST,
        ours.keys().bundle(),
    ));
    let content = Ok(b"everything".to_vec());
    assert_eq!(read(&either, BackupUnlock::Passphrase(PHRASE)), content);
    assert_eq!(read(&either, BackupUnlock::Kit(&ours)), content);
    let wrong = read(&either, BackupUnlock::Passphrase("wrong horse"));
    assert_eq!(wrong, Err(BackupError::Refused));
    let wrong = read(&either, BackupUnlock::Kit(&other));
    assert_eq!(wrong, Err(BackupError::OtherKit));
    let (found, ways) = look(&either[..BACKUP_HEADER_BYTES]).unwrap();
    assert_eq!(found, label());
    assert_eq!(ways.passphrase, Some(Cost::LEAST));
    assert_eq!(ways.kit, Some(ours.keys().device_id()));
}

#[test]
fn a_way_that_is_not_there_is_not_tried() {
    let ours = kit("kit");
    let by_phrase = file(BackupLock::Passphrase(PHRASE, Cost::LEAST));
    let by_kit = file(BackupLock::Kit(ours.keys().bundle()));
    let other = Err(BackupError::OtherWay);
    assert_eq!(read(&by_phrase, BackupUnlock::Kit(&ours)), other);
    assert_eq!(read(&by_kit, BackupUnlock::Passphrase(PHRASE)), other);
    // Fields of a way that is not there are zeros.
    for (file, at) in [
        (&by_kit, 7),
        (&by_kit, 16),
        (&by_kit, 140),
        (&by_kit, 170),
        (&by_phrase, 110),
        (&by_phrase, 300),
        (&by_phrase, 1370),
    ] {
        let mut bent = file.clone();
        bent[at] ^= 1;
        let header = &bent[..BACKUP_HEADER_BYTES];
        assert_eq!(look(header).err(), Some(BackupError::Ways), "byte {at}");
    }
    for ways in [0, 4, 7] {
        let mut bent = by_kit.clone();
        bent[6] = ways;
        assert!(look(&bent[..BACKUP_HEADER_BYTES]).is_err(), "{ways}");
    }
    let device = Person::new("ada").keys;
    let mut rng = SeededRng::new("backup");
    let made = begin(&mut rng, &label(), BackupLock::Kit(device.bundle()));
    assert_eq!(made.err(), Some(BackupError::Ways));
}

#[test]
fn every_byte_of_a_backup_matters() {
    let ours = kit("kit");
    let file = file(BackupLock::Kit(ours.keys().bundle()));
    for at in (0..file.len()).step_by(7).chain(0..140) {
        let mut bent = file.clone();
        bent[at] ^= 1;
        assert!(read(&bent, BackupUnlock::Kit(&ours)).is_err(), "byte {at}");
    }
}

#[test]
fn the_cost_of_a_backup_is_bounded_before_any_work() {
    let file = file(BackupLock::Passphrase(PHRASE, Cost::LEAST));
    let began = Instant::now();
    for (at, bytes) in [
        (7, 8_u32.to_be_bytes()),
        (7, u32::MAX.to_be_bytes()),
        (11, 2_u32.to_be_bytes()),
        (11, u32::MAX.to_be_bytes()),
    ] {
        let mut bent = file.clone();
        bent[at..at + 4].copy_from_slice(&bytes);
        let verdict = read(&bent, BackupUnlock::Passphrase(PHRASE));
        assert_eq!(verdict, Err(BackupError::Cost), "{bytes:?} at {at}");
    }
    assert!(began.elapsed().as_millis() < 500, "work was done");
    let mut rng = SeededRng::new("backup");
    let cheap = Cost {
        memory_kib: 1024,
        ..Cost::LEAST
    };
    let made = begin(&mut rng, &label(), BackupLock::Passphrase(PHRASE, cheap));
    assert_eq!(made.err(), Some(BackupError::Cost));
    // A cost within bounds that is not the one it was made with.
    let mut bent = file;
    bent[11..15].copy_from_slice(&4_u32.to_be_bytes());
    let verdict = read(&bent, BackupUnlock::Passphrase(PHRASE));
    assert_eq!(verdict, Err(BackupError::Refused));
}
