//! Set-up: finds out what this machine lacks, says what and why, and installs it.
//!
//! Debian and Ubuntu are set up by their own package tool. Elsewhere the missing things are named
//! and the command stops: guessing at another system's packages would do harm.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Result, bail};

pub(crate) mod compiler;
pub(crate) mod node;
mod packages;
pub(crate) mod peers;

pub(crate) use packages::Purpose;

/// Whether a person must agree before anything is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Ask on the terminal.
    Ask,
    /// `--yes` was given, or nobody is there to ask (`CI`).
    Given,
}

impl Consent {
    /// Takes `--yes` out of the words.
    pub(crate) fn from_words(words: &mut Vec<&str>) -> Self {
        let before = words.len();
        words.retain(|&word| word != "--yes");
        let unattended = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        if words.len() < before || unattended {
            Self::Given
        } else {
            Self::Ask
        }
    }

    /// Asks once. No terminal and no consent means no.
    fn obtain(self, question: &str) -> Result<()> {
        if self == Self::Given {
            return Ok(());
        }
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            bail!("Nothing was installed: nobody is here to ask. Add --yes to agree beforehand.");
        }
        print!("{question} [Y/n] ");
        std::io::stdout().flush()?;
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer)?;
        match answer.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => Ok(()),
            _ => bail!("Nothing was installed."),
        }
    }
}

/// Makes sure that everything for these purposes is there.
pub(crate) fn prepare(consent: Consent, purposes: &[Purpose]) -> Result<()> {
    let missing = packages::missing(purposes);
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for need in &missing {
        println!("  {:<26} {}", need.package, need.why);
    }
    packages::install(consent, &missing)?;
    let still: Vec<&str> = packages::missing(purposes)
        .iter()
        .map(|need| need.package)
        .collect();
    if !still.is_empty() {
        bail!("Still missing after the installation: {}", still.join(", "));
    }
    Ok(())
}
