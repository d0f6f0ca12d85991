//! The two key pairs of a device: one signs, one opens what is sealed to it.

use std::fmt;

use almanac_protocol::ids::{DeviceId, Signature, VerifyKey};
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{DeviceBundle, DeviceClass, SealKey};
use almanac_protocol::signed::{Signer, signature_body};
use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::seal::public_key;

/// The secret keys of a device. They leave it only into its own database, wrapped.
///
/// In one place of their own, so that no copy stays behind when the value moves.
#[derive(Clone)]
pub struct DeviceKeys {
    sign: Box<SigningKey>,
    seal_seed: Box<Zeroizing<[u8; 32]>>,
    bundle: DeviceBundle,
}

impl DeviceKeys {
    /// Keys of a new device.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        rng.fill_bytes(&mut bytes[..]);
        Self::from_secret_bytes(&bytes)
    }

    /// The keys that [`secret_bytes`](Self::secret_bytes) gave.
    #[must_use]
    pub fn from_secret_bytes(bytes: &[u8; 64]) -> Self {
        Self::of_class(DeviceClass::Full, bytes)
    }

    /// The keys of a recovery kit are made like those of a device and never taken for them.
    pub(crate) fn of_class(class: DeviceClass, bytes: &[u8; 64]) -> Self {
        let mut halves = Zeroizing::new([[0; 32]; 2]);
        for (half, part) in halves.iter_mut().zip(bytes.chunks_exact(32)) {
            half.copy_from_slice(part);
        }
        let [sign_seed, seal_seed] = &*halves;
        let sign = Box::new(SigningKey::from_bytes(sign_seed));
        let mut kept = Box::new(Zeroizing::new([0; 32]));
        kept.copy_from_slice(seal_seed);
        let bundle = DeviceBundle {
            class,
            sign_key: VerifyKey::from_bytes(sign.verifying_key().to_bytes()),
            seal_key: public_key(seal_seed),
        };
        Self {
            sign,
            seal_seed: kept,
            bundle,
        }
    }

    /// Both seeds, the signing one first: what the device keeps of itself.
    #[must_use]
    pub fn secret_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        let seeds = self.sign.as_bytes().iter().chain(self.seal_seed.iter());
        for (byte, seed) in bytes.iter_mut().zip(seeds) {
            *byte = *seed;
        }
        bytes
    }

    /// What others may know.
    #[must_use]
    pub const fn bundle(&self) -> &DeviceBundle {
        &self.bundle
    }

    /// The device's id.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.bundle.device_id()
    }

    /// The key to which others seal.
    #[must_use]
    pub const fn seal_key(&self) -> &SealKey {
        &self.bundle.seal_key
    }

    pub(crate) fn seal_seed(&self) -> &[u8; 32] {
        &self.seal_seed
    }
}

impl Signer for DeviceKeys {
    fn verify_key(&self) -> VerifyKey {
        self.bundle.sign_key
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
        Signature::from_bytes(self.sign.sign(&signature_body(purpose, body)).to_bytes())
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceKeys")
            .field(&self.device_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::signed::verify;

    use super::*;
    use crate::testing::SeededRng;

    #[test]
    fn keys_survive_their_bytes() {
        let keys = DeviceKeys::generate(&mut SeededRng::new(1));
        let again = DeviceKeys::from_secret_bytes(&keys.secret_bytes());
        assert_eq!(again.bundle(), keys.bundle());
        assert_eq!(again.secret_bytes(), keys.secret_bytes());
        let signature = again.sign(Purpose::Frame, b"body");
        assert_eq!(
            verify(Purpose::Frame, &keys.verify_key(), b"body", &signature),
            Ok(())
        );
    }

    #[test]
    fn keys_do_not_show_their_seeds() {
        let keys = DeviceKeys::from_secret_bytes(&[0xC5; 64]);
        assert!(!format!("{keys:?}").to_lowercase().contains("c5c5"));
    }
}
