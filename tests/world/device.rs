//! A device: a profile folder and the headless client on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::Value;

use crate::binaries;
use crate::relay::{lines_of, log_file};

/// What a guess costs in these stories: the least there is, so that they are told quickly.
const PASSPHRASE_MIB: &str = "64";
/// How long a person waits for a code before giving up.
const CODE_WAIT: Duration = Duration::from_secs(60);

/// How long a change may take to show on a device that is connected.
const SHOW_WAIT: Duration = Duration::from_secs(60);

/// A device that is connected.
#[derive(Debug)]
pub struct Watch(Child);

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One profile and the command line on it.
#[derive(Debug, Clone)]
pub struct Device {
    profile: PathBuf,
    passphrase_file: PathBuf,
    name: String,
    program: PathBuf,
    authority: Option<PathBuf>,
    zone: Option<String>,
}

/// What a command did.
#[derive(Debug)]
pub struct Run {
    /// Exit status; `None` when it was killed.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// `device add` while it waits for the nine digits.
#[derive(Debug)]
pub struct Linking {
    child: Child,
    lines: Receiver<String>,
    /// The routing code it printed.
    pub routing: String,
}

/// A command into which a person types while it goes on.
#[derive(Debug)]
pub struct Typing {
    child: Child,
    said: Receiver<String>,
    /// Everything it has said, its log at trace level included.
    heard: String,
}

impl Device {
    pub(crate) fn new(profile: PathBuf, name: &str) -> Self {
        let passphrase_file = profile.with_extension("passphrase");
        std::fs::write(&passphrase_file, "correct horse battery staple\n").expect("a passphrase");
        Self {
            profile,
            passphrase_file,
            name: name.to_owned(),
            program: binaries::almanac(),
            authority: None,
            zone: None,
        }
    }

    /// The same device on a system whose clock is of this zone.
    #[must_use]
    pub fn in_zone(self, zone: &str) -> Self {
        Self {
            zone: Some(zone.to_owned()),
            ..self
        }
    }

    /// The same device on a system that trusts one authority for certificates, in a PEM file.
    #[must_use]
    pub fn trusting(self, authority: &Path) -> Self {
        Self {
            authority: Some(authority.to_owned()),
            ..self
        }
    }

    /// The same device, run by another program.
    #[must_use]
    pub fn with_program(self, program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            ..self
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.profile
    }

    /// Its log at trace level.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.profile.with_extension("log")
    }

    /// Makes the profile.
    pub fn init(&self) {
        self.ok(&[
            "init",
            "--name",
            &self.name,
            "--passphrase-memory",
            PASSPHRASE_MIB,
        ]);
    }

    /// Runs a command that must succeed, and gives the JSON it prints.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        assert_eq!(
            run.status,
            Some(0),
            "{} {arguments:?}: {}",
            self.name,
            run.stderr
        );
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?} printed no JSON ({error}): {}", run.stdout)
        })
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().expect("almanac starts");
        Run::from(output)
    }

    /// The command, for a caller that wants to hold its process.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.text_command(&[]);
        command.arg("--json").args(arguments);
        command
    }

    /// Starts a command that waits for what a person types.
    #[must_use]
    pub fn begin(&self, arguments: &[&str]) -> Typing {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("almanac starts");
        let said = lines_of(child.stderr.take().expect("it is piped"));
        Typing {
            child,
            said,
            heard: String::new(),
        }
    }

    /// Adds an event of an hour and gives its id.
    pub fn add(&self, summary: &str, start: &str) -> String {
        let added = self.ok(&[
            "add",
            "--calendar",
            "Personal",
            "--summary",
            summary,
            "--start",
            start,
            "--zone",
            "Europe/Berlin",
        ]);
        added["event"]
            .as_str()
            .expect("add gives the event")
            .to_owned()
    }

    /// Stays connected until the value is dropped.
    #[must_use]
    pub fn watch(&self) -> Watch {
        let mut command = self.command(&["sync", "--watch"]);
        command.stdout(Stdio::null()).stderr(log_file(&self.log()));
        Watch(command.spawn().expect("almanac starts"))
    }

    /// Waits until the titles it shows are these.
    pub fn comes_to_show(&self, titles: &[&str]) {
        let start = std::time::Instant::now();
        while self.titles() != titles {
            assert!(
                start.elapsed() < SHOW_WAIT,
                "{} shows {:?}",
                self.name,
                self.titles()
            );
        }
    }

    /// Sends and fetches until nothing is left.
    pub fn sync(&self) -> Value {
        self.ok(&["sync"])
    }

    /// Everything it shows of a year.
    pub fn shows(&self) -> Vec<Value> {
        let listed = self.ok(&[
            "list",
            "--from",
            "2026-01-01",
            "--to",
            "2027-12-31",
            "--zone",
            "UTC",
        ]);
        listed.as_array().expect("list gives an array").clone()
    }

    /// The titles it shows, sorted.
    pub fn titles(&self) -> Vec<String> {
        let title = |event: &Value| event["summary"].as_str().expect("a title").to_owned();
        let mut titles: Vec<String> = self.shows().iter().map(title).collect();
        titles.sort();
        titles
    }

    /// Starts adding a device: gives the routing code and waits for the digits.
    #[must_use]
    pub fn begin_linking(&self) -> Linking {
        let mut child = self
            .text_command(&["device", "add"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file(&self.log()))
            .spawn()
            .expect("device add starts");
        let lines = lines_of(child.stdout.take().expect("its output is piped"));
        let routing = find(&lines, |word| {
            word.len() == 9 && word.chars().nth(4) == Some('-')
        });
        Linking {
            child,
            lines,
            routing,
        }
    }

    /// Links this new device to the account of `old`, typing the digits over as a person would.
    pub fn link_to(&self, old: &Self, relay_url: &str) {
        self.link_with_code(old, relay_url, "");
    }

    /// The same, with a code of the second factor typed after the digits.
    pub fn link_with_code(&self, old: &Self, relay_url: &str, code: &str) {
        let linking = old.begin_linking();
        let mut new = self.start_joining(relay_url, &linking.routing);
        let digits = digits_of(&lines_of(new.stdout.take().expect("its output is piped")));
        assert!(
            linking.confirm(&format!("{digits}\n{code}")),
            "the old device accepts the digits"
        );
        let status = new.wait().expect("device link ends");
        assert!(status.success(), "device link succeeds");
    }

    /// Starts `device link` and leaves it running.
    #[must_use]
    pub fn start_joining(&self, relay_url: &str, routing: &str) -> Child {
        self.text_command(&["device", "link", relay_url, routing, "--name", &self.name])
            .args(["--passphrase-memory", PASSPHRASE_MIB])
            .stdout(Stdio::piped())
            .stderr(log_file(&self.log()))
            .spawn()
            .expect("device link starts")
    }

    fn text_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--profile")
            .arg(&self.profile)
            .arg("--passphrase-file")
            .arg(&self.passphrase_file)
            .args(arguments)
            .env("ALMANAC_LOG", "trace")
            // No keychain in these stories, wherever they run.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .envs(self.authority.iter().map(|file| ("SSL_CERT_FILE", file)))
            .envs(self.zone.iter().map(|zone| ("TZ", zone)))
            .stdin(Stdio::null());
        command
    }
}

impl Linking {
    /// Types the digits; gives whether the new device was added.
    #[must_use]
    pub fn confirm(mut self, digits: &str) -> bool {
        let mut stdin = self.child.stdin.take().expect("its input is piped");
        writeln!(stdin, "{digits}").expect("the digits are read");
        drop(stdin);
        let ended = self.child.wait().expect("device add ends").success();
        drop(self.lines);
        ended
    }
}

impl Typing {
    /// Waits until it says a line with these words, and gives the line.
    pub fn says(&mut self, words: &str) -> String {
        self.says_what(words, |line| line.contains(words))
    }

    /// Waits until it says a line that is meant.
    pub fn says_what(&mut self, what: &str, is_meant: impl Fn(&str) -> bool) -> String {
        loop {
            let line = self.said.recv_timeout(CODE_WAIT);
            let line = line.unwrap_or_else(|_| panic!("it never says “{what}”: {}", self.heard));
            self.note(&line);
            if is_meant(&line) {
                return line;
            }
        }
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its input is piped");
        writeln!(stdin, "{line}").expect("the line is read");
    }

    /// Waits for the end. What it gives as standard error is everything it has said.
    #[must_use]
    pub fn ends(mut self) -> Run {
        drop(self.child.stdin.take());
        while let Ok(line) = self.said.recv() {
            self.note(&line);
        }
        let output = self.child.wait_with_output().expect("it ends");
        Run {
            stderr: self.heard,
            ..Run::from(output)
        }
    }

    fn note(&mut self, line: &str) {
        self.heard.push_str(line);
        self.heard.push('\n');
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The nine digits that `device link` prints.
#[must_use]
fn digits_of(lines: &Receiver<String>) -> String {
    loop {
        let line = lines
            .recv_timeout(CODE_WAIT)
            .expect("device link prints nine digits");
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == 9 {
            return digits;
        }
    }
}

fn find(lines: &Receiver<String>, is_it: impl Fn(&str) -> bool) -> String {
    loop {
        let line = lines
            .recv_timeout(CODE_WAIT)
            .expect("device add prints a routing code");
        if let Some(word) = line.split_whitespace().find(|word| is_it(word)) {
            return word.to_owned();
        }
    }
}
