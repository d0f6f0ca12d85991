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

mod boundaries;
mod names;
mod pages;
mod protocol;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

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
