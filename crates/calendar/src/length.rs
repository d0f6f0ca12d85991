//! How long something lasts: whole days of the calendar and exact seconds, kept apart.
//!
//! A day is not 24 hours where clocks change (RFC 5545 §3.3.6): `P1D` ends at the same wall
//! clock on the next day, `PT24H` after 24 hours. Weeks are days.

use std::fmt;
use std::str::FromStr;

use crate::text_form::serde_by_text;

/// A duration in the sense of RFC 5545 §3.3.6. May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Length {
    days: i64,
    seconds: i64,
}

/// A text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a length looks like PT1H30M or P2D")]
pub struct NotALength;

/// No length is longer than this: about 10,000 years.
const DAYS_MAX: i64 = 3_660_000;

impl Length {
    /// A number of calendar days, held within ±10,000 years.
    #[must_use]
    pub fn from_days(days: i64) -> Self {
        Self {
            days: days.clamp(-DAYS_MAX, DAYS_MAX),
            seconds: 0,
        }
    }

    /// A number of exact seconds, held within ±10,000 years.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self {
            days: 0,
            seconds: seconds.clamp(-DAYS_MAX * 86_400, DAYS_MAX * 86_400),
        }
    }

    /// A number of exact minutes.
    #[must_use]
    pub fn from_minutes(minutes: i64) -> Self {
        Self::from_seconds(minutes.saturating_mul(60))
    }

    /// The part that goes by the wall clock.
    #[must_use]
    pub const fn days(self) -> i64 {
        self.days
    }

    /// The part that goes by elapsed time.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Whether it points backwards.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.days < 0 || self.seconds < 0
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            f.write_str("-")?;
        }
        let (days, seconds) = (self.days.unsigned_abs(), self.seconds.unsigned_abs());
        if days != 0 && seconds == 0 && days.is_multiple_of(7) {
            return write!(f, "P{}W", days / 7);
        }
        f.write_str("P")?;
        if days != 0 {
            write!(f, "{days}D")?;
        }
        if seconds == 0 {
            return if days == 0 {
                f.write_str("T0S")
            } else {
                Ok(())
            };
        }
        f.write_str("T")?;
        for (unit, value) in [
            ('H', seconds / 3_600),
            ('M', seconds / 60 % 60),
            ('S', seconds % 60),
        ] {
            if value != 0 {
                write!(f, "{value}{unit}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Self, NotALength> {
        let text = text.trim();
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.strip_prefix(['P', 'p']).ok_or(NotALength)?;
        let (mut days, mut seconds) = (0_i64, 0_i64);
        let (mut number, mut after_t, mut any): (Option<i64>, bool, bool) = (None, false, false);
        for letter in rest.chars() {
            if let Some(digit) = letter.to_digit(10) {
                let value = number.unwrap_or(0).saturating_mul(10);
                number = Some(value.saturating_add(i64::from(digit)));
                continue;
            }
            if matches!(letter, 'T' | 't') && number.is_none() && !after_t {
                after_t = true;
                continue;
            }
            let value = number.take().ok_or(NotALength)?.min(DAYS_MAX * 86_400);
            any = true;
            match letter.to_ascii_uppercase() {
                'W' => days += value.min(DAYS_MAX) * 7,
                'D' => days += value.min(DAYS_MAX),
                'H' => seconds += value.saturating_mul(3_600).min(DAYS_MAX * 86_400),
                'M' if after_t => seconds += value.saturating_mul(60).min(DAYS_MAX * 86_400),
                'S' => seconds += value,
                _ => return Err(NotALength),
            }
            days = days.min(DAYS_MAX);
            seconds = seconds.min(DAYS_MAX * 86_400);
        }
        if number.is_some() || !any {
            return Err(NotALength);
        }
        Ok(Self {
            days: days * sign,
            seconds: seconds * sign,
        })
    }
}

serde_by_text!(Length);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, days: i64, seconds: i64, printed: &str) {
        let length: Length = text.parse().unwrap();
        assert_eq!((length.days(), length.seconds()), (days, seconds), "{text}");
        assert_eq!(length.to_string(), printed);
    }

    #[test]
    fn lengths_read_and_print() {
        check("PT1H30M", 0, 5_400, "PT1H30M");
        check("P15DT5H0M20S", 15, 18_020, "P15DT5H20S");
        check("P7W", 49, 0, "P7W");
        check("-PT15M", 0, -900, "-PT15M");
        check("+P1D", 1, 0, "P1D");
        check("PT0S", 0, 0, "PT0S");
        check("P99999999999999999999D", DAYS_MAX, 0, "P3660000D");
    }

    #[test]
    fn anything_else_is_not_a_length() {
        for text in ["", "P", "PT", "1H", "P1", "P1X", "PT1HM", "P1M", "--P1D"] {
            assert_eq!(text.parse::<Length>(), Err(NotALength), "{text}");
        }
    }
}
