//! Questions to the full calendar: months, weeks, keystrokes; and edits.

use std::path::Path;
use std::time::{Duration, Instant};

use almanac_client::{Client, EditEvent, SearchQuery, ViewQuery};
use anyhow::{Context, Result, ensure};

use almanac_benches::apart::Figures;
use almanac_benches::calendar_file::{Dice, YEAR_FIRST, YEARS, typed};
use almanac_benches::cost::{Took, measured};
use almanac_benches::memory;
use almanac_benches::spread::Spread;

use crate::import::unlock;

const MONTHS: usize = 500;
const WEEKS: usize = 500;
const EDITS: usize = 200;
const ZONE: &str = "Europe/Berlin";

/// Asks below `folder`.
pub(crate) fn run(folder: &Path) -> Result<Figures> {
    let mut figures = Figures::new();
    let mut note = |name: &str, value: f64| {
        figures.insert(name.to_owned(), value);
    };
    let client = open(folder, &mut note)?;
    months(&client, &mut note)?;
    weeks(&client, &mut note)?;
    note("month_memory_mb", memory::now_mb()?);
    keystrokes(&client, &mut note)?;
    note("search_memory_mb", memory::now_mb()?);
    edits(&client, &mut note)?;
    Ok(figures)
}

fn open(folder: &Path, note: &mut impl FnMut(&str, f64)) -> Result<Client> {
    let folder = folder.join("profile");
    let (empty, times) = (folder.with_file_name("empty"), 3);
    drop(Client::create_profile(&empty, "empty", &unlock())?);
    let measured = |folder: &Path| -> Result<f64> {
        let mut best = f64::MAX;
        for _ in 0..times {
            let start = Instant::now();
            drop(Client::open(folder, &unlock())?);
            best = best.min(ms(start.elapsed()));
        }
        Ok(best)
    };
    // Both stretch the same passphrase; what is left is what the events cost.
    let passphrase = measured(&empty)?;
    note("open_ms", (measured(&folder)? - passphrase).max(0.0));
    let client = Client::open(&folder, &unlock())?;
    note("open_memory_mb", memory::now_mb()?);
    Ok(client)
}

fn months(client: &Client, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let mut dice = Dice(7);
    let mut occurrences = 0;
    let mut times = Vec::new();
    for turn in 0..=MONTHS {
        let (year, month) = (YEAR_FIRST + dice.below(YEARS), 1 + dice.below(12));
        let (next_year, next_month) = (year + month / 12, month % 12 + 1);
        let from = format!("{year}-{month:02}-01");
        let to = format!("{next_year}-{next_month:02}-01");
        let (shown, took) = view(client, from, to)?;
        if turn == 0 {
            note("month_first_ms", ms(took.wall));
        } else {
            occurrences += shown;
            times.push(took);
        }
    }
    note("month_occurrences", occurrences as f64 / MONTHS as f64);
    spread("month", &times, note);
    Ok(())
}

fn weeks(client: &Client, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let mut dice = Dice(11);
    let mut times = Vec::new();
    for _ in 0..WEEKS {
        let (year, month) = (YEAR_FIRST + dice.below(YEARS), 1 + dice.below(12));
        let day = 1 + dice.below(20);
        let from = format!("{year}-{month:02}-{day:02}");
        let to = format!("{year}-{month:02}-{:02}", day + 7);
        times.push(view(client, from, to)?.1);
    }
    spread("week", &times, note);
    Ok(())
}

fn view(client: &Client, from: String, to: String) -> Result<(usize, Took)> {
    let query = ViewQuery {
        from,
        to,
        zone: Some(ZONE.to_owned()),
        calendars: None,
    };
    let (slice, took) = measured(|| Ok(client.view(query)?))?;
    let shown = slice.timed.len() + slice.all_day.len();
    ensure!(shown > 0, "an empty stretch of days");
    Ok((shown, took))
}

fn keystrokes(client: &Client, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let mut times = Vec::new();
    for text in typed() {
        for (end, letter) in text.char_indices() {
            let query = SearchQuery {
                text: text
                    .get(..end + letter.len_utf8())
                    .unwrap_or_default()
                    .to_owned(),
                zone: Some(ZONE.to_owned()),
                ..SearchQuery::default()
            };
            let (_, took) = measured(|| Ok(client.search(query)?))?;
            times.push(took);
        }
    }
    let walls = || times.iter().map(|took| ms(took.wall));
    note("key_first_ms", walls().next().unwrap_or(f64::NAN));
    note("key_max_ms", walls().fold(f64::NAN, f64::max));
    note("keys", times.len() as f64);
    spread("key", &times, note);
    Ok(())
}

fn edits(client: &Client, note: &mut impl FnMut(&str, f64)) -> Result<()> {
    let rows = client.list("2026-03-01", "2026-04-01", Some(ZONE), None)?;
    let mut times = Vec::new();
    for (turn, row) in rows.iter().cycle().take(EDITS).enumerate() {
        let edit = EditEvent {
            event: row.event.clone(),
            place: Some(format!("Room {turn}")),
            ..EditEvent::default()
        };
        let (done, took) = measured(|| Ok(client.edit(edit)?))?;
        times.push(took);
        done.undo.context("an edit can be undone")?;
    }
    spread("edit", &times, note);
    Ok(())
}

fn spread(name: &str, times: &[Took], note: &mut impl FnMut(&str, f64)) {
    let wall = Spread::of(times.iter().map(|took| took.wall).collect());
    note(&format!("{name}_p50_ms"), wall.p50);
    note(&format!("{name}_p99_ms"), wall.p99);
    // Linux counts in steps of milliseconds: only the sum is exact.
    let processor: Duration = times.iter().map(|took| took.processor).sum();
    note(
        &format!("{name}_cpu_ms"),
        ms(processor) / times.len() as f64,
    );
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
