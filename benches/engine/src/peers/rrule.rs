//! `rrule`: a set of rules from its text; always in a zone, so the wall clock is UTC.

use std::hint::black_box;

use anyhow::Result;
use rrule::{RRuleSet, Tz};

use crate::figure::{Figure, Measure};
use crate::inputs::{Series, WEEK, ZONE};

const NAME: &str = "rrule";
const VERSION: &str = "0.14.0";

pub(crate) fn expand(measure: Measure, series: &[Series], runs: usize) -> Figure {
    let is_zoned = measure == Measure::Utc;
    Figure::counting(measure, (NAME, VERSION, ""), runs, || {
        let each = |one: &Series| {
            let set = parsed(one, is_zoned)?;
            let instants = set.into_iter().map(|at| black_box(at.timestamp()));
            Some(instants.count() as u64)
        };
        series.iter().filter_map(each).sum()
    })
}

pub(crate) fn week(series: &[Series], runs: usize) -> Result<Figure> {
    let second = |day: jiff::civil::Date| -> Result<i64> {
        Ok(day
            .at(0, 0, 0, 0)
            .to_zoned(jiff::tz::TimeZone::UTC)?
            .timestamp()
            .as_second())
    };
    let (from, to) = (second(WEEK.0)?, second(WEEK.1)?);
    let sets: Vec<RRuleSet> = series.iter().filter_map(|one| parsed(one, false)).collect();
    let note = "rules parsed before; walks from the start";
    Ok(Figure::counting(
        Measure::Week,
        (NAME, VERSION, note),
        runs,
        || {
            let each = |set: &RRuleSet| {
                let instants = set
                    .into_iter()
                    .map(|at| at.with_timezone(&Tz::UTC).timestamp());
                instants
                    .skip_while(|at| *at < from)
                    .take_while(|at| *at < to)
                    .map(black_box)
                    .count() as u64
            };
            sets.iter().map(each).sum()
        },
    ))
}

fn parsed(one: &Series, is_zoned: bool) -> Option<RRuleSet> {
    let (zone, mark) = if is_zoned {
        (format!(";TZID={ZONE}"), "")
    } else {
        (String::new(), "Z")
    };
    format!("DTSTART{zone}:{}{mark}\nRRULE:{}", one.start, one.rule_utc)
        .parse()
        .ok()
}
