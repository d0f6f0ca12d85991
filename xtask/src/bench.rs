//! Published figures: each is a program built for release, and says what set-up it needs.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::child;
use crate::places::Places;
use crate::setup::node::Node;
use crate::setup::peers::{Peers, SyncPeers};
use crate::setup::{self, Consent, Purpose};

/// One figure.
struct Bench {
    name: &'static str,
    what: &'static str,
    /// What the system must have.
    needs: &'static [Purpose],
    /// Makes the rest ready and gives the command that measures.
    command: fn(&Asked<'_>) -> Result<Command>,
}

/// What was asked for.
struct Asked<'a> {
    places: &'a Places,
    consent: Consent,
    name: &'a str,
    options: &'a [&'a str],
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "latency",
        what: "from an edit on one device until a second one shows it, durable at both ends; import; \
               start of the window",
        needs: &[Purpose::Build, Purpose::Window, Purpose::WindowLane],
        command: with_window,
    },
    Bench {
        name: "engine",
        what: "expansion of rules, a week's window, reading and writing of .ics, each beside its peers \
               (--ours: without them; --only MEASURE; --runs N; --json)",
        needs: &[Purpose::Build],
        command: beside_peers,
    },
    Bench {
        name: "sync",
        what: "an edit on its way, a fresh device, a week offline, a reconnect, memory, bytes and disk, \
               each beside its control and its peers (--ours: without them; --only MEASURE; \
               --events N; --peer NAME; --json)",
        needs: &[Purpose::Build],
        command: sync_beside_peers,
    },
    Bench {
        name: "store",
        what: "a calendar of fifty thousand events: import, months, weeks, search letter by letter, \
               edits, disk and memory (--json)",
        needs: &[Purpose::Build],
        command: program,
    },
    Bench {
        name: "company",
        what: "a calendar of a hundred members from which one is removed, a log of a thousand links, a \
               calendar of ten thousand events that someone joins (--json)",
        needs: &[Purpose::Build],
        command: program,
    },
    Bench {
        name: "vault",
        what: "unlocking, and a calendar of fifty thousand events backed up, restored for a trial and \
               restored onto a new machine (--json)",
        needs: &[Purpose::Build],
        command: program,
    },
];

/// The table of figures, as text.
pub(crate) fn list() -> String {
    let rows = BENCHES
        .iter()
        .map(|bench| format!("  {:<12} {}", bench.name, bench.what));
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
    let Some(bench) = BENCHES.iter().find(|known| known.name == name) else {
        bail!("There is no figure called {name}.\n\n{}", list());
    };
    setup::prepare(consent, bench.needs)?;
    let asked = Asked {
        places,
        consent,
        name,
        options,
    };
    let mut command = (bench.command)(&asked)?;
    child::succeed(command.args(options))?;
    Ok(ExitCode::SUCCESS)
}

/// A program of `almanac-benches` that starts the window, too.
fn with_window(asked: &Asked<'_>) -> Result<Command> {
    let places = asked.places;
    let node = Node::prepare(places, asked.consent)?;
    node.install_packages(places)?;
    child::succeed(&mut node.npm(places, &["run", "--silent", "build"])?)?;
    child::succeed(&mut child::cargo(
        places,
        &["build", "--release", "--package", "almanac-app"],
    ))?;
    program(asked)
}

/// A program of `almanac-benches`.
fn program(asked: &Asked<'_>) -> Result<Command> {
    let words = ["run", "--release", "--package", "almanac-benches"];
    let mut command = child::cargo(asked.places, &words);
    command.args(["--bin", asked.name, "--"]);
    Ok(command)
}

/// A program of `almanac-benches` that is told where its peers are.
fn sync_beside_peers(asked: &Asked<'_>) -> Result<Command> {
    let mut command = program(asked)?;
    if !asked.options.contains(&"--ours") {
        let peers = SyncPeers::prepare(asked.places, asked.consent)?;
        command.arg("--node").arg(peers.node);
        command.arg("--python").arg(peers.python);
    }
    Ok(command)
}

/// The engine's own workspace, which alone links the peers.
fn beside_peers(asked: &Asked<'_>) -> Result<Command> {
    let (places, options) = (asked.places, asked.options);
    let words = ["run", "--release", "--quiet", "--manifest-path"];
    let mut command = child::cargo(places, &words);
    let folder = places.root.join("benches").join(asked.name);
    command.arg(folder.join("Cargo.toml")).arg("--");
    if !options.contains(&"--ours") {
        let peers = Peers::prepare(places, asked.consent)?;
        command.arg("--libical").arg(peers.libical);
        command.arg("--node").arg(peers.node);
        command.arg("--python").arg(peers.python);
    }
    Ok(command)
}
