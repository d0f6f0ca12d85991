//! `cargo xtask test`: every check of the project, cheapest first, with a table at the end.
//!
//! A step whose needs failed is skipped; every other one runs, so that one run tells everything
//! that is wrong. The output of each runner passes through untouched.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::child;
use crate::places::Places;
use crate::setup::node::Node;
use crate::setup::{self, Consent, Purpose, compiler};
use crate::simulate;
use crate::window;

/// What the steps share.
struct Bench<'a> {
    places: &'a Places,
    node: Option<Node>,
    has_nextest: bool,
}

struct Step {
    name: &'static str,
    /// Steps that must have passed.
    needs: &'static [&'static str],
    run: fn(&Bench<'_>) -> Result<()>,
}

enum Outcome {
    Passed,
    Failed(anyhow::Error),
    /// Carries the need that did not pass.
    Skipped(&'static str),
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        needs: &[],
        run: |bench| cargo(bench, &["fmt", "--all", "--check"]),
    },
    Step {
        name: "ui-packages",
        needs: &[],
        run: |bench| bench.node()?.install_packages(bench.places),
    },
    Step {
        name: "ui-check",
        needs: &["ui-packages"],
        run: |bench| npm(bench, "check"),
    },
    Step {
        name: "ui-lint",
        needs: &["ui-packages"],
        run: |bench| npm(bench, "lint"),
    },
    Step {
        name: "ui-test",
        needs: &["ui-packages"],
        run: |bench| npm(bench, "test"),
    },
    Step {
        name: "ui-build",
        needs: &["ui-packages"],
        run: |bench| npm(bench, "build"),
    },
    Step {
        name: "lints",
        needs: &["ui-build"],
        run: |bench| {
            let words = ["clippy", "--all-targets"];
            let strict = ["--", "-D", "warnings"];
            let all = ["--workspace", "--exclude", simulate::PACKAGE];
            let alone = ["--package", simulate::PACKAGE];
            cargo(bench, &[&words[..], &all, &strict].concat())?;
            cargo(bench, &[&words[..], &alone, &strict].concat())
        },
    },
    Step {
        name: TIDY,
        needs: &["ui-build"],
        run: |bench| tests(bench, Part::Tidy),
    },
    Step {
        name: "programs",
        needs: &["ui-build"],
        run: programs,
    },
    Step {
        name: "tests",
        needs: &["programs"],
        run: |bench| tests(bench, Part::AllButWindow),
    },
    Step {
        name: "simulate",
        needs: &[],
        run: |bench| simulate::check(bench.places),
    },
    Step {
        name: "corpus",
        needs: &["ui-build"],
        run: corpus,
    },
    Step {
        name: "window",
        needs: &["programs"],
        run: |bench| tests(bench, Part::Window),
    },
];

/// The rules of the house alone; part of `tests` in a full run.
const TIDY: &str = "tidy";

/// The quick steps.
const CHECK: &[&str] = &["format", "ui-packages", "ui-build", "lints", TIDY];

/// Every step of a full run, in order.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS
        .iter()
        .map(|step| step.name)
        .filter(|name| *name != TIDY)
        .collect()
}

/// One step and all it needs, in order; `check` stands for the quick ones.
pub(crate) fn with_needs(name: &str) -> Result<Vec<&'static str>> {
    if name == "check" {
        return Ok(CHECK.to_vec());
    }
    let step = STEPS.iter().find(|step| step.name == name);
    let step =
        step.with_context(|| format!("No step {name}; there are: {}", names().join(", ")))?;
    let mut wanted = vec![step.name];
    let mut seen = 0;
    while let Some(next) = wanted.get(seen) {
        let needs = STEPS
            .iter()
            .find(|step| step.name == *next)
            .map_or(&[][..], |s| s.needs);
        wanted.extend(
            needs
                .iter()
                .filter(|need| !wanted.contains(need))
                .collect::<Vec<_>>(),
        );
        seen += 1;
    }
    Ok(STEPS
        .iter()
        .map(|step| step.name)
        .filter(|name| wanted.contains(name))
        .collect())
}

/// Sets up, runs the chosen steps and prints the table.
pub(crate) fn run(places: &Places, consent: Consent, chosen: &[&str]) -> Result<ExitCode> {
    let began = Instant::now();
    let mut purposes = vec![Purpose::Build, Purpose::Window];
    if chosen.contains(&"tests") {
        purposes.push(Purpose::Stories);
    }
    if chosen.contains(&"window") {
        purposes.push(Purpose::WindowLane);
    }
    setup::prepare(consent, &purposes)?;
    compiler::prepare(places)?;
    let needs_node = chosen.iter().any(|name| name.starts_with("ui-"));
    let node = needs_node
        .then(|| Node::prepare(places, consent))
        .transpose()?;
    let bench = Bench {
        places,
        node,
        has_nextest: compiler::has_nextest(places),
    };
    let set_up = Row {
        name: "set-up",
        outcome: Outcome::Passed,
        took: began.elapsed(),
    };
    let mut rows = vec![set_up];
    for step in STEPS.iter().filter(|step| chosen.contains(&step.name)) {
        let row = run_step(&bench, step, &rows);
        rows.push(row);
    }
    let has_failed = rows
        .iter()
        .any(|row| !matches!(row.outcome, Outcome::Passed));
    println!("\n{}", table(&rows, began.elapsed()));
    Ok(if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn run_step(bench: &Bench<'_>, step: &Step, done: &[Row]) -> Row {
    let failed_need = step.needs.iter().find(|need| {
        done.iter()
            .any(|row| row.name == **need && !matches!(row.outcome, Outcome::Passed))
    });
    if let Some(need) = failed_need {
        return Row {
            name: step.name,
            outcome: Outcome::Skipped(need),
            took: Duration::ZERO,
        };
    }
    println!("\n── {} ──", step.name);
    let began = Instant::now();
    let outcome = match (step.run)(bench) {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            eprintln!("{error:#}");
            Outcome::Failed(error)
        }
    };
    Row {
        name: step.name,
        outcome,
        took: began.elapsed(),
    }
}

fn table(rows: &[Row], took: Duration) -> String {
    let mut text = format!("{:<12} {:<8} {:>8}\n", "step", "result", "seconds");
    for row in rows {
        let (result, note) = match &row.outcome {
            Outcome::Passed => ("passed", String::new()),
            Outcome::Failed(error) => ("FAILED", error.to_string()),
            Outcome::Skipped(need) => ("skipped", format!("{need} did not pass")),
        };
        let seconds = row.took.as_secs_f64();
        let line = format!("{:<12} {result:<8} {seconds:>8.1}  {note}", row.name);
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    let failed = rows
        .iter()
        .filter(|row| !matches!(row.outcome, Outcome::Passed))
        .count();
    let verdict = if failed == 0 {
        "all passed"
    } else {
        "NOT all passed"
    };
    let _infallible = write!(
        text,
        "{:<12} {verdict} in {:.0} s",
        "total",
        took.as_secs_f64()
    );
    text
}

impl Bench<'_> {
    fn node(&self) -> Result<&Node> {
        self.node.as_ref().context("no Node was prepared")
    }
}

fn npm(bench: &Bench<'_>, script: &str) -> Result<()> {
    child::succeed(
        &mut bench
            .node()?
            .npm(bench.places, &["run", "--silent", script])?,
    )
}

fn cargo(bench: &Bench<'_>, words: &[&str]) -> Result<()> {
    child::succeed(&mut child::cargo(bench.places, words))
}

/// The programs that the stories start as processes of their own.
fn programs(bench: &Bench<'_>) -> Result<()> {
    window::build(bench.places, &["almanac", "almanac-relay", "almanac-app"])
}

/// The calendar rules against cases of others, with the tables of what passed shown. Runs in one
/// thread, so that no table stands inside another.
fn corpus(bench: &Bench<'_>) -> Result<()> {
    let words = [
        "test",
        "--package",
        "almanac-calendar",
        "--test",
        "corpus",
        "--",
        "--nocapture",
        "--test-threads=1",
    ];
    cargo(bench, &words)
}

#[derive(Clone, Copy)]
enum Part {
    Tidy,
    AllButWindow,
    Window,
}

fn tests(bench: &Bench<'_>, part: Part) -> Result<()> {
    let mut words = if bench.has_nextest {
        vec!["nextest", "run", "--no-fail-fast"]
    } else {
        vec!["test", "--no-fail-fast"]
    };
    // Its features would replace clock, randomness and network in what is tested here.
    words.extend(["--workspace", "--exclude", simulate::PACKAGE]);
    match (part, bench.has_nextest) {
        (Part::Tidy, _) => words.extend(["--test", "tidy"]),
        (Part::AllButWindow, true) => {
            words.extend(["-E", "not (binary(desktop) or binary(corpus))"])
        }
        (Part::AllButWindow, false) => words.extend(["--tests", "--", "--skip", "real_window::"]),
        (Part::Window, true) => words.extend(["-E", "binary(desktop)"]),
        (Part::Window, false) => words.extend(["--test", "desktop"]),
    }
    let mut command = child::cargo(bench.places, &words);
    // The step before built them; a test that is run alone builds them itself.
    command.env("ALMANAC_PROGRAMS_ARE_BUILT", "1");
    child::succeed(&mut command)
}
