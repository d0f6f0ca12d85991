//! What nobody can do without on this machine at this moment: the rows of a month by one statement,
//! and a durable commit, in a plain SQLite database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, params};

use almanac_benches::apart::Figures;
use almanac_benches::calendar_file::Dice;
use almanac_benches::spread::Spread;

use crate::EVENTS;

const TURNS: usize = 200;
/// Ten years of minutes.
const MINUTES: u64 = 10 * 365 * 24 * 60;
const MONTH_MINUTES: u64 = 30 * 24 * 60;

/// Measures below `folder`, which must lie on the disk that is measured.
pub(crate) fn run(folder: &Path) -> Result<Figures> {
    let database = Connection::open(folder.join("control.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE event (start INTEGER, id INTEGER, title TEXT, place TEXT, note TEXT,
             PRIMARY KEY (start, id)) WITHOUT ROWID;
         BEGIN;",
    )?;
    let mut dice = Dice(3);
    {
        let mut put = database.prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for id in 0..EVENTS {
            let title = format!("Meeting number {id}");
            put.execute(params![
                dice.below(MINUTES),
                id,
                title,
                "Room 4",
                "x".repeat(60)
            ])?;
        }
    }
    database.execute_batch("COMMIT")?;
    let month = months(&database, &mut dice)?;
    let commit = commits(&database)?;
    Ok(Figures::from([
        ("control_month_p50_ms".into(), month.p50),
        ("control_month_p99_ms".into(), month.p99),
        ("control_commit_p50_ms".into(), commit.p50),
    ]))
}

fn months(database: &Connection, dice: &mut Dice) -> Result<Spread> {
    let mut get = database.prepare("SELECT * FROM event WHERE start BETWEEN ?1 AND ?2")?;
    let mut times = Vec::new();
    for _ in 0..TURNS {
        let from = dice.below(MINUTES - MONTH_MINUTES);
        let start = Instant::now();
        let rows = get.query_map([from, from + MONTH_MINUTES], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        times.push(start.elapsed());
        anyhow::ensure!(!rows.is_empty(), "an empty month");
    }
    Ok(Spread::of(times))
}

fn commits(database: &Connection) -> Result<Spread> {
    let mut times: Vec<Duration> = Vec::new();
    for turn in 0..TURNS {
        let start = Instant::now();
        database.execute("UPDATE event SET note = ?1 WHERE start < 1000", [turn])?;
        times.push(start.elapsed());
    }
    Ok(Spread::of(times))
}
