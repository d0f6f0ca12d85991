//! Which occurrence of an event a person means.

use almanac_calendar::edit::Scope;
use almanac_calendar::expand::expand;
use almanac_calendar::{Event, OriginalStart, Zone};

use crate::command::ScopeInput;
use crate::error::{Error, Result};
use crate::events::times::system_zone;
use crate::occurrences;

/// What `scope` and `occurrence` mean together: how much of a series, and the occurrence in hand.
///
/// Without a scope a named occurrence stands for itself; without an occurrence the first is in
/// hand, and all are meant. What does not repeat is always meant as a whole.
pub(crate) fn part(
    event: &Event,
    scope: Option<ScopeInput>,
    occurrence: Option<&str>,
) -> Result<(Scope, OriginalStart)> {
    let first = event.when.original();
    let Some(text) = occurrence else {
        return match scope {
            Some(ScopeInput::This | ScopeInput::Following) if event.is_series() => {
                Err(Error::invalid(
                    "This event repeats. Nothing was changed. Name the occurrence that is meant by \
                     its day or its start.",
                ))
            }
            Some(_) | None => Ok((Scope::All, first)),
        };
    };
    let original = named(event, text)?;
    Ok(match scope {
        _ if !event.is_series() => (Scope::All, first),
        Some(ScopeInput::This) | None => (Scope::This, original),
        Some(ScopeInput::Following) => (Scope::Following, original),
        Some(ScopeInput::All) => (Scope::All, original),
    })
}

/// The occurrence of an event that a person names: by its original start, in whatever form, or by
/// the day it is on where it is alone there.
pub(crate) fn named(event: &Event, text: &str) -> Result<OriginalStart> {
    let given: OriginalStart = text.parse().map_err(|_| {
        Error::invalid(format!(
            "“{text}” is no occurrence. Name one by its start, 2026-11-20T10:00, or by its day."
        ))
    })?;
    let viewer = system_zone();
    let happens = |original: &OriginalStart| occurrences::one(event, *original, &viewer).is_some();
    if let Some(found) = forms(event, given).into_iter().find(happens) {
        return Ok(found);
    }
    let mut on_day = match given {
        OriginalStart::Date(_) => on_day(event, given, &viewer),
        OriginalStart::Local(_) | OriginalStart::Utc(_) => Vec::new(),
    };
    match (on_day.pop(), on_day.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Error::invalid(format!(
            "The event takes place more than once on {given}. Nothing was changed. Name the \
             occurrence by its start."
        ))),
        (None, _) => Err(Error::not_found(format!(
            "The event does not take place on {given}."
        ))),
    }
}

/// An occurrence that was left out and that a person names.
pub(crate) fn skipped(event: &Event, text: &str) -> Result<OriginalStart> {
    let none = || Error::not_found(format!("No occurrence on {text} was left out."));
    let given: OriginalStart = text.parse().map_err(|_| none())?;
    let forms = forms(event, given);
    if let Some(found) = forms.into_iter().find(|form| event.skipped.contains(form)) {
        return Ok(found);
    }
    let mut on_day = event
        .skipped
        .iter()
        .filter(|one| matches!(given, OriginalStart::Date(_)) && one.date() == given.date());
    match (on_day.next(), on_day.next()) {
        (Some(only), None) => Ok(*only),
        _ => Err(none()),
    }
}

/// The forms in which an event may name a start: as it was given, and as its own starts look.
fn forms(event: &Event, given: OriginalStart) -> [OriginalStart; 2] {
    let own = match (event.when.original(), given) {
        (OriginalStart::Utc(_), OriginalStart::Local(at)) => OriginalStart::Utc(at),
        (OriginalStart::Local(_), OriginalStart::Utc(at)) => {
            let zone = event.when.zone().cloned().unwrap_or_else(system_zone);
            OriginalStart::Local(zone.wall_clock(Zone::utc().instant(at)))
        }
        (OriginalStart::Date(_), given) => OriginalStart::Date(given.date()),
        (_, given) => given,
    };
    [given, own]
}

/// The occurrences whose own wall clock shows this day at the start.
fn on_day(event: &Event, day: OriginalStart, viewer: &Zone) -> Vec<OriginalStart> {
    let zone = event.when.zone().unwrap_or(viewer);
    let (from, to) = (day.wall_clock(), day.date().tomorrow());
    let to = to.map_or(from, |next| next.at(0, 0, 0, 0));
    expand(event, zone.instant(from)..zone.instant(to), viewer)
        .into_iter()
        .filter(|one| one.local_start.date() == day.date())
        .map(|one| one.original)
        .collect()
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Rule, Rules, When};

    use super::*;
    use crate::error::ErrorCode;

    fn weekly(start: &str, zone: &str) -> Event {
        let zone = Zone::named(zone);
        let when = When::from_people(start, None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "Stand-up", when);
        event.rules = Rules::one(Rule::parse("FREQ=WEEKLY").unwrap());
        event
    }

    fn check(event: &Event, text: &str, original: &str) {
        assert_eq!(named(event, text).unwrap().to_string(), original, "{text}");
    }

    #[test]
    fn an_occurrence_is_named_in_whatever_form_people_have_at_hand() {
        let berlin = weekly("2026-11-20T10:00", "Europe/Berlin");
        for text in ["2026-11-27T10:00", "2026-11-27T09:00Z", "2026-11-27"] {
            check(&berlin, text, "2026-11-27T10:00:00");
        }
        let utc = weekly("2026-11-20T10:00Z", "UTC");
        check(&utc, "2026-11-27T10:00", "2026-11-27T10:00:00Z");
        let mut days = weekly("2026-11-20", "UTC");
        check(&days, "2026-11-27T10:00", "2026-11-27");
        days.skip("2026-11-27".parse().unwrap());
        assert_eq!(
            named(&days, "2026-11-27").unwrap_err().code,
            ErrorCode::NotFound
        );
        assert_eq!(
            skipped(&days, "2026-11-27").unwrap().to_string(),
            "2026-11-27"
        );
        assert!(skipped(&days, "2026-12-04").is_err());
    }

    #[test]
    fn an_occurrence_that_was_moved_is_found_by_the_day_it_is_on_now() {
        let mut event = weekly("2026-11-20T10:00", "Europe/Berlin");
        let original = "2026-11-27T10:00".parse().unwrap();
        let zone = Zone::named("Europe/Berlin");
        let moved = When::from_people("2026-11-26T10:00", None, Some(&zone)).unwrap();
        event.overrides.entry(original).or_default().when = Some(moved);
        check(&event, "2026-11-26", "2026-11-27T10:00:00");
        check(&event, "2026-11-27T10:00", "2026-11-27T10:00:00");
    }

    #[test]
    fn what_does_not_repeat_is_meant_as_a_whole() {
        let mut event = weekly("2026-11-20T10:00", "Europe/Berlin");
        let this = Some(ScopeInput::This);
        assert_eq!(
            part(&event, this, None).unwrap_err().code,
            ErrorCode::InvalidInput
        );
        assert!(matches!(
            part(&event, None, Some("2026-11-27")),
            Ok((Scope::This, _))
        ));
        event.rules = Rules::default();
        let first = event.when.original();
        assert_eq!(
            part(&event, this, Some("2026-11-20")),
            Ok((Scope::All, first))
        );
    }
}
