//! When an event happens: whole days, a wall clock in a zone, or a wall clock anywhere.
//!
//! One value, because its parts only make sense together: two edits never mix halves. Spans are
//! half-open, the end is the first moment that no longer belongs.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::civil::{date_of, datetime_of, days_of_date, seconds_of};
use crate::length::Length;
use crate::original::{NotATime, OriginalStart};
use crate::zone::{Zone, instant_of};

/// When an event happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// Whole days, the same on every wall.
    AllDay {
        /// The first day.
        start: Date,
        /// The first day after; at least one day later, or nothing is shown as one day.
        end: Date,
    },
    /// A wall clock in a zone.
    Zoned {
        /// The wall clock at the start.
        start: DateTime,
        /// The zone of that clock.
        zone: Zone,
        /// How it ends.
        end: End,
    },
    /// A wall clock that follows whoever looks.
    Floating {
        /// The wall clock at the start.
        start: DateTime,
        /// How it ends.
        end: End,
    },
}

/// How something timed ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// At a wall clock.
    At {
        /// The wall clock.
        at: DateTime,
        /// Its zone, where it is not the zone of the start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<Zone>,
    },
    /// After a length of time.
    After(Length),
}

/// Times that people gave and that make no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTimes {
    /// One of them is no time.
    #[error(transparent)]
    NotATime(#[from] NotATime),
    /// One is a whole day, the other has an hour.
    #[error("start and end must both be days or both be times")]
    MixedKinds,
    /// It would end before it starts.
    #[error("the end comes before the start")]
    EndsBeforeStart,
}

/// Seconds that a timed event lasts when nobody said how long.
const SECONDS_UNSAID: i64 = 3_600;

impl When {
    /// Reads what people type: `2026-11-20` for a whole day, `2026-11-20T10:00` for a time in
    /// `zone` (floating without one), with `Z` for a time in UTC.
    ///
    /// The end of whole days is the last day itself, as people say it. Without an end an event
    /// lasts one day or one hour.
    ///
    /// # Errors
    ///
    /// [`BadTimes`] where the texts are no times, of two kinds, or in the wrong order.
    pub fn from_people(
        start: &str,
        end: Option<&str>,
        zone: Option<&Zone>,
    ) -> Result<Self, BadTimes> {
        let start: OriginalStart = start.parse()?;
        let end = end.map(str::parse::<OriginalStart>).transpose()?;
        let when = match (start, end) {
            (OriginalStart::Date(start), None) => Self::AllDay {
                start,
                end: day_after(start),
            },
            (OriginalStart::Date(start), Some(OriginalStart::Date(last))) => Self::AllDay {
                start,
                end: day_after(last),
            },
            (OriginalStart::Date(_), Some(_)) | (_, Some(OriginalStart::Date(_))) => {
                return Err(BadTimes::MixedKinds);
            }
            (OriginalStart::Utc(start), end) => {
                let end = end.map_or_else(unsaid, |end| in_zone(end, zone));
                Self::Zoned {
                    start,
                    zone: Zone::utc(),
                    end,
                }
            }
            (OriginalStart::Local(start), end) => {
                let end = end.map_or_else(unsaid, |end| match end {
                    OriginalStart::Utc(at) => End::At {
                        at,
                        zone: Some(Zone::utc()),
                    },
                    OriginalStart::Date(_) | OriginalStart::Local(_) => End::At {
                        at: end.wall_clock(),
                        zone: None,
                    },
                });
                match zone {
                    Some(zone) => Self::Zoned {
                        start,
                        zone: zone.clone(),
                        end,
                    },
                    None => Self::Floating { start, end },
                }
            }
        };
        let (from, until) = when.span(&Zone::utc());
        if until < from {
            Err(BadTimes::EndsBeforeStart)
        } else {
            Ok(when)
        }
    }

    /// The start as the name of the occurrence that it is.
    #[must_use]
    pub fn original(&self) -> OriginalStart {
        match self {
            Self::AllDay { start, .. } => OriginalStart::Date(*start),
            Self::Zoned { start, zone, .. } if zone.is_utc() => OriginalStart::Utc(*start),
            Self::Zoned { start, .. } | Self::Floating { start, .. } => {
                OriginalStart::Local(*start)
            }
        }
    }

    /// The wall clock at the start; midnight for whole days.
    #[must_use]
    pub fn start(&self) -> DateTime {
        match self {
            Self::AllDay { start, .. } => start.at(0, 0, 0, 0),
            Self::Zoned { start, .. } | Self::Floating { start, .. } => *start,
        }
    }

    /// The zone, where it has one.
    #[must_use]
    pub const fn zone(&self) -> Option<&Zone> {
        match self {
            Self::Zoned { zone, .. } => Some(zone),
            Self::AllDay { .. } | Self::Floating { .. } => None,
        }
    }

    /// Whether it is whole days.
    #[must_use]
    pub const fn is_all_day(&self) -> bool {
        matches!(self, Self::AllDay { .. })
    }

    /// First and last instant; whole days and floating times are read in `viewer`.
    #[must_use]
    pub fn span(&self, viewer: &Zone) -> (Timestamp, Timestamp) {
        match self {
            Self::AllDay { start, end } => {
                let end = if end > start { *end } else { day_after(*start) };
                (
                    viewer.instant(start.at(0, 0, 0, 0)),
                    viewer.instant(end.at(0, 0, 0, 0)),
                )
            }
            Self::Zoned { start, zone, end } => (zone.instant(*start), end.instant(*start, zone)),
            Self::Floating { start, end } => (viewer.instant(*start), end.instant(*start, viewer)),
        }
    }

    /// The same at another wall clock: it lasts as long by the wall clock as before.
    #[must_use]
    pub fn moved_to(&self, to: DateTime) -> Self {
        let shift = seconds_of(to) - seconds_of(self.start());
        let moved = |at: DateTime| datetime_of(seconds_of(at) + shift).unwrap_or(at);
        let end_moved = |end: &End| match end {
            End::At { at, zone } => End::At {
                at: moved(*at),
                zone: zone.clone(),
            },
            End::After(length) => End::After(*length),
        };
        match self {
            Self::AllDay { start, end } => {
                let lasts = days_of_date(*end) - days_of_date(*start);
                let start = to.date();
                let end = date_of(days_of_date(start) + lasts).unwrap_or(Date::MAX);
                Self::AllDay { start, end }
            }
            Self::Zoned { zone, end, .. } => Self::Zoned {
                start: to,
                zone: zone.clone(),
                end: end_moved(end),
            },
            Self::Floating { end, .. } => Self::Floating {
                start: to,
                end: end_moved(end),
            },
        }
    }
}

impl End {
    /// The instant of the end of something that starts at a wall clock of a zone.
    ///
    /// Days of a length go by the wall clock, seconds by elapsed time (RFC 5545 §3.3.6).
    #[must_use]
    pub fn instant(&self, start: DateTime, zone: &Zone) -> Timestamp {
        match self {
            Self::At { at, zone: own } => own.as_ref().unwrap_or(zone).instant(*at),
            Self::After(length) => {
                let day = datetime_of(seconds_of(start) + length.days() * crate::civil::DAY);
                let base = zone.instant(day.unwrap_or(start)).as_second();
                instant_of(base + length.seconds())
            }
        }
    }
}

fn unsaid() -> End {
    End::After(Length::from_seconds(SECONDS_UNSAID))
}

/// The end of something that starts in UTC.
fn in_zone(end: OriginalStart, zone: Option<&Zone>) -> End {
    match end {
        OriginalStart::Local(at) => End::At {
            at,
            zone: zone.cloned(),
        },
        OriginalStart::Date(_) | OriginalStart::Utc(_) => End::At {
            at: end.wall_clock(),
            zone: None,
        },
    }
}

pub(crate) fn day_after(day: Date) -> Date {
    date_of(days_of_date(day) + 1).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_say_the_last_day() {
        let when = When::from_people("2026-11-20", Some("2026-11-22"), None).unwrap();
        let end = "2026-11-23".parse().unwrap();
        assert_eq!(
            when,
            When::AllDay {
                start: "2026-11-20".parse().unwrap(),
                end
            }
        );
    }

    #[test]
    fn a_time_without_an_end_lasts_an_hour() {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
        let (start, end) = when.span(&Zone::utc());
        assert_eq!(start, "2026-11-20T09:00:00Z".parse().unwrap());
        assert_eq!(end, "2026-11-20T10:00:00Z".parse().unwrap());
    }

    #[test]
    fn wrong_order_and_mixed_kinds_are_refused() {
        let refused = |start, end| When::from_people(start, Some(end), None).unwrap_err();
        assert_eq!(
            refused("2026-11-20T10:00", "2026-11-20T09:00"),
            BadTimes::EndsBeforeStart
        );
        assert_eq!(
            refused("2026-11-20", "2026-11-20T09:00"),
            BadTimes::MixedKinds
        );
        assert_eq!(refused("2026-11-20", "soon"), BadTimes::NotATime(NotATime));
    }

    #[test]
    fn a_day_is_a_day_on_the_wall_and_24_hours_are_24_hours() {
        let zone = Zone::named("Europe/Berlin");
        let start: DateTime = "2026-03-28T12:00:00".parse().unwrap();
        let end = |text: &str| End::After(text.parse().unwrap()).instant(start, &zone);
        assert_eq!(end("P1D"), "2026-03-29T10:00:00Z".parse().unwrap());
        assert_eq!(end("PT24H"), "2026-03-29T11:00:00Z".parse().unwrap());
    }
}
