//! The rules of the house, as far as a test can see them: who may depend on whom, how long a file
//! may be, what it may be called, and what no file may say.
//!
//! A failure names the file and the rule. The numbers are a backstop, not a target.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "everything here is a test: what cannot be read must stop it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Lines after which a file surely holds a second noun.
const FILE_LINES_MAX: usize = 600;
/// The same for a component of the interface.
const COMPONENT_LINES_MAX: usize = 400;

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

/// Names that say nothing about what a thing is.
const EMPTY_NAMES: &[&str] = &[
    "manager",
    "service",
    "helper",
    "helpers",
    "util",
    "utils",
    "processor",
    "handler",
    "data",
    "info",
    "common",
    "misc",
];

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the package lies inside the project")
        .to_path_buf()
}

/// Every file of the project, relative to its root, without what is generated or fetched.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_made = matches!(
                name.as_str(),
                ".git" | "target" | "node_modules" | "dist" | "gen"
            );
            if path.is_dir() && !is_made {
                walk(&path, root, found);
            } else if path.is_file() {
                found.push(path.strip_prefix(root).unwrap().to_path_buf());
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &root(), &mut found);
    found.sort();
    found
}

fn has_extension(file: &Path, wanted: &[&str]) -> bool {
    file.extension()
        .is_some_and(|ext| wanted.iter().any(|want| ext == *want))
}

fn read(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(root().join(file)).unwrap()).into_owned()
}

/// Source that people wrote, with its text.
fn sources(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let is_written = |file: &PathBuf| {
        has_extension(file, extensions) && !file.starts_with("ui/src/ipc/bindings")
    };
    files()
        .into_iter()
        .filter(is_written)
        .map(|file| (file.clone(), read(&file)))
        .collect()
}

fn nothing_wrong(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

fn cargo(words: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

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
fn files_stay_short() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs", "ts", "svelte", "css", "sql"]) {
        let is_component = has_extension(&file, &["svelte"]);
        let most = if is_component {
            COMPONENT_LINES_MAX
        } else {
            FILE_LINES_MAX
        };
        let lines = text.lines().count();
        if lines > most {
            wrong.push(format!("{}: {lines} lines, at most {most}", file.display()));
        }
    }
    nothing_wrong("files that hold more than one noun", &wrong);
}

#[test]
fn every_rust_file_opens_by_saying_what_it_is() {
    let is_silent = |text: &str| !text.starts_with("//! ");
    let silent = sources(&["rs"])
        .into_iter()
        .filter(|(_, text)| is_silent(text));
    let wrong: Vec<String> = silent.map(|(file, _)| file.display().to_string()).collect();
    nothing_wrong("files that do not open with `//!`", &wrong);
}

#[test]
fn names_of_files_say_what_they_hold() {
    let mut wrong = Vec::new();
    for (file, _) in sources(&["rs", "ts", "svelte", "sql"]) {
        let stem = file.file_stem().unwrap().to_string_lossy().to_lowercase();
        let last = stem
            .split(|c: char| !c.is_alphanumeric())
            .next_back()
            .unwrap_or_default();
        let is_empty = EMPTY_NAMES.contains(&last);
        if is_empty || file.file_name().unwrap() == "mod.rs" {
            wrong.push(file.display().to_string());
        }
    }
    nothing_wrong("file names that say nothing", &wrong);
}

#[test]
fn names_of_types_say_what_they_hold() {
    const KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "class", "interface"];
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs", "ts", "svelte"]) {
        for line in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//"))
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(at) = words
                .iter()
                .take(4)
                .position(|word| KEYWORDS.contains(word))
            else {
                continue;
            };
            let is_alone = |c: char| !c.is_alphanumeric();
            let name = words
                .get(at + 1)
                .and_then(|word| word.split(is_alone).next());
            let last = name.map(last_word_of).unwrap_or_default();
            if EMPTY_NAMES.contains(&last.as_str()) {
                wrong.push(format!("{}: {line}", file.display()));
            }
        }
    }
    nothing_wrong("type names that say nothing", &wrong);
}

/// `SyncManager` → `manager`: the last word of a name is its noun.
fn last_word_of(name: &str) -> String {
    let start = name.rfind(|c: char| c.is_uppercase()).unwrap_or(0);
    name.get(start..).unwrap_or_default().to_lowercase()
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    // Put together here, so that this file does not hold them.
    let forbidden = [
        concat!("/", "work/"),
        concat!("/", "root/"),
        concat!("/", "home/"),
        concat!("deb.", "debian.org"),
        concat!("registry.", "npmjs"),
        concat!("pypi", ".org"),
        concat!("python", "hosted"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("static.", "rust-lang.org"),
    ];
    let extensions = [
        "rs", "ts", "svelte", "css", "html", "md", "toml", "json", "js", "sql", "yml", "yaml", "sh",
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources(&extensions) {
        for word in forbidden.iter().filter(|word| text.contains(**word)) {
            wrong.push(format!("{}: {word}", file.display()));
        }
    }
    nothing_wrong(
        "places that exist only on some machine, or hosts to fetch from",
        &wrong,
    );
}

#[test]
fn the_interface_is_locked_by_content_and_not_by_host() {
    let lock: Value = serde_json::from_str(&read(Path::new("ui/package-lock.json"))).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    let mut wrong = Vec::new();
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        let is_hashed = package["integrity"]
            .as_str()
            .is_some_and(|hash| hash.starts_with("sha512"));
        if !is_hashed || !package["resolved"].is_null() {
            wrong.push(name.clone());
        }
    }
    nothing_wrong("packages without a hash, or with a host", &wrong);
}

#[test]
fn nothing_is_left_for_later() {
    let forbidden = [
        concat!("#[", "ignore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("unimple", "mented!("),
        concat!("test", ".skip("),
        concat!("it", ".skip("),
        concat!("describe", ".skip("),
        concat!(".on", "ly("),
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources(&["rs", "ts", "svelte", "js"]) {
        for word in forbidden.iter().filter(|word| holds_alone(&text, word)) {
            wrong.push(format!("{}: {word}", file.display()));
        }
    }
    nothing_wrong("unfinished or silenced", &wrong);
}

/// Whether the words stand there without a letter before them, as in an iCalendar task's name.
fn holds_alone(text: &str, words: &str) -> bool {
    let ends_in_letter = |before: &str| before.ends_with(|c: char| c.is_alphabetic());
    text.match_indices(words)
        .any(|(at, _)| !ends_in_letter(&text[..at]))
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

#[test]
fn pages_link_only_to_what_exists() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["md"]) {
        let folder = root().join(file.parent().unwrap());
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            let is_ours = !target.is_empty() && !target.contains(':');
            if is_ours && !folder.join(target).exists() {
                wrong.push(format!("{}: {link}", file.display()));
            }
        }
    }
    nothing_wrong("links to nothing", &wrong);
}

#[test]
fn the_architecture_page_names_every_package() {
    let page = read(Path::new("ARCHITECTURE.md"));
    let mut wrong = Vec::new();
    for package in packages() {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
        let folder = manifest
            .parent()
            .unwrap()
            .strip_prefix(root())
            .unwrap()
            .to_path_buf();
        // The root package is the window, which lives in a folder of another name.
        let folder = if folder.as_os_str().is_empty() {
            PathBuf::from("src-tauri")
        } else {
            folder
        };
        if !page.contains(&format!("`{}/`", folder.display())) {
            wrong.push(folder.display().to_string());
        }
    }
    nothing_wrong("packages that ARCHITECTURE.md does not name", &wrong);
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut numbers: Vec<usize> = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.starts_with("docs/decisions"))
    {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.split('-').next().unwrap().parse();
        numbers.push(number.unwrap_or_else(|_| panic!("{name} does not begin with a number")));
    }
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(!numbers.is_empty());
}

#[test]
fn test_files_have_a_provenance() {
    let page = read(Path::new("tests/corpus/README.md"));
    let mut wrong = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.starts_with("tests/corpus"))
    {
        let inner = file.strip_prefix("tests/corpus").unwrap();
        let first = inner
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        if first != "README.md" && !page.contains(&format!("`{first}")) {
            wrong.push(first);
        }
    }
    wrong.dedup();
    nothing_wrong(
        "test files whose origin tests/corpus/README.md does not tell",
        &wrong,
    );
}
