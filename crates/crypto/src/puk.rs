//! The key of an account (the per-user key): calendars seal to it, and it is sealed to each device
//! of the account. A new device so needs no owner of any calendar.
//!
//! It is renewed whenever a device leaves. The newer seed leads back to the older ones, never
//! forward, so what was sealed before stays readable for those who remain.

use std::collections::BTreeMap;

use almanac_protocol::codec::Writer;
use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountGenesis, AccountLog, HISTORY_WRAP_BYTES, HistoryWrap, PukGeneration, PukSection,
    possession_of_first_device,
};
use almanac_protocol::signed::Signer;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, open_secret, random_nonce, seal};
use crate::keys::DeviceKeys;
use crate::label::{PUK_COMMITMENT, PUK_HISTORY_WRAP, derive};
use crate::seal::public_key;
use crate::secret::PukSeed;

/// Why the keys of an account could not be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PukError {
    /// The log has no such generation.
    #[error("the log has no generation {0} of the key")]
    Unknown(u32),
    /// The seed is not the one the log has committed to.
    #[error("the seed of generation {0} is not that of the log")]
    Commitment(u32),
    /// The way from this generation to the one before does not open.
    #[error("the history of generation {0} does not open")]
    History(u32),
}

/// The commitment to a seed. The genesis salt stands for the account's id, which is the hash of
/// the link that carries the first commitment.
#[must_use]
pub fn puk_commitment(seed: &PukSeed, salt: &[u8; 32], generation: u32) -> [u8; 32] {
    *derive(
        PUK_COMMITMENT,
        &[seed.expose(), salt, &generation.to_be_bytes()],
    )
}

/// A new account with one device: the seed of its first key, and the link that begins its log.
#[must_use]
pub fn new_account(
    rng: &mut impl CryptoRng,
    keys: &DeviceKeys,
    time_ms: u64,
) -> (PukSeed, Vec<u8>) {
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let seed = PukSeed::random(rng);
    let puk = public(&seed, &salt, 1);
    let bundle = keys.bundle().clone();
    let body = possession_of_first_device(&salt, &bundle);
    let possession = keys.sign(Purpose::DevicePossession, &body);
    let link = AccountGenesis {
        salt,
        bundle,
        possession,
        puk,
    }
    .build(keys, time_ms);
    (seed, link)
}

/// A new key for `devices`, which remain: its seed, and the section of the link that announces it.
/// `newest` is the seed in force.
pub fn next_puk(
    rng: &mut impl CryptoRng,
    log: &AccountLog,
    newest: &PukSeed,
    devices: Vec<DeviceId>,
) -> Result<(PukSeed, PukSection), PukError> {
    check(log, log.puk_now().generation, newest)?;
    next_puk_over_gap(rng, log, newest, devices)
}

/// The same where the seed in force is lost: whoever made it has left it to nobody. `held` is the
/// newest that is left, and the new one leads back to it.
pub fn next_puk_over_gap(
    rng: &mut impl CryptoRng,
    log: &AccountLog,
    held: &PukSeed,
    devices: Vec<DeviceId>,
) -> Result<(PukSeed, PukSection), PukError> {
    generation_of(log, held)?;
    let before = log.puk_now().generation;
    let generation = before.checked_add(1).ok_or(PukError::Unknown(before))?;
    let seed = PukSeed::random(rng);
    let section = PukSection {
        puk: public(&seed, log.salt(), generation),
        history: wrap(rng, &log.id(), generation, &seed, held),
        devices,
    };
    Ok((seed, section))
}

/// Of which generation of `log` this is the seed.
pub fn generation_of(log: &AccountLog, seed: &PukSeed) -> Result<u32, PukError> {
    let newest = log.puk_now().generation;
    newest_of(log, newest, seed).ok_or(PukError::Commitment(newest))
}

/// The seeds of an account that a device holds: the newest and all before it.
#[derive(Debug, Clone)]
pub struct PukSeeds(BTreeMap<u32, PukSeed>);

impl PukSeeds {
    /// Every seed of `log`, from the one in force. Each is compared with its commitment.
    pub fn open(log: &AccountLog, newest: PukSeed) -> Result<Self, PukError> {
        check(log, log.puk_now().generation, &newest)?;
        Self::held(log, newest)
    }

    /// The same from a seed that may not be the one in force: the newest that has come.
    pub fn held(log: &AccountLog, newest: PukSeed) -> Result<Self, PukError> {
        let mut seeds = BTreeMap::new();
        let mut number = generation_of(log, &newest)?;
        let mut seed = newest;
        while let Some(older) = older(log, number, &seed)? {
            // The one before, or, where that was lost, the newest before it that was not.
            let before = number.saturating_sub(1);
            let place = newest_of(log, before, &older).ok_or(PukError::Commitment(before))?;
            seeds.insert(number, seed);
            (number, seed) = (place, older);
        }
        seeds.insert(number, seed);
        Ok(Self(seeds))
    }

    /// The seed of a generation: what opens an epoch's box that was sealed to it.
    #[must_use]
    pub fn generation(&self, number: u32) -> Option<&PukSeed> {
        self.0.get(&number)
    }
}

fn public(seed: &PukSeed, salt: &[u8; 32], generation: u32) -> PukGeneration {
    PukGeneration {
        generation,
        seal_key: public_key(seed.expose()),
        commit: puk_commitment(seed, salt, generation),
    }
}

fn check(log: &AccountLog, number: u32, seed: &PukSeed) -> Result<(), PukError> {
    let known = log
        .puk_generation(number)
        .ok_or(PukError::Unknown(number))?;
    let found = puk_commitment(seed, log.salt(), number);
    if bool::from(found.as_slice().ct_eq(known.commit.as_slice())) {
        Ok(())
    } else {
        Err(PukError::Commitment(number))
    }
}

/// The newest generation up to `last` whose seed this is.
fn newest_of(log: &AccountLog, last: u32, seed: &PukSeed) -> Option<u32> {
    let mut numbers = (1..=last).rev();
    numbers.find(|number| check(log, *number, seed).is_ok())
}

fn wrap(
    rng: &mut impl CryptoRng,
    account: &AccountId,
    generation: u32,
    newer: &PukSeed,
    older: &PukSeed,
) -> HistoryWrap {
    let nonce = random_nonce(rng);
    let key = derive(PUK_HISTORY_WRAP, &[newer.expose()]);
    let sealed = seal(&key, &nonce, &wrap_aad(account, generation), older.expose());
    let mut bytes = [0; HISTORY_WRAP_BYTES];
    for (byte, part) in bytes.iter_mut().zip(nonce.iter().chain(&sealed)) {
        *byte = *part;
    }
    HistoryWrap::from_bytes(bytes)
}

/// The seed of the generation before, or `None` in the first.
fn older(log: &AccountLog, number: u32, newer: &PukSeed) -> Result<Option<PukSeed>, PukError> {
    if number == 1 {
        return Ok(None);
    }
    let refused = PukError::History(number);
    let wrap = log.puk_history(number).ok_or(refused)?;
    let (nonce, sealed) = wrap
        .as_bytes()
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(refused)?;
    let key: Zeroizing<[u8; 32]> = derive(PUK_HISTORY_WRAP, &[newer.expose()]);
    open_secret(&key, nonce, &wrap_aad(&log.id(), number), sealed)
        .map(|seed| Some(PukSeed::from(seed)))
        .map_err(|_| refused)
}

fn wrap_aad(account: &AccountId, generation: u32) -> Vec<u8> {
    Writer::default()
        .bytes(account.as_bytes())
        .u32(generation)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Ada, SeededRng};

    #[test]
    fn a_new_account_commits_to_its_key() {
        let mut rng = SeededRng::new(1);
        let keys = DeviceKeys::generate(&mut rng);
        let (seed, link) = new_account(&mut rng, &keys, 7);
        let log = AccountLog::begin(&link).unwrap();
        assert_eq!(log.puk_now().commit, puk_commitment(&seed, log.salt(), 1));
        assert_ne!(log.puk_now().commit, puk_commitment(&seed, log.salt(), 2));
        assert_ne!(log.puk_now().commit, puk_commitment(&seed, &[0; 32], 1));
    }

    /// An account whose key was renewed twice, and its seeds.
    fn renewed() -> (Ada, Vec<PukSeed>) {
        let mut ada = Ada::new(1);
        let mut seeds = vec![ada.puk.clone()];
        for _ in 0..2 {
            let newest = seeds.last().unwrap();
            let devices = vec![ada.keys.device_id()];
            let (seed, section) = next_puk(&mut ada.rng, &ada.account, newest, devices).unwrap();
            let link = ada.account.rotate_puk(&ada.keys, &section, 3).unwrap();
            ada.account.append(&link).unwrap();
            seeds.push(seed);
        }
        (ada, seeds)
    }

    #[test]
    fn the_newest_seed_opens_all_older_and_none_newer() {
        let (ada, seeds) = renewed();
        let opened = PukSeeds::open(&ada.account, seeds[2].clone()).unwrap();
        for (number, seed) in (1..).zip(&seeds) {
            assert_eq!(opened.generation(number), Some(seed));
        }
        assert_eq!(opened.generation(4), None);
        let older = PukSeeds::open(&ada.account, seeds[1].clone());
        assert_eq!(older.err(), Some(PukError::Commitment(3)));
        let mut ada = ada;
        let wrong = next_puk(&mut ada.rng, &ada.account, &seeds[1], Vec::new());
        assert_eq!(wrong.err(), Some(PukError::Commitment(3)));
    }

    #[test]
    fn a_lost_seed_is_passed_over_and_the_older_ones_are_reached() {
        let (mut ada, seeds) = renewed();
        // The third was left to nobody: what is held is the second.
        let devices = vec![ada.keys.device_id()];
        let held = &seeds[1];
        let (fourth, section) =
            next_puk_over_gap(&mut ada.rng, &ada.account, held, devices).unwrap();
        let link = ada.account.rotate_puk(&ada.keys, &section, 4).unwrap();
        ada.account.append(&link).unwrap();
        let opened = PukSeeds::open(&ada.account, fourth.clone()).unwrap();
        assert_eq!(opened.generation(4), Some(&fourth));
        assert_eq!(opened.generation(3), None);
        assert_eq!(opened.generation(2), Some(&seeds[1]));
        assert_eq!(opened.generation(1), Some(&seeds[0]));
        // Who has not been given the fourth yet still opens what was sealed before.
        let held = PukSeeds::held(&ada.account, seeds[1].clone()).unwrap();
        assert_eq!(held.generation(1), Some(&seeds[0]));
        assert_eq!(generation_of(&ada.account, &seeds[1]), Ok(2));
        let strange = PukSeed::from_bytes([9; 32]);
        let wrong = next_puk_over_gap(&mut ada.rng, &ada.account, &strange, Vec::new());
        assert_eq!(wrong.err(), Some(PukError::Commitment(4)));
    }

    #[test]
    fn a_wrap_of_another_account_or_generation_does_not_open() {
        let (ada, seeds) = renewed();
        let mut rng = SeededRng::new(9);
        let id = AccountId::from_bytes([8; 32]);
        for (account, generation) in [(id, 3), (ada.account.id(), 2)] {
            let fresh = PukSeed::from_bytes([0xF1; 32]);
            let section = PukSection {
                puk: public(&fresh, ada.account.salt(), 4),
                history: wrap(&mut rng, &account, generation, &fresh, &seeds[2]),
                devices: vec![ada.keys.device_id()],
            };
            let link = ada.account.rotate_puk(&ada.keys, &section, 3).unwrap();
            let mut log = ada.account.clone();
            log.append(&link).unwrap();
            let opened = PukSeeds::open(&log, fresh);
            assert_eq!(opened.err(), Some(PukError::History(4)));
        }
    }
}
