//! The built programs. `cargo xtask test` builds them and says where they are; otherwise they are
//! looked for beside the test and built if absent or old.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

/// The path of a program of ours, which is up to date.
pub(crate) fn built(program: &str) -> PathBuf {
    let variable = format!("{}_PROGRAM", program.replace('-', "_").to_uppercase());
    if let Some(path) = std::env::var_os(variable) {
        return PathBuf::from(path);
    }
    static BUILD: Once = Once::new();
    BUILD.call_once(build_all);
    let test = std::env::current_exe().expect("the test has a path");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("a folder of built programs");
    folder.join(program)
}

fn build_all() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let test = std::env::current_exe().expect("the test has a path");
    let target = test
        .ancestors()
        .nth(3)
        .expect("a target folder")
        .to_path_buf();
    let mut command = Command::new(cargo);
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", target);
    command.args(["build", "--quiet", "--workspace"]);
    command.args([
        "--bin",
        "almanac",
        "--bin",
        "almanac-relay",
        "--bin",
        "almanac-app",
    ]);
    let status = command.status().expect("cargo starts");
    assert!(
        status.success(),
        "the programs were not built; `cargo xtask test` sets up what they need"
    );
}

/// WebKit's plain browser, which shows a page of the test's own in the same engine.
pub(crate) fn plain_browser() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("the system's libraries");
    let browsers = folders
        .filter_map(Result::ok)
        .map(|entry| entry.path().join(PLAIN_BROWSER));
    let mut found = browsers.filter(|path| path.is_file());
    found
        .next()
        .unwrap_or_else(|| panic!("no {PLAIN_BROWSER}; `cargo xtask test` installs it"))
}

const PLAIN_BROWSER: &str = "webkit2gtk-4.1/MiniBrowser";
