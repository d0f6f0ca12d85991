//! `cargo xtask bench sync`: every client figure of sync, each beside its control, and beside peers.
//!
//! Relay and fresh devices are processes of their own, on this machine's disk and over loopback.
//! Disks differ by the hour: a control of the same run stands beside each time, and the goals of
//! single edits are multiples of it.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

mod edit;
mod floor;
mod fresh;
mod offline;
mod peers;
mod reconnect;
mod relay;
mod row;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use peers::Peers;
use row::{Measure, Row};

const HELP: &str = "\
cargo xtask bench sync [options]
  --json             figures, goals and footnotes as JSON
  --only MEASURE     edit, fresh, wire, offline, reconnect or memory
  --events N         events of a fresh device (10,000 and 100,000)
  --ours             without the peers
  --peer NAME        of the peers, only this one";

/// Events of the calendars that a fresh device fetches; memory is that of the last.
const EVENTS: [u64; 2] = [10_000, 100_000];

#[derive(Debug)]
struct Asked {
    measures: Vec<Measure>,
    events: Vec<u64>,
    is_json: bool,
    peers: Peers,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(dispatch(&words));
    runtime.shutdown_background();
    done
}

/// The program starts itself for what must be a process of its own.
async fn dispatch(words: &[&str]) -> Result<()> {
    match words {
        ["relay", folder] => relay::be(Path::new(folder)).await,
        ["fresh", words @ .., folder] => fresh::be(words, Path::new(folder)).await,
        ["memory", folder] => fresh::remember(Path::new(folder)),
        words => measure(&asked(words)?).await,
    }
}

async fn measure(asked: &Asked) -> Result<()> {
    let mut rows = Vec::new();
    for measure in &asked.measures {
        eprintln!("measuring: {} …", measure.word());
        rows.extend(ours(*measure, asked).await?);
    }
    let footnotes = asked
        .peers
        .measure(&asked.measures, &asked.events, &mut rows)?;
    if asked.is_json {
        println!("{}", row::json(&rows, &footnotes)?);
    } else {
        println!("\n{}", row::text(&rows, &footnotes));
    }
    Ok(())
}

async fn ours(measure: Measure, asked: &Asked) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    match measure {
        Measure::Edit => edit::run(folder).await,
        Measure::Wire => wire::run(folder).await,
        Measure::Offline => offline::run(folder).await,
        Measure::Reconnect => reconnect::run(folder).await,
        Measure::Fresh => {
            let mut rows = Vec::new();
            let last = asked.events.len().saturating_sub(1);
            for (at, events) in asked.events.iter().enumerate() {
                // One full calendar serves both figures.
                let with_memory = at == last && asked.measures.contains(&Measure::Memory);
                let measures: &[Measure] = if with_memory {
                    &[Measure::Fresh, Measure::Memory]
                } else {
                    &[Measure::Fresh]
                };
                rows.extend(fresh::run(&size(folder, *events), *events, measures).await?);
            }
            Ok(rows)
        }
        Measure::Memory if asked.measures.contains(&Measure::Fresh) => Ok(Vec::new()),
        Measure::Memory => {
            let events = *asked.events.last().context("no events")?;
            fresh::run(folder, events, &[Measure::Memory]).await
        }
    }
}

fn size(folder: &Path, events: u64) -> PathBuf {
    folder.join(events.to_string())
}

fn asked(words: &[&str]) -> Result<Asked> {
    let mut asked = Asked {
        measures: Measure::ALL.to_vec(),
        events: EVENTS.to_vec(),
        is_json: false,
        peers: Peers::default(),
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || {
            let value = words.next().copied();
            value.with_context(|| format!("{word} wants a value\n\n{HELP}"))
        };
        match *word {
            "--json" => asked.is_json = true,
            // The command that starts this one then names no peers.
            "--ours" => {}
            "--events" => asked.events = vec![value()?.parse().context(HELP)?],
            "--only" => {
                let name = value()?;
                let measure = Measure::ALL.into_iter().find(|one| one.word() == name);
                asked.measures =
                    vec![measure.with_context(|| format!("No measure {name}.\n\n{HELP}"))?];
            }
            "--peer" => asked.peers.only = Some(value()?.to_owned()),
            "--node" => asked.peers.node = Some(value()?.into()),
            "--python" => asked.peers.python = Some(value()?.into()),
            _ => bail!("Not understood: {word}\n\n{HELP}"),
        }
    }
    Ok(asked)
}
