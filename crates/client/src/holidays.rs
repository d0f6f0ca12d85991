//! Public holidays and birthdays, computed here: no network is asked.

use almanac_calendar::EventId;
use almanac_calendar::birthday::{self, Born, Person};
use almanac_calendar::holiday::{self, Country, Kind};
use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use crate::client::Client;
use crate::command::Done;
use crate::error::{Error, Result};
use crate::events::write;
use crate::replica::documents;
use crate::undo::Verb;

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HolidayView {
    /// The day.
    pub date: String,
    /// Name in English.
    pub name: String,
    /// Name in the language of the country.
    pub local_name: String,
    /// What kind of day it is.
    pub kind: HolidayKind,
}

/// What kind of day a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum HolidayKind {
    /// The holiday itself.
    Public,
    /// A day off in place of a holiday that fell on a weekend, or between two holidays.
    Substitute,
    /// A holiday from noon on.
    Half,
}

/// The public holidays of a country, or of a part of it (`DE`, `DE-BY`), in a year.
///
/// # Errors
///
/// [`crate::ErrorCode::NotFound`] where the place is not known, with those that are.
pub fn holidays(place: &str, year: i16) -> Result<Vec<HolidayView>> {
    let (country, region) = match place.trim().split_once('-') {
        Some((country, region)) => (country, Some(region)),
        None => (place.trim(), None),
    };
    let known = holiday::countries();
    let found = known
        .iter()
        .find(|one| one.code.eq_ignore_ascii_case(country));
    let Some(found) = found else {
        let codes: Vec<&str> = known.iter().map(|one| one.code).collect();
        return Err(Error::not_found(format!(
            "The holidays of “{place}” are not known. Known are those of {}.",
            codes.join(", ")
        )));
    };
    check_region(found, region)?;
    let days = holiday::holidays(found.code, region, year).into_iter();
    Ok(days
        .map(|day| HolidayView {
            date: day.date.to_string(),
            name: day.name.to_owned(),
            local_name: day.local_name.to_owned(),
            kind: match day.kind {
                Kind::Public => HolidayKind::Public,
                Kind::Substitute => HolidayKind::Substitute,
                Kind::Half => HolidayKind::Half,
            },
        })
        .collect())
}

fn check_region(country: &Country, region: Option<&str>) -> Result<()> {
    let Some(region) = region else { return Ok(()) };
    let mut regions = country.regions.iter();
    if regions.any(|one| one.code.eq_ignore_ascii_case(region)) {
        return Ok(());
    }
    let codes: Vec<&str> = country.regions.iter().map(|one| one.code).collect();
    let known = if codes.is_empty() {
        format!("{} has the same holidays everywhere.", country.name)
    } else {
        format!("Its parts are {}.", codes.join(", "))
    };
    Err(Error::not_found(format!(
        "{} has no part “{region}” with holidays of its own. {known}",
        country.name
    )))
}

impl Client {
    /// Adds someone's birthday: a whole day each year that takes no time. `born` is `1985-04-12`,
    /// or `--04-12` where nobody knows the year.
    pub fn add_birthday(&self, name: &str, born: &str, calendar: Option<&str>) -> Result<Done> {
        let calendar = match calendar {
            Some(calendar) => self.find_calendar(calendar)?,
            None => self.first_calendar()?,
        };
        let born: Born = born.trim().parse().map_err(|_| {
            Error::invalid(format!(
                "“{born}” is no date of birth. Write 1985-04-12, or --04-12 without the year. \
                 Nothing was added."
            ))
        })?;
        let person = Person {
            name: name.trim().to_owned(),
            born,
        };
        let (document, undo) = self.act(Verb::Add, |work| {
            let id = EventId::from_bytes(*work.new_document().as_bytes());
            let mut event = birthday::event(&person, id.uid());
            event.created = Timestamp::from_second(documents::seconds(work)).ok();
            event.stamped = event.created;
            work.about(&event.title);
            write::create(work, calendar, id, &event)
        })?;
        Ok(self.done(document, undo))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_part_of_a_country_has_holidays_of_its_own() {
        let has = |place: &str, date: &str| {
            let days = holidays(place, 2027).unwrap();
            days.iter().any(|day| day.date == date)
        };
        assert!(has("DE-BY", "2027-01-06") && !has("de", "2027-01-06"));
        assert!(has("de-by", "2027-10-03"));
        for place in ["XX", "DE-XX", ""] {
            let refused = holidays(place, 2027).unwrap_err();
            assert_eq!(refused.code, ErrorCode::NotFound, "{place}");
        }
    }
}
