//! Codes that change every half minute (RFC 6238, with the parameters every authenticator knows:
//! SHA-1, 30 s, six digits).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Bytes of the secret.
pub const TOTP_SECRET_BYTES: usize = 20;
/// Milliseconds for which a code is shown.
pub const TOTP_STEP_MS: u64 = 30_000;
const CODE_END: u32 = 1_000_000;

/// What an authenticator and the relay share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; TOTP_SECRET_BYTES]);

impl TotpSecret {
    /// The secret that these random bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; TOTP_SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes: for an authenticator, and for the relay's own store.
    #[must_use]
    pub const fn expose(&self) -> &[u8; TOTP_SECRET_BYTES] {
        &self.0
    }

    /// The code that an authenticator shows at `now_ms`.
    #[must_use]
    pub fn code(&self, now_ms: u64) -> String {
        format!("{:06}", self.at(now_ms / TOTP_STEP_MS))
    }

    /// The time step of a typed code, if it is one of now, the step before or the one after, and
    /// newer than `last_step`. All three are always computed.
    pub(super) fn accepts(&self, typed: &str, now_ms: u64, last_step: u64) -> Option<u64> {
        let digits: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let typed = digits.parse::<u32>().ok().filter(|_| is_code)?;
        let now = now_ms / TOTP_STEP_MS;
        let steps = [now.saturating_sub(1), now, now.saturating_add(1)];
        steps
            .map(|step| (step, self.at(step) == typed && step > last_step))
            .into_iter()
            .find_map(|(step, is_right)| is_right.then_some(step))
    }

    /// RFC 4226, section 5.3.
    fn at(&self, step: u64) -> u32 {
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("a MAC takes a key of any length");
        let hash: [u8; 20] = mac
            .chain_update(step.to_be_bytes())
            .finalize()
            .into_bytes()
            .into();
        let [.., last] = hash;
        let offset = usize::from(last & 0x0F);
        let four = hash.get(offset..).and_then(|rest| rest.first_chunk::<4>());
        let four = four.copied().unwrap_or_default();
        (u32::from_be_bytes(four) & 0x7FFF_FFFF) % CODE_END
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000_u64, "353130"),
        ] {
            assert_eq!(secret.code(seconds * 1000), code, "{seconds}");
        }
    }
}
