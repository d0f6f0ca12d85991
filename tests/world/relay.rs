//! A relay as a process of its own, which can be killed and started again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::{binaries, steady_port};

/// How long a relay may take to say where it listens.
const START_WAIT: Duration = Duration::from_secs(30);

/// A running relay.
#[derive(Debug)]
pub struct RelayProcess {
    child: Option<Child>,
    folder: PathBuf,
    port: u16,
    invite: String,
}

impl RelayProcess {
    /// Starts a relay for the first time on a free port of loopback.
    #[must_use]
    pub fn start(folder: PathBuf) -> Self {
        let mut relay = Self {
            child: None,
            folder,
            port: steady_port(),
            invite: String::new(),
        };
        relay.launch();
        assert!(
            !relay.invite.is_empty(),
            "the first start prints an owner invite"
        );
        relay
    }

    /// The address a person would paste.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The owner's invite of the first start.
    #[must_use]
    pub fn invite(&self) -> &str {
        &self.invite
    }

    /// A further invite, as its operator makes one for someone else.
    #[must_use]
    pub fn new_invite(&self) -> String {
        let output = Command::new(binaries::relay())
            .args(["invite", "create", "--data-dir"])
            .arg(&self.folder)
            .output()
            .expect("invite create starts");
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success() && !text.is_empty(), "an invite");
        text
    }

    /// Where its database lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends it as a power cut would: no farewell, no cleaning up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
        }
    }

    /// Starts it again on the same port and folder.
    pub fn restart(&mut self) {
        self.kill();
        self.launch();
    }

    /// What `almanac-relay inspect` prints.
    #[must_use]
    pub fn inspect(&self) -> String {
        let output = Command::new(binaries::relay())
            .args(["inspect", "--data-dir"])
            .arg(&self.folder)
            .output()
            .expect("inspect starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("inspect prints text")
    }

    fn launch(&mut self) {
        let mut child = Command::new(binaries::relay())
            .arg("serve")
            .arg("--data-dir")
            .arg(&self.folder)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .env("ALMANAC_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log_file(&self.folder.with_extension("log")))
            .spawn()
            .expect("the relay starts");
        let lines = lines_of(child.stdout.take().expect("its output is piped"));
        self.child = Some(child);
        let mut listens = false;
        while let Ok(line) = lines.recv_timeout(START_WAIT) {
            if let Some((_, code)) = line.split_once("owner invite: ") {
                self.invite = code.trim().to_owned();
            }
            listens |= line.contains(&self.url());
            if listens && !self.invite.is_empty() {
                return;
            }
        }
        panic!("the relay did not say where it listens");
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A log that goes on from one start to the next.
pub(crate) fn log_file(path: &Path) -> Stdio {
    let file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(path);
    Stdio::from(file.expect("a log can be written"))
}

/// The lines of a pipe, read by a thread that ends with it.
pub(crate) fn lines_of(pipe: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
