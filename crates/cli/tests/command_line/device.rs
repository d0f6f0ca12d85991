//! A profile and the program on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder for a profile, and the passphrase that opens it.
pub(crate) struct Device {
    pub(crate) folder: TempDir,
}

impl Device {
    pub(crate) fn empty() -> Self {
        let device = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(
            device.passphrase_file(),
            "correct horse battery\nsecond line\n",
        )
        .unwrap();
        device
    }

    pub(crate) fn started() -> Self {
        let device = Self::empty();
        device.json(&[
            "init",
            "--name",
            "Ada's laptop",
            "--passphrase-memory",
            "64",
        ]);
        device.json(&["calendar", "add", "Home"]);
        device
    }

    pub(crate) fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    pub(crate) fn passphrase_file(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        almanac(&self.profile(), &self.passphrase_file(), words)
    }

    /// What the command gives; it succeeded, and standard output was this value alone.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[&["--json"], words].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// How the command fails: exit status and code, with nothing on standard output.
    pub(crate) fn failure(&self, words: &[&str]) -> (i32, String) {
        let output = self.run(&[&["--json"], words].concat());
        assert_eq!(output.stdout, b"", "{words:?}");
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(
            error["error"]["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
        let code = error["error"]["code"].as_str().unwrap().to_owned();
        (output.status.code().unwrap(), code)
    }

    pub(crate) fn list(&self, from: &str, to: &str) -> Vec<Value> {
        let rows = self.json(&[
            "list",
            "--from",
            from,
            "--to",
            to,
            "--zone",
            "Europe/Berlin",
        ]);
        rows.as_array().unwrap().clone()
    }

    pub(crate) fn add(&self, summary: &str, start: &str, more: &[&str]) -> String {
        let words = [
            "add",
            "--calendar",
            "Home",
            "--summary",
            summary,
            "--start",
            start,
        ];
        let zone = ["--zone", "Europe/Berlin"];
        let added = self.json(&[&words[..], &zone, more].concat());
        added["event"].as_str().unwrap().to_owned()
    }
}

fn almanac(profile: &Path, passphrase_file: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_almanac"))
        .arg("--profile")
        .arg(profile)
        .arg("--passphrase-file")
        .arg(passphrase_file)
        .args(words)
        .env_remove("ALMANAC_LOG")
        .env("TZ", "Europe/Berlin")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub(crate) fn check(failure: (i32, String), status: i32, code: &str) {
    assert_eq!(failure, (status, code.to_owned()));
}
