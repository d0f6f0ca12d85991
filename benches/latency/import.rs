//! How long an import of ten thousand events takes until all of it is durable.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use almanac_client::{Client, ImportFile, Unlock};
use anyhow::{Result, ensure};

const EVENTS: u64 = 10_000;

/// Imports, and says what it took.
pub(crate) fn run(folder: &Path) -> Result<String> {
    let unlock = Unlock::passphrase("correct horse battery staple").with_memory_mib(64);
    let client = Client::create_profile(folder, "importer", &unlock)?;
    let bytes = file().into_bytes();
    let megabytes = bytes.len() as f64 / 1e6;
    let start = Instant::now();
    let report = client.import(ImportFile {
        calendar: "Personal".to_owned(),
        name: "ten-thousand.ics".to_owned(),
        bytes,
    })?;
    let took = start.elapsed();
    ensure!(
        report.imported == EVENTS,
        "imported {} of {EVENTS}",
        report.imported
    );
    let start = Instant::now();
    let shown = client.list("2026-11-16", "2026-11-23", Some("Europe/Berlin"), None)?;
    Ok(format!(
        "import of {EVENTS} events ({megabytes:.1} MB)  {:.2} s; a week of {} occurrences then lists in {:.1} ms",
        took.as_secs_f64(),
        shown.len(),
        start.elapsed().as_secs_f64() * 1_000.0
    ))
}

/// Events of three years, every tenth a weekly series.
fn file() -> String {
    let mut text =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Almanac//bench//EN\r\n");
    for n in 0..EVENTS {
        let (year, month, day) = (2025 + n % 3, 1 + n / 3 % 12, 1 + n / 36 % 28);
        let hour = 7 + n % 12;
        let rule = if n % 10 == 0 {
            "RRULE:FREQ=WEEKLY;COUNT=20\r\n"
        } else {
            ""
        };
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:bench-{n}@almanac\r\nDTSTAMP:20260101T000000Z\r\n\
             DTSTART;TZID=Europe/Berlin:{year}{month:02}{day:02}T{hour:02}0000\r\n\
             DTEND;TZID=Europe/Berlin:{year}{month:02}{day:02}T{hour:02}4500\r\n{rule}\
             SUMMARY:Meeting number {n}\r\nLOCATION:Room {}\r\n\
             DESCRIPTION:What we speak about in meeting {n}\\, and who brings the cake.\r\n\
             ATTENDEE;CN=Ada;PARTSTAT=ACCEPTED:mailto:ada@example.org\r\nEND:VEVENT\r\n",
            n % 9
        )
        .expect("a String takes every character");
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}
