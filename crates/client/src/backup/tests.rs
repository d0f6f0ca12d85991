//! Backups of a real profile: made, listed, proven, restored, and what attackers do to them.

use std::fs;

use almanac_crypto::recovery::NewKit;
use almanac_protocol::membership::AccountLog;

use super::*;
use crate::command::ImportFile;
use crate::entropy::SystemEntropy;
use crate::error::ErrorCode;
use crate::profile::Unlock;
use crate::replica::{keys, logs};

const PHRASE: &str = "violet anchor pickle thursday";
const TITLES: [&str; 3] = ["Dentist", "Choir", "Tax return"];

fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery").with_memory_mib(64)
}

fn key() -> BackupKey {
    BackupKey::Passphrase(Zeroizing::new(PHRASE.to_owned()))
}

/// A profile with three events of which one is in the trash, and a passphrase for its backups.
fn profile(folder: &Path, name: &str) -> Client {
    let client = Client::create_profile(&folder.join(name), name, &unlock()).unwrap();
    import(&client, &TITLES);
    let gone = client.find_event("Tax return");
    client.remove(&gone).unwrap();
    client
        .edit_backups(EditBackups {
            passphrase: Some(Zeroizing::new(PHRASE.to_owned())),
            memory_mib: Some(64),
            ..EditBackups::default()
        })
        .unwrap();
    client
}

fn import(client: &Client, titles: &[&str]) {
    let events: String = titles
        .iter()
        .map(|title| {
            format!(
                "BEGIN:VEVENT\r\nUID:{title}@x\r\nDTSTAMP:20260101T000000Z\r\n\
                 DTSTART:20261120T100000Z\r\nDTEND:20261120T110000Z\r\nSUMMARY:{title}\r\n\
                 RRULE:FREQ=WEEKLY;COUNT=5\r\nEND:VEVENT\r\n"
            )
        })
        .collect();
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
    let file = ImportFile {
        calendar: "Personal".to_owned(),
        name: "a.ics".to_owned(),
        bytes: text.into_bytes(),
    };
    let report = client.import(file).unwrap();
    let new = u64::try_from(titles.len()).unwrap();
    assert_eq!(report.imported, new, "{report:?}");
}

impl Client {
    fn find_event(&self, title: &str) -> String {
        let rows = self
            .read(|tx| {
                let mut rows = Vec::new();
                for row in tx.calendars()? {
                    rows.extend(tx.events(row.id)?);
                }
                Ok(rows)
            })
            .unwrap();
        let found = rows.iter().find(|row| row.event.contains(title));
        found.unwrap().document.to_string()
    }
}

/// The titles and whether each is in the trash.
fn titles(client: &Client) -> Vec<(String, bool)> {
    let rows = client.read(|tx| {
        let mut rows = Vec::new();
        for row in tx.calendars()? {
            rows.extend(tx.events(row.id)?);
            rows.extend(tx.trashed_events(row.id)?);
        }
        Ok(rows)
    });
    let mut titles: Vec<_> = rows
        .unwrap()
        .iter()
        .map(|row| {
            let event = crate::replica::documents::event_of(row).unwrap();
            (event.title, event.trashed)
        })
        .collect();
    titles.sort();
    titles
}

fn made(client: &Client) -> PathBuf {
    client.back_up(None, Trial::Later).unwrap().path.into()
}

/// Puts a recovery kit in force and gives its words.
fn make_kit(client: &Client) -> Zeroizing<String> {
    let new = NewKit::generate(&mut SystemEntropy);
    let words = new.words();
    let kit = new.confirm(&words).unwrap();
    let identity = client.identity();
    client
        .store(|tx| {
            let log = logs::account(tx, identity)?;
            let newest = keys::puk(tx, identity)?;
            let (seed, replace) = kit
                .put_in_force(&mut SystemEntropy, &log, &newest, None)
                .map_err(Error::internal)?;
            let link = log
                .replace_recovery(&identity.keys, &replace, 1)
                .map_err(Error::internal)?;
            let mut grown = AccountLog::clone(&log);
            grown.append(&link).map_err(Error::internal)?;
            tx.put_link(identity.account.into(), grown.view().seq, &link, false)?;
            keys::put_puk(tx, identity, &seed)
        })
        .unwrap();
    words
}

#[test]
fn a_backup_comes_back_as_copies_on_a_device_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let made = ada.back_up(None, Trial::Now).unwrap();
    assert_eq!((made.calendars, made.events), (2, 3));
    let proof = made.proof.unwrap();
    assert!(proof.complete && proof.missing_here == 0, "{proof:?}");
    assert!(ada.backup_terms().unwrap().last_proven.is_some());

    let target = folder.path().join("new");
    let restored =
        restore_backup(&target, Path::new(&made.path), &key(), "New", &unlock()).unwrap();
    assert_eq!(restored.kind, RestoreKind::Copies);
    assert_eq!((restored.calendars, restored.events), (1, 3));
    assert!(restored.message.contains("copies"), "{}", restored.message);
    let new = Client::open(&target, &unlock()).unwrap();
    assert_eq!(titles(&new), titles(&ada));
    assert_eq!(new.calendars().unwrap()[0].name, "Personal");
    assert_ne!(new.identity().account, ada.identity().account);
    assert_ne!(new.identity().device, ada.identity().device);
    import(&new, &["After"]);
    assert_eq!(titles(&new).len(), 4, "it can be written to");
}

#[test]
fn the_words_of_the_kit_bring_the_account_back_on_a_new_device() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let words = make_kit(&ada);
    let path = made(&ada);
    let target = folder.path().join("new");
    let restored = restore_backup(
        &target,
        &path,
        &BackupKey::Words(words.clone()),
        "New",
        &unlock(),
    )
    .unwrap();
    assert_eq!(restored.kind, RestoreKind::Account);
    let new = Client::open(&target, &unlock()).unwrap();
    assert_eq!(titles(&new), titles(&ada));
    assert_eq!(new.identity().account, ada.identity().account);
    assert_ne!(new.identity().device, ada.identity().device);
    let life = |client: &Client| client.read(crate::client::incarnation).unwrap();
    assert_ne!(life(&new), life(&ada), "numbers are not used again");
    assert_eq!(new.devices().unwrap().len(), 2);
    import(&new, &["After"]);
    assert_eq!(titles(&new).len(), 4, "it can be written to");
    let rename = crate::command::EditCalendar {
        calendar: "Personal".to_owned(),
        name: Some("Home".to_owned()),
        ..Default::default()
    };
    new.edit_calendar(rename).unwrap();

    let other = NewKit::generate(&mut SystemEntropy).words();
    let refused = restore_backup(
        &folder.path().join("x"),
        &path,
        &BackupKey::Words(other),
        "X",
        &unlock(),
    );
    assert_eq!(refused.unwrap_err().code, ErrorCode::BackupRefused);
    assert!(!folder.path().join("x/key.slot").exists());
}

#[test]
fn attack_04_a_backup_that_was_cut_or_changed_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    // Several chunks, so that some can be taken out and exchanged.
    let titles: Vec<String> = (0..300).map(|n| format!("Event number {n}")).collect();
    import(&ada, &titles.iter().map(String::as_str).collect::<Vec<_>>());
    let path = made(&ada);
    let good = fs::read(&path).unwrap();
    let head = almanac_crypto::backup::BACKUP_HEADER_BYTES;
    let chunk = almanac_crypto::stream::SEALED_CHUNK_BYTES;
    assert!(good.len() > head + 2 * chunk, "{}", good.len());
    let bent = folder.path().join("bent.almanac-backup");
    let judge = |bytes: &[u8]| {
        fs::write(&bent, bytes).unwrap();
        ada.prove_backup(&bent, Some(&key())).unwrap_err().code
    };
    let chunks = &good[head..];
    let cases = [
        ("one byte", {
            let mut bytes = good.clone();
            bytes[head + chunk + 100] ^= 1;
            bytes
        }),
        ("the time it was made", {
            let mut bytes = good.clone();
            bytes[70] ^= 1;
            bytes
        }),
        ("half a file", good[..good.len() / 2].to_vec()),
        ("without its last chunk", good[..head + 2 * chunk].to_vec()),
        ("a chunk exchanged", {
            let swapped = [&chunks[chunk..2 * chunk], &chunks[..chunk]].concat();
            [&good[..head], &swapped, &chunks[2 * chunk..]].concat()
        }),
        ("a chunk left out", {
            [&good[..head], &chunks[chunk..]].concat()
        }),
        ("bytes after the end", [&good[..], &[0; 40]].concat()),
    ];
    for (what, bytes) in cases {
        let code = judge(&bytes);
        let is_refused = matches!(code, ErrorCode::BackupRefused | ErrorCode::WrongPassphrase);
        assert!(is_refused, "{what}: {code:?}");
    }
    let target = folder.path().join("new");
    fs::write(&bent, &good[..good.len() - 1]).unwrap();
    assert!(restore_backup(&target, &bent, &key(), "New", &unlock()).is_err());
    assert!(!crate::exists(&target), "nothing half restored");
    let left = fs::read_dir(&target).into_iter().flatten().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(left.is_empty(), "no scratch database stays: {left:?}");
}

#[test]
fn attack_52_a_restored_device_is_never_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let words = make_kit(&ada);
    let path = made(&ada);
    let keys = BackupKey::Words(words);
    let restore = |name: &str| {
        let target = folder.path().join(name);
        restore_backup(&target, &path, &keys, name, &unlock()).unwrap();
        Client::open(&target, &unlock()).unwrap()
    };
    let (one, other) = (restore("one"), restore("other"));
    let ids = [&ada, &one, &other].map(|client| client.identity().device);
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    // What the lost device wrote last is nobody's to go on with.
    let own = |client: &Client| {
        let device = client.identity().device;
        let authors = client.read(|tx| {
            let mut authors = Vec::new();
            for row in tx.calendars()? {
                authors.extend(tx.authors(row.id)?);
            }
            Ok(authors)
        });
        authors.unwrap().iter().all(|(author, _)| *author == device)
    };
    assert!(own(&ada) && !own(&one));
    // The file itself holds no secret of the device, the account or a calendar.
    let scratch = {
        let found = Found::at(&path).unwrap();
        let opener = opener(&found, &key()).unwrap();
        let mut content = found.content(opener);
        let mut bytes = Vec::new();
        while let Some(item) = content.next().unwrap() {
            item.write(&mut bytes).unwrap();
        }
        bytes
    };
    let seed = ada.read(|tx| keys::puk(tx, ada.identity())).unwrap();
    let device = ada.identity().keys.secret_bytes();
    for secret in [&seed.expose()[..], &device[..32], &device[32..]] {
        assert!(!scratch.windows(secret.len()).any(|part| part == secret));
    }
}

#[test]
fn attack_04_a_backup_of_another_account_proves_nothing_here() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let eve = profile(folder.path(), "eve");
    let path = made(&eve);
    let refused = ada.prove_backup(&path, Some(&key())).unwrap_err();
    assert_eq!(refused.code, ErrorCode::BackupRefused);
    assert!(refused.message.contains("another account"));
    assert_eq!(ada.backup_terms().unwrap().last_proven, None);
    // In the folder of Ada's backups it is listed as not hers, and never removed by her rule.
    let terms = ada.backup_terms().unwrap();
    fs::create_dir_all(&terms.folder).unwrap();
    let planted = Path::new(&terms.folder).join(path.file_name().unwrap());
    fs::copy(&path, &planted).unwrap();
    made(&ada);
    let listed = ada.backups(None).unwrap();
    let own: Vec<bool> = listed.backups.iter().map(|backup| backup.own).collect();
    assert_eq!(own.iter().filter(|own| **own).count(), 1);
    assert!(planted.exists());
}

#[test]
fn attack_08_an_old_backup_in_place_of_the_newest_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let old = made(&ada);
    let kept = fs::read(&old).unwrap();
    import(&ada, &["Later"]);
    let new = made(&ada);
    assert_eq!(ada.backups(None).unwrap().warning, None);
    fs::write(&new, &kept).unwrap();
    let warning = ada.backups(None).unwrap().warning.unwrap();
    assert!(warning.contains("older file took its place"), "{warning}");
    // It opens, and the trial says of when it is and what came since.
    let proof = ada.prove_backup(&new, None).unwrap();
    assert!(proof.complete && proof.newer_here >= 1, "{proof:?}");
}

#[test]
fn attack_51_a_profile_that_was_set_back_is_shown_by_its_backup() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let database = ada.profile_folder().unwrap();
    drop(ada);
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(&database).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
    }
    let ada = Client::open(&database, &unlock()).unwrap();
    import(&ada, &["Later"]);
    let newest = made(&ada);
    let back = Client::open(&copy, &unlock()).unwrap();
    let proof = back.prove_backup(&newest, Some(&key())).unwrap();
    assert!(proof.complete && proof.missing_here >= 1, "{proof:?}");
    assert!(proof.message.contains("old copy"), "{}", proof.message);
}

#[test]
fn attack_18_a_weak_passphrase_or_a_cheap_guess_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let edit = |passphrase: &str, memory_mib| {
        let edit = EditBackups {
            passphrase: Some(Zeroizing::new(passphrase.to_owned())),
            memory_mib: Some(memory_mib),
            ..EditBackups::default()
        };
        ada.edit_backups(edit)
    };
    assert!(edit("Summer2026!", 64).is_err());
    assert!(edit(PHRASE, 8).is_err());
    let path = made(&ada);
    let wrong = BackupKey::Passphrase(Zeroizing::new("violet anchor pickle friday".to_owned()));
    let refused = ada.prove_backup(&path, Some(&wrong)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);
    // Its head cannot be rewritten to ask for less, or for more than a machine has.
    for memory in [8_u32, u32::MAX] {
        let mut bytes = fs::read(&path).unwrap();
        bytes[7..11].copy_from_slice(&memory.to_be_bytes());
        let bent = folder.path().join("cheap.almanac-backup");
        fs::write(&bent, bytes).unwrap();
        assert!(ada.prove_backup(&bent, Some(&key())).is_err());
    }
}

#[test]
fn what_was_not_finished_is_no_backup_and_goes_with_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let ada = profile(folder.path(), "ada");
    let path = made(&ada);
    let part = path.with_extension("almanac-backup.part");
    fs::write(&part, &fs::read(&path).unwrap()[..2000]).unwrap();
    let scratch = ada.profile_folder().unwrap().join("scratch-00ff00ff");
    fs::create_dir_all(&scratch).unwrap();
    assert_eq!(ada.backups(None).unwrap().backups.len(), 1);
    ada.back_up(None, Trial::Now).unwrap();
    assert!(!part.exists() && !scratch.exists());
}

#[test]
fn nothing_is_made_that_nothing_opens() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::create_profile(&folder.path().join("a"), "A", &unlock()).unwrap();
    let refused = client.back_up(None, Trial::Later).unwrap_err();
    assert!(refused.message.contains("nothing could open it"));
    assert_eq!(client.back_up_if_due().unwrap(), None);
    make_kit(&client);
    let made = client.back_up_if_due().unwrap().unwrap();
    assert!(made.proof.unwrap().complete, "proven without the words");
    assert_eq!(client.back_up_if_due().unwrap(), None, "not due again");
}
