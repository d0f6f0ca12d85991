//! Accounts, calendars and a random source with a seed, for this crate's own tests.

use std::convert::Infallible;

use almanac_protocol::frame::{Frame, FrameType, ListedChange, STREAM_MAIN, changes_body};
use almanac_protocol::ids::{ChangeHash, DocumentId, FrameHash, Incarnation};
use almanac_protocol::membership::{
    AccountLog, CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role,
};
use almanac_protocol::message::Stream;
use rand_core::{TryCryptoRng, TryRng};

use crate::epoch::first_epoch;
use crate::keys::DeviceKeys;
use crate::puk::new_account;
use crate::secret::{EpochSecret, PukSeed};

/// BLAKE3's output stream of a seed.
pub(crate) struct SeededRng(blake3::OutputReader);

impl SeededRng {
    pub(crate) fn new(seed: u8) -> Self {
        Self(blake3::Hasher::new().update(&[seed]).finalize_xof())
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

/// An account with one device and one calendar.
pub(crate) struct Ada {
    pub(crate) rng: SeededRng,
    pub(crate) keys: DeviceKeys,
    pub(crate) puk: PukSeed,
    pub(crate) account: AccountLog,
    pub(crate) calendar: CalendarLog,
    pub(crate) secret: EpochSecret,
}

impl Ada {
    pub(crate) fn new(seed: u8) -> Self {
        let mut rng = SeededRng::new(seed);
        let keys = DeviceKeys::generate(&mut rng);
        let (puk, link) = new_account(&mut rng, &keys, 1);
        let account = AccountLog::begin(&link).unwrap();
        let (calendar, secret) = new_calendar(&mut rng, &keys, &account);
        Self {
            rng,
            keys,
            puk,
            account,
            calendar,
            secret,
        }
    }

    pub(crate) fn member(&self) -> Member {
        Member {
            account: self.account.id(),
            puk_generation: 1,
            role: Role::Owner,
        }
    }

    pub(crate) fn frame(&self, seq: u64, changes: &[ChangeHash]) -> Frame {
        let listed: Vec<_> = changes
            .iter()
            .map(|hash| ListedChange {
                document: DocumentId::from_bytes([6; 16]),
                hash: *hash,
            })
            .collect();
        Frame {
            frame_type: FrameType::Changes,
            stream: Stream {
                calendar: self.calendar.id(),
                kind: STREAM_MAIN,
            },
            author: self.keys.device_id(),
            incarnation: Incarnation::from_bytes([5; 8]),
            seq,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: self.calendar.view(),
            account_view: self.account.view(),
            body: changes_body(&listed).unwrap(),
        }
    }
}

fn new_calendar(
    rng: &mut SeededRng,
    keys: &DeviceKeys,
    owner: &AccountLog,
) -> (CalendarLog, EpochSecret) {
    let salt = [44; 32];
    let member = Member {
        account: owner.id(),
        puk_generation: 1,
        role: Role::Owner,
    };
    let (secret, rotation) = first_epoch(rng, &salt, member);
    let genesis = CalendarGenesis {
        salt,
        purpose: CalendarPurpose::Calendar,
        rotation,
    };
    let link = genesis.build(keys, owner, 2).unwrap();
    (CalendarLog::begin(&link, owner).unwrap(), secret)
}
