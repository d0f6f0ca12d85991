//! How long to wait before the next attempt: doubling, with jitter, bounded.
//!
//! Jitter is an argument, so that a thousand devices that lost one relay do not return together.

use std::time::Duration;

/// Milliseconds before the second attempt, at most.
const FIRST_MS_MAX: u64 = 500;
/// Milliseconds between two attempts, at most.
const WAIT_MS_MAX: u64 = 60_000;

/// The waits between attempts of one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait before the next attempt: half of it fixed, half by `jitter`, 0 to 255.
    pub fn next_wait(&mut self, jitter: u8) -> Duration {
        let ceiling = FIRST_MS_MAX
            .saturating_mul(1 << self.failures.min(16))
            .min(WAIT_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        Duration::from_millis(ceiling / 2 + ceiling / 2 * u64::from(jitter) / 255)
    }

    /// The relay answered in earnest: the next failure waits briefly again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_start_over_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..10)
            .map(|_| backoff.next_wait(255).as_millis())
            .collect();
        assert_eq!(
            waits,
            [
                500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000
            ]
        );
        backoff.succeeded();
        assert_eq!(backoff.next_wait(0).as_millis(), 250);
    }
}
