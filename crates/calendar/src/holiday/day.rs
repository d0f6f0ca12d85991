//! How a law says which day it means, and which day that is in a year.
//!
//! - `05-01`: a date. `05-01[0,-1,-2,-3,3,2,1]`: so many days from it, by its weekday from Monday
//!   on.
//! - `easter+39`, `orthodox-48`: days from Easter.
//! - `3 Mon 01`: the third Monday of January, `-1 Mon 05`: the last of May. `Sat>=06-20`,
//!   `Mon<=05-24`: the first on or after, the last on or before a date. Each may be followed by
//!   days after it: `1 Sun 09 +4`.
//! - `spring`, `autumn`: the equinoxes in Japan.
//! - `2022-06-24 2023-07-14`: these very days.

use jiff::civil::Date;

use super::easter;
use crate::civil::{date_of, days_of, month_days, weekday_of};

/// A day of a year, as a law says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Day {
    /// A date, with days from it by its weekday.
    Fixed(i64, i64, [i64; 7]),
    Easter(i64),
    Orthodox(i64),
    /// Which of a weekday in a month; counted from the end when negative; days after that.
    Nth(i64, i64, i64, i64),
    /// The first weekday on or after a date; days after that.
    From(i64, i64, i64, i64),
    /// The last weekday on or before a date; days after that.
    Until(i64, i64, i64, i64),
    SpringEquinox,
    AutumnEquinox,
    These(Vec<Date>),
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Day {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "spring" => return Some(Self::SpringEquinox),
            "autumn" => return Some(Self::AutumnEquinox),
            _ => {}
        }
        if let Some(days) = text.strip_prefix("easter") {
            return Some(Self::Easter(offset(days)?));
        }
        if let Some(days) = text.strip_prefix("orthodox") {
            return Some(Self::Orthodox(offset(days)?));
        }
        for (word, is_from) in [(">=", true), ("<=", false)] {
            if let Some((weekday, rest)) = text.split_once(word) {
                let (date, later) = rest.split_once(' ').unwrap_or((rest, ""));
                let (month, day) = month_day(date)?;
                let (weekday, later) = (weekday_named(weekday)?, offset(later.trim())?);
                return Some(if is_from {
                    Self::From(weekday, month, day, later)
                } else {
                    Self::Until(weekday, month, day, later)
                });
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if let [nth, weekday, month, later @ ..] = words.as_slice()
            && let Some(weekday) = weekday_named(weekday)
        {
            let later = later.first().map_or(Some(0), |text| offset(text))?;
            return Some(Self::Nth(
                nth.parse().ok()?,
                weekday,
                month.parse().ok()?,
                later,
            ));
        }
        if let Some((date, shifts)) = text.split_once('[') {
            let shifts = shifts
                .strip_suffix(']')?
                .split(',')
                .map(|text| text.trim().parse().ok());
            let shifts: Option<Vec<i64>> = shifts.collect();
            let (month, day) = month_day(date)?;
            return Some(Self::Fixed(month, day, shifts?.try_into().ok()?));
        }
        if let Some((month, day)) = month_day(text) {
            return Some(Self::Fixed(month, day, [0; 7]));
        }
        let dates: Option<Vec<Date>> = words.iter().map(|word| word.parse().ok()).collect();
        dates.filter(|dates| !dates.is_empty()).map(Self::These)
    }

    /// The days it names in a year.
    pub(super) fn dates(&self, year: i16) -> Vec<Date> {
        let whole = i64::from(year);
        let day = match self {
            Self::Fixed(month, day, shifts) => {
                let day = days_of(whole, *month, *day);
                let weekday = usize::try_from(weekday_of(day)).unwrap_or(0);
                Some(day + shifts.get(weekday).copied().unwrap_or(0))
            }
            Self::Easter(days) => Some(easter::gregorian(whole) + days),
            Self::Orthodox(days) => Some(easter::orthodox(whole) + days),
            Self::Nth(nth, weekday, month, later) if *nth > 0 => {
                Some(on_or_after(days_of(whole, *month, 1), *weekday) + 7 * (nth - 1) + later)
            }
            Self::Nth(nth, weekday, month, later) => {
                let last = days_of(whole, *month, month_days(whole, *month));
                Some(on_or_after(last - 6, *weekday) + 7 * (nth + 1) + later)
            }
            Self::From(weekday, month, day, later) => {
                Some(on_or_after(days_of(whole, *month, *day), *weekday) + later)
            }
            Self::Until(weekday, month, day, later) => {
                Some(on_or_after(days_of(whole, *month, *day) - 6, *weekday) + later)
            }
            Self::SpringEquinox => equinox(whole, 3, 20_843_100, 21_851_000),
            Self::AutumnEquinox => equinox(whole, 9, 23_248_800, 24_248_800),
            Self::These(dates) => {
                let own = dates.iter().filter(|date| date.year() == year);
                return own.copied().collect();
            }
        };
        day.and_then(date_of).into_iter().collect()
    }
}

const fn on_or_after(day: i64, weekday: i64) -> i64 {
    day + (weekday - weekday_of(day)).rem_euclid(7)
}

/// The day of an equinox in Japan, by the mean length of the year from a first one: millionths of
/// a day of the month in 1980, and from 2100 on. Known from 1980 to 2150.
fn equinox(year: i64, month: i64, first: i64, from_2100: i64) -> Option<i64> {
    let first = match year {
        1980..=2099 => first,
        2100..=2150 => from_2100,
        _ => return None,
    };
    let years = year - 1980;
    let day = (first + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4);
    Some(days_of(year, month, day))
}

/// `+4`, `-2`, or nothing.
fn offset(text: &str) -> Option<i64> {
    if text.is_empty() {
        Some(0)
    } else {
        text.parse().ok()
    }
}

fn month_day(text: &str) -> Option<(i64, i64)> {
    let (month, day) = text.split_once('-')?;
    if month.len() != 2 || day.len() != 2 {
        return None;
    }
    Some((month.parse().ok()?, day.parse().ok()?))
}

/// Monday is 0.
pub(super) fn weekday_named(name: &str) -> Option<i64> {
    let at = WEEKDAYS.iter().position(|one| *one == name)?;
    i64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, year: i16, expected: &str) {
        let found: Vec<String> = Day::parse(text)
            .unwrap()
            .dates(year)
            .iter()
            .map(Date::to_string)
            .collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn days_are_where_the_law_puts_them() {
        check("05-01", 2026, "2026-05-01");
        check("04-27[0,0,0,0,0,0,-1]", 2025, "2025-04-26");
        check("easter-2", 2026, "2026-04-03");
        check("orthodox+1", 2026, "2026-04-13");
        check("3 Mon 01", 2026, "2026-01-19");
        check("-1 Mon 05", 2026, "2026-05-25");
        check("1 Sun 09 +4", 2026, "2026-09-10");
        check("Sat>=06-20", 2026, "2026-06-20");
        check("Wed<=11-22", 2026, "2026-11-18");
        check("Thu>=04-02 +7", 2026, "2026-04-09");
        check("2022-06-24 2023-07-14", 2023, "2023-07-14");
        check("2022-06-24 2023-07-14", 2024, "");
    }

    #[test]
    fn the_equinoxes_are_those_of_the_almanac() {
        for (year, spring, autumn) in [
            (2000, 20, 23),
            (2012, 20, 22),
            (2023, 21, 23),
            (2024, 20, 22),
            (2026, 20, 23),
            (2030, 20, 23),
        ] {
            check("spring", year, &format!("{year}-03-{spring}"));
            check("autumn", year, &format!("{year}-09-{autumn}"));
        }
        check("spring", 1979, "");
    }

    #[test]
    fn anything_else_is_no_day() {
        for text in [
            "",
            "5-1",
            "Mon",
            "easterly",
            "05-01[1,2]",
            "x Mon 01",
            "Moon>=01-01",
            "2022-13-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
