//! The ten codes on paper, for when the authenticator is lost: twelve characters, 60 bits, each used
//! once. The relay keeps a hash under the account, so equal codes of two accounts do not show.

use std::fmt;
use std::str::FromStr;

use crate::codes::{CodeError, characters, grouped, parse};
use crate::ids::AccountId;
use crate::label::{Context, hash};

/// How many an account has.
pub const ONE_TIME_CODES: usize = 10;

/// A code that is used once: twelve characters, shown `XXXX-XXXX-XXXX`.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode([u8; 12]);

impl OneTimeCode {
    /// The code of 64 random bits, of which it keeps the first 60.
    #[must_use]
    pub fn from_random(random: [u8; 8]) -> Self {
        Self(characters(&random))
    }

    /// What the relay keeps.
    #[must_use]
    pub fn hash(&self, account: &AccountId) -> [u8; 32] {
        hash(Context::ONE_TIME_CODE, &[account.as_bytes(), &self.0])
    }
}

impl fmt::Display for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        grouped(&self.0, 4, f)
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(..)")
    }
}

impl FromStr for OneTimeCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        parse(text).map(Self)
    }
}
