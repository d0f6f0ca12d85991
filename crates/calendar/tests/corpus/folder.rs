//! Where the cases are, and how many of them hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// A file of the corpus; `None`, said aloud, where the folder is absent.
pub(super) fn path(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    println!(
        "skipped: {} is not here, so nothing was measured against it",
        path.display()
    );
    None
}

/// The cases of a file with one JSON value a line.
pub(super) fn cases(name: &str) -> Vec<Value> {
    let Some(path) = path(name) else {
        return Vec::new();
    };
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A text of a case, empty where it has none.
pub(super) fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

/// Texts of a case.
pub(super) fn texts(case: &Value, name: &str) -> Vec<String> {
    let list = case[name].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

/// Cases that held and that did not, by tier.
#[derive(Default)]
pub(super) struct Score {
    tiers: BTreeMap<String, (usize, usize)>,
    pub(super) failed: Vec<String>,
}

impl Score {
    pub(super) fn add(&mut self, tier: &str, name: String, holds: bool) {
        let entry = self.tiers.entry(tier.to_owned()).or_default();
        if holds {
            entry.0 += 1;
        } else {
            entry.1 += 1;
            self.failed.push(format!("{tier} {name}"));
        }
    }

    /// Prints the score; shows why where `ALMANAC_CORPUS_FAILURES` says how many.
    pub(super) fn print(&self, what: &str) {
        for (tier, (held, failed)) in &self.tiers {
            let all = held + failed;
            println!("{what}, tier {tier}: {held} of {all}");
        }
        let shown = std::env::var("ALMANAC_CORPUS_FAILURES").ok();
        let shown = shown.and_then(|count| count.parse().ok()).unwrap_or(0);
        for failure in self.failed.iter().take(shown) {
            println!("{failure}");
        }
    }

    /// How many cases of a tier did not hold.
    pub(super) fn failed_in(&self, tier: &str) -> usize {
        self.tiers.get(tier).map_or(0, |(_, failed)| *failed)
    }
}
