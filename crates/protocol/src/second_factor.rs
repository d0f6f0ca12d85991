//! The second factor: what a relay keeps, checks and refuses when a device is added or an account
//! is recovered.
//!
//! It protects against thieves, not against the relay. The key comes first: a code is looked at only
//! on a connection whose device has proven its key, so nobody guesses codes of accounts it has no
//! key of. Five wrong codes lock an account for an hour. A recovery kit waits a day, unless a device
//! of the account agrees.

mod gate;
mod one_time;
mod totp;

pub use gate::{Gate, HOLD_MS, HOLD_OPEN_MS, Hold, HoldState, Refusal};
pub use one_time::{ONE_TIME_CODES, OneTimeCode};
pub use totp::{TOTP_SECRET_BYTES, TOTP_STEP_MS, TotpSecret};

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::defence::Defence;
use crate::ids::AccountId;

/// Wrong codes after which an account is locked.
pub const FAILURES_MAX: u8 = 5;
/// Milliseconds for which it is.
pub const LOCK_MS: u64 = 60 * 60 * 1000;
/// Wrong codes of all accounts within [`LOCK_MS`] that a relay's operator hears of.
pub const FAILURES_OF_ALL_MAX: u32 = 100;
const VERSION: u8 = 1;

/// Why bytes are no second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FactorError {
    /// A field is cut off, or bytes follow the last.
    #[error("the second factor has another length: {0}")]
    Length(#[from] CodecError),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a second factor: update needed")]
    Version(u8),
    /// Another number of one-time codes.
    #[error("{0} one-time codes")]
    Codes(u8),
}

/// What a device sets: the secret of the codes that change, and the hashes of those used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorTerms {
    /// The secret that the person's authenticator holds.
    pub secret: TotpSecret,
    /// [`OneTimeCode::hash`] of each code on the person's paper.
    pub codes: [[u8; 32]; ONE_TIME_CODES],
}

impl FactorTerms {
    /// The bytes that cross the connection.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Writer::default()
            .u8(VERSION)
            .bytes(self.secret.expose())
            .u8(u8::try_from(ONE_TIME_CODES).unwrap_or(u8::MAX));
        let write = |writer: Writer, code: &[u8; 32]| writer.bytes(code);
        self.codes.iter().fold(head, write).finish()
    }

    /// The terms in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, FactorError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(FactorError::Version(version));
        }
        let secret = TotpSecret::from_bytes(reader.array()?);
        let count = reader.u8()?;
        if usize::from(count) != ONE_TIME_CODES {
            return Err(FactorError::Codes(count));
        }
        let mut codes = [[0; 32]; ONE_TIME_CODES];
        for code in &mut codes {
            *code = reader.array()?;
        }
        reader.end()?;
        Ok(Self { secret, codes })
    }
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorVerdict {
    /// Right.
    Passed,
    /// Wrong.
    Wrong {
        /// How many more may be wrong before the account is locked.
        left: u8,
    },
    /// Not looked at: too many were wrong.
    Locked {
        /// When the next is looked at, ms since 1970.
        until_ms: u64,
    },
}

/// The second factor of one account, as a relay keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    secret: TotpSecret,
    /// The newest time step whose code was used: no code is used twice.
    last_step: u64,
    codes: Vec<[u8; 32]>,
    failures: u8,
    locked_until_ms: u64,
}

impl SecondFactor {
    /// The factor that a device has set.
    #[must_use]
    pub fn new(terms: FactorTerms) -> Self {
        Self {
            secret: terms.secret,
            last_step: 0,
            codes: terms.codes.to_vec(),
            failures: 0,
            locked_until_ms: 0,
        }
    }

    /// Looks at a code: six digits of the authenticator, or one of the paper's. What comes out is
    /// stored before it is answered.
    pub fn check(&mut self, account: &AccountId, typed: &str, now_ms: u64) -> FactorVerdict {
        if now_ms < self.locked_until_ms {
            let until_ms = self.locked_until_ms;
            return FactorVerdict::Locked { until_ms };
        }
        if self.use_totp(typed, now_ms) || self.use_code(account, typed) {
            self.failures = 0;
            return FactorVerdict::Passed;
        }
        self.failures = self.failures.saturating_add(1);
        let left = FAILURES_MAX.saturating_sub(self.failures);
        if left > 0 || !Defence::FactorLock.stands() {
            return FactorVerdict::Wrong { left };
        }
        self.failures = 0;
        self.locked_until_ms = now_ms.saturating_add(LOCK_MS);
        let until_ms = self.locked_until_ms;
        FactorVerdict::Locked { until_ms }
    }

    /// How many codes of the paper were not used yet.
    #[must_use]
    pub fn codes_left(&self) -> usize {
        self.codes.len()
    }

    /// What the relay stores.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Writer::default()
            .u8(VERSION)
            .bytes(self.secret.expose())
            .u64(self.last_step)
            .u8(self.failures)
            .u64(self.locked_until_ms)
            .u8(u8::try_from(self.codes.len()).unwrap_or(u8::MAX));
        let write = |writer: Writer, code: &[u8; 32]| writer.bytes(code);
        self.codes.iter().fold(head, write).finish()
    }

    /// What a relay has stored, all of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, FactorError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(FactorError::Version(version));
        }
        let secret = TotpSecret::from_bytes(reader.array()?);
        let last_step = reader.u64()?;
        let failures = reader.u8()?;
        let locked_until_ms = reader.u64()?;
        let count = reader.u8()?;
        if usize::from(count) > ONE_TIME_CODES {
            return Err(FactorError::Codes(count));
        }
        let codes = (0..count)
            .map(|_| reader.array())
            .collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self {
            secret,
            last_step,
            codes,
            failures,
            locked_until_ms,
        })
    }

    fn use_totp(&mut self, typed: &str, now_ms: u64) -> bool {
        let step = self.secret.accepts(typed, now_ms, self.last_step);
        if let Some(step) = step {
            self.last_step = step;
        }
        step.is_some()
    }

    fn use_code(&mut self, account: &AccountId, typed: &str) -> bool {
        let Ok(code) = typed.parse::<OneTimeCode>() else {
            return false;
        };
        let hash = code.hash(account);
        let before = self.codes.len();
        self.codes.retain(|known| *known != hash);
        self.codes.len() < before
    }
}

/// Wrong codes of all accounts: many at once mean that someone tries accounts one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailureRate {
    since_ms: u64,
    count: u32,
}

impl FailureRate {
    /// Counts a wrong code; true for the one at which the operator should hear of it.
    pub fn note(&mut self, now_ms: u64) -> bool {
        if now_ms.saturating_sub(self.since_ms) >= LOCK_MS {
            *self = Self {
                since_ms: now_ms,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        self.count == FAILURES_OF_ALL_MAX
    }
}

#[cfg(test)]
mod tests;
