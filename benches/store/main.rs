//! `cargo xtask bench store`: a calendar of fifty thousand events on this machine's disk.
//!
//! The events come in through the real import and are asked for through the real client. Import and
//! questions each run in a process of their own, so that memory is that of what is measured; beside
//! them stands a control: the same rows by one statement, from a database that is neither encrypted
//! nor ours. Time on a processor is told too: it is what remains of a figure when other work on the
//! machine is left out. With `--json` the figures are one line of JSON.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

mod ask;
mod control;
mod import;

use std::path::Path;

use almanac_benches::apart::{Figures, in_a_process, tell};
use anyhow::{Context, Result, bail};

/// Events in the calendar.
const EVENTS: u64 = 50_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => show(&measure()?),
        ["--json"] => {
            println!("{}", json(&measure()?));
            Ok(())
        }
        ["import", folder] => {
            tell(&import::run(Path::new(folder))?);
            Ok(())
        }
        ["ask", folder] => {
            tell(&ask::run(Path::new(folder))?);
            Ok(())
        }
        _ => bail!("cargo xtask bench store [--json]"),
    }
}

fn measure() -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let mut figures = Figures::new();
    for part in ["import", "ask"] {
        figures.extend(in_a_process(&[part], folder.path())?);
    }
    figures.extend(control::run(folder.path())?);
    Ok(figures)
}

fn json(figures: &Figures) -> String {
    let fields = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value:.3}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// Name of the figure, what it is, and the unit.
const LINES: &[(&str, &str, &str)] = &[
    ("events", "events in the calendar", ""),
    ("file_mb", "the .ics file", "MB"),
    (
        "import_s",
        "import, until all of it is durable and found by search",
        "s",
    ),
    ("import_cpu_s", "  on processors, all threads together", "s"),
    (
        "import_memory_mb",
        "  memory at its highest, the file included",
        "MB",
    ),
    ("again_s", "import of the same file again", "s"),
    ("database_mb", "database", "MB"),
    (
        "open_ms",
        "opening the profile, without the passphrase's own cost",
        "ms",
    ),
    ("open_memory_mb", "  memory then", "MB"),
    ("month_first_ms", "the very first month", "ms"),
    ("month_p50_ms", "a month, random, p50", "ms"),
    ("month_p99_ms", "  p99", "ms"),
    ("month_cpu_ms", "  on a processor, on average", "ms"),
    ("month_occurrences", "  occurrences in it, on average", ""),
    ("week_p50_ms", "a week, random, p50", "ms"),
    ("week_p99_ms", "  p99", "ms"),
    ("month_memory_mb", "  memory after all of them", "MB"),
    ("key_first_ms", "the very first keystroke of a search", "ms"),
    ("key_p50_ms", "a keystroke, p50", "ms"),
    ("key_p99_ms", "  p99", "ms"),
    ("key_max_ms", "  the slowest", "ms"),
    ("key_cpu_ms", "  on a processor, on average", "ms"),
    ("keys", "  keystrokes", ""),
    ("search_memory_mb", "  memory after all of them", "MB"),
    (
        "edit_p50_ms",
        "edit of an event until it is durable, p50",
        "ms",
    ),
    ("edit_p99_ms", "  p99", "ms"),
    (
        "control_month_p50_ms",
        "control: rows of a month, plain SQLite, p50",
        "ms",
    ),
    ("control_month_p99_ms", "  p99", "ms"),
    (
        "control_commit_p50_ms",
        "control: one durable commit, plain SQLite, p50",
        "ms",
    ),
];

fn show(figures: &Figures) -> Result<()> {
    for (name, what, unit) in LINES {
        let value = figures
            .get(*name)
            .with_context(|| format!("no figure {name}"))?;
        println!("{what:<58} {value:>10.2} {unit}");
    }
    Ok(())
}
