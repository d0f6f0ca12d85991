//! `cargo xtask bench vault`: what it costs to be safe. Unlocking, and a calendar of fifty thousand
//! events backed up, restored for a trial, and restored onto a new machine.
//!
//! Every part runs in a process of its own, so that memory is that of what is measured. Unlocking is
//! measured at the cost that people have (256 MiB a guess) and at the least there is, since that
//! difference is the lock itself; the control of a backup is a plain copy of the database, flushed.
//! With `--json` the figures are one line of JSON.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use almanac_benches::apart::{self, Figures, in_a_process, tell};
use almanac_benches::{calendar_file, cost, memory};
use almanac_client::{BackupKey, Client, EditBackups, ImportFile, Trial, Unlock, restore_backup};
use anyhow::{Context, Result, bail, ensure};

/// Events in the calendar.
const EVENTS: u64 = 50_000;
const PHRASE: &str = "correct horse battery staple";
/// Mebibytes of a guess at the passphrase: the least, and what people have.
const LEAST_MIB: u32 = 64;
/// How often the profile is unlocked; the median is told.
const UNLOCKS: usize = 5;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => apart::show(LINES, &measure()?),
        ["--json"] => {
            println!("{}", apart::json(&measure()?));
            Ok(())
        }
        [part, folder] => {
            let folder = Path::new(folder);
            tell(&match *part {
                "fill" => fill(folder),
                "unlock" => unlock(folder),
                "back-up" => back_up(folder),
                "prove" => prove(folder),
                "restore" => restore(folder),
                _ => bail!("there is no part {part}"),
            }?);
            Ok(())
        }
        _ => bail!("cargo xtask bench vault [--json]"),
    }
}

fn measure() -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let mut figures = Figures::new();
    for part in ["fill", "unlock", "back-up", "prove", "restore"] {
        figures.extend(in_a_process(&[part], folder.path())?);
    }
    Ok(figures)
}

fn opens(memory_mib: u32) -> Unlock {
    Unlock::passphrase(PHRASE).with_memory_mib(memory_mib)
}

fn open(folder: &Path) -> Result<Client> {
    Ok(Client::open(&folder.join("profile"), &opens(LEAST_MIB))?)
}

fn fill(folder: &Path) -> Result<Figures> {
    let client = Client::create_profile(&folder.join("profile"), "ada", &opens(LEAST_MIB))?;
    let report = client.import(ImportFile {
        calendar: "Personal".to_owned(),
        name: "fifty-thousand.ics".to_owned(),
        bytes: calendar_file::bytes(EVENTS),
    })?;
    ensure!(report.imported == EVENTS, "imported {}", report.imported);
    client.edit_backups(EditBackups {
        passphrase: Some(PHRASE.to_owned().into()),
        memory_mib: Some(LEAST_MIB),
        ..EditBackups::default()
    })?;
    Ok(Figures::from([("events".into(), EVENTS as f64)]))
}

fn unlock(folder: &Path) -> Result<Figures> {
    let usual = folder.join("usual");
    drop(Client::create_profile(
        &usual,
        "usual",
        &opens(Unlock::MEMORY_MIB),
    )?);
    let median = |profile: PathBuf| -> Result<f64> {
        let mut taken_ms = Vec::new();
        for _ in 0..UNLOCKS {
            let start = Instant::now();
            // What opens a profile does not choose its cost: that stands in its slot.
            drop(Client::open(&profile, &opens(LEAST_MIB))?);
            taken_ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
        taken_ms.sort_by(f64::total_cmp);
        taken_ms.get(UNLOCKS / 2).copied().context("a median")
    };
    Ok(Figures::from([
        ("unlock_usual_ms".into(), median(usual)?),
        ("unlock_least_ms".into(), median(folder.join("profile"))?),
    ]))
}

fn back_up(folder: &Path) -> Result<Figures> {
    let client = open(folder)?;
    memory::forget_highest()?;
    let (before_mb, before_s) = (memory::now_mb()?, cost::of_process_s()?);
    let start = Instant::now();
    let made = client.back_up(Some(&folder.join("backups")), Trial::Later)?;
    let taken_s = start.elapsed().as_secs_f64();
    let (cpu_s, highest_mb) = (cost::of_process_s()? - before_s, memory::highest_mb()?);
    ensure!(made.events == EVENTS, "{} events", made.events);
    std::fs::copy(&made.path, folder.join("one.almanac-backup"))?;
    let start = Instant::now();
    std::fs::copy(folder.join("profile/almanac.db"), folder.join("copy"))?;
    File::open(folder.join("copy"))?.sync_all()?;
    let control_s = start.elapsed().as_secs_f64();
    Ok(Figures::from([
        ("backup_s".into(), taken_s),
        ("backup_cpu_s".into(), cpu_s),
        ("backup_memory_mb".into(), highest_mb - before_mb),
        ("backup_mb".into(), made.bytes as f64 / 1e6),
        ("control_copy_s".into(), control_s),
    ]))
}

fn prove(folder: &Path) -> Result<Figures> {
    let client = open(folder)?;
    memory::forget_highest()?;
    let before_mb = memory::now_mb()?;
    let start = Instant::now();
    let proof = client.prove_backup(&folder.join("one.almanac-backup"), None)?;
    let taken_s = start.elapsed().as_secs_f64();
    ensure!(proof.complete, "{}", proof.message);
    Ok(Figures::from([
        ("prove_s".into(), taken_s),
        ("prove_memory_mb".into(), memory::highest_mb()? - before_mb),
    ]))
}

fn restore(folder: &Path) -> Result<Figures> {
    let key = BackupKey::Passphrase(PHRASE.to_owned().into());
    let file = folder.join("one.almanac-backup");
    memory::forget_highest()?;
    let start = Instant::now();
    let profile = folder.join("restored");
    let restored = restore_backup(&profile, &file, &key, "new", &opens(LEAST_MIB))?;
    let taken_s = start.elapsed().as_secs_f64();
    ensure!(restored.events == EVENTS, "{} events", restored.events);
    Ok(Figures::from([
        ("restore_s".into(), taken_s),
        ("restore_memory_mb".into(), memory::highest_mb()?),
    ]))
}

/// Name of the figure, what it is, and the unit.
const LINES: &[(&str, &str, &str)] = &[
    ("events", "events in the calendar", ""),
    ("unlock_usual_ms", "unlock, 256 MiB a guess", "ms"),
    (
        "unlock_least_ms",
        "unlock of the full calendar, 64 MiB a guess",
        "ms",
    ),
    (
        "backup_s",
        "backup, until it is on the disk and read back",
        "s",
    ),
    ("backup_cpu_s", "  on processors", "s"),
    (
        "backup_memory_mb",
        "  memory beyond that of the open profile",
        "MB",
    ),
    ("backup_mb", "  the file", "MB"),
    (
        "control_copy_s",
        "control: a copy of the database, flushed",
        "s",
    ),
    (
        "prove_s",
        "trial: restored into a scratch database and compared",
        "s",
    ),
    (
        "prove_memory_mb",
        "  memory beyond that of the open profile",
        "MB",
    ),
    ("restore_s", "restore with the passphrase, as copies", "s"),
    ("restore_memory_mb", "  memory at its highest", "MB"),
];
