//! One occurrence of an event: what a calendar shows.
//!
//! Never stored as truth: computed from the event, and named by the event and the original start.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::event::{Busy, Status};
use crate::original::OriginalStart;
use crate::zone::Zone;

/// One time an event happens. Spans are half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Which one of the series it is.
    pub original: OriginalStart,
    /// When it starts; whole days and floating times are read in the zone asked for.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// What its own wall clock shows at the start.
    pub local_start: DateTime,
    /// What its own wall clock shows at the end.
    pub local_end: DateTime,
    /// Whether it is whole days.
    pub all_day: bool,
    /// Its zone; none for whole days and floating times.
    pub zone: Option<Zone>,
    /// Title of this one.
    pub title: Arc<str>,
    /// Place of this one.
    pub place: Arc<str>,
    /// Status of this one.
    pub status: Status,
    /// Whether this one takes the time it stands in.
    pub busy: Busy,
    /// Colour of this one.
    pub color: Option<Arc<str>>,
    /// Whether it differs from its series.
    pub is_override: bool,
}
