//! From stored events to what happens in a stretch of time.
//!
//! What happens once is read from rows that say all a view draws; what repeats is found by its
//! bounds and expanded on the way.

pub(crate) mod once;
pub(crate) mod ready;

use almanac_calendar::expand::expand;
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Event, OriginalStart, Zone};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{Transaction, Window};
use jiff::Timestamp;

use crate::error::{Error, Result};
use once::LastZone;
use ready::ReadyEvents;

/// A half-open stretch of time, and the zone of the wall clock it is shown on.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) zone: Zone,
}

/// An event and one time it happens.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) row: EventKey,
    pub(crate) repeats: bool,
    pub(crate) occurrence: Occurrence,
}

/// Where an event is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventKey {
    pub(crate) calendar: CalendarId,
    pub(crate) document: DocumentId,
}

impl Stretch {
    /// From one moment to another, as people write them.
    pub(crate) fn parse(from: &str, to: &str, zone: Zone) -> Result<Self> {
        let (from, to) = (moment(from, &zone)?, moment(to, &zone)?);
        if from < to {
            Ok(Self { from, to, zone })
        } else {
            Err(Error::invalid(
                "The stretch ends before it begins: --to must lie after --from.",
            ))
        }
    }
}

/// What happens in a stretch of time, in order.
pub(crate) fn in_stretch(
    tx: &Transaction<'_>,
    ready: &ReadyEvents,
    calendars: &[CalendarId],
    stretch: &Stretch,
) -> Result<Vec<Found>> {
    let window = Window {
        from_s: stretch.from.as_second(),
        // A part of a second belongs to the stretch too.
        to_s: stretch.to.as_second().saturating_add(1),
    };
    let mut found = Vec::new();
    for calendar in calendars {
        once_in(tx, *calendar, window, stretch, &mut found)?;
        computed_in(tx, ready, *calendar, window, stretch, &mut found)?;
    }
    found.sort_by_cached_key(key_of);
    Ok(found)
}

fn key_of(one: &Found) -> (Timestamp, bool, Timestamp, EventKey, OriginalStart) {
    let occurrence = &one.occurrence;
    (
        occurrence.start,
        !occurrence.all_day,
        occurrence.end,
        one.row,
        occurrence.original,
    )
}

fn once_in(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    window: Window,
    stretch: &Stretch,
    found: &mut Vec<Found>,
) -> Result<()> {
    let mut zones = LastZone::default();
    let rows = tx.once_in(calendar, window)?;
    found.reserve(rows.len());
    for (document, row) in rows {
        let Some(occurrence) = once::occurrence(row, &mut zones, &stretch.zone) else {
            // One event that cannot be shown must not hide the others.
            tracing::warn!("event.row_unreadable");
            continue;
        };
        // As `expand` decides it: what has no length is in the stretch when it starts there.
        if occurrence.start < stretch.to
            && (occurrence.end > stretch.from || occurrence.start >= stretch.from)
        {
            found.push(Found {
                row: EventKey { calendar, document },
                repeats: false,
                occurrence,
            });
        }
    }
    Ok(())
}

fn computed_in(
    tx: &Transaction<'_>,
    ready: &ReadyEvents,
    calendar: CalendarId,
    window: Window,
    stretch: &Stretch,
    found: &mut Vec<Found>,
) -> Result<()> {
    for (document, version) in tx.computed_in(calendar, window)? {
        let Ok(Some(one)) = ready.get(tx, version) else {
            tracing::warn!("event.row_unreadable");
            continue;
        };
        let repeats = one.event.is_series();
        let occurrences = one
            .prepared
            .expand(stretch.from..stretch.to, &stretch.zone)
            .into_iter();
        found.extend(occurrences.map(|occurrence| Found {
            row: EventKey { calendar, document },
            repeats,
            occurrence,
        }));
    }
    Ok(())
}

/// The Unix seconds that all occurrences of an event lie in, whatever zone they are read in.
pub(crate) fn bounds(event: &Event) -> (i64, Option<i64>) {
    let bounds = event.bounds();
    (
        bounds.start.as_second(),
        bounds.end.map(|end| end.as_second()),
    )
}

/// One occurrence of an event by its original start, read on the wall clock of `viewer`.
pub(crate) fn one(event: &Event, original: OriginalStart, viewer: &Zone) -> Option<Occurrence> {
    let clock = event.when.zone().unwrap_or(viewer);
    let named = match original {
        OriginalStart::Utc(at) => Zone::utc().instant(at),
        OriginalStart::Date(_) | OriginalStart::Local(_) => clock.instant(original.wall_clock()),
    };
    let moved = event
        .overrides
        .get(&original)
        .and_then(|change| change.when.as_ref());
    let at = moved.map_or(named, |when| when.span(viewer).0);
    // Splits may have moved it; by more than a year is not looked for.
    [3, 40, 400].into_iter().find_map(|days| {
        let reach = jiff::SignedDuration::from_hours(24 * days);
        let from = at.checked_sub(reach).unwrap_or(Timestamp::MIN);
        let to = at.checked_add(reach).unwrap_or(Timestamp::MAX);
        expand(event, from..to, viewer)
            .into_iter()
            .find(|one| one.original == original)
    })
}

/// A moment as people write it: `2026-11-20`, `2026-11-20T10:00`, with `Z` or an offset.
pub(crate) fn moment(text: &str, zone: &Zone) -> Result<Timestamp> {
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Ok(at);
    }
    match text.parse::<OriginalStart>() {
        Ok(OriginalStart::Utc(at)) => Ok(Zone::utc().instant(at)),
        Ok(local) => Ok(zone.instant(local.wall_clock())),
        Err(_) => Err(Error::invalid(format!(
            "“{text}” is neither a day nor a time. Write 2026-11-20 or 2026-11-20T10:00."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Rule, Rules, When};

    use super::*;

    #[test]
    fn moments_are_read_in_the_zone_unless_they_say_otherwise() {
        let zone = Zone::named("Europe/Berlin");
        for (text, instant) in [
            ("2026-11-20", "2026-11-19T23:00:00Z"),
            ("2026-11-20T10:00", "2026-11-20T09:00:00Z"),
            ("2026-11-20T10:00Z", "2026-11-20T10:00:00Z"),
            ("20261120T100000Z", "2026-11-20T10:00:00Z"),
            ("2026-11-20T10:00:00-05:00", "2026-11-20T15:00:00Z"),
        ] {
            assert_eq!(
                moment(text, &zone).unwrap(),
                instant.parse().unwrap(),
                "{text}"
            );
        }
        assert!(moment("tomorrow", &zone).is_err());
        assert!(Stretch::parse("2026-11-20", "2026-11-20", zone).is_err());
    }

    #[test]
    fn whole_days_are_within_their_bounds_everywhere() {
        let event = Event::new(
            "a@x",
            "",
            When::from_people("2026-11-20", None, None).unwrap(),
        );
        let (first_s, last_s) = bounds(&event);
        for name in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
            let (start, end) = event.when.span(&Zone::named(name));
            assert!(
                first_s <= start.as_second() && end.as_second() <= last_s.unwrap(),
                "{name}"
            );
        }
    }

    #[test]
    fn an_occurrence_is_found_by_its_name_wherever_it_was_moved() {
        let zone = Zone::named("Europe/Berlin");
        let at = |text| When::from_people(text, None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "Stand-up", at("2026-11-02T09:15"));
        event.rules = Rules::one(Rule::parse("FREQ=DAILY").unwrap());
        let original = "2026-11-26T09:15".parse().unwrap();
        event.overrides.entry(original).or_default().when = Some(at("2028-01-01T10:00"));
        let found = one(&event, original, &zone).unwrap();
        assert_eq!(found.start, "2028-01-01T09:00:00Z".parse().unwrap());
        assert_eq!(
            one(&event, "2026-11-26T10:15".parse().unwrap(), &zone),
            None
        );
    }
}
