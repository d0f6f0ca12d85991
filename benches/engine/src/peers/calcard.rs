//! `calcard`: expands a whole file at once, without a window.

use calcard::common::timezone::Tz;
use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty};

use anyhow::{Result, anyhow};

use crate::figure::{Counted, Figure, Measure};
use crate::inputs::{Series, WEEK, ZONE, basic};

const NAME: &str = "calcard";
const VERSION: &str = "0.3.14";
/// It stops after this many occurrences of all series together.
const LIMIT: usize = 100_000_000;

/// What a series' DTSTART and rule look like in the file.
#[derive(Clone, Copy)]
enum Clock {
    Floating,
    Zoned,
}

pub(crate) fn expand(measure: Measure, series: &[Series], runs: usize) -> Result<Figure> {
    let clock = if measure == Measure::Utc {
        Clock::Zoned
    } else {
        Clock::Floating
    };
    let rule = |one: &Series| match clock {
        Clock::Floating => one.rule.clone(),
        Clock::Zoned => one.rule_utc.clone(),
    };
    let calendar = calendar(series, clock, rule)?;
    Ok(Figure::counting(
        measure,
        (NAME, VERSION, "file parsed before"),
        runs,
        || calendar.expand_dates(Tz::Floating, LIMIT).events.len() as u64,
    ))
}

pub(crate) fn week(series: &[Series], runs: usize) -> Result<Figure> {
    // Without a window it would not end: the end of the week is given as UNTIL.
    let until = format!(";UNTIL={}T235959", basic(WEEK.1.yesterday()?));
    let calendar = calendar(series, Clock::Floating, |one| {
        format!("{}{until}", one.rule)
    })?;
    let from = WEEK
        .0
        .to_datetime(jiff::civil::Time::midnight())
        .to_zoned(jiff::tz::TimeZone::UTC)?;
    let from = from.timestamp().as_second();
    let note = "file parsed before; UNTIL added; walks from the start";
    Ok(Figure::counting(
        Measure::Week,
        (NAME, VERSION, note),
        runs,
        || {
            let all = calendar.expand_dates(Tz::Floating, LIMIT).events;
            all.iter()
                .filter(|one| one.start.naive_local().and_utc().timestamp() >= from)
                .count() as u64
        },
    ))
}

pub(crate) fn parse(text: &str, runs: usize) -> Figure {
    Figure::of(
        Measure::Parse,
        (NAME, VERSION, "full model"),
        runs,
        || ICalendar::parse(text),
        |calendar| {
            calendar
                .as_ref()
                .map_or_else(|_| Counted::default(), |one| counted(one, text.len()))
        },
    )
}

pub(crate) fn write(text: &str, runs: usize) -> Result<(Figure, Vec<u8>)> {
    let calendar = ICalendar::parse(text).map_err(|_| anyhow!("calcard did not read the file"))?;
    let work = || {
        let mut out = String::new();
        calendar
            .write_to(&mut out)
            .map(|()| out)
            .unwrap_or_default()
    };
    let figure = Figure::of(
        Measure::Write,
        (NAME, VERSION, "from its full model"),
        runs,
        work,
        |out| Counted::bytes(out.len()),
    );
    Ok((figure, work().into_bytes()))
}

fn counted(calendar: &ICalendar, bytes: usize) -> Counted {
    let events = calendar
        .components
        .iter()
        .filter(|one| one.component_type == ICalendarComponentType::VEvent);
    Counted {
        count: events.clone().count() as u64,
        guests: events
            .map(|one| one.properties(&ICalendarProperty::Attendee).count() as u64)
            .sum(),
        bytes: bytes as u64,
    }
}

fn calendar(
    series: &[Series],
    clock: Clock,
    rule: impl Fn(&Series) -> String,
) -> Result<ICalendar> {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    for (at, one) in series.iter().enumerate() {
        let zone = match clock {
            Clock::Floating => String::new(),
            Clock::Zoned => format!(";TZID={ZONE}"),
        };
        text += &format!(
            "BEGIN:VEVENT\r\nUID:{at}\r\nDTSTART{zone}:{}\r\nDURATION:PT0S\r\nRRULE:{}\r\nEND:VEVENT\r\n",
            one.start,
            rule(one)
        );
    }
    text += "END:VCALENDAR\r\n";
    ICalendar::parse(&text).map_err(|_| anyhow!("calcard did not read the series"))
}
