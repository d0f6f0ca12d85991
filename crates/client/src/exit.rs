//! The way out: everything this person can read as one file that needs no Almanac to be read.
//!
//! A ZIP archive, so that any computer opens it. Calendars are there as .ics, as JSON, and as the signed
//! history they came from; `README.txt` says what is what and `FORMAT.txt` how signatures are checked.
//! The layout is that of docs/exit.md.

mod zip;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use almanac_calendar::ics;
use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::Accounts as _;
use almanac_store::{FrameRow, Purpose, Transaction};
use serde::Serialize;
use serde_json::json;
use ts_rs::TS;

use crate::client::{Client, Identity};
use crate::clock;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::{self, instant};
use crate::replica::{documents, heads, logs, profiles};
use zip::Zip;

/// Frames that are read from the database at once.
const FRAMES_AT_ONCE: u32 = 128;

/// What went into the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExitReport {
    /// The file.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Calendars in it.
    pub calendars: u64,
    /// Events and tasks in it, those in the trash among them.
    pub events: u64,
    /// Signed steps of their history.
    pub frames: u64,
}

#[derive(Default)]
struct Count {
    calendars: u64,
    events: u64,
    frames: u64,
}

impl Client {
    /// Writes everything this person can read into one new file. It is not encrypted.
    pub fn write_exit(&self, path: &Path) -> Result<ExitReport> {
        if path.exists() {
            return Err(Error::new(
                ErrorCode::AlreadyExists,
                format!(
                    "There is already a file {}. It was left as it is. Name another one.",
                    path.display()
                ),
            ));
        }
        let part = path.with_extension("part");
        let mut beside = self.beside()?;
        let identity = self.identity();
        let written = beside.read(|tx| write(tx, identity, &part));
        let (count, bytes) = match written {
            Ok(written) => written,
            Err(error) => {
                // Half of it is of no use to anybody.
                let _ = fs::remove_file(&part);
                return Err(error);
            }
        };
        fs::rename(&part, path).map_err(|error| unwritable(path, &error))?;
        Ok(ExitReport {
            file: path.display().to_string(),
            bytes,
            calendars: count.calendars,
            events: count.events,
            frames: count.frames,
        })
    }
}

fn write(tx: &Transaction<'_>, identity: &Identity, part: &Path) -> Result<(Count, u64)> {
    let failed = |error: std::io::Error| unwritable(part, &error);
    let mut zip = Zip::create(part, clock::now_ms()).map_err(failed)?;
    let mut count = Count::default();
    zip.text("README.txt", README).map_err(failed)?;
    zip.text("FORMAT.txt", FORMAT).map_err(failed)?;
    zip.text("people.json", &people(tx, identity)?)
        .map_err(failed)?;
    let private = documents::private(tx, identity.private)?;
    let settings = serde_json::to_string_pretty(&private).map_err(Error::internal)?;
    zip.text("settings.json", &settings).map_err(failed)?;
    write_logs(tx, &mut zip).map_err(|error| error.or(part))?;
    for (number, row) in (1_u64..).zip(tx.calendars()?) {
        // A calendar of which busy times alone are shown has the name that this person gave it.
        let listing = private.calendars.get(&row.id.to_string());
        let called = match listing.and_then(|listing| listing.name.clone()) {
            Some(name) => name,
            None => documents::facts(tx, row.id)?.name,
        };
        let name = match row.purpose {
            Purpose::Private => "settings".to_owned(),
            Purpose::Calendar => file_name(&called),
        };
        let name = format!("{number:02}-{name}");
        if row.purpose == Purpose::Calendar {
            count.calendars += 1;
            count.events += write_events(tx, row.id, &name, &called, &mut zip)
                .map_err(|error| error.or(part))?;
        }
        count.frames +=
            write_history(tx, row.id, &name, &mut zip).map_err(|error| error.or(part))?;
    }
    let bytes = zip.finish().map_err(failed)?;
    Ok((count, bytes))
}

/// Either the disk or the database did not do what was asked.
enum Failed {
    Disk(std::io::Error),
    Other(Error),
}

impl Failed {
    fn or(self, path: &Path) -> Error {
        match self {
            Self::Disk(error) => unwritable(path, &error),
            Self::Other(error) => error,
        }
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<almanac_store::StoreError> for Failed {
    fn from(error: almanac_store::StoreError) -> Self {
        Self::Other(error.into())
    }
}

fn write_events(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    name: &str,
    called: &str,
    zip: &mut Zip,
) -> std::result::Result<u64, Failed> {
    let rows = tx.events(calendar)?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        events.push(documents::event_of(row)?);
    }
    zip.text(
        &format!("calendars/{name}.ics"),
        &ics::write(&events, Some(called)),
    )?;
    drop(events);
    let trashed = tx.trashed_events(calendar)?;
    let count = (rows.len() + trashed.len()) as u64;
    zip.begin(&format!("calendars/{name}.jsonl"))?;
    for row in rows.iter().chain(&trashed) {
        let event = documents::event_of(row)?;
        let line = json!({
            "document": row.document.to_string(),
            "trashed": row.trashed,
            "event": event,
        });
        zip.write(line.to_string().as_bytes())?;
        zip.write(b"\n")?;
    }
    zip.end()?;
    Ok(count)
}

fn write_history(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    name: &str,
    zip: &mut Zip,
) -> std::result::Result<u64, Failed> {
    let mut count = 0;
    zip.begin(&format!("history/{name}.jsonl"))?;
    let authors = tx.authors(calendar)?;
    for (device, life) in &authors {
        let mut seq = 0;
        loop {
            let rows = tx.frames_after(calendar, *device, *life, seq, FRAMES_AT_ONCE)?;
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            for row in &rows {
                zip.write(frame(tx, row)?.as_bytes())?;
                count += 1;
            }
        }
    }
    for (device, life) in authors {
        for row in tx.rivals(calendar, device, life)? {
            zip.write(frame(tx, &row)?.as_bytes())?;
            count += 1;
        }
    }
    zip.end()?;
    Ok(count)
}

/// A signed frame and the changes that it lists, on one line.
fn frame(tx: &Transaction<'_>, row: &FrameRow) -> Result<String> {
    let parsed: Frame = heads::parsed(row)?;
    let mut changes = Vec::new();
    if parsed.frame_type == FrameType::Changes {
        for listed in parsed.changes().unwrap_or_default() {
            let bytes = tx.change(row.calendar, listed.document, listed.hash)?;
            let counting = tx.counting(row.calendar, listed.document, listed.hash)?;
            changes.push(json!({
                "document": listed.document.to_string(),
                "hash": listed.hash.to_string(),
                "counts": counting.is_some_and(almanac_store::Counting::counts),
                "bytes": bytes.map(|bytes| base64(&bytes)),
            }));
        }
    }
    let line = json!({
        "calendar": row.calendar.to_string(),
        "device": row.device.to_string(),
        "life": row.incarnation.to_string(),
        "number": row.seq,
        "hash": row.hash.to_string(),
        "frame": base64(&row.bytes),
        "changes": changes,
    });
    Ok(format!("{line}\n"))
}

fn write_logs(tx: &Transaction<'_>, zip: &mut Zip) -> std::result::Result<(), Failed> {
    zip.begin("history/logs.jsonl")?;
    for log in tx.logs()? {
        for (number, link) in tx.links(log)?.into_iter().enumerate() {
            let line = json!({
                "log": log.to_string(),
                "number": number,
                "link": base64(&link),
            });
            zip.write(format!("{line}\n").as_bytes())?;
        }
    }
    zip.end()?;
    Ok(())
}

/// Who is who: accounts with their devices and public keys, and the calendars they are in.
fn people(tx: &Transaction<'_>, identity: &Identity) -> Result<String> {
    let named = findings::devices(tx, identity)?;
    let mut accounts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut calendars = Vec::new();
    for row in tx.calendars()? {
        let (log, people) = logs::judged(tx, identity, row.id)?;
        let names = profiles::names(tx, row.id)?;
        let members = log.members();
        calendars.push(json!({
            "id": row.id.to_string(),
            "name": documents::facts(tx, row.id)?.name,
            "private": row.purpose == Purpose::Private,
            "members": members.iter().map(|(account, role)| json!({
                "account": account.to_string(),
                "name": names.get(account),
                "role": role.number(),
            })).collect::<Vec<_>>(),
        }));
        let own = logs::account(tx, identity)?;
        let others = members.iter().map(|(account, _)| *account);
        for account in others.chain([own.id()]).filter(|id| seen.insert(*id)) {
            let known = people.account(&account);
            let Some(log) = known.or((account == own.id()).then_some(&*own)) else {
                continue;
            };
            accounts.push(json!({
                "account": account.to_string(),
                "own": account == identity.account,
                "name": names.get(&account),
                "devices": log.devices().iter().map(|device| json!({
                    "id": device.id.to_string(),
                    "name": named.get(&device.id).map(|view| view.name.clone()),
                    "signingKey": hex(device.bundle.sign_key.as_bytes()),
                })).collect::<Vec<_>>(),
            }));
        }
    }
    let all = json!({
        "written": instant(clock::now_ms()),
        "accounts": accounts,
        "calendars": calendars,
    });
    serde_json::to_string_pretty(&all).map_err(Error::internal)
}

/// A calendar's name as part of a file's on any system.
fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let kept = kept.trim_matches('-').to_owned();
    if kept.is_empty() {
        "calendar".to_owned()
    } else {
        kept
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let word = part
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - part.len()));
        for place in 0..4 {
            if place > part.len() {
                text.push('=');
            } else {
                let at = usize::try_from(word >> (18 - 6 * place) & 63).unwrap_or_default();
                text.push(char::from(LETTERS.get(at).copied().unwrap_or(b'=')));
            }
        }
    }
    text
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorCode::DiskFull,
        format!(
            "{} cannot be written ({error}). Your calendars are as they were. Choose another \
             folder, or make room.",
            path.display()
        ),
    )
}

const README: &str = "\
Everything you could read in Almanac, as it was when this file was written.

calendars/*.ics     Your calendars for any other calendar program: import them there.
calendars/*.jsonl   The same and more, one event or task on each line, as JSON. What is in the trash
                    is there too, with \"trashed\": true.
people.json         Who is in which calendar, in which role (1 busy times, 2 viewer, 3 editor,
                    4 owner), and the public keys of everybody's devices.
settings.json       What you chose for yourself: the order and colours of your calendars.
history/*.jsonl     Every step by which each calendar came about, signed by the device that wrote it.
history/logs.jsonl  The signed logs that say whose devices and roles counted when.
FORMAT.txt          How to read the history and check its signatures without Almanac.

Nothing in here is encrypted: keep it where only you can read it. It holds no key, so nobody can act
in your name with it.
";

const FORMAT: &str = "\
Lines of history/NAME.jsonl are JSON objects. \"frame\" is a signed frame in base64 (RFC 4648), \"changes\"
are the Automerge changes that it lists, \"bytes\" in base64 (null where the author spoilt them), \"counts\"
whether the change is part of its document. Applied in any order, the changes of a document that count
give the document (automerge.org).

A frame: 1 version, 1 type (1 changes, 2 busy times, 3 heads, 4 profile), 32 calendar, 1 stream, 32 device,
8 life, 8 number, 32 hash of the frame before, 8 + 32 number and hash of the calendar's log as seen,
8 + 32 the same of the author's account log, 4 length n, n body, 64 signature. Numbers are big-endian.
The body of type 1: 2 count, then for each change 16 document and 32 hash.

The signature is Ed25519 (RFC 8032) by the device's signingKey in people.json over
  BLAKE3 derive_key(\"almanac 2026-11 signature domain\", \"almanac/frame/v1\")  (32 bytes)
followed by the frame without its signature. Links in logs.jsonl are signed the same way for
\"almanac/link/v1\"; their layout, and all others, stand in docs/protocol.md of the source.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xFB, 0xFF]), "+/8=");
    }

    #[test]
    fn names_of_calendars_become_names_of_files() {
        assert_eq!(file_name("Home / Büro"), "Home---Büro");
        assert_eq!(file_name("../../etc"), "etc");
        assert_eq!(file_name("…"), "calendar");
    }
}
