//! Where things stand on this machine: the project, the user's cache, the compiled parts.
//!
//! Compiled dependencies take minutes and are the same for every clone, so they live in the
//! user's cache, one folder per compiler release.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The folders the commands work in.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The project's root.
    pub(crate) root: PathBuf,
    /// What may be thrown away and made again, shared by every clone of this user.
    pub(crate) cache: PathBuf,
    /// What cargo compiled.
    pub(crate) target: PathBuf,
}

impl Places {
    /// Reads the environment; creates nothing.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("the folder of xtask has no parent")?
            .to_path_buf();
        let cache = user_cache(&root).join("almanac");
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(chosen) => std::path::absolute(chosen)?,
            None => cache.join("target").join(compiler_release()?),
        };
        Ok(Self {
            root,
            cache,
            target,
        })
    }

    /// A program that the development profile built.
    pub(crate) fn built(&self, program: &str) -> PathBuf {
        self.built_as("debug", program)
    }

    /// A program that a profile built, by the name of its folder.
    pub(crate) fn built_as(&self, profile: &str, program: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The folder of the interface.
    pub(crate) fn interface(&self) -> PathBuf {
        self.root.join("ui")
    }
}

/// The user's cache folder by the customs of the system; inside the clone where there is no home.
fn user_cache(root: &Path) -> PathBuf {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = named("XDG_CACHE_HOME").filter(|folder| folder.is_absolute()) {
        return folder;
    }
    let home = named("HOME");
    let usual = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home.map(|home| home.join("Library/Caches"))
    } else {
        home.map(|home| home.join(".cache"))
    };
    usual.unwrap_or_else(|| root.join("target"))
}

/// `1.95.0` of `rustc 1.95.0 (… )`: parts of two releases never mix.
fn compiler_release() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("--version")
        .output()
        .context("rustc did not start")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let release = text
        .split_whitespace()
        .nth(1)
        .context("rustc told no version")?;
    Ok(release.to_owned())
}
