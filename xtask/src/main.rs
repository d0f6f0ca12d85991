//! The project's own commands: everything a person types to run, test or measure Almanac.
//!
//! Each command does its own set-up, so that a fresh clone on a bare machine needs no page of
//! instructions. Nothing here is linked into what ships.
#![expect(
    clippy::print_stdout,
    reason = "a command line speaks on standard output"
)]

use std::process::ExitCode;

use anyhow::{Result, bail};

mod bench;
mod canary;
mod child;
mod compiler;
mod demo;
mod fuzz;
mod lanes;
mod places;
mod power_cuts;
mod setup;
mod simulate;
mod window;

use compiler::How;
use places::Places;
use setup::Consent;

const HELP: &str = "\
cargo xtask COMMAND

  run [--yes]            Set up what is missing, build Almanac and open its window.
                         Without a display: the demo instead.
  test [--only STEP]     Set up what is missing, then check and test everything.
  check                  The quick part of `test`: format, lints, the rules of the house.
  demo                   Two devices and a relay on this machine: import, link, edit apart, agree.
  bench NAME [OPTIONS]   Measure one published figure. Without a name: lists them.
  fuzz TARGET [--runs N] Feed what reads foreign bytes with bytes nobody would think of.
  canary [DEFENCE]       Take down one defence after the other: does its attack succeed then?
  power-cuts [--images N]
                         Cut the power of the client's database at every point of a recording.
  simulate [--release] --seeds N [--from S]
                         Let N worlds of devices and relays go wrong, and check the laws of sync.
  simulate --seed S [--script FILE]
                         One world again. `simulate --mutations [NAME]`: are known mistakes found?

  --yes                  Install what is missing without asking (so does CI=true).

Compiled parts are shared between clones in the user's cache folder;
CARGO_TARGET_DIR overrides that.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match How::asked() {
        Some(how) => how.compile(&words),
        None => dispatch(&words),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((&command, rest)) = words.split_first() else {
        println!("{HELP}");
        return Ok(ExitCode::FAILURE);
    };
    if matches!(command, "help" | "--help" | "-h") || rest.contains(&"--help") {
        println!("{HELP}\n\nSteps of `test`: {}.", lanes::names().join(", "));
        return Ok(ExitCode::SUCCESS);
    }
    let mut rest = rest.to_vec();
    let consent = Consent::from_words(&mut rest);
    let places = Places::find()?;
    match (command, rest.as_slice()) {
        ("run", []) => window::run(&places, consent).map(|()| ExitCode::SUCCESS),
        ("test", []) => lanes::run(&places, consent, &lanes::names()),
        ("test", ["--only", step]) => lanes::run(&places, consent, &lanes::with_needs(step)?),
        ("check", []) => lanes::run(&places, consent, &lanes::with_needs("check")?),
        ("demo", []) => demo::run(&places, consent).map(|()| ExitCode::SUCCESS),
        ("bench", [name, options @ ..]) => bench::run(&places, consent, name, options),
        ("simulate", words) => simulate::run(&places, consent, words),
        ("fuzz", words) => fuzz::run(&places, consent, words),
        ("canary", words) => canary::run(&places, consent, words),
        ("power-cuts", words) => power_cuts::run(&places, consent, words),
        ("bench", []) => {
            println!("{}", bench::list());
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("Not understood: {}\n\n{HELP}", words.join(" ")),
    }
}
