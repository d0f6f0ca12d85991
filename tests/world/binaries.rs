//! Finds the two programs, and builds them when the test was started without `cargo xtask test`.

use std::path::PathBuf;
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
            if std::env::var_os("ALMANAC_PROGRAMS_ARE_BUILT").is_none() {
                let target = folder.parent().expect("a profile lies in a target folder");
                let status = Command::new(env!("CARGO"))
                    .args([
                        "build",
                        "--quiet",
                        "-p",
                        "almanac-cli",
                        "-p",
                        "almanac-relay",
                    ])
                    .arg("--target-dir")
                    .arg(target)
                    .current_dir(env!("CARGO_MANIFEST_DIR"))
                    .status()
                    .expect("cargo starts");
                assert!(status.success(), "the programs cannot be built");
            }
            folder
        })
        .join(name)
}
