//! A fresh device of an account that has a long calendar: how soon the month of today is whole on
//! its screen, how soon everything can be asked for, and what comes over the line for it.
//!
//! The fresh device is a process of its own. It is linked first, which takes a person; then it
//! syncs as any device does, and shows what it has whenever something has come.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use almanac_benches::apart::{self, Figures, in_a_process};
use almanac_benches::calendar_file::{self, YEAR_FIRST, YEARS};
use almanac_benches::devices::{first_device, import, let_in, unlock};
use almanac_benches::line::Line;
use almanac_benches::memory;
use almanac_client::{Client, Mode, Notice, SearchQuery, ViewQuery, join_account};
use anyhow::{Context, Result, ensure};
use jiff::ToSpan;
use tokio::sync::oneshot;

use crate::floor;
use crate::relay::RelayProcess;
use crate::row::{Measure, Row};
use crate::wire;

const ZONE: &str = "Europe/Berlin";
/// Envelope, padding and signed lists included.
const BYTES_PER_EVENT_MAX: f64 = 250.0;
const MEMORY_MB_MAX: f64 = 150.0;
/// A search of two words that have to be typed.
const SEARCH: &str = "meeting müller";

/// Seconds that a calendar of this size may take until all of it, and until the first screen.
const fn goals(events: u64) -> Option<[f64; 2]> {
    match events {
        10_000 => Some([1.0, 0.3]),
        100_000 => Some([6.0, 0.5]),
        _ => None,
    }
}

/// What a whole device shows: occurrences of the month, of all years, and found by a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    month: usize,
    all: usize,
    found: u64,
}

/// Measures one size below `folder`; memory, too, where `with_memory` says so.
pub(crate) async fn run(folder: &Path, events: u64, measures: &[Measure]) -> Result<Vec<Row>> {
    let relay = RelayProcess::start(&folder.join("relay"))?;
    let writer = first_device(&folder.join("writer"), &relay.url(), &relay.invite).await?;
    let kept = relay.kept()?;
    let report = import(&writer, calendar_file::bytes(events))?;
    ensure!(report.imported == events, "imported {}", report.imported);
    // Twice: what a device does for others once its own is sent is done then, too.
    writer.sync(Mode::Once).await?;
    writer.sync(Mode::Once).await?;
    let kept = [kept, relay.kept()?];
    let shown = Shown::by(&writer)?;
    let mut rows = Vec::new();
    let near = fresh_device(&writer, &folder.join("near"), &relay.url(), shown).await?;
    let line = Line::to(relay.addr)?;
    fresh_device(&writer, &folder.join("far"), &line.url(), shown).await?;
    // Linking included: a few kilobytes.
    let down = line.passed().down as f64;
    drop(writer);
    let get = |name: &str| {
        near.get(name)
            .copied()
            .with_context(|| format!("no {name}"))
    };
    if measures.contains(&Measure::Fresh) {
        rows.extend(times(events, &get, folder)?);
        let what = format!("{events} events: bytes per event of what it downloads");
        let compressed = floor::compressed_bytes_per_event(events)?;
        let row = Row::ours(Measure::Fresh, &what, down / events as f64, "B");
        let row = row.beside("the .ics file, compressed whole", compressed);
        rows.push(row.at_most(BYTES_PER_EVENT_MAX));
        let [before, after] = kept;
        let what = format!("relay's disk per pushed byte, import of {events} events");
        rows.push(wire::disk(&what, before, after));
    }
    if measures.contains(&Measure::Memory) {
        rows.extend(memory_rows(events, &get, folder)?);
    }
    Ok(rows)
}

fn times(events: u64, get: &impl Fn(&str) -> Result<f64>, folder: &Path) -> Result<Vec<Row>> {
    let what = |figure: &str| format!("{events} events: {figure}");
    let row = |figure: &str, value| Row::ours(Measure::Fresh, &what(figure), value, "s");
    let floor = floor::rows(&folder.join("floor"), events)?;
    let control = "plain rows over loopback, durable";
    let all = row("all of it can be asked for", get("all_s")?).beside(control, floor);
    let documents = floor::documents(events)?;
    let all = all.limited_by(&format!(
        "Reading so many events from their changes, one after the other, takes {documents:.2} s \
         here; the rest is mostly restoring changes and their hashes, rows, search and \
         occurrences, encrypted page by page in memory that is locked and wiped."
    ));
    let first = row("first screen: the month of today, whole", get("first_s")?);
    let first = first.beside(control, floor);
    let linking = row(
        "before that, linking: keys and a new profile",
        get("link_s")?,
    );
    Ok(match goals(events) {
        Some([most, most_first]) => vec![all.at_most(most), first.at_most(most_first), linking],
        None => vec![all, first, linking],
    })
}

fn memory_rows(events: u64, get: &impl Fn(&str) -> Result<f64>, folder: &Path) -> Result<Vec<Row>> {
    let asked = in_a_process(&["memory"], &folder.join("near"))?;
    let empty = folder.join("empty");
    drop(Client::create_profile(&empty, "empty", &unlock())?);
    let empty = in_a_process(&["memory"], &empty)?;
    let of = |figures: &Figures, name: &str| figures.get(name).copied().context("no memory");
    let nothing = of(&empty, "memory_mb")?;
    let row = |figure: &str, value| {
        let row = Row::ours(
            Measure::Memory,
            &format!("{events} events: {figure}"),
            value,
            "MB",
        );
        row.beside("the same with an empty profile", nothing)
            .at_most(MEMORY_MB_MAX)
    };
    Ok(vec![
        row(
            "opened, months and searches shown",
            of(&asked, "memory_mb")?,
        ),
        row(
            "the most while a fresh device fetches them",
            get("highest_mb")?,
        )
        .limited_by(
            "A pack's changes stay in memory until its last frame has come and shown whose they are.",
        ),
    ])
}

/// Links and fills a device in a process of its own.
async fn fresh_device(writer: &Client, folder: &Path, url: &str, shown: Shown) -> Result<Figures> {
    let linking = writer.open_linking().await?;
    let mut process = Command::new(std::env::current_exe()?)
        .args(["fresh", url, &linking.routing()])
        .args([shown.month, shown.all].map(|count| count.to_string()))
        .arg(shown.found.to_string())
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = process.stdout.take().context("the device can speak")?;
    let mut lines = BufReader::new(output).lines();
    let (show, digits) = oneshot::channel();
    let reading = tokio::task::spawn_blocking(move || -> Result<Figures> {
        let code = lines.next().context("the device showed no digits")??;
        // The old device waits for exactly these digits.
        let _ = show.send(code);
        lines.map(|line| apart::figure(&line?)).collect()
    });
    let_in(linking, digits).await?;
    let figures = reading.await??;
    ensure!(process.wait()?.success(), "the fresh device failed");
    Ok(figures)
}

/// Is the fresh device. `words` are the relay's URL, the routing code, and what will be shown.
#[expect(clippy::print_stdout, reason = "this is how its parent hears of it")]
pub(crate) async fn be(words: &[&str], folder: &Path) -> Result<()> {
    let [url, routing, month, all, found] = words else {
        anyhow::bail!("a fresh device is told what to expect");
    };
    let expected = Shown {
        month: month.parse()?,
        all: all.parse()?,
        found: found.parse()?,
    };
    let linking = Instant::now();
    let show = |code: &str| {
        println!("{code}");
        // The parent reads it, or is gone.
        let _ = std::io::stdout().flush();
    };
    let client = join_account(folder, url, routing, "fresh", &unlock(), show).await?;
    let link_s = linking.elapsed().as_secs_f64();
    memory::forget_highest()?;
    let began = Instant::now();
    let (seen, changes) = channel();
    client.listen(move |notice| {
        if matches!(notice, Notice::Changed { .. }) {
            // Nobody looks any more when the first screen is whole.
            let _ = seen.send(());
        }
    });
    let screen = client.clone();
    let drawing = std::thread::spawn(move || first_screen(&screen, &changes, expected, began));
    client.sync(Mode::Once).await?;
    let found = search(&client)?;
    let month = month_of(&client)?;
    let all_s = began.elapsed().as_secs_f64();
    let highest_mb = memory::highest_mb()?;
    ensure!(
        (month, found) == (expected.month, expected.found),
        "not all of it is there"
    );
    let first_s = drawing
        .join()
        .map_err(|_| anyhow::anyhow!("the screen panicked"))??;
    let shown = Shown::by(&client)?;
    ensure!(shown == expected, "{shown:?} instead of {expected:?}");
    apart::tell(&Figures::from([
        ("link_s".to_owned(), link_s),
        ("first_s".to_owned(), first_s.as_secs_f64()),
        ("all_s".to_owned(), all_s),
        ("highest_mb".to_owned(), highest_mb),
    ]));
    Ok(())
}

/// Draws the month after each change, as a window would, until it is whole.
fn first_screen(
    client: &Client,
    changes: &Receiver<()>,
    expected: Shown,
    began: Instant,
) -> Result<Duration> {
    loop {
        match changes.recv_timeout(Duration::from_millis(100)) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("nothing will change any more"),
        }
        changes.try_iter().for_each(drop);
        if month_of(client)? >= expected.month {
            return Ok(began.elapsed());
        }
        ensure!(
            began.elapsed() < Duration::from_secs(600),
            "the month is never whole"
        );
    }
}

/// Is a device that only opens what it has, and looks around; says its memory.
pub(crate) fn remember(folder: &Path) -> Result<()> {
    let client = Client::open(folder, &unlock())?;
    memory::forget_highest()?;
    let today = jiff::Zoned::now().date();
    for months in -12..=12_i64 {
        let from = today.saturating_add(months.months());
        month_from(&client, from)?;
    }
    for (end, letter) in SEARCH.char_indices() {
        let text = SEARCH.get(..end + letter.len_utf8()).unwrap_or_default();
        search_for(&client, text)?;
    }
    apart::tell(&Figures::from([
        ("memory_mb".to_owned(), memory::now_mb()?),
        ("highest_mb".to_owned(), memory::highest_mb()?),
    ]));
    Ok(())
}

impl Shown {
    fn by(client: &Client) -> Result<Self> {
        let (from, to) = (
            format!("{YEAR_FIRST}-01-01"),
            format!("{}-01-01", YEAR_FIRST + YEARS),
        );
        Ok(Self {
            month: month_of(client)?,
            all: client.list(&from, &to, Some(ZONE), None)?.len(),
            found: search(client)?,
        })
    }
}

/// Occurrences of the five weeks around today.
fn month_of(client: &Client) -> Result<usize> {
    month_from(client, jiff::Zoned::now().date().saturating_sub(2.weeks()))
}

fn month_from(client: &Client, from: jiff::civil::Date) -> Result<usize> {
    let slice = client.view(ViewQuery {
        from: from.to_string(),
        to: from.saturating_add(5.weeks()).to_string(),
        zone: Some(ZONE.to_owned()),
        calendars: None,
    })?;
    Ok(slice.timed.len() + slice.all_day.len())
}

fn search(client: &Client) -> Result<u64> {
    search_for(client, SEARCH)
}

fn search_for(client: &Client, text: &str) -> Result<u64> {
    let results = client.search(SearchQuery {
        text: text.to_owned(),
        zone: Some(ZONE.to_owned()),
        ..SearchQuery::default()
    })?;
    Ok(results.matches.len() as u64)
}
