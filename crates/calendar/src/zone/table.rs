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
