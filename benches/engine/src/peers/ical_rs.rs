//! `ical-rs`: a rule's starts on the wall clock; zones from the file's own VTIMEZONE.

use std::hint::black_box;

use anyhow::{Context, Result, anyhow};
use ical::component::{IcalComponentKind, IcalComponentName};
use ical::prop::{IcalPropKind, IcalPropName};
use ical::recur::expand::IcalRecurExpand;
use ical::recur::{IcalRecurDateTime, IcalRecurRule};
use ical::tree::cst::IcalCst;
use ical::tz::{IcalTz, IcalTzTransitions};

use crate::figure::{COPIED, Counted, Figure, Measure};
use crate::file;
use crate::inputs::{Series, WEEK, ZONE, basic};

const NAME: &str = "ical-rs";
const VERSION: &str = "0.6.1";

pub(crate) fn civil(series: &[Series], runs: usize) -> Figure {
    Figure::counting(Measure::Civil, (NAME, VERSION, ""), runs, || {
        let each = |one| starts(one).map(|all| all.map(black_box).count() as u64);
        series.iter().filter_map(each).sum()
    })
}

pub(crate) fn utc(series: &[Series], runs: usize) -> Result<Figure> {
    let text = file::zone();
    let tree = IcalCst::parse(&text).map_err(|error| anyhow!("{error:?}"))?;
    let zone = IcalTz::of_calendar(&tree.decode(), ZONE).context("the zone was not read")?;
    let note = "one table of the VTIMEZONE for all";
    Ok(Figure::counting(
        Measure::Utc,
        (NAME, VERSION, note),
        runs,
        || {
            let mut table = IcalTzTransitions::of_zone(zone.clone());
            let mut count = 0;
            for at in series.iter().filter_map(starts).flatten() {
                count += u64::from(black_box(table.resolve(at).literal_instant(at)) != i64::MIN);
            }
            count
        },
    ))
}

pub(crate) fn week(series: &[Series], runs: usize) -> Result<Figure> {
    let day = |day| IcalRecurDateTime::parse(&basic(day)).map_err(|error| anyhow!("{error:?}"));
    let (from, to) = (day(WEEK.0)?, day(WEEK.1)?);
    let parsed: Vec<_> = series.iter().filter_map(parsed).collect();
    let note = "rules parsed before; walks from the start";
    Ok(Figure::counting(
        Measure::Week,
        (NAME, VERSION, note),
        runs,
        || {
            let each = |(rule, start): &(IcalRecurRule, IcalRecurDateTime)| {
                let all = IcalRecurExpand::new(rule.clone(), *start);
                all.skip_while(|at| *at < from)
                    .take_while(|at| *at < to)
                    .map(black_box)
                    .count() as u64
            };
            parsed.iter().map(each).sum()
        },
    ))
}

pub(crate) fn parse(text: &str, runs: usize) -> Result<Vec<Figure>> {
    let bytes = text.len() as u64;
    let tree = Figure::of(
        Measure::Parse,
        (NAME, VERSION, "lossless tree, values not decoded"),
        runs,
        || IcalCst::parse(text),
        |tree| Counted {
            count: tree.as_ref().map_or(0, |tree| {
                tree.components::<ical::component::vevent::VEVENT>().count() as u64
            }),
            guests: 0,
            bytes,
        },
    );
    let model = Figure::timed(
        Measure::Parse,
        (NAME, VERSION, "tree, then its full model"),
        runs,
        |clock| {
            let tree = IcalCst::parse(text).map_err(|error| anyhow!("{error:?}"))?;
            let model = tree.decode();
            clock.stop();
            anyhow::Ok(counted(&model, bytes))
        },
    )?;
    Ok(vec![tree, model])
}

/// From the model, and from the tree that still holds the bytes it was read from.
pub(crate) fn write(text: &str, runs: usize) -> Result<Vec<(Figure, Vec<u8>)>> {
    let tree = IcalCst::parse(text).map_err(|error| anyhow!("{error:?}"))?;
    let model = tree.decode();
    let figure = |note, work: &dyn Fn() -> Vec<u8>| {
        let figure = Figure::of(Measure::Write, (NAME, VERSION, note), runs, work, |out| {
            Counted::bytes(out.len())
        });
        (figure, work())
    };
    Ok(vec![
        figure("from its full model", &|| model.encode().to_bytes()),
        figure(COPIED, &|| tree.to_bytes()),
    ])
}

fn counted(model: &ical::ical::Ical<'_>, bytes: u64) -> Counted {
    let is_event = |name: &IcalComponentName<'_>| {
        matches!(name, IcalComponentName::Kind(IcalComponentKind::VEvent))
    };
    let events = model.components.iter().filter(|one| is_event(&one.name));
    let guests = |props: &[ical::prop::IcalProp<'_>]| {
        let is_guest =
            |name: &IcalPropName<'_>| matches!(name, IcalPropName::Kind(IcalPropKind::Attendee));
        props.iter().filter(|prop| is_guest(&prop.name)).count() as u64
    };
    Counted {
        count: events.clone().count() as u64,
        guests: events.map(|one| guests(&one.props)).sum(),
        bytes,
    }
}

fn starts(one: &Series) -> Option<IcalRecurExpand> {
    let (rule, start) = parsed(one)?;
    Some(IcalRecurExpand::new(rule, start))
}

fn parsed(one: &Series) -> Option<(IcalRecurRule, IcalRecurDateTime)> {
    let rule = IcalRecurRule::parse(&one.rule).ok()?;
    Some((rule, IcalRecurDateTime::parse(&one.start).ok()?))
}
