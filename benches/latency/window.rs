//! From the start of the window's process to its first painted week.
//!
//! Runs on a display, a session bus and an unlocked keychain of its own. The profile is empty:
//! what is measured is the way to a usable week.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use almanac_benches::spread::Spread;

const STARTS: usize = 10;
/// How long one start may take before the run counts as broken.
const WAIT_SECONDS: u64 = 60;
/// What runs inside the session: the keychain, then the window again and again. Each start is
/// told on standard output, and so is the line that the window logs when it has painted.
const SESSION: &str = r#"
echo bench | gnome-keyring-daemon --unlock --components=secrets >/dev/null
for turn in $(seq "$STARTS"); do
    echo start
    "$APP" --profile "$PROFILE" 2>&1 >/dev/null &
    window=$!
    read -r _ < "$GATE"
    kill "$window"
    wait "$window" 2>/dev/null
done
"#;

/// Starts the window often, and says how long it took.
pub(crate) fn run(folder: &Path) -> Result<String> {
    let app = beside_this_program("almanac-app")?;
    if !app.exists() {
        return Ok(format!(
            "window: not measured, {} is not built",
            app.display()
        ));
    }
    std::fs::create_dir_all(folder)?;
    let gate = folder.join("gate");
    ensure!(
        Command::new("mkfifo").arg(&gate).status()?.success(),
        "no gate"
    );
    let mut session = Command::new("dbus-run-session")
        .args([
            "--",
            "xvfb-run",
            "-a",
            "-s",
            "-screen 0 1440x900x24",
            "sh",
            "-c",
            SESSION,
        ])
        .env("APP", app)
        .env("PROFILE", folder.join("profile"))
        .env("GATE", &gate)
        .env("STARTS", STARTS.to_string())
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("ALMANAC_LOG", "almanac_app=info")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("dbus-run-session and xvfb-run are needed")?;
    let output = session.stdout.take().context("the output is piped")?;
    let mut times = Vec::new();
    let mut started = Instant::now();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        ensure!(
            started.elapsed() < Duration::from_secs(WAIT_SECONDS),
            "a start hangs"
        );
        if line == "start" {
            started = Instant::now();
        } else if line.contains("window.painted") {
            times.push(started.elapsed());
            writeln!(std::fs::OpenOptions::new().write(true).open(&gate)?, "next")?;
        }
    }
    session.wait()?;
    ensure!(
        times.len() == STARTS,
        "the window painted {} of {STARTS} times",
        times.len()
    );
    let (first, rest) = times.split_first().context("there were starts")?;
    Ok(format!(
        "window: process start to painted week  {}; the very first, which makes the profile, {:.0} ms",
        Spread::of(rest.to_vec()),
        first.as_secs_f64() * 1_000.0
    ))
}

fn beside_this_program(name: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}
