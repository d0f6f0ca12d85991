//! Birthdays: from people's dates of birth to the days of a year.
//!
//! Who was born on 29 February has their birthday on 28 February in other years, and turns as
//! old on that day as everyone else born that February does.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use jiff::civil::Date;

use crate::civil::month_days;
use crate::event::{Busy, Event, Rules};
use crate::rule::Rule;
use crate::when::{When, day_after};

/// A date of birth, with or without its year (RFC 6350 §6.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Born {
    year: Option<i16>,
    month: i8,
    day: i8,
}

/// A text or numbers that are no date of birth.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date of birth looks like 1985-04-12, or --04-12 without the year")]
pub struct NotADateOfBirth;

/// Someone who has a birthday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name as shown.
    pub name: String,
    /// When they were born.
    pub born: Born,
}

/// One birthday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Birthday {
    /// The day.
    pub date: Date,
    /// Whose.
    pub name: String,
    /// How old they turn; none where nobody knows the year. 0 on the day of birth itself.
    pub age: Option<u16>,
}

/// A leap year, for events of people whose year nobody knows.
const YEAR_UNKNOWN: i16 = 2000;
/// Some address books write this year where there is none.
const YEAR_LEFT_OUT: i16 = 1604;

impl Born {
    /// A date of birth.
    ///
    /// # Errors
    ///
    /// [`NotADateOfBirth`] where the calendar has no such day; 29 February without a year is one.
    pub fn new(year: Option<i16>, month: i8, day: i8) -> Result<Self, NotADateOfBirth> {
        let year = year.filter(|year| *year != YEAR_LEFT_OUT);
        Date::new(year.unwrap_or(YEAR_UNKNOWN), month, day)
            .map(|_| Self { year, month, day })
            .map_err(|_| NotADateOfBirth)
    }

    /// The birthday in a year: 28 February where that year has no 29th. None before the birth.
    #[must_use]
    pub fn in_year(&self, year: i16) -> Option<Date> {
        if self.year.is_some_and(|born| year < born) {
            return None;
        }
        let last = month_days(year.into(), self.month.into());
        let day = i8::try_from(last).map_or(self.day, |last| self.day.min(last));
        Date::new(year, self.month, day).ok()
    }

    /// The year, where it is known.
    #[must_use]
    pub const fn year(&self) -> Option<i16> {
        self.year
    }

    /// How old they turn in a year.
    #[must_use]
    pub fn age_in(&self, year: i16) -> Option<u16> {
        u16::try_from(i32::from(year) - i32::from(self.year?)).ok()
    }
}

impl FromStr for Born {
    type Err = NotADateOfBirth;

    /// Reads `1985-04-12`, `19850412`, `--04-12` and `--0412`; a time after it is left out.
    fn from_str(text: &str) -> Result<Self, NotADateOfBirth> {
        let date = text
            .trim()
            .split(['T', 't', ' '])
            .next()
            .unwrap_or_default();
        let (year, rest) = match date.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => {
                let (year, rest) = date.split_at_checked(4).ok_or(NotADateOfBirth)?;
                (Some(number(year)?), rest.trim_start_matches('-'))
            }
        };
        let (month, day) = match rest.split_once('-') {
            Some(parts) => parts,
            None => rest.split_at_checked(2).ok_or(NotADateOfBirth)?,
        };
        let part = |text| i8::try_from(number(text)?).map_err(|_| NotADateOfBirth);
        Self::new(year, part(month)?, part(day)?)
    }
}

impl fmt::Display for Born {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}-{:02}-{:02}", self.month, self.day),
            None => write!(f, "--{:02}-{:02}", self.month, self.day),
        }
    }
}

fn number(text: &str) -> Result<i16, NotADateOfBirth> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if is_plain { text.parse().ok() } else { None };
    value.ok_or(NotADateOfBirth)
}

/// The birthdays in a half-open range of days, in order of days, then names.
#[must_use]
pub fn birthdays(people: &[Person], days: Range<Date>) -> Vec<Birthday> {
    let mut found = Vec::new();
    if days.start >= days.end {
        return found;
    }
    for year in days.start.year()..=days.end.year() {
        found.extend(people.iter().filter_map(|person| {
            let date = person
                .born
                .in_year(year)
                .filter(|date| days.contains(date))?;
            Some(Birthday {
                date,
                name: person.name.clone(),
                age: person.born.age_in(year),
            })
        }));
    }
    found.sort_by(|a, b| (a.date, &a.name).cmp(&(b.date, &b.name)));
    found
}

/// A birthday as an event of its own: a whole day each year from the birth on, that takes no
/// time. Its title is the name alone; what else it says is for the words of whoever shows it.
#[must_use]
pub fn event(person: &Person, uid: impl Into<String>) -> Event {
    let born = person.born;
    let year = born.year.unwrap_or(YEAR_UNKNOWN);
    let start = born.in_year(year).unwrap_or(Date::ZERO);
    let when = When::AllDay {
        start,
        end: day_after(start),
    };
    let mut event = Event::new(uid, person.name.clone(), when);
    event.busy = Busy::Free;
    let is_leap_day = (born.month, born.day) == (2, 29);
    let text = if is_leap_day {
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
    } else {
        "FREQ=YEARLY"
    };
    event.rules = Rule::parse(text).map(Rules::one).unwrap_or_default();
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::expand;
    use crate::zone::Zone;

    fn person(name: &str, born: &str) -> Person {
        Person {
            name: name.into(),
            born: born.parse().unwrap(),
        }
    }

    fn check(born: &str, from: &str, to: &str, expected: &[(&str, Option<u16>)]) {
        let person = person("Ana", born);
        let days = from.parse().unwrap()..to.parse().unwrap();
        let found = birthdays(std::slice::from_ref(&person), days);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.date.to_string(), one.age))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(day, age)| ((*day).to_owned(), *age))
            .collect();
        assert_eq!(found, expected, "{born}");
        // The event says the same days.
        let utc = Zone::utc();
        let at = |day: &str| utc.instant(day.parse::<Date>().unwrap().at(0, 0, 0, 0));
        let of_event = expand(&event(&person, "a"), at(from)..at(to), &utc);
        let of_event: Vec<_> = of_event
            .iter()
            .map(|one| one.local_start.date().to_string())
            .collect();
        let days: Vec<_> = found.into_iter().map(|(day, _)| day).collect();
        assert_eq!(of_event, days, "{born}");
    }

    #[test]
    fn a_birthday_comes_every_year_from_the_birth_on() {
        check(
            "1985-04-12",
            "2024-04-12",
            "2026-04-12",
            &[("2024-04-12", Some(39)), ("2025-04-12", Some(40))],
        );
        check(
            "19850412",
            "1980-01-01",
            "1986-01-01",
            &[("1985-04-12", Some(0))],
        );
    }

    #[test]
    fn without_a_year_there_is_no_age() {
        check(
            "--0412",
            "2026-01-01",
            "2027-01-01",
            &[("2026-04-12", None)],
        );
        check(
            "1604-04-12",
            "2026-01-01",
            "2027-01-01",
            &[("2026-04-12", None)],
        );
    }

    #[test]
    fn a_leap_day_is_the_last_of_february_in_other_years() {
        check(
            "2000-02-29",
            "2024-01-01",
            "2026-01-01",
            &[("2024-02-29", Some(24)), ("2025-02-28", Some(25))],
        );
        check(
            "--02-29",
            "2100-01-01",
            "2101-01-01",
            &[("2100-02-28", None)],
        );
        check(
            "1999-02-28",
            "2024-01-01",
            "2025-01-01",
            &[("2024-02-28", Some(25))],
        );
    }

    #[test]
    fn dates_of_birth_read_and_print() {
        for (text, printed) in [
            ("1985-04-12", "1985-04-12"),
            ("19850412", "1985-04-12"),
            ("1985-04-12T23:20:50", "1985-04-12"),
            ("--0229", "--02-29"),
            ("--04-12", "--04-12"),
        ] {
            assert_eq!(text.parse::<Born>().unwrap().to_string(), printed);
        }
        for text in [
            "",
            "1985",
            "--",
            "1985-13-01",
            "2001-02-29",
            "--0230",
            "soon",
            "é-01-01",
        ] {
            assert_eq!(text.parse::<Born>(), Err(NotADateOfBirth), "{text}");
        }
    }
}
