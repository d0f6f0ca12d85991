//! Days on a wall clock, and where it jumps.

use almanac_calendar::Zone;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use crate::view::{Day, Transition};

/// The days from one up to another, with the jumps of the clock.
pub(super) fn between(from: Date, to: Date, zone: &Zone) -> Vec<Day> {
    let days = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day < to);
    days.map(|day| Day {
        date: day.to_string(),
        transitions: jump_of(day, zone).into_iter().collect(),
    })
    .collect()
}

/// The jump of the clock within a day. No zone has had two on one day.
fn jump_of(day: Date, zone: &Zone) -> Option<Transition> {
    let midnight = day.to_datetime(Time::midnight());
    let next = day.tomorrow().ok()?.to_datetime(Time::midnight());
    let second = SignedDuration::from_secs(1);
    // A clock that jumps at midnight does so at the first moment of the day.
    let mut before = zone.instant(midnight).checked_sub(second).ok()?;
    let mut after = zone.instant(next).checked_sub(second).ok()?;
    let (old_s, new_s) = (zone.offset_seconds(before), zone.offset_seconds(after));
    if old_s == new_s || after < before {
        return None;
    }
    while before.as_second() + 1 < after.as_second() {
        let middle = before.as_second().midpoint(after.as_second());
        let at = Timestamp::from_second(middle).ok()?;
        if zone.offset_seconds(at) == old_s {
            before = at
        } else {
            after = at
        }
    }
    let clock_s = after.as_second() + old_s;
    let midnight_s = Zone::utc().instant(midnight).as_second();
    Some(Transition {
        at_minute: u32::try_from((clock_s - midnight_s) / 60).ok()?,
        delta_minutes: i32::try_from((new_s - old_s) / 60).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, day: &str, expected: Option<(u32, i32)>) {
        let found = jump_of(day.parse().unwrap(), &Zone::named(zone));
        assert_eq!(
            found.map(|jump| (jump.at_minute, jump.delta_minutes)),
            expected,
            "{zone}"
        );
    }

    #[test]
    fn jumps_of_the_clock_are_found() {
        check("Europe/Berlin", "2026-03-29", Some((120, 60)));
        check("Europe/Berlin", "2026-10-25", Some((180, -60)));
        check("Europe/Berlin", "2026-10-26", None);
        check("Australia/Lord_Howe", "2026-04-05", Some((120, -30)));
        check("Africa/Cairo", "2026-04-24", Some((0, 60)));
        check("Africa/Cairo", "2026-04-23", None);
        check("UTC", "2026-03-29", None);
    }

    #[test]
    fn a_week_has_seven_days() {
        let (from, to) = ("2026-11-23".parse().unwrap(), "2026-11-30".parse().unwrap());
        let days = between(from, to, &Zone::utc());
        assert_eq!((days.len(), days[6].date.as_str()), (7, "2026-11-29"));
    }
}
