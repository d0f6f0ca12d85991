//! `almanac import`, `export`, `expand`: .ics files in and out.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use almanac_client::{Error, ErrorCode, ImportFile, ProblemView, Result, expand_file};
use serde::Serialize;

use crate::arguments::{ExportArguments, Options, Stretch};
use crate::listing;
use crate::output::{Output, plain, push_line};
use crate::profile;

/// What came of all files together.
#[derive(Serialize, Default)]
struct Imported {
    imported: u64,
    updated: u64,
    unchanged: u64,
    kept: u64,
    replaced: u64,
    problems: Vec<FileProblem>,
}

/// A finding and the file it was made in.
#[derive(Serialize)]
struct FileProblem {
    file: String,
    #[serde(flatten)]
    problem: ProblemView,
}

pub(super) fn import(
    options: &Options,
    files: &[PathBuf],
    calendar: &str,
    output: &Output,
) -> Result<()> {
    let client = profile::open(options)?;
    client.find_calendar(calendar)?;
    // All are read before anything is written: a name mistyped at the end changes nothing.
    let contents = files
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>>>()?;
    let mut sum = Imported::default();
    for (path, bytes) in files.iter().zip(contents) {
        let (calendar, file) = (calendar.to_owned(), path.display().to_string());
        let report = client.import(ImportFile {
            calendar,
            name: file.clone(),
            bytes,
        })?;
        sum.imported += report.imported;
        sum.updated += report.updated;
        sum.unchanged += report.unchanged;
        sum.kept += report.kept;
        sum.replaced += report.replaced;
        let found = report.problems.into_iter();
        sum.problems.extend(found.map(|problem| FileProblem {
            file: file.clone(),
            problem,
        }));
    }
    output.give(&sum, text_of_import)
}

fn text_of_import(sum: &Imported) -> String {
    let mut text = format!(
        "Imported {}, updated {}, unchanged {}.",
        sum.imported, sum.updated, sum.unchanged
    );
    let events = |count: u64| match count {
        1 => "1 event".to_owned(),
        _ => format!("{count} events"),
    };
    if sum.kept > 0 {
        push_line(
            &mut text,
            format_args!("In {} what was changed here was kept.", events(sum.kept)),
        );
    }
    if sum.replaced > 0 {
        push_line(
            &mut text,
            format_args!(
                "In {} the newer file replaced what was changed here; `almanac undo` brings it \
                 back.",
                events(sum.replaced)
            ),
        );
    }
    for FileProblem { file, problem } in &sum.problems {
        let (file, message) = (plain(file), plain(&problem.message));
        match problem.line {
            Some(line) => push_line(&mut text, format_args!("{file}:{line}: {message}")),
            None => push_line(&mut text, format_args!("{file}: {message}")),
        }
    }
    text
}

/// An export, for programs.
#[derive(Serialize)]
#[serde(untagged)]
enum Exported {
    Text { ics: String },
    File { file: String, bytes: usize },
}

pub(super) fn export(options: &Options, what: &ExportArguments, output: &Output) -> Result<()> {
    let (client, calendar) = (profile::open(options)?, what.calendar.as_deref());
    let ics = if what.kept {
        client.export_kept(calendar)?
    } else {
        client.export(calendar)?
    };
    let exported = match what.out.as_deref() {
        None => Exported::Text { ics },
        Some(path) => {
            fs::write(path, &ics).map_err(|error| {
                let why = format!("{} cannot be written: {error}.", path.display());
                let is_full = error.kind() == io::ErrorKind::StorageFull;
                let code = if is_full {
                    ErrorCode::DiskFull
                } else {
                    ErrorCode::InvalidInput
                };
                Error::new(code, why)
            })?;
            Exported::File {
                file: path.display().to_string(),
                bytes: ics.len(),
            }
        }
    };
    output.give(&exported, |exported| match exported {
        Exported::Text { ics } => ics.clone(),
        Exported::File { file, bytes } => format!("Wrote {file} ({bytes} bytes)."),
    })
}

pub(super) fn expand(file: &Path, stretch: &Stretch, output: &Output) -> Result<()> {
    let bytes = read(file)?;
    let expanded = expand_file(&bytes, &stretch.from, &stretch.to, stretch.zone.as_deref())?;
    for problem in &expanded.problems {
        let place = problem
            .line
            .map_or(String::new(), |line| format!(":{line}"));
        let message = plain(&problem.message);
        output.warn(&format!("{}{place}: {message}", file.display()))?;
    }
    output.give(&expanded.occurrences, |found| listing::of_file(found))
}

/// The bytes of a file; `-` is standard input.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        fs::read(path).map(|content| bytes = content)
    };
    read.map(|()| bytes).map_err(|error| {
        let code = if error.kind() == io::ErrorKind::NotFound {
            ErrorCode::NotFound
        } else {
            ErrorCode::InvalidInput
        };
        Error::new(code, format!("{} cannot be read: {error}.", path.display()))
    })
}
