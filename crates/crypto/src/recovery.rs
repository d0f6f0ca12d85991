//! The recovery kit: 24 words that stand for one more device of the account, which signs its links
//! and nothing else.
//!
//! The words are 32 random bytes with a checksum (BIP-39, English). They are shown once and typed
//! back once; only then is the kit put in force. They are never stored.

use std::fmt;

use almanac_protocol::ids::{DeviceId, Signature};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    AccountLog, DeviceBundle, DeviceClass, ReplaceRecovery, co_sign_body,
    possession_of_added_device,
};
use almanac_protocol::signed::Signer;
use bip39::{Language, Mnemonic};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::keys::DeviceKeys;
use crate::label::{RECOVERY_SEALING_SEED, RECOVERY_SIGNING_SEED, derive};
use crate::puk::{PukError, next_puk};
use crate::secret::PukSeed;

/// Words of a kit.
pub const KIT_WORDS: usize = 24;

/// Why words are no kit, or not this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KitError {
    /// Another number of words.
    #[error("{0} words instead of 24")]
    Count(usize),
    /// A word that is in no kit.
    #[error("word {0} is in no kit")]
    Word(usize),
    /// All words exist, but not together: one of them is another, or two changed places.
    #[error("these words are no kit together")]
    Checksum,
    /// A kit, but another one.
    #[error("these are the words of another kit")]
    Other,
}

/// A kit that was shown and not typed back yet.
pub struct NewKit(RecoveryKit);

impl NewKit {
    /// A new kit.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut entropy = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut entropy[..]);
        Self(RecoveryKit::from_entropy(entropy))
    }

    /// The words, to be written down.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        self.0.words()
    }

    /// The kit, once its words were typed back. Otherwise it waits for another try.
    pub fn confirm(&self, typed: &str) -> Result<RecoveryKit, KitError> {
        let kit = RecoveryKit::from_words(typed)?;
        if kit.keys.device_id() == self.0.keys.device_id() {
            Ok(kit)
        } else {
            Err(KitError::Other)
        }
    }
}

/// A kit whose words someone has.
pub struct RecoveryKit {
    entropy: Zeroizing<[u8; 32]>,
    keys: DeviceKeys,
}

impl RecoveryKit {
    /// The kit of these words, in any case and with any spaces between them.
    pub fn from_words(typed: &str) -> Result<Self, KitError> {
        let typed = Zeroizing::new(typed.to_lowercase());
        let words: Vec<_> = typed.split_whitespace().collect();
        if words.len() != KIT_WORDS {
            return Err(KitError::Count(words.len()));
        }
        let is_unknown = |word: &&str| Language::English.find_word(word).is_none();
        if let Some(place) = words.iter().position(is_unknown) {
            return Err(KitError::Word(place + 1));
        }
        let text = Zeroizing::new(words.join(" "));
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &text)
            .map_err(|_| KitError::Checksum)?;
        let (mut bytes, length) = mnemonic.to_entropy_array();
        let entropy = bytes.get(..length).and_then(|e| e.first_chunk::<32>());
        let entropy = entropy.copied().map(Zeroizing::new);
        bytes.zeroize();
        entropy.map(Self::from_entropy).ok_or(KitError::Checksum)
    }

    /// The keys of the kit, of class 3.
    #[must_use]
    pub const fn keys(&self) -> &DeviceKeys {
        &self.keys
    }

    /// What puts this kit in force in `log`, with a new key for the account: the newest seed, and the
    /// fields of the link. `consent` is another device's [`co_sign`], where one is needed.
    pub fn put_in_force(
        &self,
        rng: &mut impl CryptoRng,
        log: &AccountLog,
        newest: &PukSeed,
        consent: Option<(DeviceId, Signature)>,
    ) -> Result<(PukSeed, ReplaceRecovery), PukError> {
        let bundle = self.keys.bundle();
        let devices = log.devices().iter().map(|device| device.id);
        let devices = devices.chain([self.keys.device_id()]).collect();
        let (seed, rotation) = next_puk(rng, log, newest, devices)?;
        let body = possession_of_added_device(&log.id(), log.count(), bundle);
        let replace = ReplaceRecovery {
            bundle: bundle.clone(),
            possession: self.keys.sign(Purpose::DevicePossession, &body),
            consent,
            rotation,
        };
        Ok((seed, replace))
    }

    fn from_entropy(entropy: Zeroizing<[u8; 32]>) -> Self {
        let sign = derive(RECOVERY_SIGNING_SEED, &[&entropy[..]]);
        let seal = derive(RECOVERY_SEALING_SEED, &[&entropy[..]]);
        let mut seeds = Zeroizing::new([0; 64]);
        for (byte, seed) in seeds.iter_mut().zip(sign.iter().chain(seal.iter())) {
            *byte = *seed;
        }
        let keys = DeviceKeys::of_class(DeviceClass::Recovery, &seeds);
        Self { entropy, keys }
    }

    fn words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, &self.entropy[..])
            .expect("32 bytes are 24 words");
        Zeroizing::new(mnemonic.to_string())
    }
}

/// A device's consent that the kit of `bundle` is put in force as the next link of `log`.
#[must_use]
pub fn co_sign(log: &AccountLog, keys: &DeviceKeys, bundle: &DeviceBundle) -> Signature {
    let body = co_sign_body(&log.id(), log.count(), &log.view().head, bundle);
    keys.sign(Purpose::CoSign, &body)
}

impl fmt::Debug for NewKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKit(..)")
    }
}

impl fmt::Debug for RecoveryKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecoveryKit")
            .field(&self.keys.device_id())
            .finish()
    }
}
