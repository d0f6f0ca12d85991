//! Small secrets at rest inside the database: device keys, seeds, epoch secrets.
//!
//! The database is encrypted as a whole; this is the second skin, so that a secret never stands
//! in a row as it is, and cannot be moved to a row of another name.

use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, open, random_nonce, seal};
use crate::label::{STORED_SECRET, derive};
use crate::secret::DatabaseKey;

const VERSION: u8 = 1;

/// A wrapped secret that does not open: another database, another name, other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the stored secret does not open")]
pub struct KeepError;

/// Wraps and unwraps the secrets of one database.
#[derive(Clone)]
pub struct Keep(Box<Zeroizing<[u8; 32]>>);

impl Keep {
    /// The keep of the database with this key.
    #[must_use]
    pub fn new(key: &DatabaseKey) -> Self {
        Self(Box::new(derive(STORED_SECRET, &[key.expose()])))
    }

    /// The bytes to store under `name`.
    #[must_use]
    pub fn wrap(&self, rng: &mut impl CryptoRng, name: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = random_nonce(rng);
        let sealed = seal(&self.0, &nonce, name.as_bytes(), secret);
        [&[VERSION], &nonce[..], &sealed].concat()
    }

    /// The secret that was stored under `name`.
    pub fn unwrap(&self, name: &str, stored: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeepError> {
        let (&version, rest) = stored.split_first().ok_or(KeepError)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(KeepError)?;
        if version != VERSION {
            return Err(KeepError);
        }
        open(&self.0, nonce, name.as_bytes(), sealed).map_err(|_| KeepError)
    }
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keep(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    #[test]
    fn a_secret_opens_under_its_name_only() {
        let keep = Keep::new(&DatabaseKey::from_bytes([1; 32]));
        let stored = keep.wrap(&mut SeededRng::new(1), "device keys", b"secret");
        assert!(!stored.windows(6).any(|window| window == b"secret"));
        assert_eq!(
            keep.unwrap("device keys", &stored).unwrap().as_slice(),
            b"secret"
        );
        assert_eq!(keep.unwrap("puk 1", &stored), Err(KeepError));
        let other = Keep::new(&DatabaseKey::from_bytes([2; 32]));
        assert_eq!(other.unwrap("device keys", &stored), Err(KeepError));
        for at in 0..stored.len() {
            let mut bent = stored.clone();
            bent[at] ^= 1;
            assert_eq!(
                keep.unwrap("device keys", &bent),
                Err(KeepError),
                "byte {at}"
            );
        }
        assert_eq!(keep.unwrap("device keys", &[]), Err(KeepError));
    }
}
