//! Two devices edit the same calendar without a network, and meet again.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use almanac_benches::calendar_file::{self, YEAR_FIRST, YEARS};
use almanac_benches::devices::{Pair, import};
use almanac_benches::spread::Spread;
use almanac_client::{Client, EditEvent, ListedOccurrence, Mode, Notice, SyncState};
use anyhow::{Result, ensure};

use crate::floor;
use crate::relay::RelayProcess;
use crate::row::{Measure, Row};

/// Edits on each side.
const EDITS: usize = 500;
/// Of them, on events that the other side edits too.
const SHARED: usize = 50;
const EVENTS: u64 = 1_000;
const ROUNDS: usize = 3;
const CONVERGE_MS_MAX: f64 = 250.0;
/// Nothing comes for this long: then it is worth comparing.
const QUIET: Duration = Duration::from_millis(150);
const WAIT: Duration = Duration::from_secs(60);

/// Measures below `folder`.
pub(crate) async fn run(folder: &Path) -> Result<Vec<Row>> {
    let relay = RelayProcess::start(&folder.join("relay"))?;
    let url = relay.url();
    let mut pair = Pair::apart(folder, [&url, &url], &relay.invite).await?;
    import(&pair.writer, calendar_file::bytes(EVENTS))?;
    pair.writer.sync(Mode::Once).await?;
    pair.reader.sync(Mode::Once).await?;
    let events: BTreeSet<String> = all(&pair.writer)?
        .into_iter()
        .map(|one| one.event)
        .collect();
    let events: Vec<String> = events.into_iter().collect();
    ensure!(events.len() >= 2 * EDITS - SHARED, "too few events");
    let seen = both_seen(&pair);
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        edit_all(
            &pair.writer,
            events.iter().take(EDITS),
            &format!("here {round}"),
        )?;
        let others = events.iter().skip(EDITS - SHARED).take(EDITS);
        edit_all(&pair.reader, others, &format!("there {round}"))?;
        seen.try_iter().for_each(drop);
        let start = Instant::now();
        pair.go_on();
        let last = equal(&pair, &seen, start).await?;
        times.push(last.duration_since(start));
        pair.part().await?;
    }
    let median = Spread::of(times).p50;
    let floor = floor::rows(&folder.join("floor"), 2 * EDITS as u64)?;
    let what = format!("{EDITS} edits on each side, connection included, median of {ROUNDS}");
    Ok(vec![
        Row::ours(Measure::Offline, &what, median, "ms")
            .beside(
                "a plain row an edit, over loopback, durable",
                floor * 1_000.0,
            )
            .at_most(CONVERGE_MS_MAX),
    ])
}

fn edit_all<'a>(
    device: &Client,
    events: impl Iterator<Item = &'a String>,
    place: &str,
) -> Result<()> {
    for event in events {
        device.edit(EditEvent {
            event: event.clone(),
            place: Some(place.to_owned()),
            ..EditEvent::default()
        })?;
    }
    Ok(())
}

/// When something showed on either.
fn both_seen(pair: &Pair) -> Receiver<Instant> {
    let (seen, arrivals) = channel();
    for device in [&pair.writer, &pair.reader] {
        let seen = seen.clone();
        device.listen(move |notice| {
            if matches!(notice, Notice::Changed { .. }) {
                // The receiver goes when the measuring is over.
                let _ = seen.send(Instant::now());
            }
        });
    }
    arrivals
}

/// Waits until both show the same, and says when the last of it came.
async fn equal(pair: &Pair, seen: &Receiver<Instant>, start: Instant) -> Result<Instant> {
    let mut last = start;
    loop {
        ensure!(start.elapsed() < WAIT, "the devices do not become equal");
        tokio::time::sleep(Duration::from_millis(5)).await;
        last = seen.try_iter().last().unwrap_or(last);
        if last.elapsed() < QUIET || last == start {
            continue;
        }
        let (here, there) = (pair.writer.status()?, pair.reader.status()?);
        let is_done = [&here, &there]
            .iter()
            .all(|one| one.outbox == 0 && one.state == SyncState::UpToDate);
        if is_done && all(&pair.writer)? == all(&pair.reader)? {
            return Ok(last);
        }
    }
}

fn all(device: &Client) -> Result<Vec<ListedOccurrence>> {
    let from = format!("{YEAR_FIRST}-01-01");
    let to = format!("{}-01-01", YEAR_FIRST + YEARS);
    let mut rows = device.list(&from, &to, Some("Europe/Berlin"), None)?;
    rows.sort_by(|a, b| (&a.event, &a.occurrence).cmp(&(&b.event, &b.occurrence)));
    Ok(rows)
}
