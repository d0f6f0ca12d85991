//! The starts of one rule, in order, from any place on.
//!
//! Nothing walks from DTSTART to the window: the first period is computed. COUNT is turned into
//! the last start it allows, by arithmetic where every period has as many members as the next,
//! by counting otherwise. Rules of a day and longer go by the wall clock, shorter ones by elapsed
//! time. Every search is bounded: a rule that finds nothing for long enough is taken to find
//! nothing more.

use super::compiled::Compiled;
use crate::civil::{DAY, FIRST_DAY, LAST_DAY, seconds_of};
use crate::original::OriginalStart;
use crate::rule::{Frequency, Rule, Skip};
use crate::zone::{Cursor, Table};

/// The largest COUNT that is counted to one by one.
pub(super) const COUNTED_MAX: u32 = 200_000;

/// Where a wall clock of a series stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Start {
    /// Unix second. Whole days and floating times count as if in UTC.
    pub(super) instant: i64,
    /// Civil second as the rule gave it, before any gap moved it.
    pub(super) local: i64,
}

/// The last moment of a rule, itself included.
#[derive(Debug, Clone, Copy)]
pub(super) enum Last {
    Never,
    Instant(i64),
    Local(i64),
}

/// One rule from one start on.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) compiled: Compiled,
    pub(super) last: Last,
    pub(super) count: Option<u32>,
}

impl Series {
    /// A rule whose DTSTART is civil second `start` on a clock.
    ///
    /// UNTIL in UTC beside a zone is an instant; in local form or as a date it is read on the
    /// series' own clock, a date among timed starts as its midnight. Beside whole days its date
    /// counts, as it is written.
    pub(super) fn new(
        rule: &Rule,
        start: i64,
        is_all_day: bool,
        is_zoned: bool,
        clock: &Table,
    ) -> Self {
        let compiled = Compiled::new(rule, start, is_all_day);
        let last = match rule.until {
            None => Last::Never,
            Some(until) => {
                let local = seconds_of(until.wall_clock());
                match until {
                    _ if is_all_day => Last::Local(local.div_euclid(DAY) * DAY),
                    OriginalStart::Utc(_) if is_zoned => Last::Instant(local),
                    OriginalStart::Utc(_) | OriginalStart::Local(_) | OriginalStart::Date(_)
                        if compiled.frequency < Frequency::Daily =>
                    {
                        Last::Instant(clock.read(local).instant())
                    }
                    OriginalStart::Utc(_) | OriginalStart::Local(_) | OriginalStart::Date(_) => {
                        Last::Local(local)
                    }
                }
            }
        };
        let mut series = Self {
            compiled,
            last,
            count: rule.count,
        };
        series.count_as_last(clock);
        series
    }

    /// Whether it ends by itself.
    pub(super) const fn last_instant(&self) -> Option<i64> {
        match self.last {
            Last::Never => None,
            Last::Instant(at) => Some(at),
            Last::Local(at) => Some(at + DAY),
        }
    }

    /// How many starts there are at most, where that is not said by the last one.
    pub(super) const fn count(&self) -> Option<u32> {
        self.count
    }

    /// Calls `visit` with every start whose civil second lies in `from..to`, in order, until it
    /// answers false.
    #[inline]
    pub(super) fn each(
        &self,
        cursor: &mut Cursor<'_>,
        from: i64,
        to: i64,
        mut visit: impl FnMut(Start) -> bool,
    ) {
        let mut gate = Gate::new(self, from);
        let Some((unit, walk_from, to)) = self.walk(from, to) else {
            return;
        };
        if unit < DAY {
            self.by_time(unit, cursor.table(), walk_from, to, |start| {
                gate.pass(start.local, || start.instant).of(|| visit(start))
            });
            return;
        }
        self.by_day(walk_from, to, |local| {
            let instant = cursor.instant(local);
            let start = Start { instant, local };
            gate.pass(local, || instant).of(|| visit(start))
        });
    }

    /// Like [`Series::each`], with civil seconds alone.
    #[inline]
    pub(super) fn each_local(
        &self,
        clock: &Table,
        from: i64,
        to: i64,
        mut visit: impl FnMut(i64) -> bool,
    ) {
        let mut gate = Gate::new(self, from);
        let Some((unit, walk_from, to)) = self.walk(from, to) else {
            return;
        };
        if unit < DAY {
            self.by_time(unit, clock, walk_from, to, |start| {
                gate.pass(start.local, || start.instant)
                    .of(|| visit(start.local))
            });
            return;
        }
        self.by_day(walk_from, to, |local| {
            gate.pass(local, || clock.read(local).instant())
                .of(|| visit(local))
        });
    }

    /// The seconds of one step, and where to walk from and to; `None` where there is nothing.
    fn walk(&self, from: i64, to: i64) -> Option<(i64, i64, i64)> {
        if self.compiled.is_dead() {
            return None;
        }
        let start = self.compiled.start;
        let unit = match self.compiled.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3_600,
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => DAY,
        };
        let to = match self.last {
            Last::Never => to,
            // No clock is a day away from UTC, and none jumps further than that.
            Last::Instant(last) => to.min(last.saturating_add(2 * DAY)),
            Last::Local(last) => to.min(last.saturating_add(1)),
        };
        // Below a day the wall may show less than at the start, where it goes back meanwhile.
        let first = if unit < DAY { start - DAY } else { start };
        let from = if self.count.is_some() {
            first
        } else {
            from.max(first)
        };
        let from = from.max(FIRST_DAY * DAY);
        Some((unit, from, to.min((LAST_DAY + 1) * DAY)))
    }
}

/// What keeps a start of the rule from whoever asks: the window, UNTIL, COUNT.
struct Gate {
    from: i64,
    /// Up to here no start is after the last.
    sure: i64,
    last: Last,
    left: u64,
    /// The start before, where days that stand in for others (SKIP) may come twice.
    before: Option<i64>,
}

/// What becomes of a start.
enum Pass {
    Stop,
    Skip,
    Give,
}

impl Gate {
    fn new(series: &Series, from: i64) -> Self {
        let sure = match series.last {
            Last::Never => i64::MAX,
            Last::Instant(last) => last.saturating_sub(2 * DAY),
            Last::Local(last) => last,
        };
        let may_repeat = series.compiled.skip != Skip::Omit;
        Self {
            from,
            sure,
            last: series.last,
            left: series.count.map_or(u64::MAX, u64::from),
            before: if may_repeat { Some(i64::MIN) } else { None },
        }
    }

    #[inline]
    fn pass(&mut self, local: i64, instant: impl FnOnce() -> i64) -> Pass {
        if local > self.sure {
            match self.last {
                Last::Never => {}
                // In a gap a later wall clock may be an earlier instant, so the walk goes on.
                Last::Instant(last) if instant() > last => return Pass::Skip,
                Last::Instant(_) => {}
                Last::Local(last) if local > last => return Pass::Stop,
                Last::Local(_) => {}
            }
        }
        if self.left == 0 {
            return Pass::Stop;
        }
        if let Some(before) = self.before {
            if local == before {
                return Pass::Skip;
            }
            self.before = Some(local);
        }
        self.left -= 1;
        if local < self.from {
            Pass::Skip
        } else {
            Pass::Give
        }
    }
}

impl Pass {
    #[inline]
    fn of(&self, visit: impl FnOnce() -> bool) -> bool {
        match self {
            Self::Stop => false,
            Self::Skip => true,
            Self::Give => visit(),
        }
    }
}
