//! Who may depend on whom, and who may reach the network.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{cargo, nothing_wrong, packages, read, sources};

/// A package and what it may and must not depend on directly, outside its tests.
struct Boundary {
    package: &'static str,
    may: &'static [&'static str],
    must_not: &'static [&'static str],
}

/// No clock, no randomness, no files, no log.
const PURE: &[&str] = &[
    "tokio",
    "tracing",
    "rusqlite",
    "reqwest",
    "axum",
    "getrandom",
    "rand",
    "tokio-tungstenite",
];

const BOUNDARIES: &[Boundary] = &[
    Boundary {
        package: "almanac-calendar",
        may: &[],
        must_not: PURE,
    },
    Boundary {
        package: "almanac-protocol",
        may: &[],
        must_not: PURE,
    },
    Boundary {
        package: "almanac-crypto",
        may: &["almanac-protocol"],
        must_not: PURE,
    },
    Boundary {
        package: "almanac-store",
        may: &["almanac-calendar", "almanac-protocol"],
        must_not: &["tokio", "reqwest", "axum", "tokio-tungstenite"],
    },
    Boundary {
        package: "almanac-client",
        may: &[
            "almanac-calendar",
            "almanac-protocol",
            "almanac-crypto",
            "almanac-store",
        ],
        must_not: &["tauri", "axum"],
    },
    Boundary {
        package: "almanac-cli",
        may: &["almanac-client"],
        must_not: &["rusqlite", "tauri"],
    },
    Boundary {
        package: "almanac-app",
        may: &["almanac-client"],
        must_not: &["rusqlite"],
    },
    Boundary {
        package: "almanac-relay",
        may: &["almanac-protocol"],
        must_not: &["tauri"],
    },
    Boundary {
        package: "xtask",
        may: &[],
        must_not: &["tokio", "clap"],
    },
];

/// Packages that ship to nobody and may therefore reach for anything of ours but the window.
const UNSHIPPED: &[&str] = &[
    "almanac-scenarios",
    "almanac-disk",
    "almanac-simulator",
    "almanac-benches",
];

/// Names of what a package depends on, outside its tests.
fn direct_dependencies(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().unwrap();
    let shipped = all.iter().filter(|dependency| dependency["kind"] != "dev");
    shipped
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn packages_depend_only_on_what_the_architecture_allows() {
    let mut wrong = Vec::new();
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let dependencies = direct_dependencies(package);
        if UNSHIPPED.contains(&name) {
            if dependencies.contains("almanac-app") {
                wrong.push(format!("{name} links the window"));
            }
            continue;
        }
        let Some(boundary) = BOUNDARIES.iter().find(|boundary| boundary.package == name) else {
            wrong.push(format!("{name} has no row in the table of boundaries"));
            continue;
        };
        for dependency in &dependencies {
            let dependency = dependency.as_str();
            if ours.contains(dependency) && !boundary.may.contains(&dependency) {
                wrong.push(format!("{name} may not depend on {dependency}"));
            }
            if boundary.must_not.contains(&dependency) {
                wrong.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    nothing_wrong("the dependency direction", &wrong);
}

#[test]
fn the_relay_cannot_link_the_code_that_opens_secrets() {
    let words = [
        "tree",
        "--package",
        "almanac-relay",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ];
    let tree = cargo(&words);
    let names: BTreeSet<&str> = tree
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert!(
        names.contains("almanac-protocol"),
        "the tree of the relay was not read: {tree}"
    );
    let forbidden = [
        "almanac-crypto",
        "almanac-client",
        "almanac-store",
        "almanac-calendar",
        "hpke",
    ];
    let wrong = forbidden
        .into_iter()
        .filter(|name| names.contains(name))
        .map(str::to_owned);
    nothing_wrong("linked into the relay", &wrong.collect::<Vec<_>>());
}

#[test]
fn every_package_keeps_the_lints_of_the_workspace() {
    let wrong: Vec<String> = packages()
        .iter()
        .map(|package| package["manifest_path"].as_str().unwrap().to_owned())
        .filter(|path| {
            let manifest = fs::read_to_string(path).unwrap();
            let is_excepted = path.ends_with(UNSAFE) && has_all_other_lints(&manifest);
            !manifest.contains("[lints]\nworkspace = true") && !is_excepted
        })
        .collect();
    nothing_wrong("manifests without the workspace's lints", &wrong);
}

/// The only package with unsafe code: SQLite calls its disk through pointers.
const UNSAFE: &str = "tests/disk/Cargo.toml";

/// Whether a manifest repeats the workspace's lints, but for the one that cannot be put aside.
fn has_all_other_lints(manifest: &str) -> bool {
    let root = read(Path::new("Cargo.toml"));
    let lints = root
        .split("[workspace.lints.rust]")
        .nth(1)
        .and_then(|rest| rest.split("[profile").next());
    let mut lines = lints.unwrap().lines();
    lines.all(|line| {
        let is_rule = line.contains(" = ") && !line.starts_with("unsafe_code");
        !is_rule || manifest.contains(line)
    })
}

#[test]
fn the_interface_keeps_its_own_boundaries() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["ts", "svelte"])
        .iter()
        .filter(|(f, _)| f.starts_with("ui/src"))
    {
        let feature = feature_of(file);
        let is_bridge = file.starts_with("ui/src/ipc");
        for line in text
            .lines()
            .filter(|line| line.contains("import ") || line.contains(" from "))
        {
            if line.contains("@tauri-apps/") && !is_bridge {
                wrong.push(format!("{}: only ipc/ knows Tauri", file.display()));
            }
            let is_foreign = line
                .split("features/")
                .nth(1)
                .is_some_and(|rest| feature.as_deref().is_some_and(|own| !rest.starts_with(own)));
            if is_foreign {
                wrong.push(format!("{}: imports another feature", file.display()));
            }
        }
        for word in [concat!("{@", "html"), concat!("startView", "Transition")] {
            if text.contains(word) {
                wrong.push(format!("{}: {word}", file.display()));
            }
        }
    }
    nothing_wrong("the interface's boundaries", &wrong);
}

/// `week` of `ui/src/features/week/Grid.svelte`.
fn feature_of(file: &Path) -> Option<String> {
    let rest = file.strip_prefix("ui/src/features").ok()?;
    Some(
        rest.components()
            .next()?
            .as_os_str()
            .to_string_lossy()
            .into_owned(),
    )
}

/// Where a program that ships reaches another computer. Whoever comes here brings the page of the
/// privacy ledger on which it is noted.
const DOORS: &[&str] = &["crates/client/src/sync/socket.rs"];

#[test]
fn the_client_reaches_others_by_one_door() {
    let calls = [
        concat!("TcpStream", "::connect"),
        concat!("TcpSocket", "::new"),
        concat!("UdpSocket", "::bind"),
        concat!("lookup", "_host("),
        concat!("to_socket", "_addrs("),
        concat!("connect", "_async("),
        concat!("reqwest", "::"),
    ];
    let is_client = |file: &Path| {
        let folders = ["crates/client/src", "crates/cli/src", "src-tauri/src"];
        folders.iter().any(|folder| file.starts_with(folder))
    };
    let (mut wrong, mut doors) = (Vec::new(), Vec::new());
    for (file, text) in sources(&["rs"]) {
        let name = file.display().to_string();
        for call in calls.iter().filter(|call| text.contains(**call)) {
            if DOORS.contains(&name.as_str()) {
                doors.push(name.clone());
            } else if is_client(&file) {
                wrong.push(format!("{name}: {call}"));
            }
        }
    }
    nothing_wrong("connections that no ledger would list", &wrong);
    assert_eq!(doors, DOORS, "the door is where it was");
}
