//! How occurrences look from one split to the next: fields, length, zone, and how far they were
//! moved from their original start.

use std::sync::Arc;

use super::series::Start;
use super::window::Window;
use crate::civil::{DAY, datetime_of, days_of_date, seconds_of};
use crate::event::{Busy, Event, Override, Status};
use crate::length::Length;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::when::{End, When};
use crate::zone::{Cursor, Table, Zone, instant_of};

/// The fields of an occurrence that a calendar shows.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    title: Arc<str>,
    place: Arc<str>,
    status: Status,
    busy: Busy,
    color: Option<Arc<str>>,
}

impl Fields {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            title: event.title.as_str().into(),
            place: event.place.as_str().into(),
            status: event.status,
            busy: event.busy,
            color: event.color.as_deref().map(Into::into),
        }
    }

    pub(super) fn with(&self, change: &Override) -> Self {
        let text = |new: &Option<String>, old: &Arc<str>| match new {
            Some(new) => new.as_str().into(),
            None => old.clone(),
        };
        Self {
            title: text(&change.title, &self.title),
            place: text(&change.place, &self.place),
            status: change.status.unwrap_or(self.status),
            busy: change.busy.unwrap_or(self.busy),
            color: match change.color.as_deref() {
                Some("") => None,
                Some(color) => Some(color.into()),
                None => self.color.clone(),
            },
        }
    }
}

/// How long something lasts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lasts {
    /// So many days of the wall clock, then so many exact seconds.
    Length(i64, i64),
}

impl Lasts {
    /// An end given as a time counts as the exact time until then, the same for every occurrence
    /// (RFC 5545 §3.8.5.3); one given as a length keeps its days by the wall clock.
    pub(super) fn of(when: &When) -> Self {
        match when {
            When::AllDay { start, end } => {
                Self::Length((days_of_date(*end) - days_of_date(*start)).max(1), 0)
            }
            When::Zoned { start, zone, end } => Self::timed(*start, zone, end),
            When::Floating { start, end } => Self::timed(*start, &Zone::utc(), end),
        }
    }

    fn timed(start: jiff::civil::DateTime, zone: &Zone, end: &End) -> Self {
        match end {
            End::After(length) if length.is_negative() => Self::Length(0, 0),
            End::After(length) => Self::Length(length.days(), length.seconds()),
            End::At { .. } => {
                let from = zone.instant(start).as_second();
                Self::Length(0, (end.instant(start, zone).as_second() - from).max(0))
            }
        }
    }

    pub(super) fn given(length: Length) -> Self {
        Self::Length(length.days().max(0), length.seconds().max(0))
    }

    /// At most so many seconds.
    pub(super) const fn seconds_max(self) -> i64 {
        let Self::Length(days, seconds) = self;
        // Clocks that go back make days longer, by a day at most.
        days * DAY + seconds + if days == 0 { 0 } else { DAY }
    }
}

/// How occurrences look from one original start on.
#[derive(Debug)]
pub(super) struct Look {
    /// Instant of the split that began it.
    pub(super) from: i64,
    pub(super) when: When,
    /// Civil seconds between an original start and where it happens.
    pub(super) shift: i64,
    pub(super) lasts: Lasts,
    pub(super) fields: Fields,
}

/// Where something happens, on its own clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) local: i64,
    pub(super) instant: i64,
    pub(super) lasts: Lasts,
}

/// The clocks that occurrences are read on.
pub(super) struct Clocks<'a> {
    /// The clock of whoever looks.
    pub(super) viewer: Cursor<'a>,
    /// The clock of the series.
    pub(super) own: Cursor<'a>,
}

impl Look {
    /// Where an original start happens.
    pub(super) fn place(&self, start: Start, original_when: &When) -> Place {
        let is_as_generated = self.shift == 0 && self.when.zone() == original_when.zone();
        let local = start.local + self.shift;
        let instant = if is_as_generated {
            start.instant
        } else {
            clock(&self.when).read(local).instant()
        };
        Place {
            local,
            instant,
            lasts: self.lasts,
        }
    }
}

impl Place {
    /// Where a time of its own happens.
    pub(super) fn of(when: &When) -> Self {
        let local = seconds_of(when.start());
        Self {
            local,
            instant: clock(when).read(local).instant(),
            lasts: Lasts::of(when),
        }
    }

    /// The occurrence, read by the viewer where it has no zone, named by where it happens;
    /// `None` where it is not in the window.
    pub(super) fn occurrence<'a>(
        &self,
        when: &'a When,
        fields: &Fields,
        window: &Window,
        clocks: &mut Clocks<'a>,
    ) -> Option<Occurrence> {
        let Lasts::Length(days, seconds) = self.lasts;
        let mut other;
        let (clock, is_zoned) = match when {
            When::Zoned { zone, .. } if clocks.own.is_of(zone.table()) => (&mut clocks.own, true),
            When::Zoned { zone, .. } => {
                other = Cursor::new(zone.table());
                (&mut other, true)
            }
            When::AllDay { .. } | When::Floating { .. } => (&mut clocks.viewer, false),
        };
        let start = if is_zoned {
            self.instant
        } else {
            clock.instant(self.local)
        };
        let end = if is_zoned || when.is_all_day() {
            let base = if days == 0 {
                start
            } else {
                clock.instant(self.local + days * DAY)
            };
            base + seconds
        } else {
            // A floating time has no other clock than the wall's.
            clock.instant(self.local + days * DAY + seconds)
        };
        let end = end.max(start);
        if !window.holds(start, end) {
            return None;
        }
        let (local_start, local_end) = if when.is_all_day() {
            (self.local, self.local + days * DAY)
        } else {
            (start + clock.offset(start), end + clock.offset(end))
        };
        let local_start = datetime_of(local_start).unwrap_or_default();
        Some(Occurrence {
            original: OriginalStart::Local(local_start),
            start: instant_of(start),
            end: instant_of(end),
            local_start,
            local_end: datetime_of(local_end).unwrap_or_default(),
            all_day: when.is_all_day(),
            zone: when.zone().cloned(),
            title: fields.title.clone(),
            place: fields.place.clone(),
            status: fields.status,
            busy: fields.busy,
            color: fields.color.clone(),
            is_override: false,
        })
    }
}

/// The clock that a series counts on: its zone's, or none for whole days and floating times.
pub(super) fn clock(when: &When) -> &Table {
    static NONE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(|| Table::fixed(0));
    when.zone().map_or(&NONE, Zone::table)
}
