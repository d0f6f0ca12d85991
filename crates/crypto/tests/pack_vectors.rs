//! Golden vectors of packs: what is written to `tests/corpus/vectors/pack.txt` is what every later
//! version must read and write. With `ALMANAC_WRITE_VECTORS` set the file is written instead.

#![expect(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "one list of vectors, made of what stands above it"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use almanac_crypto::epoch::{EpochKeys, first_epoch};
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pack::{open, seal};
use almanac_crypto::puk::new_account;
use almanac_crypto::seal::EpochGrant;
use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::ids::{
    BlobName, DeviceId, DocumentId, FrameHash, Incarnation, LinkHash, RelayEpoch, Signature,
    StreamHash,
};
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, LogView, Member, Role,
};
use almanac_protocol::message::{ChainHead, Position, Stream};
use almanac_protocol::pack::{
    ContentReader, ContentWriter, ControlOrder, Manifest, Order, PackAddress, PackedBody,
    PackedFrame, Start, blob_name,
};
use almanac_protocol::signed::{Signed, Signer};
use rand_core::{TryCryptoRng, TryRng};

/// BLAKE3's output stream of a seed.
struct SeededRng(blake3::OutputReader);

impl TryRng for SeededRng {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}

fn content() -> Vec<u8> {
    let author = (
        DeviceId::from_bytes([1; 32]),
        Incarnation::from_bytes([2; 8]),
        ChainHead {
            seq: 2,
            hash: FrameHash::from_bytes([3; 32]),
        },
    );
    let mut content = ContentWriter::new(&Start {
        authors: vec![author],
        changes: 2,
        near: 1,
    });
    content.change(
        &DocumentId::CALENDAR,
        b"one change without its first eight bytes",
    );
    content.change(&DocumentId::from_bytes([4; 16]), &[5; 200]);
    content.set_aside(&[6; 100]);
    let view = |n: u8| LogView {
        seq: n.into(),
        head: LinkHash::from_bytes([n; 32]),
    };
    for body in [
        PackedBody::Changes(vec![1, 0]),
        PackedBody::Raw(vec![7; 40]),
    ] {
        content.frame(&PackedFrame {
            author: 0,
            frame_type: 1,
            calendar_view: view(8),
            account_view: view(9),
            body,
            signature: Signature::from_bytes([10; 64]),
        });
    }
    content.finish()
}

fn build() -> Vec<(&'static str, Vec<u8>)> {
    let mut rng = SeededRng(blake3::Hasher::new().update(b"packs").finalize_xof());
    let keys = DeviceKeys::generate(&mut rng);
    let (_, link) = new_account(&mut rng, &keys, 1);
    let account = AccountLog::begin(&link).expect("what is made here is valid");
    let salt = [0x5A; 32];
    let member = Member {
        account: account.id(),
        puk_generation: 1,
        role: Role::Owner,
    };
    let (secret, rotation) = first_epoch(&mut rng, &salt, member);
    let genesis = CalendarGenesis {
        salt,
        purpose: CalendarPurpose::Calendar,
        rotation,
    };
    let genesis = genesis
        .build(&keys, &account, 2)
        .expect("what is made here is valid");
    let calendar = CalendarLog::begin(&genesis, &account).expect("what is made here is valid");
    let epochs = EpochKeys::open(&calendar, 1, EpochGrant::Full(secret.clone()))
        .expect("what is made here is valid");
    let stream = Stream {
        calendar: calendar.id(),
        kind: STREAM_MAIN,
    };
    let address = PackAddress {
        epoch: 1,
        device: keys.device_id(),
        relay_epoch: RelayEpoch::from_bytes([11; 16]),
        position: Position {
            stream,
            rseq: 12,
            hash: StreamHash::from_bytes([13; 32]),
        },
    };
    let content = content();
    let pack = seal(&epochs, &keys, address, &content).expect("what is made here is valid");
    let signed = Signed::<Manifest>::parse(&pack.manifest).expect("what is made here is valid");
    let manifest = signed
        .verify(&keys.verify_key())
        .expect("what is made here is valid")
        .into_body();
    let opened = open(&epochs, &manifest, 0, &pack.chunks[0]).expect("what is made here is valid");
    assert_eq!(*opened, content);
    let mut reader = ContentReader::default();
    assert_eq!(
        reader
            .feed(&opened)
            .expect("what is made here is valid")
            .len(),
        4
    );
    assert_eq!(reader.finish(), Ok(()));
    let order = |order| {
        ControlOrder {
            order,
            relay_epoch: address.relay_epoch,
            stream,
            device: address.device,
            pack: blob_name(&pack.manifest),
        }
        .sign(&keys)
    };
    let name = |name: BlobName| name.as_bytes().to_vec();
    vec![
        ("calendar-id", calendar.id().as_bytes().to_vec()),
        ("epoch-1-secret", secret.expose().to_vec()),
        ("verify-key", keys.verify_key().as_bytes().to_vec()),
        ("content", content),
        ("chunk-name", name(blob_name(&pack.chunks[0]))),
        ("chunk-start", pack.chunks[0][..64].to_vec()),
        ("manifest-name", name(blob_name(&pack.manifest))),
        ("confirm", order(Order::Confirm)),
        ("drop", order(Order::Drop)),
        ("manifest", pack.manifest),
    ]
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/vectors/pack.txt")
}

#[test]
fn packs_are_laid_out_as_before() {
    let mut text =
        "# Golden vectors of packs, version 1: name and bytes, as docs/protocol.md lays \
                    them out.\n# Written by crates/crypto/tests/pack_vectors.rs from fixed \
                    seeds.\n"
            .to_owned();
    for (name, bytes) in build() {
        let _ = write!(text, "{name} ");
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
    }
    if std::env::var_os("ALMANAC_WRITE_VECTORS").is_some() {
        std::fs::write(path(), &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path()).unwrap(), text);
}
