//! When someone is taken, without saying what by (RFC 5545 §3.6.4).

use std::ops::Range;

use jiff::Timestamp;

/// A stretch of time that is not free. Half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyPeriod {
    /// From when to when.
    pub span: Range<Timestamp>,
    /// How firmly.
    pub kind: BusyKind,
}

/// How firmly a stretch of time is taken (FBTYPE).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyKind {
    /// Perhaps.
    Tentative,
    /// Taken.
    Busy,
    /// Never to be had: away, outside working hours.
    Unavailable,
}
