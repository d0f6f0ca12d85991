//! Somebody with keys: what is signed and sealed has to be, or no input gets past the first check.

use std::convert::Infallible;
use std::sync::LazyLock;

use almanac_crypto::epoch::{EpochKeys, first_epoch};
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::{PukSeeds, new_account};
use almanac_crypto::seal::EpochGrant;
use almanac_crypto::secret::EpochSecret;
use almanac_protocol::frame::STREAM_MAIN;
use almanac_protocol::ids::Incarnation;
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role,
};
use almanac_protocol::message::Stream;
use rand_core::{TryCryptoRng, TryRng};

/// The same bytes in every run.
#[derive(Debug)]
pub struct Rng(Box<blake3::OutputReader>);

impl Rng {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        Self(Box::new(
            blake3::Hasher::new().update(&[seed]).finalize_xof(),
        ))
    }
}

impl TryRng for Rng {
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

impl TryCryptoRng for Rng {}

/// One account with one device and one calendar.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Ada {
    /// Her device's keys.
    pub keys: DeviceKeys,
    /// Her account's log: a genesis.
    pub account: AccountLog,
    /// Her calendar's log: a genesis.
    pub calendar: CalendarLog,
    /// What opens the calendar.
    pub epochs: EpochKeys,
    /// The life her device is in.
    pub incarnation: Incarnation,
    /// What opens what is sealed to her account.
    pub puk: PukSeeds,
    /// The secret of her calendar.
    pub secret: EpochSecret,
}

impl Ada {
    /// The main stream of her calendar.
    #[must_use]
    pub fn stream(&self) -> Stream {
        Stream {
            calendar: self.calendar.id(),
            kind: STREAM_MAIN,
        }
    }
}

/// The only one there is.
pub static ADA: LazyLock<Ada> = LazyLock::new(|| {
    let mut rng = Rng::new(1);
    let keys = DeviceKeys::generate(&mut rng);
    let (seed, link) = new_account(&mut rng, &keys, 1);
    let account = AccountLog::begin(&link).expect("a fresh account is valid");
    let puk = PukSeeds::open(&account, seed).expect("her own seed");
    let salt = [7; 32];
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
    let link = genesis
        .build(&keys, &account, 2)
        .expect("her device may sign");
    let calendar = CalendarLog::begin(&link, &account).expect("a fresh calendar is valid");
    let epochs =
        EpochKeys::open(&calendar, 1, EpochGrant::Full(secret.clone())).expect("its own secret");
    Ada {
        keys,
        account,
        calendar,
        epochs,
        incarnation: Incarnation::from_bytes([1; 8]),
        puk,
        secret,
    }
});

/// Somebody else: one account with one device.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Person {
    /// The device's keys.
    pub keys: DeviceKeys,
    /// The account's log: a genesis.
    pub account: AccountLog,
}

impl Person {
    /// The person of a seed other than Ada's, which is 1.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let mut rng = Rng::new(seed);
        let keys = DeviceKeys::generate(&mut rng);
        let (_, link) = new_account(&mut rng, &keys, 1);
        let account = AccountLog::begin(&link).expect("a fresh account is valid");
        Self { keys, account }
    }
}

/// Writes `bytes` over `target` from `at` on, as far as it reaches: what an input cannot guess.
pub fn set(target: &mut [u8], at: usize, bytes: &[u8]) {
    for (place, byte) in target.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}
