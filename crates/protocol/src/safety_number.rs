//! The safety number: sixty digits by which two people recognise each other's accounts.
//!
//! Both see the same number. It is made of the two account ids, so it stays valid when devices come
//! and go, and is compared once. One asks the other for a few of its twelve groups and types what
//! they say: nobody nods at digits they have not read.

use std::fmt;

use crate::ids::AccountId;
use crate::label::{Context, hash};

/// Groups of five digits.
pub const SAFETY_GROUPS: usize = 12;
/// Groups that one asks the other for.
pub const SAFETY_GROUPS_ASKED: usize = 3;
const DIGITS: usize = 5;
const GROUP_END: u64 = 100_000;

/// The number of two accounts, the same from either side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SafetyNumber([u32; SAFETY_GROUPS]);

impl SafetyNumber {
    /// The number of two accounts.
    #[must_use]
    pub fn of(one: &AccountId, other: &AccountId) -> Self {
        let (low, high) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        let mut groups = [0; SAFETY_GROUPS];
        for (place, group) in (0_u8..).zip(&mut groups) {
            let parts: [&[u8]; 3] = [low.as_bytes(), high.as_bytes(), &[place]];
            let [a, b, c, d, e, f, g, h, ..] = hash(Context::SAFETY_NUMBER, &parts);
            let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % GROUP_END;
            *group = u32::try_from(number).unwrap_or(0);
        }
        Self(groups)
    }

    /// Which groups to ask for, 0 to 11, ascending, from random bytes.
    #[must_use]
    pub fn ask(random: [u8; 16]) -> [usize; SAFETY_GROUPS_ASKED] {
        let mut number = u128::from_be_bytes(random);
        let mut left: Vec<usize> = (0..SAFETY_GROUPS).collect();
        let mut asked = [0; SAFETY_GROUPS_ASKED];
        for place in &mut asked {
            let count = left.len().max(1) as u128;
            let at = usize::try_from(number % count).unwrap_or(0);
            number /= count;
            *place = left.remove(at);
        }
        asked.sort_unstable();
        asked
    }

    /// The five digits of a group.
    #[must_use]
    pub fn group(&self, place: usize) -> Option<String> {
        self.0.get(place).map(|group| format!("{group:05}"))
    }

    /// Whether someone typed the groups that were asked for, one after the other. Spaces and dashes
    /// do not matter.
    #[must_use]
    pub fn matches(&self, asked: &[usize], typed: &str) -> bool {
        let expected: Option<String> = asked.iter().map(|place| self.group(*place)).collect();
        let typed: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        expected.is_some_and(|digits| !digits.is_empty() && digits == typed)
    }

    /// Whether someone typed, or a camera read, all sixty digits.
    #[must_use]
    pub fn matches_all(&self, typed: &str) -> bool {
        let all: [usize; SAFETY_GROUPS] = std::array::from_fn(|place| place);
        self.matches(&all, typed)
    }
}

/// Twelve groups of five digits.
impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, group) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{group:0width$}", width = DIGITS)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafetyNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(byte: u8) -> AccountId {
        AccountId::from_bytes([byte; 32])
    }

    #[test]
    fn both_see_the_same_number() {
        let number = SafetyNumber::of(&account(1), &account(2));
        assert_eq!(number, SafetyNumber::of(&account(2), &account(1)));
        assert_ne!(number, SafetyNumber::of(&account(1), &account(3)));
        let text = number.to_string();
        assert_eq!(text.len(), 12 * 5 + 11);
        assert!(number.matches_all(&text));
        assert!(number.matches_all(&text.replace(' ', "-")));
    }

    #[test]
    fn three_groups_are_asked_for_and_no_two_are_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for byte in 0..=255 {
            let [random @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
                *blake3::hash(&[byte]).as_bytes();
            let asked = SafetyNumber::ask(random);
            assert!(asked[0] < asked[1] && asked[1] < asked[2], "{asked:?}");
            assert!(asked[2] < SAFETY_GROUPS);
            seen.insert(asked);
        }
        assert!(seen.len() > 100, "{} of 220", seen.len());
    }

    #[test]
    fn only_the_groups_that_were_asked_for_match() {
        let number = SafetyNumber::of(&account(1), &account(2));
        let said = |places: [usize; 3]| {
            let groups = places.map(|place| number.group(place).unwrap());
            groups.join(" ")
        };
        assert!(number.matches(&[1, 4, 9], &said([1, 4, 9])));
        assert!(!number.matches(&[1, 4, 9], &said([4, 1, 9])));
        assert!(!number.matches(&[1, 4, 9], &said([1, 4, 8])));
        assert!(!number.matches(&[1, 4, 12], &said([1, 4, 9])));
        assert!(!number.matches(&[], ""));
        assert_eq!(number.group(12), None);
    }
}
