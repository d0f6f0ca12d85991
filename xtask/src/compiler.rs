//! This program in place of the compiler, where cargo is to build something otherwise than it would.
//!
//! Cargo calls it with the compiler's own words, and what is to be changed about them stands in the
//! environment: so dependencies that are not touched are built no second time.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// Where it is said how to compile.
const COMPILES: &str = "ALMANAC_COMPILES";

/// How something is compiled otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Telling what an input reaches, but for the crates that are named in [`crate::fuzz`].
    Watched,
    /// With defences that can be taken down.
    Canary,
}

impl How {
    const fn word(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Canary => "canary",
        }
    }

    /// What cargo is to be told.
    pub(crate) fn apply(self, cargo: &mut Command) -> Result<()> {
        let wrapper = match self {
            Self::Watched => "RUSTC_WRAPPER",
            Self::Canary => "RUSTC_WORKSPACE_WRAPPER",
        };
        let this = std::env::current_exe()?;
        cargo.env(wrapper, this).env(COMPILES, self.word());
        Ok(())
    }

    /// How cargo wants something compiled, if that is why it has called this program.
    pub(crate) fn asked() -> Option<Self> {
        let word = std::env::var(COMPILES).ok()?;
        let known = [Self::Watched, Self::Canary];
        known.into_iter().find(|how| how.word() == word)
    }

    /// Calls the compiler.
    pub(crate) fn compile(self, words: &[String]) -> Result<ExitCode> {
        let (compiler, rest) = words.split_first().context("no compiler is named")?;
        let mut command = Command::new(compiler);
        match self {
            Self::Watched => command.args(crate::fuzz::watched(rest)),
            Self::Canary => command.args(rest).args(["--cfg", "canary"]),
        };
        let is_done = command.status()?.success();
        Ok(if is_done {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
