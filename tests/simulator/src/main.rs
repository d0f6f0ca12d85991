//! `almanac-simulator`: runs seeds or one script, and shrinks what fails. `cargo xtask simulate`
//! builds and starts it.
#![expect(
    clippy::print_stdout,
    reason = "a command line speaks on standard output"
)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Instant;

use almanac_simulator::{Action, Failure, LAWS, read_script, run, script, shrink};
use anyhow::{Context, Result, bail};

const HELP: &str = "\
almanac-simulator [--seeds N] [--from S] [--all] [--as-it-is]
almanac-simulator --seed S [--script FILE]

  --seeds N      Run N seeds (1000 unless told otherwise).
  --from S       The first of them (1 unless told otherwise).
  --all          Go on after a failure, and name every one.
  --as-it-is     Print the first failing script without making it shorter.
  --seed S       Run one seed and print its script.
  --script FILE  Let this script happen in its world instead.";

struct Wanted {
    seeds: u64,
    from: u64,
    seed: Option<u64>,
    script: Option<Vec<Action>>,
    shrinks: bool,
    goes_on: bool,
}

fn main() -> ExitCode {
    match wanted().and_then(|wanted| obey(&wanted)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn wanted() -> Result<Wanted> {
    let mut wanted = Wanted {
        seeds: 1_000,
        from: 1,
        seed: None,
        script: None,
        shrinks: true,
        goes_on: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("{word} wants a value"))
        };
        match word.as_str() {
            "--seeds" => wanted.seeds = value()?.parse()?,
            "--from" => wanted.from = value()?.parse()?,
            "--seed" => wanted.seed = Some(value()?.parse()?),
            "--all" => wanted.goes_on = true,
            "--as-it-is" => wanted.shrinks = false,
            "--script" => {
                let file = value()?;
                let text = std::fs::read_to_string(&file).with_context(|| file.clone())?;
                wanted.script = Some(read_script(&text)?);
            }
            _ => bail!("{HELP}"),
        }
    }
    Ok(wanted)
}

fn obey(wanted: &Wanted) -> Result<ExitCode> {
    // The first failure is told once, shrunk; what panics on the way needs no words of its own.
    std::panic::set_hook(Box::new(|_| {}));
    match wanted.seed {
        Some(seed) => Ok(one(seed, wanted)),
        None => many(wanted),
    }
}

fn one(seed: u64, wanted: &Wanted) -> ExitCode {
    let actions = wanted.script.clone().unwrap_or_else(|| script(seed));
    print_script(&actions);
    match run(seed, &actions) {
        Ok(outcome) => {
            println!(
                "seed {seed}: every law holds; {} operations, {} edits owed and found",
                outcome.operations, outcome.owed
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("seed {seed} {}: {}", failure.law, failure.how);
            tell(seed, &actions, &failure, wanted.shrinks);
            ExitCode::FAILURE
        }
    }
}

fn many(wanted: &Wanted) -> Result<ExitCode> {
    let began = Instant::now();
    let next = AtomicU64::new(wanted.from);
    let end = wanted.from + wanted.seeds;
    let operations = AtomicU64::new(0);
    let owed = AtomicU64::new(0);
    let failed: Mutex<Vec<(u64, Failure)>> = Mutex::new(Vec::new());
    let threads = available_parallelism().context("how many threads there may be")?;
    std::thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let is_enough =
                        !wanted.goes_on && failed.lock().is_ok_and(|failed| !failed.is_empty());
                    if seed >= end || is_enough {
                        return;
                    }
                    match run(seed, &script(seed)) {
                        Ok(outcome) => {
                            operations.fetch_add(outcome.operations, Ordering::Relaxed);
                            let found = u64::try_from(outcome.owed).unwrap_or(0);
                            owed.fetch_add(found, Ordering::Relaxed);
                        }
                        Err(failure) => failed
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push((seed, failure)),
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|(seed, _)| *seed);
    let seconds = began.elapsed().as_secs_f64();
    let Some((seed, failure)) = failed.first() else {
        println!(
            "{} seeds from {}: {} operations, {} edits owed and found, {seconds:.0} s, laws {}",
            wanted.seeds,
            wanted.from,
            operations.into_inner(),
            owed.into_inner(),
            LAWS.join(" ")
        );
        return Ok(ExitCode::SUCCESS);
    };
    for (seed, failure) in &failed {
        println!("seed {seed} {}: {}", failure.law, failure.how);
    }
    tell(*seed, &script(*seed), failure, wanted.shrinks);
    Ok(ExitCode::FAILURE)
}

/// The shortest script that fails the same way, to be run again.
fn tell(seed: u64, actions: &[Action], failure: &Failure, shrinks: bool) {
    let (actions, failure) = if shrinks {
        shrink(seed, actions, failure)
    } else {
        (actions.to_vec(), failure.clone())
    };
    println!("\nAgain: cargo xtask simulate --seed {seed} --script FILE, with this in FILE:\n");
    print_script(&actions);
    println!("\n{}: {}", failure.law, failure.how);
}

fn print_script(actions: &[Action]) {
    for action in actions {
        println!("{action}");
    }
}
