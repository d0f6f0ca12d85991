//! Controls: what the same amounts cost without anything of ours, on this machine at this moment.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use almanac_benches::calendar_file;
use almanac_calendar::{document, ics};
use anyhow::{Context, Result};
use rusqlite::Connection;

/// Bytes of a row, about what an event takes.
const ROW_BYTES: usize = 250;
/// Rows of a message, and of a commit.
const ROWS_AT_ONCE: u64 = 4_000;
/// A small message.
const MESSAGE_BYTES: usize = 512;

/// Seconds until that many rows have come over loopback into a plain database and are durable.
pub(crate) fn rows(folder: &Path, count: u64) -> Result<f64> {
    std::fs::create_dir_all(folder)?;
    let database = Connection::open(folder.join("rows.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
    )?;
    let start = Instant::now();
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    let sender = std::thread::spawn(move || -> std::io::Result<()> {
        for _ in 0..count {
            far.write_all(&[7; ROW_BYTES])?;
        }
        Ok(())
    });
    let mut bytes = [0; ROW_BYTES];
    let mut left = count;
    while left > 0 {
        database.execute_batch("BEGIN")?;
        let mut put = database.prepare_cached("INSERT INTO item (bytes) VALUES (?1)")?;
        for _ in 0..left.min(ROWS_AT_ONCE) {
            near.read_exact(&mut bytes)?;
            put.execute([bytes.as_slice()])?;
        }
        left -= left.min(ROWS_AT_ONCE);
        database.execute_batch("COMMIT")?;
    }
    let took = start.elapsed().as_secs_f64();
    let sent = sender.join();
    sent.map_err(|_| anyhow::anyhow!("the sender panicked"))??;
    Ok(took)
}

/// Seconds that this machine takes, one after the other, to read so many events from the changes that
/// made their documents, without a line, a key or a database.
pub(crate) fn documents(events: u64) -> Result<f64> {
    let (all, _) = ics::read(&calendar_file::bytes(events));
    let mut changes = Vec::with_capacity(all.len());
    for event in &all {
        changes.push(document::create(event, [7; 16], 0)?.1);
    }
    let start = Instant::now();
    for bytes in &changes {
        document::read_first(bytes).context("a first change of ours")?;
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Seconds of connecting over loopback and that many round trips of a small message.
pub(crate) fn connect_and_turn(trips: usize) -> Result<f64> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let addr = listener.local_addr()?;
    std::thread::spawn(move || {
        let mut bytes = [0; MESSAGE_BYTES];
        for mut far in listener.incoming().map_while(Result::ok) {
            while far.read_exact(&mut bytes).is_ok() && far.write_all(&bytes).is_ok() {}
        }
    });
    let start = Instant::now();
    let mut near = TcpStream::connect(addr)?;
    near.set_nodelay(true)?;
    let mut bytes = [7; MESSAGE_BYTES];
    for _ in 0..trips {
        near.write_all(&bytes)?;
        near.read_exact(&mut bytes)?;
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Bytes of an event in the imported file, compressed whole.
pub(crate) fn compressed_bytes_per_event(events: u64) -> Result<f64> {
    let file = calendar_file::bytes(events);
    let bytes = miniz_oxide::deflate::compress_to_vec(&file, 6).len();
    let whole = u32::try_from(bytes).context("a file of less than 4 GB")?;
    Ok(f64::from(whole) / events as f64)
}
