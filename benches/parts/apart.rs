//! A part of a measuring program that runs alone, in a process of its own, so that memory is that
//! of what is measured. Its figures come back as lines on standard output.

#![expect(
    clippy::print_stdout,
    reason = "figures are what these programs are for"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Figures by their name; the unit is the end of the name.
pub type Figures = BTreeMap<String, f64>;

/// Runs this very program with these words and a folder, and reads the figures of that part.
pub fn in_a_process(words: &[&str], folder: &Path) -> Result<Figures> {
    let program = std::env::current_exe()?;
    let output = Command::new(program).args(words).arg(folder).output()?;
    let told = String::from_utf8(output.stdout)?;
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "the part “{}” failed:\n{why}",
        words.join(" ")
    );
    told.lines().map(figure).collect()
}

/// Reads one line that [`tell`] wrote.
pub fn figure(line: &str) -> Result<(String, f64)> {
    let (name, value) = line.split_once(' ').context("a figure has a name")?;
    Ok((name.to_owned(), value.parse()?))
}

/// Says figures to the process that asked.
pub fn tell(figures: &Figures) {
    for (name, value) in figures {
        println!("{name} {value}");
    }
}

/// Shows figures, one a line: name, what it is, and the unit.
pub fn show(lines: &[(&str, &str, &str)], figures: &Figures) -> Result<()> {
    for (name, what, unit) in lines {
        let value = figures
            .get(*name)
            .with_context(|| format!("no figure {name}"))?;
        println!("{what:<60} {value:>10.1} {unit}");
    }
    Ok(())
}

/// Figures as one line of JSON.
#[must_use]
pub fn json(figures: &Figures) -> String {
    let fields = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value:.3}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}
