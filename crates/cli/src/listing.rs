//! A list of occurrences as people read it: one heading a day, one line an occurrence.

use almanac_client::{ListedOccurrence, MatchKind, StatusView};
use jiff::civil::Date;

use crate::output::{plain, push_line};
use crate::words::short;

/// Width of a title before the place; longer ones simply push it on.
const TITLE_WIDTH: usize = 32;

/// Events of a profile, with the start of their id and the name of their calendar.
pub(crate) fn of_events(found: &[ListedOccurrence]) -> String {
    by_day(found, |one| {
        format!("[{}]  {}", short(&one.event), plain(&one.calendar))
    })
}

/// Events of a file.
pub(crate) fn of_file(found: &[ListedOccurrence]) -> String {
    by_day(found, |one| plain(&one.event))
}

fn by_day(found: &[ListedOccurrence], tail: impl Fn(&ListedOccurrence) -> String) -> String {
    let mut text = String::new();
    let mut shown = None;
    for one in found {
        let day = day_of(&one.start);
        if shown != Some(day) {
            if shown.is_some() {
                text.push('\n');
            }
            push_line(&mut text, format_args!("{}", heading(day)));
            shown = Some(day);
        }
        let title = match (plain(&one.summary), plain(&one.location)) {
            (title, place) if place.is_empty() => title,
            (title, place) => format!("{title} · {place}"),
        };
        let title = format!("{}{title}", mark_of(one));
        let (times, tail) = (times_of(one, day), tail(one));
        push_line(
            &mut text,
            format_args!("  {times:<13}  {title:<TITLE_WIDTH$}  {tail}"),
        );
    }
    if text.is_empty() {
        text.push_str("Nothing in these days.");
    }
    text
}

/// What tells an occurrence from an event that takes place.
fn mark_of(one: &ListedOccurrence) -> String {
    let task = match one.kind {
        MatchKind::Event => "",
        MatchKind::OpenTask => "[ ] ",
        MatchKind::DoneTask => "[x] ",
    };
    let status = match one.status {
        StatusView::Confirmed => "",
        StatusView::Tentative => "(perhaps) ",
        StatusView::Cancelled => "(called off) ",
    };
    format!("{task}{status}")
}

/// `09:15–09:30`, `all day`, or with the day of the end where that is another.
fn times_of(one: &ListedOccurrence, day: &str) -> String {
    let end_day = day_of(&one.end);
    if one.all_day {
        return match end_day
            .parse::<Date>()
            .ok()
            .and_then(|end| end.yesterday().ok())
        {
            Some(last) if last.to_string().as_str() > day => format!("to {}", short_day(last)),
            Some(_) | None => "all day".to_owned(),
        };
    }
    let (start, end) = (clock_of(&one.start), clock_of(&one.end));
    match end_day.parse::<Date>() {
        Ok(date) if end_day != day => format!("{start}–{end} {}", short_day(date)),
        Ok(_) | Err(_) if start == end => start.to_owned(),
        Ok(_) | Err(_) => format!("{start}–{end}"),
    }
}

fn day_of(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

fn clock_of(time: &str) -> &str {
    time.split('T')
        .nth(1)
        .and_then(|clock| clock.get(..5))
        .unwrap_or_default()
}

/// `Monday 23 November 2026`.
fn heading(day: &str) -> String {
    match day.parse::<Date>() {
        Ok(date) => date.strftime("%A %-d %B %Y").to_string(),
        Err(_) => day.to_owned(),
    }
}

fn short_day(date: Date) -> String {
    date.strftime("%-d %b").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(start: &str, end: &str, all_day: bool) -> ListedOccurrence {
        ListedOccurrence {
            event: "3f2a9c0011223344".into(),
            occurrence: start.into(),
            calendar: "c1".into(),
            summary: "Stand\u{7}-up".into(),
            start: start.into(),
            end: end.into(),
            all_day,
            zone: None,
            location: String::new(),
            status: StatusView::Confirmed,
            kind: MatchKind::Event,
        }
    }

    #[test]
    fn days_have_headings_and_times_their_clock() {
        let rows = [
            row(
                "2026-11-23T09:15:00+01:00",
                "2026-11-23T09:30:00+01:00",
                false,
            ),
            row(
                "2026-11-24T22:00:00+01:00",
                "2026-11-25T01:00:00+01:00",
                false,
            ),
            row("2026-11-27", "2026-11-30", true),
            row("2026-11-28", "2026-11-29", true),
        ];
        let text = of_file(&rows);
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines.first(), Some(&"Monday 23 November 2026"));
        assert!(lines[1].starts_with("  09:15–09:30    Stand -up"), "{text}");
        assert!(lines[4].contains("22:00–01:00 25 Nov"), "{text}");
        assert!(lines[7].contains("to 29 Nov"), "{text}");
        assert!(lines[10].contains("all day"), "{text}");
    }

    #[test]
    fn what_is_called_off_and_what_is_done_can_be_told() {
        let one = row("2026-11-27", "2026-11-28", true);
        for (status, kind, mark) in [
            (StatusView::Confirmed, MatchKind::Event, "  Stand"),
            (
                StatusView::Cancelled,
                MatchKind::Event,
                "(called off) Stand",
            ),
            (StatusView::Confirmed, MatchKind::DoneTask, "[x] Stand"),
            (
                StatusView::Tentative,
                MatchKind::OpenTask,
                "[ ] (perhaps) Stand",
            ),
        ] {
            let one = ListedOccurrence {
                status,
                kind,
                ..one.clone()
            };
            let text = of_file(&[one]);
            assert!(text.contains(mark), "{text}");
        }
    }

    #[test]
    fn an_empty_stretch_says_so() {
        assert_eq!(of_events(&[]), "Nothing in these days.");
    }
}
