//! What every engine is given: the same series, the same window, the same file.
//!
//! The series are chosen so that standards-abiding engines must agree: each DTSTART is a start of
//! its own rule, no start falls into a jump of the clock, and UNTIL means the same whether an
//! engine reads it as an instant or as a wall clock.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::{Span, ToSpan};

use crate::file;

/// The zone of everything that has one.
pub(crate) const ZONE: &str = "America/New_York";
/// Series of each shape in the full expansion.
pub(crate) const SERIES_PER_SHAPE: usize = 100;
/// Years of the full expansion.
const YEARS: i64 = 10;
/// Series of the week's window.
pub(crate) const WEEK_SERIES: usize = 10_000;
/// The week, half-open, on the wall clock.
pub(crate) const WEEK: (Date, Date) = (date(2026, 6, 15), date(2026, 6, 22));
/// Events of the file.
pub(crate) const EVENTS: usize = 10_000;
/// Events of the file that slow engines are given instead.
pub(crate) const EVENTS_FEW: usize = 1_000;

/// The shapes people use, from the commonest to the rarest.
pub(crate) const SHAPES: [&str; 8] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
];

/// One series.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// DTSTART on the wall clock, `20160104T090000`.
    pub(crate) start: String,
    /// The rule, its UNTIL on the wall clock.
    pub(crate) rule: String,
    /// The rule, its UNTIL in UTC.
    pub(crate) rule_utc: String,
}

/// The series of the full expansion, one shape after the other.
pub(crate) fn expansion() -> Result<Vec<Series>> {
    let mut all = Vec::with_capacity(SHAPES.len() * SERIES_PER_SHAPE);
    for shape in 0..SHAPES.len() {
        for at in 0..SERIES_PER_SHAPE {
            let base = date(2016, 1, 1).checked_add(days(at * 3))?;
            let start = start(shape, base, at)?;
            let end = start.date().checked_add(YEARS.years())?;
            all.push(series(shape, start, Some(end))?);
        }
    }
    Ok(all)
}

/// The open-ended series of the week's window, started 2016 to 2025, shapes in turn.
pub(crate) fn week() -> Result<Vec<Series>> {
    (0..WEEK_SERIES)
        .map(|at| {
            let year = i16::try_from(2016 + at % 10)?;
            let base = date(year, 1, 1).checked_add(days(at * 7 % 330))?;
            let shape = at / 10 % SHAPES.len();
            series(shape, start(shape, base, at)?, None)
        })
        .collect()
}

/// Series that all fall into the week, started in the first days of one year.
pub(crate) fn aged(year: i16) -> Result<Vec<Series>> {
    (0..1_000)
        .map(|at| {
            let base = date(year, 1, 1).checked_add(days(at % 300))?;
            let shape = at % 3;
            series(shape, start(shape, base, at)?, None)
        })
        .collect()
}

fn days(count: usize) -> Span {
    i64::try_from(count).unwrap_or_default().days()
}

/// The first start of a shape on or after a day, between six and seventeen o'clock.
fn start(shape: usize, base: Date, at: usize) -> Result<DateTime> {
    let hour = i8::try_from(6 + at % 12)?;
    let month_after = base.first_of_month().checked_add(1.month())?;
    let next = |weekday: Weekday| base.yesterday()?.nth_weekday(1, weekday);
    let day = match shape {
        1 => next(Weekday::Monday)?,
        2 => next(Weekday::Tuesday)?,
        3 => month_after.nth_weekday_of_month(2, Weekday::Tuesday)?,
        4 => base.last_of_month(),
        5 => last_working_day(base.last_of_month())?,
        7 => date(base.year(), 11, 1).nth_weekday_of_month(4, Weekday::Thursday)?,
        // The 29th of February would come every fourth year only.
        6 if base.month() == 2 && base.day() == 29 => base.tomorrow()?,
        _ => base,
    };
    Ok(day.at(hour, 30, 0, 0))
}

fn last_working_day(mut day: Date) -> Result<Date> {
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.yesterday()?;
    }
    Ok(day)
}

fn series(shape: usize, start: DateTime, end: Option<Date>) -> Result<Series> {
    let shape = SHAPES.get(shape).context("no such shape")?;
    let bounded = |until: String| format!("{shape};UNTIL={until}");
    let (rule, rule_utc) = match end {
        // Midnight at the end of the last day; in the zone it is an hour or two later at most,
        // when nothing starts.
        Some(end) => (
            bounded(format!("{}T235959", basic(end.yesterday()?))),
            bounded(format!("{}T045959Z", basic(end))),
        ),
        None => ((*shape).to_owned(), (*shape).to_owned()),
    };
    Ok(Series {
        start: start.strftime("%Y%m%dT%H%M%S").to_string(),
        rule,
        rule_utc,
    })
}

pub(crate) fn basic(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// Everything as files, for the engines that are programs of their own.
pub(crate) fn write(folder: &Path, expansion: &[Series], week: &[Series]) -> Result<()> {
    let lines = |all: &[Series]| {
        let line = |one: &Series| format!("{}\t{}\t{}\n", one.start, one.rule, one.rule_utc);
        all.iter().map(line).collect::<String>()
    };
    fs::write(folder.join("expansion.tsv"), lines(expansion))?;
    fs::write(folder.join("week.tsv"), lines(week))?;
    fs::write(
        folder.join("window.tsv"),
        format!("{}T000000\t{}T000000\n", basic(WEEK.0), basic(WEEK.1)),
    )?;
    fs::write(folder.join("zone.ics"), file::zone())?;
    fs::write(folder.join("calendar.ics"), file::calendar(EVENTS))?;
    fs::write(folder.join("calendar-few.ics"), file::calendar(EVENTS_FEW))?;
    Ok(())
}
