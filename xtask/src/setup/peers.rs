//! What we are measured against and Rust does not bring: a C program over libical, npm packages as
//! locked, Python environments of exact versions. Everything but libical's own
//! package stands in the clone or in the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::node::Node;
use super::{Consent, Purpose};
use crate::child;
use crate::places::Places;

/// Programs that the measuring program starts.
#[derive(Debug)]
pub(crate) struct Peers {
    pub(crate) libical: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) python: PathBuf,
}

impl Peers {
    /// Installs and builds what is missing.
    pub(crate) fn prepare(places: &Places, consent: Consent) -> Result<Self> {
        super::prepare(consent, &[Purpose::Peers])?;
        let sources = places.root.join("benches/engine/programs");
        let node = Node::prepare(places, consent)?;
        node.install(&sources)?;
        Ok(Self {
            libical: libical(places, &sources)?,
            node: node.program(),
            python: python(places, &sources, "bench-python")?,
        })
    }
}

/// What runs the programs that sync is measured against.
#[derive(Debug)]
pub(crate) struct SyncPeers {
    pub(crate) node: PathBuf,
    pub(crate) python: PathBuf,
}

impl SyncPeers {
    /// Installs what is missing.
    pub(crate) fn prepare(places: &Places, consent: Consent) -> Result<Self> {
        let sources = places.root.join("benches/sync/peers");
        // One of them wants a newer Node than the interface does.
        let node = Node::fetched(places, consent)?;
        node.install(&sources)?;
        Ok(Self {
            node: node.program(),
            python: python(places, &sources, "bench-sync-python")?,
        })
    }
}

/// The C program, compiled as optimised as ours.
fn libical(places: &Places, sources: &Path) -> Result<PathBuf> {
    let folder = places.target.join("release");
    fs::create_dir_all(&folder)?;
    let program = folder.join("bench-libical");
    let mut compiler = Command::new("cc");
    compiler.args(["-O3", "-o"]).arg(&program);
    // The header knows 3.0 where the package knows 3.0.16.
    let asked = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Version}", "libical-dev"])
        .output();
    if let Ok(output) = asked.as_ref()
        && output.status.success()
    {
        let version = String::from_utf8_lossy(&output.stdout);
        compiler.arg(format!("-DPEER_VERSION=\"{version}\""));
    }
    compiler.arg(sources.join("libical.c")).arg("-lical");
    child::succeed(&mut compiler)?;
    Ok(program)
}

/// A Python with the packages of `requirements.txt`, made anew when that changes.
fn python(places: &Places, sources: &Path, name: &str) -> Result<PathBuf> {
    let wanted = sources.join("requirements.txt");
    let home = places.cache.join(name);
    let python = home.join("bin/python");
    let mark = home.join(".installed");
    if python.is_file() && fs::read(&mark).ok() == fs::read(&wanted).ok() {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    child::succeed(make.args(["-m", "venv", "--clear"]).arg(&home))?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args([
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirement",
    ]);
    child::succeed(pip.arg(&wanted))?;
    fs::copy(wanted, mark)?;
    Ok(python)
}
