//! What a passphrase costs whoever tries one: Argon2id (RFC 9106), version 1.3.
//!
//! The cost stands in the file the passphrase guards. It is bounded from below, so that no file asks
//! for less than protects, and from above before any work, so that none asks for more than a machine
//! has.

use almanac_protocol::defence::Defence;
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;
use zeroize::Zeroizing;

const MEMORY_KIB_MIN: u32 = 64 * 1024;
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MIN: u32 = 3;
const PASSES_MAX: u32 = 16;
const LANES_MIN: u8 = 1;
const LANES_MAX: u8 = 4;

/// A cost below what protects or above what is affordable. No work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the cost of the passphrase is out of bounds")]
pub struct CostError;

/// What Argon2id spends on a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u8,
}

impl Cost {
    /// About a second on a laptop: 256 MiB, three passes.
    pub const USUAL: Self = Self {
        memory_kib: 256 * 1024,
        passes: 3,
        lanes: 1,
    };
    /// The least that is accepted: 64 MiB, three passes.
    pub const LEAST: Self = Self {
        memory_kib: MEMORY_KIB_MIN,
        passes: PASSES_MIN,
        lanes: 1,
    };
    /// Where there is no passphrase.
    pub(crate) const NONE: Self = Self {
        memory_kib: 0,
        passes: 0,
        lanes: 0,
    };

    /// Whether the cost protects and is affordable.
    pub fn check(self) -> Result<(), CostError> {
        let fits = (MEMORY_KIB_MIN..=MEMORY_KIB_MAX).contains(&self.memory_kib)
            && (PASSES_MIN..=PASSES_MAX).contains(&self.passes)
            && (LANES_MIN..=LANES_MAX).contains(&self.lanes);
        if fits || !Defence::CostBounds.stands() {
            Ok(())
        } else {
            Err(CostError)
        }
    }

    /// The key of a passphrase. Blocks for as long as the cost says.
    pub(crate) fn stretch(
        self,
        passphrase: &str,
        salt: &[u8; 32],
    ) -> Result<Zeroizing<[u8; 32]>, CostError> {
        self.check()?;
        let lanes = u32::from(self.lanes);
        let params = Params::new(self.memory_kib, self.passes, lanes, Some(32));
        let params = params.map_err(|_| CostError)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, &mut key[..])
            .map_err(|_| CostError)?;
        Ok(key)
    }
}
