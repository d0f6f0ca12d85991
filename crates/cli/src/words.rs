//! Words that several commands share: ids, days and times as people read them.

use almanac_client::WhenView;
use jiff::civil::{Date, DateTime};

/// Digits of an event's id that are shown.
const ID_DIGITS: usize = 8;

/// The start of an id, enough to name an event in nearly every profile.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(ID_DIGITS).collect()
}

/// When something takes place: `Mon 23 Nov 2026, 12:00–13:00`.
pub(crate) fn when_words(when: &WhenView) -> String {
    match when {
        WhenView::AllDay { start, end } => {
            let last = end
                .parse::<Date>()
                .ok()
                .and_then(|end| end.yesterday().ok());
            match last.map(|last| last.to_string()) {
                Some(last) if last != *start => {
                    format!("{} to {}", day_words(start), day_words(&last))
                }
                Some(_) | None => day_words(start),
            }
        }
        WhenView::Timed { start, end, zone } => format!("{} {zone}", times_words(start, end)),
        WhenView::Floating { start, end } => times_words(start, end),
    }
}

/// `Mon 23 Nov 2026`; anything that is no day as it is.
pub(crate) fn day_words(day: &str) -> String {
    day.parse::<Date>().map_or_else(
        |_| day.to_owned(),
        |date| date.strftime("%a %-d %b %Y").to_string(),
    )
}

/// `Mon 23 Nov 2026, 12:00`.
pub(crate) fn time_words(time: &str) -> String {
    time.parse::<DateTime>().map_or_else(
        |_| time.to_owned(),
        |at| at.strftime("%a %-d %b %Y, %H:%M").to_string(),
    )
}

/// A day, or a time with its offset, on the wall clock it is written in.
pub(crate) fn due_words(time: &str) -> String {
    match time.split_once('T') {
        Some((day, clock)) => {
            let clock = clock.get(..5).unwrap_or(clock);
            format!("{}, {clock}", day_words(day))
        }
        None => day_words(time),
    }
}

/// An instant on the clock of UTC: `Mon 23 Nov 2026, 11:00 UTC`.
pub(crate) fn instant_words(time: &str) -> String {
    format!("{} UTC", due_words(time))
}

fn times_words(start: &str, end: &str) -> String {
    let clock = |time: &str| time.split('T').nth(1).unwrap_or_default().to_owned();
    if start == end {
        time_words(start)
    } else if start.split('T').next() == end.split('T').next() {
        format!("{}–{}", time_words(start), clock(end))
    } else {
        format!("{} to {}", time_words(start), time_words(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        let timed = |start: &str, end: &str| WhenView::Timed {
            start: start.into(),
            end: end.into(),
            zone: "Europe/Berlin".into(),
        };
        let words = when_words(&timed("2026-11-23T12:00", "2026-11-23T13:30"));
        assert_eq!(words, "Mon 23 Nov 2026, 12:00–13:30 Europe/Berlin");
        let words = when_words(&timed("2026-11-23T22:00", "2026-11-24T01:00"));
        assert!(words.contains("22:00 to Tue 24 Nov 2026, 01:00"), "{words}");
        let days = WhenView::AllDay {
            start: "2026-11-23".into(),
            end: "2026-11-25".into(),
        };
        assert_eq!(when_words(&days), "Mon 23 Nov 2026 to Tue 24 Nov 2026");
        assert_eq!(short("3f2a9c0011223344"), "3f2a9c00");
    }
}
