//! Published figures: each is a program of the package `almanac-benches`, built for release.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::child;
use crate::places::Places;
use crate::setup::node::Node;
use crate::setup::{self, Consent, Purpose};

/// Name and what is measured.
const BENCHES: &[(&str, &str)] = &[(
    "latency",
    "from an edit on one device until a second one shows it, durable at both ends; import; \
     bytes of an edit; start of the window",
)];

/// The table of figures, as text.
pub(crate) fn list() -> String {
    let rows = BENCHES
        .iter()
        .map(|(name, what)| format!("  {name:<12} {what}"));
    format!(
        "cargo xtask bench NAME\n\n{}",
        rows.collect::<Vec<_>>().join("\n")
    )
}

/// Builds and runs one of them; further words go to the program.
pub(crate) fn run(
    places: &Places,
    consent: Consent,
    name: &str,
    options: &[&str],
) -> Result<ExitCode> {
    if !BENCHES.iter().any(|(known, _)| *known == name) {
        bail!("There is no figure called {name}.\n\n{}", list());
    }
    setup::prepare(
        consent,
        &[Purpose::Build, Purpose::Window, Purpose::WindowLane],
    )?;
    let node = Node::prepare(places, consent)?;
    node.install_packages(places)?;
    child::succeed(&mut node.npm(places, &["run", "--silent", "build"])?)?;
    child::succeed(&mut child::cargo(
        places,
        &["build", "--release", "--package", "almanac-app"],
    ))?;
    let mut command = child::cargo(
        places,
        &[
            "run",
            "--release",
            "--package",
            "almanac-benches",
            "--bin",
            name,
            "--",
        ],
    );
    child::succeed(command.args(options))?;
    Ok(ExitCode::SUCCESS)
}
