//! Backups of anything: a head says what it says or is refused before any work; content is read in
//! pieces as it is read whole, holds no more than its limits allow, and is written again to the same
//! bytes; what is sealed opens at its place alone.
//!
//! The first byte chooses how large the pieces are. The rest is content, or, where the first byte is
//! 255, the head of a file.
#![no_main]

use almanac_crypto::backup::{BackupError, BackupUnlock, StretchedPassphrase, look, open};
use almanac_crypto::secret::BackupSecret;
use almanac_crypto::stream::{open_all, seal_all};
use almanac_protocol::backup::{ContentError, ITEM_BYTES_MAX, Item, ItemReader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match data {
        [255, rest @ ..] => head(rest),
        [pieces, rest @ ..] => content(usize::from(*pieces) + 1, rest),
        [] => {}
    }
});

/// A way that no head was made for: opening costs nothing and never succeeds.
fn head(header: &[u8]) {
    let looked = look(header);
    let mut way = [7; StretchedPassphrase::BYTES];
    way[..9].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 3, 1]);
    let way = StretchedPassphrase::from_bytes(&way).expect("its cost is within bounds");
    let opened = open(header, BackupUnlock::Stretched(&way));
    match (looked, opened) {
        (Err(refused), Err(error)) => assert_eq!(refused, error),
        (Ok(_), Err(error)) => {
            assert!(matches!(
                error,
                BackupError::OtherWay | BackupError::Refused
            ));
        }
        (_, Ok(_)) => panic!("nobody made this"),
    }
}

fn content(piece: usize, content: &[u8]) {
    let whole = read(content.len().max(1), content);
    assert_eq!(read(piece, content).is_ok(), whole.is_ok());
    let Ok(items) = whole else { return };
    let mut written = Vec::new();
    for item in &items {
        item.write(&mut written)
            .expect("what was read can be written");
    }
    assert_eq!(written, content);
    assert!(matches!(items.first(), Some(Item::Start(_))));
    assert!(matches!(items.last(), Some(Item::End { .. })));
    for item in &items {
        if let Item::Change(bytes) | Item::Frame { bytes, .. } = item {
            assert!(bytes.len() <= ITEM_BYTES_MAX);
        }
    }
    let secret = BackupSecret::from_bytes([3; 32]);
    let sealed = seal_all(&secret, b"head", content).expect("content can be sealed");
    let opened = open_all(&secret, b"head", &sealed).expect("its own stream");
    assert_eq!(*opened, content);
    assert!(open_all(&secret, b"HEAD", &sealed).is_err());
}

fn read(piece: usize, content: &[u8]) -> Result<Vec<Item>, ContentError> {
    let mut reader = ItemReader::default();
    let mut items = Vec::new();
    for piece in content.chunks(piece) {
        items.extend(reader.feed(piece)?);
    }
    reader.finish()?;
    Ok(items)
}
