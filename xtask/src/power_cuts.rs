//! `cargo xtask power-cuts`: many more power cuts of the client's database than a run of the tests
//! tries. The last line is a row for `tests/disk/LEDGER.md`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::places::Places;
use crate::setup::{self, Consent, Purpose};

/// Images where nothing is said.
const IMAGES: &str = "100000";

/// Cuts the power and prints the row.
pub(crate) fn run(places: &Places, consent: Consent, words: &[&str]) -> Result<ExitCode> {
    let images = match words {
        [] => IMAGES,
        ["--images", number] => number,
        _ => bail!("cargo xtask power-cuts [--images N]"),
    };
    images.parse::<u64>().context("--images wants a number")?;
    setup::prepare(consent, &[Purpose::Build])?;
    // What takes the time, SQLCipher and OpenSSL, is optimised in this profile, too.
    let words = ["test", "--package", "almanac-disk", "--test", "disk"];
    child::succeed(child::cargo(places, &words).arg("--no-run"))?;
    let date = said("date", &["-u", "+%F"])?;
    let commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
    let began = Instant::now();
    let status = child::cargo(places, &words)
        .args([
            "--",
            "--nocapture",
            "--test-threads=1",
            "fault_01",
            "fault_02",
        ])
        .env("ALMANAC_POWER_CUTS", images)
        .status()
        .context("cargo did not start")?;
    let seconds = began.elapsed().as_secs();
    let found = if status.success() {
        "nothing"
    } else {
        "a failure, see above"
    };
    println!("| {date} | {commit} | {images} | {seconds} | {found} |");
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn said(program: &str, words: &[&str]) -> Result<String> {
    let output = Command::new(program).args(words).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
