//! Others that do comparable work, each a program in `peers/` that runs its own server over
//! loopback and answers with its figures as one line of JSON.
//!
//! They are given the events that ours imports, as the same file. What differs in kind is said beside the figures: whether a write waits for the disk, and whether
//! the server can read what it stores.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use almanac_benches::calendar_file;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::row::{Footnote, Measure, Row};

/// What runs them; a peer whose runtime was not given is left out.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    pub(crate) node: Option<PathBuf>,
    pub(crate) python: Option<PathBuf>,
    /// Only this one.
    pub(crate) only: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Runtime {
    Node,
    Python,
}

/// Name, script, runtime, and the most events that it is given: more would take it an hour.
type Peer = (&'static str, &'static str, Runtime, u64);

const PEERS: [Peer; 3] = [
    ("evolu", "evolu.mjs", Runtime::Node, 100_000),
    ("automerge-repo", "automerge.mjs", Runtime::Node, 10_000),
    ("vdirsyncer", "caldav.py", Runtime::Python, 10_000),
];

/// What a peer's program answers.
#[derive(Debug, Deserialize)]
struct Answer {
    /// With the versions of all that matters.
    version: String,
    /// Whether a write waits for the disk.
    durability: String,
    /// Who can read.
    encryption: String,
    /// How it was done, and what is left out.
    note: String,
    figures: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
struct Figure {
    measure: Measure,
    what: String,
    value: f64,
    unit: String,
}

impl Peers {
    /// Adds the figures of every peer that is there, and says what is to know of each.
    pub(crate) fn measure(
        &self,
        measures: &[Measure],
        events: &[u64],
        rows: &mut Vec<Row>,
    ) -> Result<Vec<Footnote>> {
        let mut footnotes = Vec::new();
        for (name, script, runtime, events_max) in PEERS {
            if self.only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            let Some(program) = self.program(runtime) else {
                continue;
            };
            eprintln!("measuring: {name} …");
            let events: Vec<u64> = events.iter().map(|all| *all.min(&events_max)).collect();
            let says = match run(program, script, measures, &events) {
                Ok(answer) => {
                    rows.extend(answer.figures.iter().map(|one| row(name, one)));
                    answer.says()
                }
                // A peer that cannot be run here is no reason to withhold the rest.
                Err(error) => format!("not measured: {error:#}"),
            };
            footnotes.push(Footnote {
                who: name.to_owned(),
                says,
            });
        }
        Ok(footnotes)
    }

    fn program(&self, runtime: Runtime) -> Option<&Path> {
        match runtime {
            Runtime::Node => self.node.as_deref(),
            Runtime::Python => self.python.as_deref(),
        }
    }
}

impl Answer {
    fn says(&self) -> String {
        let parts = [
            &self.version,
            &self.durability,
            &self.encryption,
            &self.note,
        ];
        let said = parts.into_iter().filter(|part| !part.is_empty());
        said.cloned().collect::<Vec<_>>().join("; ")
    }
}

fn row(who: &str, figure: &Figure) -> Row {
    Row {
        who: who.to_owned(),
        ..Row::ours(figure.measure, &figure.what, figure.value, &figure.unit)
    }
}

fn run(program: &Path, script: &str, measures: &[Measure], events: &[u64]) -> Result<Answer> {
    let folder = tempfile::tempdir()?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("sync/peers");
    let measures: Vec<&str> = measures.iter().map(|one| one.word()).collect();
    let most = events.iter().copied().max().unwrap_or_default();
    let calendar = calendar_file::bytes(most);
    std::fs::write(folder.path().join("calendar.ics"), calendar)?;
    let mut events: Vec<String> = events.iter().map(u64::to_string).collect();
    events.dedup();
    let output = Command::new(program)
        .arg(scripts.join(script))
        .arg(folder.path())
        .args([measures.join(","), events.join(",")])
        // A zone of the machine's own would change what some of them do.
        .env("TZ", "UTC")
        .stderr(Stdio::piped())
        .output()?;
    let why = String::from_utf8_lossy(&output.stderr);
    let last = why.lines().rev().take(12).collect::<Vec<_>>();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    ensure!(output.status.success(), "{script} failed:\n{last}");
    let line = String::from_utf8_lossy(&output.stdout);
    let line = line.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("{script} answered “{line}”"))
}
