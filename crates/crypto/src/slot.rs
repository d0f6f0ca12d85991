//! The slot: a small file that guards the key of the database.
//!
//! What opens it is the keychain, a passphrase, or both. The cost of the passphrase's derivation
//! is in the file, bounded from below and above before any work, and authenticated.

use almanac_protocol::codec::{CodecError, Reader, Writer};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, TAG_BYTES, open_secret, random_nonce, seal};
use crate::label::{DATABASE_KEK, derive};
pub use crate::passphrase::Cost;
use crate::passphrase::CostError;
use crate::secret::{DatabaseKey, KeychainSecret};

/// Bytes of a slot file.
pub const SLOT_BYTES: usize = HEADER_BYTES + 32 + TAG_BYTES;
const HEADER_BYTES: usize = 72;
const MAGIC: [u8; 4] = *b"ALsl";
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// Why a slot does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SlotError {
    /// A field is cut off, or bytes follow the last.
    #[error("the slot has another length: {0}")]
    Length(#[from] CodecError),
    /// The bytes do not begin like a slot.
    #[error("this is no slot")]
    Magic,
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a slot: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// A byte that is no mode.
    #[error("slot mode {0}")]
    Mode(u8),
    /// The slot opens in another way than was tried.
    #[error("the slot opens in another way")]
    OtherMode,
    /// A cost below what protects or above what is affordable. No work was done.
    #[error("the cost of the passphrase is out of bounds")]
    Cost,
    /// The passphrase or the keychain's secret is another, or a byte is.
    #[error("the slot does not open")]
    Refused,
}

/// What opens a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotMode {
    /// The keychain alone.
    Keychain,
    /// The keychain and a passphrase.
    KeychainAndPassphrase,
    /// A passphrase alone, where there is no keychain.
    Passphrase,
}

impl SlotMode {
    const fn number(self) -> u8 {
        match self {
            Self::Keychain => 1,
            Self::KeychainAndPassphrase => 2,
            Self::Passphrase => 3,
        }
    }

    const fn from_number(number: u8) -> Result<Self, SlotError> {
        match number {
            1 => Ok(Self::Keychain),
            2 => Ok(Self::KeychainAndPassphrase),
            3 => Ok(Self::Passphrase),
            other => Err(SlotError::Mode(other)),
        }
    }
}

/// The secrets that open a slot of one mode.
pub enum Unlock<'a> {
    /// The keychain's secret.
    Keychain(&'a KeychainSecret),
    /// The keychain's secret and the passphrase, as typed.
    KeychainAndPassphrase(&'a KeychainSecret, &'a str),
    /// The passphrase, as typed.
    Passphrase(&'a str),
}

impl Unlock<'_> {
    /// The mode these open.
    #[must_use]
    pub const fn mode(&self) -> SlotMode {
        match self {
            Self::Keychain(_) => SlotMode::Keychain,
            Self::KeychainAndPassphrase(..) => SlotMode::KeychainAndPassphrase,
            Self::Passphrase(_) => SlotMode::Passphrase,
        }
    }

    fn key(&self, cost: Cost, salt: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, SlotError> {
        Ok(match self {
            Self::Keychain(keychain) => derive(DATABASE_KEK, &[keychain.expose()]),
            Self::KeychainAndPassphrase(keychain, passphrase) => {
                let stretched = cost.stretch(passphrase, salt)?;
                derive(DATABASE_KEK, &[keychain.expose(), &stretched[..]])
            }
            Self::Passphrase(passphrase) => {
                derive(DATABASE_KEK, &[&cost.stretch(passphrase, salt)?[..]])
            }
        })
    }
}

impl std::fmt::Debug for Unlock<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Unlock").field(&self.mode()).finish()
    }
}

/// The file that lets `unlock` reach `key`. The cost is that of the passphrase; a keychain has
/// none. Blocks for as long as the cost says: not for a thread that draws.
pub fn write_slot(
    rng: &mut impl CryptoRng,
    key: &DatabaseKey,
    unlock: &Unlock<'_>,
    cost: Cost,
) -> Result<Vec<u8>, SlotError> {
    let mode = unlock.mode();
    let mut salt = [0; 32];
    let cost = if mode == SlotMode::Keychain {
        Cost::NONE
    } else {
        cost
    };
    if mode != SlotMode::Keychain {
        rng.fill_bytes(&mut salt);
    }
    check(cost, mode)?;
    let nonce = random_nonce(rng);
    let header = Writer::with_capacity(SLOT_BYTES)
        .bytes(&MAGIC)
        .u8(VERSION)
        .u8(SUITE)
        .u8(mode.number())
        .u32(cost.memory_kib)
        .u32(cost.passes)
        .u8(cost.lanes)
        .bytes(&salt)
        .bytes(&nonce)
        .finish();
    let sealed = seal(&*unlock.key(cost, &salt)?, &nonce, &header, key.expose());
    Ok([header, sealed].concat())
}

/// What opens the slot in these bytes: what to ask for.
pub fn slot_mode(bytes: &[u8]) -> Result<SlotMode, SlotError> {
    Slot::parse(bytes).map(|slot| slot.mode)
}

/// The same, and what a guess at the passphrase costs where there is one.
pub fn slot_guard(bytes: &[u8]) -> Result<(SlotMode, Option<Cost>), SlotError> {
    let slot = Slot::parse(bytes)?;
    let cost = Some(slot.cost).filter(|cost| *cost != Cost::NONE);
    Ok((slot.mode, cost))
}

/// The key in the slot. Blocks for as long as its cost says.
pub fn open_slot(bytes: &[u8], unlock: &Unlock<'_>) -> Result<DatabaseKey, SlotError> {
    let slot = Slot::parse(bytes)?;
    if slot.mode != unlock.mode() {
        return Err(SlotError::OtherMode);
    }
    let key = unlock.key(slot.cost, &slot.salt)?;
    open_secret(&key, &slot.nonce, slot.header, slot.sealed)
        .map(DatabaseKey::from)
        .map_err(|_| SlotError::Refused)
}

/// A keychain costs nothing, a passphrase something within bounds.
fn check(cost: Cost, mode: SlotMode) -> Result<(), SlotError> {
    if mode == SlotMode::Keychain {
        return if cost == Cost::NONE {
            Ok(())
        } else {
            Err(SlotError::Cost)
        };
    }
    Ok(cost.check()?)
}

impl From<CostError> for SlotError {
    fn from(_: CostError) -> Self {
        Self::Cost
    }
}

struct Slot<'a> {
    mode: SlotMode,
    cost: Cost,
    salt: [u8; 32],
    nonce: [u8; NONCE_BYTES],
    header: &'a [u8],
    sealed: &'a [u8],
}

impl<'a> Slot<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, SlotError> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != MAGIC {
            return Err(SlotError::Magic);
        }
        let [version, suite, mode] = reader.array()?;
        if version != VERSION {
            return Err(SlotError::Version(version));
        }
        if suite != SUITE {
            return Err(SlotError::Suite(suite));
        }
        let mode = SlotMode::from_number(mode)?;
        let cost = Cost {
            memory_kib: reader.u32()?,
            passes: reader.u32()?,
            lanes: reader.u8()?,
        };
        check(cost, mode)?;
        let salt: [u8; 32] = reader.array()?;
        if mode == SlotMode::Keychain && salt != [0; 32] {
            return Err(SlotError::Cost);
        }
        let nonce = reader.array()?;
        let header = Reader::new(bytes).bytes(HEADER_BYTES)?;
        let sealed = reader.bytes(32 + TAG_BYTES)?;
        reader.end()?;
        Ok(Self {
            mode,
            cost,
            salt,
            nonce,
            header,
            sealed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    fn keychain(byte: u8) -> KeychainSecret {
        KeychainSecret::from_bytes([byte; 32])
    }

    fn key() -> DatabaseKey {
        DatabaseKey::from_bytes([3; 32])
    }

    fn slot(unlock: &Unlock<'_>) -> Vec<u8> {
        write_slot(&mut SeededRng::new(1), &key(), unlock, Cost::LEAST).unwrap()
    }

    #[test]
    fn each_mode_opens_with_its_own_secrets() {
        let (right, wrong) = (keychain(4), keychain(5));
        let plain = slot(&Unlock::Keychain(&right));
        assert_eq!(plain.len(), SLOT_BYTES);
        assert_eq!(plain[7..48], [0; 41]);
        assert_eq!(slot_mode(&plain), Ok(SlotMode::Keychain));
        assert_eq!(open_slot(&plain, &Unlock::Keychain(&right)), Ok(key()));
        assert_eq!(
            open_slot(&plain, &Unlock::Keychain(&wrong)),
            Err(SlotError::Refused)
        );
        let phrase = Unlock::Passphrase("correct horse");
        assert_eq!(open_slot(&plain, &phrase), Err(SlotError::OtherMode));

        let both = slot(&Unlock::KeychainAndPassphrase(&right, "correct horse"));
        let open =
            |secret, phrase| open_slot(&both, &Unlock::KeychainAndPassphrase(secret, phrase));
        assert_eq!(open(&right, "correct horse"), Ok(key()));
        assert_eq!(open(&right, "wrong horse"), Err(SlotError::Refused));
        assert_eq!(open(&wrong, "correct horse"), Err(SlotError::Refused));

        let alone = slot(&phrase);
        assert_eq!(open_slot(&alone, &phrase), Ok(key()));
        let other = Unlock::Passphrase("wrong horse");
        assert_eq!(open_slot(&alone, &other), Err(SlotError::Refused));
    }

    #[test]
    fn costs_out_of_bounds_cost_nothing() {
        let phrase = Unlock::Passphrase("correct horse");
        let good = slot(&phrase);
        for (at, bytes) in [
            (7, 8_u32.to_be_bytes()),
            (7, u32::MAX.to_be_bytes()),
            (11, 2_u32.to_be_bytes()),
            (11, 17_u32.to_be_bytes()),
            (11, u32::MAX.to_be_bytes()),
        ] {
            let mut bent = good.clone();
            bent[at..at + 4].copy_from_slice(&bytes);
            assert_eq!(
                open_slot(&bent, &phrase),
                Err(SlotError::Cost),
                "{bytes:?} at {at}"
            );
        }
        for lanes in [0, 5, 255] {
            let mut bent = good.clone();
            bent[15] = lanes;
            assert_eq!(
                open_slot(&bent, &phrase),
                Err(SlotError::Cost),
                "{lanes} lanes"
            );
        }
        let cheap = Cost {
            memory_kib: 1024,
            ..Cost::LEAST
        };
        let made = write_slot(&mut SeededRng::new(1), &key(), &phrase, cheap);
        assert_eq!(made, Err(SlotError::Cost));
    }

    #[test]
    fn every_byte_of_a_slot_matters() {
        let secret = keychain(4);
        let unlock = Unlock::Keychain(&secret);
        let good = slot(&unlock);
        for at in 0..good.len() {
            let mut bent = good.clone();
            bent[at] ^= 1;
            assert!(open_slot(&bent, &unlock).is_err(), "byte {at}");
        }
        assert!(open_slot(&good[..119], &unlock).is_err());
        assert!(open_slot(&[&good[..], &[0]].concat(), &unlock).is_err());
    }

    #[test]
    fn the_cost_is_authenticated() {
        let phrase = Unlock::Passphrase("correct horse");
        let mut bent = slot(&phrase);
        bent[11..15].copy_from_slice(&4_u32.to_be_bytes());
        assert_eq!(open_slot(&bent, &phrase), Err(SlotError::Refused));
    }
}
