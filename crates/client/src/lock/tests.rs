//! The lock at work on a real profile, and a look at the memory of this very process.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::*;
use crate::replica::keys;

const OLD: &str = "correct horse battery staple";
const NEW: &str = "violet anchor pickle thursday";

fn phrase(text: &str) -> Unlock {
    Unlock::passphrase(text).with_memory_mib(64)
}

fn profile(folder: &Path) -> (PathBuf, Client) {
    let folder = folder.join("p");
    let client = Client::create_profile(&folder, "Ada", &phrase(OLD)).unwrap();
    (folder, client)
}

#[test]
fn another_passphrase_opens_it_and_the_old_one_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, client) = profile(folder.path());
    let code = |unlock: &Unlock| {
        Client::open(&folder, unlock)
            .map_err(|error| error.code)
            .err()
    };
    let weak = set_lock(&folder, &phrase(OLD), &phrase("Summer2026")).unwrap_err();
    assert!(weak.message.contains("could be guessed"));
    let wrong = set_lock(&folder, &phrase("another horse"), &phrase(NEW)).unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongPassphrase);
    assert_eq!(code(&phrase(OLD)), None, "nothing was changed");
    let status = set_lock(&folder, &phrase(OLD), &phrase(NEW)).unwrap();
    assert!(status.on && status.memory_mib == 64);
    assert_eq!(code(&phrase(OLD)), Some(ErrorCode::WrongPassphrase));
    assert_eq!(code(&phrase(NEW)), None);
    // The program that has it open is not disturbed.
    client.add_calendar("Work", None).unwrap();
    assert!(!folder.join("key.slot.new").exists());
}

#[tokio::test]
async fn a_locked_program_refuses_everything_until_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, client) = profile(folder.path());
    let other = client.clone();
    let refused = |client: &Client| client.calendars().unwrap_err().code;
    let locking = tokio::spawn(client.lock());
    while other.calendars().is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(refused(&other), ErrorCode::Locked);
    assert_eq!(
        other.add_calendar("Work", None).unwrap_err().code,
        ErrorCode::Locked
    );
    assert_eq!(
        other.sync(crate::Mode::Watch).await.unwrap_err().code,
        ErrorCode::Locked,
        "sync ends instead of trying for ever"
    );
    drop(other);
    assert!(locking.await.unwrap(), "nothing holds the keys any more");
    let opened = Client::open(&folder, &phrase(OLD)).unwrap();
    assert_eq!(opened.calendars().unwrap().len(), 1);
}

#[tokio::test]
async fn a_program_locks_when_told_to_and_not_for_an_old_wish() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, client) = profile(folder.path());
    ask_to_lock(&folder).unwrap();
    assert!(!client.must_lock(None, clock::now_ms()).unwrap());
    let presence = Presence::default();
    presence.seen();
    assert!(!client.must_lock(Some(&presence), clock::now_ms()).unwrap());
    presence
        .0
        .store(clock::now_ms() - 16 * MINUTE_MS, Ordering::Relaxed);
    assert!(
        client.must_lock(Some(&presence), clock::now_ms()).unwrap(),
        "idle"
    );
    client.set_idle_minutes(0).unwrap();
    assert!(!client.must_lock(Some(&presence), clock::now_ms()).unwrap());
    assert!(client.must_lock(None, 0).unwrap(), "told to");
    assert!(client.set_idle_minutes(100_000).is_err());
    fs::write(folder.join(ASKED_FILE), "not a number").unwrap();
    assert!(!client.must_lock(None, 0).unwrap());
}

/// Where these bytes stand in the writable memory of this process. The needle is kept bent, so that
/// it is not what is found.
fn found_in_memory(bent: &[u8]) -> Vec<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = fs::File::open("/proc/self/mem").unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with("rw") || rest.contains("[v") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let at = |digits| u64::from_str_radix(digits, 16).unwrap();
        let (from, to) = (at(from), at(to));
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        memory.seek(SeekFrom::Start(from)).unwrap();
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        let is_it = |part: &[u8]| part.iter().zip(bent).all(|(one, other)| *one == !*other);
        let places = bytes.windows(bent.len()).enumerate();
        let places = places.filter(|(_, part)| is_it(part));
        found.extend(places.map(|(place, _)| format!("{place} of {line}")));
    }
    found
}

fn bent(secret: &[u8]) -> Vec<u8> {
    secret.iter().map(|byte| !byte).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn attack_53_reading_keys_in_the_memory_of_a_locked_program() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, client) = profile(folder.path());
    let secrets: Vec<(&str, Vec<u8>)> = {
        let database = profile::unlocked(&folder, &phrase(OLD)).unwrap();
        let device = client.identity().keys.secret_bytes();
        let account = client.read(|tx| keys::puk(tx, client.identity())).unwrap();
        vec![
            ("the key of the database", bent(database.expose())),
            ("the device's signing key", bent(&device[..32])),
            ("the device's sealing key", bent(&device[32..])),
            ("the account's key", bent(account.expose())),
        ]
    };
    let (_, signing) = &secrets[1];
    assert!(!found_in_memory(signing).is_empty(), "while it is open");
    assert!(client.lock().await);
    for (what, secret) in &secrets {
        let found = found_in_memory(secret);
        assert!(found.is_empty(), "{what}: {found:?}");
    }
    assert!(Client::open(&folder, &phrase(OLD)).is_ok());
}

#[test]
fn attack_18_a_stolen_slot_gives_no_cheaper_guess() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, client) = profile(folder.path());
    drop(client);
    let slot = folder.join("key.slot");
    let good = fs::read(&slot).unwrap();
    for (at, bytes) in [
        (7, 8_u32.to_be_bytes()),
        (7, u32::MAX.to_be_bytes()),
        (11, 1_u32.to_be_bytes()),
    ] {
        let mut cheap = good.clone();
        cheap[at..at + 4].copy_from_slice(&bytes);
        fs::write(&slot, cheap).unwrap();
        let began = std::time::Instant::now();
        assert!(Client::open(&folder, &phrase(OLD)).is_err());
        assert!(began.elapsed().as_millis() < 50, "work was done");
    }
    fs::write(&slot, good).unwrap();
    assert!(Client::open(&folder, &phrase(OLD)).is_ok());
}
