//! Times as medians and tails.

use std::fmt;
use std::time::Duration;

/// Median and tail of many times, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// The middle one.
    pub p50: f64,
    /// What one of a hundred exceeds.
    pub p99: f64,
    count: usize,
}

impl Spread {
    /// Of at least one time.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times
                .get(place)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
        };
        Self {
            p50: at(50),
            p99: at(99),
            count: times.len(),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {:.2} ms, p99 {:.2} ms ({} times)",
            self.p50, self.p99, self.count
        )
    }
}
