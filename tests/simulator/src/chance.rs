//! Chance that is none: a stream of numbers decided by a seed and the purpose it serves.

use std::ops::RangeInclusive;

use blake3::{Hasher, OutputReader};

/// What BLAKE3 is told these numbers are for.
const CONTEXT: &str = "almanac simulator 2026 chance";

/// One stream of numbers. Streams of different purposes know nothing of each other, so that what
/// one of them is used for changes nothing elsewhere.
#[derive(Debug, Clone)]
pub struct Chance(OutputReader);

impl Chance {
    /// The stream for one purpose in the world of a seed.
    #[must_use]
    pub fn new(seed: u64, purpose: &str, number: u64) -> Self {
        let mut hasher = Hasher::new_derive_key(CONTEXT);
        hasher.update(&seed.to_le_bytes());
        hasher.update(&number.to_le_bytes());
        hasher.update(purpose.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// The next bytes.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A place in a list of so many.
    pub fn index(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        usize::try_from(self.below(len)).unwrap_or(0)
    }

    /// A number of a range.
    pub fn of(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// Whether something happens that does so `percent` of a hundred times.
    pub fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_decide_everything() {
        let draw = |seed, purpose| {
            let mut chance = Chance::new(seed, purpose, 0);
            [0; 4].map(|_| chance.number())
        };
        assert_eq!(draw(1, "link"), draw(1, "link"));
        assert_ne!(draw(1, "link"), draw(2, "link"));
        assert_ne!(draw(1, "link"), draw(1, "relay"));
    }
}
