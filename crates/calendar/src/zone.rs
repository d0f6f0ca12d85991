//! Zones: what turns a wall clock into an instant and back.
//!
//! A zone is UTC, an IANA zone, an offset, a zone that came described in a file (`VTIMEZONE`), or a
//! name that nobody knows. The same text always gives the same zone. Where clocks jump the answer is a
//! [`Reading`], so that whoever asks decides; [`Zone::instant`] decides as RFC 5545 §3.3.5 does.

pub mod custom;
mod names;
mod table;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::civil::{datetime_of, seconds_of};
use crate::text_form::serde_by_text;
use custom::CustomZone;
pub(crate) use table::{Cursor, Table};

/// A zone. Cheap to clone; its text is its IANA name, `UTC`, its offset (`UTC+05:30`), or the block
/// that describes it.
#[derive(Clone)]
pub struct Zone(Arc<Kind>);

enum Kind {
    Utc(Table),
    Iana { name: String, table: Table },
    Offset { name: String, table: Table },
    Custom(CustomZone),
    Unknown { name: String, table: Table },
}

/// What an instant a wall clock stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The clock showed it once.
    Once(Timestamp),
    /// The clock went back: it showed it twice.
    Twice {
        /// The first time.
        first: Timestamp,
        /// The second time.
        second: Timestamp,
    },
    /// The clock went forward and never showed it. The instant is what the offset before the gap
    /// gives.
    Never(Timestamp),
}

impl Reading {
    /// The instant by RFC 5545 §3.3.5: the first of two, and for a wall clock that never was the
    /// one read with the offset before the gap, so that nothing vanishes.
    #[must_use]
    pub const fn instant(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Twice { first: at, .. } | Self::Never(at) => at,
        }
    }
}

impl Zone {
    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        names::utc()
    }

    /// The zone that goes by this name: IANA, with the aliases and Windows names seen in the
    /// wild, with or without the prefixes some programs put before it; and an offset from UTC or
    /// GMT, counted to the east (`GMT+2`), unlike IANA's own `Etc/GMT+2`. `None` where nobody
    /// knows it.
    #[must_use]
    pub fn resolve(name: &str) -> Option<Self> {
        names::resolve(name)
    }

    /// Like [`Zone::resolve`], but keeps a name nobody knows; such a zone reads at the offset that
    /// its name states (`GMT +0100 (Standard)`), or else as UTC.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::resolve(name).unwrap_or_else(|| {
            Self(Arc::new(Kind::Unknown {
                name: name.to_owned(),
                table: Table::fixed(names::stated_offset(name).unwrap_or(0)),
            }))
        })
    }

    /// A zone described by a `VTIMEZONE` block.
    #[must_use]
    pub fn custom(zone: CustomZone) -> Self {
        Self(Arc::new(Kind::Custom(zone)))
    }

    /// The name, as shown to people and written after `TZID=`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.0.as_ref() {
            Kind::Utc(_) => "UTC",
            Kind::Iana { name, .. } | Kind::Offset { name, .. } | Kind::Unknown { name, .. } => {
                name
            }
            Kind::Custom(zone) => zone.name(),
        }
    }

    /// Whether it is universal time itself.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        matches!(self.0.as_ref(), Kind::Utc(_))
    }

    /// Whether its rules are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self.0.as_ref(), Kind::Unknown { .. })
    }

    /// The `VTIMEZONE` block it came from, where it is neither UTC nor IANA.
    #[must_use]
    pub fn block(&self) -> Option<&str> {
        match self.0.as_ref() {
            Kind::Custom(zone) => Some(zone.block()),
            Kind::Utc(_) | Kind::Iana { .. } | Kind::Offset { .. } | Kind::Unknown { .. } => None,
        }
    }

    /// What a wall clock means here.
    #[must_use]
    pub fn read(&self, at: DateTime) -> Reading {
        let local = seconds_of(at);
        match self.table().read(local) {
            table::Read::Once(utc) => Reading::Once(instant_of(utc)),
            table::Read::Twice(first, second) => Reading::Twice {
                first: instant_of(first),
                second: instant_of(second),
            },
            table::Read::Never(utc) => Reading::Never(instant_of(utc)),
        }
    }

    /// The instant of a wall clock, by [`Reading::instant`].
    #[must_use]
    pub fn instant(&self, at: DateTime) -> Timestamp {
        self.read(at).instant()
    }

    /// What the wall clock shows at an instant.
    #[must_use]
    pub fn wall_clock(&self, at: Timestamp) -> DateTime {
        let second = at.as_second();
        datetime_of(second + self.table().offset(second)).unwrap_or(if second < 0 {
            DateTime::MIN
        } else {
            DateTime::MAX
        })
    }

    /// Seconds east of Greenwich at an instant.
    #[must_use]
    pub fn offset_seconds(&self, at: Timestamp) -> i64 {
        self.table().offset(at.as_second())
    }

    /// The jumps of its clock, for the engine.
    pub(crate) fn table(&self) -> &Table {
        match self.0.as_ref() {
            Kind::Utc(table)
            | Kind::Iana { table, .. }
            | Kind::Offset { table, .. }
            | Kind::Unknown { table, .. } => table,
            Kind::Custom(zone) => zone.table(),
        }
    }

    fn text(&self) -> &str {
        self.block().unwrap_or_else(|| self.name())
    }
}

/// Whether a name is an offset and nothing else, which says less than a file's own description.
pub(crate) fn is_offset(name: &str) -> bool {
    names::offset_alone(name).is_some()
}

/// The instant of a Unix second, held within the years `jiff` knows.
pub(crate) fn instant_of(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.text() == other.text()
    }
}

impl Eq for Zone {}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text().cmp(other.text())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({:?})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for Zone {
    type Err = std::convert::Infallible;

    /// Reads the text of a zone; a name nobody knows is kept as it is.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("BEGIN:VTIMEZONE")
            && let Some(zone) = CustomZone::parse(text)
        {
            return Ok(Self::custom(zone));
        }
        Ok(Self::named(text))
    }
}

serde_by_text!(Zone);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_gap_is_shifted_by_the_offset_before_it() {
        let zone = Zone::named("America/New_York");
        let reading = zone.read(at("2026-03-08T02:30:00"));
        assert_eq!(
            reading,
            Reading::Never("2026-03-08T07:30:00Z".parse().unwrap())
        );
        assert_eq!(
            zone.wall_clock(reading.instant()),
            at("2026-03-08T03:30:00")
        );
    }

    #[test]
    fn an_ambiguous_time_is_its_first_occurrence() {
        let zone = Zone::named("Europe/Berlin");
        let instant = zone.instant(at("2026-10-25T02:30:00"));
        assert_eq!(instant, "2026-10-25T00:30:00Z".parse().unwrap());
    }

    #[test]
    fn a_skipped_day_and_half_hours_are_known() {
        let apia = Zone::named("Pacific/Apia");
        assert!(matches!(
            apia.read(at("2011-12-30T12:00:00")),
            Reading::Never(_)
        ));
        assert_eq!(
            apia.wall_clock(apia.instant(at("2011-12-30T12:00:00"))),
            at("2011-12-31T12:00:00")
        );
        let howe = Zone::named("Australia/Lord_Howe");
        assert_eq!(
            howe.offset_seconds("2026-01-01T00:00:00Z".parse().unwrap()),
            39_600
        );
        assert_eq!(
            howe.offset_seconds("2026-07-01T00:00:00Z".parse().unwrap()),
            37_800
        );
    }

    #[test]
    fn summer_time_goes_on_after_2100() {
        let zone = Zone::named("America/New_York");
        for year in ["2150", "2500", "9000"] {
            let instant: Timestamp = format!("{year}-07-01T12:00:00Z").parse().unwrap();
            assert_eq!(zone.offset_seconds(instant), -4 * 3_600, "{year}");
        }
    }

    #[test]
    fn names_of_the_wild_resolve() {
        for (name, zone) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("Etc/UTC", "UTC"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("US-Eastern", "US/Eastern"),
            ("Europe_Amsterdam", "Europe/Amsterdam"),
            ("America/Los Angeles", "America/Los_Angeles"),
            ("America-Chicago", "America/Chicago"),
            (
                "America_Argentina_Buenos_Aires",
                "America/Argentina/Buenos_Aires",
            ),
            ("IndianReunion", "Indian/Reunion"),
            ("TZID=Europe/Vienna", "Europe/Vienna"),
            ("Pacific Standard Time:", "America/Los_Angeles"),
            ("Pacific Time (US & Canada), Tijuana", "America/Los_Angeles"),
            ("South Sudan Standard Time", "Africa/Juba"),
            ("posix/Europe/Vaduz", "Europe/Vaduz"),
            (
                "/mozilla.org/20070129_1/America/New_York",
                "America/New_York",
            ),
            (
                "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires",
                "America/Argentina/Buenos_Aires",
            ),
            ("\"America/New_York\"", "America/New_York"),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("(UTC+07:00) Bangkok\\, Hanoi\\, Jakarta", "Asia/Bangkok"),
        ] {
            assert_eq!(
                Zone::resolve(name)
                    .map(|found| found.name().to_owned())
                    .as_deref(),
                Some(zone),
                "{name}"
            );
        }
        for name in [
            "Nowhere/Middle",
            "Customized Time Zone",
            "",
            "tzone://Microsoft/Custom",
            "Customized Time Zone 1",
            "GMT +0100 (Standard) / GMT +0200 (Daylight)",
            "GMT-05.00/-04.00",
            "-0800",
            "UTC+15",
            "UTC-12:30",
            "UTC+5.5",
            "UTC+",
            "UTC+5:30 or so",
            "CET+2",
        ] {
            assert_eq!(Zone::resolve(name), None, "{name}");
        }
    }

    #[test]
    fn an_offset_is_a_zone_counted_to_the_east() {
        for (name, zone, minutes) in [
            ("GMT+0200", "Etc/GMT-2", 120),
            ("TZID=GMT+0200", "Etc/GMT-2", 120),
            ("GMT+2", "Etc/GMT-2", 120),
            ("UTC+02:00", "Etc/GMT-2", 120),
            ("(GMT +01:00)", "Etc/GMT-1", 60),
            ("UTC+11", "Etc/GMT-11", 660),
            ("gmt-5", "Etc/GMT+5", -300),
            ("UTC+14", "Etc/GMT-14", 840),
            ("UTC-5:30", "UTC-05:30", -330),
            ("UTC+5:30", "UTC+05:30", 330),
            ("utc-330", "UTC-03:30", -210),
            ("UTC+05:45", "UTC+05:45", 345),
            ("UTC+00:00", "UTC", 0),
            ("GMT-0000", "UTC", 0),
            // IANA counts these to the west.
            ("Etc/GMT+2", "Etc/GMT+2", -120),
            ("etc/gmt-2", "Etc/GMT-2", 120),
        ] {
            let found = Zone::resolve(name).unwrap_or_else(|| panic!("{name}"));
            let offset = found.offset_seconds(Timestamp::UNIX_EPOCH);
            assert_eq!((found.name(), offset), (zone, minutes * 60), "{name}");
            assert!(found.is_known(), "{name}");
            assert_eq!(Zone::named(&found.to_string()), found, "{name}");
        }
    }

    #[test]
    fn a_name_nobody_knows_is_kept_and_read_at_the_offset_it_states() {
        for (name, minutes) in [
            ("GMT +0100 (Standard) / GMT +0200 (Daylight)", 60),
            ("GMT-05.00/-04.00", -300),
            ("UTC+5:30 or so", 330),
            ("-0800", -480),
            ("(UTC+01:00) Nowhere", 60),
            ("UTC+99", 0),
            ("UTC+", 0),
            ("GMT+é", 0),
            ("Customized Time Zone 1", 0),
        ] {
            let zone = Zone::named(name);
            assert!(!zone.is_known(), "{name}");
            assert_eq!(zone.to_string(), name);
            let offset = zone.offset_seconds(Timestamp::UNIX_EPOCH);
            assert_eq!(offset, minutes * 60, "{name}");
        }
    }
}
