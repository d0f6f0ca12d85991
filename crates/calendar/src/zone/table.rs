//! The jumps of a zone's clock as a sorted table, for reading wall clocks fast.
//!
//! An IANA zone's table is filled on first use up to 2200 and asks `jiff` beyond.
//! Invariant: instants ascend, and neighbouring entries differ in offset.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::instant_of;
use crate::civil::datetime_of;

/// The last instant an IANA table covers: 2200-01-01.
const COVERED_UNTIL: i64 = 7_258_118_400;

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

/// A stretch of seconds with one offset throughout.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

impl Stretch {
    const NONE: Self = Self {
        from: 0,
        until: 0,
        offset: 0,
    };

    const fn holds(&self, second: i64) -> bool {
        self.from <= second && second < self.until
    }
}

/// A reader of a table that remembers the stretch between two jumps it last stood in, so that
/// reading many times in a row costs one comparison each.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    table: &'a Table,
    /// Civil seconds that were shown once, between two jumps.
    local: Stretch,
    /// Unix seconds between two jumps.
    instant: Stretch,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(table: &'a Table) -> Self {
        Self {
            table,
            local: Stretch::NONE,
            instant: Stretch::NONE,
        }
    }

    /// Whether it reads this table.
    pub(crate) fn is_of(&self, table: &Table) -> bool {
        std::ptr::eq(self.table, table)
    }

    /// The Unix second of a civil second: [`Read::instant`].
    #[inline]
    pub(crate) fn instant(&mut self, local: i64) -> i64 {
        if !self.local.holds(local) {
            self.local = self.table.local_stretch(local);
            if !self.local.holds(local) {
                return self.table.read(local).instant();
            }
        }
        local - self.local.offset
    }

    /// Seconds east at a Unix second.
    #[inline]
    pub(crate) fn offset(&mut self, second: i64) -> i64 {
        if !self.instant.holds(second) {
            self.instant = self.table.stretch(second);
            if !self.instant.holds(second) {
                return self.table.offset(second);
            }
        }
        self.instant.offset
    }

    /// The next jump after a Unix second, where the table knows one.
    pub(crate) fn next_jump(&mut self, second: i64) -> Option<i64> {
        let _ = self.offset(second);
        if self.instant.holds(second) && self.instant.until < self.table.covered_until() {
            Some(self.instant.until)
        } else {
            None
        }
    }

    /// The offset that all these Unix seconds share, if they do.
    pub(crate) fn offset_throughout(&mut self, from: i64, until: i64) -> Option<i64> {
        let offset = self.offset(from);
        if self.instant.holds(from) && self.instant.holds(until) {
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

    /// The zone to ask for what the table does not cover.
    fn beyond(&self, second: i64) -> Option<&TimeZone> {
        if second < COVERED_UNTIL - 200_000 {
            None
        } else {
            self.source.as_ref()
        }
    }

    /// Seconds east at a Unix second.
    pub(crate) fn offset(&self, second: i64) -> i64 {
        if let Some(zone) = self.beyond(second) {
            return i64::from(zone.to_offset(instant_of(second)).seconds());
        }
        let (first, jumps) = self.jumps();
        let passed = jumps.partition_point(|jump| jump.at <= second);
        passed
            .checked_sub(1)
            .and_then(|last| jumps.get(last))
            .map_or(first, |jump| jump.after)
    }

    /// The first second that the table does not cover.
    const fn covered_until(&self) -> i64 {
        if self.source.is_some() {
            COVERED_UNTIL - 200_000
        } else {
            i64::MAX
        }
    }

    /// The stretch between two jumps that a Unix second lies in; an empty one where the table
    /// does not cover it.
    fn stretch(&self, second: i64) -> Stretch {
        let (first, jumps) = self.jumps();
        let passed = jumps.partition_point(|jump| jump.at <= second);
        let last = passed.checked_sub(1).and_then(|last| jumps.get(last));
        let next = jumps.get(passed).map_or(i64::MAX, |jump| jump.at);
        Stretch {
            from: last.map_or(i64::MIN, |jump| jump.at),
            until: next.min(self.covered_until()),
            offset: last.map_or(first, |jump| jump.after),
        }
    }

    /// The civil seconds around one that the clock showed once between two jumps; it does not
    /// hold the second itself where a jump touches that.
    fn local_stretch(&self, local: i64) -> Stretch {
        let (first, jumps) = self.jumps();
        let passed = jumps.partition_point(|jump| jump.touched_from() <= local);
        let last = passed.checked_sub(1).and_then(|last| jumps.get(last));
        let next = jumps.get(passed).map_or(i64::MAX, Jump::touched_from);
        Stretch {
            from: last.map_or(i64::MIN, Jump::touched_until),
            until: next.min(self.covered_until()),
            offset: last.map_or(first, |jump| jump.after),
        }
    }

    /// What a civil second means here.
    pub(crate) fn read(&self, local: i64) -> Read {
        if let Some(zone) = self.beyond(local) {
            return read_beyond(zone, local);
        }
        let (first, jumps) = self.jumps();
        let passed = jumps.partition_point(|jump| jump.touched_from() <= local);
        let Some(jump) = passed.checked_sub(1).and_then(|last| jumps.get(last)) else {
            return Read::Once(local - first);
        };
        read_at(jump, local)
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

fn read_beyond(zone: &TimeZone, local: i64) -> Read {
    let Some(at) = datetime_of(local) else {
        return Read::Once(local);
    };
    let reading = zone.to_ambiguous_timestamp(at);
    let instant = |found: Result<Timestamp, jiff::Error>| found.map_or(local, |at| at.as_second());
    match reading.offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { .. } => Read::Once(instant(reading.compatible())),
        jiff::tz::AmbiguousOffset::Gap { .. } => Read::Never(instant(reading.compatible())),
        jiff::tz::AmbiguousOffset::Fold { .. } => {
            Read::Twice(instant(reading.earlier()), instant(reading.later()))
        }
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
