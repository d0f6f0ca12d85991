//! The key of an account (the per-user key): calendars seal to it, and it is sealed to each device
//! of the account. A new device so needs no owner of any calendar.

use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{AccountGenesis, PukGeneration, possession_of_first_device};
use almanac_protocol::signed::Signer;
use rand_core::CryptoRng;

use crate::keys::DeviceKeys;
use crate::label::{PUK_COMMITMENT, derive};
use crate::seal::public_key;
use crate::secret::PukSeed;

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
    let puk = PukGeneration {
        generation: 1,
        seal_key: public_key(seed.expose()),
        commit: puk_commitment(&seed, &salt, 1),
    };
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

#[cfg(test)]
mod tests {
    use almanac_protocol::membership::AccountLog;

    use super::*;
    use crate::testing::SeededRng;

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
}
