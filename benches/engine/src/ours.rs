//! Ours, as the product calls it.

use std::hint::black_box;
use std::ops::Range;

use almanac_calendar::expand::{Prepared, Starts, expand};
use almanac_calendar::{End, Event, Length, Rule, Rules, When, Zone, ics};
use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::figure::{Counted, Figure, Measure, OURS};
use crate::inputs::{Series, WEEK, ZONE};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The full expansion: the bare starts, which is what peers give, and whole occurrences.
pub(crate) fn expansion(measure: Measure, series: &[Series], runs: usize) -> Vec<Figure> {
    let zone = (measure == Measure::Utc).then(|| Zone::named(ZONE));
    let rule = |one: &Series| {
        Rule::parse(if zone.is_some() {
            &one.rule_utc
        } else {
            &one.rule
        })
    };
    let viewer = Zone::utc();
    let all = Timestamp::MIN..Timestamp::MAX;
    let bare = |one: &Series| {
        let starts = Starts::new(&rule(one).ok()?, &when(&one.start, zone.as_ref())?);
        let mut count = 0;
        match measure {
            Measure::Civil => starts.each_wall_clock(DateTime::MIN..DateTime::MAX, |second| {
                count += 1;
                black_box(second);
                true
            }),
            _ => starts.each(all.clone(), |start| {
                count += 1;
                black_box(start.unix_seconds());
                true
            }),
        }
        Some(count)
    };
    let whole = |one: &Series| {
        let event = event(when(&one.start, zone.as_ref())?, rule(one).ok()?);
        Some(black_box(expand(&event, all.clone(), &viewer)).len() as u64)
    };
    vec![
        Figure::counting(measure, (OURS, VERSION, "starts"), runs, || {
            series.iter().filter_map(bare).sum()
        }),
        Figure::counting(measure, (OURS, VERSION, "whole occurrences"), runs, || {
            series.iter().filter_map(whole).sum()
        }),
    ]
}

/// A week of many series: the bare starts, and whole occurrences as a window shows them.
pub(crate) fn week(series: &[Series], runs: usize) -> Result<Vec<Figure>> {
    let measure = Measure::Week;
    let zone = Zone::named(ZONE);
    let window = window(&zone);
    let events = events(series, &zone)?;
    let prepared: Vec<Prepared> = events.iter().map(Prepared::new).collect();
    let whole = |one: &Prepared| black_box(one.expand(window.clone(), &zone)).len() as u64;
    let first = |event: &Event| black_box(expand(event, window.clone(), &zone)).len() as u64;
    Ok(vec![
        in_week(measure, "starts in UTC; rules parsed before", series, runs)?,
        Figure::counting(
            measure,
            (OURS, VERSION, "whole occurrences; prepared before"),
            runs,
            || prepared.iter().map(whole).sum(),
        ),
        Figure::counting(
            measure,
            (OURS, VERSION, "whole occurrences; from events"),
            runs,
            || events.iter().map(first).sum(),
        ),
    ])
}

/// A week of series that began in one year.
pub(crate) fn age(year: i16, series: &[Series], runs: usize) -> Result<Figure> {
    in_week(
        Measure::Age,
        &format!("started {year}; starts in UTC; rules parsed before"),
        series,
        runs,
    )
}

/// The starts in a week, each rule made ready before.
fn in_week(measure: Measure, note: &str, series: &[Series], runs: usize) -> Result<Figure> {
    let zone = Zone::named(ZONE);
    let window = window(&zone);
    let ready = |one: &Series| {
        let when = when(&one.start, Some(&zone))?;
        Some(Starts::new(&Rule::parse(&one.rule).ok()?, &when))
    };
    let ready: Option<Vec<Starts>> = series.iter().map(ready).collect();
    let ready = ready.context("one of our series is none")?;
    let count = |starts: &Starts| {
        let mut count = 0;
        starts.each(window.clone(), |start| {
            count += 1;
            black_box(start.unix_seconds());
            true
        });
        count
    };
    Ok(Figure::counting(
        measure,
        (OURS, VERSION, note),
        runs,
        || ready.iter().map(count).sum(),
    ))
}

fn events(series: &[Series], zone: &Zone) -> Result<Vec<Event>> {
    let each = |one: &Series| {
        Some(event(
            when(&one.start, Some(zone))?,
            Rule::parse(&one.rule).ok()?,
        ))
    };
    let all: Option<Vec<Event>> = series.iter().map(each).collect();
    all.context("one of our series is none")
}

fn window(zone: &Zone) -> Range<Timestamp> {
    zone.instant(WEEK.0.at(0, 0, 0, 0))..zone.instant(WEEK.1.at(0, 0, 0, 0))
}

fn when(start: &str, zone: Option<&Zone>) -> Option<When> {
    let start = DateTime::strptime("%Y%m%dT%H%M%S", start).ok()?;
    let end = End::After(Length::from_seconds(0));
    Some(match zone {
        Some(zone) => When::Zoned {
            start,
            zone: zone.clone(),
            end,
        },
        None => When::Floating { start, end },
    })
}

fn event(when: When, rule: Rule) -> Event {
    let mut event = Event::new("series", "A title of some words", when);
    event.rules = Rules::one(rule);
    event
}

/// Reading the file: borrowed from its bytes, and as events of their own.
pub(crate) fn parse(text: &str, runs: usize) -> Result<Vec<Figure>> {
    let borrowed = Figure::timed(
        Measure::Parse,
        (OURS, VERSION, "typed events, borrowed"),
        runs,
        |clock| {
            let file = ics::parse(text.as_bytes());
            let events: Vec<_> = file.events().collect();
            clock.stop();
            let is_guest = |line: &&ics::Line<'_>| line.name().eq_ignore_ascii_case("ATTENDEE");
            let guests = events
                .iter()
                .flat_map(|event| event.others())
                .filter(is_guest);
            anyhow::Ok(Counted {
                count: events.len() as u64,
                guests: guests.count() as u64,
                bytes: text.len() as u64,
            })
        },
    )?;
    let owned = Figure::of(
        Measure::Parse,
        (OURS, VERSION, "events of their own, series put together"),
        runs,
        || ics::read(text.as_bytes()),
        |(events, _)| counted(events, text.len()),
    );
    Ok(vec![borrowed, owned])
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
