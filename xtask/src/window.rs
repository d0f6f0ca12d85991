//! `cargo xtask run`: from a fresh clone to the open window.

use std::process::Command;

use anyhow::Result;

use crate::child;
use crate::demo;
use crate::places::Places;
use crate::setup::node::Node;
use crate::setup::{self, Consent, Purpose};

/// Sets up, builds and opens the window; without a display the demo runs instead.
pub(crate) fn run(places: &Places, consent: Consent) -> Result<()> {
    if !has_display() {
        println!("There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set),");
        println!("so no window can open. Here is the demo instead: cargo xtask demo\n");
        return demo::run(places, consent);
    }
    setup::prepare(consent, &[Purpose::Build, Purpose::Window])?;
    let node = Node::prepare(places, consent)?;
    println!("Building the interface …");
    node.install_packages(places)?;
    child::succeed(&mut node.npm(places, &["run", "--silent", "build"])?)?;
    println!("Building Almanac (the first time takes some minutes) …");
    build(places, &["almanac-app"])?;
    println!("Opening the window.");
    child::succeed(&mut Command::new(places.built("almanac-app")))
}

/// Builds programs with the features of the whole workspace, so that `run`, `test` and `demo`
/// share what they compiled.
pub(crate) fn build(places: &Places, programs: &[&str]) -> Result<()> {
    let mut command = child::cargo(places, &["build", "--workspace"]);
    for program in programs {
        command.args(["--bin", program]);
    }
    child::succeed(&mut command)
}

fn has_display() -> bool {
    if cfg!(not(target_os = "linux")) {
        return true;
    }
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
