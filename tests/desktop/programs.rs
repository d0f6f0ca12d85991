//! The programs on the screen: ours, and the plain browser of the same engine.

use std::path::PathBuf;
use std::sync::Once;

/// The window's program, up to date. `cargo xtask test` has built it; otherwise it is built here.
pub(crate) fn window() -> PathBuf {
    static BUILD: Once = Once::new();
    let program = almanac_scenarios::almanac().with_file_name("almanac-app");
    if std::env::var("ALMANAC_PROGRAMS_ARE_BUILT").as_deref() != Ok("1") {
        BUILD.call_once(build);
    }
    program
}

fn build() {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test
        .ancestors()
        .nth(3)
        .expect("a test lies in a target folder");
    almanac_scenarios::build(target, &["--workspace", "--bin", "almanac-app"]);
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
