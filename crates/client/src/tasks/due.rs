//! Times of tasks as people give them.

use almanac_calendar::event::Due;
use almanac_calendar::{End, Length, OriginalStart, When, Zone};

use crate::error::{Error, Result};

/// By when: a day, or a wall clock in `zone`; an empty text is none.
pub(super) fn parse(text: &str, zone: &Zone) -> Result<Option<Due>> {
    Ok(given(text)?.map(|given| match given {
        OriginalStart::Date(date) => Due::On(date),
        OriginalStart::Local(at) => Due::At {
            at,
            zone: Some(zone.clone()),
        },
        OriginalStart::Utc(at) => Due::At {
            at,
            zone: Some(Zone::utc()),
        },
    }))
}

/// When to do it: a day, or an hour from a wall clock in `zone`; an empty text is none.
pub(super) fn planned(text: &str, zone: &Zone) -> Result<Option<When>> {
    if given(text)?.is_none() {
        return Ok(None);
    }
    When::from_people(text, None, Some(zone))
        .map(Some)
        .map_err(|_| no_time(text))
}

/// Where a task stands that is only due: a whole day, or no time at all at the due time.
pub(super) fn standing(due: &Due) -> When {
    let end = End::After(Length::from_seconds(0));
    match due {
        Due::On(date) => When::AllDay {
            start: *date,
            end: date.tomorrow().unwrap_or(*date),
        },
        Due::At {
            at,
            zone: Some(zone),
        } => When::Zoned {
            start: *at,
            zone: zone.clone(),
            end,
        },
        Due::At { at, zone: None } => When::Floating { start: *at, end },
    }
}

fn given(text: &str) -> Result<Option<OriginalStart>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| no_time(text))
}

fn no_time(text: &str) -> Error {
    Error::invalid(format!(
        "“{text}” is neither a day nor a time. Write 2026-11-20 or 2026-11-20T10:00. Nothing was \
         changed."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_is_a_day_or_a_clock() {
        let berlin = Zone::named("Europe/Berlin");
        let check = |text: &str, start: &str| {
            let due = parse(text, &berlin).unwrap().unwrap();
            assert_eq!(standing(&due).original().to_string(), start);
        };
        check("2026-11-20", "2026-11-20");
        check("2026-11-20T10:00", "2026-11-20T10:00:00");
        check("2026-11-20T10:00Z", "2026-11-20T10:00:00Z");
        assert_eq!(parse(" ", &berlin).unwrap(), None);
        assert!(parse("soon", &berlin).is_err());
        assert!(planned("soon", &berlin).is_err());
    }
}
