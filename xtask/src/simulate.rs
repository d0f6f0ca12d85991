//! `cargo xtask simulate`: worlds of devices and relays, each decided by one number.
//!
//! The simulator is built alone, because it turns on features that replace clock, randomness and
//! network, and optimised where time goes, beside the dependencies that everything else uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::places::Places;
use crate::setup::{self, Consent, Purpose};

/// The package, which no other step may build together with what ships.
pub(crate) const PACKAGE: &str = "almanac-simulator";
/// Seeds of a test run.
const SEEDS: &str = "1000";
/// Ours that a world is spent in.
const OURS: &[&str] = &[
    "almanac-calendar",
    "almanac-client",
    "almanac-crypto",
    "almanac-protocol",
    "almanac-relay",
    "almanac-store",
];

/// Runs seeds or a script, or looks whether known mistakes are found.
pub(crate) fn run(places: &Places, consent: Consent, words: &[&str]) -> Result<ExitCode> {
    setup::prepare(consent, &[Purpose::Build])?;
    match words {
        ["--mutations"] => mutations(places, None),
        ["--mutations", name] => mutations(places, Some(name)),
        words => {
            let (build_as, words) = BuildAs::read(words);
            let program = build(places, &places.root, build_as)?;
            Ok(code(Command::new(program).args(words).status()?.success()))
        }
    }
}

/// How fast the simulator is to be, against how long it takes to build.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BuildAs {
    /// Beside the dependencies that tests have built already.
    Test,
    /// With everything optimised, for long runs; what checks itself still does.
    Release,
}

impl BuildAs {
    fn read<'a>(words: &[&'a str]) -> (Self, Vec<&'a str>) {
        match words {
            ["--release", rest @ ..] => (Self::Release, rest.to_vec()),
            words => (Self::Test, words.to_vec()),
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Test => "debug",
            Self::Release => "release",
        }
    }

    /// Words for cargo.
    fn words(self) -> Vec<String> {
        let (mut words, profile, settings): (Vec<String>, &str, &[&str]) = match self {
            Self::Test => (Vec::new(), "dev", &["opt-level=2"]),
            Self::Release => (
                vec!["--release".to_owned()],
                "release",
                &["debug-assertions=true", "overflow-checks=true"],
            ),
        };
        for package in OURS {
            for setting in settings {
                words.push("--config".to_owned());
                words.push(format!("profile.{profile}.package.{package}.{setting}"));
            }
        }
        words
    }
}

/// The seeds of a test run, and the short worlds of single faults.
pub(crate) fn check(places: &Places) -> Result<()> {
    let mut tests = child::cargo(places, &["test", "--package", PACKAGE]);
    child::succeed(tests.args(BuildAs::Test.words()))?;
    let program = build(places, &places.root, BuildAs::Test)?;
    child::succeed(Command::new(program).args(["--seeds", SEEDS]))
}

/// Builds the simulator from the sources in a folder.
fn build(places: &Places, root: &Path, build_as: BuildAs) -> Result<PathBuf> {
    let mut command = child::cargo(places, &["build", "--quiet", "--package", PACKAGE]);
    command.current_dir(root).args(build_as.words());
    child::succeed(&mut command)?;
    Ok(places.built_as(build_as.folder(), PACKAGE))
}

fn code(is_well: bool) -> ExitCode {
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A mistake that somebody could make: what to write instead of what, in which file.
struct Mutation {
    name: String,
    laws: Vec<String>,
    file: String,
    search: String,
    replace: String,
}

/// Makes each mistake of the list in a copy of the sources, and looks whether a seed finds it.
fn mutations(places: &Places, only: Option<&str>) -> Result<ExitCode> {
    let copy = places.cache.join("mutations");
    let mut all_found = true;
    println!("{:<44} {:<7} {:>6}  found by", "mistake", "law", "seeds");
    for mutation in read_mutations(&places.root)? {
        if only.is_some_and(|only| only != mutation.name) {
            continue;
        }
        copy_sources(places, &copy)?;
        mutation.make(&copy)?;
        let program = build(places, &copy, BuildAs::Test)?;
        let words = ["--seeds", SEEDS, "--as-it-is"];
        let output = Command::new(program)
            .args(words)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = text.lines().next().unwrap_or_default();
        let found = Found::read(first).filter(|_| !output.status.success());
        all_found &= found
            .as_ref()
            .is_some_and(|found| mutation.laws.contains(&found.law));
        let expected = mutation.laws.join("/");
        match found {
            Some(Found { seed, law }) => {
                println!("{:<44} {expected:<7} {seed:>6}  {law}", mutation.name);
            }
            None => println!("{:<44} {expected:<7} {:>6}  NOTHING", mutation.name, "-"),
        }
    }
    Ok(code(all_found))
}

/// The seed that found a mistake, and the law that was broken.
struct Found {
    seed: String,
    law: String,
}

impl Found {
    /// Reads `seed 12 L4: …`.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("seed ")?.split_whitespace();
        let (seed, law) = (words.next()?, words.next()?);
        Some(Self {
            seed: seed.to_owned(),
            law: law.trim_end_matches(':').to_owned(),
        })
    }
}

impl Mutation {
    fn make(&self, root: &Path) -> Result<()> {
        Ok(fs::write(root.join(&self.file), self.made(root)?)?)
    }

    /// The file with the mistake in it.
    fn made(&self, root: &Path) -> Result<String> {
        let path = root.join(&self.file);
        let text = fs::read_to_string(&path).with_context(|| self.file.clone())?;
        if text.matches(&self.search).count() != 1 {
            bail!(
                "{}: what it replaces does not stand in {} exactly once; bring \
                 tests/simulator/mutations up to date",
                self.name,
                self.file
            );
        }
        Ok(text.replace(&self.search, &self.replace))
    }

    /// Reads a file of the list: `law`, `file`, then the two texts between their lines.
    fn read(name: &str, text: &str) -> Option<Self> {
        let (head, texts) = text.split_once("\n--- instead of\n")?;
        let (search, replace) = texts.split_once("\n--- is written\n")?;
        let field = |word: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(word))?;
            Some(line.trim().to_owned())
        };
        let laws = field("law:")?;
        Some(Self {
            name: name.to_owned(),
            laws: laws.split_whitespace().map(str::to_owned).collect(),
            file: field("file:")?,
            search: search.to_owned(),
            replace: replace.trim_end_matches('\n').to_owned(),
        })
    }
}

fn read_mutations(root: &Path) -> Result<Vec<Mutation>> {
    let folder = root.join("tests/simulator/mutations");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            Mutation::read(&name, &fs::read_to_string(file)?)
                .with_context(|| format!("{} cannot be read", file.display()))
        })
        .collect()
}

/// Brings the copy to where the sources stand: only what differs is written, so that only what
/// differs is compiled again.
fn copy_sources(places: &Places, copy: &Path) -> Result<()> {
    let words = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ];
    let output = Command::new("git")
        .current_dir(&places.root)
        .args(words)
        .output()
        .context("git did not start")?;
    for name in output.stdout.split(|byte| *byte == 0) {
        let name = String::from_utf8_lossy(name).into_owned();
        let from = places.root.join(&name);
        if name.is_empty() || !from.is_file() {
            continue;
        }
        let (to, bytes) = (copy.join(&name), fs::read(&from)?);
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&to, bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_the_list_can_still_be_made() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let all = read_mutations(root).unwrap();
        assert!(all.len() >= 10, "{} mistakes", all.len());
        for mutation in all {
            mutation.made(root).unwrap();
        }
    }
}
