//! The figures as tables for people, or as JSON for programs.

use std::fmt::Write as _;

use anyhow::Result;

use crate::figure::{Figure, Measure};
use crate::goals::{Goal, goals};

/// One table for each measure, then the goals. `file` says how large the file is.
pub(crate) fn tables(figures: &[Figure], file: &str) -> String {
    let mut text = format!("The file: {file}.\n\n");
    for measure in Measure::ALL {
        let rows: Vec<&Figure> = figures
            .iter()
            .filter(|one| one.measure == measure)
            .collect();
        if !rows.is_empty() {
            table(&mut text, measure, &rows);
        }
    }
    let _infallible = writeln!(text, "Goals (best run of ours)");
    for Goal {
        goal,
        measured,
        is_met,
    } in goals(figures)
    {
        let verdict = if is_met { "met" } else { "NOT REACHED" };
        let _infallible = writeln!(text, "  {verdict:<12} {goal}: {measured}");
    }
    text.push_str(
        "\nTimes are of the processor, of one thread (in JavaScript of the process), so that what else \
         runs counts little. ~ means that\nevery tenth or hundredth series, or a file of a tenth, was \
         done and the time scaled.\n",
    );
    text
}

/// Everything that was measured, and the goals.
pub(crate) fn json(figures: &[Figure]) -> Result<String> {
    let rows: Vec<_> = figures
        .iter()
        .map(|one| {
            serde_json::json!({
                "measure": one.measure, "engine": one.engine, "version": one.version, "note": one.note,
                "count": one.count, "guests": one.guests, "bytes": one.bytes, "every": one.every,
                "best_ms": one.best_ms(), "median_ms": one.median_ms(), "runs_ms": one.ms,
            })
        })
        .collect();
    let whole = serde_json::json!({ "figures": rows, "goals": goals(figures) });
    Ok(serde_json::to_string_pretty(&whole)?)
}

fn table(text: &mut String, measure: Measure, rows: &[&Figure]) {
    let _infallible = writeln!(text, "{}", title(measure));
    let _infallible = writeln!(
        text,
        "  {:<38} {:>10} {:>10} {:>10} {:>9}  {:>4}  ",
        "engine",
        counted_word(measure),
        "best ms",
        "median ms",
        rate_word(measure),
        "runs"
    );
    let mut rows = rows.to_vec();
    if measure != Measure::Age {
        rows.sort_by(|one, other| one.best_ms().total_cmp(&other.best_ms()));
    }
    for one in rows {
        let scaled = if one.every > 1 { "~" } else { "" };
        let time = |ms: f64| format!("{scaled}{ms:.2}");
        let rate = match measure {
            Measure::Parse | Measure::Write => one.megabytes_per_second(),
            Measure::Week | Measure::Age => one.best_ms() * 1_000.0 / series(measure),
            Measure::Civil | Measure::Utc => one.per_second() / 1e6,
        };
        let line = format!(
            "  {:<38} {:>10} {:>10} {:>10} {rate:>9.2}  {:>4}  {}",
            format!("{} {}", one.engine, one.version),
            one.count,
            time(one.best_ms()),
            time(one.median_ms()),
            one.ms.len(),
            one.note,
        );
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
}

fn series(measure: Measure) -> f64 {
    if measure == Measure::Age {
        1_000.0
    } else {
        10_000.0
    }
}

const fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::Civil => {
            "Full expansion: 8 shapes of rules, 100 series each, 10 years; wall clock, rule parsed each time"
        }
        Measure::Utc => "The same in America/New_York, each start resolved to UTC",
        Measure::Week => "One week of 2026 out of 10,000 series without end, started 2016 to 2025",
        Measure::Age => "Cost by age (ours): one week of 2026 out of 1,000 series without end",
        Measure::Parse => "Reading a file of 10,000 events",
        Measure::Write => "Writing what was read; events counted in what was written",
    }
}

const fn counted_word(measure: Measure) -> &'static str {
    match measure {
        Measure::Civil | Measure::Utc => "starts",
        Measure::Week | Measure::Age => "hits",
        Measure::Parse | Measure::Write => "events",
    }
}

const fn rate_word(measure: Measure) -> &'static str {
    match measure {
        Measure::Civil | Measure::Utc => "M/s",
        Measure::Week | Measure::Age => "us/series",
        Measure::Parse | Measure::Write => "MB/s",
    }
}
