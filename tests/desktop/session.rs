//! A desktop of the test's own: display, session bus and an unlocked keychain, in a home that is
//! thrown away. Nothing of the person who runs the test is read or changed.
//!
//! WebKit draws as it does for people: with `WEBKIT_DISABLE_DMABUF_RENDERER` set, a page without
//! moving parts never answers a request for its picture.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::wait;

/// A program that ends with the test.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// The desktop; ends with everything in it when dropped.
#[derive(Debug)]
pub(crate) struct Desktop {
    environment: Vec<(&'static str, String)>,
    // In the order in which they end: the keychain before its bus, both before the display.
    _keychain: Running,
    _bus: Running,
    _display: Running,
    home: TempDir,
}

impl Desktop {
    /// Starts display, bus and keychain and waits until each is ready.
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder for the home");
        let mut environment = home_variables(home.path());
        let (display, number) = start_display();
        environment.push(("DISPLAY", format!(":{number}")));
        let (bus, address) = start_bus(&environment);
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address));
        let keychain = start_keychain(&environment);
        Self {
            environment,
            _keychain: keychain,
            _bus: bus,
            _display: display,
            home,
        }
    }

    /// A program that will see this desktop and no other.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        dressed(program.as_ref(), &self.environment)
    }

    /// The home of the person at this desktop.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts a program that ends with the value returned.
    pub(crate) fn start_program(&self, command: &mut Command) -> Running {
        Running(
            command
                .spawn()
                .unwrap_or_else(|error| panic!("{command:?}: {error}")),
        )
    }
}

fn dressed(program: &Path, environment: &[(&'static str, String)]) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("XAUTHORITY");
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

fn home_variables(home: &Path) -> Vec<(&'static str, String)> {
    let folder = |name: &str| {
        let path: PathBuf = home.join(name);
        fs::create_dir_all(&path).expect("a folder in the home");
        path.display().to_string()
    };
    let runtime = folder("run");
    // The desktop's customs ask that nobody else can look inside.
    let mut chmod = Command::new("chmod");
    assert!(
        chmod
            .args(["700", &runtime])
            .status()
            .is_ok_and(|status| status.success())
    );
    vec![
        ("HOME", home.display().to_string()),
        ("XDG_DATA_HOME", folder("data")),
        ("XDG_CONFIG_HOME", folder("config")),
        ("XDG_CACHE_HOME", folder("cache")),
        ("XDG_STATE_HOME", folder("state")),
        ("XDG_RUNTIME_DIR", runtime),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "Europe/Berlin".to_owned()),
        ("GDK_BACKEND", "x11".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        ("GSETTINGS_BACKEND", "memory".to_owned()),
    ]
}

/// The server chooses a free number by itself and tells it: two tests never meet.
fn start_display() -> (Running, String) {
    let mut command = Command::new("Xvfb");
    command.args([
        "-displayfd",
        "1",
        "-screen",
        "0",
        "1440x900x24",
        "-nolisten",
        "tcp",
    ]);
    let mut process = spawn(command.stdout(Stdio::piped()).stderr(Stdio::null()), "xvfb");
    let number = first_line(&mut process);
    (Running(process), number)
}

fn start_bus(environment: &[(&'static str, String)]) -> (Running, String) {
    let mut command = dressed(Path::new("dbus-daemon"), environment);
    command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
    let mut process = spawn(command.stdout(Stdio::piped()).stderr(Stdio::null()), "dbus");
    let address = first_line(&mut process);
    (Running(process), address)
}

/// A real Secret Service with a collection that is open, as after a login.
fn start_keychain(environment: &[(&'static str, String)]) -> Running {
    let mut command = dressed(Path::new("gnome-keyring-daemon"), environment);
    command.args(["--foreground", "--components=secrets", "--unlock"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = spawn(&mut command, "gnome-keyring");
    let mut password = process.stdin.take().expect("its standard input");
    password
        .write_all(b"a password that is not empty")
        .expect("the password is read");
    drop(password);
    let running = Running(process);
    wait::until("the keychain on the bus", || {
        let mut question = dressed(Path::new("dbus-send"), environment);
        question.args([
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/",
        ]);
        question.args([
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ]);
        let answer = question.output().expect("dbus-send runs");
        String::from_utf8_lossy(&answer.stdout)
            .contains("true")
            .then_some(())
    });
    running
}

fn spawn(command: &mut Command, package: &str) -> Child {
    let started = command.spawn();
    started.unwrap_or_else(|error| {
        panic!("{command:?}: {error}. `cargo xtask test` installs it (Debian: {package}).")
    })
}

fn first_line(process: &mut Child) -> String {
    let output = process.stdout.as_mut().expect("its standard output");
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("a line");
    assert!(!line.is_empty(), "a program of the desktop ended at once");
    line.trim().to_owned()
}
