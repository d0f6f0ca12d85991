//! The only place of the client that reads randomness of the system.

use rand_core::{Infallible, TryCryptoRng, TryRng};

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemEntropy;

impl TryRng for SystemEntropy {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(bytes()))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        fill(buffer);
        Ok(())
    }
}

impl TryCryptoRng for SystemEntropy {}

/// Random bytes.
#[must_use]
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    fill(&mut buffer);
    buffer
}

fn fill(buffer: &mut [u8]) {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        return around.fill(buffer);
    }
    getrandom::fill(buffer).expect("a system without randomness cannot keep a secret");
}
