//! Parts of the Rust toolchain that a minimal installation leaves out.

use std::process::Command;

use anyhow::{Result, bail};

use crate::child;
use crate::places::Places;

/// Makes sure that the formatter and the lints are there.
pub(crate) fn prepare(places: &Places) -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if child::works(&mut child::cargo(places, &[command, "--version"])) {
            continue;
        }
        if child::on_path("rustup").is_none() {
            bail!("`cargo {command}` is missing. Please install {component} for this toolchain.");
        }
        let mut rustup = Command::new("rustup");
        child::succeed(
            rustup
                .current_dir(&places.root)
                .args(["component", "add", component]),
        )?;
    }
    Ok(())
}

/// Whether the faster test runner is installed.
pub(crate) fn has_nextest(places: &Places) -> bool {
    child::works(&mut child::cargo(places, &["nextest", "--version"]))
}
