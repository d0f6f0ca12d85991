//! Finds the two programs, and builds them when the test was started without `cargo xtask test`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The headless client.
#[must_use]
pub fn almanac() -> PathBuf {
    built("almanac")
}

/// The relay.
#[must_use]
pub fn relay() -> PathBuf {
    built("almanac-relay")
}

/// Builds something of the workspace into a target folder.
///
/// What cargo told this test about its own package is not passed on: it would look like a change
/// to every build script that reads it.
pub fn build(target: &Path, words: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let status = command
        .args(["build", "--quiet", "--target-dir"])
        .arg(target)
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo starts");
    assert!(status.success(), "{words:?} cannot be built");
}

fn built(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            let exe = std::env::current_exe().expect("a test knows where it is");
            let folder = exe
                .ancestors()
                .nth(2)
                .expect("a test lies in deps")
                .to_path_buf();
            if std::env::var("ALMANAC_PROGRAMS_ARE_BUILT").as_deref() != Ok("1") {
                let target = folder.parent().expect("a profile lies in a target folder");
                build(target, &["-p", "almanac-cli", "-p", "almanac-relay"]);
            }
            folder
        })
        .join(name)
}
