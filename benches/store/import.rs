//! The import, into an empty calendar and once more into the full one.

use std::path::Path;
use std::time::Instant;

use almanac_client::{Client, ImportFile, ImportReport, Unlock};
use anyhow::{Result, ensure};

use almanac_benches::apart::Figures;
use almanac_benches::{calendar_file, cost, memory};

use crate::EVENTS;

/// What opens the profile; the least that is allowed, since its cost is not what is measured.
pub(crate) fn unlock() -> Unlock {
    Unlock::passphrase("correct horse battery staple").with_memory_mib(64)
}

/// Imports below `folder`.
pub(crate) fn run(folder: &Path) -> Result<Figures> {
    let client = Client::create_profile(&folder.join("profile"), "importer", &unlock())?;
    let bytes = calendar_file::bytes(EVENTS);
    let file_mb = bytes.len() as f64 / 1e6;
    memory::forget_highest()?;
    let before_s = cost::of_process_s()?;
    let (report, import_s) = import(&client, bytes)?;
    let import_cpu_s = cost::of_process_s()? - before_s;
    ensure!(
        report.imported == EVENTS && report.problems.is_empty(),
        "imported {}, {} problems",
        report.imported,
        report.problems.len()
    );
    let import_memory_mb = memory::highest_mb()?;
    let (report, again_s) = import(&client, calendar_file::bytes(EVENTS))?;
    ensure!(report.unchanged == EVENTS, "{} unchanged", report.unchanged);
    drop(client);
    let sizes =
        std::fs::read_dir(folder.join("profile"))?.map(|entry| Ok(entry?.metadata()?.len()));
    let database = sizes.sum::<Result<u64>>()?;
    Ok(Figures::from([
        ("events".into(), EVENTS as f64),
        ("file_mb".into(), file_mb),
        ("import_s".into(), import_s),
        ("import_cpu_s".into(), import_cpu_s),
        ("import_memory_mb".into(), import_memory_mb),
        ("again_s".into(), again_s),
        ("database_mb".into(), database as f64 / 1e6),
    ]))
}

fn import(client: &Client, bytes: Vec<u8>) -> Result<(ImportReport, f64)> {
    let start = Instant::now();
    let report = client.import(ImportFile {
        calendar: "Personal".to_owned(),
        name: "fifty-thousand.ics".to_owned(),
        bytes,
    })?;
    Ok((report, start.elapsed().as_secs_f64()))
}
