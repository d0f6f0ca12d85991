//! Where the cases are, how many of them hold, and the table that says so.
//!
//! Away from CI an absent folder is said aloud and nothing is measured. In CI it is a failure, and
//! so are cases that a file holds and no test looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// A file of the corpus; `None`, said aloud, where the folder is absent.
pub(super) fn path(name: &str) -> Option<PathBuf> {
    // Asked for when it runs: another checkout may have built it.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let folder = PathBuf::from(package).join("../../../shared/corpus");
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{} is not here, and CI must measure against it",
        path.display()
    );
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

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// It is read differently on purpose, with a reason in a list.
    Argued,
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Self {
        if holds { Self::Passed } else { Self::Failed }
    }
}

/// How many passed, failed, and are argued.
type Counts = [usize; 3];

/// Cases and what became of them, by tier, source and tag.
pub(super) struct Score {
    what: &'static str,
    counts: BTreeMap<(&'static str, String), Counts>,
    failed: Vec<String>,
    looked_at: usize,
}

impl Score {
    pub(super) fn of(what: &'static str) -> Self {
        Self {
            what,
            counts: BTreeMap::new(),
            failed: Vec::new(),
            looked_at: 0,
        }
    }

    /// Counts a case; `about` is shown where it failed.
    pub(super) fn add(&mut self, case: &Value, about: &str, outcome: impl Into<Outcome>) {
        let outcome = outcome.into();
        self.looked_at += 1;
        let mut groups = vec![("tier", text(case, "tier").to_owned())];
        let source = text(case, "source");
        groups.push((
            "source",
            source.split('/').next().unwrap_or(source).to_owned(),
        ));
        groups.extend(texts(case, "tags").into_iter().map(|tag| ("tag", tag)));
        for (kind, name) in groups.into_iter().filter(|(_, name)| !name.is_empty()) {
            self.counts.entry((kind, name)).or_default()[outcome as usize] += 1;
        }
        *self.counts.entry(("all", String::new())).or_default() = {
            let mut all = self.all();
            all[outcome as usize] += 1;
            all
        };
        if outcome == Outcome::Failed {
            self.failed
                .push(format!("{} {about}", text(case, "tier")).trim().to_owned());
        }
    }

    fn all(&self) -> Counts {
        let all = self.counts.get(&("all", String::new()));
        all.copied().unwrap_or_default()
    }

    /// Prints the table, and why cases failed where `ALMANAC_CORPUS_FAILURES` says how many.
    pub(super) fn print(&self) {
        println!("\n{:<40}  passed  failed  argued", self.what);
        for ((kind, name), [passed, failed, argued]) in &self.counts {
            let name = format!("{kind} {name}");
            println!("  {name:<38}  {passed:>6}  {failed:>6}  {argued:>6}");
        }
        let shown = std::env::var("ALMANAC_CORPUS_FAILURES").ok();
        let shown = shown.and_then(|count| count.parse().ok()).unwrap_or(0);
        for failure in self.failed.iter().take(shown) {
            println!("{failure}");
        }
    }

    /// Fails unless every case of a file was looked at.
    pub(super) fn is_whole(&self, file: &str) {
        let Some(path) = path(file) else { return };
        let held = std::fs::read_to_string(path).unwrap().lines().count();
        assert_eq!(
            self.looked_at, held,
            "{}: cases looked at, and cases in {file}",
            self.what
        );
    }

    /// How many cases of a tier did not hold.
    pub(super) fn failed_in(&self, tier: &str) -> usize {
        let counts = self.counts.get(&("tier", tier.to_owned()));
        counts.map_or(0, |[_, failed, _]| *failed)
    }

    /// How many cases did not hold.
    pub(super) fn failed(&self) -> usize {
        self.failed.len()
    }
}
