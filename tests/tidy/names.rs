//! How long a file may be, and what files and types may be called.

use crate::{has_extension, nothing_wrong, sources};

/// Lines after which a file surely holds a second noun.
const FILE_LINES_MAX: usize = 600;

/// The same for a component of the interface.
const COMPONENT_LINES_MAX: usize = 400;

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
