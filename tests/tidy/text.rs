//! What no file may say.

use std::path::Path;

use serde_json::Value;

use crate::{nothing_wrong, read, sources};

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
