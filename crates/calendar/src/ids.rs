//! The name of an event's document: sixteen bytes that the caller drew at random.

use std::fmt;
use std::str::FromStr;

use crate::text_form::serde_by_text;

/// Names one event inside one calendar. Shown as 32 hexadecimal digits.
///
/// The id of sixteen zero bytes is taken: it names the calendar's own document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 16]);

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event id is 32 hexadecimal digits")]
pub struct NotAnEventId;

impl EventId {
    /// The calendar's own document: its name, colour and defaults.
    pub const CALENDAR: Self = Self([0; 16]);

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes as they cross the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A UID for the outside world (RFC 5545 §3.8.4.7), the same on every device.
    #[must_use]
    pub fn uid(&self) -> String {
        format!("{self}@almanac")
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(text: &str) -> Result<Self, NotAnEventId> {
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return Err(NotAnEventId);
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or(NotAnEventId)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| NotAnEventId)?;
            }
        }
        Ok(Self(bytes))
    }
}

serde_by_text!(EventId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = EventId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string(), "30313233343536373839616263646566");
    }

    #[test]
    fn anything_else_is_not_an_id() {
        for text in [
            "",
            "30",
            "3031323334353637383961626364656g",
            "é031323334353637383961626364656",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(NotAnEventId), "{text}");
        }
    }
}
