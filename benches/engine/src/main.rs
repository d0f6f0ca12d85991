//! `cargo xtask bench engine`: ours and its peers do the same work on the same inputs, in one run.
//!
//! What was counted is checked before anything is printed: an engine that found another number of
//! starts, hits, events or guests than ours did other work, and the run fails.

mod figure;
mod file;
mod goals;
mod inputs;
mod ours;
mod peers;
mod programs;
mod report;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use figure::{Figure, Measure};
use inputs::{EVENTS, EVENTS_FEW, Series};
use programs::Programs;

const HELP: &str = "\
cargo xtask bench engine -- [options]
  --json             figures and goals as JSON
  --runs N           runs of each figure (9; slow engines do fewer)
  --only MEASURE     civil, utc, week, age, parse or write
  --ours             without the peers";

/// Years in which the series of the measure of age began.
const AGES: [i16; 4] = [1926, 1976, 2016, 2025];

#[derive(Debug)]
struct Asked {
    runs: usize,
    only: Option<Measure>,
    is_json: bool,
    is_ours_alone: bool,
    programs: Programs,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = asked(&words)?;
    let folder = tempfile::tempdir()?;
    let (expansion, week) = (inputs::expansion()?, inputs::week()?);
    inputs::write(folder.path(), &expansion, &week)?;
    let size = size_of(&fs::read_to_string(folder.path().join("calendar.ics"))?);
    let mut figures = Vec::new();
    for measure in Measure::ALL {
        if asked.only.is_none_or(|only| only == measure) {
            eprintln!("measuring: {} …", measure.word());
            let series = if measure == Measure::Week {
                &week
            } else {
                &expansion
            };
            let mut found = take(measure, series, folder.path(), &asked)?;
            check(measure, series, &mut found, folder.path())?;
            figures.extend(found);
        }
    }
    if asked.is_json {
        println!("{}", report::json(&figures)?);
    } else {
        println!("\n{}", report::tables(&figures, &size));
    }
    Ok(())
}

fn size_of(text: &str) -> String {
    let megabytes = text.len() as f64 / 1e6;
    format!(
        "{EVENTS} events, {megabytes:.2} MB, {} lines",
        text.lines().count()
    )
}

fn asked(words: &[String]) -> Result<Asked> {
    let mut asked = Asked {
        runs: 9,
        only: None,
        is_json: false,
        is_ours_alone: false,
        programs: Programs::default(),
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("{word} wants a value\n\n{HELP}"))
        };
        match word.as_str() {
            "--json" => asked.is_json = true,
            "--ours" => asked.is_ours_alone = true,
            "--runs" => asked.runs = value()?.parse().context(HELP)?,
            "--only" => {
                let name = value()?;
                let measure = Measure::ALL.into_iter().find(|one| one.word() == name);
                asked.only =
                    Some(measure.with_context(|| format!("No measure {name}.\n\n{HELP}"))?);
            }
            "--libical" => asked.programs.libical = Some(value()?.into()),
            "--node" => asked.programs.node = Some(value()?.into()),
            "--python" => asked.programs.python = Some(value()?.into()),
            _ => bail!("Not understood: {word}\n\n{HELP}"),
        }
    }
    Ok(asked)
}

/// The figures of one measure, ours first.
fn take(measure: Measure, series: &[Series], folder: &Path, asked: &Asked) -> Result<Vec<Figure>> {
    let runs = asked.runs;
    let text = || fs::read_to_string(folder.join("calendar.ics"));
    let mut figures = match measure {
        Measure::Civil | Measure::Utc => ours::expansion(measure, series, runs),
        Measure::Week => ours::week(series, runs)?,
        Measure::Age => {
            let each = |year| ours::age(year, &inputs::aged(year)?, runs);
            return AGES.into_iter().map(each).collect();
        }
        Measure::Parse => ours::parse(&text()?, runs)?,
        Measure::Write => saved(folder, ours::write(&text()?, runs))?,
    };
    if asked.is_ours_alone {
        return Ok(figures);
    }
    match measure {
        Measure::Civil => figures.push(peers::ical_rs::civil(series, runs)),
        Measure::Utc => figures.push(peers::ical_rs::utc(series, runs)?),
        Measure::Week => {
            figures.push(peers::ical_rs::week(series, runs.min(3))?);
            figures.push(peers::calcard::week(series, runs.min(3))?);
            figures.push(peers::rrule::week(series, runs.min(3))?);
        }
        Measure::Parse => {
            figures.extend(peers::ical_rs::parse(&text()?, runs)?);
            figures.push(peers::calcard::parse(&text()?, runs));
        }
        Measure::Write => {
            figures.extend(saved(folder, peers::ical_rs::write(&text()?, runs)?)?);
            figures.extend(saved(folder, vec![peers::calcard::write(&text()?, runs)?])?);
        }
        Measure::Age => {}
    }
    if matches!(measure, Measure::Civil | Measure::Utc) {
        figures.push(peers::calcard::expand(measure, series, runs)?);
        figures.push(peers::rrule::expand(measure, series, runs));
    }
    figures.extend(asked.programs.figures(measure, folder, runs)?);
    Ok(figures)
}

/// Reads back what engines wrote, and notes how many events it holds.
fn saved(folder: &Path, all: Vec<(Figure, Vec<u8>)>) -> Result<Vec<Figure>> {
    let each = |(mut figure, written): (Figure, Vec<u8>)| {
        (figure.count, figure.guests) = ours::count_of(&written);
        fs::write(
            folder.join(format!("written-{}.ics", figure.engine)),
            written,
        )?;
        Ok(figure)
    };
    all.into_iter().map(each).collect()
}

/// Whether all did the same work. What was written is read back by ours.
fn check(measure: Measure, series: &[Series], figures: &mut [Figure], folder: &Path) -> Result<()> {
    for one in figures.iter_mut() {
        let name = format!("{} ({})", one.engine, one.note);
        match measure {
            Measure::Civil | Measure::Utc | Measure::Week => {
                let part: Vec<Series> = series
                    .iter()
                    .step_by(usize::try_from(one.every)?)
                    .cloned()
                    .collect();
                let ours = match measure {
                    Measure::Week => ours::week(&part, 1)?,
                    _ => ours::expansion(measure, &part, 1),
                };
                let wanted = ours.first().map_or(0, |first| first.count);
                ensure!(
                    one.count == wanted && wanted > 0,
                    "{name} found {} of {wanted}",
                    one.count
                );
            }
            Measure::Age => ensure!(one.count > 0, "{name} found nothing"),
            Measure::Parse | Measure::Write => {
                if one.count == 0 && measure == Measure::Write {
                    let written = fs::read(folder.join(format!("written-{}.ics", one.engine)))?;
                    (one.count, one.guests) = ours::count_of(&written);
                }
                let events = if one.every == 1 { EVENTS } else { EVENTS_FEW } as u64;
                ensure!(
                    one.count == events,
                    "{name} has {} of {events} events",
                    one.count
                );
                let guests = one.guests;
                ensure!(
                    guests == 0 || guests == file::GUESTS as u64 * events,
                    "{name} has {guests} guests"
                );
            }
        }
    }
    Ok(())
}
