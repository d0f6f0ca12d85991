//! Secrets of 32 bytes, each its own type: none is shown, compared early or left in memory.
//!
//! The bytes lie in one place of their own: a value that is moved would otherwise leave a copy behind
//! that nobody wipes.

use std::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Box<Zeroizing<[u8; 32]>>);

        impl $name {
            /// A new secret.
            #[must_use]
            pub fn random(rng: &mut impl CryptoRng) -> Self {
                let mut bytes = Box::new(Zeroizing::new([0; 32]));
                rng.fill_bytes(&mut bytes[..]);
                Self(bytes)
            }

            /// The secret that these bytes are.
            #[must_use]
            pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
                let mut kept = Box::new(Zeroizing::new([0; 32]));
                kept.copy_from_slice(&bytes);
                bytes.zeroize();
                Self(kept)
            }

            /// The bytes of the secret: for a cipher, a key derivation or a keychain, for nothing
            /// else.
            #[must_use]
            pub fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl From<Zeroizing<[u8; 32]>> for $name {
            fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
                let mut kept = Box::new(Zeroizing::new([0; 32]));
                kept.copy_from_slice(&bytes[..]);
                Self(kept)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                bool::from(self.0.as_slice().ct_eq(other.0.as_slice()))
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret!(
    /// The secret of a calendar's main stream in one epoch.
    EpochSecret
);
secret!(
    /// The secret of a calendar's free/busy stream in one epoch. Derived from [`EpochSecret`],
    /// with no way back.
    FreeBusySecret
);
secret!(
    /// The seed of an account's key, to which calendars seal.
    PukSeed
);
secret!(
    /// The key of the database.
    DatabaseKey
);
secret!(
    /// What the system's keychain holds: half of what opens the slot.
    KeychainSecret
);
secret!(
    /// The secret of an invite to a calendar: whoever holds it can ask to be admitted.
    InviteSecret
);
secret!(
    /// What a backup file is encrypted under.
    BackupSecret
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = EpochSecret::from_bytes([0xAB; 32]);
        assert_eq!(format!("{secret:?}"), "EpochSecret(..)");
        assert_eq!(secret, EpochSecret::from_bytes([0xAB; 32]));
        assert_ne!(secret, EpochSecret::from_bytes([0xAC; 32]));
    }
}
