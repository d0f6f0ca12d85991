//! People with devices, who share a calendar.

use std::collections::BTreeMap;
use std::convert::Infallible;

use almanac_crypto::epoch::{first_epoch, next_epoch};
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::{new_account, next_puk};
use almanac_crypto::seal::seal_epoch_boxes;
use almanac_crypto::secret::{EpochSecret, PukSeed};
use almanac_protocol::ids::{AccountId, Signature};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountCut, AccountLog, CalendarCut, CalendarGenesis, CalendarLog, CalendarPurpose, Member,
    MemberChange, Revoke, RevokeReason, Role, possession_of_added_device,
};
use almanac_protocol::signed::Signer;
use rand_core::{TryCryptoRng, TryRng};

/// BLAKE3's output stream of a seed.
pub(crate) struct SeededRng(blake3::OutputReader);

impl SeededRng {
    pub(crate) fn new(seed: &str) -> Self {
        Self(blake3::Hasher::new().update(seed.as_bytes()).finalize_xof())
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}

/// One person: the keys of its first device, its log, its key.
pub(crate) struct Person {
    pub(crate) rng: SeededRng,
    pub(crate) keys: DeviceKeys,
    pub(crate) log: AccountLog,
    pub(crate) puk: PukSeed,
    pub(crate) links: Vec<Vec<u8>>,
}

impl Person {
    pub(crate) fn new(name: &str) -> Self {
        let mut rng = SeededRng::new(name);
        let keys = DeviceKeys::generate(&mut rng);
        let (puk, link) = new_account(&mut rng, &keys, 1_700_000_000_000);
        let log = AccountLog::begin(&link).unwrap();
        Self {
            rng,
            keys,
            log,
            puk,
            links: vec![link],
        }
    }

    pub(crate) fn id(&self) -> AccountId {
        self.log.id()
    }

    pub(crate) fn take(&mut self, link: Vec<u8>) {
        self.log.append(&link).unwrap();
        self.links.push(link);
    }

    /// A further device.
    pub(crate) fn add_device(&mut self) -> DeviceKeys {
        let added = DeviceKeys::generate(&mut self.rng);
        let possession = self.possession(&added);
        let link = self
            .log
            .add_device(&self.keys, added.bundle(), &possession, 5)
            .unwrap();
        self.take(link);
        added
    }

    pub(crate) fn possession(&self, added: &DeviceKeys) -> Signature {
        let body = possession_of_added_device(&self.id(), self.log.count(), added.bundle());
        added.sign(Purpose::DevicePossession, &body)
    }

    /// A device is gone, and the key with it.
    pub(crate) fn revoke(&mut self, device: &DeviceKeys) {
        self.revoke_up_to(device, Vec::new());
    }

    /// The same, where its lives end.
    pub(crate) fn revoke_up_to(&mut self, device: &DeviceKeys, cuts: Vec<AccountCut>) {
        let device = device.device_id();
        let remain = self.log.in_force().map(|device| device.id);
        let remain = remain.filter(|id| *id != device).collect();
        let (seed, rotation) = next_puk(&mut self.rng, &self.log, &self.puk, remain).unwrap();
        let revoke = Revoke {
            device,
            reason: RevokeReason::Stolen,
            cuts,
            rotation,
        };
        let link = self.log.revoke(&self.keys, &revoke, 6).unwrap();
        self.take(link);
        self.puk = seed;
    }
}

/// A calendar, the newest secret, and everyone's logs.
pub(crate) struct Shared {
    pub(crate) rng: SeededRng,
    pub(crate) log: CalendarLog,
    pub(crate) accounts: BTreeMap<AccountId, AccountLog>,
    pub(crate) secrets: Vec<EpochSecret>,
    pub(crate) links: Vec<Vec<u8>>,
}

impl Shared {
    pub(crate) fn new(owner: &Person) -> Self {
        let mut rng = SeededRng::new("shared");
        let salt = [0x5A; 32];
        let member = Member {
            account: owner.id(),
            puk_generation: owner.log.puk_now().generation,
            role: Role::Owner,
        };
        let (secret, rotation) = first_epoch(&mut rng, &salt, member);
        let genesis = CalendarGenesis {
            salt,
            purpose: CalendarPurpose::Calendar,
            rotation,
        };
        let link = genesis
            .build(&owner.keys, &owner.log, 1_700_000_000_001)
            .unwrap();
        let log = CalendarLog::begin(&link, &owner.log).unwrap();
        Self {
            rng,
            log,
            accounts: BTreeMap::from([(owner.id(), owner.log.clone())]),
            secrets: vec![secret],
            links: vec![link],
        }
    }

    pub(crate) fn newest(&self) -> &EpochSecret {
        self.secrets.last().unwrap()
    }

    /// Everyone else hears of a person's log.
    pub(crate) fn meet(&mut self, person: &Person) {
        self.accounts.insert(person.id(), person.log.clone());
    }

    pub(crate) fn take(&mut self, link: Vec<u8>) {
        self.log.append(&link, &self.accounts).unwrap();
        self.links.push(link);
    }

    /// An owner gives a person another role, or none.
    pub(crate) fn give(&mut self, by: &Person, person: &Person, role: Option<Role>) {
        self.give_up_to(by, person, role, Vec::new());
    }

    /// The same, where the lives of the person's devices end.
    pub(crate) fn give_up_to(
        &mut self,
        by: &Person,
        person: &Person,
        role: Option<Role>,
        cuts: Vec<CalendarCut>,
    ) {
        self.meet(by);
        self.meet(person);
        let account = person.id();
        let lowers = role < self.log.role(&account);
        let rotation = lowers.then(|| self.next(Some((account, role))));
        let change = MemberChange {
            account,
            role,
            view: person.log.view(),
            invite: None,
            cuts,
            rotation: rotation.as_ref().map(|(_, section)| section.clone()),
        };
        let link = self
            .log
            .change_member(&by.keys, &by.log, &change, 9)
            .unwrap();
        self.take(link);
        self.secrets.extend(rotation.map(|(secret, _)| secret));
    }

    /// A writer begins an epoch.
    pub(crate) fn rotate(&mut self, by: &Person) {
        self.meet(by);
        let (secret, section) = self.next(None);
        let link = self.log.rotate(&by.keys, &by.log, &section, 9).unwrap();
        self.take(link);
        self.secrets.push(secret);
    }

    pub(crate) fn next(
        &mut self,
        change: Option<(AccountId, Option<Role>)>,
    ) -> (EpochSecret, almanac_protocol::membership::RotationSection) {
        let members = self.log.next_members(change, &self.accounts).unwrap();
        let newest = self.secrets.last().unwrap().clone();
        next_epoch(&mut self.rng, &self.log, &newest, members).unwrap()
    }

    pub(crate) fn boxes(&mut self) -> Vec<Vec<u8>> {
        let newest = self.newest().clone();
        seal_epoch_boxes(&mut self.rng, &self.log, &self.accounts, &newest).unwrap()
    }
}
