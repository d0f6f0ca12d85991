//! What stands in a backup, sealed and as it is: `tests/corpus/vectors/backup.txt`.

use std::fmt::Write as _;
use std::path::Path;

use almanac_crypto::backup::{
    BACKUP_HEADER_BYTES, BackupError, BackupLock, BackupUnlock, StretchedPassphrase, begin_new,
    open,
};
use almanac_crypto::passphrase::Cost;
use almanac_crypto::stream::ChunkPlace;
use almanac_protocol::backup::{Counted, Item, ItemReader, Start, StateDigest, Tally};
use almanac_protocol::ids::{ChangeHash, DocumentId};

use super::backups::{PHRASE, label};
use super::kits::kit;
use super::people::{Person, SeededRng, Shared};

/// A backup of Ada's account: one calendar, one frame with two changes, one without.
fn items() -> Vec<Item> {
    let ada = Person::new("ada");
    let mut shared = Shared::new(&ada);
    let calendar = shared.log.id();
    let mut digest = StateDigest::new();
    for (hash, counted) in [(1, Counted::Yes), (2, Counted::No)] {
        let hash = ChangeHash::from_bytes([hash; 32]);
        digest.add(&DocumentId::from_bytes([5; 16]), &hash, counted);
    }
    let mut items = vec![Item::Start(Start {
        account: ada.id(),
        device: ada.keys.device_id(),
        private: calendar,
        made_ms: label().created_ms,
        device_name: "Ada's laptop".to_owned(),
        relay: "https://relay.example.org".to_owned(),
    })];
    items.extend(ada.links.iter().map(|link| Item::Link {
        log: ada.id().into(),
        bytes: link.clone(),
    }));
    items.extend(shared.links.iter().map(|link| Item::Link {
        log: calendar.into(),
        bytes: link.clone(),
    }));
    items.extend(shared.boxes().into_iter().take(1).map(|record| Item::Box {
        log: calendar.into(),
        record,
    }));
    items.push(Item::Calendar(calendar));
    for changes in [2, 0] {
        items.push(Item::Frame {
            changes,
            bytes: vec![0xF0; 263],
        });
        for change in 0..changes {
            items.push(Item::Change(vec![u8::try_from(change).unwrap(); 40]));
        }
    }
    items.push(Item::CalendarEnd(Tally {
        frames: 2,
        changes: 2,
        digest: digest.finish(),
    }));
    let count = items.len() as u64;
    items.push(Item::End { items: count });
    items
}

fn stretched() -> StretchedPassphrase {
    StretchedPassphrase::new(&mut SeededRng::new("stretched"), PHRASE, Cost::LEAST).unwrap()
}

fn content() -> Vec<u8> {
    let mut content = Vec::new();
    for item in items() {
        item.write(&mut content).unwrap();
    }
    content
}

fn file() -> Vec<u8> {
    let way = stretched();
    let kit = kit("kit");
    let lock = BackupLock::Stretched(&way, Some(kit.keys().bundle()));
    let mut new = begin_new(&mut SeededRng::new("content"), &label(), lock).unwrap();
    let chunk = new.sealer.seal(&content(), ChunkPlace::Last).unwrap();
    let read_back = new.opener().open(&chunk, ChunkPlace::Last).unwrap();
    assert_eq!(*read_back, content());
    [new.header, chunk].concat()
}

fn text() -> String {
    let mut text = String::from(
        "# Golden vectors of a backup, version 1: what its chunks hold, and the whole file, as\n\
         # docs/protocol.md lays them out. Written by crates/crypto/tests/sharing from fixed seeds.\n",
    );
    for (name, bytes) in [("backup-content", content()), ("backup", file())] {
        let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").unwrap();
            digits
        });
        writeln!(text, "{name} {digits}").unwrap();
    }
    text
}

#[test]
fn the_golden_backup_is_what_this_version_writes_and_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/vectors/backup.txt");
    if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
        std::fs::write(&path, text()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text());
    let file = file();
    let (header, chunk) = file.split_at(BACKUP_HEADER_BYTES);
    let kit = kit("kit");
    for unlock in [
        BackupUnlock::Passphrase(PHRASE),
        BackupUnlock::Stretched(&stretched()),
        BackupUnlock::Kit(&kit),
    ] {
        let opened = open(header, unlock).unwrap().open(chunk, ChunkPlace::Last);
        let mut reader = ItemReader::default();
        assert_eq!(reader.feed(&opened.unwrap()).unwrap(), items());
        assert_eq!(reader.finish(), Ok(()));
    }
}

#[test]
fn a_stretched_passphrase_opens_what_it_made_and_nothing_else() {
    let way = stretched();
    assert_eq!(
        StretchedPassphrase::from_bytes(&way.to_bytes()),
        Ok(way.clone())
    );
    let file = file();
    let header = &file[..BACKUP_HEADER_BYTES];
    let other = StretchedPassphrase::new(&mut SeededRng::new("other"), PHRASE, Cost::LEAST);
    let refused = open(header, BackupUnlock::Stretched(&other.unwrap())).err();
    assert_eq!(refused, Some(BackupError::OtherWay));
    let mut cheap = way.to_bytes().to_vec();
    cheap[1] = 0;
    assert_eq!(
        StretchedPassphrase::from_bytes(&cheap),
        Err(BackupError::Cost)
    );
}
