//! Ada, her calendar, and what the attacks need of both.

use std::convert::Infallible;

use almanac_crypto::envelope;
use almanac_crypto::epoch::{EpochKeys, first_epoch};
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::new_account;
use almanac_crypto::seal::{EpochGrant, seal_epoch_box};
use almanac_crypto::secret::{EpochSecret, PukSeed};
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{
    Frame, FrameError, FrameType, ListedChange, STREAM_MAIN, changes_body,
};
use almanac_protocol::ids::{ChangeHash, DocumentId, FrameHash, Incarnation};
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role,
};
use almanac_protocol::message::Stream;
use almanac_protocol::signed::{Signed, Signer, Verified};
use automerge::{ActorId, AutoCommit, Change};
use rand_core::{TryCryptoRng, TryRng};

/// A random source: BLAKE3's output stream of a seed, or one that has died.
pub(crate) enum TestRng {
    Seeded(Box<blake3::OutputReader>),
    Dead,
}

impl TestRng {
    pub(crate) fn new(seed: u8) -> Self {
        Self::Seeded(Box::new(
            blake3::Hasher::new().update(&[seed]).finalize_xof(),
        ))
    }
}

impl TryRng for TestRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        match self {
            Self::Seeded(stream) => stream.fill(bytes),
            Self::Dead => bytes.fill(0),
        }
        Ok(())
    }
}

impl TryCryptoRng for TestRng {}

/// A calendar of Ada's and the secrets she holds of it.
pub(crate) struct Calendar {
    pub(crate) log: CalendarLog,
    pub(crate) secret: EpochSecret,
    pub(crate) keys: EpochKeys,
}

impl Calendar {
    pub(crate) fn stream(&self) -> Stream {
        Stream {
            calendar: self.log.id(),
            kind: STREAM_MAIN,
        }
    }
}

/// Ada: one account, one device.
pub(crate) struct Ada {
    pub(crate) rng: TestRng,
    pub(crate) keys: DeviceKeys,
    pub(crate) puk: PukSeed,
    pub(crate) account: AccountLog,
    pub(crate) genesis: Vec<u8>,
    pub(crate) incarnation: Incarnation,
}

impl Ada {
    pub(crate) fn new(seed: u8) -> Self {
        let mut rng = TestRng::new(seed);
        let keys = DeviceKeys::generate(&mut rng);
        let (puk, link) = new_account(&mut rng, &keys, 1);
        let account = AccountLog::begin(&link).expect("a fresh account is valid");
        Self {
            rng,
            keys,
            puk,
            account,
            genesis: link,
            incarnation: Incarnation::from_bytes([seed; 8]),
        }
    }

    pub(crate) fn member(&self) -> Member {
        Member {
            account: self.account.id(),
            puk_generation: 1,
            role: Role::Owner,
        }
    }

    pub(crate) fn calendar(&mut self, salt: u8) -> Calendar {
        let salt = [salt; 32];
        let member = self.member();
        let (secret, rotation) = first_epoch(&mut self.rng, &salt, member);
        let genesis = CalendarGenesis {
            salt,
            purpose: CalendarPurpose::Calendar,
            rotation,
        };
        let link = genesis
            .build(&self.keys, &self.account, 2)
            .expect("her device may sign");
        let log = CalendarLog::begin(&link, &self.account).expect("a fresh calendar is valid");
        let grant = EpochGrant::Full(secret.clone());
        let keys = EpochKeys::open(&log, 1, grant).expect("the secret is the log's");
        Calendar { log, secret, keys }
    }

    pub(crate) fn epoch_box(&mut self, calendar: &Calendar) -> Vec<u8> {
        let key = self.account.puk_now().seal_key.clone();
        let id = self.account.id();
        seal_epoch_box(&mut self.rng, &calendar.log, 1, &id, &key, &calendar.secret)
            .expect("she is a member")
    }

    pub(crate) fn frame(&self, calendar: &Calendar, seq: u64, hashes: &[ChangeHash]) -> Frame {
        let listed: Vec<_> = hashes
            .iter()
            .map(|hash| ListedChange {
                document: DocumentId::from_bytes([6; 16]),
                hash: *hash,
            })
            .collect();
        Frame {
            frame_type: FrameType::Changes,
            stream: calendar.stream(),
            author: self.keys.device_id(),
            incarnation: self.incarnation,
            seq,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: calendar.log.view(),
            account_view: self.account.view(),
            body: changes_body(&listed).expect("a short list"),
        }
    }

    pub(crate) fn address(&self, calendar: &Calendar, first_seq: u64) -> EnvelopeAddress {
        EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar: calendar.log.id(),
            epoch: 1,
            device: self.keys.device_id(),
            incarnation: self.incarnation,
            first_seq,
        }
    }

    /// A frame that lists `changes`, and the changes, as one envelope.
    pub(crate) fn envelope(
        &mut self,
        calendar: &Calendar,
        seq: u64,
        changes: &[Vec<u8>],
    ) -> Vec<u8> {
        let hashes: Vec<_> = changes.iter().map(|bytes| change_hash(bytes)).collect();
        let frame = self
            .frame(calendar, seq, &hashes)
            .sign(&self.keys)
            .expect("a valid frame");
        let address = self.address(calendar, seq);
        let content = [FrameWithChanges {
            frame,
            changes: changes.to_vec(),
        }];
        envelope::seal(&mut self.rng, &calendar.keys, &address, &content).expect("it fits")
    }

    pub(crate) fn verify(&self, bytes: &[u8]) -> Result<Verified<Frame>, FrameError> {
        Signed::<Frame>::parse(bytes)?.verify(&self.keys.verify_key())
    }

    pub(crate) fn document(&self, calendar: &Calendar) -> AutoCommit {
        let actor = self.frame(calendar, 1, &[]).actor();
        AutoCommit::new().with_actor(ActorId::from(actor))
    }
}

/// The hash of a change; of bytes that are none, a hash that nothing has.
pub(crate) fn change_hash(bytes: &[u8]) -> ChangeHash {
    let hash = Change::try_from(bytes).map_or([0; 32], |change| change.hash().0);
    ChangeHash::from_bytes(hash)
}

/// The newest change of a document.
pub(crate) fn newest(document: &mut AutoCommit) -> Change {
    document.commit();
    document.get_last_local_change().expect("a change was made")
}
