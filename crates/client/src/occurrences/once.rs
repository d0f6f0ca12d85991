//! What happens once, stored so that a view draws it without reading the event.
//!
//! Invariant: an occurrence read from such a row is the one that expanding the event gives, in
//! every zone it is looked at from. An event where that could differ gets no row and is computed.

use almanac_calendar::event::{Busy, Status};
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Event, OriginalStart, Zone, expand};
use almanac_store::{Clock, OnceRow, Shown};
use jiff::Timestamp;
use jiff::civil::DateTime;

/// How views show an event. A task that is neither due nor planned is in no grid.
pub(crate) fn shown(event: &Event) -> Shown {
    let is_undated = event
        .task
        .as_ref()
        .is_some_and(|task| !task.is_planned && task.due.is_none());
    if is_undated {
        return Shown::Nowhere;
    }
    row(event).map_or(Shown::Computed, Shown::Once)
}

fn row(event: &Event) -> Option<OnceRow> {
    let is_plain = event.rules.is_empty()
        && event.dates.is_empty()
        && event.skipped.is_empty()
        && event.overrides.is_empty()
        && event.splits.is_empty();
    let zone = event.when.zone();
    let has_name = zone.is_none_or(|zone| zone.is_known() && zone.block().is_none());
    if !is_plain || !has_name {
        return None;
    }
    let bare = Event {
        color: event.color.clone(),
        ..Event::new("", "", event.when.clone())
    };
    let bounds = bare.bounds();
    let until = bounds.end?.checked_add(SECOND).ok()?;
    let utc = Zone::utc();
    let found = expand(&bare, bounds.start..until, &utc);
    let [occurrence] = found.as_slice() else {
        return None;
    };
    Some(OnceRow {
        clock: match zone {
            Some(_) => Clock::Zoned,
            None if occurrence.all_day => Clock::Days,
            None => Clock::Floating,
        },
        start_s: occurrence.start.as_second(),
        end_s: occurrence.end.as_second(),
        local_s: utc.instant(occurrence.original.wall_clock()).as_second(),
        zone: zone.map_or_else(String::new, |zone| zone.name().to_owned()),
        status: match event.status {
            Status::Confirmed => 0,
            Status::Tentative => 1,
            Status::Cancelled => 2,
        },
        busy: match event.busy {
            Busy::Busy => 0,
            Busy::Free => 1,
        },
        color: event.color.clone().unwrap_or_default(),
        title: event.title.clone(),
        place: event.place.clone(),
    })
}

const SECOND: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);

/// The occurrence of a row, read by `viewer` where it has no zone; `None` where the row is not one
/// of ours.
pub(crate) fn occurrence(row: OnceRow, zones: &mut LastZone, viewer: &Zone) -> Option<Occurrence> {
    let utc = Zone::utc();
    let clock = |at_s: i64| Some(utc.wall_clock(Timestamp::from_second(at_s).ok()?));
    let (start, end) = (clock(row.start_s)?, clock(row.end_s)?);
    let written = clock(row.local_s)?;
    let times = match row.clock {
        Clock::Zoned => {
            let zone = zones.named(&row.zone)?;
            let start = Timestamp::from_second(row.start_s).ok()?;
            let end = Timestamp::from_second(row.end_s).ok()?;
            Times {
                original: if zone.is_utc() {
                    OriginalStart::Utc(written)
                } else {
                    OriginalStart::Local(written)
                },
                instants: (start, end),
                clocks: (zone.wall_clock(start), zone.wall_clock(end)),
                zone: Some(zone),
            }
        }
        Clock::Days => Times {
            original: OriginalStart::Date(written.date()),
            instants: ordered(viewer.instant(start), viewer.instant(end)),
            clocks: (start, end),
            zone: None,
        },
        Clock::Floating => {
            let instants = ordered(viewer.instant(start), viewer.instant(end));
            Times {
                original: OriginalStart::Local(written),
                instants,
                clocks: (viewer.wall_clock(instants.0), viewer.wall_clock(instants.1)),
                zone: None,
            }
        }
    };
    Some(Occurrence {
        original: times.original,
        start: times.instants.0,
        end: times.instants.1,
        local_start: times.clocks.0,
        local_end: times.clocks.1,
        all_day: row.clock == Clock::Days,
        zone: times.zone,
        title: row.title.into(),
        place: row.place.into(),
        status: match row.status {
            0 => Status::Confirmed,
            1 => Status::Tentative,
            _ => Status::Cancelled,
        },
        busy: if row.busy == 0 {
            Busy::Busy
        } else {
            Busy::Free
        },
        color: if row.color.is_empty() {
            None
        } else {
            Some(row.color.into())
        },
        is_override: false,
    })
}

struct Times {
    original: OriginalStart,
    instants: (Timestamp, Timestamp),
    clocks: (DateTime, DateTime),
    zone: Option<Zone>,
}

fn ordered(start: Timestamp, end: Timestamp) -> (Timestamp, Timestamp) {
    (start, end.max(start))
}

/// The zone asked for last: neighbours mostly share theirs.
#[derive(Debug, Default)]
pub(crate) struct LastZone(Option<(String, Zone)>);

impl LastZone {
    fn named(&mut self, name: &str) -> Option<Zone> {
        if let Some((last, zone)) = &self.0
            && last == name
        {
            return Some(zone.clone());
        }
        let zone = Zone::resolve(name)?;
        self.0 = Some((name.to_owned(), zone.clone()));
        Some(zone)
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::event::Task;
    use almanac_calendar::{End, Rule, Rules, When};

    use super::*;

    /// A row gives what expanding gives, wherever one looks from.
    fn check(start: &str, end: Option<&str>, zone: Option<&str>) {
        let zone = zone.map(Zone::named);
        let when = When::from_people(start, end, zone.as_ref()).unwrap();
        let mut event = Event::new("a@x", "Lunch", when);
        event.place = "Hall".into();
        event.status = Status::Tentative;
        event.busy = Busy::Free;
        event.color = Some("teal".into());
        same_as_expanded(&event);
    }

    fn same_as_expanded(event: &Event) {
        let Shown::Once(row) = shown(event) else {
            panic!("{event:?} has no row");
        };
        for viewer in [
            "UTC",
            "Europe/Berlin",
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
        ] {
            let viewer = Zone::named(viewer);
            let bounds = event.bounds();
            let until = bounds.end.unwrap().checked_add(SECOND).unwrap();
            let expanded = expand(event, bounds.start..until, &viewer);
            let read = occurrence(row.clone(), &mut LastZone::default(), &viewer);
            assert_eq!(expanded, [read.unwrap()], "{event:?}");
        }
    }

    #[test]
    fn a_row_gives_what_expanding_gives() {
        for zone in [
            None,
            Some("Europe/Berlin"),
            Some("UTC"),
            Some("Asia/Kathmandu"),
        ] {
            check("2026-11-20T10:00", None, zone);
            check("2026-11-20T10:00", Some("2026-11-20T10:00"), zone);
            check("2026-11-20T22:00", Some("2026-12-24T06:30"), zone);
            // The clock is put forward, and back, at this hour.
            check("2026-03-29T02:30", Some("2026-03-29T03:30"), zone);
            check("2026-10-25T02:30", Some("2026-10-25T02:45"), zone);
        }
        check("2026-11-20T10:00Z", None, None);
        check("2026-11-20", None, None);
        check("2026-11-20", Some("2027-02-01"), None);
        check("-0044-03-15", None, None);
    }

    #[test]
    fn lengths_of_every_kind_stay_what_they_are() {
        for length in ["P1D", "PT36H", "P1DT2H", "PT0S", "-PT1H"] {
            for zone in [None, Some("Europe/Berlin")] {
                let start = "2026-03-28T12:00:00".parse().unwrap();
                let end = End::After(length.parse().unwrap());
                let when = match zone {
                    Some(zone) => When::Zoned {
                        start,
                        zone: Zone::named(zone),
                        end,
                    },
                    None => When::Floating { start, end },
                };
                same_as_expanded(&Event::new("a@x", "", when));
            }
        }
    }

    #[test]
    fn what_a_row_cannot_say_is_computed() {
        let when = When::from_people("2026-11-20T10:00", None, Some(&Zone::utc())).unwrap();
        let event = Event::new("a@x", "", when);
        let mut series = event.clone();
        series.rules = Rules::one(Rule::parse("FREQ=DAILY").unwrap());
        let mut skipped = event.clone();
        skipped.skipped.insert(event.when.original());
        let mut lost = event.clone();
        let unknown = Zone::named("Nowhere/At All");
        lost.when = When::from_people("2026-11-20T10:00", None, Some(&unknown)).unwrap();
        for event in [series, skipped, lost] {
            assert_eq!(shown(&event), Shown::Computed, "{event:?}");
        }
    }

    #[test]
    fn a_task_is_in_the_grid_when_it_has_a_time() {
        let when = When::from_people("2026-11-20", None, None).unwrap();
        let mut event = Event::new("a@x", "", when);
        event.task = Some(Task::default());
        assert_eq!(shown(&event), Shown::Nowhere);
        event.task = Some(Task {
            is_planned: true,
            ..Task::default()
        });
        assert!(matches!(shown(&event), Shown::Once(_)));
    }
}
