//! A device of the demo: the real `almanac` with a profile folder of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// One profile.
#[derive(Debug)]
pub(super) struct Device {
    program: PathBuf,
    profile: PathBuf,
    passphrase_file: PathBuf,
    name: &'static str,
}

impl Device {
    /// A device that has nothing yet. It is locked by a passphrase, since a keychain may be absent.
    pub(super) fn new(program: &Path, folder: &Path, name: &'static str) -> Result<Self> {
        let passphrase_file = folder.join(format!("{name}.passphrase"));
        fs::write(&passphrase_file, format!("correct horse battery {name}\n"))?;
        let profile = folder.join(name);
        Ok(Self {
            program: program.to_path_buf(),
            profile,
            passphrase_file,
            name,
        })
    }

    /// Runs a command and shows it with its output.
    pub(super) fn show(&self, words: &[&str]) -> Result<()> {
        println!("  {}$ almanac {}", self.name, as_typed(words));
        let output = self
            .command(words)
            .output()
            .context("`almanac` did not start")?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            println!("      {line}");
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`almanac {}`: {}",
            words.join(" "),
            complaint.trim()
        );
        Ok(())
    }

    /// What the device shows between two dates.
    pub(super) fn week(&self, [from, to]: [&str; 2], zone: &str) -> Result<Vec<Value>> {
        let words = ["--json", "list", "--from", from, "--to", to, "--zone", zone];
        let output = self
            .command(&words)
            .output()
            .context("`almanac` did not start")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`almanac list`: {}",
            complaint.trim()
        );
        serde_json::from_slice(&output.stdout).context("`almanac list --json` gave no list")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--profile").arg(&self.profile);
        command
            .arg("--passphrase-file")
            .arg(&self.passphrase_file)
            .args(words);
        command.stdin(Stdio::null());
        command
    }

    fn start(&self, words: &[&str]) -> Result<Talk> {
        println!("  {}$ almanac {}", self.name, as_typed(words));
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("`almanac` did not start")?;
        let output = process.stdout.take().context("no standard output")?;
        Ok(Talk {
            process,
            output: Box::new(BufReader::new(output)),
        })
    }
}

/// Words as one would type them.
fn as_typed(words: &[&str]) -> String {
    let quoted = |word: &&str| match word.contains([' ', '\'']) {
        true => format!("\"{word}\""),
        false => (*word).to_owned(),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Adds `new` to the account of `old`: the code printed by one is typed into the other.
pub(super) fn link(old: &Device, new: &Device, url: &str, name: &str) -> Result<()> {
    let mut adding = old.start(&["device", "add"])?;
    let routing = adding.read_until(routing_code)?;
    let mut linking = new.start(&["device", "link", url, &routing, "--name", name])?;
    let digits = linking.read_until(nine_digits)?;
    adding.type_line(&digits)?;
    adding.finish()?;
    linking.finish()
}

/// A program in conversation.
struct Talk {
    process: Child,
    output: Box<dyn BufRead>,
}

impl Talk {
    /// Shows each line until something is found in one.
    fn read_until(&mut self, find: fn(&str) -> Option<String>) -> Result<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line)? > 0 {
            println!("      {}", line.trim_end());
            if let Some(found) = find(&line) {
                return Ok(found);
            }
            line.clear();
        }
        bail!("the device ended before it said what was awaited")
    }

    fn type_line(&mut self, line: &str) -> Result<()> {
        let input = self.process.stdin.as_mut().context("no standard input")?;
        writeln!(input, "{line}")?;
        Ok(input.flush()?)
    }

    fn finish(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        for line in rest.lines().filter(|line| !line.trim().is_empty()) {
            println!("      {line}");
        }
        let status = self.process.wait()?;
        ensure!(status.success(), "linking failed ({status})");
        Ok(())
    }
}

/// `XXXX-XXXX` in Crockford's base 32.
fn routing_code(text: &str) -> Option<String> {
    let is_symbol = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    let words = text.split(|c: char| !(is_symbol(c) || c == '-'));
    let is_code = |word: &str| match word.split_once('-') {
        Some((left, right)) => [left, right]
            .iter()
            .all(|half| half.len() == 4 && half.chars().all(is_symbol)),
        None => false,
    };
    words.map(str::to_owned).find(|word| is_code(word))
}

/// `NNN NNN NNN`.
fn nine_digits(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_group = |word: &&str| word.len() == 3 && word.chars().all(|c| c.is_ascii_digit());
    let found = words.windows(3).find(|group| group.iter().all(is_group))?;
    Some(found.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{nine_digits, routing_code};

    #[test]
    fn codes_are_found_in_sentences() {
        assert_eq!(
            routing_code("Type 7K2M-Q9ZX there").as_deref(),
            Some("7K2M-Q9ZX")
        );
        assert_eq!(routing_code("Type 7K2M-Q9Z"), None);
        assert_eq!(
            nine_digits("Enter 372 457 141").as_deref(),
            Some("372 457 141")
        );
        assert_eq!(nine_digits("Enter 372 457 14"), None);
    }
}
