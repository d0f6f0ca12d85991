//! What comes from the system: one row per need, with the sign by which it is found and the
//! Debian package that brings it.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Consent;
use crate::child;

/// What a need is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compiling the command line and the relay.
    Build,
    /// Compiling the window.
    Window,
    /// Watching from outside what programs do, in tests.
    Stories,
    /// Driving the real window in tests.
    WindowLane,
    /// Fetching Node where the system's is too old or absent.
    FetchNode,
    /// Measuring the calendar engine beside others.
    Peers,
    /// Compiling what feeds programs with random bytes.
    Fuzz,
}

/// How to see that something is there.
#[derive(Debug)]
enum Sign {
    /// A program on the search path.
    Program(&'static str),
    /// A library with its headers, known to pkg-config.
    Library(&'static str),
    /// A command that ends well.
    Answer(&'static str, &'static [&'static str]),
}

/// Something the project needs from the system.
#[derive(Debug)]
pub(crate) struct Need {
    /// Debian's package.
    pub(crate) package: &'static str,
    /// Said to the person who is asked.
    pub(crate) why: &'static str,
    purpose: Purpose,
    sign: Sign,
}

/// Perl modules that OpenSSL's configuration loads and a minimal Perl lacks.
const OPENSSL_PERL: &[&str] = &[
    "-MFindBin",
    "-MIPC::Cmd",
    "-MFile::Compare",
    "-MFile::Copy",
    "-MPod::Usage",
    "-e",
    "1",
];

const NEEDS: &[Need] = &[
    Need {
        package: "gcc",
        why: "a C compiler: the encrypted database (SQLCipher, OpenSSL) is built from source",
        purpose: Purpose::Build,
        sign: Sign::Program("cc"),
    },
    Need {
        package: "libc6-dev",
        why: "the C library's headers, for the same",
        purpose: Purpose::Build,
        sign: Sign::Answer(
            "sh",
            &["-c", "echo '#include <stdio.h>' | cc -E - >/dev/null"],
        ),
    },
    Need {
        package: "make",
        why: "OpenSSL's build",
        purpose: Purpose::Build,
        sign: Sign::Program("make"),
    },
    Need {
        package: "perl",
        why: "OpenSSL's configuration",
        purpose: Purpose::Build,
        sign: Sign::Answer("perl", OPENSSL_PERL),
    },
    Need {
        package: "pkg-config",
        why: "finds the window's libraries",
        purpose: Purpose::Window,
        sign: Sign::Program("pkg-config"),
    },
    Need {
        package: "libwebkit2gtk-4.1-dev",
        why: "the engine that draws the window",
        purpose: Purpose::Window,
        sign: Sign::Library("webkit2gtk-4.1"),
    },
    Need {
        package: "libdbus-1-dev",
        why: "the window's connection to the desktop",
        purpose: Purpose::Window,
        sign: Sign::Library("dbus-1"),
    },
    Need {
        package: "strace",
        why: "shows whom the programs really contact",
        purpose: Purpose::Stories,
        sign: Sign::Program("strace"),
    },
    Need {
        package: "webkit2gtk-driver",
        why: "drives the real window in tests",
        purpose: Purpose::WindowLane,
        sign: Sign::Program("WebKitWebDriver"),
    },
    Need {
        package: "xvfb",
        why: "a display without a screen, for the same",
        purpose: Purpose::WindowLane,
        sign: Sign::Program("Xvfb"),
    },
    Need {
        package: "dbus",
        why: "a session bus of the test's own",
        purpose: Purpose::WindowLane,
        sign: Sign::Program("dbus-daemon"),
    },
    Need {
        package: "gnome-keyring",
        why: "a real keychain for the test, in a folder of its own",
        purpose: Purpose::WindowLane,
        sign: Sign::Program("gnome-keyring-daemon"),
    },
    Need {
        package: "python3-pip",
        why: "fetches Node for building the interface (the system's is absent or older than 20.19)",
        purpose: Purpose::FetchNode,
        sign: Sign::Answer("python3", &["-m", "pip", "--version"]),
    },
    Need {
        package: "libical-dev",
        why: "the C library that the calendar engine is measured against",
        purpose: Purpose::Peers,
        sign: Sign::Answer(
            "sh",
            &[
                "-c",
                "echo '#include <libical/ical.h>' | cc -E - >/dev/null",
            ],
        ),
    },
    Need {
        package: "python3-venv",
        why: "a place of their own for the Python libraries it is measured against",
        purpose: Purpose::Peers,
        sign: Sign::Answer("python3", &["-c", "import ensurepip, venv"]),
    },
    Need {
        package: "g++",
        why: "a C++ compiler: the engine that invents inputs (libFuzzer) is built from source",
        purpose: Purpose::Fuzz,
        sign: Sign::Program("c++"),
    },
];

/// The needs of these purposes that are not met.
pub(crate) fn missing(purposes: &[Purpose]) -> Vec<&'static Need> {
    let wanted = NEEDS.iter().filter(|need| purposes.contains(&need.purpose));
    wanted.filter(|need| !need.sign.is_seen()).collect()
}

impl Sign {
    fn is_seen(&self) -> bool {
        match self {
            Self::Program(name) => child::on_path(name).is_some(),
            Self::Library(name) => {
                child::works(Command::new("pkg-config").args(["--exists", name]))
            }
            Self::Answer(program, words) => child::works(Command::new(program).args(*words)),
        }
    }
}

/// Installs them by the system's package tool, after asking.
pub(crate) fn install(consent: Consent, needs: &[&Need]) -> Result<()> {
    let names: Vec<&str> = needs.iter().map(|need| need.package).collect();
    if child::on_path("apt-get").is_none() {
        bail!(
            "This machine is not set up by apt-get. Please install the equivalents of the \
             Debian packages above and start again: {}",
            names.join(" ")
        );
    }
    consent.obtain("Install them with apt-get?")?;
    child::succeed(&mut apt_get(&["update"])?)?;
    let mut install = apt_get(&["install", "--yes", "--no-install-recommends"])?;
    child::succeed(install.args(&names))
}

/// `apt-get` as root: directly, or through sudo.
fn apt_get(words: &[&str]) -> Result<Command> {
    let user = Command::new("id")
        .arg("-u")
        .output()
        .context("`id` did not start")?;
    let mut command = if user.stdout.trim_ascii() == b"0" {
        Command::new("env")
    } else {
        child::on_path("sudo")
            .context("Installing needs root, and there is no sudo: run this as root once.")?;
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    };
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-o",
        "Acquire::Retries=3",
    ]);
    command.args(["-o", "Dpkg::Use-Pty=0"]).args(words);
    Ok(command)
}
