//! The jumps of a zone's clock as a sorted table, for reading wall clocks fast.
//!
//! An IANA zone's table is filled on first use up to 2500. What comes after repeats what came 400
//! years before, as the calendar does: by then every zone goes by a rule of months and weekdays.
//! Invariant: instants ascend, and neighbouring entries differ in offset.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::civil::{DAY, days_of};

/// The last second an IANA table is asked about, within a day: 2500-01-01.
const COVERED_UNTIL: i64 = days_of(2500, 1, 1) * DAY;

/// Seconds after which the calendar repeats, weekdays too: 400 years.
const CYCLE: i64 = 146_097 * DAY;

/// The most jumps one table holds; no zone of the world has a tenth of it.
const JUMPS_MAX: usize = 10_000;

/// One jump: from this Unix second on, this offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jump {
    /// Unix second of the jump.
    pub(crate) at: i64,
    /// Offset before it, seconds east.
    pub(crate) before: i64,
    /// Offset from it on, seconds east.
    pub(crate) after: i64,
}

impl Jump {
    /// The first wall clock that the jump touches.
    const fn touched_from(&self) -> i64 {
        self.at
            + if self.before < self.after {
                self.before
            } else {
                self.after
            }
    }

    /// The first wall clock after the touched ones.
    const fn touched_until(&self) -> i64 {
        self.at
            + if self.before < self.after {
                self.after
            } else {
                self.before
            }
    }
}

/// What a wall clock means, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Once(i64),
    Twice(i64, i64),
    Never(i64),
}

impl Read {
    pub(crate) const fn instant(self) -> i64 {
        match self {
            Self::Once(at) | Self::Twice(at, _) | Self::Never(at) => at,
        }
    }
}

/// The stretch between two jumps: one offset throughout.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Unix seconds.
    instants: (i64, i64),
    /// The civil seconds among them that the clock showed once.
    locals: (i64, i64),
    offset: i64,
}

impl Stretch {
    const NONE: Self = Self {
        instants: (0, 0),
        locals: (0, 0),
        offset: 0,
    };

    const fn has_instant(&self, second: i64) -> bool {
        self.instants.0 <= second && second < self.instants.1
    }

    const fn has_local(&self, second: i64) -> bool {
        self.locals.0 <= second && second < self.locals.1
    }
}

/// A reader of a table that remembers the stretch between two jumps it last stood in, so that
/// reading many times in a row costs one comparison each.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    table: &'a Table,
    stretch: Stretch,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(table: &'a Table) -> Self {
        Self {
            table,
            stretch: Stretch::NONE,
        }
    }

    /// The table it reads.
    pub(crate) const fn table(&self) -> &'a Table {
        self.table
    }

    /// Whether it reads this table.
    pub(crate) fn is_of(&self, table: &Table) -> bool {
        std::ptr::eq(self.table, table)
    }

    /// The Unix second of a civil second: [`Read::instant`].
    #[inline]
    pub(crate) fn instant(&mut self, local: i64) -> i64 {
        if !self.stretch.has_local(local) {
            let stretch = self.table.local_stretch(local);
            if !stretch.has_local(local) {
                return self.table.read(local).instant();
            }
            self.stretch = stretch;
        }
        local - self.stretch.offset
    }

    /// Seconds east at a Unix second.
    #[inline]
    pub(crate) fn offset(&mut self, second: i64) -> i64 {
        if !self.stretch.has_instant(second) {
            self.stretch = self.table.stretch(second);
        }
        self.stretch.offset
    }

    /// The first second after one at which the offset may be another.
    pub(crate) fn next_jump(&mut self, second: i64) -> i64 {
        let _ = self.offset(second);
        self.stretch.instants.1
    }

    /// The offset that all these Unix seconds share, if they do.
    pub(crate) fn offset_throughout(&mut self, from: i64, until: i64) -> Option<i64> {
        let offset = self.offset(from);
        if self.stretch.has_instant(until) {
            Some(offset)
        } else {
            None
        }
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Table")
    }
}

/// All jumps of one zone.
pub(crate) struct Table {
    source: Option<TimeZone>,
    jumps: OnceLock<(i64, Vec<Jump>)>,
}

impl Table {
    /// A clock that never jumps.
    pub(crate) fn fixed(offset: i64) -> Self {
        Self {
            source: None,
            jumps: OnceLock::from((offset, Vec::new())),
        }
    }

    /// A clock with these jumps, in order of time.
    pub(crate) fn of(first: i64, jumps: Vec<Jump>) -> Self {
        Self {
            source: None,
            jumps: OnceLock::from((first, jumps)),
        }
    }

    /// The clock of an IANA zone.
    pub(crate) const fn iana(zone: TimeZone) -> Self {
        Self {
            source: Some(zone),
            jumps: OnceLock::new(),
        }
    }

    /// The offset before the first jump, and the jumps.
    pub(crate) fn jumps(&self) -> (i64, &[Jump]) {
        let (first, jumps) = self.jumps.get_or_init(|| match &self.source {
            Some(zone) => fill(zone),
            None => (0, Vec::new()),
        });
        (*first, jumps)
    }

    /// The first second after which the table repeats itself.
    const fn covered_until(&self) -> i64 {
        if self.source.is_some() {
            COVERED_UNTIL - 2 * DAY
        } else {
            i64::MAX
        }
    }

    /// How far back in the table the seconds are that stand for a second after it.
    const fn turned(&self, second: i64) -> i64 {
        if second < self.covered_until() {
            0
        } else {
            ((second - self.covered_until()) / CYCLE + 1) * CYCLE
        }
    }

    /// Seconds east at a Unix second.
    pub(crate) fn offset(&self, second: i64) -> i64 {
        self.stretch(second).offset
    }

    /// The stretch between two jumps that a Unix second lies in.
    fn stretch(&self, second: i64) -> Stretch {
        let (_, jumps) = self.jumps();
        let turned = self.turned(second);
        let passed = jumps.partition_point(|jump| jump.at <= second - turned);
        self.stretch_after(passed, turned)
    }

    /// The stretch that a civil second lies in; it does not hold the second itself where a jump
    /// touches that.
    fn local_stretch(&self, local: i64) -> Stretch {
        let (_, jumps) = self.jumps();
        let turned = self.turned(local);
        let passed = jumps.partition_point(|jump| jump.touched_from() <= local - turned);
        self.stretch_after(passed, turned)
    }

    /// The stretch that follows so many jumps.
    fn stretch_after(&self, passed: usize, turned: i64) -> Stretch {
        let (first, jumps) = self.jumps();
        let last = passed.checked_sub(1).and_then(|last| jumps.get(last));
        let next = jumps.get(passed);
        let from = |last: Option<i64>| last.unwrap_or(i64::MIN) + turned;
        let until = |next: Option<i64>| next.unwrap_or(i64::MAX).min(self.covered_until()) + turned;
        Stretch {
            instants: (
                from(last.map(|jump| jump.at)),
                until(next.map(|jump| jump.at)),
            ),
            locals: (
                from(last.map(Jump::touched_until)),
                until(next.map(Jump::touched_from)),
            ),
            offset: last.map_or(first, |jump| jump.after),
        }
    }

    /// What a civil second means here.
    pub(crate) fn read(&self, local: i64) -> Read {
        let (first, jumps) = self.jumps();
        let turned = self.turned(local);
        let passed = jumps.partition_point(|jump| jump.touched_from() <= local - turned);
        let Some(jump) = passed.checked_sub(1).and_then(|last| jumps.get(last)) else {
            return Read::Once(local - first);
        };
        match read_at(jump, local - turned) {
            Read::Once(at) => Read::Once(at + turned),
            Read::Twice(at, again) => Read::Twice(at + turned, again + turned),
            Read::Never(at) => Read::Never(at + turned),
        }
    }
}

/// What a civil second means at or after a jump that touches it first.
fn read_at(jump: &Jump, local: i64) -> Read {
    if local >= jump.touched_until() {
        Read::Once(local - jump.after)
    } else if jump.before < jump.after {
        Read::Never(local - jump.before)
    } else {
        Read::Twice(local - jump.before, local - jump.after)
    }
}

fn fill(zone: &TimeZone) -> (i64, Vec<Jump>) {
    let first = i64::from(zone.to_offset(Timestamp::MIN).seconds());
    let mut before = first;
    let mut jumps = Vec::new();
    for transition in zone.following(Timestamp::MIN).take(JUMPS_MAX) {
        let at = transition.timestamp().as_second();
        if at > COVERED_UNTIL {
            break;
        }
        let after = i64::from(transition.offset().seconds());
        if after != before {
            jumps.push(Jump { at, before, after });
        }
        before = after;
    }
    (first, jumps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::datetime_of;
    use crate::zone::{Cursor, instant_of};

    /// Asks the table, the cursor and `jiff` about the same seconds.
    fn check(name: &str, seconds: impl Iterator<Item = i64>) {
        let zone = TimeZone::get(name).unwrap();
        let table = Table::iana(zone.clone());
        let mut cursor = Cursor::new(&table);
        for second in seconds {
            let offset = i64::from(zone.to_offset(instant_of(second)).seconds());
            assert_eq!(table.offset(second), offset, "{name} {second}");
            assert_eq!(cursor.offset(second), offset, "{name} {second}");
            assert!(cursor.next_jump(second) > second);
            let at = zone.to_ambiguous_timestamp(datetime_of(second).unwrap());
            let instant = at.compatible().map_or(second, Timestamp::as_second);
            assert_eq!(table.read(second).instant(), instant, "{name} {second}");
            assert_eq!(cursor.instant(second), instant, "{name} {second}");
        }
    }

    #[test]
    fn tables_say_what_the_time_library_says_in_every_century() {
        for name in [
            "Europe/Berlin",
            "Europe/Dublin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "Pacific/Apia",
            "Asia/Kolkata",
            "America/St_Johns",
        ] {
            let from = days_of(1850, 1, 1) * DAY;
            check(
                name,
                (0..80_000).map(|step| from + step * 86_400 * 37 + step * 1_801),
            );
            // Around the seam, hour by hour.
            check(
                name,
                (-9_000..9_000).map(|hour| COVERED_UNTIL + hour * 3_600),
            );
        }
    }
}
