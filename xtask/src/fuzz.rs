//! `cargo xtask fuzz TARGET`: inputs that nobody would think of, guided by what they reach.
//!
//! Works with the stable compiler: the coverage that guides is a pass of LLVM's, asked for by
//! flags that cargo-fuzz would pass, too. What is found grows in the user's cache; the seeds in
//! `fuzz/corpus` are only read. The last line of a run is a row for `fuzz/LEDGER.md`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::compiler::How;
use crate::places::Places;
use crate::setup::{self, Consent, Purpose};

/// Runs where nothing is said.
const RUNS: &str = "1000000";

/// What makes a program tell which edges of its code an input reached.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Ccodegen-units=1",
    "-Clink-dead-code",
];

/// What also makes it tell what it compared with what, so that words are found.
const COMPARES: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

/// Targets without words, or with a dictionary of them all, for which that would only cost half of
/// the speed.
const WORDLESS: &[&str] = &["document", "rule"];

/// Libraries that others look after and that take nearly all the time where something is signed: what
/// an input reaches in them guides nobody, and telling it would cost ten times the speed.
const UNWATCHED: &[&str] = &[
    "argon2",
    "blake2",
    "blake3",
    "chacha20",
    "chacha20poly1305",
    "curve25519_dalek",
    "ed25519_dalek",
    "keccak",
    "ml_kem",
    "poly1305",
    "sha2",
    "sha3",
    "x25519_dalek",
];

/// Limits of one input: memory in MB, seconds, bytes.
const LIMITS: &[&str] = &["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"];

/// The targets there are.
fn targets(places: &Places) -> Result<Vec<String>> {
    let folder = fs::read_dir(places.root.join("fuzz/fuzz_targets"))?;
    let mut names = Vec::new();
    for entry in folder {
        let file = entry?.path();
        names.extend(
            file.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// The compiler's words, without the watching where nothing is to be watched.
pub(crate) fn watched(words: &[String]) -> Vec<&String> {
    let mut names = words.iter().skip_while(|word| *word != "--crate-name");
    let is_watched = names
        .nth(1)
        .is_none_or(|name| !UNWATCHED.contains(&name.as_str()));
    let watching = |word: &String| word.contains("sancov") || word.contains("sanitizer-coverage");
    let words = words.iter();
    words.filter(|word| is_watched || !watching(word)).collect()
}

/// Builds a target and runs it. Words that begin with `-` go to libFuzzer; files are run once each
/// instead of inventing inputs.
pub(crate) fn run(places: &Places, consent: Consent, words: &[&str]) -> Result<ExitCode> {
    let names = targets(places)?;
    let Some((target, rest)) = words
        .split_first()
        .filter(|(name, _)| names.iter().any(|one| one == *name))
    else {
        bail!(
            "cargo xtask fuzz TARGET [--runs N] [FILE…]\n\nTargets: {}",
            names.join(", ")
        );
    };
    setup::prepare(consent, &[Purpose::Build, Purpose::Fuzz])?;
    let program = build(places, target)?;
    let found = places.cache.join("fuzz").join(target);
    fs::create_dir_all(found.join("corpus"))?;
    let mut command = Command::new(program);
    command
        .args(LIMITS)
        .arg(format!("-artifact_prefix={}/", found.display()));
    let dictionary = places
        .root
        .join("fuzz/dictionaries")
        .join(format!("{target}.dict"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let mut runs = RUNS;
    let mut files = Vec::new();
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--runs" => runs = rest.next().context("--runs wants a number")?,
            flag if flag.starts_with('-') => {
                command.arg(flag);
            }
            file => files.push(file),
        }
    }
    if files.is_empty() {
        command
            .arg(format!("-runs={runs}"))
            .arg(found.join("corpus"));
        command.arg(places.root.join("fuzz/corpus").join(target));
    } else {
        command.args(files);
    }
    let told = Told::by(&mut command)?;
    println!("{}", told.row(target)?);
    Ok(if told.is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build(places: &Places, target: &str) -> Result<PathBuf> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("rustc did not start")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc told no host")?;
    let mut flags = FLAGS.to_vec();
    let mut folder = places.target.join("fuzz");
    if WORDLESS.contains(&target) {
        folder.push("wordless");
    } else {
        flags.push(COMPARES);
    }
    // With a target named, the flags reach neither build scripts nor macros.
    let words = [
        "build",
        "--release",
        "--target",
        host,
        "--bin",
        target,
        "--manifest-path",
    ];
    let mut cargo = child::cargo(places, &words);
    cargo.arg(places.root.join("fuzz/Cargo.toml"));
    cargo
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", flags.join(" "));
    How::Watched.apply(&mut cargo)?;
    child::succeed(&mut cargo)?;
    Ok(folder.join(host).join("release").join(target))
}

/// What libFuzzer told of a run.
#[derive(Default)]
struct Told {
    is_well: bool,
    coverage: String,
    runs: String,
    per_second: String,
    peak_mb: String,
    seconds: u64,
}

impl Told {
    /// Runs to the end, passing on what matters to a person.
    fn by(command: &mut Command) -> Result<Self> {
        let began = std::time::Instant::now();
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .context("the target did not start")?;
        let mut told = Self::default();
        let lines = BufReader::new(child.stderr.take().context("nothing to read from")?);
        for line in lines.split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            told.hear(&line);
            let is_progress =
                line.starts_with('#') && !line.contains("pulse") && !line.contains("DONE");
            if !is_progress && !line.starts_with("stat::") {
                eprintln!("{line}");
            }
        }
        told.is_well = child.wait()?.success();
        told.seconds = began.elapsed().as_secs();
        Ok(told)
    }

    fn hear(&mut self, line: &str) {
        if let Some((_, rest)) = line.split_once(" cov: ") {
            self.coverage = first_word(rest);
        }
        for (name, value) in [
            ("stat::number_of_executed_units:", &mut self.runs),
            ("stat::average_exec_per_sec:", &mut self.per_second),
            ("stat::peak_rss_mb:", &mut self.peak_mb),
        ] {
            if let Some(rest) = line.strip_prefix(name) {
                *value = first_word(rest);
            }
        }
    }

    /// A row of the ledger; its last column is for whoever looks into what was found.
    fn row(&self, target: &str) -> Result<String> {
        let said = |words: &[&str]| -> Result<String> {
            let (program, rest) = words.split_first().context("no program")?;
            let output = Command::new(program).args(rest).output()?;
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let date = said(&["date", "-u", "+%F"])?;
        let commit = said(&["git", "rev-parse", "--short=10", "HEAD"])?;
        let Self {
            runs,
            seconds,
            per_second,
            peak_mb,
            coverage,
            ..
        } = self;
        let found = if self.is_well {
            "nothing"
        } else {
            "a failure, see above"
        };
        Ok(format!(
            "| {date} | {commit} | {target} | {runs} | {seconds} | {per_second} | {peak_mb} | {coverage} | {found} |"
        ))
    }
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}
