//! Packs by members who mean harm.

use almanac_crypto::epoch::first_epoch;
use almanac_crypto::gate::ELIDED_BYTES;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pack::seal;
use almanac_crypto::puk::new_account;
use almanac_crypto::seal::EpochGrant;
use almanac_protocol::actor::actor;
use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::ids::{RelayEpoch, Signature, StreamHash};
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role,
};
use almanac_protocol::message::{Position, Stream};
use almanac_protocol::pack::{ContentWriter, PackAddress};
use almanac_protocol::signed::Signer as _;
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};

use super::*;
use crate::entropy::SystemEntropy;

const DOCUMENT: DocumentId = DocumentId::from_bytes([6; 16]);

/// An author with a chain of frames, each listing one change.
struct Author {
    incarnation: Incarnation,
    changes: Vec<Vec<u8>>,
    frames: Vec<Vec<u8>>,
    head: ChainHead,
}

struct Scene {
    keys: DeviceKeys,
    epochs: EpochKeys,
    account: AccountLog,
    calendar: CalendarLog,
}

impl Scene {
    fn new() -> Self {
        let mut rng = SystemEntropy;
        let keys = DeviceKeys::generate(&mut rng);
        let (_, link) = new_account(&mut rng, &keys, 1);
        let account = AccountLog::begin(&link).unwrap();
        let salt = [1; 32];
        let owner = Member {
            account: account.id(),
            puk_generation: 1,
            role: Role::Owner,
        };
        let (secret, rotation) = first_epoch(&mut rng, &salt, owner);
        let genesis = CalendarGenesis {
            salt,
            purpose: CalendarPurpose::Calendar,
            rotation,
        };
        let genesis = genesis.build(&keys, &account, 2).unwrap();
        let calendar = CalendarLog::begin(&genesis, &account).unwrap();
        let epochs = EpochKeys::open(&calendar, 1, EpochGrant::Full(secret)).unwrap();
        Self {
            keys,
            epochs,
            account,
            calendar,
        }
    }

    fn stream(&self) -> Stream {
        Stream {
            calendar: self.calendar.id(),
            kind: STREAM_MAIN,
        }
    }

    /// An author of so many changes of one document, each in a frame of its own.
    fn author(&self, life: u8, count: u8) -> Author {
        let (calendar, device) = (self.calendar.id(), self.keys.device_id());
        let incarnation = Incarnation::from_bytes([life; 8]);
        let name = actor(&calendar, &device, &incarnation);
        let mut document = AutoCommit::new().with_actor(ActorId::from(name.as_slice()));
        let mut author = Author {
            incarnation,
            changes: vec![],
            frames: vec![],
            head: CHAIN_START,
        };
        for n in 0..count {
            document.put(ROOT, "title", i64::from(n)).unwrap();
            document.commit();
            let change = document.get_last_local_change().unwrap();
            let listed = ListedChange {
                document: DOCUMENT,
                hash: ChangeHash::from_bytes(change.hash().0),
            };
            let frame = Frame {
                frame_type: FrameType::Changes,
                stream: self.stream(),
                author: device,
                incarnation,
                seq: author.head.seq + 1,
                prev: author.head.hash,
                calendar_view: self.calendar.view(),
                account_view: self.account.view(),
                body: changes_body(&[listed]).unwrap(),
            };
            let bytes = frame.sign(&self.keys).unwrap();
            author.head = ChainHead {
                seq: frame.seq,
                hash: frame_hash(&bytes),
            };
            author.changes.push(change.raw_bytes().to_vec());
            author.frames.push(bytes);
        }
        author
    }

    fn start(&self, authors: &[&Author], changes: u32) -> Start {
        let device = self.keys.device_id();
        let ends = authors.iter().map(|a| (device, a.incarnation, a.head));
        Start {
            authors: ends.collect(),
            changes,
            near: 1,
        }
    }

    /// A frame of `author` as it stands in a pack.
    fn packed(&self, place: usize, frame: &[u8], body: PackedBody) -> PackedFrame {
        let (_, signature) = frame.split_last_chunk::<64>().unwrap();
        PackedFrame {
            author: place,
            frame_type: 1,
            calendar_view: self.calendar.view(),
            account_view: self.account.view(),
            body,
            signature: Signature::from_bytes(*signature),
        }
    }

    /// Reads a pack with this content, sealed and signed as by any member.
    fn read(&self, content: ContentWriter) -> std::result::Result<(Piece, Remains), BadPack> {
        let address = PackAddress {
            epoch: 1,
            device: self.keys.device_id(),
            relay_epoch: RelayEpoch::from_bytes([2; 16]),
            position: Position {
                stream: self.stream(),
                rseq: 3,
                hash: StreamHash::from_bytes([4; 32]),
            },
        };
        let pack = seal(&self.epochs, &self.keys, address, &content.finish()).unwrap();
        let signed = Signed::<Manifest>::parse(&pack.manifest).unwrap();
        let manifest = signed.verify(&self.keys.verify_key()).unwrap();
        let mut reading = Reading::new(manifest.into_body(), self.epochs.clone());
        let piece = reading.take(&pack.chunks[0])?;
        Ok((piece, reading.finish()?))
    }
}

fn add(content: &mut ContentWriter, changes: &[&[u8]]) {
    for change in changes {
        content.change(&DOCUMENT, &change[ELIDED_BYTES..]);
    }
}

fn listed(place: u32) -> PackedBody {
    PackedBody::Changes(vec![place])
}

#[test]
fn frames_come_out_as_they_were_signed() {
    let scene = Scene::new();
    let ada = scene.author(1, 2);
    let mut content = ContentWriter::new(&scene.start(&[&ada], 2));
    // In another order than that of the frames.
    add(&mut content, &[&ada.changes[1], &ada.changes[0]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(1)));
    content.frame(&scene.packed(0, &ada.frames[1], listed(0)));
    let (piece, remains) = scene.read(content).unwrap();
    let expected = ada.frames.iter().zip(&ada.changes);
    let expected: Vec<_> = expected
        .map(|(frame, change)| FrameWithChanges {
            frame: frame.clone(),
            changes: vec![change.clone()],
        })
        .collect();
    assert_eq!(piece.frames, expected);
    assert_eq!(piece.near.len(), 1);
    assert_eq!(piece.near[0].bytes, ada.changes[1]);
    assert_eq!(remains.heads.values().collect::<Vec<_>>(), [&ada.head]);
}

#[test]
fn an_invented_change_is_refused() {
    let scene = Scene::new();
    let (ada, mallory) = (scene.author(1, 1), scene.author(2, 1));
    let mut content = ContentWriter::new(&scene.start(&[&ada], 2));
    add(&mut content, &[&ada.changes[0], &mallory.changes[0]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(0)));
    assert_eq!(scene.read(content).err(), Some(BadPack::Invented));
}

#[test]
fn an_omitted_change_is_refused() {
    let scene = Scene::new();
    let ada = scene.author(1, 2);
    let body = |frame: &[u8]| {
        let frame = Frame::parse(&frame[..frame.len() - 64]).unwrap();
        PackedBody::Raw(frame.body)
    };
    let mut content = ContentWriter::new(&scene.start(&[&ada], 1));
    add(&mut content, &[&ada.changes[0]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(0)));
    content.frame(&scene.packed(0, &ada.frames[1], body(&ada.frames[1])));
    assert_eq!(scene.read(content).err(), Some(BadPack::Omitted));
    // Saying that there are fewer does not help, nor does saying that there are more.
    for changes in [0, 2] {
        let mut content = ContentWriter::new(&scene.start(&[&ada], changes));
        add(&mut content, &[&ada.changes[0]]);
        assert_eq!(scene.read(content).err(), Some(BadPack::Count));
    }
}

#[test]
fn omitted_frames_are_refused() {
    let scene = Scene::new();
    let ada = scene.author(1, 2);
    let mut content = ContentWriter::new(&scene.start(&[&ada], 1));
    add(&mut content, &[&ada.changes[0]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(0)));
    assert_eq!(scene.read(content).err(), Some(BadPack::Chain));
    // A chain that begins in the middle is another chain.
    let mut content = ContentWriter::new(&scene.start(&[&ada], 1));
    add(&mut content, &[&ada.changes[1]]);
    content.frame(&scene.packed(0, &ada.frames[1], listed(0)));
    assert_eq!(scene.read(content).err(), Some(BadPack::Chain));
}

#[test]
fn a_change_of_another_author_is_refused() {
    let scene = Scene::new();
    let (ada, bea) = (scene.author(1, 1), scene.author(2, 1));
    let mut content = ContentWriter::new(&scene.start(&[&ada, &bea], 2));
    add(&mut content, &[&ada.changes[0], &bea.changes[0]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(1)));
    content.frame(&scene.packed(1, &bea.frames[0], listed(0)));
    assert_eq!(scene.read(content).err(), Some(BadPack::Actor));
}

#[test]
fn a_rewritten_change_makes_another_frame() {
    let scene = Scene::new();
    let (ada, other) = (scene.author(1, 1), scene.author(1, 2));
    // The same author made it, and yet it is not what stands in this place of the chain.
    let mut content = ContentWriter::new(&scene.start(&[&ada], 1));
    add(&mut content, &[&other.changes[1]]);
    content.frame(&scene.packed(0, &ada.frames[0], listed(0)));
    assert_eq!(scene.read(content).err(), Some(BadPack::Chain));
}

#[test]
fn bytes_that_are_no_change_are_refused() {
    let scene = Scene::new();
    let ada = scene.author(1, 1);
    for bytes in [&[][..], &[1, 0xFF, 0xFF, 0xFF, 0x7F], &[0; 300]] {
        let mut content = ContentWriter::new(&scene.start(&[&ada], 1));
        content.change(&DOCUMENT, bytes);
        assert!(matches!(
            scene.read(content).err(),
            Some(BadPack::Change(_))
        ));
    }
}
