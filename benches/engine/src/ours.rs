//! Ours, as the product calls it.

use std::hint::black_box;
use std::ops::Range;

use almanac_calendar::expand::expand;
use almanac_calendar::{End, Event, Length, Rule, Rules, When, Zone, ics};
use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::figure::{Counted, Figure, Measure, OURS};
use crate::inputs::{Series, WEEK, ZONE};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The full expansion.
pub(crate) fn expansion(measure: Measure, series: &[Series], runs: usize) -> Vec<Figure> {
    let zone = (measure == Measure::Utc).then(|| Zone::named(ZONE));
    let viewer = Zone::utc();
    let all = Timestamp::MIN..Timestamp::MAX;
    vec![Figure::counting(
        measure,
        (OURS, VERSION, "whole occurrences"),
        runs,
        || {
            let each = |one: &Series| {
                let rule = if zone.is_some() {
                    &one.rule_utc
                } else {
                    &one.rule
                };
                let event = event(&one.start, rule, zone.as_ref())?;
                Some(black_box(expand(&event, all.clone(), &viewer)).len() as u64)
            };
            series.iter().filter_map(each).sum()
        },
    )]
}

/// A week of many series: whole occurrences, as a window shows them.
pub(crate) fn week(series: &[Series], runs: usize) -> Result<Vec<Figure>> {
    Ok(vec![in_week(
        Measure::Week,
        "whole occurrences",
        series,
        runs,
    )?])
}

/// A week of series that began in one year.
pub(crate) fn age(year: i16, series: &[Series], runs: usize) -> Result<Figure> {
    in_week(Measure::Age, &format!("started {year}"), series, runs)
}

fn in_week(measure: Measure, note: &str, series: &[Series], runs: usize) -> Result<Figure> {
    let zone = Zone::named(ZONE);
    let events = events(series, &zone)?;
    let window = window(&zone);
    Ok(Figure::counting(
        measure,
        (OURS, VERSION, note),
        runs,
        || {
            let each = |event: &Event| black_box(expand(event, window.clone(), &zone)).len() as u64;
            events.iter().map(each).sum()
        },
    ))
}

fn events(series: &[Series], zone: &Zone) -> Result<Vec<Event>> {
    let each = |one: &Series| {
        event(&one.start, &one.rule, Some(zone)).context("one of our series is none")
    };
    series.iter().map(each).collect()
}

fn window(zone: &Zone) -> Range<Timestamp> {
    zone.instant(WEEK.0.at(0, 0, 0, 0))..zone.instant(WEEK.1.at(0, 0, 0, 0))
}

fn event(start: &str, rule: &str, zone: Option<&Zone>) -> Option<Event> {
    let start = DateTime::strptime("%Y%m%dT%H%M%S", start).ok()?;
    let end = End::After(Length::from_seconds(0));
    let when = match zone {
        Some(zone) => When::Zoned {
            start,
            zone: zone.clone(),
            end,
        },
        None => When::Floating { start, end },
    };
    let mut event = Event::new("series", "", when);
    event.rules = Rules::one(Rule::parse(rule).ok()?);
    Some(event)
}

/// Reading the file.
pub(crate) fn parse(text: &str, runs: usize) -> Vec<Figure> {
    let owned = Figure::of(
        Measure::Parse,
        (OURS, VERSION, "owned events, series put together"),
        runs,
        || ics::read(text.as_bytes()),
        |(events, _)| counted(events, text.len()),
    );
    vec![owned]
}

/// Writing what was read.
pub(crate) fn write(text: &str, runs: usize) -> Vec<(Figure, Vec<u8>)> {
    let (events, _) = ics::read(text.as_bytes());
    let work = || ics::write(&events, Some("Everything"));
    let figure = Figure::of(
        Measure::Write,
        (OURS, VERSION, "from events, with zones"),
        runs,
        work,
        |out| Counted::bytes(out.len()),
    );
    vec![(figure, work().into_bytes())]
}

/// Events and guests of a file, by our own reader: the check of what others wrote.
pub(crate) fn count_of(bytes: &[u8]) -> (u64, u64) {
    let (events, _) = ics::read(bytes);
    let counted = counted(&events, 0);
    (counted.count, counted.guests)
}

fn counted(events: &[Event], bytes: usize) -> Counted {
    Counted {
        count: events.len() as u64,
        guests: events.iter().map(|event| event.guests.len() as u64).sum(),
        bytes: bytes as u64,
    }
}
