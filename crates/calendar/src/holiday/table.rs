//! The tables: one line each for a country, its regions and its holidays.
//!
//! ```text
//! country DE | Germany | Deutschland
//! region BE | Berlin
//! 03-08 | International Women's Day | Internationaler Frauentag | in=BE since=2019
//! ```
//!
//! Options: `in=` and `not=` regions, `since=` and `until=` years (both included), `except=`
//! years, `every=` so many years, `on=` weekdays it must fall on, `clash=` another day it may not
//! fall on and then comes a week later, `main` where it also holds for the country as a whole
//! though not for each region, `sub=` what happens on weekends (`next`, `sun`, `monday`,
//! `near`, from a year on as `next@2017`), `half` for a holiday from noon on. A country with
//! `bridges` makes holidays of single days between two. A name of `=` is the same in both
//! languages. Lines that begin with `#` say which law it is.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::day::{Day, weekday_named};
use super::{Country, Kind, Region};
use crate::civil::{date_of, days_of_date, weekday_of};

/// A country with its holidays.
#[derive(Debug)]
pub(super) struct Nation {
    pub(super) country: Country,
    pub(super) entries: Vec<Entry>,
    /// Whether single days between holidays are holidays.
    pub(super) has_bridges: bool,
}

/// A line of a table: one holiday.
#[derive(Debug)]
pub(super) struct Entry {
    day: Day,
    pub(super) name: &'static str,
    pub(super) local_name: &'static str,
    pub(super) kind: Kind,
    within: Vec<&'static str>,
    not_within: Vec<&'static str>,
    since: i16,
    until: i16,
    except: Vec<i16>,
    every: i16,
    on: Vec<i64>,
    clash: Option<Day>,
    is_main: bool,
    substitute: Option<(Substitute, i16)>,
}

/// What happens when a holiday falls on a weekend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Substitute {
    /// The next working day that is free is one too.
    NextWorkingDay,
    /// After a Sunday, the next day that is no holiday.
    AfterSunday,
    /// After a Sunday, Monday, if that is none already.
    Monday,
    /// Friday before a Saturday, Monday after a Sunday.
    NearestWorkingDay,
}

const TABLES: &[&str] = &[
    include_str!("tables/german.txt"),
    include_str!("tables/west.txt"),
    include_str!("tables/north.txt"),
    include_str!("tables/middle.txt"),
    include_str!("tables/south.txt"),
    include_str!("tables/america.txt"),
    include_str!("tables/world.txt"),
];

/// Every country of the tables, in order of their codes.
pub(super) fn nations() -> &'static [Nation] {
    static NATIONS: LazyLock<Vec<Nation>> = LazyLock::new(|| {
        let mut nations = Vec::new();
        for line in TABLES.iter().flat_map(|table| table.lines()) {
            // A line that cannot be read is found by the tests, and lost by nobody else.
            let _ = read(line, &mut nations);
        }
        nations.sort_by_key(|nation: &Nation| nation.country.code);
        nations
    });
    &NATIONS
}

/// Reads one line; `None` where it says nothing that we understand.
fn read(line: &'static str, nations: &mut Vec<Nation>) -> Option<()> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Some(());
    }
    let mut parts = line.split('|').map(str::trim);
    let first = parts.next()?;
    if let Some(code) = first.strip_prefix("country ") {
        nations.push(Nation {
            country: Country {
                code: code.trim(),
                name: parts.next()?,
                local_name: parts.next()?,
                regions: Vec::new(),
            },
            entries: Vec::new(),
            has_bridges: parts.next() == Some("bridges"),
        });
        return Some(());
    }
    let nation = nations.last_mut()?;
    if let Some(code) = first.strip_prefix("region ") {
        let (code, name) = (code.trim(), parts.next()?);
        nation.country.regions.push(Region { code, name });
        return Some(());
    }
    let name = parts.next()?;
    let local_name = parts.next()?;
    let mut entry = Entry {
        day: Day::parse(first)?,
        name,
        local_name: if local_name == "=" { name } else { local_name },
        kind: Kind::Public,
        within: Vec::new(),
        not_within: Vec::new(),
        since: i16::MIN,
        until: i16::MAX,
        except: Vec::new(),
        every: 1,
        on: Vec::new(),
        clash: None,
        is_main: false,
        substitute: None,
    };
    for option in parts.next().unwrap_or_default().split_whitespace() {
        entry.set(option)?;
    }
    nation.entries.push(entry);
    Some(())
}

impl Entry {
    fn set(&mut self, option: &'static str) -> Option<()> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        match key {
            "in" => self.within = value.split(',').collect(),
            "not" => self.not_within = value.split(',').collect(),
            "since" => self.since = value.parse().ok()?,
            "until" => self.until = value.parse().ok()?,
            "every" => self.every = value.parse().ok().filter(|years| *years > 0)?,
            "except" => {
                let years: Option<Vec<i16>> =
                    value.split(',').map(|year| year.parse().ok()).collect();
                self.except = years?;
            }
            "on" => {
                let days: Option<Vec<i64>> = value.split(',').map(weekday_named).collect();
                self.on = days?;
            }
            "clash" => self.clash = Some(Day::parse(value)?),
            "main" => self.is_main = true,
            "half" => self.kind = Kind::Half,
            "sub" => {
                let (word, since) = value.split_once('@').unwrap_or((value, "0"));
                let substitute = match word {
                    "next" => Substitute::NextWorkingDay,
                    "sun" => Substitute::AfterSunday,
                    "monday" => Substitute::Monday,
                    "near" => Substitute::NearestWorkingDay,
                    _ => return None,
                };
                self.substitute = Some((substitute, since.parse().ok()?));
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether it holds in a region, or everywhere where none is asked for.
    pub(super) fn holds_in(&self, region: Option<&str>) -> bool {
        let Some(region) = region else {
            return self.is_main || (self.within.is_empty() && self.not_within.is_empty());
        };
        let names = |codes: &[&str]| {
            codes.iter().any(|code| {
                let rest = region.strip_prefix(code);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        (self.within.is_empty() || names(&self.within)) && !names(&self.not_within)
    }

    /// The days it names in a year.
    pub(super) fn dates(&self, year: i16) -> impl Iterator<Item = Date> {
        let holds = (self.since..=self.until).contains(&year)
            && !self.except.contains(&year)
            && year.rem_euclid(self.every) == 0;
        let dates = if holds {
            self.day.dates(year)
        } else {
            Vec::new()
        };
        let taken = self
            .clash
            .as_ref()
            .map_or(Vec::new(), |day| day.dates(year));
        let dates = dates.into_iter().filter_map(move |date| {
            let later = days_of_date(date) + 7;
            if taken.contains(&date) {
                date_of(later)
            } else {
                Some(date)
            }
        });
        dates
            .filter(|date| self.on.is_empty() || self.on.contains(&weekday_of(days_of_date(*date))))
    }

    /// What stands in for it in a year, should it fall on a weekend.
    pub(super) fn substitute_in(&self, year: i16) -> Option<Substitute> {
        let (substitute, since) = self.substitute?;
        (year >= since).then_some(substitute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_can_be_read() {
        let mut nations = Vec::new();
        for line in TABLES.iter().flat_map(|table| table.lines()) {
            assert_eq!(read(line, &mut nations), Some(()), "{line}");
        }
        for nation in &nations {
            let country = &nation.country;
            assert_eq!(country.code.len(), 2);
            let regions: Vec<&str> = country.regions.iter().map(|region| region.code).collect();
            for entry in &nation.entries {
                for code in entry.within.iter().chain(&entry.not_within) {
                    assert!(
                        regions.contains(code),
                        "{} {code} {}",
                        country.code,
                        entry.name
                    );
                }
                assert!(!entry.name.is_empty() && !entry.local_name.is_empty());
            }
        }
    }

    #[test]
    fn lines_that_say_nothing_known_are_refused() {
        let mut nations = Vec::new();
        read("country XX | Nowhere | =", &mut nations).unwrap();
        for line in [
            "01-01",
            "01-01 | A",
            "1-1 | A | B",
            "01-01 | A | B | sub=never",
            "01-01 | A | B | from=2019",
            "easter | A | B | every=0",
        ] {
            assert_eq!(read(line, &mut nations), None, "{line}");
        }
    }
}
