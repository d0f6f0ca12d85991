//! The bare starts of one rule: no titles, no exceptions, no memory for the answer.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::look::clock;
use super::series::Series;
use super::window::Window;
use crate::civil::{DAY, datetime_of, seconds_of};
use crate::rule::Rule;
use crate::when::When;
use crate::zone::{Cursor, instant_of};

/// One rule made ready: where it starts, from any place on.
///
/// What is visited is what the rule alone generates, after COUNT and UNTIL: without EXDATE and
/// RDATE, and without a first start that the rule does not name itself. The whole of an event is
/// [`expand`](super::expand); this is the part below it, for whoever only counts, compares or
/// measures.
///
/// ```
/// use almanac_calendar::expand::Starts;
/// use almanac_calendar::{Rule, When, Zone};
///
/// let zone = Zone::named("Europe/Berlin");
/// let when = When::from_people("2026-03-23T10:00", None, Some(&zone))?;
/// let starts = Starts::new(&Rule::parse("FREQ=WEEKLY")?, &when);
/// let mut found = Vec::new();
/// starts.each("2026-03-25T00:00:00Z".parse()?.."2026-04-08T00:00:00Z".parse()?, |start| {
///     found.push(start.instant().to_string());
///     true
/// });
/// assert_eq!(found, ["2026-03-30T08:00:00Z", "2026-04-06T08:00:00Z"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Starts {
    series: Series,
    when: When,
}

/// One start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Start(super::series::Start);

impl Start {
    /// What the wall shows, as the rule gave it: a time in a gap of the clock is still here.
    #[must_use]
    pub fn wall_clock(&self) -> DateTime {
        datetime_of(self.0.local).unwrap_or_default()
    }

    /// The instant; whole days and floating times are read in UTC.
    #[must_use]
    pub fn instant(&self) -> Timestamp {
        instant_of(self.0.instant)
    }

    /// [`Start::instant`] in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_seconds(&self) -> i64 {
        self.0.instant
    }
}

impl Starts {
    /// A rule whose first start (DTSTART) is that of `when`.
    #[must_use]
    pub fn new(rule: &Rule, when: &When) -> Self {
        let (is_all_day, is_zoned) = (when.is_all_day(), when.zone().is_some());
        let start = seconds_of(when.start());
        Self {
            series: Series::new(rule, start, is_all_day, is_zoned, clock(when)),
            when: when.clone(),
        }
    }

    /// Calls `visit` with every start in a window of time, in order of the wall clock, until it
    /// answers false.
    #[inline]
    pub fn each(&self, window: Range<Timestamp>, mut visit: impl FnMut(Start) -> bool) {
        let window = Window::new(&window);
        let mut cursor = Cursor::new(clock(&self.when));
        let offset = cursor.offset_throughout(window.from - DAY, window.to.saturating_add(DAY));
        let local = match offset {
            Some(offset) => window.from + offset..window.to + offset,
            // Where the clock jumps, wall clocks and instants are in no simple order.
            None => window.from - 2 * DAY..window.to + 2 * DAY,
        };
        self.series
            .each(&mut cursor, local.start, local.end, |start| {
                !window.holds(start.instant, start.instant) || visit(Start(start))
            });
    }

    /// Calls `visit` with the wall clock of every start in a window of wall clocks, in seconds
    /// since 1970-01-01T00:00 on that wall, in order, until it answers false. No zone is looked
    /// at but for steps below a day.
    #[inline]
    pub fn each_wall_clock(&self, window: Range<DateTime>, visit: impl FnMut(i64) -> bool) {
        let local = seconds_of(window.start)..seconds_of(window.end);
        self.series
            .each_local(clock(&self.when), local.start, local.end, visit);
    }
}
