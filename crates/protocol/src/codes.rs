//! The two codes that people type: an invite to a relay, and the routing code of a linking.
//!
//! Both are Crockford base32. Reading is forgiving where people are not exact: lower case, missing
//! or moved dashes, spaces, `O` for 0, `I` and `L` for 1. Writing has one form.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::label::{Context, hash};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Another number of characters.
    #[error("the code has {found} characters instead of {expected}")]
    Length {
        /// How many the code has.
        expected: usize,
        /// How many there are, dashes and spaces left out.
        found: usize,
    },
    /// A character that no code contains.
    #[error("{0:?} is in no code")]
    Character(char),
}

/// Reaches the device that waits to link another: eight characters, shown `XXXX-XXXX`. Not secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutingCode([u8; 8]);

impl RoutingCode {
    /// The code of 40 random bits.
    #[must_use]
    pub fn from_random(random: [u8; 5]) -> Self {
        Self(characters(&random))
    }

    /// Eight characters without the dash: how messages and the linking code carry it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The same eight characters as text.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

/// Allows one account at a relay: twenty characters, 100 bits, shown in groups of five.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteCode([u8; 20]);

impl InviteCode {
    /// The code of 104 random bits, of which it keeps the first 100.
    #[must_use]
    pub fn from_random(random: [u8; 13]) -> Self {
        Self(characters(&random))
    }

    /// What a relay keeps: enough to recognise the code, not to hand it out.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(Context::INVITE_CODE, &[&self.0])
    }
}

impl fmt::Display for RoutingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        grouped(&self.0, 4, f)
    }
}

impl fmt::Debug for RoutingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoutingCode({self})")
    }
}

impl FromStr for RoutingCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        parse(text).map(Self)
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        grouped(&self.0, 5, f)
    }
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(..)")
    }
}

impl FromStr for InviteCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        parse(text).map(Self)
    }
}

/// Takes five bits a character from the front; `random` has at least as many as are needed.
pub(crate) fn characters<const N: usize>(random: &[u8]) -> [u8; N] {
    let bits = random
        .iter()
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let spare = (8 * random.len()).saturating_sub(5 * N);
    let bits = bits >> spare;
    let mut text = [b'0'; N];
    for (place, character) in text.iter_mut().rev().enumerate() {
        let digit = usize::try_from(bits >> (5 * place) & 0x1F).unwrap_or(0);
        *character = ALPHABET.get(digit).copied().unwrap_or(b'0');
    }
    text
}

pub(crate) fn grouped(text: &[u8], group: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in text.chunks(group).enumerate() {
        if i > 0 {
            f.write_str("-")?;
        }
        part.iter()
            .try_for_each(|c| write!(f, "{}", char::from(*c)))?;
    }
    Ok(())
}

pub(crate) fn parse<const N: usize>(text: &str) -> Result<[u8; N], CodeError> {
    let mut code = [0; N];
    let mut found = 0;
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let digit = digit(character).ok_or(CodeError::Character(character))?;
        if let Some(place) = code.get_mut(found) {
            *place = digit;
        }
        found += 1;
    }
    if found == N {
        Ok(code)
    } else {
        Err(CodeError::Length { expected: N, found })
    }
}

/// Bytes as characters, five bits each from the front; the last one is filled up with zeros.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// The bytes that [`base32`] wrote, read as forgivingly as a code. `None` for anything else, also
/// for bits that no byte has.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len().saturating_mul(5) / 8);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let digit = digit(character)?;
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < 5).then_some(bytes)
}

fn letter(value: u32) -> char {
    let place = usize::try_from(value & 0x1F).unwrap_or(0);
    char::from(ALPHABET.get(place).copied().unwrap_or(b'0'))
}

fn digit(character: char) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    u8::try_from(upper)
        .ok()
        .filter(|byte| ALPHABET.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = RoutingCode::from_random([0x00, 0x44, 0x32, 0x14, 0xC7]);
        assert_eq!(code.to_string(), "0123-4567");
        for typed in ["0123-4567", "o l23 4567", "OI234567", " 01-23-45-67 "] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
        assert_eq!(code.plain(), "01234567");
    }

    #[test]
    fn bytes_of_any_length_survive_their_letters() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(97)).collect();
            let text = base32(&bytes);
            assert_eq!(from_base32(&text), Some(bytes.clone()), "{length}");
            let typed = format!(" {}\n", text.to_lowercase());
            assert_eq!(from_base32(&typed), Some(bytes), "{length}");
        }
        assert_eq!(base32(b"almanac"), "C5P6TRBEC5HG");
        assert_eq!(from_base32("C5P6TRBEC5HG"), Some(b"almanac".to_vec()));
        for wrong in ["1", "01", "0U", "C5P6TRBEC5HH", "000"] {
            assert_eq!(from_base32(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_code_says_why() {
        let wrong = "0123-456".parse::<RoutingCode>();
        assert_eq!(
            wrong,
            Err(CodeError::Length {
                expected: 8,
                found: 7
            })
        );
        let wrong = "0123-456U".parse::<RoutingCode>();
        assert_eq!(wrong, Err(CodeError::Character('U')));
        assert!("ÄÖÜ".parse::<InviteCode>().is_err());
    }

    #[test]
    fn an_invite_uses_its_first_hundred_bits() {
        let mut random = [0xFF; 13];
        let code = InviteCode::from_random(random);
        assert_eq!(code.to_string(), "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
        random[12] = 0xF0;
        assert_eq!(InviteCode::from_random(random), code);
        random[12] = 0xE0;
        assert_ne!(InviteCode::from_random(random).hash(), code.hash());
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}
