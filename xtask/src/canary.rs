//! `cargo xtask canary`: takes down one defence after the other, and wants an attack to succeed each time.
//!
//! A test that passes proves little while nobody has seen it fail. The list of defences, each with a
//! test of an attack that it stands against, is `tests/attacks/without.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::compiler::How;
use crate::places::Places;
use crate::setup::{self, Consent, Purpose};

const LIST: &str = "tests/attacks/without.txt";
/// What names the defence that is down.
const WITHOUT: &str = "ALMANAC_WITHOUT";
/// What a test says of itself that has run and failed.
const FAILED: &str = "1 failed";
const PASSED: &str = "1 passed; 0 failed";

/// Looks at every defence, or at the one that is named.
pub(crate) fn run(places: &Places, consent: Consent, words: &[&str]) -> Result<ExitCode> {
    setup::prepare(consent, &[Purpose::Build])?;
    let text = fs::read_to_string(places.root.join(LIST))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut listed: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
    match words {
        [] => {}
        [name] => listed.retain(|(defence, _)| defence == name),
        _ => bail!("cargo xtask canary [DEFENCE]"),
    }
    if listed.is_empty() {
        bail!("No such defence; {LIST} names those there are.");
    }
    let program = build(places)?;
    let mut bad = Vec::new();
    for (defence, test) in listed {
        let test = test.trim();
        let stands = attempt(places, &program, test, None)?;
        let down = attempt(places, &program, test, Some(defence))?;
        let said = match (stands.contains(PASSED), down.contains(FAILED)) {
            (true, true) => "the attack succeeds without it",
            (true, false) => "THE ATTACK FAILS WITHOUT IT TOO",
            (false, _) => "THE TEST DOES NOT PASS",
        };
        println!("{defence:<20}{test:<66}{said}");
        if !(stands.contains(PASSED) && down.contains(FAILED)) {
            bad.push(defence);
        }
    }
    if bad.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("\nNot shown to matter: {}.", bad.join(", "));
    Ok(ExitCode::FAILURE)
}

/// The attacks, built with defences that can be taken down.
fn build(places: &Places) -> Result<PathBuf> {
    let words = [
        "test",
        "--quiet",
        "--no-run",
        "--message-format=json",
        "--package=almanac-scenarios",
        "--test=attacks",
    ];
    let mut cargo = child::cargo(places, &words);
    How::Canary.apply(&mut cargo)?;
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("The attacks could not be built.");
    }
    let text = String::from_utf8(output.stdout)?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let said = |at: &str| message.pointer(at).and_then(|value| value.as_str());
        let is_it = said("/target/name") == Some("attacks");
        said("/executable").filter(|_| is_it).map(PathBuf::from)
    };
    text.lines()
        .find_map(executable)
        .context("cargo named no program")
}

/// Runs one test, and gives what it said.
fn attempt(places: &Places, program: &Path, test: &str, without: Option<&str>) -> Result<String> {
    let mut command = Command::new(program);
    command
        .args([test, "--test-threads=1"])
        .current_dir(places.root.join("tests"));
    if let Some(defence) = without {
        command.env(WITHOUT, defence);
    }
    let output = command.stderr(Stdio::null()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
