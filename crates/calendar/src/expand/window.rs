//! A window of time in whole seconds, as the engine counts.

use std::ops::Range;

use jiff::Timestamp;

/// A half-open window. The end of time as `jiff` knows it stands for no end at all, because wall
/// clocks west of it go on for some hours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The last whole second not after its beginning.
    pub(super) from: i64,
    /// The first whole second not before its beginning.
    first: i64,
    /// The first whole second not in it.
    pub(super) to: i64,
}

impl Window {
    pub(super) fn new(window: &Range<Timestamp>) -> Self {
        let (start, end) = (window.start, window.end);
        let is_endless = end.as_second() == Timestamp::MAX.as_second();
        Self {
            from: start.as_second() - i64::from(start.subsec_nanosecond() < 0),
            first: rounded_up(start),
            to: if is_endless {
                i64::MAX / 4
            } else {
                rounded_up(end)
            },
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.from >= self.to
    }

    /// Whether something between two Unix seconds overlaps it; what has no length does where it
    /// starts in it.
    pub(super) const fn holds(&self, start: i64, end: i64) -> bool {
        start < self.to && (end > self.from || start >= self.first)
    }
}

fn rounded_up(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}
