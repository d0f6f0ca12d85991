//! The nine digits, and the promise they rest on.

use std::fmt;

use almanac_protocol::codes::RoutingCode;
use almanac_protocol::label::{Context, hash};
use subtle::ConstantTimeEq;

use crate::label::{LINK_CODE, derive};

const DIGITS: usize = 9;
const CODES: u64 = 1_000_000_000;

/// Nine digits that both devices compute from everything they have exchanged.
#[derive(Clone)]
pub struct PairingCode([u8; DIGITS]);

impl PairingCode {
    pub(super) fn new(
        routing: &RoutingCode,
        old: (&[u8], &[u8; 32]),
        promise: &[u8; 32],
        new: (&[u8], &[u8; 32]),
    ) -> Self {
        let parts: [&[u8]; 6] = [routing.as_bytes(), old.0, old.1, promise, new.0, new.1];
        let [a, b, c, d, e, f, g, h, ..] = *derive(LINK_CODE, &parts);
        let mut number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % CODES;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        Self(digits)
    }

    /// Whether a person typed these digits. Spaces and dashes do not matter; the time taken says
    /// nothing about where the first wrong digit stands.
    #[must_use]
    pub fn matches(&self, typed: &str) -> bool {
        let typed: Vec<u8> = typed
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'-'))
            .collect();
        bool::from(self.0.as_slice().ct_eq(typed.as_slice()))
    }
}

/// `NNN NNN NNN`, as the new device shows it.
impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, group) in self.0.chunks(3).enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            group
                .iter()
                .try_for_each(|digit| write!(f, "{}", char::from(*digit)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(..)")
    }
}

/// The new device's promise of its keys.
pub(super) fn promise(bundle: &[u8], random: &[u8; 32]) -> [u8; 32] {
    hash(Context::LINK_COMMIT, &[bundle, random])
}
