//! Public holidays, computed here: no network, and the same on every device.
//!
//! The tables in `holiday/tables` say in one line each what a law says: the day, its name in
//! English and in the country's language, where and since when, and what happens when it falls on
//! a weekend. Where regions differ, a country without a region has only what all of it has.
//!
//! Left out: what is decided year by year (working days swapped for bridge days, days that only
//! banks or schools are closed), holidays of single towns, and all that follows a moon that has
//! to be seen.

mod day;
mod easter;
mod table;

use jiff::civil::{Date, Weekday};

use table::{Entry, Substitute, nations};

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// Name in English.
    pub name: &'static str,
    /// Name in the language of the country; where it has several, one of them or two.
    pub local_name: &'static str,
    /// What kind of day it is.
    pub kind: Kind,
}

/// What kind of day a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The holiday itself.
    Public,
    /// A day off in place of a holiday that fell on a weekend, or between two holidays.
    Substitute,
    /// A holiday from noon on.
    Half,
}

/// A country whose holidays are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// Its code (ISO 3166-1).
    pub code: &'static str,
    /// Name in English.
    pub name: &'static str,
    /// Name in its own language.
    pub local_name: &'static str,
    /// Its parts, where they differ.
    pub regions: Vec<Region>,
}

/// A part of a country with holidays of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code (the part of ISO 3166-2 after the dash). A part of it has its code, a dash and
    /// letters of ours: `BY-C`.
    pub code: &'static str,
    /// Its own name.
    pub name: &'static str,
}

/// The countries whose holidays are known, in order of their codes.
#[must_use]
pub fn countries() -> Vec<Country> {
    nations()
        .iter()
        .map(|nation| nation.country.clone())
        .collect()
}

/// The public holidays of a year, in order of days. Two that fall on one day are both there.
///
/// Codes are read in any letter case. An unknown country has none; an unknown region, or none,
/// has those of the whole country. Laws are known from about 2010 on; years before that read as
/// if today's laws had always held, but for changes that are written down.
#[must_use]
pub fn holidays(country: &str, region: Option<&str>, year: i16) -> Vec<Holiday> {
    let mut nations = nations().iter();
    let Some(nation) = nations.find(|one| one.country.code.eq_ignore_ascii_case(country)) else {
        return Vec::new();
    };
    let region = region.map(str::to_ascii_uppercase);
    let regions = &nation.country.regions;
    let region = region.filter(|code| regions.iter().any(|one| one.code == code));
    let entries = nation
        .entries
        .iter()
        .filter(|entry| entry.holds_in(region.as_deref()));
    let entries: Vec<&Entry> = entries.collect();
    let mut found = Vec::new();
    // A substitute may lie in the year before or after.
    for near in [year.saturating_sub(1), year, year.saturating_add(1)] {
        found.extend(entries.iter().flat_map(|entry| own(entry, near)));
    }
    found.sort_by_key(|(holiday, _)| (holiday.date, holiday.name));
    found.dedup_by_key(|(holiday, _)| (holiday.date, holiday.name));
    let mut days: Vec<Holiday> = found.iter().map(|(holiday, _)| holiday.clone()).collect();
    for (holiday, substitute) in &found {
        if let Some(date) = substitute.and_then(|one| stand_in(holiday.date, one, &days)) {
            days.push(Holiday {
                date,
                kind: Kind::Substitute,
                ..holiday.clone()
            });
        }
    }
    if nation.has_bridges {
        bridge(&mut days);
    }
    days.retain(|holiday| holiday.date.year() == year);
    days.sort_by_key(|holiday| (holiday.date, holiday.kind, holiday.name));
    days
}

/// The days of one entry in a year, with what stands in for each.
fn own(entry: &Entry, year: i16) -> impl Iterator<Item = (Holiday, Option<Substitute>)> {
    entry.dates(year).map(move |date| {
        let holiday = Holiday {
            date,
            name: entry.name,
            local_name: entry.local_name,
            kind: entry.kind,
        };
        (holiday, entry.substitute_in(year))
    })
}

/// The day that stands in for a holiday, if it needs one.
fn stand_in(date: Date, substitute: Substitute, days: &[Holiday]) -> Option<Date> {
    let is_taken = |date: Date| {
        days.iter()
            .any(|one| one.date == date && one.kind != Kind::Half)
    };
    let is_weekend = |date: Date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    let after = |is_free: &dyn Fn(Date) -> bool| {
        let later = std::iter::successors(date.tomorrow().ok(), |day| day.tomorrow().ok());
        later.take(14).find(|day| is_free(*day))
    };
    match (substitute, date.weekday()) {
        (Substitute::NextWorkingDay, Weekday::Saturday | Weekday::Sunday) => {
            after(&|day| !is_weekend(day) && !is_taken(day))
        }
        (Substitute::AfterSunday, Weekday::Sunday) => after(&|day| !is_taken(day)),
        (Substitute::Monday, Weekday::Sunday) => date.tomorrow().ok().filter(|day| !is_taken(*day)),
        (Substitute::NearestWorkingDay, Weekday::Sunday) => date.tomorrow().ok(),
        (Substitute::NearestWorkingDay, Weekday::Saturday) => date.yesterday().ok(),
        _ => None,
    }
}

/// Where a single working day lies between two holidays it is one too (Japan's law on national
/// holidays, article 3 section 3).
fn bridge(days: &mut Vec<Holiday>) {
    let is_own = |date: Option<Date>| {
        let mut own = days.iter().filter(|one| one.kind == Kind::Public);
        date.is_some_and(|date| own.any(|one| one.date == date))
    };
    let between = days
        .iter()
        .filter(|one| one.kind == Kind::Public)
        .filter_map(|one| {
            let day = one.date.tomorrow().ok()?;
            let is_working =
                day.weekday() != Weekday::Sunday && !days.iter().any(|other| other.date == day);
            (is_working && is_own(day.tomorrow().ok())).then_some(day)
        });
    let between: Vec<Date> = between.collect();
    days.extend(between.into_iter().map(|date| Holiday {
        date,
        name: "Citizens' Holiday",
        local_name: "国民の休日",
        kind: Kind::Substitute,
    }));
}

#[cfg(test)]
mod tests;
