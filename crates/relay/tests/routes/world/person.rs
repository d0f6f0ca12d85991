//! People with real keys, real logs, and envelopes whose inside is noise.

use almanac_protocol::auth::auth_body;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeHeader, EnvelopeKind};
use almanac_protocol::ids::{
    AccountId, DeviceId, Incarnation, LinkHash, LogId, Signature, VerifyKey,
};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountGenesis, AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, DeviceBundle,
    DeviceClass, HistoryWrap, Member, PukGeneration, PukSection, ReplaceRecovery, Revoke,
    RevokeReason, Role, RotationSection, SealKey, link_hash, possession_of_added_device,
    possession_of_first_device,
};
use almanac_protocol::message::Stream;
use almanac_protocol::signed::{Signer, signature_body};
use ed25519_dalek::{Signer as _, SigningKey};

/// Someone with one device.
#[derive(Clone)]
pub(crate) struct Person {
    key: SigningKey,
    seed: u8,
    pub(crate) log: AccountLog,
    pub(crate) links: Vec<Vec<u8>>,
    pub(crate) device: DeviceId,
}

impl Signer for Person {
    fn verify_key(&self) -> VerifyKey {
        VerifyKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
        Signature::from_bytes(self.key.sign(&signature_body(purpose, body)).to_bytes())
    }
}

struct Key<'a>(&'a SigningKey);

impl Signer for Key<'_> {
    fn verify_key(&self) -> VerifyKey {
        VerifyKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(&signature_body(purpose, body)).to_bytes())
    }
}

fn bundle(key: &SigningKey, seed: u8) -> DeviceBundle {
    DeviceBundle {
        class: DeviceClass::Full,
        sign_key: Key(key).verify_key(),
        seal_key: SealKey::from_bytes([seed; SealKey::LEN]),
    }
}

impl Person {
    pub(crate) fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let bundle = bundle(&key, seed);
        let salt = [seed; 32];
        let possession = Key(&key).sign(
            Purpose::DevicePossession,
            &possession_of_first_device(&salt, &bundle),
        );
        let puk = PukGeneration {
            generation: 1,
            seal_key: SealKey::from_bytes([seed ^ 0xFF; SealKey::LEN]),
            commit: [seed; 32],
        };
        let device = bundle.device_id();
        let genesis = AccountGenesis {
            salt,
            bundle,
            possession,
            puk,
        }
        .build(&Key(&key), 0);
        let log = AccountLog::begin(&genesis).expect("a genesis");
        Self {
            key,
            seed,
            log,
            links: vec![genesis],
            device,
        }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.log.id()
    }

    /// A second device of the account, and the link that adds it.
    pub(crate) fn add_device(&mut self, seed: u8) -> (Self, Vec<u8>) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let bundle = bundle(&key, seed);
        let body = possession_of_added_device(&self.account(), self.log.count(), &bundle);
        let possession = Key(&key).sign(Purpose::DevicePossession, &body);
        let link = self
            .log
            .add_device(self, &bundle, &possession, 0)
            .expect("a link");
        self.log.append(&link).expect("it is valid");
        self.links.push(link.clone());
        let device = bundle.device_id();
        let second = Self {
            key,
            seed,
            log: self.log.clone(),
            links: self.links.clone(),
            device,
        };
        (second, link)
    }

    /// A recovery kit of the account, and the link that puts it in force.
    pub(crate) fn put_kit(&mut self, seed: u8) -> (Self, Vec<u8>) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let bundle = DeviceBundle {
            class: DeviceClass::Recovery,
            ..bundle(&key, seed)
        };
        let device = bundle.device_id();
        let body = possession_of_added_device(&self.account(), self.log.count(), &bundle);
        let replace = ReplaceRecovery {
            bundle,
            possession: Key(&key).sign(Purpose::DevicePossession, &body),
            consent: None,
            rotation: self.next_key(vec![self.device, device]),
        };
        let link = self
            .log
            .replace_recovery(self, &replace, 0)
            .expect("a link");
        self.take(&link);
        let kit = Self {
            key,
            seed,
            log: self.log.clone(),
            links: self.links.clone(),
            device,
        };
        (kit, link)
    }

    /// The link that revokes a device of the account.
    pub(crate) fn revoke(&mut self, device: DeviceId) -> Vec<u8> {
        let remain = self.log.in_force().map(|device| device.id);
        let remain = remain.filter(|id| *id != device).collect();
        let revoke = Revoke {
            device,
            reason: RevokeReason::Stolen,
            cuts: Vec::new(),
            rotation: self.next_key(remain),
        };
        let link = self.log.revoke(self, &revoke, 0).expect("a link");
        self.take(&link);
        link
    }

    /// A new key of the account, which nobody could use.
    fn next_key(&self, devices: Vec<DeviceId>) -> PukSection {
        let generation = self.log.puk_now().generation + 1;
        let noise = self.seed ^ u8::try_from(generation).expect("few keys");
        PukSection {
            puk: PukGeneration {
                generation,
                seal_key: SealKey::from_bytes([noise ^ 0x55; SealKey::LEN]),
                commit: [noise ^ 0x33; 32],
            },
            history: HistoryWrap::from_bytes([7; 72]),
            devices,
        }
    }

    /// Notes a link that the account now has.
    pub(crate) fn take(&mut self, link: &[u8]) {
        self.log.append(link).expect("it is valid");
        self.links.push(link.to_vec());
    }

    /// What a kit signs that comes in without naming its account.
    pub(crate) fn prove_as_kit(
        &self,
        origin: &str,
        client: &[u8; 32],
        relay: &[u8; 32],
    ) -> Signature {
        let nobody = AccountId::from_bytes([0; 32]);
        let body = auth_body(origin, client, relay, &nobody, &self.device);
        self.sign(Purpose::RelayAuth, &body.expect("a short origin"))
    }

    pub(crate) fn prove(&self, origin: &str, client: &[u8; 32], relay: &[u8; 32]) -> Signature {
        let body = auth_body(origin, client, relay, &self.account(), &self.device);
        self.sign(Purpose::RelayAuth, &body.expect("a short origin"))
    }

    /// A new calendar of this person.
    pub(crate) fn calendar(&self, salt: u8) -> Calendar {
        let genesis = CalendarGenesis {
            salt: [salt; 32],
            purpose: CalendarPurpose::Calendar,
            rotation: self.rotation(1),
        };
        let genesis = genesis.build(self, &self.log, 0).expect("a genesis");
        let log = CalendarLog::begin(&genesis, &self.log).expect("it is valid");
        Calendar { log, genesis }
    }

    fn rotation(&self, epoch: u32) -> RotationSection {
        let history = match epoch {
            1 => HistoryWrap::NONE,
            _ => HistoryWrap::from_bytes([7; 72]),
        };
        RotationSection {
            epoch,
            commit_main: [1; 32],
            commit_free_busy: [2; 32],
            history_main: history,
            history_free_busy: history,
            members: vec![Member {
                account: self.account(),
                puk_generation: self.log.puk_now().generation,
                role: Role::Owner,
            }],
        }
    }

    /// The link with which `calendar` enters its next epoch.
    pub(crate) fn rotate(&self, calendar: &Calendar) -> Vec<u8> {
        let next = calendar.log.epoch_now().section.epoch + 1;
        let link = calendar
            .log
            .rotate(self, &self.log, &self.rotation(next), 0);
        link.expect("a link")
    }

    /// A sealed envelope, as far as anyone without the key can tell.
    pub(crate) fn envelope(&self, calendar: &Calendar, first_seq: u64) -> Vec<u8> {
        self.envelope_of(calendar, first_seq, EnvelopeKind::Own, 1, 528)
    }

    pub(crate) fn envelope_of(
        &self,
        calendar: &Calendar,
        first_seq: u64,
        kind: EnvelopeKind,
        epoch: u32,
        body_bytes: u32,
    ) -> Vec<u8> {
        let address = EnvelopeAddress {
            kind,
            calendar: calendar.log.id(),
            epoch,
            device: self.device,
            incarnation: Incarnation::from_bytes([self.seed; 8]),
            first_seq,
        };
        let header = EnvelopeHeader {
            address,
            nonce: [9; 24],
            body_bytes,
        };
        let mut bytes = header.to_bytes();
        let size = bytes.len() + usize::try_from(body_bytes).expect("small");
        bytes.resize(size, self.seed);
        bytes
    }
}

/// A calendar with one member.
#[derive(Clone)]
pub(crate) struct Calendar {
    pub(crate) log: CalendarLog,
    pub(crate) genesis: Vec<u8>,
}

impl Calendar {
    pub(crate) fn log(&self) -> LogId {
        self.log.id().into()
    }

    pub(crate) fn head(&self) -> Option<LinkHash> {
        Some(link_hash(&self.genesis))
    }

    pub(crate) fn main(&self) -> Stream {
        Stream {
            calendar: self.log.id(),
            kind: 1,
        }
    }

    pub(crate) fn free_busy(&self) -> Stream {
        Stream {
            calendar: self.log.id(),
            kind: 2,
        }
    }
}
