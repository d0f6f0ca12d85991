//! The hours of a week in which a person is to be had.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};

use crate::civil::{date_of, days_of_date};
use crate::zone::Zone;

/// Hours of each weekday, on the wall clock. A day may have several stretches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    stretches: Vec<(Weekday, Time, Time)>,
}

/// Days looked at in one call: about ten years.
const DAYS_MAX: i64 = 3_660;

impl Hours {
    /// Every hour of every day.
    #[must_use]
    pub fn always() -> Self {
        let week = Weekday::Monday.cycle_forward().take(7);
        week.fold(Self::default(), |hours, day| {
            hours.with(day, Time::midnight(), Time::midnight())
        })
    }

    /// The same hours from Monday to Friday.
    #[must_use]
    pub fn working_days(from: Time, to: Time) -> Self {
        let week = Weekday::Monday.cycle_forward().take(5);
        week.fold(Self::default(), |hours, day| hours.with(day, from, to))
    }

    /// One more stretch. Where it does not end later than it starts it ends on the next day:
    /// from 22:00 to 06:00, or from 09:00 to midnight.
    #[must_use]
    pub fn with(mut self, day: Weekday, from: Time, to: Time) -> Self {
        self.stretches.push((day, from, to));
        self
    }

    /// When these hours are within a window, merged and in order; of a window longer than ten
    /// years, the first ten.
    #[must_use]
    pub fn within(&self, window: &Range<Timestamp>, zone: &Zone) -> Vec<Range<Timestamp>> {
        let mut found = Vec::new();
        if window.start >= window.end {
            return found;
        }
        let day = |at: Timestamp| days_of_date(zone.wall_clock(at).date());
        let (first, last) = (day(window.start) - 1, day(window.end));
        for number in first..=last.min(first + DAYS_MAX) {
            let (Some(date), Some(next)) = (date_of(number), date_of(number + 1)) else {
                continue;
            };
            let own = self
                .stretches
                .iter()
                .filter(|(day, ..)| *day == date.weekday());
            for (_, from, to) in own {
                let end = if to > from { date } else { next };
                let start = zone.instant(date.to_datetime(*from)).max(window.start);
                let end = zone.instant(end.to_datetime(*to)).min(window.end);
                if start < end {
                    found.push(start..end);
                }
            }
        }
        joined(found)
    }
}

/// Spans that touch or overlap as one, in order.
fn joined(mut spans: Vec<Range<Timestamp>>) -> Vec<Range<Timestamp>> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut found: Vec<Range<Timestamp>> = Vec::with_capacity(spans.len());
    for span in spans {
        match found.last_mut() {
            Some(last) if last.end >= span.start => last.end = last.end.max(span.end),
            _ => found.push(span),
        }
    }
    found
}
