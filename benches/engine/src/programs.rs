//! The peers that are programs of their own: C, JavaScript, Python.
//!
//! Each is given the folder of inputs, a measure, how many runs, and every how many of the series
//! it does; it answers with its figure as one line of JSON. One process for each figure, so that
//! no engine is slowed by what another measure left in its memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::figure::{Figure, Measure};

/// Where the programs are; what was not given is left out.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    pub(crate) libical: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    pub(crate) python: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy)]
enum Peer {
    Libical,
    IcalJs,
    RruleJs,
    Python,
}

/// Peer, measure, every how many of the series, runs at most.
type Job = (Peer, Measure, u64, usize);

/// Slow ones do a part and are scaled; the tables say so.
const JOBS: &[Job] = &[
    (Peer::Libical, Measure::Civil, 1, 3),
    (Peer::IcalJs, Measure::Civil, 10, 2),
    (Peer::RruleJs, Measure::Civil, 1, 3),
    (Peer::Python, Measure::Civil, 1, 3),
    (Peer::Libical, Measure::Utc, 1, 3),
    (Peer::IcalJs, Measure::Utc, 10, 2),
    (Peer::RruleJs, Measure::Utc, 10, 2),
    (Peer::Python, Measure::Utc, 1, 3),
    (Peer::Libical, Measure::Week, 1, 3),
    (Peer::IcalJs, Measure::Week, 100, 2),
    (Peer::RruleJs, Measure::Week, 10, 2),
    (Peer::Python, Measure::Week, 10, 2),
    (Peer::Libical, Measure::Parse, 1, 5),
    (Peer::IcalJs, Measure::Parse, 1, 5),
    (Peer::IcalJs, Measure::Parse, 10, 2),
    (Peer::Python, Measure::Parse, 10, 2),
    (Peer::Libical, Measure::Write, 1, 5),
    (Peer::IcalJs, Measure::Write, 1, 5),
    (Peer::Python, Measure::Write, 10, 2),
];

impl Programs {
    /// The figures of one measure by every program there is.
    pub(crate) fn figures(
        &self,
        measure: Measure,
        folder: &Path,
        runs: usize,
    ) -> Result<Vec<Figure>> {
        let jobs = JOBS.iter().filter(|(_, one, _, _)| *one == measure);
        jobs.filter_map(|(peer, _, every, runs_max)| {
            let command = self.command(*peer)?;
            Some(figure(
                command,
                measure,
                folder,
                *every,
                runs.min(*runs_max),
            ))
        })
        .collect()
    }

    fn command(&self, peer: Peer) -> Option<Command> {
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
        let (program, script) = match peer {
            Peer::Libical => (self.libical.as_ref()?, None),
            Peer::IcalJs => (self.node.as_ref()?, Some("ical.mjs")),
            Peer::RruleJs => (self.node.as_ref()?, Some("rrule.mjs")),
            Peer::Python => (self.python.as_ref()?, Some("peers.py")),
        };
        let mut command = Command::new(program);
        // A zone of the machine's own would change what some of them do.
        command
            .env("TZ", "UTC")
            .args(script.map(|script| programs.join(script)));
        Some(command)
    }
}

fn figure(
    mut command: Command,
    measure: Measure,
    folder: &Path,
    every: u64,
    runs: usize,
) -> Result<Figure> {
    command
        .arg(folder)
        .args([measure.word(), &runs.to_string(), &every.to_string()]);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{command:?} did not start"))?;
    if !output.status.success() {
        bail!("{command:?} failed ({})", output.status);
    }
    let line = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(line.trim()).with_context(|| format!("{command:?} answered {line}"))
}
