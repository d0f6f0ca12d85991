//! Cutting occurrences at midnight.

use almanac_calendar::event::Status;
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{OriginalStart, Zone};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::colors;
use crate::events::times::clock_text;
use crate::occurrences::{EventKey, Found};
use crate::view::{AllDayBar, StatusView, TimedBlock};

const DAY_MINUTES: u32 = 24 * 60;
const DAY_S: i64 = 24 * 3_600;

/// What an occurrence shows of its calendar, and whether the event waits for the relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// Id of the calendar.
    pub(super) calendar: &'a str,
    /// Its hue.
    pub(super) color: &'a str,
    pub(super) pending: bool,
}

/// Blocks of each day and bars over days, for `days` days from `from` on.
pub(super) fn cut<'a>(
    found: &[Found],
    from: Date,
    days: usize,
    zone: &Zone,
    look: impl Fn(EventKey) -> Look<'a>,
) -> (Vec<TimedBlock>, Vec<AllDayBar>) {
    let (mut timed, mut all_day) = (Vec::with_capacity(found.len()), Vec::new());
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    for one in found {
        let mut look = look(one.row);
        let own = one.occurrence.color.as_deref().and_then(colors::hue_of);
        look.color = own.unwrap_or(look.color);
        let drawn = Drawn {
            one,
            look,
            from,
            days,
        };
        let (start, end) = (one.occurrence.start, one.occurrence.end);
        if one.occurrence.all_day || end.as_second() - start.as_second() >= DAY_S {
            all_day.extend(drawn.bar(zone));
        } else {
            drawn.blocks(zone, &mut timed);
        }
    }
    timed.sort_by_cached_key(|block| {
        (
            block.day,
            block.start_minute,
            std::cmp::Reverse(block.end_minute),
        )
    });
    (timed, all_day)
}

/// Minutes after midnight.
pub(super) fn minute_of(clock: DateTime) -> u32 {
    u32::from(clock.hour().unsigned_abs()) * 60 + u32::from(clock.minute().unsigned_abs())
}

/// An occurrence on its way to the screen.
struct Drawn<'a> {
    one: &'a Found,
    look: Look<'a>,
    from: Date,
    days: i64,
}

impl Drawn<'_> {
    fn bar(&self, zone: &Zone) -> Option<AllDayBar> {
        let (occurrence, (start, end)) = (&self.one.occurrence, self.clocks(zone));
        let (first, last) = if occurrence.all_day {
            (self.index(start.date()), self.index(end.date()) - 1)
        } else {
            (self.index(start.date()), self.index(last_day(start, end)))
        };
        let last = last.max(first);
        let texts = if occurrence.all_day {
            let text = |at: DateTime| OriginalStart::Date(at.date()).to_string();
            (text(start), text(end))
        } else {
            (clock_text(start), clock_text(end))
        };
        Some(AllDayBar {
            occurrence: occurrence.original.to_string(),
            event: hex(self.one.row.document.as_bytes()),
            calendar: self.look.calendar.to_owned(),
            first_day: u32::try_from(first.max(0)).ok()?,
            last_day: u32::try_from(last.min(self.days - 1)).ok()?,
            starts_before: first < 0,
            ends_after: last >= self.days,
            color: self.look.color.to_owned(),
            title: occurrence.title.as_ref().to_owned(),
            place: occurrence.place.as_ref().to_owned(),
            repeats: self.one.repeats,
            status: status_of(occurrence),
            pending: self.look.pending,
            start: texts.0,
            end: texts.1,
        })
    }

    fn blocks(&self, zone: &Zone, to: &mut Vec<TimedBlock>) {
        let clocks = self.clocks(zone);
        let (start, end) = clocks;
        let (first, last) = (self.index(start.date()), self.index(last_day(start, end)));
        for day in first..=last.max(first) {
            let Ok(index) = u32::try_from(day) else {
                continue;
            };
            if day >= self.days {
                break;
            }
            let start_minute = if day == first { minute_of(start) } else { 0 };
            let is_last = day >= last;
            let end_minute = match is_last {
                true if self.index(end.date()) > day => DAY_MINUTES,
                true => minute_of(end),
                false => DAY_MINUTES,
            };
            to.push(self.block(
                index,
                (start_minute, end_minute),
                (day > first, !is_last),
                clocks,
            ));
        }
    }

    fn block(
        &self,
        day: u32,
        (start_minute, end_minute): (u32, u32),
        (starts_before, ends_after): (bool, bool),
        (start, end): (DateTime, DateTime),
    ) -> TimedBlock {
        let occurrence = &self.one.occurrence;
        // While the clock goes back an event can seem to end before it starts.
        let lasts = minutes_between(occurrence.start, occurrence.end);
        let end_minute = if end_minute < start_minute {
            (start_minute + lasts).min(DAY_MINUTES)
        } else {
            end_minute
        };
        TimedBlock {
            occurrence: occurrence.original.to_string(),
            event: hex(self.one.row.document.as_bytes()),
            calendar: self.look.calendar.to_owned(),
            day,
            start_minute,
            end_minute,
            starts_before,
            ends_after,
            color: self.look.color.to_owned(),
            title: occurrence.title.as_ref().to_owned(),
            place: occurrence.place.as_ref().to_owned(),
            repeats: self.one.repeats,
            status: status_of(occurrence),
            pending: self.look.pending,
            start: clock_text(start),
            end: clock_text(end),
        }
    }

    /// Wall clocks of start and end in the zone that is shown.
    fn clocks(&self, zone: &Zone) -> (DateTime, DateTime) {
        let occurrence = &self.one.occurrence;
        if occurrence.zone.as_ref().is_none_or(|own| own == zone) {
            return (occurrence.local_start, occurrence.local_end);
        }
        (
            zone.wall_clock(occurrence.start),
            zone.wall_clock(occurrence.end),
        )
    }

    fn index(&self, day: Date) -> i64 {
        day.duration_since(self.from).as_hours() / 24
    }
}

/// The day that the last moment belongs to; an end at midnight belongs to the day before.
fn last_day(start: DateTime, end: DateTime) -> Date {
    let is_midnight = end.time() == jiff::civil::Time::midnight();
    if is_midnight && end > start {
        end.date().yesterday().unwrap_or(end.date())
    } else {
        end.date()
    }
}

/// Bytes as hexadecimal digits, as ids are shown: a month has a thousand of them.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(digits.map(digit));
    text
}

fn minutes_between(start: Timestamp, end: Timestamp) -> u32 {
    u32::try_from((end.as_second() - start.as_second()) / 60).unwrap_or(0)
}

fn status_of(occurrence: &Occurrence) -> StatusView {
    match occurrence.status {
        Status::Confirmed => StatusView::Confirmed,
        Status::Tentative => StatusView::Tentative,
        Status::Cancelled => StatusView::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::expand::expand;
    use almanac_calendar::{Event, When};
    use almanac_protocol::ids::{CalendarId, DocumentId};

    use super::*;

    fn week(start: &str, end: Option<&str>, viewer: &str) -> (Vec<TimedBlock>, Vec<AllDayBar>) {
        let zone = Zone::named("Europe/Berlin");
        let event = Event::new(
            "a@x",
            "A",
            When::from_people(start, end, Some(&zone)).unwrap(),
        );
        let viewer = Zone::named(viewer);
        let from: Date = "2026-10-19".parse().unwrap();
        let at = |day: i8| viewer.instant(Date::new(2026, 10, day).unwrap().at(0, 0, 0, 0));
        let row = EventKey {
            calendar: CalendarId::from_bytes([1; 32]),
            document: DocumentId::from_bytes([2; 16]),
        };
        let found: Vec<Found> = expand(&event, at(19)..at(26), &viewer)
            .into_iter()
            .map(|occurrence| Found {
                row,
                repeats: false,
                occurrence,
            })
            .collect();
        cut(&found, from, 7, &viewer, |_| Look {
            calendar: "c",
            color: "blue",
            pending: false,
        })
    }

    #[test]
    fn an_evening_is_cut_at_midnight() {
        let (timed, _) = week(
            "2026-10-20T22:00",
            Some("2026-10-21T01:30"),
            "Europe/Berlin",
        );
        let parts: Vec<_> = timed
            .iter()
            .map(|b| (b.day, b.start_minute, b.end_minute))
            .collect();
        assert_eq!(parts, [(1, 1320, 1440), (2, 0, 90)]);
        assert!(timed[0].ends_after && timed[1].starts_before);
        assert_eq!(timed[1].start, "2026-10-20T22:00");
    }

    #[test]
    fn an_end_at_midnight_stays_on_its_day() {
        let (timed, _) = week(
            "2026-10-20T22:00",
            Some("2026-10-21T00:00"),
            "Europe/Berlin",
        );
        assert_eq!(timed.len(), 1);
        assert_eq!((timed[0].end_minute, timed[0].ends_after), (1440, false));
    }

    #[test]
    fn another_zone_shows_another_clock() {
        let (timed, _) = week("2026-10-20T10:00", None, "America/New_York");
        assert_eq!((timed[0].day, timed[0].start_minute), (1, 240));
    }

    #[test]
    fn whole_days_are_bars_clipped_to_the_view() {
        let (_, bars) = week("2026-10-17", Some("2026-10-20"), "America/New_York");
        assert_eq!((bars[0].first_day, bars[0].last_day), (0, 1));
        assert!(bars[0].starts_before && !bars[0].ends_after);
        assert_eq!(
            (bars[0].start.as_str(), bars[0].end.as_str()),
            ("2026-10-17", "2026-10-21")
        );
        let (_, bars) = week(
            "2026-10-24T08:00",
            Some("2026-10-28T08:00"),
            "Europe/Berlin",
        );
        assert_eq!(
            (bars[0].first_day, bars[0].last_day, bars[0].ends_after),
            (5, 6, true)
        );
    }

    #[test]
    fn the_repeated_hour_does_not_turn_a_block_around() {
        let (timed, _) = week(
            "2026-10-25T00:30Z",
            Some("2026-10-25T01:15Z"),
            "Europe/Berlin",
        );
        assert_eq!((timed[0].start_minute, timed[0].end_minute), (150, 195));
    }
}
