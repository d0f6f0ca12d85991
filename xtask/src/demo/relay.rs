//! The relay of the demo: a real `almanac-relay` on a loopback port.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;

/// A relay that can be killed and started again at the same address.
#[derive(Debug)]
pub(super) struct Relay {
    program: PathBuf,
    data: PathBuf,
    url: String,
    invite: String,
    process: Option<Child>,
}

impl Relay {
    /// Starts on an empty folder; reads the address and the owner's invite from what it prints.
    pub(super) fn first_start(program: PathBuf, data: &Path) -> Result<Self> {
        let mut relay = Self {
            program,
            data: data.to_path_buf(),
            url: String::new(),
            invite: String::new(),
            process: None,
        };
        relay.start("127.0.0.1:0", &["listening on ", "owner invite: "])?;
        Ok(relay)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn invite(&self) -> &str {
        &self.invite
    }

    /// Ends it at once, as a power cut would.
    pub(super) fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Starts on the same folder and port.
    pub(super) fn start_again(&mut self) -> Result<()> {
        let address = self.url.rsplit('/').next().unwrap_or_default().to_owned();
        self.start(&address, &["listening on "])
    }

    /// Shows what an operator can see.
    pub(super) fn inspect(&self) -> Result<()> {
        child::succeed(
            Command::new(&self.program)
                .arg("inspect")
                .arg("--data-dir")
                .arg(&self.data),
        )
    }

    /// Starts and waits for every line that begins with one of the signs.
    fn start(&mut self, listen: &str, signs: &[&str]) -> Result<()> {
        let mut process = Command::new(&self.program)
            .args(["serve", "--listen", listen, "--data-dir"])
            .arg(&self.data)
            // What it has to say here goes to standard output.
            .env("ALMANAC_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the relay did not start")?;
        let output = process
            .stdout
            .take()
            .context("the relay has no standard output")?;
        self.process = Some(process);
        let mut lines = BufReader::new(output).lines();
        let mut awaited: Vec<&str> = signs.to_vec();
        while !awaited.is_empty() {
            let Some(line) = lines.next() else {
                bail!("the relay ended before it was ready")
            };
            let line = line?;
            let Some(sign) = awaited.iter().find(|sign| line.contains(**sign)).copied() else {
                continue;
            };
            let told = line.split(sign).nth(1).unwrap_or_default();
            let told = told
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .trim_end_matches('/');
            match sign {
                "listening on " => told.clone_into(&mut self.url),
                _ => told.clone_into(&mut self.invite),
            }
            awaited.retain(|other| *other != sign);
        }
        // Keeps reading, so that a chatty relay never stands still at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // The process may be gone already; there is nobody left to tell.
        let _gone = self.kill();
    }
}
