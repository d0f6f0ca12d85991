//! What a reminder keeps among the lines we do not model, and rings by all the same: REPEAT and
//! DURATION (RFC 5545 §3.8.6.2), ACKNOWLEDGED (RFC 9074 §6), and an ACTION of NONE.

use jiff::Timestamp;

use super::REPEATS_MAX;
use crate::civil::DAY;
use crate::event::{Reminder, Trigger};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::zone::Zone;

/// A reminder, understood.
pub(super) struct Alarm<'a> {
    pub(super) id: &'a str,
    pub(super) reminder: &'a Reminder,
    /// How often it rings again, and after how long each time.
    pub(super) repeat: u32,
    pub(super) pause: Length,
    /// What rings until then has been seen.
    pub(super) seen_until: Option<Timestamp>,
}

impl<'a> Alarm<'a> {
    /// None where it never rings.
    pub(super) fn of(id: &'a str, reminder: &'a Reminder) -> Option<Self> {
        if value(reminder, "ACTION").is_some_and(|word| word.eq_ignore_ascii_case("NONE")) {
            return None;
        }
        let pause = value(reminder, "DURATION").and_then(|text| text.parse::<Length>().ok());
        let pause = pause.filter(|pause| !pause.is_negative() && *pause != Length::default());
        let repeat = value(reminder, "REPEAT").and_then(|text| text.parse::<u32>().ok());
        let seen = value(reminder, "ACKNOWLEDGED").and_then(|text| text.parse().ok());
        Some(Self {
            id,
            reminder,
            // Both or neither, says the RFC; one alone repeats nothing.
            repeat: pause.and(repeat).unwrap_or(0).min(REPEATS_MAX),
            pause: pause.unwrap_or_default(),
            seen_until: seen.map(|at: OriginalStart| Zone::utc().instant(at.wall_clock())),
        })
    }

    /// Whether any of it goes by the wall clock.
    pub(super) const fn has_days(&self) -> bool {
        let length = match self.reminder.trigger {
            Trigger::FromStart(length) | Trigger::FromEnd(length) => length.days(),
            Trigger::At(_) => 0,
        };
        length != 0 || self.pause.days() != 0
    }

    /// The least and most seconds from a start or end to a ring, to within a day for each day.
    pub(super) fn distance(&self) -> Option<(i64, i64)> {
        let length = match self.reminder.trigger {
            Trigger::FromStart(length) | Trigger::FromEnd(length) => length,
            Trigger::At(_) => return None,
        };
        let first = exact(length);
        Some((first, first + i64::from(self.repeat) * exact(self.pause)))
    }
}

/// A length as if every day had 24 hours.
pub(super) const fn exact(length: Length) -> i64 {
    length.days() * DAY + length.seconds()
}

/// The value of a property among the unmodelled lines.
fn value<'a>(reminder: &'a Reminder, name: &str) -> Option<&'a str> {
    reminder.unknown.iter().find_map(|line| {
        let (head, value) = line.split_once(':')?;
        let head = head.split(';').next().unwrap_or(head);
        head.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}
