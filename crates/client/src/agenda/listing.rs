//! Occurrences as rows that programs read.

use almanac_calendar::event::{Status, Task};
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Event, OriginalStart, Zone};
use jiff::Timestamp;

use crate::search::MatchKind;
use crate::view::{ListedOccurrence, StatusView};

/// One occurrence on the wall clock of `zone`.
pub(crate) fn listed(
    occurrence: &Occurrence,
    event: String,
    calendar: String,
    kind: MatchKind,
    zone: &Zone,
) -> ListedOccurrence {
    let (start, end) = if occurrence.all_day {
        (
            occurrence.local_start.date().to_string(),
            occurrence.local_end.date().to_string(),
        )
    } else {
        (
            with_offset(occurrence.start, zone),
            with_offset(occurrence.end, zone),
        )
    };
    ListedOccurrence {
        event,
        occurrence: occurrence.original.to_string(),
        calendar,
        summary: occurrence.title.to_string(),
        start,
        end,
        all_day: occurrence.all_day,
        zone: occurrence.zone.as_ref().map(|zone| zone.name().to_owned()),
        location: occurrence.place.to_string(),
        status: match occurrence.status {
            Status::Confirmed => StatusView::Confirmed,
            Status::Tentative => StatusView::Tentative,
            Status::Cancelled => StatusView::Cancelled,
        },
        kind,
    }
}

/// What kind of thing an occurrence of an event is.
pub(crate) fn kind_of(event: &Event, original: &OriginalStart) -> MatchKind {
    let is_done = |task: &Task| task.done.is_some();
    match &event.task {
        None => MatchKind::Event,
        Some(_) if event.at(original).task.as_ref().is_some_and(is_done) => MatchKind::DoneTask,
        Some(_) => MatchKind::OpenTask,
    }
}

/// RFC 3339: offsets have whole minutes, so the odd seconds of old local times go to the clock.
pub(crate) fn with_offset(at: Timestamp, zone: &Zone) -> String {
    let offset_minutes = zone.offset_seconds(at).div_euclid(60);
    let shifted = Timestamp::from_second(at.as_second() + offset_minutes * 60).unwrap_or(at);
    let clock = Zone::utc()
        .wall_clock(shifted)
        .strftime("%Y-%m-%dT%H:%M:%S");
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.unsigned_abs();
    format!("{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_the_offset_of_its_zone() {
        let at: Timestamp = "2026-11-23T08:15:00Z".parse().unwrap();
        for (zone, text) in [
            ("Europe/Berlin", "2026-11-23T09:15:00+01:00"),
            ("America/St_Johns", "2026-11-23T04:45:00-03:30"),
            ("UTC", "2026-11-23T08:15:00+00:00"),
        ] {
            assert_eq!(with_offset(at, &Zone::named(zone)), text);
        }
        let old: Timestamp = "1880-01-01T00:00:00Z".parse().unwrap();
        let text = with_offset(old, &Zone::named("Europe/Amsterdam"));
        assert_eq!(text.parse::<Timestamp>().unwrap(), old, "{text}");
    }
}
