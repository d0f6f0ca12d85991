//! Times as people give and read them, against times as an event keeps them.

use almanac_calendar::{End, When, Zone};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::view::WhenView;

/// New times of an event, as a person types them; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimesInput {
    /// A wall clock, `2026-11-20T10:00`, or a day.
    pub start: Option<String>,
    /// A wall clock, or the last day itself.
    pub end: Option<String>,
    /// Name of a zone.
    pub zone: Option<String>,
}

/// Reads the times of a new event: `2026-11-20` for a whole day, whose end is the last day itself,
/// or `2026-11-20T10:00` for a time in `zone`, the system's when absent.
///
/// # Errors
///
/// [`crate::ErrorCode::InvalidInput`] with a sentence that says what is wrong.
pub fn when_from_people(start: &str, end: Option<&str>, zone: Option<&str>) -> Result<WhenView> {
    let zone = zone_or_system(zone)?;
    Ok(to_view(&from_people(start, end, Some(&zone))?))
}

/// The zone of this name, or the system's.
pub(crate) fn zone_or_system(name: Option<&str>) -> Result<Zone> {
    match name {
        Some(name) => zone_named(name),
        None => Ok(system_zone()),
    }
}

/// Name of the system's zone; UTC where the system does not say.
#[must_use]
pub fn system_zone_name() -> String {
    system_zone().name().to_owned()
}

/// The times of an event with some of them given anew.
///
/// A start alone moves the event, a zone alone keeps the wall clock. Without a zone the times are
/// of the kind that the event has, on the clock of its start.
pub(crate) fn changed(when: &When, input: &TimesInput) -> Result<When> {
    let zone = match &input.zone {
        Some(name) => Some(zone_beside(name, when)?),
        None => when.zone().cloned(),
    };
    let is_date = |text: &str| text.trim().parse::<Date>().is_ok() && !text.contains(':');
    let moved = match (&input.start, &input.end) {
        (None, None) => when.clone(),
        (Some(start), None) if is_date(start) == when.is_all_day() => {
            let given = from_people(start, None, zone.as_ref())?;
            when.moved_to(clock_in(&given, zone.as_ref()))
        }
        (Some(start), end) => {
            let zone = zone.or_else(|| when.is_all_day().then(system_zone));
            let given = from_people(start, end.as_deref(), zone.as_ref())?;
            return Ok(in_zones_of(given, zone.as_ref(), end_zone(when, input)));
        }
        (None, Some(end)) => {
            let given = from_people(&when.original().to_string(), Some(end), zone.as_ref())?;
            return Ok(in_zones_of(given, zone.as_ref(), end_zone(when, input)));
        }
    };
    match (moved, zone, &input.zone) {
        (When::Zoned { start, end, .. } | When::Floating { start, end }, Some(zone), Some(_)) => {
            Ok(When::Zoned { start, zone, end })
        }
        (When::AllDay { .. }, _, Some(_)) => Err(Error::invalid(
            "A whole day has no time zone. Nothing was changed. Give it a start and an end with \
             times, or leave the zone out.",
        )),
        (moved, _, _) => Ok(moved),
    }
}

/// The zone that an end keeps: its own, unless another zone is given.
fn end_zone<'a>(when: &'a When, input: &TimesInput) -> Option<&'a Zone> {
    own_end_zone(when).filter(|_| input.zone.is_none())
}

/// The zone of an end that is not that of the start.
fn own_end_zone(when: &When) -> Option<&Zone> {
    match when {
        When::Zoned {
            end: End::At { zone, .. },
            ..
        } => zone.as_ref(),
        When::Zoned { .. } | When::AllDay { .. } | When::Floating { .. } => None,
    }
}

/// The same times, told on the clock of `zone` and of the zone that the end has.
fn in_zones_of(given: When, zone: Option<&Zone>, end_zone: Option<&Zone>) -> When {
    let (When::Zoned { zone: own, end, .. }, Some(zone)) = (&given, zone) else {
        return given;
    };
    let (from, until) = given.span(zone);
    let start = if own == zone {
        given.start()
    } else {
        zone.wall_clock(from)
    };
    let end = match (end_zone, end) {
        (Some(zone), _) => End::At {
            at: zone.wall_clock(until),
            zone: Some(zone.clone()),
        },
        (None, End::At { zone: None, .. }) if own == zone => end.clone(),
        (None, End::After(length)) => End::After(*length),
        (None, End::At { .. }) => End::At {
            at: zone.wall_clock(until),
            zone: None,
        },
    };
    When::Zoned {
        start,
        zone: zone.clone(),
        end,
    }
}

/// New times of an event as the interface or the command line gives them. What the view cannot say
/// stays: a zone of the file's own, a zone of the end, a length.
pub(crate) fn from_view_beside(view: &WhenView, now: &When) -> Result<When> {
    let start = match view {
        WhenView::AllDay { start, .. } => date(start)?.at(0, 0, 0, 0),
        WhenView::Timed { start, .. } | WhenView::Floating { start, .. } => wall_clock(start)?,
    };
    let moved = now.moved_to(start);
    if to_view(&moved) == *view {
        return Ok(moved);
    }
    match (view, now.zone()) {
        (WhenView::Timed { end, zone, .. }, Some(own)) if own.name() == zone.trim() => {
            let given = When::Zoned {
                start,
                zone: own.clone(),
                end: End::At {
                    at: wall_clock(end)?,
                    zone: None,
                },
            };
            let (from, until) = given.span(own);
            if until < from {
                return Err(ends_before_start());
            }
            Ok(in_zones_of(given, Some(own), own_end_zone(now)))
        }
        _ => from_view(view),
    }
}

/// The times that the interface or the command line gives.
pub(crate) fn from_view(when: &WhenView) -> Result<When> {
    let when = match when {
        WhenView::AllDay { start, end } => {
            let (start, end) = (date(start)?, date(end)?);
            return if end > start {
                Ok(When::AllDay { start, end })
            } else {
                Err(ends_before_start())
            };
        }
        WhenView::Timed { start, end, zone } => When::Zoned {
            start: wall_clock(start)?,
            zone: zone_named(zone)?,
            end: End::At {
                at: wall_clock(end)?,
                zone: None,
            },
        },
        WhenView::Floating { start, end } => When::Floating {
            start: wall_clock(start)?,
            end: End::At {
                at: wall_clock(end)?,
                zone: None,
            },
        },
    };
    let (start, end) = when.span(&Zone::utc());
    if end < start {
        Err(ends_before_start())
    } else {
        Ok(when)
    }
}

/// The times of an event in its own zone.
pub(crate) fn to_view(when: &When) -> WhenView {
    match when {
        When::AllDay { start, end } => {
            let end = if end > start {
                *end
            } else {
                start.tomorrow().unwrap_or(*start)
            };
            WhenView::AllDay {
                start: start.to_string(),
                end: end.to_string(),
            }
        }
        When::Zoned { start, zone, .. } => WhenView::Timed {
            start: clock_text(*start),
            end: clock_text(zone.wall_clock(when.span(zone).1)),
            zone: zone.name().to_owned(),
        },
        When::Floating { start, .. } => {
            let utc = Zone::utc();
            let end = clock_text(utc.wall_clock(when.span(&utc).1));
            WhenView::Floating {
                start: clock_text(*start),
                end,
            }
        }
    }
}

/// `2026-11-25T14:00`, with seconds only where there are some.
pub(crate) fn clock_text(at: DateTime) -> String {
    if let (Ok(year @ 0..=9_999), 0) = (u16::try_from(at.year()), at.second()) {
        return minute_text(year, at);
    }
    let form = if at.second() == 0 {
        "%Y-%m-%dT%H:%M"
    } else {
        "%Y-%m-%dT%H:%M:%S"
    };
    at.strftime(form).to_string()
}

/// The common case without a formatter: a month shows a thousand of them.
fn minute_text(year: u16, at: DateTime) -> String {
    let pairs = [
        ('-', at.month()),
        ('-', at.day()),
        ('T', at.hour()),
        (':', at.minute()),
    ];
    let mut text = String::with_capacity("2026-11-25T14:00".len());
    for scale in [1_000, 100, 10, 1] {
        text.push(char::from_digit(u32::from(year / scale % 10), 10).unwrap_or('0'));
    }
    for (mark, number) in pairs {
        let number = u32::from(number.unsigned_abs());
        text.push(mark);
        text.push(char::from_digit(number / 10, 10).unwrap_or('0'));
        text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
    }
    text
}

/// The wall clock of a given start; one in UTC is read in the event's own zone.
fn clock_in(given: &When, zone: Option<&Zone>) -> DateTime {
    match (given.zone(), zone) {
        (Some(other), Some(zone)) if other != zone => zone.wall_clock(given.span(zone).0),
        _ => given.start(),
    }
}

fn from_people(start: &str, end: Option<&str>, zone: Option<&Zone>) -> Result<When> {
    When::from_people(start, end, zone)
        .map_err(|error| Error::invalid(format!("These times make no event: {error}.")))
}

/// The zone of this name: the event's own, which may be one that only its file knows.
fn zone_beside(name: &str, when: &When) -> Result<Zone> {
    let own = when.zone().filter(|own| own.name() == name.trim());
    own.cloned().map_or_else(|| zone_named(name), Ok)
}

fn zone_named(name: &str) -> Result<Zone> {
    Zone::resolve(name.trim()).ok_or_else(|| {
        Error::invalid(format!(
            "There is no time zone “{name}”. Names look like Europe/Berlin or UTC."
        ))
    })
}

pub(crate) fn system_zone() -> Zone {
    let name = TimeZone::try_system()
        .ok()
        .and_then(|zone| zone.iana_name().map(str::to_owned));
    name.and_then(|name| Zone::resolve(&name))
        .unwrap_or_else(Zone::utc)
}

fn date(text: &str) -> Result<Date> {
    text.trim()
        .parse()
        .map_err(|_| Error::invalid(format!("“{text}” is not a day. Days look like 2026-11-20.")))
}

fn wall_clock(text: &str) -> Result<DateTime> {
    text.trim().parse().map_err(|_| {
        Error::invalid(format!(
            "“{text}” is not a time. Times look like 2026-11-20T10:00."
        ))
    })
}

fn ends_before_start() -> Error {
    Error::invalid("The end comes before the start. Nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(start: &str, end: &str) -> When {
        let zone = Zone::named("Europe/Berlin");
        When::from_people(start, Some(end), Some(&zone)).unwrap()
    }

    fn set(start: Option<&str>, end: Option<&str>, zone: Option<&str>) -> TimesInput {
        let own = |text: Option<&str>| text.map(str::to_owned);
        TimesInput {
            start: own(start),
            end: own(end),
            zone: own(zone),
        }
    }

    #[test]
    fn wall_clocks_are_written_without_seconds_unless_they_have_some() {
        for text in [
            "2026-11-25T14:05",
            "0007-01-02T03:04",
            "9999-12-31T23:59",
            "2026-11-25T14:05:09",
        ] {
            assert_eq!(clock_text(text.parse().unwrap()), text);
        }
    }

    #[test]
    fn a_new_start_keeps_the_length_and_a_new_zone_the_clock() {
        let when = berlin("2026-11-20T10:00", "2026-11-20T11:30");
        let later = changed(&when, &set(Some("2026-11-21T09:00"), None, None)).unwrap();
        assert_eq!(later, berlin("2026-11-21T09:00", "2026-11-21T10:30"));
        let there = changed(&when, &set(None, None, Some("America/New_York"))).unwrap();
        assert_eq!(
            to_view(&there),
            WhenView::Timed {
                start: "2026-11-20T10:00".into(),
                end: "2026-11-20T11:30".into(),
                zone: "America/New_York".into(),
            }
        );
    }

    #[test]
    fn a_day_makes_whole_days_and_a_clock_makes_a_time() {
        let when = berlin("2026-11-20T10:00", "2026-11-20T11:30");
        let days = changed(&when, &set(Some("2026-11-21"), Some("2026-11-22"), None)).unwrap();
        let expected = WhenView::AllDay {
            start: "2026-11-21".into(),
            end: "2026-11-23".into(),
        };
        assert_eq!(to_view(&days), expected);
        let longer = changed(&days, &set(None, Some("2026-11-24"), None)).unwrap();
        assert_eq!(
            longer,
            When::from_people("2026-11-21", Some("2026-11-24"), None).unwrap()
        );
        let timed = changed(&days, &set(Some("2026-11-21T10:00"), None, Some("UTC"))).unwrap();
        assert!(matches!(timed, When::Zoned { .. }));
        assert!(changed(&days, &set(None, None, Some("UTC"))).is_err());
    }

    #[test]
    fn new_times_keep_kind_and_zones_unless_a_zone_is_given() {
        let floating = When::from_people("2026-11-20T10:00", None, None).unwrap();
        let both = set(Some("2026-11-21T10:00"), Some("2026-11-21T12:00"), None);
        let later = When::from_people("2026-11-21T10:00", Some("2026-11-21T12:00"), None);
        assert_eq!(changed(&floating, &both).unwrap(), later.unwrap());
        let flight = |start: &str, end: &str| When::Zoned {
            start: start.parse().unwrap(),
            zone: Zone::named("Europe/Berlin"),
            end: End::At {
                at: end.parse().unwrap(),
                zone: Some(Zone::named("America/New_York")),
            },
        };
        let now = flight("2026-11-20T10:00", "2026-11-20T13:00");
        let check = |input: &TimesInput, expected: &When| {
            let given = changed(&now, input).unwrap();
            assert_eq!(given, *expected);
            assert_eq!(from_view_beside(&to_view(&given), &now).unwrap(), *expected);
        };
        let day_later = flight("2026-11-21T10:00", "2026-11-21T13:00");
        check(&set(Some("2026-11-21T10:00"), None, None), &day_later);
        let longer = flight("2026-11-20T10:00", "2026-11-20T14:00");
        check(&set(None, Some("2026-11-20T20:00"), None), &longer);
    }

    #[test]
    fn times_survive_the_way_to_the_interface_and_back() {
        for when in [
            berlin("2026-11-20T10:00", "2026-11-20T11:30"),
            When::from_people("2026-11-20", Some("2026-11-21"), None).unwrap(),
            When::from_people("2026-11-20T10:00", Some("2026-11-20T10:00"), None).unwrap(),
        ] {
            assert_eq!(from_view(&to_view(&when)).unwrap(), when);
        }
    }

    #[test]
    fn times_that_make_no_sense_are_refused() {
        let timed = |start: &str, end: &str, zone: &str| {
            from_view(&WhenView::Timed {
                start: start.into(),
                end: end.into(),
                zone: zone.into(),
            })
        };
        assert!(timed("2026-11-20T10:00", "2026-11-20T09:00", "UTC").is_err());
        assert!(timed("2026-11-20T10:00", "2026-11-20T11:00", "Mars/Olympus").is_err());
        assert!(timed("soon", "2026-11-20T11:00", "UTC").is_err());
    }
}
