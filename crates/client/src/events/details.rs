//! What can be said of an event beside title, time, place and notes, as people say it.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::event::{Action, Busy, Guest, Privacy, Reminder, Status, Trigger};
use almanac_calendar::{Event, Length, Override};

use crate::colors;
use crate::command::EventDetails;
use crate::error::{Error, Result};
use crate::view::{BusyView, PrivacyView, StatusView};

/// Seconds of the units in which reminders are given; days are those of the calendar.
const UNITS: [(char, i64); 2] = [('m', 60), ('h', 3_600)];

/// What is to be different, seen from the event as it is.
pub(crate) fn changes(details: &EventDetails, base: &Event) -> Result<Override> {
    let reminders = details.reminders.as_deref().map(reminders).transpose()?;
    Ok(Override {
        status: details.status.map(status),
        busy: details.busy.map(busy),
        privacy: details.privacy.map(privacy),
        color: details.color.as_deref().map(color).transpose()?,
        url: details.url.as_deref().map(link).transpose()?,
        conference: details.conference.as_deref().map(link).transpose()?,
        categories: details.categories.as_deref().map(categories),
        reminders,
        guests: guests(details, base)?,
        ..Override::default()
    })
}

/// Reminders so long before the start; `none` stands for no reminder.
pub(crate) fn reminders(texts: &[String]) -> Result<BTreeMap<String, Reminder>> {
    let said = texts.iter().map(|text| text.trim());
    let said = said.filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("none"));
    said.map(|text| {
        let before = length(text).ok_or_else(|| {
            Error::invalid(format!(
                "“{text}” is no reminder. Reminders look like 10m, 1h, 2d or 1w before the start, \
                 or none. Nothing was changed."
            ))
        })?;
        let reminder = Reminder {
            trigger: Trigger::FromStart(before),
            action: Action::Display,
            text: String::new(),
            unknown: Vec::new(),
        };
        // Two devices that add the same reminder add one.
        Ok((before.to_string(), reminder))
    })
    .collect()
}

/// An address as an event keeps it, and the name before it: `Ada <ada@example.org>`.
pub(crate) fn guest(text: &str) -> Result<(String, Guest)> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address.trim()),
        None => ("", text),
    };
    let bare = address.strip_prefix("mailto:").unwrap_or(address);
    let is_address = bare
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if !is_address || bare.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid(format!(
            "“{text}” is no address. Addresses look like ada@example.org or Ada <ada@example.org>. \
             Nothing was changed."
        )));
    }
    let guest = Guest {
        name: name.to_owned(),
        is_answer_wanted: true,
        ..Guest::default()
    };
    Ok((format!("mailto:{bare}"), guest))
}

/// `10m` as ten minutes before.
fn length(text: &str) -> Option<Length> {
    let text = text.to_ascii_lowercase();
    let unit = text.chars().next_back()?;
    let number: u32 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let number = i64::from(number);
    match unit {
        'd' => Some(Length::from_days(-number)),
        'w' => Some(Length::from_days(-7 * number)),
        unit => {
            let (_, seconds) = UNITS.into_iter().find(|(one, _)| *one == unit)?;
            Some(Length::from_seconds(-seconds * number))
        }
    }
}

fn guests(details: &EventDetails, base: &Event) -> Result<Option<BTreeMap<String, Guest>>> {
    if details.add_guests.is_none() && details.remove_guests.is_none() {
        return Ok(None);
    }
    let mut guests = base.guests.clone();
    for text in details.remove_guests.iter().flatten() {
        let (address, _) = guest(text)?;
        let key = guests
            .keys()
            .find(|key| key.eq_ignore_ascii_case(&address))
            .cloned();
        let Some(key) = key else {
            return Err(Error::not_found(format!(
                "“{text}” is not among the guests. Nothing was changed."
            )));
        };
        guests.remove(&key);
    }
    for text in details.add_guests.iter().flatten() {
        let (address, guest) = guest(text)?;
        if !guests.keys().any(|key| key.eq_ignore_ascii_case(&address)) {
            guests.insert(address, guest);
        }
    }
    Ok(Some(guests))
}

fn categories(names: &[String]) -> BTreeSet<String> {
    let names = names.iter().map(|name| name.trim());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn color(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    colors::asked(text).map(str::to_owned)
}

fn link(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || url::Url::parse(text).is_ok() {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid(format!(
            "“{text}” is no address of a page. Addresses begin with https://. Nothing was changed."
        )))
    }
}

const fn status(view: StatusView) -> Status {
    match view {
        StatusView::Confirmed => Status::Confirmed,
        StatusView::Tentative => Status::Tentative,
        StatusView::Cancelled => Status::Cancelled,
    }
}

const fn busy(view: BusyView) -> Busy {
    match view {
        BusyView::Busy => Busy::Busy,
        BusyView::Free => Busy::Free,
    }
}

const fn privacy(view: PrivacyView) -> Privacy {
    match view {
        PrivacyView::Public => Privacy::Public,
        PrivacyView::Private => Privacy::Private,
        PrivacyView::Confidential => Privacy::Confidential,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_are_so_long_before_the_start() {
        let given = ["10m", "1h", "2 d", "1W", "0m"].map(str::to_owned);
        let found = reminders(&given).unwrap();
        let keys: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
        let day = Trigger::FromStart(Length::from_days(-2));
        assert!(found.values().any(|reminder| reminder.trigger == day));
        assert!(reminders(&["none".to_owned()]).unwrap().is_empty());
        for text in ["soon", "10", "m", "-5m", "10y"] {
            assert!(reminders(&[text.to_owned()]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_guest_is_an_address_with_or_without_a_name() {
        let (address, found) = guest("Ada Lovelace <ada@example.org>").unwrap();
        assert_eq!(
            (address.as_str(), found.name.as_str()),
            ("mailto:ada@example.org", "Ada Lovelace")
        );
        assert_eq!(guest(" mailto:ada@x ").unwrap().0, "mailto:ada@x");
        for text in ["Ada", "@x", "ada@", "a b@x", ""] {
            assert!(guest(text).is_err(), "{text}");
        }
    }
}
